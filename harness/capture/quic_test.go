package capture

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/quicwire"
)

// long is a packet with a long header and that type, in version 1; no key opens
// it, and grouping needs none.
func long(kind byte, destination, source string, size int) []byte {
	return longOf(quicwire.Version1, kind, destination, source, size)
}

func longOf(version quicwire.Version, kind byte, destination, source string, size int) []byte {
	b := []byte{0xc0 | kind<<4}
	b = binary.BigEndian.AppendUint32(b, uint32(version))
	b = append(append(b, byte(len(destination))), destination...)
	b = append(append(b, byte(len(source))), source...)
	b = append(b, 0, 0x44, 0xff) // no token, some length
	return append(b, make([]byte, max(0, size-len(b)))...)
}

func initial(destination, source string) []byte { return long(0, destination, source, 1200) }

// answer is a server's first flight.
func answer(destination, source string) []byte { return long(0, destination, source, 1200) }

func short(id string) []byte { return append([]byte("\x41"+id), make([]byte, 40)...) }

func TestConnectionsAreToldApart(t *testing.T) {
	other := netip.MustParseAddrPort("198.51.100.7:61000")
	type datagram struct {
		from, to netip.AddrPort
		payload  []byte
	}
	c, s := clientAddr, serverAddr
	tests := []struct {
		name string
		in   []datagram
		// want has each connection's datagrams by sender.
		want []string
		note string
	}{
		{
			"one connection",
			[]datagram{{c, s, initial("destination1", "client1")}, {s, c, answer("client1", "server1")}, {c, s, short("server1")}, {s, c, short("client1")}},
			[]string{"cscs"},
			"",
		},
		{
			"two on one pair of addresses",
			[]datagram{
				{c, s, initial("destination1", "client1")},
				{c, s, initial("destination2", "client2")},
				{s, c, answer("client2", "server2")},
				{s, c, answer("client1", "server1")},
				{c, s, short("server1")},
				{c, s, short("server2")},
				{c, s, short("server1")},
				{s, c, short("client1")},
			},
			[]string{"csccs", "csc"},
			"",
		},
		{
			"two clients without an ID behind different ports",
			[]datagram{
				{c, s, initial("destination1", "")},
				{other, s, initial("destination2", "")},
				{s, c, answer("", "server1")},
				{s, other, answer("", "server2")},
				{s, c, short("")},
				{other, s, short("server2")},
			},
			[]string{"css", "csc"},
			"",
		},
		{
			"a client that moves",
			[]datagram{
				{c, s, initial("destination1", "client1")},
				{s, c, answer("client1", "server1")},
				{other, s, short("server1")},
				{s, other, short("client1")},
			},
			[]string{"cscs"},
			"the client sends from 198.51.100.7:61000 as of 12:00:00.003 (packet 3)",
		},
		{
			"a client that moves, where only its side was captured",
			[]datagram{
				{c, s, initial("destination1", "client1")},
				{c, s, long(2, "server1", "client1", 100)},
				{other, s, short("server1")},
			},
			[]string{"ccc"},
			"the client sends from 198.51.100.7:61000 as of 12:00:00.003 (packet 3)",
		},
		{
			"a client without an ID that a NAT moves",
			[]datagram{
				{c, s, initial("destination1", "")},
				{s, c, answer("", "server1")},
				{other, s, short("server1")},
				{s, other, short("")},
			},
			[]string{"cscs"},
			"the client sends from 198.51.100.7:61000 as of 12:00:00.003 (packet 3)",
		},
		{
			"a Retry",
			[]datagram{
				{c, s, initial("destination1", "client1")},
				{s, c, long(3, "client1", "retried1", 100)},
				{c, s, initial("retried1", "client1")},
				{s, c, answer("client1", "server1")},
			},
			[]string{"cscs"},
			"",
		},
		{
			"a Version Negotiation, and a new attempt in another version",
			[]datagram{
				{c, s, longOf(0x1a2a3a4a, 0, "destination1", "client1", 1200)},
				{s, c, longOf(0, 0, "client1", "destination1", 40)},
				{c, s, initial("destination2", "client2")},
				{s, c, answer("client2", "server2")},
			},
			[]string{"cscs"},
			"",
		},
		{
			"the first Initial in two datagrams",
			[]datagram{{c, s, initial("destination1", "client1")}, {c, s, initial("destination1", "client1")}, {s, c, answer("client1", "server1")}},
			[]string{"ccs"},
			"",
		},
		{
			"a new ID between the same addresses",
			[]datagram{{c, s, initial("destination1", "client1")}, {s, c, answer("client1", "server1")}, {c, s, short("another1")}},
			[]string{"csc"},
			"",
		},
		{
			"a beginning that was not captured",
			[]datagram{{s, c, answer("client1", "server1")}, {c, s, short("server1")}},
			[]string{"sc"},
			"the capture starts in the middle of this connection",
		},
		{
			"what is no QUIC",
			[]datagram{{c, s, []byte("\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x20hello")}, {c, s, short("nobody")}, {c, s, []byte{0x80, 1, 2}}},
			nil, "",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWire(Options{})
			for _, d := range tt.in {
				w.datagram(d.from, d.to, d.payload)
			}
			w.finish()
			var got []string
			var notes []string
			for _, r := range w.recordings {
				got = append(got, roles(r.Transcript.Units))
				notes = append(notes, r.Notes...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if said := strings.Join(notes, "\n"); said != tt.note {
				t.Errorf("notes %q, want %q", said, tt.note)
			}
			if w.charge != 0 {
				t.Errorf("%d bytes are still accounted for", w.charge)
			}
		})
	}
}

// The connection ID that a client makes up for its first packet is in no short header:
// of what length it is matters to none.
func TestShortHeadersCarryIDsThatWereChosen(t *testing.T) {
	w := newWire(Options{})
	lengths := func(of ...string) (bits uint32) {
		for _, id := range of {
			bits |= 1 << len(id)
		}
		return bits
	}
	for _, sent := range []struct {
		payload []byte
		server  bool
		want    uint32
	}{
		{initial("destination one", "client1"), false, lengths("client1")},
		{long(1, "destination one", "client1", 100), false, lengths("client1")}, // 0-RTT
		{answer("client1", "the server"), true, lengths("client1", "the server")},
		{long(2, "the server's other", "client1", 100), false, lengths("client1", "the server", "the server's other")},
	} {
		from, to := clientAddr, serverAddr
		if sent.server {
			from, to = to, from
		}
		w.datagram(from, to, sent.payload)
		if w.quic.lengths != sent.want {
			t.Errorf("behind %x: lengths %b, want %b", sent.payload[:30], w.quic.lengths, sent.want)
		}
	}
	if w.open.n != 1 {
		t.Errorf("there are %d connections", w.open.n)
	}
}

// What is forgotten leaves nothing behind.
func TestConnectionsAreForgotten(t *testing.T) {
	w := newWire(Options{})
	for i := range 100 {
		w.datagram(clientAddr, serverAddr, initial("destination"+plainInt(i), "client"+plainInt(i)))
		w.datagram(serverAddr, clientAddr, answer("client"+plainInt(i), "server"+plainInt(i)))
	}
	for _, later := range []time.Duration{2 * idle, 2 * grave} {
		w.at = w.at.Add(later)
		w.datagram(clientAddr, serverAddr, initial("the last one", "client"))
	}
	if got := len(w.quic.ids); got != 2 || len(w.quic.paths) != 1 || len(w.quic.servers) != 1 || w.open.n+w.past.n != 1 {
		t.Errorf("%d IDs, %d paths, %d servers, %d tapes are left", got, len(w.quic.paths), len(w.quic.servers), w.open.n+w.past.n)
	}
	if len(w.recordings) != 100 {
		t.Errorf("%d connections were handed on", len(w.recordings))
	}
}
