package link

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// selfSigned returns a credential for server.test that trusts itself.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"server.test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// tcpPair returns two connected sockets.
func tcpPair(t *testing.T) (client, server net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	if client, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	return client, server
}

// The gate is no replay: a server whose ClientHello is held has not seen it.
func TestTheServerHasNotSeenAHeldClientHello(t *testing.T) {
	for name, connect := range map[string]func(*testing.T) (net.Conn, net.Conn){
		"loopback": tcpPair,
		"memory":   func(*testing.T) (net.Conn, net.Conn) { return StreamPipe() },
	} {
		t.Run(name, func(t *testing.T) {
			certificate, roots := selfSigned(t)
			clientConn, serverConn := connect(t)
			changed := make(chan struct{}, 1)
			record := &transcript.Transcript{Transport: outcome.TCP}
			l := New(record, Options{Hold: true, Changed: func() {
				select {
				case changed <- struct{}{}:
				default:
				}
			}})
			clientEnd, serverEnd := l.Stream(outcome.Client, clientConn), l.Stream(outcome.Server, serverConn)
			defer func() { _, _ = clientEnd.Discard(), serverEnd.Discard() }()
			counting := &countingConn{Conn: serverConn}
			serverEnd.Conn = counting

			seen := make(chan struct{})
			server := tls.Server(serverEnd, &tls.Config{
				Certificates: []tls.Certificate{certificate},
				GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
					close(seen)
					return nil, nil
				},
			})
			client := tls.Client(clientEnd, &tls.Config{ServerName: "server.test", RootCAs: roots})
			done := make(chan error, 2)
			go func() { done <- server.Handshake() }()
			go func() { done <- client.Handshake() }()

			for !l.Settled(0) || len(queueOf(l)) == 0 {
				<-changed
			}
			if n := counting.read.Load(); n != 0 {
				t.Fatalf("the server has read %d bytes of a ClientHello that is held", n)
			}
			select {
			case <-seen:
				t.Fatal("the server has acted on a ClientHello that is held")
			default:
			}
			if !l.Release() {
				t.Fatal("nothing was held")
			}
			<-seen
			l.Open()
			for range 2 {
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func queueOf(l *Link) []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	var units []int
	for _, q := range l.gate.queue {
		units = append(units, q.unit)
	}
	return units
}

// A countingConn counts what is read from it.
type countingConn struct {
	net.Conn
	read atomic.Int64
}

func (c *countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.Add(int64(n))
	return n, err
}

func (c *countingConn) CloseWrite() error { return closeWrite(c.Conn) }

func TestReleaseKeepsTheOrderAndTheEnds(t *testing.T) {
	clientConn, serverConn := StreamPipe()
	record := &transcript.Transcript{Transport: outcome.TCP}
	var holding []bool
	l := New(record, Options{Hold: true, Holding: func(h bool) { holding = append(holding, h) }})
	client, server := l.Stream(outcome.Client, clientConn), l.Stream(outcome.Server, serverConn)
	_, _ = client.Write([]byte{22, 3, 1, 0, 1, 'a', 22, 3, 1, 0, 1, 'b'})
	_ = client.CloseWrite()
	if got := len(queueOf(l)); got != 3 {
		t.Fatalf("%d units are held, want two records and the FIN", got)
	}
	for range 3 {
		l.Release()
	}
	if l.Release() {
		t.Error("a fourth unit was released")
	}
	got := make([]byte, 64)
	var all []byte
	for {
		n, err := server.Read(got)
		if err != nil {
			break
		}
		if n > 6 {
			t.Errorf("one read gave %d bytes, more than a unit", n)
		}
		all = append(all, got[:n]...)
	}
	if string(all) != "\x16\x03\x01\x00\x01a\x16\x03\x01\x00\x01b" {
		t.Errorf("the server read %q", all)
	}
	if len(holding) != 2 || !holding[0] || holding[1] {
		t.Errorf("Holding was called with %v, want true, false", holding)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	l.WaitReleased(ctx)
	if ctx.Err() != nil {
		t.Error("WaitReleased waits although nothing is held")
	}
}
