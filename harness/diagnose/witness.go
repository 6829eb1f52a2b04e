package diagnose

import (
	"errors"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// witnessRules are about the Finished of the side that was refused. It is "a MAC
// (Message Authentication Code) over the entire handshake" (RFC 8446 4.4) with a
// key that comes from the key exchange and not from any certificate, so that it
// speaks of the messages before it whoever has signed them. It follows the
// signature in the same flight: it has arrived, though the side that refused had
// stopped reading by then.
var witnessRules = []rule{
	{"altered-on-path", finishedDisagrees},
	{"altered-on-path", nothingOpens},
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
	if r.mode == OneSide && r.w.before13() && errors.Is(finished.Err, tlswire.ErrRecordMAC) {
		// The keys are the receiver's own. With the extended master secret they come
		// from the messages as well: "master_secret = PRF(pre_master_secret, "extended
		// master secret", session_hash)" (RFC 7627 4).
		return crossref.Failed, finished
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
	if says != crossref.Failed || r.h.At == "Finished" || finished.Err != nil && r.stopsWith(by, alertBadRecordMAC) {
		return nil // what was refused is the Finished itself, or its record
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
	if finished.Err != nil {
		f.Evidence = append(f.Evidence, saw(finished, "its Finished does not open with the keys that the %s has from this handshake: what the two have seen of it differs, or that record was changed", by))
		return f.certainIf(false).refusedBy(by)
	}
	f.Evidence = append(f.Evidence, saw(finished, "its Finished, which no certificate's key has a part in, opens with the keys of this handshake and is over other messages than those that arrived: one was changed on its way"))
	return f.certainIf(false).refusedBy(by)
}

// nothingOpens is a TLS 1.3 record that its receiver could not open (bad_record_mac),
// where none that the peer protects opens with the receiver's own keys, at its turn
// or another. One record that was damaged leaves those behind it as they are; that
// all stay closed is another key, and the keys come from the two hellos (RFC 8446
// 7.1): one of those arrived as something else. A single closed record says as much
// where it is just as long as an alert (RFC 8446 5.2: two bytes, the type, and the
// tag of 16): its sender had failed by then, before anything could be damaged here.
func nothingOpens(r *reading) *finding {
	const alertRecord = 2 + 1 + 16
	by := r.h.RefusedBy
	if r.quic() || r.mode != OneSide || !r.w.tls13() || !r.w.serverHello.ok() || !r.stopsWith(by, alertBadRecordMAC) || r.own() != by {
		return nil
	}
	var closed []*dissect.Step
	for _, s := range r.w.timeline.Steps {
		if s.From == by || s.Kind == dissect.KindLocal || s.Level == dissect.Plaintext {
			continue
		}
		var turn *dissect.TurnError
		if !errors.Is(s.Err, tlswire.ErrRecordMAC) || errors.As(s.Err, &turn) {
			return nil
		}
		closed = append(closed, s)
	}
	if len(closed) == 0 || len(closed) == 1 && closed[0].Bytes != alertRecord {
		return nil
	}
	what := saw(closed[0], "of the %s's %d protected records not one opens with the keys that the %s has from them, and a record that was damaged leaves the next as it is", by.Peer(), len(closed), by)
	if len(closed) == 1 {
		what = saw(closed[0], "the first protected record of the %s does not open, and has the length of an alert: it had failed by then", by.Peer())
	}
	return found(
		saw(r.w.serverHello.step, "both sides have their keys from the ClientHello and this ServerHello"),
		what,
	).certainIf(false).refusedBy(by).alert(alertBadRecordMAC)
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
