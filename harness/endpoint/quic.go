package endpoint

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"

	"shakedown/harness/outcome"
)

// quicConfig lets a handshake wait for as long as somebody holds it: the run's
// own deadline, which does not count held time, is the only one, unless the side
// has an idle timeout.
func (s *side) quicConfig() *quic.Config {
	idle := cmp.Or(s.config.IdleTimeout, 24*time.Hour)
	return &quic.Config{
		Versions:                s.quicVersions(),
		HandshakeIdleTimeout:    idle,
		MaxIdleTimeout:          idle,
		DisablePathMTUDiscovery: true, // its probes tell nothing about a handshake
	}
}

func (s *side) quicVersions() []quic.Version {
	var versions []quic.Version
	for _, v := range s.config.Settings.QUICVersions {
		versions = append(versions, quic.Version(v))
	}
	return versions
}

// QUICClient runs a client over socket until the connection is closed.
func QUICClient(ctx context.Context, c Config, socket net.PacketConn, server net.Addr) outcome.Outcome {
	done := &trafficSecretWatch{to: c.KeyLog}
	c.KeyLog = done
	gate := newEarlyGate(socket)
	if c.Behaviour.EarlyData {
		c.Sessions, socket = gate.watch(c.Sessions), gate
	}
	s := newSide(c, outcome.Client)
	transport := &quic.Transport{Conn: socket}
	defer closeTransport(transport, socket)
	conn, err := s.dial(ctx, transport, server, gate.release)
	switch {
	case err != nil && done.seen.Load() && isRemote(err):
		// Dial chooses at random between a handshake that is complete and the
		// server's refusal of it, where both are there when it looks.
		s.completed(s.lastState())
		s.failedLate(err)
		return s.result()
	case err != nil:
		s.failed(causeOf(ctx, err))
		return s.result()
	}
	s.completed(conn.ConnectionState().TLS)
	accepted, err := s.lateRefusal(ctx, conn)
	if err != nil {
		s.failedLate(causeOf(ctx, err))
		return s.result()
	}
	s.config.Fact(outcome.Accepted, accepted)
	_ = conn.CloseWithError(0, "")
	return s.result()
}

// dial returns when the handshake is complete. RFC 9001 4.6: a client that holds a
// session can send 0-RTT data before. sent is called when it has, or does not.
func (s *side) dial(ctx context.Context, transport *quic.Transport, server net.Addr, sent func()) (*quic.Conn, error) {
	defer sent()
	if !s.config.Behaviour.EarlyData {
		return transport.Dial(ctx, server, s.tlsConfig(), s.quicConfig())
	}
	conn, err := transport.DialEarly(ctx, server, s.tlsConfig(), s.quicConfig())
	if err != nil {
		return nil, err
	}
	select {
	case <-conn.HandshakeComplete(): // no session allowed for early data, or the answer is there already
	default:
		if stream, err := conn.OpenUniStream(); err == nil {
			_, _ = stream.Write([]byte{earlyData}) // where it fails the connection has ended, and its context says why
		}
		sent()
		if err := completion(ctx, conn); err != nil {
			return nil, err
		}
	}
	if !conn.ConnectionState().Used0RTT {
		return conn.NextConnection(ctx) // what was sent early is lost, and its streams with it
	}
	return conn, nil
}

// earlyData is what a client sends before the handshake is complete.
const earlyData = 'E'

// completion waits for the handshake, and says how it failed.
func completion(ctx context.Context, conn *quic.Conn) error {
	select {
	case <-conn.HandshakeComplete():
		return nil
	case <-conn.Context().Done():
		return context.Cause(conn.Context())
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// A trafficSecretWatch is a key log writer that notices the client's application
// traffic secret. A client logs it when it has read the server's Finished, and
// then sends its own last flight without waiting for anything.
type trafficSecretWatch struct {
	to   io.Writer // may be nil
	seen atomic.Bool
}

func (w *trafficSecretWatch) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte("CLIENT_TRAFFIC_SECRET_0 ")) {
		w.seen.Store(true)
	}
	if w.to == nil {
		return len(line), nil
	}
	return w.to.Write(line)
}

// isRemote says that the peer ended the connection.
func isRemote(err error) bool {
	var refused *quic.TransportError
	return errors.As(err, &refused) && refused.Remote
}

