package capture

import (
	"bytes"
	"crypto/tls"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
	"shakedown/harness/quicwire"
)

const shortly = linger + 100*time.Millisecond

// A connection that was closed is handed on when it is silent, if that can be seen.
func TestClosedQUICConnectionsAreHandedOn(t *testing.T) {
	p := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "A")
	other := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "B")
	stranger := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "A")
	stranger.secrets[keylog.ServerTraffic] = bytes.Repeat([]byte("!"), 32)
	version2 := newPeers(t, quicwire.Version2, tls.TLS_AES_128_GCM_SHA256, "A")
	aes256 := newPeers(t, quicwire.Version1, tls.TLS_AES_256_GCM_SHA384, "A")
	chacha := newPeers(t, quicwire.Version1, tls.TLS_CHACHA20_POLY1305_SHA256, "A")
	retried := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "A")
	beforeRetry := client(retried.clientInitial(retried.firstID(), retried.hello()))
	retried.attempt("another destination")

	then := func(before []said, more ...said) []said { return append(slices.Clip(before), more...) }
	flight := []said{client(p.clientInitial(p.firstID(), p.hello())), server(p.serverInitial(p.answer()), p.serverHandshake(ping))}
	hello := []said{client(p.clientInitial(p.firstID(), p.hello()))}
	var busy []said
	for range 100 {
		busy = append(busy, server(p.server1RTT(append([]byte{0x08, 0x00}, make([]byte, 1000)...))))
	}
	tests := []struct {
		name string
		keys []byte
		said []said
		want bool
	}{
		{"the client closes", p.log(), then(p.handshake(), client(p.client1RTT(closed))), true},
		{"the server closes", p.log(), then(p.handshake(), server(p.server1RTT(closed))), true},
		{"behind other frames", p.log(), then(p.handshake(), client(p.client1RTT(slices.Concat(ping, aStream, closed)))), true},
		{"what was on its way comes", p.log(), then(p.handshake(), client(p.client1RTT(closed)), server(p.server1RTT(aStream)), server(p.server1RTT(aStream)), server(p.server1RTT(ping))), true},
		{"a packet overtakes it", p.log(), then(p.handshake(), client(p.client1RTT(closed)), client(p.client1RTT(ping))), true},
		{"in version 2", version2.log(), then(version2.handshake(), client(version2.client1RTT(closed))), true},
		{"under AES-256", aes256.log(), then(aes256.handshake(), client(aes256.client1RTT(closed))), true},
		{"under ChaCha20", chacha.log(), then(chacha.handshake(), client(chacha.client1RTT(closed))), true},
		{"behind a key update", p.log(), then(p.handshake(), client(p.updated(closed))), true},
		{"behind a silence", p.log(), then(p.handshake(), client(p.client1RTT(ping)).later(shortly), client(p.client1RTT(closed)).later(shortly)), true},
		{"behind much data", p.log(), then(then(p.handshake(), busy...), client(p.client1RTT(closed))), true},
		{"the server refuses at once", other.log(), then(hello, server(p.serverInitial(refused))), true},
		{"the server refuses behind a Retry", other.log(), []said{
			beforeRetry, server(long(3, retried.clientID(), "another destination", 100)),
			client(retried.clientInitial("another destination", retried.hello())), server(retried.serverInitial(refused)),
		}, true},
		{"the client refuses the ServerHello", p.log(), then(flight, client(p.clientInitial(p.serverID(), refused))), true},
		{"the client refuses the certificate", p.log(), then(flight, client(p.clientInitial(p.serverID(), refused), p.clientHandshake(refused))), true},
		{"the server refuses the certificate", p.log(), then(flight, client(p.clientHandshake(ping)), server(p.serverHandshake(refused))), true},

		{"nobody closes", p.log(), p.handshake(), false},
		{"there is no key log", nil, then(p.handshake(), client(p.client1RTT(closed))), false},
		{"there is no key log, and the server refuses at once", nil, then(hello, server(p.serverInitial(refused))), false},
		{"the key log is of others", other.log(), then(p.handshake(), client(p.client1RTT(closed))), false},
		{"its key log can still come", other.log(), then(flight, client(p.clientInitial(p.serverID(), refused))), false},
		{"its key log can still come, of 0-RTT", other.log(), then(hello, client(p.long(p.protection(keylog.ClientTraffic), 1, p.firstID(), p.clientID(), ping)), server(p.serverInitial(refused))), false},
		{"another one would close it", p.log(), then(p.handshake(), server(stranger.server1RTT(closed))), false},
		{"another one would close it with an Initial packet", p.log(), then(p.handshake(), server(p.serverInitial(refused))), false},
		{"it goes on behind another one's Initial packet", p.log(), then(then(hello, server(p.serverInitial(refused))), p.handshake()[1:]...), false},
		{"only its middle was captured", p.log(), then(p.handshake()[1:], client(p.client1RTT(closed))), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWire(Options{})
			if test.keys != nil {
				w.block(pcapng.Secrets{KeyLog: test.keys})
			}
			w.hear(clientAddr, serverAddr, test.said...)
			w.elsewhere(linger - time.Millisecond)
			if len(w.recordings) != 0 {
				t.Errorf("it was handed on before a second was over")
			}
			w.elsewhere(100 * time.Millisecond)
			if got := len(w.recordings) == 1; got != test.want {
				t.Errorf("handed on before the end of the file: %v, want %v", got, test.want)
			}
			w.finish()
			if len(w.recordings) != 1 || w.recordings[0].Packets != len(test.said) || len(w.recordings[0].Transcript.Units) == 0 {
				t.Fatalf("%d connections: %+v", len(w.recordings), w.recordings)
			}
			if w.charge != 0 || w.quic.talking.Len() != 0 {
				t.Errorf("%d bytes are still accounted for, %d connections are to be looked at", w.charge, w.quic.talking.Len())
			}
		})
	}
}

