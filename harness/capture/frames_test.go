package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
	"shakedown/harness/peertest"
	"shakedown/harness/transcript"
)

// A script builds a recording: each call is one thing that happens, a
// millisecond after the one before.
type script struct {
	t   transcript.Transcript
	seq uint64
	now time.Duration
}

func (s *script) tick() (uint64, time.Duration) {
	s.seq++
	s.now += time.Millisecond
	return s.seq, s.now
}

// sends adds a unit and returns its index.
func (s *script) sends(from outcome.Role, kind transcript.UnitKind, text string) int {
	seq, at := s.tick()
	s.t.Units = append(s.t.Units, transcript.Unit{Index: len(s.t.Units), Kind: kind, From: from, Sent: []byte(text), Seq: seq, At: at})
	return len(s.t.Units) - 1
}

func (s *script) delivers(unit int) {
	seq, at := s.tick()
	s.t.Units[unit].Deliveries = append(s.t.Units[unit].Deliveries, transcript.Delivery{Seq: seq, At: at})
}

func (s *script) marks(unit int, marks ...transcript.Mark) {
	s.t.Units[unit].Marks = append(s.t.Units[unit].Marks, marks...)
}

// passes adds a unit that is delivered at once.
func (s *script) passes(from outcome.Role, kind transcript.UnitKind, text string) {
	s.delivers(s.sends(from, kind, text))
}

// packets writes what the segments of a recording are: "0 client S", with
// sequence numbers that begin at 0.
func packets(t *testing.T, of *transcript.Transcript) []string {
	t.Helper()
	clock := clockAt(of.Start)
	client, server := addresses(0)
	var lines []string
	emit := func(at time.Duration, s pcapng.Segment, comments ...string) error {
		from, seq, ack := "client", s.Seq-clientISS-clock, s.Ack-serverISS-clock
		if s.From == server {
			from, seq, ack = "server", s.Seq-serverISS-clock, s.Ack-clientISS-clock
		}
		flags := ""
		for _, f := range []struct {
			set  bool
			name string
		}{{s.SYN, "S"}, {s.FIN, "F"}, {s.RST, "R"}, {s.PSH, "P"}, {s.ACK, "."}} {
			if f.set {
				flags += f.name
			}
		}
		if !s.ACK {
			ack = 0
		}
		line := fmt.Sprintf("%d %s %s seq %d ack %d len %d", at.Milliseconds(), from, flags, seq, ack, len(s.Payload))
		if len(comments) > 0 {
			line += " (" + strings.Join(comments, "|") + ")"
		}
		lines = append(lines, line)
		return nil
	}
	e := Entry{Transcript: of, Run: Run{Scenario: "test", TLS: "1.3", Connections: 1}}
	if err := segments(of, client, server, newComments(e), emit); err != nil {
		t.Fatal(err)
	}
	return lines
}

var opened = []string{
	"0 client S seq 0 ack 0 len 0 (test, tcp 1.3)",
	"0 server S. seq 0 ack 1 len 0",
	"0 client . seq 1 ack 1 len 0",
}

// A story is what happens on a connection, and the packets that it makes.
type story struct {
	name string
	does func(*script)
	want []string
}

