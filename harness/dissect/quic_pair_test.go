package dissect

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A quicRecorder writes what two quic-go endpoints send into a transcript, and lets
// all of it through.
type quicRecorder struct {
	mu         sync.Mutex
	seq        uint64
	transcript *transcript.Transcript
	// sent, if it is set, is called with each unit while it is recorded.
	sent func(*transcript.Unit)
	// hello is closed when the client has sent all of its first flight, which
	// has that many datagrams. The server reads nothing before.
	hello  chan struct{}
	flight int
	// lose says which datagrams do not arrive.
	lose func(u *transcript.Unit) bool
	// ended says that the recording is over; what is sent later is not part of it.
	ended bool
}

func newQUICRecorder() *quicRecorder {
	return &quicRecorder{
		transcript: &transcript.Transcript{Transport: outcome.QUIC, Start: time.Now()},
		hello:      make(chan struct{}), flight: 1,
	}
}

// A quicTap is a socket whose sent datagrams are recorded.
type quicTap struct {
	net.PacketConn
	recorder *quicRecorder
	role     outcome.Role
}

func (c *quicTap) WriteTo(b []byte, to net.Addr) (int, error) {
	r := c.recorder
	r.mu.Lock()
	if r.ended {
		r.mu.Unlock()
		return len(b), nil
	}
	r.seq++
	r.transcript.Units = append(r.transcript.Units, transcript.Unit{
		Index: len(r.transcript.Units), From: c.role, Sent: append([]byte(nil), b...),
		Seq: r.seq, At: time.Since(r.transcript.Start),
	})
	u := &r.transcript.Units[len(r.transcript.Units)-1]
	if r.sent != nil {
		r.sent(u)
	}
	lost := r.lose != nil && r.lose(u)
	if lost {
		u.Marks = append(u.Marks, transcript.Dropped)
	} else {
		r.seq++
		u.Deliveries = []transcript.Delivery{{Seq: r.seq, At: u.At}}
	}
	if len(r.transcript.Units) == r.flight {
		close(r.hello)
	}
	r.mu.Unlock()
	if lost {
		return len(b), nil
	}
	return c.PacketConn.WriteTo(b, to)
}

// ReadFrom keeps the server from answering before the client has said all.
func (c *quicTap) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.PacketConn.ReadFrom(b)
	if err == nil && c.role == outcome.Server {
		<-c.recorder.hello
	}
	return n, from, err
}

// quic-go asks for larger buffers, and logs if it does not get them.
func (c *quicTap) SetReadBuffer(int) error  { return nil }
func (c *quicTap) SetWriteBuffer(int) error { return nil }

// quicKeys file what one side logs.
type quicKeys struct {
	recorder *quicRecorder
	role     outcome.Role
}

func (w quicKeys) Write(line []byte) (int, error) {
	w.recorder.mu.Lock()
	defer w.recorder.mu.Unlock()
	return len(line), w.recorder.transcript.Keys(w.role).Parse(line)
}

// An identity is a CA and a certificate that it issued.
type identity struct {
	pool        *x509.CertPool
	certificate tls.Certificate
}

var identities = sync.OnceValues(func() (server, client identity) {
	return newIdentity("server.test", x509.ExtKeyUsageServerAuth), newIdentity("client-1.test", x509.ExtKeyUsageClientAuth)
})

func newIdentity(name string, usage x509.ExtKeyUsage) identity {
	caKey, leafKey := newKey(), newKey()
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA of " + name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}
	caDER := must(x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey))
	leafDER := must(x509.CreateCertificate(rand.Reader, leaf, ca, leafKey.Public(), caKey))
	pool := x509.NewCertPool()
	pool.AddCert(must(x509.ParseCertificate(caDER)))
	return identity{pool: pool, certificate: tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: leafKey}}
}

func newKey() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A quicPair is what is different from a healthy pair of endpoints.
type quicPair struct {
	name string
	// tls changes the TLS settings, quic those of QUIC.
	tls  func(client, server *tls.Config)
	quic func(client, server *quic.Config)
	// retry makes the server send Retry packets.
	retry bool
	// flight is how many datagrams the client's first flight takes where the
	// server would answer the first of them; 0 means 1.
	flight int
	// serve is what the server does with the connection; nil: it sends one byte
	// and waits for the client to close.
	serve func(ctx context.Context, c *quic.Conn) error
	// use is what the client does; nil: it reads the server's byte and closes.
	use func(ctx context.Context, c *quic.Conn) error
	// lose says which datagrams do not arrive.
	lose func(u *transcript.Unit) bool
	// sent sees each datagram when it is sent.
	sent func(t *transcript.Transcript, u *transcript.Unit)
}

