package dissect

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quic-go/quic-go"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
	"shakedown/harness/transcript"
)

// named returns the steps of that name.
func named(tl *Timeline, name string) []*Step {
	var found []*Step
	for _, s := range tl.Steps {
		if s.Name == name {
			found = append(found, s)
		}
	}
	return found
}

// A step that a datagram completes is there when the datagram is sent: both ends
// have logged their keys by then.
func TestQUICLive(t *testing.T) {
	for _, p := range quicPairs {
		t.Run(p.name, func(t *testing.T) {
			var d *Dissector
			empty, unread := 0, 0
			p.sent = func(tr *transcript.Transcript, u *transcript.Unit) {
				if d == nil {
					d = New(tr)
				}
				completed := d.Add(u)
				if len(completed) == 0 {
					empty++
				}
				for _, s := range completed {
					if s.unread {
						unread++
					}
				}
			}
			tr := p.run(t)
			if empty > 0 || unread > 0 {
				t.Errorf("of %d datagrams, %d had no step when they were sent and %d could not be read", len(tr.Units), empty, unread)
			}
			if got, want := story(d.Timeline()), story(Transcript(tr)); got != want {
				t.Errorf("live:\n%s\nafterwards:\n%s", got, want)
			}
		})
	}
}

// One side's key log is enough, and it does not matter which side's.
func TestQUICOneKeyLog(t *testing.T) {
	for _, p := range quicPairs {
		t.Run(p.name, func(t *testing.T) {
			tr := p.run(t)
			want := story(Transcript(tr))
			for _, side := range []outcome.Role{outcome.Client, outcome.Server} {
				tl := Transcript(keysOf(tr, side))
				if p.name == "server-untrusted-ca" && side == outcome.Client {
					// A client that refuses the server's certificate never derives, and
					// so never logs, the secrets of 1-RTT packets.
					tl.Steps = slices.DeleteFunc(tl.Steps, func(s *Step) bool { return s.unread && s.Level == Application })
					tl.Unread = 0
				}
				if got := story(tl); got != want || tl.Unread != 0 {
					t.Errorf("with the %s's log alone, %d packets unread:\n%s\nwith both:\n%s", side, tl.Unread, got, want)
				}
			}
		})
	}
}

// Without keys each packet is shown as what it is. When the keys come, it is
// read, and nothing is left of its stand-in.
func TestQUICLateKeys(t *testing.T) {
	tr := quicPair{}.run(t)
	want := story(Transcript(tr))
	client, server := tr.ClientKeys, tr.ServerKeys
	tr.ClientKeys, tr.ServerKeys = keylog.Log{}, keylog.Log{}
	d := New(tr)
	for i := range tr.Units {
		if len(d.Add(&tr.Units[i])) == 0 {
			t.Errorf("datagram %d has no step", i)
		}
	}
	before := d.Timeline()
	closed := named(before, "protected packet")
	if before.Unread == 0 || len(closed) != before.Unread {
		t.Errorf("without keys %d packets are unread, in %d steps", before.Unread, len(closed))
	}
	for _, s := range closed {
		if s.Err == nil || !strings.Contains(s.Err.Error(), "no key: the key logs have no ") {
			t.Errorf("a protected packet's error is %v", s.Err)
		}
		checkTree(t, s)
	}
	if len(named(before, "ServerHello")) != 1 || len(named(before, "Certificate")) != 0 {
		t.Errorf("without keys:\n%s", everything(before))
	}
	tr.ClientKeys = client
	if tl := d.Timeline(); tl.Unread != 0 || story(tl) != want {
		t.Errorf("with the client's keys, %d packets unread:\n%s\nwant\n%s", tl.Unread, story(tl), want)
	}
	tr.ServerKeys = server
	tl := d.Timeline()
	if got := story(tl); got != want {
		t.Errorf("with both:\n%s\nwant\n%s", got, want)
	}
	for _, s := range tl.Steps {
		checkTree(t, s)
	}
}

// Where the two ends hold different secrets, the one that opens the packet counts.
func TestQUICDifferentKeyLogs(t *testing.T) {
	tr := quicPair{}.run(t)
	want := story(Transcript(tr))
	hello, ok := named(Transcript(tr), "ClientHello")[0].Message.(interface{ Name() string })
	if !ok || hello.Name() != "ClientHello" {
		t.Fatal("the ClientHello was not parsed")
	}
	d := New(tr)
	for i := range tr.Units {
		d.Add(&tr.Units[i])
	}
	var wrong keylog.Log
	for _, label := range []keylog.Label{keylog.ServerHandshakeTraffic, keylog.ServerTraffic} {
		wrong.Add(label, d.settled.clientRandom, bytes.Repeat([]byte{1}, 32))
	}
	tr.ServerKeys = wrong
	if tl := Transcript(tr); tl.Unread != 0 || story(tl) != want {
		t.Errorf("%d packets unread:\n%s\nwant\n%s", tl.Unread, story(tl), want)
	}
}

