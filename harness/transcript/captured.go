package transcript

import (
	"cmp"
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
	switch {
	case u.From == near && slices.Contains(u.Marks, Injected):
		return nil // it is the path's, which has put it in behind this place
	case u.From == near:
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

// OnlyFrom returns the recording as that side has it: what it sent, what reached
// it, and nothing of the other's own. What the path did it cannot see.
func (t *Transcript) OnlyFrom(ours outcome.Role) *Transcript {
	c := *t
	c.OneSided = true
	c.Units = t.seenBy(ours)
	*c.Side(ours.Peer()), *c.Keys(ours.Peer()) = Side{}, keylog.Log{}
	c.Facts = slices.DeleteFunc(slices.Clone(t.Facts), func(f Fact) bool { return f.Side != ours })
	return &c
}

// seenBy returns the units that a side has sent or received, in its own order. A
// unit that the path put in under its name it has never seen.
func (t *Transcript) seenBy(ours outcome.Role) []Unit {
	var list []Unit
	for _, u := range t.Units {
		seen := Unit{Kind: u.Kind, From: u.From, Sent: u.Sent, Missing: u.Missing, Seq: u.Seq, At: u.At}
		switch {
		case u.From != ours:
			for _, d := range u.Deliveries {
				seen.Seq, seen.At = d.Seq, d.At
				if seen.Sent = u.Sent; d.Bytes != nil {
					seen.Sent = d.Bytes
				}
				list = append(list, seen)
			}
		case !slices.Contains(u.Marks, Injected):
			list = append(list, seen)
		}
	}
	slices.SortStableFunc(list, func(a, b Unit) int { return cmp.Compare(a.Seq, b.Seq) })
	for i := range list {
		list[i].Index = i
		list[i].Deliveries = []Delivery{{Seq: list[i].Seq, At: list[i].At}}
	}
	return list
}