// What comes of a connection after that is its own, begins none, and is told of.
func TestLateDatagramsOfAClosedConnection(t *testing.T) {
	p := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "A")
	w := newWire(Options{})
	w.block(pcapng.Secrets{KeyLog: p.log()})
	w.hear(clientAddr, serverAddr, p.handshake()...)
	w.hear(clientAddr, serverAddr, client(p.client1RTT(closed)))
	w.elsewhere(shortly)
	reset := append([]byte{0x55}, bytes.Repeat([]byte("stateless reset "), 3)...)
	w.hear(clientAddr, serverAddr,
		server(p.server1RTT(aStream)).later(3*time.Second), client(p.client1RTT(closed)), client(p.clientInitial(p.firstID(), p.hello())),
		server(p.serverInitial(refused), p.serverHandshake(refused)), server(reset).later(grave-time.Second), client(p.client1RTT(closed)).later(grave-time.Second))
	w.finish()
	if len(w.recordings) != 1 || w.recordings[0].Packets != 5 {
		t.Errorf("%d connections: %+v", len(w.recordings), w.recordings)
	}
	if want := "6 datagrams that came more than a second after their QUIC connections had closed"; !slices.Contains(w.summary.Others, want) {
		t.Errorf("%q, want %q among them", w.summary.Others, want)
	}
}

// A client that goes on with its socket begins another connection with it, whose
// datagrams are its own, also where the client has no connection IDs.
func TestAnotherConnectionFollowsOnTheSameSocket(t *testing.T) {
	w := newWire(Options{})
	for _, name := range []string{"A", "B", "C"} {
		p := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, name)
		w.block(pcapng.Secrets{KeyLog: p.log()})
		w.hear(clientAddr, serverAddr, p.handshake()...)
		w.hear(clientAddr, serverAddr, server(p.server1RTT(closed)))
		w.elsewhere(shortly)
	}
	if len(w.recordings) != 3 {
		t.Fatalf("%d connections were handed on", len(w.recordings))
	}
	for i, r := range w.recordings {
		if r.Number != i+1 || roles(r.Transcript.Units) != "cscss" {
			t.Errorf("connection %d is %d: %s", i+1, r.Number, roles(r.Transcript.Units))
		}
	}
}