// again returns the transcript with unit i sent a second time at the end.
func again(tr *transcript.Transcript, i int) *transcript.Transcript {
	two := *tr
	two.Units = slices.Clone(tr.Units)
	u := two.Units[i]
	last := two.Units[len(two.Units)-1]
	u.Index, u.Seq, u.At = len(two.Units), last.Seq+10, last.At
	two.Units = append(two.Units, u)
	for i := range two.Units {
		two.Units[i].Marks = nil
	}
	return &two
}

// A datagram whose content was all sent before is a retransmission; one that
// only acknowledges, probes or raises a limit is not.
func TestQUICRetransmissions(t *testing.T) {
	for _, p := range []quicPair{{}, quicPairs[3]} {
		tr := p.run(t)
		first := Transcript(tr)
		before := make([]bool, len(tr.Units)) // a server can repeat its close by itself
		for i, u := range tr.Units {
			before[i] = slices.Contains(u.Marks, transcript.Retransmission)
		}
		for i := range tr.Units {
			two := again(tr, i)
			tl := Transcript(two)
			var names []string
			acknowledges := true
			for _, s := range first.Steps {
				if s.Unit == i {
					names = append(names, s.Name)
					// A slow machine makes stacks probe, and raise a limit in a datagram of its own.
					acknowledges = acknowledges && slices.Contains([]string{"ACK", "PING", "MAX_STREAMS", "MAX_DATA"}, s.Name)
				}
			}
			var repeated []*Step
			for _, s := range tl.Steps {
				if s.Unit == len(tr.Units) {
					repeated = append(repeated, s)
				}
			}
			marked := slices.Contains(two.Units[len(tr.Units)].Marks, transcript.Retransmission)
			if len(repeated) != 1 || marked == acknowledges || slices.Contains(repeated[0].Marks, transcript.Retransmission) == acknowledges {
				t.Errorf("datagram %d (%s) sent again: %d steps, unit marked: %v\n%s", i, strings.Join(names, ", "), len(repeated), marked, everything(tl))
			}
			for j := range tr.Units {
				if slices.Contains(two.Units[j].Marks, transcript.Retransmission) != before[j] {
					t.Errorf("datagram %d is marked as a retransmission: %v before datagram %d was sent again", j, before[j], i)
				}
			}
		}
	}
}

// Where a datagram is lost, quic-go sends what was in it again, in packets of
// other numbers, with its frames in another order. The story stays the same.
func TestQUICLoss(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "quic", "healthy.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, lost := range []int{1, 2, 3, 4} {
		t.Run(fmt.Sprintf("datagram %d", lost), func(t *testing.T) {
			t.Parallel()
			tr := quicPair{lose: func(u *transcript.Unit) bool { return u.Index == lost }}.run(t)
			tl := Transcript(tr)
			if got := story(tl); got != string(want) || tl.Unread != 0 {
				t.Errorf("got\n%s\nwant\n%s", everything(tl), want)
			}
			acknowledges := slices.ContainsFunc(tl.Steps, func(s *Step) bool { return s.Unit == lost && s.Name == "ACK" })
			repeats := slices.ContainsFunc(tr.Units, func(u transcript.Unit) bool { return slices.Contains(u.Marks, transcript.Retransmission) })
			if !repeats && !acknowledges {
				t.Errorf("no datagram is marked as a retransmission:\n%s", everything(tl))
			}
		})
	}
}

// A CONNECTION_CLOSE that is repeated keeps what it says.
func TestQUICRepeatedClose(t *testing.T) {
	tr := quicPairs[3].run(t)
	if quicPairs[3].name != "client-no-cert" {
		t.Fatalf("the pair is %s", quicPairs[3].name)
	}
	closes := named(Transcript(again(tr, len(tr.Units)-1)), "CONNECTION_CLOSE")
	if len(closes) < 2 {
		t.Fatalf("%d steps, want 2 or, where the server repeated it by itself, more", len(closes))
	}
	for i, s := range closes {
		if s.Close == nil || s.Close.Code != 0x174 || s.Close.Application || s.Alert == nil || s.Alert.Code != 116 || s.Alert.Level != 2 {
			t.Errorf("close %d says %+v, alert %+v", i, s.Close, s.Alert)
		}
		if marked := slices.Contains(s.Marks, transcript.Retransmission); marked != (i > 0) {
			t.Errorf("close %d is marked: %v", i, marked)
		}
	}
}

