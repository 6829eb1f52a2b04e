package transcript

import (
	"slices"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
)

// Captured returns the recording as somebody has it who captured packets near
// one of the sides: what that side sent and what reached it, and no side's
// settings, words or outcome. The key log is one file for both sides.
func (t *Transcript) Captured(near outcome.Role) *Transcript {
	c := &Transcript{Transport: t.Transport, Start: t.Start}
	for _, u := range t.Units {
		for _, b := range passed(&u, near) {
			n := uint64(len(c.Units) + 1)
			c.Units = append(c.Units, Unit{
				Index: len(c.Units), Kind: u.Kind, From: u.From, Sent: b, Seq: n, At: u.At,
				Deliveries: []Delivery{{Seq: n, At: u.At}},
			})
		}
	}
	c.ClientKeys.Merge(&t.ClientKeys)
	c.ClientKeys.Merge(&t.ServerKeys)
	return c
}

// passed returns what of a unit passes near that side: as it was sent, or as it
// was delivered, as often as it was.
func passed(u *Unit, near outcome.Role) [][]byte {
	if u.From == near {
		return [][]byte{u.Sent}
	}
	var list [][]byte
	for _, d := range u.Deliveries {
		if d.Bytes == nil {
			list = append(list, u.Sent)
		} else {
			list = append(list, d.Bytes)
		}
	}
	return list
}

// WithoutKeys returns the recording without its key logs.
func (t *Transcript) WithoutKeys() *Transcript {
	c := *t
	c.ClientKeys, c.ServerKeys = keylog.Log{}, keylog.Log{}
	return &c
}

// OnlyFrom returns the recording as that side has it: nothing of the other's own.
func (t *Transcript) OnlyFrom(ours outcome.Role) *Transcript {
	c := *t
	c.OneSided = true
	*c.Side(ours.Peer()), *c.Keys(ours.Peer()) = Side{}, keylog.Log{}
	c.Facts = slices.DeleteFunc(slices.Clone(t.Facts), func(f Fact) bool { return f.Side != ours })
	return &c
}
