package link

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"shakedown/harness/fault"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// wired returns the two ends of a link over memory that has these faults.
func wired(t *testing.T, o Options) (l *Link, client, server *StreamEnd, record *transcript.Transcript) {
	t.Helper()
	clientConn, serverConn := StreamPipe()
	record = &transcript.Transcript{Transport: outcome.TCP}
	l = New(record, o)
	client, server = l.Stream(outcome.Client, clientConn), l.Stream(outcome.Server, serverConn)
	t.Cleanup(func() {
		l.Close()
		_, _ = client.Discard(), server.Discard()
	})
	return l, client, server, record
}

// all reads a side's stream to its end.
func all(t *testing.T, e *StreamEnd) ([]byte, error) {
	t.Helper()
	var got []byte
	buf := make([]byte, 4096)
	for {
		n, err := e.Read(buf)
		got = append(got, buf[:n]...)
		if err != nil {
			return got, err
		}
	}
}

var (
	first  = append([]byte{23, 3, 3, 0, 4}, "aaaa"...)
	second = append([]byte{23, 3, 3, 0, 4}, "bbbb"...)
	third  = append([]byte{23, 3, 3, 0, 4}, "cccc"...)
)

// What a fault makes of three records that the client sends, the second of which
// is meant.
func TestWhatArrivesOfAStream(t *testing.T) {
	joined := func(parts ...[]byte) string { return string(slices.Concat(parts...)) }
	flipped := bytes.Clone(second)
	flipped[5+2] ^= 1
	other := bytes.Clone(second)
	other[5] ^= 0x80
	alert := []byte{21, 3, 3, 0, 2, 2, 40}
	tests := []struct {
		name  string
		do    fault.Do
		want  string
		err   error
		marks []transcript.Mark
		why   string
	}{
		{"nothing", fault.Do{}, joined(first, second, third), io.EOF, nil, ""},
		{"drop", fault.Do{Drop: true}, joined(first, third), io.EOF, []transcript.Mark{transcript.Dropped}, ""},
		{"duplicate", fault.Do{Duplicate: true}, joined(first, second, second, third), io.EOF, []transcript.Mark{transcript.Duplicated}, "delivered twice"},
		{"reorder", fault.Do{Reorder: true}, joined(first, third, second), io.EOF, []transcript.Mark{transcript.Reordered}, "behind the unit that was sent after it"},
		{"corrupt in the middle", fault.Do{Corrupt: &fault.Corrupt{Byte: fault.Middle}}, joined(first, flipped, third), io.EOF, []transcript.Mark{transcript.Rewritten}, "bit 0 of byte 2 flipped"},
		{"corrupt a bit", fault.Do{Corrupt: &fault.Corrupt{Bit: 7}}, joined(first, other, third), io.EOF, []transcript.Mark{transcript.Rewritten}, "bit 7 of byte 0 flipped"},
		{"corrupt behind the end", fault.Do{Corrupt: &fault.Corrupt{Byte: 500}}, joined(first, append(bytes.Clone(second[:8]), 'c'), third), io.EOF, []transcript.Mark{transcript.Rewritten}, "bit 0 of byte 3 flipped"},
		{"truncate", fault.Do{Truncate: 6}, joined(first, second[:6], third), io.EOF, []transcript.Mark{transcript.Rewritten}, "cut after 6 bytes"},
		{"truncate to half", fault.Do{Truncate: fault.Half}, joined(first, second[:4], third), io.EOF, []transcript.Mark{transcript.Rewritten}, "cut after 4 bytes"},
		{"truncate behind the end", fault.Do{Truncate: 100}, joined(first, second, third), io.EOF, nil, ""},
		{"split", fault.Do{Split: 2}, joined(first, second, third), io.EOF, nil, "in pieces of 2 bytes"},
		{"blackhole", fault.Do{Blackhole: fault.TheClient, Close: fault.TheServer}, joined(first), io.EOF, []transcript.Mark{transcript.Dropped}, ""},
		{"close", fault.Do{Close: fault.TheServer}, joined(first, second), io.EOF, nil, ""},
		{"close instead", fault.Do{Close: fault.TheServer, Drop: true}, joined(first), io.EOF, []transcript.Mark{transcript.Dropped}, ""},
		{"reset", fault.Do{Reset: fault.TheServer}, joined(first, second), syscall.ECONNRESET, nil, ""},
		{"inject before", fault.Do{Inject: &fault.Inject{From: outcome.Client, Bytes: []byte("x"), Before: true}}, joined(first, []byte("x"), second, third), io.EOF, nil, ""},
		{"inject an alert", fault.Do{Inject: &fault.Inject{From: outcome.Client, Alert: "handshake_failure"}}, joined(first, second, alert, third), io.EOF, nil, ""},
		{"replace", fault.Do{Drop: true, Inject: &fault.Inject{From: outcome.Client, Bytes: []byte("x")}}, joined(first, []byte("x"), third), io.EOF, []transcript.Mark{transcript.Dropped}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			faults := []fault.Fault{{On: fault.On{From: outcome.Client, Nth: 2}, Do: test.do}}
			_, client, server, record := wired(t, Options{Faults: faults})
			for _, b := range [][]byte{first, second, third} {
				if _, err := client.Write(b); err != nil {
					t.Fatal(err)
				}
			}
			_ = client.CloseWrite()
			got, err := all(t, server)
			if string(got) != test.want || !errors.Is(err, test.err) {
				t.Errorf("the server read %q and %v, want %q and %v", got, err, test.want, test.err)
			}
			u := record.Units[1]
			if i := slices.IndexFunc(record.Units, func(u transcript.Unit) bool { return bytes.Equal(u.Sent, second) }); i >= 0 {
				u = record.Units[i]
			}
			if !slices.Equal(u.Marks, test.marks) {
				t.Errorf("the record is marked %q, want %q", u.Marks, test.marks)
			}
			if why := whyOf(u); why != test.why {
				t.Errorf("the delivery says %q, want %q", why, test.why)
			}
			if !bytes.Equal(u.Sent, second) {
				t.Errorf("what was sent is recorded as %q", u.Sent)
			}
		})
	}
}

