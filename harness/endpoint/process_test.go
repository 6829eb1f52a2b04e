package endpoint

import (
	"context"
	"crypto/tls"
	"encoding/gob"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/pki"
)

// A conn is one end of a loopback connection.
type conn struct{ *net.TCPConn }

func loopback(t *testing.T) (client, server conn) {
	t.Helper()
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c, err := net.DialTCP("tcp4", nil, l.Addr().(*net.TCPAddr))
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.AcceptTCP()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Close(), s.Close() })
	return conn{c}, conn{s}
}

// configs are a healthy pair that tells what happens.
func configs(t *testing.T, facts func(outcome.Role, string)) (client, server Config) {
	t.Helper()
	h, err := pki.Mint(pki.Spec{
		"root":   {CA: true},
		"server": {Issuer: "root", Usage: []string{"server"}, DNS: []string{"server.test"}},
		"client": {Issuer: "root", Usage: []string{"client"}, DNS: []string{"client.test"}},
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	roots, err := h.Certificates("root")
	if err != nil {
		t.Fatal(err)
	}
	of := func(role outcome.Role) Config {
		credential, err := h.Credential([]string{string(role)})
		if err != nil {
			t.Fatal(err)
		}
		return Config{
			Settings:   outcome.Settings{Role: role, Trust: roots, ServerName: "server.test", MinVersion: tls.VersionTLS13, ClientAuth: outcome.AuthRequire},
			Credential: credential, KeyLog: io.Discard,
			Fact: func(_ outcome.FactKind, text string) { facts(role, text) },
		}
	}
	return of(outcome.Client), of(outcome.Server)
}

// A side in a process of its own does and says what it does and says here.
func TestAnEndpointInAProcessOfItsOwn(t *testing.T) {
	for _, apart := range []outcome.Role{"", outcome.Client, outcome.Server} {
		var mu sync.Mutex
		said := map[outcome.Role]string{}
		client, server := configs(t, func(role outcome.Role, text string) {
			mu.Lock()
			defer mu.Unlock()
			said[role] += text + "; "
		})
		a, b := loopback(t)
		run := func(role outcome.Role, c Config, here func(context.Context, Config, HalfCloser) outcome.Outcome, over conn) outcome.Outcome {
			if role != apart {
				return here(t.Context(), c, over)
			}
			o, err := Process{Debug: []string{"tlsrsakex=1"}}.RunTCP(t.Context(), role, c, over)
			if err != nil {
				t.Errorf("the %s: %v", role, err)
			}
			return o
		}
		var ended sync.WaitGroup
		var outcomes [2]outcome.Outcome
		ended.Go(func() { outcomes[0] = run(outcome.Client, client, TCPClient, a) })
		ended.Go(func() { outcomes[1] = run(outcome.Server, server, TCPServer, b) })
		ended.Wait()
		for _, o := range outcomes {
			if !o.Complete || !o.Known || o.Failure() != nil || len(o.VerifiedChains) == 0 || o.Negotiated.Version != tls.VersionTLS13 {
				t.Errorf("with the %s apart: %+v", apart, o)
			}
		}
		want := map[outcome.Role]string{
			outcome.Client: "server certificate verified for server.test; handshake complete; accepted by the server; ",
			outcome.Server: "client certificate verified; handshake complete; ",
		}
		for role, text := range want {
			if said[role] != text {
				t.Errorf("with the %s apart the %s says %q, want %q", apart, role, said[role], text)
			}
		}
	}
}

// Whoever waits for a process that waits for somebody else can end it.
func TestAProcessEndsWithItsContext(t *testing.T) {
	_, server := configs(t, func(outcome.Role, string) {})
	_, b := loopback(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	began := make(chan struct{})
	go func() {
		<-began
		cancel(context.Canceled)
	}()
	o, err := Process{Debug: []string{"tlsrsakex=1"}}.RunTCP(ctx, outcome.Server, server, watched{b, began})
	if err != nil || o.Complete || o.Handshake == nil || o.Handshake.Transport != outcome.Canceled {
		t.Errorf("got %+v, %v", o.Handshake, err)
	}
}

// A watched connection tells when somebody reads from it.
type watched struct {
	conn
	began chan struct{}
}

func (w watched) Read(p []byte) (int, error) {
	select {
	case <-w.began:
	default:
		close(w.began)
	}
	return w.conn.Read(p)
}

// An error that crossed over is still the error that it was.
func TestErrorsCrossProcesses(t *testing.T) {
	for _, err := range []error{
		io.EOF, net.ErrClosed, os.ErrDeadlineExceeded,
		&net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)},
		&net.OpError{Op: "read", Net: "udp", Err: os.NewSyscallError("read", syscall.ECONNREFUSED)},
		errors.New("something else"),
	} {
		got := toRemoteError(err).err()
		if got.Error() != err.Error() {
			t.Errorf("%v crosses as %v", err, got)
		}
		if f, want := failureOf(got, outcome.OpRead), failureOf(err, outcome.OpRead); f.Transport != want.Transport || !strings.Contains(f.Text, want.Text) {
			t.Errorf("%v is read as %q %q, want %q", err, f.Transport, f.Text, want.Transport)
		}
	}
	if toRemoteError(nil).err() != nil {
		t.Error("no error crosses as one")
	}
}

// A key that only this process holds cannot be handed over, and that is told.
func TestAKeyThatCannotBeHandedOver(t *testing.T) {
	_, server := configs(t, func(outcome.Role, string) {})
	_, b := loopback(t)
	server.Credential = &pki.Credential{Chain: server.Credential.Chain, Key: &failingSigner{server.Credential.Key.Public(), "pkcs11"}, Source: "token"}
	if o, err := (Process{}).RunTCP(t.Context(), outcome.Server, server, b); err == nil || !strings.Contains(err.Error(), "hand the key of token to a process") {
		t.Errorf("got %+v, %v", o, err)
	}
}

// A peer that resets the connection is told to a process as it is told here.
func TestAProcessIsToldOfAReset(t *testing.T) {
	_, server := configs(t, func(outcome.Role, string) {})
	a, b := loopback(t)
	_ = a.SetLinger(0)
	_ = a.Close()
	o, err := Process{Debug: []string{"tlsrsakex=1"}}.RunTCP(t.Context(), outcome.Server, server, b)
	if err != nil || o.Handshake == nil || o.Handshake.Transport != outcome.Reset || !strings.Contains(o.Handshake.Text, "connection reset by peer") {
		t.Errorf("got %+v, %v", o.Handshake, err)
	}
}

// A process that cannot begin says why, and whoever asked for it does not wait.
func TestAProcessThatCannotBegin(t *testing.T) {
	_, server := configs(t, func(outcome.Role, string) {})
	_, b := loopback(t)
	_, err := Process{Debug: []string{"fips140=perhaps"}}.RunTCP(t.Context(), outcome.Server, server, b)
	if err == nil || !strings.Contains(err.Error(), "it ended before it was done (") || !strings.Contains(err.Error(), "exit status 2)") || !strings.Contains(err.Error(), "fips140=perhaps") {
		t.Errorf("got %v", err)
	}
}

// Nobody has to listen to what a process says, and its client gets the timing that
// it is told.
func TestAProcessThatNobodyListensTo(t *testing.T) {
	client, server := configs(t, func(outcome.Role, string) {})
	a, b := loopback(t)
	client.Fact, client.KeyLog, client.Patience = nil, nil, time.Nanosecond // its peer does not close
	done := make(chan struct{})
	go func() {
		defer close(done)
		tlsServer := tls.Server(b, newSide(server, outcome.Server).tlsConfig())
		if _, err := tlsServer.Write([]byte{acceptance}); err != nil {
			t.Error(err)
		}
	}()
	o, err := Process{}.RunTCP(t.Context(), outcome.Client, client, a)
	if err != nil || !o.Complete || o.Late != nil {
		t.Errorf("got %+v, %v", o, err)
	}
	<-done
}

// What only this process can answer is refused before a process begins.
func TestAWaitCannotBeHandedOver(t *testing.T) {
	client, _ := configs(t, func(outcome.Role, string) {})
	a, _ := loopback(t)
	client.LateWait = func() <-chan struct{} { return nil }
	if _, err := (Process{}).RunTCP(t.Context(), outcome.Client, client, a); err == nil || !strings.Contains(err.Error(), "LateWait") {
		t.Errorf("got %v", err)
	}
}

// An endpoint whose master is gone learns it at once, whatever it waits for.
func TestAnOrphanLearnsIt(t *testing.T) {
	_, server := configs(t, func(outcome.Role, string) {})
	in, toChild := io.Pipe()
	fromChild, out := io.Pipe()
	o, err := newOrder(outcome.Server, outcome.TCP, server)
	if err != nil {
		t.Fatal(err)
	}
	alone, ended := make(chan struct{}), make(chan struct{})
	go func() {
		serveOrder(in, out, func() { close(alone) })
		close(ended)
	}()
	if err := gob.NewEncoder(toChild).Encode(o); err != nil {
		t.Fatal(err)
	}
	var r request
	if err := gob.NewDecoder(fromChild).Decode(&r); err != nil {
		t.Fatal(err)
	}
	_, _ = toChild.Close(), fromChild.Close()
	<-alone
	<-ended
}

// A drain that was asked for keeps to the deadline before it: one that came late
// would wait for a peer that nobody talks to any more.
func TestADrainKeepsTheDeadline(t *testing.T) {
	_, b := loopback(t)
	s := streamServant{b}
	s.release()
	if a := s.serve(request{ID: 7, Verb: doDrain}); a.ID != 7 {
		t.Errorf("got %+v", a)
	}
}

// What a process says at its end is cut, and safe to show.
func TestLastWords(t *testing.T) {
	w := new(lastWords)
	if w.String() != "" {
		t.Errorf("nothing reads %q", w)
	}
	const panics = "panic: \x1b[31m and so on\n"
	for range 100 {
		if n, err := w.Write([]byte(panics)); n != len(panics) || err != nil {
			t.Fatal(n, err)
		}
	}
	if got := w.String(); len(w.text) != maxWords || !strings.HasPrefix(got, ": panic: ") || strings.ContainsAny(got, "\x1b\n") {
		t.Errorf("got %d bytes: %q", len(w.text), got)
	}
}
