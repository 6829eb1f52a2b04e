package diagnose

import (
	"bytes"
	"fmt"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// lose puts the certificates on the shelf that a side has in its files and does
// not read.
func (s *shelf) lose(of outcome.Role, list []outcome.SkippedBlock) {
	for i := range list {
		if list[i].Raw == nil {
			continue
		}
		c := s.put(list[i].Raw)
		c.lost = &list[i]
		if list[i].Role == "trust" {
			c.lostAnchorOf.add(of)
		} else {
			c.lostBy.add(of)
		}
	}
}

// lostLink returns the certificate without which the chain does not end in a
// trust anchor although it stands in one of the two sides' files, nil if there
// is none.
func (v *verification) lostLink() *certificate {
	if len(v.settings.Skipped) == 0 && len(v.verifier.Skipped) == 0 {
		return nil
	}
	s := search{verification: v, mended: true}
	s.walk([]*certificate{v.leaf()})
	if !s.best.anchored {
		return v.damagedAnchor()
	}
	for _, c := range s.best.certs[1:] {
		if c.lost != nil {
			return c
		}
	}
	return nil
}

// damagedAnchor returns a certificate of the verifier's trust file that does not
// parse and still says that it is the issuer in question: by its name and key.
func (v *verification) damagedAnchor() *certificate {
	for _, c := range v.shelf.all {
		if c.std != nil || c.lost == nil || !c.lostAnchorOf.has(v.by) || !bytes.Equal(c.rawSubject(), v.path.top().rawIssuer()) {
			continue
		}
		if id := c.tolerant().SubjectKeyID; len(id) == 0 || bytes.Equal(id, v.path.top().std.AuthorityKeyId) {
			return c
		}
	}
	return nil
}

// lostDetail says in a clause where the link stands.
func (v *verification) lostDetail() string {
	lost := v.ending.candidate
	if lost.lostAnchorOf.has(v.by) {
		return fmt.Sprintf("its chain leads to %s, which stands in %s but is not read", lost.name(), v.trustStore())
	}
	return fmt.Sprintf("its issuer %s stands in %s but is not read, and so not sent", lost.name(), v.ownFile())
}

// lostBlocks says where the link stands and why it is passed over.
func lostBlocks(v *verification, f *fault) []string {
	return append([]string{passedOver(v.ending.candidate.lost)}, trusts(v, f)...)
}

// passedOver is the sentence about one block that is not read.
func passedOver(b *outcome.SkippedBlock) string {
	return fmt.Sprintf("%s, line %d: %s; a Go program passes over it without a word", field.Shorten(b.File, 100), b.Line, field.Shorten(b.Reason, 100))
}

func remedyLost(v *verification, _ *fault) string {
	lost := v.ending.candidate.lost
	file := field.Shorten(lost.File, 100)
	if lost.Command == "" {
		return fmt.Sprintf("Put an undamaged copy of %s into %s, and compare the number of certificates that are loaded with the number in the file.", v.ending.candidate.name(), file)
	}
	return fmt.Sprintf("Use the file that this writes in place of %s, and compare the number of certificates that are loaded with the number in the file: %s", file, lost.Command)
}

func tryLost(v *verification, _ *fault) string {
	if lost := v.ending.candidate.lost; lost.Command != "" {
		return lost.Command
	}
	return "grep -n -e -----BEGIN " + shell(v.ending.candidate.lost.File, "")
}

// lostElsewhere is a remark: a block of the chain's file, or of the file it is
// verified with, is not read, and that is not what the chain lacks.
func lostElsewhere(v *verification, _ []*certificate, i int) (string, bool) {
	if i != 0 || v.ending.kind == partlyRead {
		return "", false
	}
	for _, side := range []struct {
		set  *outcome.Settings
		role string
	}{{v.settings, "certificate"}, {v.verifier, "trust"}} {
		for n := range side.set.Skipped {
			if b := &side.set.Skipped[n]; b.Role == side.role {
				return passedOver(b), true
			}
		}
	}
	return "", false
}
