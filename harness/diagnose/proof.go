package diagnose

import (
	"slices"
	"strings"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// book returns what checks the recording's proofs: the caller's Book, which knows
// what each side has seen, else one of the timeline alone.
func (r *reading) book() *crossref.Book {
	if r.in.Book == nil {
		r.in.Book = crossref.New(crossref.Input{Timeline: r.w.timeline})
	}
	return r.in.Book
}

// proven adds to the finding that a message was changed on the path what the
// signature says of it: over whose messages it holds.
func (r *reading) proven(of outcome.Role, f *finding) *finding {
	if f == nil || f.ID != "altered-on-path" {
		return f
	}
	flight := r.w.flight(of)
	signed := firstOf(flight.verify.step, flight.keyExchange.step)
	if p, ok := r.checked(signed); ok && p.Receiver != "" {
		r.showAltered(f, signed, p, of)
	}
	return f
}

// showAltered adds a proof that holds for one side only, which makes it certain
// that the two sides have seen different messages.
func (r *reading) showAltered(f *finding, s *dissect.Step, p crossref.Proof, of outcome.Role) {
	f.Evidence = append(f.Evidence, saw(s, "%s", clause(p.Text)))
	f.Certain = f.Certain || p.Receiver != "" && p.Receiver != p.Result
	if name := altered(r.w, of.Peer()); name != "" {
		if e := saw(nil, "the %s of the %s was changed on the path", name, of); !slices.Contains(f.Evidence, e) {
			f.Evidence = append(f.Evidence, e)
		}
	}
}

// checked returns what was checked of a step, if it could be.
func (r *reading) checked(s *dissect.Step) (crossref.Proof, bool) {
	if s == nil {
		return crossref.Proof{}, false
	}
	for _, p := range r.book().Checks(s) {
		if p.Result != crossref.NotChecked {
			return p, true
		}
	}
	return crossref.Proof{}, false
}

// clause makes a sentence fit to stand in a list of evidence.
func clause(sentence string) string {
	if sentence == "" {
		return ""
	}
	return strings.ToLower(sentence[:1]) + strings.TrimSuffix(sentence[1:], ".")
}

// proofRules are the faults that only a check of the bytes shows.
var proofRules = []rule{
	{"altered-on-path", finishedDiffers},
	{"altered-on-path", perhapsOtherMessages},
}

// finishedDiffers is a Finished that its receiver has refused, and whose MAC is
// over other messages than those that the receiver has seen (RFC 8446 4.4.4:
// "Recipients of Finished messages MUST verify that the contents are correct and
// if incorrect MUST terminate the connection with a "decrypt_error" alert").
func finishedDiffers(r *reading) *finding {
	by := r.h.RefusedBy
	if r.h.Outcome != Refused || by == "" || r.verifyKind() != "" {
		return nil
	}
	v := r.client
	if by == outcome.Client {
		v = r.server
	}
	if v != nil && !r.resumed() && r.badSignatureAlert(v) {
		return nil // the alert can mean the signature as well, of which keyFinding tells
	}
	code, ok := alertCode(&r.in, r.w, by)
	finished := r.w.flight(by.Peer()).finished
	// Go's TLS 1.2 says handshake_failure for it.
	if !ok || code != alertDecryptError && code != alertHandshakeFailure || finished == nil || r.w.flight(by.Peer()).last != finished {
		return nil
	}
	p, ok := r.checked(finished)
	if !ok || p.Result == crossref.Verified && p.Receiver != crossref.Failed {
		return nil
	}
	f := found().certainIf(false)
	r.showAltered(f, finished, p, by.Peer())
	return f.refusedBy(by)
}