// A client that chooses the same connection ID again, behind the end of a connection,
// begins another one, and what is sent to that ID is of the one that is open.
func TestAConnectionIDIsChosenAgain(t *testing.T) {
	a := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "A")
	b := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "B")
	a.own, b.own = "the same", "the same"
	w := newWire(Options{})
	w.block(pcapng.Secrets{KeyLog: slices.Concat(a.log(), b.log())})
	w.hear(clientAddr, serverAddr, a.handshake()...)
	w.hear(clientAddr, serverAddr, server(a.server1RTT(closed)))
	w.elsewhere(shortly)
	w.hear(clientAddr, serverAddr, b.handshake()...)
	w.hear(clientAddr, serverAddr, client(a.client1RTT(closed)), server(b.server1RTT(aStream)), server(b.server1RTT(closed)))
	w.elsewhere(shortly)
	var got []string
	for _, r := range w.recordings {
		got = append(got, roles(r.Transcript.Units))
	}
	if want := []string{"cscss", "cscsss"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Connections are handed on in the order of their numbers.
func TestClosedConnectionsWaitForOlderOnes(t *testing.T) {
	a := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "A")
	b := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "B")
	w := newWire(Options{})
	w.block(pcapng.Secrets{KeyLog: slices.Concat(a.log(), b.log())})
	otherAddr := netip.AddrPortFrom(clientAddr.Addr(), 50001)
	w.hear(clientAddr, serverAddr, a.handshake()...)
	w.hear(otherAddr, serverAddr, b.handshake()...)
	w.hear(otherAddr, serverAddr, client(b.client1RTT(closed)))
	w.elsewhere(shortly)
	if len(w.recordings) != 0 || len(w.waiting) != 1 {
		t.Fatalf("%d were handed on, %d wait", len(w.recordings), len(w.waiting))
	}
	w.hear(clientAddr, serverAddr, client(a.client1RTT(closed)))
	w.elsewhere(shortly)
	if len(w.recordings) != 2 || w.recordings[0].Client != clientAddr {
		t.Errorf("%+v", w.recordings)
	}
}

// However many connections a file has one after the other, only those are in memory
// that are open.
func TestMemoryOfClosedQUICConnections(t *testing.T) {
	w := newWire(Options{})
	w.reader.each = func(*Recording) error { return nil }
	const n = 1000
	for i := range n {
		p := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "A"+plainInt(i))
		from := netip.AddrPortFrom(clientAddr.Addr(), uint16(i+1))
		w.block(pcapng.Secrets{KeyLog: p.log()})
		w.hear(from, serverAddr, p.handshake()...)
		w.hear(from, serverAddr, client(p.client1RTT(closed)))
		w.at = w.at.Add(linger / 10)
		if w.open.n > 11 || w.past.n > int(grave/linger)*11 || w.charge > 11*(8<<10) {
			t.Fatalf("connection %d: %d are open, %d are remembered, %d bytes are kept", i, w.open.n, w.past.n, w.charge)
		}
	}
	w.finish()
	if w.summary.Connections != n {
		t.Errorf("%d connections, want %d", w.summary.Connections, n)
	}
}

// A connection that was recorded here is handed on when it is as its note has it,
// and gets the note that is its own.
func TestOwnConnectionsAreHandedOnWhenTheyAreComplete(t *testing.T) {
	a := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "A")
	b := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "B")
	w := newWire(Options{})
	// The server hears nothing of it that the client has closed.
	sentA := append(a.handshake(), client(a.client1RTT(closed)), server(a.server1RTT(ping)).later(3*time.Second))
	sentB := append(b.handshake(), client(b.client1RTT(closed)))
	for i, sent := range [][]said{sentA, sentB} {
		p := []*peers{a, b}[i]
		w.block(pcapng.Secrets{KeyLog: p.log()})
		note := Note{Version: NoteVersion, Transport: outcome.QUIC, Client: clientAddr, Server: serverAddr, Start: start, Run: Run{Number: i + 1}}
		for _, s := range sent {
			u := UnitNote{From: outcome.Client, Bytes: len(s.payload)}
			if s.server {
				u.From = outcome.Server
			}
			note.Units = append(note.Units, u)
		}
		w.noted(&note, 1)
	}
	w.hear(clientAddr, serverAddr, sentA[:len(sentA)-1]...)
	w.hear(clientAddr, serverAddr, sentB...)
	w.elsewhere(shortly)
	if len(w.recordings)+len(w.waiting) != 0 {
		t.Fatalf("%d were handed on, %d wait", len(w.recordings), len(w.waiting))
	}
	w.hear(clientAddr, serverAddr, sentA[len(sentA)-1])
	w.elsewhere(shortly)
	if len(w.recordings) != 1 {
		t.Fatalf("%d were handed on", len(w.recordings))
	}
	w.finish()
	for i, r := range w.recordings {
		if r.Note == nil || r.Note.Run.Number != i+1 || len(r.Notes) > 0 {
			t.Errorf("connection %d has %+v and %q", i+1, r.Note, r.Notes)
		}
	}
}

