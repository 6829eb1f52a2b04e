package dissect

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// A tcpTap records a connection in memory: a unit for each TLS record, a delivery
// when the other side reads it, sequence numbers for both.
type tcpTap struct {
	mu         sync.Mutex
	more       *sync.Cond
	start      time.Time
	seq        uint64
	transcript transcript.Transcript
	client     tcpEnd
	server     tcpEnd
}

// A tcpEnd is one side's connection.
type tcpEnd struct {
	tap  *tcpTap
	role outcome.Role
	// queue are the units on their way to this side, unread the rest of the
	// one that it is reading.
	queue  []int
	unread []byte
	// last is the sequence number of the last unit that it sent or received.
	last   uint64
	closed bool
	// send, if it is set, says what is sent instead of a record.
	send func(n int, record []byte) [][]byte
	sent int
	// receive, if it is set, says what is delivered instead of a record.
	receive  func(n int, record []byte) []byte
	received int
	// together is how many records have to be there before it reads the first.
	together int
}

func newTCPTap() *tcpTap {
	t := &tcpTap{start: time.Now()}
	t.more = sync.NewCond(&t.mu)
	t.transcript.Transport = outcome.TCP
	t.client = tcpEnd{tap: t, role: outcome.Client}
	t.server = tcpEnd{tap: t, role: outcome.Server}
	return t
}

func (t *tcpTap) end(r outcome.Role) *tcpEnd {
	if r == outcome.Client {
		return &t.client
	}
	return &t.server
}

// unit appends a unit; the lock is held.
func (e *tcpEnd) unit(kind transcript.UnitKind, b []byte) {
	t := e.tap
	t.seq++
	e.last = t.seq
	u := transcript.Unit{Index: len(t.transcript.Units), Kind: kind, From: e.role, Sent: b, Seq: t.seq, At: time.Since(t.start)}
	t.transcript.Units = append(t.transcript.Units, u)
	peer := t.end(e.role.Peer())
	peer.queue = append(peer.queue, u.Index)
	t.more.Broadcast()
}

func (e *tcpEnd) Write(b []byte) (int, error) {
	e.tap.mu.Lock()
	defer e.tap.mu.Unlock()
	if e.closed {
		return 0, io.ErrClosedPipe
	}
	n := len(b)
	b = append([]byte(nil), b...)
	for len(b) > 0 {
		size := len(b)
		if _, whole, err := tlswire.ParseRecord(b); err == nil {
			size = whole
		}
		records := [][]byte{b[:size:size]}
		if e.send != nil {
			records = e.send(e.sent, records[0])
		}
		e.sent++
		for _, r := range records {
			e.unit(transcript.Data, r)
		}
		b = b[size:]
	}
	return n, nil
}

func (e *tcpEnd) Read(b []byte) (int, error) {
	t := e.tap
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(e.unread) == 0 {
		for (len(e.queue) == 0 || e.received == 0 && len(e.queue) < e.together) && !e.closed {
			t.more.Wait()
		}
		if e.closed {
			return 0, io.ErrClosedPipe
		}
		u := &t.transcript.Units[e.queue[0]]
		if u.Kind != transcript.Data && len(u.Deliveries) > 0 {
			return 0, io.EOF
		}
		t.seq++
		e.last = t.seq
		u.Deliveries = append(u.Deliveries, transcript.Delivery{Seq: t.seq, At: time.Since(t.start)})
		if u.Kind != transcript.Data {
			return 0, io.EOF
		}
		e.queue = e.queue[1:]
		e.unread = u.Sent
		if e.receive != nil {
			e.unread = e.receive(e.received, u.Sent)
			u.Deliveries[0].Bytes = e.unread
		}
		e.received++
	}
	n := copy(b, e.unread)
	e.unread = e.unread[n:]
	return n, nil
}

func (e *tcpEnd) Close() error {
	e.tap.mu.Lock()
	defer e.tap.mu.Unlock()
	if !e.closed {
		e.unit(transcript.FIN, nil)
		e.closed = true
		e.tap.more.Broadcast()
	}
	return nil
}

func (e *tcpEnd) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (e *tcpEnd) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (e *tcpEnd) SetDeadline(time.Time) error      { return nil }
func (e *tcpEnd) SetReadDeadline(time.Time) error  { return nil }
func (e *tcpEnd) SetWriteDeadline(time.Time) error { return nil }

// fact records something that this side knows.
func (e *tcpEnd) fact(kind transcript.FactKind, text string) {
	e.tap.mu.Lock()
	defer e.tap.mu.Unlock()
	e.tap.transcript.Facts = append(e.tap.transcript.Facts, transcript.Fact{
		Side: e.role, Kind: kind, Text: text, After: e.last, At: time.Since(e.tap.start),
	})
}

// A tcpKeys is one side's KeyLogWriter.
type tcpKeys struct{ *tcpEnd }

func (w tcpKeys) Write(line []byte) (int, error) {
	w.tap.mu.Lock()
	defer w.tap.mu.Unlock()
	return len(line), w.tap.transcript.Keys(w.role).Parse(line)
}