// run records one connection of the pair.
func (p quicPair) run(t testing.TB) *transcript.Transcript {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r := newQUICRecorder()
	r.flight = max(p.flight, 1)
	r.lose = p.lose
	if p.sent != nil {
		r.sent = func(u *transcript.Unit) { p.sent(r.transcript, u) }
	}
	serverSocket, clientSocket := listenUDP(t), listenUDP(t)
	clientTLS, serverTLS, clientQUIC, serverQUIC := p.settings(r)
	ended := make(chan struct{}, 16)
	serverTransport := &quic.Transport{
		Conn:                &quicTap{serverSocket, r, outcome.Server},
		VerifySourceAddress: func(net.Addr) bool { return p.retry },
		ConnContext: func(ctx context.Context, _ *quic.ClientInfo) (context.Context, error) {
			context.AfterFunc(ctx, func() { ended <- struct{}{} })
			return ctx, nil
		},
	}
	clientTransport := &quic.Transport{Conn: &quicTap{clientSocket, r, outcome.Client}}
	listener, err := serverTransport.Listen(serverTLS, serverQUIC)
	if err != nil {
		t.Fatal(err)
	}
	go p.accept(ctx, listener)
	conn, err := clientTransport.Dial(ctx, serverSocket.LocalAddr(), clientTLS, clientQUIC)
	if err == nil {
		p.finish(ctx, conn)
	}
	select {
	case <-ended:
	case <-ctx.Done():
		t.Fatal("the server's connection did not end")
	}
	clientTransport.Close()
	serverTransport.Close()
	clientSocket.Close()
	serverSocket.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	return r.transcript
}

func listenUDP(t testing.TB) *net.UDPConn {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// settings are those of a healthy pair, and then what the pair changes.
func (p quicPair) settings(r *quicRecorder) (clientTLS, serverTLS *tls.Config, clientQUIC, serverQUIC *quic.Config) {
	server, client := identities()
	clientTLS = &tls.Config{
		RootCAs: server.pool, ServerName: "server.test", NextProtos: []string{"shakedown"},
		Certificates: []tls.Certificate{client.certificate}, KeyLogWriter: quicKeys{r, outcome.Client},
	}
	serverTLS = &tls.Config{
		ClientCAs: client.pool, ClientAuth: tls.RequireAndVerifyClientCert, NextProtos: []string{"shakedown"},
		Certificates: []tls.Certificate{server.certificate}, KeyLogWriter: quicKeys{r, outcome.Server},
	}
	clientQUIC = &quic.Config{HandshakeIdleTimeout: time.Minute, MaxIdleTimeout: time.Minute, DisablePathMTUDiscovery: true}
	serverQUIC = clientQUIC.Clone()
	if p.tls != nil {
		p.tls(clientTLS, serverTLS)
	}
	if p.quic != nil {
		p.quic(clientQUIC, serverQUIC)
	}
	return clientTLS, serverTLS, clientQUIC, serverQUIC
}

func (p quicPair) accept(ctx context.Context, l *quic.Listener) {
	c, err := l.Accept(ctx)
	if err != nil {
		return
	}
	serve := p.serve
	if serve == nil {
		serve = func(_ context.Context, c *quic.Conn) error { return say(c, "!") }
	}
	_ = serve(ctx, c)
}

// say sends a text on a stream of its own.
func say(c *quic.Conn, text string) error {
	s, err := c.OpenUniStream()
	if err != nil {
		return err
	}
	_, err = s.Write([]byte(text))
	return errors.Join(err, s.Close())
}

func (p quicPair) finish(ctx context.Context, c *quic.Conn) {
	use := p.use
	if use == nil {
		use = func(ctx context.Context, c *quic.Conn) error {
			s, err := c.AcceptUniStream(ctx)
			if err != nil {
				return err
			}
			_, err = s.Read(make([]byte, 8))
			return err
		}
	}
	_ = use(ctx, c)
	_ = c.CloseWithError(0, "")
	<-c.Context().Done()
}

// keysOf returns a copy of the transcript that has only one side's key log.
func keysOf(t *transcript.Transcript, side outcome.Role) *transcript.Transcript {
	one := *t
	one.Units = append([]transcript.Unit(nil), t.Units...)
	for i := range one.Units {
		one.Units[i].Marks = nil
	}
	*one.Keys(side.Peer()) = keylog.Log{}
	return &one
}
