package capture

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is sent is told as text, not as TLS: the cutting of records has tests of
// its own. A connection begins with a SYN, so that its first bytes are "hello…".
func TestReassembly(t *testing.T) {
	tests := []struct {
		name     string
		segments string
		want     []string
		notes    []string
	}{
		{
			"in order",
			`client 99 S
			server 499 SA
			client 100 A hello
			server 500 A welcome
			client 105 A world`,
			[]string{`client "hello"`, `server "welcome"`, `client "world"`},
			nil,
		},
		{
			"sent again",
			`client 99 S
			client 100 A hello
			client 100 A hello
			server 500 A welcome`,
			[]string{`client "hello"`, `server "welcome"`},
			[]string{"the client sent 1 segment again (5 bytes)"},
		},
		{
			"a whole unit sent again is marked",
			`client 99 S
			client 100 A hello
			server 500 A welcome
			client 100 A hel
			client 103 A lo`,
			[]string{`client "hello" retransmission`, `server "welcome"`},
			[]string{"the client sent 2 segments again (5 bytes)"},
		},
		{
			"swapped",
			`client 99 S
			client 103 A lo
			client 100 A hel
			server 500 A welcome`,
			[]string{`client "hello"`, `server "welcome"`},
			[]string{"1 segment of the client came late and filled a hole"},
		},
		{
			"overlapping what was read",
			`client 99 S
			client 100 A hel
			client 101 A ello`,
			[]string{`client "hello"`},
			[]string{"the client sent 1 segment again (2 bytes)"},
		},
		{
			"overlapping what waits: the first copy stays",
			`client 99 S
			client 103 A lo wo
			client 101 A ELLO WORLD
			client 100 A h`,
			[]string{`client "hELlo woRLD"`},
			[]string{
				"1 segment of the client came late and filled a hole",
				"what the client sent again differs from what it had sent (packet 3); the first copy counts",
			},
		},
		{
			"a piece within a hole between two that wait",
			`client 99 S
			client 101 A e
			client 104 A o
			client 100 A hello
			`,
			[]string{`client "hello"`},
			[]string{"1 segment of the client came late and filled a hole"},
		},
		{
			"another text the second time",
			`client 99 S
			client 100 A hello
			server 500 A welcome
			client 100 A HELLO`,
			[]string{`client "hello"`, `server "welcome"`},
			[]string{
				"the client sent 1 segment again (5 bytes)",
				"what the client sent again differs from what it had sent (packet 4); the first copy counts",
			},
		},
		{
			"a keep-alive is not sent again",
			`client 99 S
			client 100 A hello
			client 104 A x
			client 104 A`,
			[]string{`client "hello"`},
			nil,
		},
		{
			"sequence numbers wrap around",
			`client 4294967292 S
			client 4294967293 A hel
			client 0 A lo`,
			[]string{`client "hello"`},
			nil,
		},
		{
			"wrapped around and swapped",
			`client 4294967292 S
			client 1 A o!
			client 4294967293 A hell
			server 4294967295 A welcome`,
			[]string{`client "hello!"`, `server "welcome"`},
			[]string{"1 segment of the client came late and filled a hole"},
		},
		{
			"a SYN with data",
			`client 99 S hello
			server 499 SA
			server 500 A welcome`,
			[]string{`client "hello"`, `server "welcome"`},
			nil,
		},
		{
			"the SYN sent again",
			`client 99 S
			client 99 S
			server 499 SA
			server 499 SA
			client 100 A hello`,
			[]string{`client "hello"`},
			nil,
		},
		{
			"bytes that never come, at the end",
			`client 99 S
			server 499 SA
			client 100 A hello
			client 110 A world`,
			[]string{`client "hello"`, `client gap 5 ""`, `client "world"`},
			[]string{"5 bytes of the client are missing at 12:00:00.004 (packet 4)"},
		},
		{
			"a hole that was acknowledged and never filled, behind everything",
			`client 99 S
			server 499 SA
			client 100 A hello
			server 500 A110`,
			[]string{`client "hello"`, `client gap 5 ""`},
			[]string{"5 bytes of the client are missing at 12:00:00.004 (packet 4)"},
		},
		{
			"a snapshot length",
			`client 99 S
			client 100 A hello…5
			client 110 A world`,
			[]string{`client "hello"`, `client gap 5 ""`, `client "world"`},
			[]string{
				"5 bytes of the client are missing at 12:00:00.002 (packet 2)",
				"the capture kept only the beginning of 1 segment of the client: 5 bytes are missing",
			},
		},
		{
			"both close, one after the other",
			`client 99 S
			client 100 A hello
			client 105 FA
			server 500 A welcome
			server 507 FA
			client 106 A508`,
			[]string{`client "hello"`, `client FIN`, `server "welcome"`, `server FIN`},
			nil,
		},
		{
			"both close at once",
			`client 99 S
			server 499 SA
			client 100 FA
			server 500 FA
			client 101 A501
			server 501 A101`,
			nil, nil, // no data: nothing to show
		},
		{
			"a FIN with data that was sent again with it",
			`client 99 S
			client 100 A hello
			client 100 FA hello
			client 105 FA`,
			[]string{`client "hello"`, `client FIN`},
			[]string{"the client sent 1 segment again (5 bytes)"},
		},
		{
			"a FIN before its turn",
			`client 99 S
			client 105 FA
			client 100 A hello`,
			[]string{`client "hello"`, `client FIN`},
			[]string{"1 segment of the client came late and filled a hole"},
		},
		{
			"a reset, once",
			`client 99 S
			client 100 A hello
			server 500 RA
			server 500 RA`,
			[]string{`client "hello"`, `server RST`},
			nil,
		},
		{
			"the server was heard first",
			`server 499 SA
			client 100 A hello
			server 500 A welcome`,
			[]string{`client "hello"`, `server "welcome"`},
			nil,
		},
		{
			"the beginning was not captured",
			`client 100 A hello there
			server 500 A welcome`,
			[]string{`client "hello there"`, `server "welcome"`},
			[]string{"the capture starts in the middle of this connection"},
		},
		{
			"far away from everything",
			`client 99 S
			client 100 A hello
			client 1000000000 A stray
			client 105 A world`,
			[]string{`client "helloworld"`},
			[]string{"1 segment of the client lie far outside of what can be in flight and were left out"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWire(Options{All: true})
			for line := range strings.Lines(tt.segments) {
				if line = strings.TrimSpace(line); line != "" {
					w.line(t, line)
				}
			}
			w.finish()
			var got, notes []string
			for _, r := range w.recordings {
				got = append(got, shown(r.Transcript.Units)...)
				notes = append(notes, r.Notes...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("units (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if w.charge != 0 {
				t.Errorf("%d bytes are still accounted for", w.charge)
			}
		})
	}
}

// A hole is given up while the connection goes on, once its receiver has
// acknowledged what is missing and enough has come since.
func TestAcknowledgedHoleIsGivenUp(t *testing.T) {
	w := newWire(Options{All: true})
	for _, line := range []string{"client 99 S", "server 499 SA", "client 100 A hello", "client 110 A world"} {
		w.line(t, line)
	}
	f := w.flows[keyOf(clientAddr, serverAddr)]
	for range maxDoubt + 1 {
		if len(f.halves[0].ahead) == 0 {
			t.Fatal("the hole was given up at once: packets can be captured out of order")
		}
		w.line(t, "server 500 A115")
	}
	if h := &f.halves[0]; len(h.ahead) != 0 || h.held != 0 {
		t.Errorf("%d pieces, %d bytes wait behind a hole that will not be filled", len(h.ahead), h.held)
	}
}

// What is held for a hole that is never acknowledged is bounded.
func TestWhatWaitsIsBounded(t *testing.T) {
	w := newWire(Options{All: true})
	w.line(t, "client 99 S")
	w.line(t, "client 100 A hello")
	f := w.flows[keyOf(clientAddr, serverAddr)]
	data := strings.Repeat("x", 1000)
	for i := range 2000 {
		w.line(t, "client "+plainInt(200+i*1001)+" A "+data)
		if h := &f.halves[0]; h.held > maxHeld+1000 || len(h.ahead) > maxAhead+1 {
			t.Fatalf("%d bytes in %d pieces wait", h.held, len(h.ahead))
		}
	}
}

// A SYN with another number begins another connection between the same
// addresses, whether the one before has ended or not.
func TestPortsAreUsedAgain(t *testing.T) {
	for _, ending := range []string{"", "client 105 FA\nserver 500 FA", "server 500 RA"} {
		w := newWire(Options{All: true})
		for line := range strings.Lines("client 99 S\nserver 499 SA\nclient 100 A first\n" + ending + "\nclient 7099 S\nserver 8499 SA\nclient 7100 A second") {
			if line = strings.TrimSpace(line); line != "" {
				w.line(t, line)
			}
		}
		w.finish()
		if len(w.recordings) != 2 {
			t.Errorf("%q: %d connections", ending, len(w.recordings))
			continue
		}
		if got := shown(w.recordings[1].Transcript.Units); len(got) == 0 || got[0] != `client "second"` {
			t.Errorf("%q: the second connection is %q", ending, got)
		}
	}
}
