package dissect

import (
	"errors"
	"fmt"

	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// stepGap is the name of the step that stands for bytes which a capture lacks.
const stepGap = "gap"

// gap gives up on what cannot become whole any more, and says what is missing.
func (s *stream) gap(dir *direction, u *transcript.Unit) {
	const why = "before a gap in the capture"
	if len(dir.partial) > 0 {
		dir.lost++
		s.steps = append(s.steps, s.partOfRecord(dir))
		dir.partial, dir.partialUnits = nil, nil
	}
	s.abandon(dir, why)
	dir.waiting = nil
	dir.gap = true
	dir.lost = min(dir.lost+u.Missing/(tlswire.RecordHeaderLen+tagSize)+1, maxLost)

	step := s.d.newStep(dir.from, KindTransport, stepGap, s.d.only(u.Index))
	step.Level = Plaintext
	step.Bytes = len(u.Sent)
	step.Summary = gapSummary(u)
	step.Err = errors.New(step.Summary)
	if len(u.Sent) > 0 {
		step.tree = bytesTree(bytesBuffer, stepGap, "The rest of a record whose beginning is not in the capture.", "RFC 8446 5.1", u.Sent)
	}
	s.steps = append(s.steps, step)
}

func gapSummary(u *transcript.Unit) string {
	text := "the capture starts in the middle"
	switch {
	case u.Missing == 1:
		text = fmt.Sprintf("1 byte of the %s is not in the capture", u.From)
	case u.Missing > 1:
		text = fmt.Sprintf("%s bytes of the %s are not in the capture", thousands(u.Missing), u.From)
	}
	if len(u.Sent) > 0 {
		text += fmt.Sprintf("; %s behind that belong to a record that began there", count(len(u.Sent), "byte"))
	}
	return text
}

// maxLost bounds how many records are tried for behind a gap.
const maxLost = 256

// openBehindGap opens the first record behind a gap. Records are numbered, and
// "each endpoint's" number is part of what protects a record (RFC 8446 5.3, RFC
// 5246 6.2.3.3): only trying tells how many are missing.
func (s *stream) openBehindGap(dir *direction, k *keys, r *record, level Level) error {
	if len(k.candidates) == 0 {
		return k.open(r, level)
	}
	var failed error
	for i, p := range k.candidates {
		next := p.Opened()
		// One is the likeliest: the gap is within one record or two.
		for _, first := range []bool{true, false} {
			for n := range uint64(dir.lost + 1) {
				if first != (n == 1) {
					continue
				}
				p.Seek(next + n)
				typ, content, err := p.Open(r.Record)
				if err != nil {
					failed = err
					continue
				}
				k.prove(i)
				r.contentType, r.content, r.level, r.protected = typ, content, level, true
				dir.gap, dir.lost = false, 0
				return nil
			}
		}
		p.Seek(next)
	}
	if k.guessed && !k.proven {
		return ErrNoKey
	}
	return failed
}

// unprotectBehindGap13 opens the first record behind a gap of TLS 1.3. The
// Finished that moves the sender on to its next keys can be among what is
// missing.
func (s *stream) unprotectBehindGap13(dir *direction, r *record) error {
	level := dir.level
	if level == Plaintext {
		level = Handshake // a ServerHello can only be missing where its keys are too
	}
	err := s.openBehindGap(dir, &dir.keys, r, level)
	if err == nil || dir.level == Application {
		return err
	}
	application := s.keys13(dir.from, Application)
	if s.openBehindGap(dir, &application, r, Application) == nil {
		dir.level, dir.keys = Application, application
		return nil
	}
	return err
}
