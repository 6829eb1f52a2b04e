package harness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/quic-go/quic-go"

	"shakedown/harness/endpoint"
	"shakedown/harness/outcome"
)

// bare shakes hands as any program does: no tap, no key log, no recording. It
// ends as the recorded pair does, with the server's byte and both closes.
func (n *bench) bare(b *testing.B) {
	client, server := n.bareConfigs()
	if n.cell.Transport == outcome.QUIC {
		bareQUIC(b, client, server)
		return
	}
	c, s, err := Loopback.tcpPair()
	if err != nil {
		b.Fatal(err)
	}
	var both sync.WaitGroup
	both.Go(func() {
		defer func() { _ = s.Close() }()
		t := tls.Server(s, server)
		if _, err := t.Write([]byte{'A'}); err != nil {
			b.Error(err)
		}
		_, _ = t.Read(make([]byte, 1))
		_ = t.Close()
	})
	t := tls.Client(c, client)
	if _, err := io.ReadFull(t, make([]byte, 1)); err != nil {
		b.Error(err)
	}
	_ = t.CloseWrite()
	_ = c.(*net.TCPConn).CloseWrite()
	_, _ = io.Copy(io.Discard, c)
	_ = c.Close()
	both.Wait()
}

func (n *bench) bareConfigs() (client, server *tls.Config) {
	pool := func(trust [][]byte) *x509.CertPool {
		p := x509.NewCertPool()
		for _, der := range trust {
			c, _ := x509.ParseCertificate(der)
			p.AddCert(c)
		}
		return p
	}
	certificate := func(c endpoint.Config) []tls.Certificate {
		return []tls.Certificate{{Certificate: c.Credential.Chain, PrivateKey: c.Credential.Key}}
	}
	set := n.client.Settings
	client = &tls.Config{
		MinVersion: set.MinVersion, MaxVersion: set.MaxVersion, NextProtos: set.ALPN, ServerName: set.ServerName,
		RootCAs: pool(set.Trust), Certificates: certificate(n.client), Time: n.client.Clock,
	}
	set = n.server.Settings
	server = &tls.Config{
		MinVersion: set.MinVersion, MaxVersion: set.MaxVersion, NextProtos: set.ALPN, SessionTicketsDisabled: true,
		ClientCAs: pool(set.Trust), Certificates: certificate(n.server), ClientAuth: tls.RequireAndVerifyClientCert, Time: n.server.Clock,
	}
	return client, server
}

// bareQUIC does so with quic-go alone, over two sockets.
func bareQUIC(b *testing.B, client, server *tls.Config) {
	b.Helper()
	c, s, err := Loopback.udpPair()
	if err != nil {
		b.Fatal(err)
	}
	shakeQUIC(b, &quic.Transport{Conn: c}, &quic.Transport{Conn: s}, client, server)
}

// shakeQUIC dials from one end to the other, has the client read the byte that
// the server sends, and closes everything.
func shakeQUIC(t testing.TB, near, far *quic.Transport, client, server *tls.Config) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), DefaultTimeout)
	defer cancel()
	config := &quic.Config{DisablePathMTUDiscovery: true}
	listener, err := far.Listen(server, config)
	if err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	both.Go(func() {
		conn, err := listener.Accept(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		if stream, err := conn.OpenUniStream(); err == nil {
			_, _ = stream.Write([]byte{'A'}) // without it a client that closes first can keep Accept waiting for ever
		}
		<-conn.Context().Done()
	})
	conn, err := near.Dial(ctx, far.Conn.LocalAddr(), client, config)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := conn.AcceptUniStream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadFull(stream, make([]byte, 1))
	_ = conn.CloseWithError(0, "")
	both.Wait()
	_ = listener.Close()
	for _, end := range []*quic.Transport{near, far} {
		_ = end.Close()
		_ = end.Conn.Close()
	}
}