func whyOf(u transcript.Unit) string {
	if len(u.Deliveries) == 0 {
		return ""
	}
	return u.Deliveries[0].Why
}

// A reset is seen behind what arrived before it, by both sides, and what they
// write after that goes nowhere.
func TestAResetEndsBothDirections(t *testing.T) {
	for name, pair := range map[string]func(*testing.T) (net.Conn, net.Conn){
		"loopback": tcpPair,
		"memory":   func(*testing.T) (net.Conn, net.Conn) { return StreamPipe() },
	} {
		t.Run(name, func(t *testing.T) {
			clientConn, serverConn := pair(t)
			record := &transcript.Transcript{Transport: outcome.TCP}
			l := New(record, Options{Faults: []fault.Fault{{On: fault.On{From: outcome.Client}, Do: fault.Do{Reset: fault.BothOfThem}}}})
			client, server := l.Stream(outcome.Client, clientConn), l.Stream(outcome.Server, serverConn)
			defer func() { _, _ = client.Discard(), server.Discard() }()
			waiting := make(chan error, 1)
			go func() {
				_, err := client.Read(make([]byte, 1))
				waiting <- err
			}()
			if _, err := client.Write(first); err != nil {
				t.Fatal(err)
			}
			if err := <-waiting; !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the client's read ends with %v", err)
			}
			got, err := all(t, server)
			if !bytes.Equal(got, first) || !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the server read %q and %v", got, err)
			}
			if _, err := server.Write(second); !errors.Is(err, syscall.EPIPE) {
				t.Errorf("the server's write ends with %v", err)
			}
			resets := 0
			for _, u := range record.Units {
				if u.Kind == transcript.RST {
					resets++
				}
			}
			if resets != 2 {
				t.Errorf("%d resets are recorded, want one towards each side", resets)
			}
		})
	}
}

// What is late holds up a stream, and arrives in its time.
func TestALateRecordHoldsUpTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := []fault.Fault{{On: fault.On{From: outcome.Client, Nth: 2}, Do: fault.Do{Delay: 300 * time.Millisecond}}}
		_, client, server, record := wired(t, Options{Faults: faults})
		start := time.Now()
		for _, b := range [][]byte{first, second, third} {
			_, _ = client.Write(b)
		}
		var at []time.Duration
		for range 3 {
			if _, err := io.ReadFull(server, make([]byte, len(first))); err != nil {
				t.Fatal(err)
			}
			at = append(at, time.Since(start))
		}
		want := []time.Duration{0, 300 * time.Millisecond, 300 * time.Millisecond}
		if !slices.Equal(at, want) {
			t.Errorf("the records arrive after %v, want %v", at, want)
		}
		if d := record.Units[1].Deliveries[0]; d.At-record.Units[1].At != 300*time.Millisecond || d.Why != "300ms late" {
			t.Errorf("the delivery is %+v", d)
		}
	})
}

// A datagram that is late is overtaken.
func TestALateDatagramIsOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := PacketPipe()
		faults := []fault.Fault{{On: fault.On{From: outcome.Client}, Do: fault.Do{Delay: time.Second}}}
		l := New(&transcript.Transcript{Transport: outcome.QUIC}, Options{Faults: faults})
		client, server := l.Packet(outcome.Client, near), l.Packet(outcome.Server, far)
		for _, text := range []string{"late", "early"} {
			_, _ = client.WriteTo([]byte(text), server.LocalAddr())
		}
		var got []string
		for range 2 {
			b := make([]byte, 16)
			n, _, err := server.ReadFrom(b)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(b[:n]))
		}
		if !slices.Equal(got, []string{"early", "late"}) {
			t.Errorf("they arrive as %q", got)
		}
		l.Close()
	})
}

