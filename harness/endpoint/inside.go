package endpoint

import (
	"context"
	"crypto/tls"
	"io"

	"shakedown/harness/outcome"
)

// tlsInside begins another handshake inside the one that is complete, as a client
// does that was told twice to speak TLS: by its URL, and by its proxy or dialer.
// What it writes is application data to the outer connection.
func (s *side) tlsInside(ctx context.Context, outer *tls.Conn, conn HalfCloser) outcome.Outcome {
	s.config.Fact(outcome.Note, "begins another handshake inside the connection")
	// Another configuration, which logs no secrets: those of the inner connection
	// are none of the wire's. With a classical group its ClientHello is one record.
	inner := tls.Client(outer, &tls.Config{
		ServerName: s.config.Settings.ServerName, RootCAs: s.trustPool(), Time: s.config.Clock,
		CurvePreferences: []tls.CurveID{tls.X25519},
	})
	if err := inner.HandshakeContext(ctx); err != nil {
		s.failedLate(causeOf(ctx, err))
	}
	_ = outer.CloseWrite() // close_notify
	s.leave(conn, nil)
	return s.result()
}

// handshakeRecord is the first byte of a TLS record that holds a handshake message
// (RFC 8446 5.1).
const handshakeRecord = 22

// badRequest is what a web server answers to what is no request (RFC 9112 3).
const badRequest = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"

// listenOn reads on once a server is done, and returns how the connection ends.
// The client has nothing to say, unless it speaks TLS inside of TLS; then the
// server answers as a web server does that was sent no request.
func (s *side) listenOn(t *tls.Conn) error {
	first := make([]byte, 1)
	if _, err := t.Read(first); err != nil || first[0] != handshakeRecord {
		return err
	}
	s.config.Fact(outcome.Note, "reads the bytes of a TLS record where its application expects a request")
	if _, err := io.WriteString(t, badRequest); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, t) // until the client closes
	return err
}
