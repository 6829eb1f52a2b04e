package diagnose

import (
	"bytes"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// tlsInTLS is a client that begins another handshake inside the connection: what
// it sends first, once the handshake is complete, is a record with a ClientHello.
// The client alone knows it too: no plain server completes a handshake, so what
// is no TLS record to it came inside of TLS.
func tlsInTLS(r *reading) *finding {
	hello := r.helloInside()
	told := insideTLS(r.outcome(outcome.Client))
	if r.quic() || hello == nil && !told {
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
	return done.leadsTo(r.h.Outcome)
}

// insideTLS says that a side's error is about what it read inside a connection
// whose handshake it had completed: no plain server completes one.
func insideTLS(o *outcome.Outcome) bool {
	return o.Complete && o.Late != nil && len(o.Late.RecordHeader) > 0
}

// helloInside returns the first application data that the client sends, where it
// begins with a record of a handshake, and the server does not answer with one:
// then TLS inside of TLS is what both of them want.
func (r *reading) helloInside() (hello *dissect.Step) {
	for _, s := range r.w.timeline.Steps {
		if s.Kind != dissect.KindApplicationData || s.Err != nil {
			continue
		}
		switch begins := beginsWithHandshake(s); {
		case s.From == outcome.Server && begins:
			return nil
		case s.From == outcome.Client && hello == nil && !begins:
			return nil
		case s.From == outcome.Client && hello == nil:
			hello = s
		}
	}
	return hello
}

// beginsWithHandshake says that what a step holds begins like a TLS record with a
// handshake message.
func beginsWithHandshake(s *dissect.Step) bool {
	inner := s.Tree().Buffers
	return len(inner) > 0 && bytes.HasPrefix(inner[len(inner)-1].Bytes, []byte{22, 3})
}