func TestAThrottledStreamTrickles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := []fault.Fault{{On: fault.On{From: outcome.Client}, Do: fault.Do{Throttle: &fault.Throttle{Bytes: 3, Every: 10 * time.Millisecond}}}}
		_, client, server, _ := wired(t, Options{Faults: faults})
		start := time.Now()
		_, _ = client.Write(slices.Concat(first, second))
		for i, want := range []int{3, 3, 3, 3, 3, 3} {
			n, err := server.Read(make([]byte, 64))
			if err != nil || n != want {
				t.Fatalf("piece %d has %d bytes (%v), want %d", i, n, err, want)
			}
			if took := time.Since(start); took != time.Duration(i+1)*10*time.Millisecond {
				t.Errorf("piece %d arrives after %s", i, took)
			}
		}
	})
}

// A fault waits behind the gate: a person sees the unit before anything is done
// to it.
func TestFaultsWorkBehindTheGate(t *testing.T) {
	faults := []fault.Fault{
		{On: fault.On{From: outcome.Client, Nth: 2}, Do: fault.Do{Duplicate: true}},
		{On: fault.On{From: outcome.Client, Nth: 3}, Do: fault.Do{Drop: true}},
	}
	l, client, server, record := wired(t, Options{Hold: true, Faults: faults})
	_, _ = client.Write(slices.Concat(first, second, third))
	_ = client.CloseWrite()
	if got := record.Units[1].Marks; !slices.Equal(got, []transcript.Mark{transcript.Held}) {
		t.Errorf("the held record is marked %q", got)
	}
	for range 4 {
		if !l.Release() {
			t.Fatal("nothing is held")
		}
	}
	got, _ := all(t, server)
	if want := slices.Concat(first, second, second); !bytes.Equal(got, want) {
		t.Errorf("the server read %q, want %q", got, want)
	}
	if got := record.Units[2].Marks; !slices.Equal(got, []transcript.Mark{transcript.Dropped}) {
		t.Errorf("the dropped record is marked %q", got)
	}
}

// Chance is decided by the seed alone.
func TestTheSameSeedLosesTheSame(t *testing.T) {
	lost := func(seed uint64) string {
		near, far := PacketPipe()
		faults := []fault.Fault{{On: fault.On{}, Do: fault.Do{Loss: 300, Corruption: 200}}}
		record := &transcript.Transcript{Transport: outcome.QUIC}
		l := New(record, Options{Faults: faults, Seed: seed})
		client, server := l.Packet(outcome.Client, near), l.Packet(outcome.Server, far)
		for range 64 {
			_, _ = client.WriteTo([]byte("0123456789abcdef"), server.LocalAddr())
		}
		var story strings.Builder
		for _, u := range record.Units {
			switch {
			case slices.Contains(u.Marks, transcript.Dropped):
				story.WriteByte('-')
			case slices.Contains(u.Marks, transcript.Rewritten):
				story.WriteString(u.Deliveries[0].Why + ";")
			default:
				story.WriteByte('.')
			}
		}
		return story.String()
	}
	one, again, other := lost(1), lost(1), lost(2)
	if one != again {
		t.Errorf("the same seed gives\n%s and\n%s", one, again)
	}
	if one == other {
		t.Error("another seed gives the same")
	}
	if !strings.Contains(one, "-") || !strings.Contains(one, "flipped") || !strings.Contains(one, ".") {
		t.Errorf("of 64 datagrams became %s", one)
	}
}

// Where nothing can happen any more, somebody is told; not before.
func TestStuckIsToldOnce(t *testing.T) {
	stuck := make(chan struct{}, 16)
	faults := []fault.Fault{{On: fault.On{From: outcome.Client, Nth: 2}, Do: fault.Do{Blackhole: fault.BothOfThem}}}
	l, client, server, _ := wired(t, Options{Faults: faults, Stuck: func() { stuck <- struct{}{} }})
	ends := make(chan error, 2)
	go func() {
		_, err := io.ReadFull(server, make([]byte, 2*len(first)))
		ends <- err
	}()
	_, _ = client.Write(first)
	_, _ = client.Write(second)
	select {
	case <-stuck:
		t.Fatal("the client is not waiting yet")
	default:
	}
	go func() {
		_, err := client.Read(make([]byte, 1))
		ends <- err
	}()
	<-stuck
	l.TimeIsUp()
	l.Expire()
	if err := <-ends; !isTimeout(err) {
		t.Errorf("the client's read ends with %v", err)
	}
	_ = client.CloseWrite()
	client.Drain() // the server's deadline comes when the client has ended
	if err := <-ends; !isTimeout(err) {
		t.Errorf("the server's read ends with %v", err)
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// Bytes of one datagram are put in towards a side that the other has never
// written to.
func TestADatagramIsForged(t *testing.T) {
	near, far := PacketPipe()
	faults := []fault.Fault{{On: fault.On{From: outcome.Client}, Do: fault.Do{Drop: true, Inject: &fault.Inject{From: outcome.Server, Bytes: []byte("forged")}}}}
	l := New(&transcript.Transcript{Transport: outcome.QUIC}, Options{Faults: faults})
	client, server := l.Packet(outcome.Client, near), l.Packet(outcome.Server, far)
	_, _ = client.WriteTo([]byte("hello"), server.LocalAddr())
	b := make([]byte, 16)
	n, _, err := client.ReadFrom(b)
	if err != nil || string(b[:n]) != "forged" {
		t.Errorf("the client read %q, %v", b[:n], err)
	}
}
