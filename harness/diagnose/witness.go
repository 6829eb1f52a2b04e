package diagnose

import (
	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// witnessRules are about the Finished of the side that was refused. It is "a MAC
// (Message Authentication Code) over the entire handshake" (RFC 8446 4.4) with a
// key that comes from the key exchange and not from any certificate, so that it
// speaks of the messages before it whoever has signed them. It follows the
// signature in the same flight: it has arrived, though the side that refused had
// stopped reading by then.
var witnessRules = []rule{
	{"altered-on-path", finishedDisagrees},
}

// finishedSays returns what a side's Finished says of the messages before it, as
// they passed where this was recorded, with the step that holds it: that they are
// those that its sender has sent and seen (Verified), that they are not (Failed),
// or nothing. With both sides recorded there are better witnesses.
func (r *reading) finishedSays(of outcome.Role) (crossref.Result, *dissect.Step) {
	finished := r.w.flight(of).finished
	if finished == nil || r.resumed() || r.mode == BothSides || r.mode == OneSide && r.own() == of {
		return crossref.NotChecked, nil
	}
	p, ok := r.checked(finished)
	switch {
	case !ok || p.Receiver != "":
		return crossref.NotChecked, nil
	case p.Result == crossref.Verified && r.mode != OneSide:
		// Between a place on the path and the receiver more can happen.
		return crossref.NotChecked, nil
	}
	return p.Result, finished
}

// finishedDisagrees is a refusal of messages that the peer's own Finished does not
// stand for: one of them arrived as something else than was sent, and what was
// refused is not, or not only, the peer's doing. A signature that holds shows that
// the Certificate before it is the one that was sent; then the refusal stands for
// itself. A peer that computes its Finished wrongly would look the same, which is
// why it is not certain.
func finishedDisagrees(r *reading) *finding {
	by := r.h.RefusedBy
	if r.h.Outcome != Refused || by == "" {
		return nil
	}
	of := by.Peer()
	says, finished := r.finishedSays(of)
	if says != crossref.Failed || r.h.At == "Finished" {
		return nil
	}
	signed := firstOf(r.w.flight(of).verify.step, r.w.flight(of).keyExchange.step)
	p, checked := r.checked(signed)
	if checked && p.Result == crossref.Verified {
		return nil
	}
	f := found()
	if checked {
		f.Evidence = append(f.Evidence, saw(signed, "the signature of the %s does not verify over the messages as they arrived", of))
	}
	f.Evidence = append(f.Evidence, saw(finished, "its Finished, which no certificate's key has a part in, opens with the keys of this handshake and is over other messages than those that arrived: one was changed on its way"))
	return f.certainIf(false).refusedBy(by)
}

// undermined takes the certainty from what is found wrong with messages that their
// sender's Finished does not stand for.
func (r *reading) undermined(all []finding) []finding {
	if f := finishedDisagrees(r); f == nil {
		return all
	}
	for i := range all {
		if all[i].leads == Refused && all[i].by == r.h.RefusedBy {
			all[i].Certain = false
		}
	}
	return all
}
