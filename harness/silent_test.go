package harness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/quic"

	"shakedown/harness/outcome"
	"shakedown/harness/pki"
)

// answering listens on a port of the kernel's choosing and does that with each
// connection.
func answering(t *testing.T, do func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			do(c)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// leaveNothingBehind fails a test that leaves goroutines, once all that it has
// registered after this call is cleaned up.
func leaveNothingBehind(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

// closedUDP returns an address at which nobody listens.
func closedUDP(t *testing.T) string {
	t.Helper()
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.LocalAddr().String()
}

// Servers that never answer with TLS: each connection ends by itself, and what
// is said of it names who waited for what.
func TestConnectToWhatIsNoTLSServer(t *testing.T) {
	leaveNothingBehind(t)
	takeHello := func(c net.Conn) { _, _ = c.Read(make([]byte, 16<<10)) }
	site := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(site.Close)
	tests := []struct {
		name, address string
		target        Target
		outcome       string
		causes        []string
		says          []string
		within        time.Duration
	}{
		{
			name: "a server that accepts and never answers", address: answering(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }),
			outcome: "timeout", causes: []string{"large-hello-dropped?", "blackhole?"},
			says: []string{"still waiting for the server after 300ms"}, within: 5 * time.Second,
		},
		{
			name: "one that never answers a small ClientHello", address: answering(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }),
			target: Target{TLS: "1.2"}, outcome: "timeout", causes: []string{"blackhole"},
			says: []string{"still waiting for the server after 300ms", "the server sends not one byte"}, within: 5 * time.Second,
		},
		{
			name: "a web server without TLS", address: site.Listener.Addr().String(),
			outcome: "refused", causes: []string{"plain-http-server"}, says: []string{`"HTTP/`, "curl -v http://" + site.Listener.Addr().String()}, within: 5 * time.Second,
		},
		{
			name: "a mail server", address: answering(t, func(c net.Conn) {
				_, _ = io.WriteString(c, "220 mail.test ESMTP\r\n")
				takeHello(c)
			}),
			outcome: "refused", causes: []string{"banner-server"}, says: []string{`"220 m`}, within: 5 * time.Second,
		},
		{
			name: "one that takes the ClientHello and closes", address: answering(t, takeHello),
			outcome: "broken", causes: []string{"fin-after-hello"}, says: []string{"not even an alert"}, within: 5 * time.Second,
		},
		{
			name: "one that takes the ClientHello and resets", address: answering(t, func(c net.Conn) {
				takeHello(c)
				_ = c.(*net.TCPConn).SetLinger(0)
			}),
			outcome: "broken", causes: []string{"rst-after-hello"}, says: []string{"resets the connection"}, within: 5 * time.Second,
		},
		{
			name: "a UDP port at which nobody listens", address: closedUDP(t), target: Target{Transport: outcome.QUIC},
			outcome: "timeout", causes: []string{"quic-silence"}, says: []string{"--transport tcp"}, within: 5 * time.Second,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.target.Address, tt.target.ServerName = tt.address, "server.test"
			begin := time.Now()
			r, err := Connect(t.Context(), tt.target, Options{Timeout: 300 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begin); took > tt.within {
				t.Errorf("it took %s", took)
			}
			if got := ids(r.Causes); r.Outcome != tt.outcome || !slices.Equal(got, tt.causes) {
				t.Errorf("%s %v, want %s %v (%q)", r.Outcome, got, tt.outcome, tt.causes, r.Client.HandshakeError)
			}
			text := r.Client.HandshakeError
			for _, s := range r.Steps {
				text += "\n" + s.Summary
			}
			for _, c := range r.Causes {
				text += "\n" + strings.Join(append(slices.Clone(c.Evidence), c.Remedy, c.Try), "\n")
				if strings.Contains(c.Try, "HOST:PORT") || c.Try == "" {
					t.Errorf("%s: the next command is %q", c.ID, c.Try)
				}
			}
			for _, s := range tt.says {
				if !strings.Contains(text, s) {
					t.Errorf("nothing says %q:\n%s", s, text)
				}
			}
		})
	}
}