// quic-go updates its keys after the first hundred packets.
func TestQUICKeyUpdate(t *testing.T) {
	const size = 400 << 10
	tr := quicPair{
		serve: func(_ context.Context, c *quic.Conn) error {
			s, err := c.OpenUniStream()
			if err != nil {
				return err
			}
			if _, err := s.Write(make([]byte, size)); err != nil {
				return err
			}
			return s.Close()
		},
		use: func(ctx context.Context, c *quic.Conn) error {
			s, err := c.AcceptUniStream(ctx)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, s)
			return err
		},
	}.run(t)
	d := New(tr)
	for i := range tr.Units {
		d.Add(&tr.Units[i])
	}
	tl := d.Timeline()
	q, ok := d.carrier.(*datagrams)
	if !ok {
		t.Fatal("the carrier is not QUIC's")
	}
	if n := q.server.keys.application[0].Updates(); tl.Unread != 0 || n == 0 {
		t.Errorf("%d datagrams: %d unread, %d key updates", len(tr.Units), tl.Unread, n)
	}
	streams := named(tl, "STREAM")
	if len(streams) < 100 || streams[0].Kind != KindApplicationData || !strings.HasPrefix(streams[0].Summary, "stream 3 (opened by the server, unidirectional): ") {
		t.Errorf("%d STREAM steps, the first %+v", len(streams), streams[0])
	}
}

// without returns the transcript without unit i.
func without(tr *transcript.Transcript, i int) *transcript.Transcript {
	rest := *tr
	rest.Units = slices.Delete(slices.Clone(tr.Units), i, i+1)
	for i := range rest.Units {
		rest.Units[i].Index, rest.Units[i].Marks = i, nil
	}
	return &rest
}

// A server can answer the first half of a ClientHello with a Retry before the
// client has sent the other half, which then never comes.
func TestQUICRetryInterrupts(t *testing.T) {
	tr := quicPair{retry: true, flight: 2}.run(t)
	tl := Transcript(without(tr, 1))
	got := story(tl)
	want := "server  plaintext    Retry\nclient  initial      ClientHello\nserver  initial      ServerHello\n"
	if !strings.Contains(got, want) || tl.Unread != 0 {
		t.Errorf("got\n%s\nwant in it\n%s", got, want)
	}
	if s := tl.Steps[0]; s.Name != "CRYPTO" || !strings.HasPrefix(s.Summary, "part of ") {
		t.Errorf("the first half is shown as %s: %s", s.Name, s.Summary)
	}
}

// What a message that never became whole leaves behind.
func TestQUICUnfinished(t *testing.T) {
	tr := quicPair{}.run(t)
	half := *tr
	half.Units = half.Units[:1]
	tl := Transcript(&half)
	if len(tl.Steps) != 1 || tl.Steps[0].Name != "CRYPTO" || tl.Steps[0].Level != Initial {
		t.Errorf("half a ClientHello:\n%s", everything(tl))
	}

	// The server's Certificate is too long for the datagram that it begins in.
	tr = quicPair{tls: func(client, server *tls.Config) {
		client.CurvePreferences = []tls.CurveID{tls.X25519}
		chain := &server.Certificates[0]
		long := *chain
		for range 4 {
			long.Certificate = append(slices.Clone(long.Certificate), chain.Certificate[0])
		}
		server.Certificates = []tls.Certificate{long}
	}}.run(t)
	if got := named(Transcript(tr), "Certificate"); len(got) != 2 || len(got[0].Units) < 2 {
		t.Fatalf("the server's Certificate does not take two datagrams:\n%s", everything(Transcript(tr)))
	}
	cut := *tr
	cut.Units = cut.Units[:2]
	tl = Transcript(&cut)
	last := tl.Steps[len(tl.Steps)-1]
	if last.Name != "Certificate" || last.Kind != KindHandshake || last.From != outcome.Server || last.Err == nil || !strings.HasPrefix(last.Summary, "incomplete: part of Certificate: ") {
		t.Errorf("half a Certificate:\n%s", everything(tl))
	}
	checkTree(t, last)
}

