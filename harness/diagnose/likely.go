package diagnose

import (
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// likely returns what is probable of a handshake whose end cannot be read, nil
// if that is nothing: what the sizes of protected records give away, or that the
// client was done and nobody objected.
func (w *wire) likely() *Likely {
	t := w.timeline
	if i := t.Inferred(dissect.ClientRefuses); i != nil {
		return &Likely{Outcome: Refused, RefusedBy: outcome.Client, Evidence: w.inferred(i)}
	}
	if i := t.Inferred(dissect.ServerRefuses); i != nil {
		l := &Likely{Outcome: Refused, RefusedBy: outcome.Server, Evidence: w.inferred(t.Inferred(dissect.NoCertificateSent), t.Inferred(dissect.CertificateSent), i)}
		if t.Inferred(dissect.NoCertificateSent) != nil || t.Inferred(dissect.CertificateSent) != nil {
			l.At = "Certificate"
		}
		return l
	}
	if i := t.Inferred(dissect.ServerAccepts); i != nil {
		return &Likely{Outcome: Established, Evidence: w.inferred(i)}
	}
	if !w.clientDone() || w.server.rst != nil || w.leftByServer() || w.sealedAnswer() {
		return nil
	}
	last := w.client.finished
	if w.server.finished != nil && w.server.finished.N > last.N {
		last = w.server.finished
	}
	text := "the %s has sent its Finished, and nothing after it shows an objection; neither does anything show that there was none"
	return &Likely{Outcome: Established, Evidence: []Evidence{saw(last, text, last.From)}}
}

// sealedAnswer says that the server has said something behind the client's Finished
// that cannot be read, and that its size does not give away: it can be an objection.
// So can what it said last before that, where it had ended before the client was done,
// or where that is as long as an alert: a server that resumes a session can refuse the
// client without waiting for its Finished. Before TLS 1.3 the type of each record is in
// the clear.
func (w *wire) sealedAnswer() bool {
	if !w.tls13() {
		return false
	}
	done := w.client.finished.N
	var last *dissect.Step
	for _, s := range w.timeline.Steps {
		if s.From != outcome.Server || !s.Sealed() {
			continue
		}
		if s.N > done {
			return true
		}
		last = s
	}
	left := w.server.fin != nil && w.server.fin.N < done
	return last != nil && (left || last.AlertSized())
}

// inferred makes evidence of inferences. Those that are nil say nothing.
func (w *wire) inferred(list ...*dissect.Inference) []Evidence {
	var out []Evidence
	for _, i := range list {
		if i == nil {
			continue
		}
		out = append(out, saw(w.step(i.Steps[0]), "%s", i.Text))
	}
	return out
}

// step returns the step of that number.
func (w *wire) step(n int) *dissect.Step {
	for _, s := range w.timeline.Steps {
		if s.N == n {
			return s
		}
	}
	return nil
}
