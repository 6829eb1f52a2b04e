package harness

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"shakedown/harness/diagnose"
	"shakedown/harness/endpoint"
	"shakedown/harness/link"
	"shakedown/harness/outcome"
	"shakedown/harness/pki"
	"shakedown/harness/transcript"
)

// lateRefusalWait is how long a client waits, after a handshake that succeeded,
// for a peer that is not ours to refuse it after all. In TLS 1.3 and QUIC a
// server judges the client's certificate only then.
const lateRefusalWait = 500 * time.Millisecond

// A Target is a live server and what the client takes to it.
type Target struct {
	Address           string // HOST:PORT
	Transport         outcome.Transport
	TLS               string // "1.2" or "1.3"; empty leaves both open
	CertFile, KeyFile string
	TrustFile         string // empty means the system's trust store
	ServerName        string // empty means the host of Address
	ALPN              []string
	ForceClientCert   bool
	Also              []diagnose.Known
}

// A connector is a Target made ready to be connected to. It is the subject of a
// session as a stage is.
type connector struct {
	target Target
	side   cast
	stage  *stage // for the diagnosis: what is known beside the wire
}

// Connect makes one connection to a live server. Only our side is recorded from
// within: the peer's outcome is unknown. The error is of the machine or of the
// target, not of the handshake.
func Connect(ctx context.Context, target Target, o Options) (Result, error) {
	c, err := newConnector(target, o)
	if err != nil {
		return Result{}, err
	}
	connections, result, err := c.play(ctx, c.cell(), o, hooks{})
	o.record(result, connections)
	return result, err
}

// OpenConnect makes one connection to a live server under the debugger.
func OpenConnect(ctx context.Context, target Target, o Options) (*Session, error) {
	c, err := newConnector(target, o)
	if err != nil {
		return nil, err
	}
	return openSession(ctx, c, c.cell(), o), nil
}

func newConnector(target Target, o Options) (*connector, error) {
	host, port, err := net.SplitHostPort(target.Address)
	if err != nil || host == "" || port == "" {
		return nil, fmt.Errorf("%q is no HOST:PORT; for example 127.0.0.1:8443, or [::1]:8443", target.Address)
	}
	target.Transport = outcome.Transport(firstOf(string(target.Transport), string(outcome.TCP)))
	if target.ServerName == "" {
		target.ServerName = host
	}
	if target.ALPN == nil && target.Transport == outcome.QUIC {
		target.ALPN = []string{"h3"} // RFC 9001 8.1 demands one
	}
	c := &connector{target: target, stage: &stage{signatures: new(diagnose.Signatures), also: target.Also}}
	c.side.config.Settings = c.settings(o.now())
	if err := c.load(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *connector) settings(now time.Time) outcome.Settings {
	s := outcome.Settings{
		Role: outcome.Client, Known: true, ServerName: c.target.ServerName, ALPN: c.target.ALPN,
		MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS13, Clock: now,
		SendForced: c.target.ForceClientCert, SystemTrust: c.target.TrustFile == "",
		CertificateFile: c.target.CertFile, KeyFile: firstOf(c.target.KeyFile, c.target.CertFile), TrustFile: c.target.TrustFile,
		TrustSource: firstOf(c.target.TrustFile, "the system's trust store"), Address: c.target.Address,
	}
	switch {
	case c.target.TLS == "1.2":
		s.MaxVersion = tls.VersionTLS12
	case c.target.TLS == "1.3", c.target.Transport == outcome.QUIC:
		s.MinVersion = tls.VersionTLS13
	}
	return s
}

// load reads the person's files. One that does not load is an outcome.
func (c *connector) load() error {
	set := &c.side.config.Settings
	if c.target.CertFile != "" {
		credential, err := pki.LoadKeyPair(c.target.CertFile, firstOf(c.target.KeyFile, c.target.CertFile))
		if err == nil {
			c.side.present(credential)
		} else if err := c.side.couldNotLoad(outcome.Client, err); err != nil {
			return err
		} else {
			c.side.wouldPresent(c.target.CertFile)
			c.side.checkOther()
		}
	}
	if c.target.TrustFile == "" {
		c.side.config.SystemRoots = true
		return nil
	}
	bundle, err := pki.LoadBundle(c.target.TrustFile)
	if err != nil {
		return c.side.couldNotLoad(outcome.Client, err)
	}
	set.Trust = bundle.Certificates
	c.side.skipped("trust", bundle.Source, bundle.Skipped)
	return nil
}

// cell is the cell that the connection is shown as: the version that is asked
// for, TLS 1.3 where both are open.
func (c *connector) cell() outcome.Cell {
	return outcome.Cell{Transport: c.target.Transport, TLS: firstOf(c.target.TLS, "1.3")}
}

func (c *connector) describe(s *State) {
	s.ID, s.Title = "connect", c.target.Address
	s.About = "A live server. Its own view of the handshake is unknown; this is the client's side and the wire."
	s.Cells = []outcome.Cell{c.cell()}
	s.Notes = []string{fmt.Sprintf("after the handshake the client waits %s for a late refusal", lateRefusalWait)}
}

func (c *connector) connects() int { return 1 }

func (c *connector) play(ctx context.Context, cell outcome.Cell, o Options, h hooks) ([]*Connection, Result, error) {
	begin := time.Now()
	t, err := c.record(ctx, o, h)
	if t == nil {
		return nil, c.result(nil, o, err, time.Since(begin)), err
	}
	connection := recorded(t, c.stage, nil)
	connection.Notes = alsoUnread(cast{}, c.side)
	return []*Connection{connection}, c.result(connection, o, err, time.Since(begin)), err
}

// result expects an established handshake.
func (c *connector) result(connection *Connection, o Options, err error, took time.Duration) Result {
	r := Result{
		Scenario: "connect", Title: c.target.Address, Transport: string(c.target.Transport), TLS: c.cell().TLS,
		Status: Passed, Mismatches: []Mismatch{}, Connections: []ConnectionResult{}, ConnectionResult: emptyConnection(),
		DurationUS: took.Microseconds(),
	}
	if err != nil {
		r.Status, r.Reason = Errored, err.Error()
		return r
	}
	r.ConnectionResult = present(connection, o.Fields)
	r.Connections = append(r.Connections, r.ConnectionResult)
	if connection.Timeline.Version == tls.VersionTLS12 {
		r.TLS = "1.2"
	}
	if r.Outcome != string(diagnose.Established) {
		r.Status = Failed
		r.Mismatches = append(r.Mismatches, Mismatch{Connection: 1, Field: "outcome", Want: string(diagnose.Established), Got: r.Outcome, Steps: endings(connection)})
	}
	return r
}

func endings(c *Connection) []int {
	steps := []int{}
	for _, s := range c.Timeline.Steps {
		if ending(s) {
			steps = append(steps, s.N)
		}
	}
	return steps
}

// record dials and runs our side to its end. A recording that was ended from
// outside is returned with an error.
func (c *connector) record(parent context.Context, o Options, h hooks) (*transcript.Transcript, error) {
	if c.side.unloadable != nil {
		t := unloaded(c.cell(), c.side, cast{})
		t.OneSided, t.Server.Outcome.Known = true, false
		return t, nil
	}
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	limit := newDeadline(o.timeout(), cancel)
	defer limit.stop()

	conn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	t := &transcript.Transcript{Transport: c.target.Transport, OneSided: true}
	t.Client.Settings, t.Server.Settings.Role, t.Server.Outcome.Role = c.side.config.Settings, outcome.Server, outcome.Server
	late := newLateWait()
	defer late.stop()
	l := link.New(t, link.Options{Hold: o.Hold, Changed: h.changed, Holding: func(held bool) {
		limit.hold(held)
		late.hold(held)
	}})
	limit.beforeEnd(0, func() { noteWaiting(l, after(o.timeout()), outcome.Client) }) // what the server does is not known
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if h.opened != nil {
		h.opened(l)
	}
	if err := c.run(ctx, l, conn, late, o); err != nil {
		return nil, err
	}
	if parent.Err() != nil {
		return leftOrEnded(h.left, l), context.Cause(parent)
	}
	return ended(l), nil
}

func (c *connector) dial(ctx context.Context) (net.Conn, error) {
	network := "tcp"
	if c.target.Transport == outcome.QUIC {
		network = "udp"
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, c.target.Address)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return nil, &DialError{Address: c.target.Address, Transport: c.target.Transport, Err: err}
	}
	return conn, nil
}

