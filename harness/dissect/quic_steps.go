package dissect

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"shakedown/harness/field"
	"shakedown/harness/quicwire"
	"shakedown/harness/tlswire"
)

// A closing is a CONNECTION_CLOSE frame and the packet that carried it.
type closing struct {
	frame  quicwire.Frame
	packet int
}

// closeStep returns the step of a datagram's CONNECTION_CLOSE.
func (q *datagrams) closeStep(r *reading) *Step {
	f := &r.close.frame
	s := q.frameStep(r, r.close.packet, KindQUICFrame, f)
	s.Close = &Close{
		Application: f.Type == quicwire.FrameApplicationClose,
		Code:        f.ErrorCode, FrameType: uint64(f.Trigger), Reason: string(f.Data),
	}
	// "QUIC is only able to convey an alert level of \"fatal\"" (RFC 9001 4.8).
	if alert, ok := quicwire.AlertOf(f.ErrorCode); ok && !s.Close.Application {
		s.Alert = &Alert{Level: alertFatal, Code: alert}
	}
	s.Summary = closeSummary(s)
	r.from.closed, r.closed = true, true
	return s
}

// closeSummary says in a line who closed what, and why.
func closeSummary(s *Step) string {
	var b strings.Builder
	switch {
	case s.Close.Application:
		fmt.Fprintf(&b, "the application closed the connection: 0x%x", s.Close.Code)
	case s.Alert != nil:
		fmt.Fprintf(&b, "%s 0x%x: alert %s (%d)", quicwire.TransportErrorName(s.Close.Code), s.Close.Code, tlswire.AlertName(s.Alert.Code), s.Alert.Code)
	default:
		fmt.Fprintf(&b, "%s 0x%x", quicwire.TransportErrorName(s.Close.Code), s.Close.Code)
	}
	if s.Close.Reason != "" {
		fmt.Fprintf(&b, " %q", field.Shorten(s.Close.Reason, 120))
	}
	return b.String()
}

// readVersionNegotiation reads a Version Negotiation packet (RFC 9000 6). The
// client starts again in a version that both sides speak, or gives up.
func (q *datagrams) readVersionNegotiation(r *reading, i int) {
	s := q.plainStep(r, i, "Version Negotiation")
	var versions []string
	reserved := false
	for _, v := range r.packets[i].SupportedVersions() {
		if v.Reserved() {
			reserved = true
			continue
		}
		versions = append(versions, v.String())
	}
	if reserved {
		versions = append(versions, "a reserved one")
	}
	s.Summary = "the server speaks " + strings.Join(versions, ", ")
	switch {
	case q.negotiated:
		s.Summary += "; ignored: not the first such packet"
	case r.from == q.server:
		q.negotiated, q.givenUp = true, len(q.attempts)
	}
	r.steps = append(r.steps, s)
}

// readRetry reads a Retry packet (RFC 9000 17.2.5.2).
//
// "A client MUST accept and process at most one Retry packet for each connection
// attempt." A ClientHello in two datagrams makes a server send two of them.
func (q *datagrams) readRetry(r *reading, i int) {
	p := &r.packets[i]
	s := q.plainStep(r, i, "Retry")
	s.Summary = fmt.Sprintf("the server wants the client's address proven: token of %s", count(len(p.Token), "byte"))
	err := q.checkRetry(&p.Packet)
	s.tree = retryTree(r, err)
	switch {
	case err != nil:
		s.Err = err
		s.Summary += "; ignored: " + field.Printable(err.Error())
	case q.retried:
		s.Summary += "; ignored: not the first Retry"
	case r.from == q.server:
		q.retried = true
		r.from.issued(len(p.SourceID))
	}
	r.steps = append(r.steps, s)
}

// checkRetry checks the integrity tag against the Destination Connection IDs
// that the client has used.
func (q *datagrams) checkRetry(p *quicwire.Packet) error {
	err := errors.New("it answers no Initial packet that was seen")
	for _, a := range q.attempts {
		if err = quicwire.CheckRetry(p, a.id); err == nil {
			return nil
		}
	}
	return err
}

// plainStep returns the step of a packet that is not protected.
func (q *datagrams) plainStep(r *reading, i int, name string) *Step {
	s := q.d.newStep(r.from.role, KindQUICFrame, name, q.d.only(r.unit))
	s.Level = Plaintext
	s.Bytes = len(r.packets[i].Raw)
	s.tree = datagramTree(r)
	return s
}

// protected returns the step of a packet that stays closed.
func (q *datagrams) protected(r *reading, i int, err error) *Step {
	p := &r.packets[i]
	s := q.plainStep(r, i, "protected packet")
	if p.Type.Protected() {
		_, s.Level = spaceOf(p.Type)
	}
	s.Err = err
	s.Summary = fmt.Sprintf("%v packet: %s", p.Type, field.Printable(err.Error()))
	return s
}

// resetTokenSize is the size of a stateless reset token.
const resetTokenSize = 16

// minResetSize is the size of the smallest stateless reset (RFC 9000 10.3).
const minResetSize = 21

// isStatelessReset says that the end of a packet is a stateless reset token of
// its sender: "The last 16 bytes of the datagram contain a stateless reset token"
// (RFC 9000 10.3).
func (q *datagrams) isStatelessReset(r *reading, i int) bool {
	p := &r.packets[i]
	if p.Type != quicwire.OneRTT || len(p.Raw) < minResetSize || p.at != 0 {
		return false
	}
	s := r.from
	if s.parameters != nil {
		if params, err := quicwire.ParseTransportParameters(s.parameters); err == nil && params.StatelessResetToken != nil {
			s.resetTokens = append(s.resetTokens, params.StatelessResetToken)
		}
		s.parameters = nil
	}
	end := p.Raw[len(p.Raw)-resetTokenSize:]
	for _, token := range s.resetTokens {
		if bytes.Equal(token, end) {
			return true
		}
	}
	return false
}

// statelessReset returns the step of a stateless reset.
func (q *datagrams) statelessReset(r *reading, i int) *Step {
	s := q.plainStep(r, i, "stateless reset")
	s.tree = resetTree(r)
	s.Summary = fmt.Sprintf("the %s has forgotten the connection", r.from.role)
	return s
}