// A tcpPair is what a handshake is made with: two unrelated PKIs, mutual
// authentication, one application protocol in common.
type tcpPair struct {
	client, server *tls.Config
	// send changes what the client sends, receive what the server receives.
	send    func(n int, record []byte) [][]byte
	receive func(n int, record []byte) []byte
	// together is how many of the server's records are there before the client reads
	// the first: it could answer between them.
	together int
	// earlier is a connection whose key logs are at hand as well.
	earlier *transcript.Transcript
}

// A hierarchy is a root, a CA and an end-entity certificate.
type hierarchy struct {
	pool *x509.CertPool
	leaf tls.Certificate
}

// hierarchies are made once: keys cost more than all handshakes here.
var hierarchies = sync.OnceValue(func() map[string]hierarchy {
	return map[string]hierarchy{
		"Server": newHierarchy("Server", "server.test"),
		"Client": newHierarchy("Client", "client-1.test"),
		"Rogue":  newHierarchy("Rogue", "server.test"),
	}
})

func newHierarchy(name, leaf string) hierarchy {
	now := time.Now()
	var parent *x509.Certificate
	var parentKey *ecdsa.PrivateKey
	var chain [][]byte
	h := hierarchy{pool: x509.NewCertPool()}
	for i, subject := range []string{name + " Root", name + " CA", leaf} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: subject},
			NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
			BasicConstraintsValid: true, IsCA: i < 2, KeyUsage: x509.KeyUsageCertSign,
		}
		if i == 2 {
			template.DNSNames = []string{leaf}
			template.KeyUsage = x509.KeyUsageDigitalSignature
			template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
		}
		if parent == nil {
			parent, parentKey = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
		if err != nil {
			panic(err)
		}
		if parent, err = x509.ParseCertificate(der); err != nil {
			panic(err)
		}
		parentKey = key
		if i == 0 {
			h.pool.AddCert(parent)
		} else {
			chain = append([][]byte{der}, chain...)
		}
	}
	h.leaf = tls.Certificate{Certificate: chain, PrivateKey: parentKey, Leaf: parent}
	return h
}

// healthy returns a pair that agrees on everything.
func healthy(version uint16) tcpPair {
	h := hierarchies()
	return tcpPair{
		client: &tls.Config{
			MinVersion: version, MaxVersion: version,
			RootCAs: h["Server"].pool, ServerName: "server.test",
			Certificates: []tls.Certificate{h["Client"].leaf},
			NextProtos:   []string{"lab/1"},
			CurvePreferences: []tls.CurveID{
				tls.X25519MLKEM768, tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521,
			},
		},
		server: &tls.Config{
			MinVersion: version, MaxVersion: version,
			ClientCAs: h["Client"].pool, ClientAuth: tls.RequireAndVerifyClientCert,
			Certificates: []tls.Certificate{h["Server"].leaf},
			NextProtos:   []string{"lab/1"},
		},
	}
}

// record runs a handshake, after which the server sends one byte, and returns
// its transcript. Both sides close at the end, the client first.
func (p tcpPair) record(t testing.TB) *transcript.Transcript {
	t.Helper()
	wire := newTCPTap()
	wire.client.send, wire.server.receive, wire.client.together = p.send, p.receive, p.together
	var sides sync.WaitGroup
	var client, server *tls.Conn
	sides.Go(func() {
		config := p.server.Clone()
		config.KeyLogWriter = tcpKeys{&wire.server}
		server = tls.Server(&wire.server, config)
		if err := server.Handshake(); err != nil {
			wire.server.fact(transcript.HandshakeFailed, err.Error())
			return
		}
		wire.server.fact(transcript.HandshakeComplete, "handshake complete")
		if _, err := server.Write([]byte{'.'}); err != nil {
			t.Errorf("server: %v", err)
		}
	})
	sides.Go(func() {
		config := p.client.Clone()
		config.KeyLogWriter = tcpKeys{&wire.client}
		config.VerifyConnection = func(tls.ConnectionState) error {
			wire.client.fact(transcript.ChainVerified, "chain verified")
			return nil
		}
		client = tls.Client(&wire.client, config)
		if err := client.Handshake(); err != nil {
			wire.client.fact(transcript.HandshakeFailed, err.Error())
			return
		}
		wire.client.fact(transcript.HandshakeComplete, "handshake complete")
		if _, err := client.Read(make([]byte, 1)); err != nil {
			wire.client.fact(transcript.LateError, err.Error())
			return
		}
		wire.client.fact(transcript.Accepted, "read the server's first byte")
	})
	done := make(chan struct{})
	go func() { sides.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the handshake hangs")
	}
	client.Close()
	// The server reads what is left and closes as well.
	if server.ConnectionState().HandshakeComplete {
		server.Read(make([]byte, 1))
	}
	server.Close()
	if p.earlier != nil {
		wire.transcript.ClientKeys.Merge(&p.earlier.ClientKeys)
		wire.transcript.ServerKeys.Merge(&p.earlier.ServerKeys)
	}
	return &wire.transcript
}
