package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"

	"shakedown/harness/outcome"
)

// acceptance is the byte that a server sends after a handshake that succeeded.
// The client reads it: so acceptance and late refusal are both events, and
// neither needs a timer.
const acceptance = 'A'

// A HalfCloser is a stream whose sending direction can be closed alone.
type HalfCloser interface {
	net.Conn
	CloseWrite() error
}

// TCPClient runs a client over conn until both directions are closed. When ctx
// ends, the caller must close what is under conn.
//
// In TLS 1.3 the handshake of a client returns before the server has judged its
// certificate (RFC 8446 4.4.4), so that a refusal shows only at the first read.
func TCPClient(ctx context.Context, c Config, conn HalfCloser) outcome.Outcome {
	s := newSide(c, outcome.Client)
	if c.Behaviour.Leaves {
		s.config.Fact(outcome.Note, "leaves without having sent a byte")
		s.leave(conn, nil)
		return s.result()
	}
	t := tls.Client(conn, s.tlsConfig())
	if err := t.HandshakeContext(ctx); err != nil {
		s.leave(conn, s.failed(causeOf(ctx, err)))
		return s.result()
	}
	s.completed(t.ConnectionState())
	stop := s.waitOnlySoLong(t)
	_, err := io.ReadFull(t, make([]byte, 1))
	if waited := stop(); err != nil && !waited {
		s.leave(conn, s.failedLate(causeOf(ctx, err)))
		return s.result()
	}
	s.config.Fact(outcome.Accepted, acceptedText(err))
	if c.Behaviour.TLSInside {
		return s.tlsInside(ctx, t, conn)
	}
	_ = t.CloseWrite() // close_notify
	s.leave(conn, nil)
	return s.result()
}

// waitOnlySoLong ends the read that waits for a late refusal once LateWait says
// so. The function that it returns ends the waiting and says whether the wait
// was over.
func (s *side) waitOnlySoLong(conn net.Conn) (stop func() bool) {
	if s.config.LateWait == nil {
		return func() bool { return false }
	}
	over, done := s.config.LateWait(), make(chan struct{})
	result := make(chan bool, 1)
	go func() {
		select {
		case <-over:
			_ = conn.SetReadDeadline(time.Unix(1, 0))
			result <- true
		case <-done:
			result <- false
		}
	}()
	return func() bool {
		close(done)
		return <-result
	}
}

func acceptedText(err error) string {
	if err != nil {
		return "no refusal came"
	}
	return "accepted by the server"
}

// TCPServer runs a server over conn until both directions are closed. When ctx
// ends, the caller must close what is under conn.
func TCPServer(ctx context.Context, c Config, conn HalfCloser) outcome.Outcome {
	s := newSide(c, outcome.Server)
	t := tls.Server(conn, s.tlsConfig())
	if err := t.HandshakeContext(ctx); err != nil {
		s.leave(conn, s.failed(causeOf(ctx, err)))
		return s.result()
	}
	s.completed(t.ConnectionState())
	if s.config.Behaviour.Close != nil {
		s.config.Fact(outcome.Note, "the application closes the connection")
		_ = t.CloseWrite() // close_notify
		_ = conn.CloseWrite()
		s.drain(conn)
		return s.result()
	}
	_, writeErr := t.Write([]byte{acceptance})
	// A failed write does not lose an alert that has already arrived: read on.
	err := s.listenOn(t)
	if errors.Is(err, io.EOF) {
		err = writeErr
	}
	if err != nil {
		s.leave(conn, s.failedLate(causeOf(ctx, err)))
		return s.result()
	}
	s.drain(conn) // the client's close_notify is not yet its FIN
	_ = t.CloseWrite()
	_ = conn.CloseWrite()
	return s.result()
}

// leave closes conn after a failure. The side that decided closes first; the
// other reads to the end before it closes. So no unread data turns a close into
// a reset that could overtake the alert.
func (s *side) leave(conn HalfCloser, f *outcome.Failure) {
	if f != nil && f.Peer != nil {
		s.drain(conn)
	}
	_ = conn.CloseWrite()
	s.drain(conn)
}

// drain reads until the peer has closed, or conn ends.
func (s *side) drain(conn net.Conn) {
	deadline := time.Time{}
	if s.config.Patience > 0 {
		deadline = time.Now().Add(s.config.Patience)
	}
	_ = conn.SetReadDeadline(deadline)
	discard(conn)
}

// discard reads to the end and forgets what it reads.
func discard(conn net.Conn) {
	if d, ok := conn.(interface{ Drain() }); ok {
		d.Drain()
		return
	}
	_, _ = io.Copy(io.Discard, conn)
}
