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
	f := r.failure(outcome.Client)
	told := f != nil && len(f.RecordHeader) > 0 && r.in.Client.Outcome.Complete
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
		done.Evidence = append(done.Evidence, saw(nil, "what the client reads inside the connection is %q, no TLS record", f.RecordHeader))
	}
	return done.leadsTo(anyEnd)
}

// helloInside returns the first application data that the client sends, where it
// begins with a record of a handshake.
func (r *reading) helloInside() *dissect.Step {
	for _, s := range r.w.timeline.Steps {
		if s.Kind != dissect.KindApplicationData || s.From != outcome.Client || s.Err != nil {
			continue
		}
		if inner := s.Tree().Buffers; len(inner) > 0 && bytes.HasPrefix(inner[len(inner)-1].Bytes, []byte{22, 3}) {
			return s
		}
		return nil
	}
	return nil
}
