package diagnose

import (
	"slices"
	"sync"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// An unread is one thing that can be behind an alert about a certificate or the
// proof of its key, where the messages that have both are in what no key opens and
// the alert can be read: a QUIC close is in packets that anybody can open, and one
// side's keys open only what that side has sent. Nothing speaks for one more than
// for another but that it is met more often.
type unread struct {
	// fault is the cause's id without the side.
	fault  string
	alerts []uint8
	// what is a clause about the side whose messages they are.
	what string
}

// unreadRows are the likelier first: the key before what arrives as something else
// than was sent. Go has illegal_parameter for a signature of a scheme that the
// certificate's key cannot make, and decode_error for a certificate that it cannot
// parse.
var unreadRows = []unread{
	{"key-mismatch", []uint8{alertDecryptError}, "the key that signs for the %s can be another one than its certificate's"},
	{"chain-wrong-order", []uint8{alertDecryptError}, "the first certificate of the %s can be that of an issuer, whose key it does not have"},
	{"key-type-mismatch", []uint8{alertDecryptError, alertIllegalParameter}, "the key that signs for the %s can be of another algorithm than its certificate's"},
	{"cert-garbage", []uint8{alertDecodeError}, "a certificate of the %s can be damaged"},
	{"negative-serial", []uint8{alertDecodeError}, "a certificate of the %s can have a negative serial number, which Go does not parse"},
	{unreadAltered, []uint8{alertDecryptError, alertIllegalParameter, alertDecodeError}, "what the %s has sent need not be what arrived"},
}

// unreadAltered is the one row that is no side's.
const unreadAltered = "altered-on-path"

// unreadRules has a rule for each row and side. They are made once.
var unreadRules = sync.OnceValue(func() []rule {
	var list []rule
	for _, row := range unreadRows {
		for _, of := range roles {
			list = append(list, rule{row.id(of), func(r *reading) *finding { return row.find(r, of) }})
		}
	}
	return list
})

func (u *unread) id(of outcome.Role) string {
	if u.fault == unreadAltered {
		return u.fault
	}
	return string(of) + "-" + u.fault
}

func (u *unread) find(r *reading, of outcome.Role) *finding {
	by := of.Peer()
	code, ok := alertCode(&r.in, r.w, by)
	if !r.unheard(by) || !ok || !slices.Contains(u.alerts, code) {
		return nil
	}
	hidden := r.unreadProof(of)
	if hidden == nil {
		return nil
	}
	return found(
		saw(r.w.refusal(by), "the %s says that %s", by, alertSays[code]),
		saw(hidden, "the certificates and the signature of the %s cannot be read here; "+u.what, of, of),
	).certainIf(false).refusedBy(by).alert(u.alerts...).notSeen()
}

// unreadProof returns the first step that can have the certificates of that side and
// that cannot be read, nil if they are known, were not due, or have been accepted.
func (r *reading) unreadProof(of outcome.Role) *dissect.Step {
	f := r.w.flight(of)
	if r.verificationOf(of) != nil || f.certificate.ok() || r.settings(of).Known || r.resumed() || !r.w.serverHello.ok() {
		return nil
	}
	if of == outcome.Client && r.w.serverFlightRead() && !r.w.request.ok() {
		return nil // it was not asked for any
	}
	if r.tookProof(of.Peer()) {
		return nil
	}
	for _, s := range r.w.timeline.Steps {
		if s.From != of || s.N < r.w.serverHello.step.N || !s.Sealed() && s != r.w.gap {
			continue
		}
		if f.finished != nil && f.finished.N < s.N {
			return nil
		}
		return s
	}
	return nil
}

// tookProof says that a side has gone on behind the other's proof: a client that has
// sent its Finished, a server that has answered the client's.
func (r *reading) tookProof(by outcome.Role) bool {
	if by == outcome.Client {
		return r.w.clientDone()
	}
	return r.w.accepted() != nil
}
