package diagnose

import (
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// tlsInTLS is a client that begins another handshake inside the connection: what
// it sends first, once the handshake is complete, is a record with a ClientHello.
// The client alone knows it too: no plain server completes a handshake, so what
// is no TLS record to it came inside of TLS.
func tlsInTLS(r *reading) *finding {
	if r.quic() {
		return nil
	}
	hello, answered := r.helloInside()
	told := insideTLS(r.outcome(outcome.Client))
	if hello == nil && !told {
		return nil
	}
	done := found()
	if r.w.server.certificate.ok() {
		done.Evidence = append(done.Evidence, saw(r.w.server.certificate.step, "the handshake is complete, and the server has shown its certificate"))
	}
	if hello != nil {
		done.Evidence = append(done.Evidence, saw(hello, "inside the connection the client begins with 16 03, a TLS record, where the server's application expects its own protocol"))
	}
	if told {
		done.Evidence = append(done.Evidence, saw(nil, "what the client reads inside the connection is %q, no TLS record", r.outcome(outcome.Client).Late.RecordHeader))
	}
	// Without an answer it may be what the server's application waits for.
	return done.certainIf(told || answered).leadsTo(r.h.Outcome)
}

// insideTLS says that a side's error is about what it read inside a connection
// whose handshake it had completed: no plain server completes one.
func insideTLS(o *outcome.Outcome) bool {
	return o.Complete && o.Late != nil && len(o.Late.RecordHeader) > 0
}

// helloInside returns the first application data that the client sends, where it
// begins with a record of a handshake, and the server does not answer with one:
// then TLS inside of TLS is what both of them want. answered says that the server
// has sent application data of its own behind it.
func (r *reading) helloInside() (hello *dissect.Step, answered bool) {
	for _, s := range r.w.timeline.Steps {
		if s.Kind != dissect.KindApplicationData || s.Err != nil {
			continue
		}
		switch begins := beginsWithHandshake(s); {
		case s.From == outcome.Server && begins:
			return nil, false
		case s.From == outcome.Client && hello == nil && !begins:
			return nil, false
		case s.From == outcome.Client && hello == nil:
			hello = s
		case s.From == outcome.Server:
			answered = answered || hello != nil
		}
	}
	return hello, answered
}

// beginsWithHandshake says that what a step holds begins with a TLS record that a
// ClientHello or a ServerHello stands in: 22, 3 and a minor version, a length, 1 or
// 2 (RFC 8446 5.1 and 4).
func beginsWithHandshake(s *dissect.Step) bool {
	inner := s.Tree().Buffers
	if len(inner) == 0 {
		return false
	}
	b := inner[len(inner)-1].Bytes
	return len(b) > 5 && tlswire.LooksLikeRecord(b) && b[0] == byte(tlswire.Handshake) && (b[5] == byte(tlswire.TypeClientHello) || b[5] == byte(tlswire.TypeServerHello))
}