// A datagram that ends in the token of the server's connection ID is its
// stateless reset.
func TestQUICStatelessReset(t *testing.T) {
	tr := quicPair{}.run(t)
	var token []byte
	for _, s := range named(Transcript(tr), "EncryptedExtensions") {
		tree := s.Tree()
		message, _ := tree.Buffer(messageBuffer)
		at := bytes.Index(message.Bytes, []byte{byte(quicwire.StatelessResetToken), 16})
		token = message.Bytes[at+2 : at+18]
	}
	reset := again(tr, len(tr.Units)-1)
	u := &reset.Units[len(reset.Units)-1]
	u.From = outcome.Server
	u.Sent = append([]byte{0x4a, 1, 2, 3, 4, 5, 6, 7, 8, 9}, token...)
	tl := Transcript(reset)
	if s := tl.Steps[len(tl.Steps)-1]; s.Name != "stateless reset" || s.From != outcome.Server || tl.Unread != 0 {
		t.Errorf("the last step is %s from the %s: %v", s.Name, s.From, s.Err)
	}
	u.Sent[len(u.Sent)-1] ^= 1
	tl = Transcript(reset)
	if s := tl.Steps[len(tl.Steps)-1]; s.Name != "protected packet" || tl.Unread != 1 {
		t.Errorf("with another token the last step is %s, %d unread", s.Name, tl.Unread)
	}
}

// Bytes that are no QUIC have a step too.
func TestQUICForeignDatagrams(t *testing.T) {
	tests := []struct{ name, sent, step string }{
		{"text", "hello", "datagram"},
		{"nothing", "", "empty datagram"},
		{"a cut long header", "\xc0\x00\x00\x00\x01\x08", "datagram"},
		{"an unknown version", "\xc0\xff\x00\x00\x1d\x04abcd\x00 and more", "protected packet"},
		{"0-RTT", "\xd0\x00\x00\x00\x01\x04abcd\x00\x20" + strings.Repeat("x", 32), "protected packet"},
		{"a Retry for nobody", "\xf0\x00\x00\x00\x01\x00\x04abcdtoken" + strings.Repeat("t", 16), "Retry"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := &transcript.Transcript{Transport: outcome.QUIC, Units: []transcript.Unit{{From: outcome.Client, Sent: []byte(tt.sent), Seq: 1}}}
			tl := Transcript(tr)
			if len(tl.Steps) != 1 || tl.Steps[0].Name != tt.step {
				t.Fatalf("got\n%s\nwant one step %s", everything(tl), tt.step)
			}
			if tt.sent != "" {
				if tl.Steps[0].Err == nil {
					t.Error("the step has no error")
				}
				checkTree(t, tl.Steps[0])
			}
		})
	}
}

// Whatever a datagram is cut to, there is a step with a sound tree.
func TestQUICTruncated(t *testing.T) {
	tr := quicPair{}.run(t)
	for i := range tr.Units {
		whole := tr.Units[i].Sent
		for n := 1; n < len(whole); n += 1 + n/40 {
			cut := again(tr, i)
			cut.Units[i].Sent = whole[:n]
			tl := Transcript(cut)
			found := false
			for _, s := range tl.Steps {
				if s.Unit == i {
					found = true
					checkTree(t, s)
				}
			}
			if !found {
				t.Fatalf("datagram %d cut to %d bytes has no step", i, n)
			}
		}
	}
}

// FuzzQUICDatagrams feeds two datagrams of each side into a connection that has
// just begun: nothing may panic, and each datagram has a step with a sound tree.
func FuzzQUICDatagrams(f *testing.F) {
	tr := quicPair{}.run(f)
	for _, u := range tr.Units {
		f.Add(u.Sent, []byte{}, u.From == outcome.Client)
	}
	for _, p := range []quicPair{quicPairs[6], quicPairs[9]} {
		other := p.run(f)
		f.Add(other.Units[0].Sent, other.Units[len(other.Units)/2].Sent, true)
	}
	f.Fuzz(func(t *testing.T, one, two []byte, client bool) {
		from := outcome.Server
		if client {
			from = outcome.Client
		}
		x := *tr
		x.Units = slices.Clone(tr.Units[:3])
		for _, sent := range [][]byte{one, two} {
			n := len(x.Units)
			x.Units = append(x.Units, transcript.Unit{Index: n, From: from, Sent: sent, Seq: uint64(100 + n)})
			from = from.Peer()
		}
		has := map[int]bool{}
		for _, s := range Transcript(&x).Steps {
			has[s.Unit] = true
			if len(x.Units[s.Unit].Sent) > 0 {
				checkTree(t, s)
			}
		}
		for i := range x.Units {
			if !has[i] {
				t.Fatalf("datagram %d has no step", i)
			}
		}
	})
}