// lateRefusal waits for the server's byte, or, where the server is not ours, for
// as long as LateWait says. It returns what is known then, or the refusal.
func (s *side) lateRefusal(ctx context.Context, conn *quic.Conn) (accepted string, err error) {
	if s.config.LateWait == nil {
		return acceptedText(nil), readAcceptance(ctx, conn)
	}
	select {
	case <-s.config.LateWait():
		return "no refusal came", nil
	case <-conn.Context().Done():
		return "", context.Cause(conn.Context())
	}
}

func readAcceptance(ctx context.Context, conn *quic.Conn) error {
	stream, err := conn.AcceptUniStream(ctx)
	if errors.Is(err, quic.Err0RTTRejected) && conn.Context().Err() != nil {
		// NextConnection chooses at random between a handshake that is complete and
		// the end of the connection, and does not reset its streams then.
		return context.Cause(conn.Context())
	}
	if err != nil {
		return err
	}
	_, err = io.ReadFull(stream, make([]byte, 1))
	return err
}

// ErrNobodyCame is the cause with which to end the context of a server whose
// client has failed before it sent anything: nothing went wrong on the server.
var ErrNobodyCame = errors.New("the client sent nothing")

// QUICServer runs a server over socket for one connection. It calls ready once
// it listens.
//
// quic-go's Accept returns nothing of a handshake that failed early (facts of
// the ClientHello, such as ALPN); the cause of the context that
// Transport.ConnContext is given says why.
func QUICServer(ctx context.Context, c Config, socket net.PacketConn, ready func()) outcome.Outcome {
	s := newSide(c, outcome.Server)
	attempts := make(chan context.Context, 1)
	transport := &quic.Transport{Conn: socket, ConnContext: func(attempt context.Context, _ *quic.ClientInfo) (context.Context, error) {
		select {
		case attempts <- attempt:
		default: // one connection is all there is
		}
		return attempt, nil
	}}
	defer closeTransport(transport, socket)
	listener, err := s.listen(transport)
	ready()
	if err != nil {
		s.failed(err)
		return s.result()
	}
	defer func() { _ = listener.Close() }()

	conn, err := accept(ctx, listener, attempts)
	if errors.Is(err, ErrNobodyCame) {
		return s.result()
	}
	if err != nil {
		s.failed(causeOf(ctx, err))
		return s.result()
	}
	s.completed(conn.ConnectionState().TLS)
	if end := s.config.Behaviour.Close; end != nil {
		_ = conn.CloseWithError(quic.ApplicationErrorCode(end.Code), end.Reason)
		s.config.Fact(outcome.Note, "the application closes the connection")
		return s.result()
	}
	_ = writeAcceptance(conn) // where it fails the connection has ended, and its context says why
	var end error
	select {
	case <-conn.Context().Done():
		end = context.Cause(conn.Context())
	case <-ctx.Done():
		end = context.Cause(ctx)
	}
	if !isGoodbye(end) {
		s.failedLate(end)
	}
	return s.result()
}

// accept waits for the handshake to succeed, or for its attempt to end.
func accept(ctx context.Context, listener listener, attempts <-chan context.Context) (*quic.Conn, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		select {
		case attempt := <-attempts:
			select {
			case <-attempt.Done():
				stop(context.Cause(attempt))
			case <-ctx.Done():
			}
		case <-ctx.Done():
		}
	}()
	conn, err := listener.Accept(ctx)
	if err == nil {
		err = completion(ctx, conn) // an early listener does not wait for it
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return conn, err
}

// A listener is quic-go's, early or not.
type listener interface {
	Accept(context.Context) (*quic.Conn, error)
	Close() error
}

func (s *side) listen(transport *quic.Transport) (listener, error) {
	config := s.quicConfig()
	if !s.config.Behaviour.EarlyData {
		return transport.Listen(s.tlsConfig(), config)
	}
	config.Allow0RTT = true
	return transport.ListenEarly(s.tlsConfig(), config)
}

func writeAcceptance(conn *quic.Conn) error {
	stream, err := conn.OpenUniStream()
	if err != nil {
		return err
	}
	// The stream is left open: a FIN of its own, in the same packet or in the
	// next, would only be noise. The connection ends it.
	_, err = stream.Write([]byte{acceptance})
	return err
}

// isGoodbye says that a connection ended with the client's close with code 0,
// which is how a client here ends a connection that is all well.
func isGoodbye(err error) bool {
	var closed *quic.ApplicationError
	return errors.As(err, &closed) && closed.Remote && closed.ErrorCode == 0
}

// closeTransport closes a transport and its socket, which quic-go leaves open
// where it did not make it.
func closeTransport(t *quic.Transport, socket net.PacketConn) {
	_ = t.Close()
	_ = socket.Close()
}