// A DialError says that no connection to a live server could be made.
type DialError struct {
	Address   string
	Transport outcome.Transport
	Err       error
}

func (e *DialError) Error() string {
	var op *net.OpError
	err := e.Err
	if errors.As(err, &op) {
		err = op.Err // the address is said already
	}
	return fmt.Sprintf("connect to %s over %s: %v", e.Address, e.Transport, err)
}

func (e *DialError) Unwrap() error { return e.Err }

// run runs our client against the peer behind conn.
func (c *connector) run(ctx context.Context, l *link.Link, conn net.Conn, late *lateWait, o Options) error {
	config := c.side.config
	pair{hold: o.Hold}.listen(&config, outcome.Client, l)
	config.LateWait = late.begin
	var both ends
	if c.target.Transport == outcome.QUIC {
		end, wait := l.RelayPacket(outcome.Client, conn)
		defer context.AfterFunc(ctx, func() { _ = end.Discard() })()
		both.start(func() outcome.Outcome { return endpoint.QUICClient(ctx, config, end, conn.RemoteAddr()) }, l)
		err := both.wait()
		l.WaitReleased(ctx)
		wait()
		return err
	}
	end, wait := l.RelayStream(outcome.Client, conn)
	defer context.AfterFunc(ctx, func() { _ = end.Discard() })()
	if !o.Hold { // a person who steps may hold our close for as long as they like
		config.Patience = lateRefusalWait
	}
	both.start(func() outcome.Outcome { return endpoint.TCPClient(ctx, config, end) }, l)
	err := both.wait()
	l.WaitReleased(ctx)
	_ = end.Discard()
	wait()
	return err
}

// A lateWait is the wait for a late refusal. It counts only time in which
// nothing is held.
type lateWait struct {
	over context.Context
	end  context.CancelCauseFunc

	mu    sync.Mutex
	held  bool
	limit *deadline
}

func newLateWait() *lateWait {
	w := new(lateWait)
	w.over, w.end = context.WithCancelCause(context.Background())
	return w
}

// begin starts the count and returns the channel that ends it.
func (w *lateWait) begin() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limit = newDeadline(lateRefusalWait, w.end)
	w.limit.hold(w.held)
	return w.over.Done()
}

func (w *lateWait) hold(held bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.held = held; w.limit != nil {
		w.limit.hold(held)
	}
}

func (w *lateWait) stop() {
	w.hold(true)
	w.end(nil)
}