// Nobody listens: that is no outcome of a handshake.
func TestConnectToAClosedPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	_, err = Connect(t.Context(), Target{Address: address}, Options{})
	var dial *DialError
	if !errors.As(err, &dial) || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("got %v", err)
	}
}

// Ctrl-C while a server keeps silent ends at once.
func TestConnectEndsWhenItIsInterrupted(t *testing.T) {
	leaveNothingBehind(t)
	received := make(chan struct{}, 1)
	address := answering(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 1))
		received <- struct{}{}
		_, _ = io.Copy(io.Discard, c)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-received
		cancel()
	}()
	begin := time.Now()
	if _, err := Connect(ctx, Target{Address: address}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if took := time.Since(begin); took > DefaultTimeout/2 {
		t.Errorf("it took %s", took)
	}
}

// A QUIC server of another stack, golang.org/x/net/quic, asks for a certificate.
func TestConnectToAnotherQUICStack(t *testing.T) {
	h, err := pki.Mint(pki.Spec{
		"root":   {CA: true},
		"server": {Issuer: "root", Usage: []string{"server"}, DNS: []string{"server.test"}},
		"client": {Issuer: "root", Usage: []string{"client"}},
		"late":   {Issuer: "root", Usage: []string{"client"}, NotBefore: pki.When{Set: true, Offset: -48 * time.Hour}, NotAfter: pki.When{Set: true, Offset: -24 * time.Hour}},
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b := &workbench{t: t, dir: t.TempDir()}
	for _, name := range []string{"root", "client", "late", "server"} {
		b.mint(h, name)
	}
	address := b.serveQUIC(t)
	for _, tt := range []peerCase{
		{name: "a good certificate", cert: "client.crt", key: "client.key", trust: "root.crt", outcome: "established"},
		{name: "no certificate", trust: "root.crt", outcome: "refused", refusedBy: "server", alert: "certificate_required", cause: "client-no-cert"},
		{name: "expired", cert: "late.crt", key: "late.key", trust: "root.crt", outcome: "refused", refusedBy: "server", alert: "certificate_expired", cause: "client-expired"},
		{name: "a server that the client does not trust", trust: "client.crt", outcome: "refused", refusedBy: "client", alert: "bad_certificate", cause: "client-trust-wrong-file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.check(t, b, Target{Address: address, Transport: outcome.QUIC, ALPN: []string{"test"}})
		})
	}
}

// serveQUIC serves the workbench's server.crt and wants a certificate from root.crt.
func (b *workbench) serveQUIC(t *testing.T) string {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(b.path("server.crt"), b.path("server.key"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(read(t, b.path("root.crt")))
	server, err := quic.Listen("udp", "127.0.0.1:0", &quic.Config{TLSConfig: &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{pair}, ClientCAs: pool,
		ClientAuth: tls.RequireAndVerifyClientCert, NextProtos: []string{"test"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer close(done)
		for {
			c, err := server.Accept(ctx)
			if err != nil {
				return
			}
			if s, err := c.NewSendOnlyStream(ctx); err == nil {
				_, _ = s.Write([]byte("!"))
				_ = s.Close()
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		_ = server.Close(ctx)
	})
	return server.LocalAddr().String()
}

// A closed UDP port is answered by the machine behind it, which is told once and
// is what the silence is explained with.
func TestAClosedUDPPortIsNamed(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("whether ICMP reaches the socket depends on the system")
	}
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := socket.LocalAddr().String()
	if err := socket.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Connect(t.Context(), Target{Address: address, Transport: outcome.QUIC}, Options{Timeout: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, s := range r.Steps {
		if s.Name == string(outcome.Unreachable) {
			told++
		}
	}
	if told != 1 || r.Cause != "quic-silence" || !strings.Contains(strings.Join(r.Causes[0].Evidence, "\n"), "nobody listens on that UDP port") {
		t.Errorf("told %d times, cause %q because of %+v", told, r.Cause, r.Causes)
	}
}
