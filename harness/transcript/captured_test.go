package transcript

import (
	"testing"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
)

// A box between the two drops one unit, changes one and sends one twice: which
// of it a capture has depends on where it was made.
func TestCapturedHasWhatPassesThere(t *testing.T) {
	rec := &Transcript{
		Units: []Unit{
			{From: outcome.Client, Sent: []byte("dropped")},
			{From: outcome.Client, Sent: []byte("sent"), Deliveries: []Delivery{{Bytes: []byte("changed")}}},
			{From: outcome.Server, Sent: []byte("twice"), Deliveries: []Delivery{{}, {}}},
		},
		Facts:  []Fact{{Side: outcome.Client, Text: "complete"}, {Side: outcome.Server, Text: "complete"}},
		Client: Side{Settings: outcome.Settings{Known: true}}, Server: Side{Settings: outcome.Settings{Known: true}},
	}
	rec.ClientKeys.Add(keylog.ClientRandom, keylog.Random{1}, []byte{1})
	rec.ServerKeys.Add(keylog.ClientRandom, keylog.Random{2}, []byte{2})
	for near, want := range map[outcome.Role][]string{
		outcome.Client: {"dropped", "sent", "twice", "twice"},
		outcome.Server: {"changed", "twice"},
	} {
		c := rec.Captured(near)
		if len(c.Units) != len(want) {
			t.Fatalf("near the %s: got %d units, want %q", near, len(c.Units), want)
		}
		for i, u := range c.Units {
			if string(u.Sent) != want[i] || u.Index != i || len(u.Deliveries) != 1 {
				t.Errorf("near the %s: unit %d is %d %q with %d deliveries, want %q with one", near, i, u.Index, u.Sent, len(u.Deliveries), want[i])
			}
		}
		if c.Client.Settings.Known || c.Server.Settings.Known || len(c.Facts) > 0 || c.ClientKeys.Len() != 2 {
			t.Errorf("near the %s: sides %+v %+v, %d facts, %d secrets; want unknown sides, no facts, both logs", near, c.Client, c.Server, len(c.Facts), c.ClientKeys.Len())
		}
	}
	if c := rec.WithoutKeys(); c.ClientKeys.Len()+c.ServerKeys.Len() != 0 || rec.ClientKeys.Len() != 1 {
		t.Errorf("without keys: %d secrets are left, and the recording itself has %d, want 0 and 1", c.ClientKeys.Len()+c.ServerKeys.Len(), rec.ClientKeys.Len())
	}
	if c := rec.OnlyFrom(outcome.Server); !c.OneSided || c.Client.Settings.Known || !c.Server.Settings.Known || len(c.Facts) != 1 || c.ClientKeys.Len() != 0 || len(rec.Facts) != 2 {
		t.Errorf("the server's recording has the client's: %+v", c)
	}
}
