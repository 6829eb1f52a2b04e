package capture

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"shakedown/harness/pcapng"
)

// flowOf feeds a segment of a connection of its own port.
func (w *wire) flowOf(port int, fromClient bool, seq uint32, flags, payload string) {
	client := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(port >> 16), 1}), uint16(port))
	s := pcapng.Segment{
		Protocol: pcapng.TCP, From: client, To: serverAddr, Seq: seq, Payload: []byte(payload),
		SYN: strings.Contains(flags, "S"), FIN: strings.Contains(flags, "F"), RST: strings.Contains(flags, "R"),
	}
	if !fromClient {
		s.From, s.To = s.To, s.From
	}
	w.put(s)
}

// Bulk data behind a handshake is counted, and no more is kept than at its
// beginning.
func TestALongConnectionIsCounted(t *testing.T) {
	w := newWire(Options{})
	w.flowOf(1, true, 99, "S", "")
	w.flowOf(1, false, 499, "S", "")
	w.flowOf(1, true, 100, "", clientHello)
	w.flowOf(1, false, 500, "", serverHello)
	body := rec(23, strings.Repeat("x", 16000))
	seq := uint32(500 + len(serverHello))
	for range 1000 {
		for b := body; len(b) > 0; {
			n := min(len(b), 1448)
			w.flowOf(1, false, seq, "", b[:n])
			seq += uint32(n)
			b = b[n:]
		}
		if w.charge > 200<<10 {
			t.Fatalf("%d bytes are kept", w.charge)
		}
	}
	w.flowOf(1, false, seq, "", rec(21, "\x01\x00"))
	w.flowOf(1, false, seq+7, "F", "")
	w.finish()
	steps := w.recordings[0].Timeline().Steps
	if n := len(steps); n > 20 {
		t.Errorf("%d steps", n)
	}
	var told []string
	for _, s := range steps {
		told = append(told, fmt.Sprintf("%s: %s", s.Name, s.Summary))
	}
	story := strings.Join(told, "\n")
	if !strings.Contains(story, "records, 15 MB") || !strings.Contains(story, "FIN") {
		t.Errorf("the story is\n%s", story)
	}
	if got := w.recordings[0].Bytes; got < 16_000_000 {
		t.Errorf("%d bytes were counted", got)
	}
}

// So it is over QUIC.
func TestALongQUICConnectionIsCounted(t *testing.T) {
	w := newWire(Options{})
	w.datagram(clientAddr, serverAddr, initial("destination1", "client1"))
	w.datagram(serverAddr, clientAddr, answer("client1", "server1"))
	for range 5000 {
		w.datagram(serverAddr, clientAddr, append(short("client1"), make([]byte, 1200)...))
		if w.charge > 200<<10 {
			t.Fatalf("%d bytes are kept", w.charge)
		}
	}
	w.finish()
	if n := len(w.recordings[0].Timeline().Steps); n > 100 {
		t.Errorf("%d steps", n)
	}
	if got := w.recordings[0].Packets; got != 5002 {
		t.Errorf("%d packets were counted", got)
	}
}

// Connections that never end are ended, those first that are silent for longest,
// and what still comes of them is not taken for others.
func TestTooManyConnections(t *testing.T) {
	w := newWire(Options{})
	hello := rec(22, "\x01\x00\x00\x02\x03\x03")
	const n = maxOpen + 500
	for i := range n {
		w.flowOf(i, true, 99, "S", "")
		w.flowOf(i, true, 100, "", hello)
		if w.open.n > maxOpen || w.past.n > maxPast || len(w.flows) > maxOpen+maxPast {
			t.Fatalf("%d connections are open, %d are remembered", w.open.n, w.past.n)
		}
	}
	if len(w.recordings) == 0 || len(w.recordings[0].Notes) == 0 || !strings.Contains(w.recordings[0].Notes[0], "connections are open at this time") {
		t.Fatalf("%d connections were ended", len(w.recordings))
	}
	before := len(w.recordings)
	w.flowOf(0, true, 100+uint32(len(hello)), "", rec(23, "more"))
	w.finish()
	if got := len(w.recordings); got != n || before != 500 {
		t.Errorf("%d connections, %d of them ended early; want %d, 500", got, before, n)
	}
}

// What is open takes no more memory than it may, whatever is in it.
func TestMemoryOfOpenConnections(t *testing.T) {
	w := newWire(Options{})
	data := rec(23, strings.Repeat("x", 1000))
	const n = 6000
	for round := range 30 {
		for i := range n {
			switch round {
			case 0:
				w.flowOf(i, true, 99, "S", "")
				w.flowOf(i, true, 100, "", clientHello)
			default:
				w.flowOf(i, true, uint32(100+len(clientHello)+(round-1)*len(data)), "", data)
			}
			if w.charge > maxCharge+followCost+maxHeld {
				t.Fatalf("%d bytes are accounted for", w.charge)
			}
		}
	}
	w.finish()
	if got := len(w.recordings); got != n {
		t.Errorf("%d connections, want %d: what came of those that were ended is none of its own", got, n)
	}
}

// A connection that is all handshake messages is not read for ever.
func TestAHandshakeWithoutEnd(t *testing.T) {
	w := newWire(Options{})
	w.flowOf(1, true, 99, "S", "")
	seq := uint32(100)
	request := rec(22, "\x00\x00\x00\x00") // HelloRequest
	for range 200_000 {
		w.flowOf(1, true, seq, "", request)
		seq += uint32(len(request))
	}
	if w.charge > maxTape+followCost+1<<20 {
		t.Errorf("%d bytes are kept", w.charge)
	}
	w.finish()
	if notes := strings.Join(w.recordings[0].Notes, "\n"); !strings.Contains(notes, "more than 4 MB of it are not application data") {
		t.Errorf("notes %q", notes)
	}
}
