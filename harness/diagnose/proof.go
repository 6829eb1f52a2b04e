package diagnose

import (
	"strings"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// proven adds to the finding that a side's signature was refused what the
// recording itself proves of the signature. The words of a verifier do not tell
// a wrong key from messages that were changed on the path; the bytes do.
func (r *reading) proven(of outcome.Role, f *finding) *finding {
	if f == nil || r.h.Outcome != Refused || r.h.RefusedBy != of.Peer() {
		return f
	}
	flight := r.w.flight(of)
	signed := flight.verify.step
	if signed == nil {
		signed = flight.keyExchange.step
	}
	p, ok := r.proof(signed)
	switch unsettled := !f.Certain && strings.HasSuffix(f.ID, "-key-mismatch"); {
	case !ok:
	case p.Result == crossref.Verified && (unsettled || f.ID == "altered-on-path"):
		// The key is the right one: what the verifier has seen is something else.
		f = found(saw(signed, "%s", clause(p.Text)))
		f.ID = "altered-on-path"
		if name := altered(r.w, of.Peer()); name != "" {
			f.Evidence = append(f.Evidence, saw(nil, "the %s of the %s was changed on the path", name, of))
		}
		f.certainIf(p.Receiver == crossref.Failed)
		f.refusedBy(of.Peer(), "CertificateVerify", "ServerKeyExchange").as(outcome.BadSignature).alert(alertDecryptError, alertIllegalParameter)
	case p.Result == crossref.Failed && (unsettled || f.ID == "altered-on-path"):
		f.Evidence = append(f.Evidence, saw(signed, "%s", clause(p.Text)))
	}
	return f
}

// proof returns what was checked of a step, if it could be.
func (r *reading) proof(s *dissect.Step) (crossref.Proof, bool) {
	for _, p := range r.in.Book.Checks(s) {
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
	code, ok := alertCode(r.in, r.w, by)
	finished := r.w.flight(by.Peer()).finished
	// Go's TLS 1.2 says handshake_failure for it.
	if !ok || code != alertDecryptError && code != alertHandshakeFailure || finished == nil || r.w.flight(by.Peer()).last != finished {
		return nil
	}
	p, ok := r.proof(finished)
	if !ok || p.Result == crossref.Verified && p.Receiver != crossref.Failed {
		return nil
	}
	f := found(saw(finished, "%s", clause(p.Text)))
	if name := altered(r.w, by); name != "" {
		f.Evidence = append(f.Evidence, saw(nil, "the %s of the %s was changed on the path", name, by.Peer()))
	}
	return f.certainIf(p.Receiver != "" && p.Receiver != p.Result).refusedBy(by)
}