func stories() []story {
	const c, s = outcome.Client, outcome.Server
	return []story{
		{"an acknowledgement goes with what is sent next", func(x *script) {
			x.passes(c, transcript.Data, "hello")
			x.passes(s, transcript.Data, "hello yourself")
			x.passes(c, transcript.Data, "bye")
		}, []string{
			"1 client P. seq 1 ack 1 len 5",
			"3 server P. seq 1 ack 6 len 14",
			"5 client P. seq 6 ack 15 len 3",
			"6 server . seq 15 ack 9 len 0",
		}},
		{"one is sent alone where nothing else is", func(x *script) {
			x.passes(c, transcript.Data, "hello")
			x.passes(c, transcript.Data, "again")
		}, []string{
			"1 client P. seq 1 ack 1 len 5",
			"2 server . seq 1 ack 6 len 0",
			"3 client P. seq 6 ack 1 len 5",
			"4 server . seq 1 ack 11 len 0",
		}},
		{"one write is acknowledged once", func(x *script) {
			a, b := x.sends(s, transcript.Data, "a"), x.sends(s, transcript.Data, "b")
			x.delivers(a)
			x.delivers(b)
		}, []string{
			"1 server P. seq 1 ack 1 len 1",
			"2 server P. seq 2 ack 1 len 1",
			"4 client . seq 1 ack 3 len 0",
		}},
		{"what waits too long is acknowledged alone", func(x *script) {
			x.passes(c, transcript.Data, "hello")
			x.now += time.Minute
			x.passes(s, transcript.Data, "well")
		}, []string{
			"1 client P. seq 1 ack 1 len 5",
			"2 server . seq 1 ack 6 len 0",
			"60003 server P. seq 1 ack 6 len 4",
			"60004 client . seq 6 ack 5 len 0",
		}},
		{"what the gate holds is not acknowledged", func(x *script) {
			a := x.sends(c, transcript.Data, "hello")
			x.marks(a, transcript.Held)
			x.passes(s, transcript.Data, "first")
			x.delivers(a)
		}, []string{
			"1 client P. seq 1 ack 1 len 5 (client; held for 3ms)",
			"2 server P. seq 1 ack 1 len 5",
			"3 client . seq 6 ack 6 len 0",
			"4 server . seq 6 ack 6 len 0",
		}},
		{"what is dropped is there, and what comes behind it acknowledges it", func(x *script) {
			a := x.sends(c, transcript.Data, "lost")
			x.marks(a, transcript.Dropped)
			x.passes(c, transcript.Data, "found")
		}, []string{
			"1 client P. seq 1 ack 1 len 4 (client; dropped by the gate)",
			"2 client P. seq 5 ack 1 len 5",
			"3 server . seq 1 ack 10 len 0",
		}},
		{"what arrives twice is acknowledged once", func(x *script) {
			a := x.sends(c, transcript.Data, "hello")
			x.marks(a, transcript.Duplicated)
			x.delivers(a)
			x.now += time.Second
			x.delivers(a)
		}, []string{
			"1 client P. seq 1 ack 1 len 5 (client; duplicated)",
			"2 server . seq 1 ack 6 len 0",
		}},
		{"a long unit is cut up", func(x *script) {
			x.passes(s, transcript.Data, strings.Repeat("x", 2*pcapng.MSS+1))
		}, []string{
			"1 server . seq 1 ack 1 len 1460",
			"1 server . seq 1461 ack 1 len 1460",
			"1 server P. seq 2921 ack 1 len 1",
			"2 client . seq 1 ack 2922 len 0",
		}},
		{"both sides close", func(x *script) {
			x.passes(c, transcript.FIN, "")
			x.passes(s, transcript.FIN, "")
		}, []string{
			"1 client F. seq 1 ack 1 len 0",
			"3 server F. seq 1 ack 2 len 0",
			"4 client . seq 2 ack 2 len 0",
		}},
		{"a reset is answered by nobody", func(x *script) {
			x.passes(c, transcript.Data, "hello")
			x.passes(s, transcript.RST, "")
		}, []string{
			"1 client P. seq 1 ack 1 len 5",
			"3 server R. seq 1 ack 6 len 0",
		}},
		{"a FIN that is held is acknowledged when it arrives", func(x *script) {
			a := x.sends(c, transcript.FIN, "")
			x.passes(s, transcript.Data, "late")
			x.delivers(a)
		}, []string{
			"1 client F. seq 1 ack 1 len 0",
			"2 server P. seq 1 ack 1 len 4",
			"3 client . seq 2 ack 5 len 0",
			"4 server . seq 5 ack 2 len 0",
		}},
		{"other bytes arrive", func(x *script) {
			a := x.sends(c, transcript.Data, "hello")
			x.delivers(a)
			x.t.Units[a].Deliveries[0].Bytes = []byte("jello")
			x.t.Units[a].Deliveries[0].Why = "byte 0 was \x1b[31mflipped"
		}, []string{
			`1 client P. seq 1 ack 1 len 5 (client; delivered with other bytes: byte 0 was \x1b[31mflipped)`,
			"2 server . seq 1 ack 6 len 0",
		}},
	}
}

