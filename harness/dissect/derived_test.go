package dissect

import (
	"slices"
	"testing"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
	"shakedown/harness/transcript"
)

// deriveAll derives the keys of a recorded connection, as who tells packets apart may
// have derived them.
func deriveAll(t *testing.T, tr *transcript.Transcript) Derived {
	t.Helper()
	first, err := quicwire.ParsePacket(tr.Units[0].Sent, 0)
	if err != nil {
		t.Fatal(err)
	}
	initial, err := DeriveInitial(first.Version, first.DestinationID)
	if err != nil {
		t.Fatal(err)
	}
	k := Derived{Initial: []InitialKeys{initial}}
	d := New(tr)
	for i := range tr.Units {
		d.add(&tr.Units[i])
	}
	for from, labels := range map[outcome.Role][]keylog.Label{
		outcome.Client: {keylog.ClientHandshakeTraffic, keylog.ClientTraffic},
		outcome.Server: {keylog.ServerHandshakeTraffic, keylog.ServerTraffic},
	} {
		for _, label := range labels {
			p, err := quicwire.NewProtection(first.Version, d.settled.cipherSuite, d.secrets(from, label)[0])
			if err != nil {
				t.Fatal(err)
			}
			k.Traffic = append(k.Traffic, p)
		}
	}
	return k
}

// Keys that were derived before are not derived again.
func TestDerivedKeysAreUsed(t *testing.T) {
	tr := recordedQUIC(t)
	known := deriveAll(t, tr)
	d := New(tr)
	d.derived = known
	for i := range tr.Units {
		d.add(&tr.Units[i])
	}
	q := d.carrier.(*datagrams)
	if len(q.attempts) != 1 || q.attempts[0].keys[0].Client != known.Initial[0].Client || q.attempts[0].keys[0].Server != known.Initial[0].Server {
		t.Errorf("%d attempts, their Initial keys were derived again", len(q.attempts))
	}
	for _, s := range []*sender{q.client, q.server} {
		if n := len(s.keys.handshake); n != 1 || !slices.Contains(known.Traffic, s.keys.handshake[0].Protection) {
			t.Errorf("the %s has %d Handshake keys, which were derived again", s.role, n)
		}
	}
	plain := testing.AllocsPerRun(20, func() { Transcript(tr) })
	if n := testing.AllocsPerRun(20, func() { TranscriptIn(new(Room), known, tr) }); n > plain-60 {
		t.Errorf("dissecting takes %.0f allocations with keys that were derived before, %.0f without", n, plain)
	}
}

// The story is the same with keys that were derived before, and with those of another
// connection.
func TestDerivedKeysOfAnotherConnection(t *testing.T) {
	tr := recordedQUIC(t)
	own, others := deriveAll(t, tr), deriveAll(t, recordedQUIC(t))
	want := story(Transcript(tr))
	for name, known := range map[string]Derived{"own": own, "another's": others, "its own, then another's": {append(own.Initial, others.Initial...), append(own.Traffic, others.Traffic...)}} {
		if got := story(TranscriptIn(new(Room), known, tr)); got != want {
			t.Errorf("with %s keys the story is\n%s\nwant\n%s", name, got, want)
		}
	}
}
