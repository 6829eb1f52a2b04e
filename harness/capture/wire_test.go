package capture

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
	"shakedown/harness/transcript"
)

var (
	clientAddr = netip.MustParseAddrPort("192.0.2.1:50000")
	serverAddr = netip.MustParseAddrPort("192.0.2.2:443")
	start      = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

// A wire feeds segments to a reader, a millisecond apart, and keeps what it
// hands on.
type wire struct {
	*reader
	at         time.Time
	recordings []*Recording
}

func newWire(o Options) *wire {
	w := &wire{at: start}
	w.reader = newReader(o, func(rec *Recording) error {
		w.recordings = append(w.recordings, rec)
		return nil
	})
	return w
}

func (w *wire) put(s pcapng.Segment) {
	w.packet++
	w.summary.Packets++
	w.at = w.at.Add(time.Millisecond)
	w.now = w.at
	w.segment(&s, arrival{at: w.at, packet: w.packet})
}

// line feeds one segment of TCP as a line of a test has it: who sends, its first
// sequence number, flags (S, F, R, A) and bytes, "client 100 A hello".
func (w *wire) line(t testing.TB, line string) {
	t.Helper()
	var who, flags string
	var seq uint32
	if n, err := fmt.Sscan(line, &who, &seq, &flags); n != 3 || err != nil {
		t.Fatalf("no segment: %q", line)
	}
	s := pcapng.Segment{Protocol: pcapng.TCP, From: clientAddr, To: serverAddr, Seq: seq}
	if who == "server" {
		s.From, s.To = s.To, s.From
	}
	s.SYN, s.FIN, s.RST = strings.Contains(flags, "S"), strings.Contains(flags, "F"), strings.Contains(flags, "R")
	if _, ack, ok := strings.Cut(flags, "A"); ok {
		s.ACK = true
		_, _ = fmt.Sscan(ack, &s.Ack)
	}
	if words := strings.SplitN(line, " ", 4); len(words) == 4 {
		payload, missing, _ := strings.Cut(words[3], "…")
		s.Payload = []byte(payload)
		_, _ = fmt.Sscan(missing, &s.Missing)
	}
	w.put(s)
}

// shown writes units as tests have them.
func shown(units []transcript.Unit) []string {
	var lines []string
	for _, u := range units {
		line := fmt.Sprintf("%s %q", u.From, u.Sent)
		switch u.Kind {
		case transcript.FIN:
			line = fmt.Sprintf("%s FIN", u.From)
		case transcript.RST:
			line = fmt.Sprintf("%s RST", u.From)
		case transcript.Gap:
			line = fmt.Sprintf("%s gap %d %q", u.From, u.Missing, u.Sent)
		}
		for _, m := range u.Marks {
			line += " " + string(m)
		}
		lines = append(lines, line)
	}
	return lines
}

// rec is a TLS record with that content, as a string.
func rec(kind byte, content string) string {
	return string([]byte{kind, 3, 3, byte(len(content) >> 8), byte(len(content))}) + content
}

// datagram feeds a UDP datagram.
func (w *wire) datagram(from, to netip.AddrPort, payload []byte) {
	w.put(pcapng.Segment{Protocol: pcapng.UDP, From: from, To: to, Payload: payload})
}

// roles are the senders of units, c and s.
func roles(units []transcript.Unit) string {
	var b strings.Builder
	for _, u := range units {
		if u.From == outcome.Client {
			b.WriteByte('c')
		} else {
			b.WriteByte('s')
		}
	}
	return b.String()
}