func TestSegmentsOfAConnection(t *testing.T) {
	for _, tt := range stories() {
		t.Run(tt.name, func(t *testing.T) {
			x := &script{t: transcript.Transcript{Transport: outcome.TCP}}
			tt.does(x)
			got := packets(t, &x.t)
			if want := append(slices.Clone(opened), tt.want...); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// Whatever the gate does, tshark finds nothing wrong with the sequence.
func TestTsharkFindsNoFaultWithTheSequence(t *testing.T) {
	program := peertest.Program(t, "tshark")
	name := filepath.Join(t.TempDir(), "stories.pcapng")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := NewWriter(file, WriterOptions{})
	want := 0
	for _, tt := range stories() {
		x := &script{t: transcript.Transcript{Transport: outcome.TCP, Start: time.Unix(1_700_000_000, 0)}}
		tt.does(x)
		want += len(opened) + len(tt.want)
		if err := w.Write(Entry{Transcript: &x.t, Run: Run{Scenario: tt.name}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, "-r", name, "-o", "tcp.check_checksum:TRUE", "-T", "fields", "-e", "tcp.analysis.flags", "-e", "tcp.checksum.status").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != want {
		t.Errorf("tshark reads %d packets, want %d", len(lines), want)
	}
	for i, line := range lines {
		if line != "\t1" {
			t.Errorf("tshark says %q of packet %d", line, i+1)
		}
	}
}

// A write of several units has one time, and its acknowledgement comes behind
// all of them.
func TestAWriteOfSeveralUnits(t *testing.T) {
	var x transcript.Transcript
	x.Transport = outcome.TCP
	for i := range 3 {
		x.Units = append(x.Units, transcript.Unit{
			Index: i, From: outcome.Server, Sent: []byte("abc"), Seq: uint64(2*i + 1), At: time.Millisecond,
			Deliveries: []transcript.Delivery{{Seq: uint64(2*i + 2), At: time.Millisecond}},
		})
	}
	want := append(slices.Clone(opened),
		"1 server P. seq 1 ack 1 len 3", "1 server P. seq 4 ack 1 len 3", "1 server P. seq 7 ack 1 len 3", "1 client . seq 1 ack 10 len 0")
	if got := packets(t, &x); !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

func TestDatagramsKeepTheirBoundsAndTimes(t *testing.T) {
	x := &script{t: transcript.Transcript{Transport: outcome.QUIC, Start: time.Unix(1_700_000_000, 123_456_789)}}
	x.passes(outcome.Client, transcript.Data, "Initial")
	lost := x.sends(outcome.Server, transcript.Data, strings.Repeat("Handshake", 150))
	x.marks(lost, transcript.Dropped, transcript.Retransmission)
	x.passes(outcome.Client, transcript.Data, "ACK")
	var file bytes.Buffer
	w := NewWriter(&file, WriterOptions{})
	if err := w.Write(Entry{Transcript: &x.t, Run: Run{Scenario: "test", TLS: "1.3", Connection: 2, Connections: 3, Title: "a \x1b title"}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`test, quic 1.3, connection 2 of 3: a \x1b title`, "server; dropped by the gate; retransmission"} {
		if !bytes.Contains(file.Bytes(), []byte(want)) {
			t.Errorf("the file does not say %q", want)
		}
	}
	reader, err := pcapng.NewReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; ; {
		block, err := reader.Next()
		if errors.Is(err, io.EOF) {
			if i != len(x.t.Units) {
				t.Errorf("%d datagrams are there, want %d", i, len(x.t.Units))
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		p, is := block.(*pcapng.Packet)
		if !is {
			continue
		}
		s, err := p.Segment()
		if err != nil {
			t.Fatal(err)
		}
		u := x.t.Units[i]
		if !p.At.Equal(x.t.Start.Add(u.At)) || !bytes.Equal(s.Payload, u.Sent) || (s.To.Port() == serverPort) != (u.From == outcome.Client) {
			t.Errorf("datagram %d is %d bytes at %s from %s, want %d bytes at %s from the %s", i, len(s.Payload), p.At, s.From, len(u.Sent), x.t.Start.Add(u.At), u.From)
		}
		i++
	}
}

func TestAMillionConnectionsHaveTheirOwnAddresses(t *testing.T) {
	seen := map[string]bool{}
	for n := range 1_000_000 {
		client, server := addresses(n)
		if client.Port() < 50_000 || client.Port() > 53_999 || server.Port() != 4433 {
			t.Fatalf("connection %d is %s to %s", n, client, server)
		}
		if n%997 != 0 && n > 10_000 {
			continue // a sample is enough, and quicker
		}
		key := client.String() + server.String()
		if seen[key] {
			t.Fatalf("connection %d has the addresses of another, %s to %s", n, client, server)
		}
		seen[key] = true
	}
}
