package capture

import (
	"slices"

	"shakedown/harness/transcript"
)

// absent says that a unit is no packet: the link has ended a stream there for its
// receiver, and its sender, who does not know, goes on. On one wire there is
// nothing behind a FIN or a RST, so that the note alone can say it.
func absent(t *transcript.Transcript, unit int) bool {
	u := &t.Units[unit]
	if u.Kind == transcript.Data || !slices.Contains(u.Marks, transcript.Injected) {
		return false
	}
	return slices.ContainsFunc(t.Units[unit+1:], func(later transcript.Unit) bool { return later.From == u.From })
}

// restore puts what the note alone knows of back among the units, and numbers
// them anew.
func (n *Note) restore(units []transcript.Unit) []transcript.Unit {
	for i, said := range n.Units {
		if said.Absent && i <= len(units) {
			units = slices.Insert(units, i, transcript.Unit{Kind: said.Kind, From: said.From})
		}
	}
	for i := range units {
		units[i].Index = i
	}
	return units
}