// A key log behind the packets opens what is still there.
func TestAKeyLogBehindQUICConnections(t *testing.T) {
	p := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "A")
	w := newWire(Options{})
	w.hear(clientAddr, serverAddr, p.handshake()...)
	w.hear(clientAddr, serverAddr, client(p.client1RTT(closed)))
	w.elsewhere(shortly)
	w.block(pcapng.Secrets{KeyLog: p.log()})
	w.elsewhere(shortly)
	w.finish()
	if len(w.recordings) != 1 || len(w.summary.Notes) > 0 {
		t.Fatalf("%d connections, %q", len(w.recordings), w.summary.Notes)
	}
	var names []string
	for _, s := range w.recordings[0].Timeline().Steps {
		names = append(names, s.Name)
	}
	if all := strings.Join(names, ", "); !strings.Contains(all, "CONNECTION_CLOSE") {
		t.Errorf("the steps are %s", all)
	}
}

// What was derived to see that a connection was closed goes with its recording, and
// stays its own when others are looked at.
func TestKeysGoWithTheRecording(t *testing.T) {
	w := newWire(Options{})
	var of []*peers
	for i, name := range []string{"A", "B", "C"} {
		p := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, name)
		from := netip.AddrPortFrom(clientAddr.Addr(), uint16(50000+i))
		w.block(pcapng.Secrets{KeyLog: p.log()})
		w.hear(from, serverAddr, p.handshake()...)
		if name != "C" {
			w.hear(from, serverAddr, client(p.client1RTT(closed)))
		}
		of = append(of, p)
	}
	w.elsewhere(shortly)
	w.finish()
	if len(w.recordings) != len(of) {
		t.Fatalf("%d were handed on", len(w.recordings))
	}
	for i, r := range w.recordings {
		p, k := of[i], r.derived
		if p.name == "C" {
			if len(k.Initial)+len(k.Traffic) != 0 {
				t.Errorf("the keys of %s, which was not closed, are kept: %+v", p.name, k)
			}
			continue
		}
		if len(k.Initial) != 1 || string(k.Initial[0].DestinationID) != p.firstID() {
			t.Errorf("the Initial keys of %s are %+v", p.name, k.Initial)
		}
		if len(k.Traffic) != 1 || !k.Traffic[0].Of(p.version, p.suite, p.secrets[keylog.ClientTraffic]) {
			t.Errorf("the keys of %s are %+v", p.name, k.Traffic)
		}
		if without := w.recordings[2].charge; r.charge < without+3*keysCost {
			t.Errorf("the recording of %s is charged with %d bytes, one without keys with %d", p.name, r.charge, without)
		}
	}
}

// BenchmarkClosed looks for the first time at a connection that was closed.
func BenchmarkClosed(b *testing.B) {
	p := newPeers(b, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "A")
	w := newWire(Options{})
	w.block(pcapng.Secrets{KeyLog: p.log()})
	w.hear(clientAddr, serverAddr, p.handshake()...)
	w.hear(clientAddr, serverAddr, client(p.client1RTT(closed)))
	c := w.quic.talking.Front().Value.(*quicConn)
	b.ReportAllocs()
	for b.Loop() {
		if c.known = false; !w.quic.look.closed(c) {
			b.Fatal("it is not seen to be closed")
		}
	}
}
