package diagnose

import (
	"bytes"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// spoke makes the rule for a side whose first bytes are not TLS but begin so.
func spoke(from outcome.Role, prefixes ...string) func(*reading) *finding {
	return func(r *reading) *finding {
		header, s := r.strangeBytes(from)
		for _, p := range prefixes {
			if bytes.HasPrefix(header, []byte(p)) || len(header) >= 3 && bytes.HasPrefix([]byte(p), header) {
				return r.notTLS(from, header, s)
			}
		}
		return nil
	}
}

// notTLS is the finding that a side's first bytes are something else. The side
// that reads them refuses; on the wire alone the connection just breaks. Where
// TLS comes after them and is answered they were agreed upon: a PROXY header
// that the server expects, or a STARTTLS.
func (r *reading) notTLS(from outcome.Role, header []byte, s *dissect.Step) *finding {
	if r.w.serverHello.ok() {
		return nil
	}
	f := found(saw(s, "the first bytes from the %s are %q, where a TLS record begins with 16 03", from, header))
	try := ""
	if from == outcome.Server {
		try = "curl -v http://" + target(&r.in.Client.Settings) + "/"
	}
	f.mend("", try)
	f.leads, f.by = anyEnd, r.h.RefusedBy
	return f
}

// strangeBytes returns the first bytes of a side where they are no TLS record,
// as its peer reports them or as the wire shows them.
func (r *reading) strangeBytes(from outcome.Role) ([]byte, *dissect.Step) {
	s := r.w.flight(from).strange
	if f := r.failure(from.Peer()); f != nil && len(f.RecordHeader) > 0 {
		return f.RecordHeader, s
	}
	if s == nil {
		return nil, nil
	}
	for _, b := range s.Tree().Buffers {
		return b.Bytes[:min(len(b.Bytes), 16)], s
	}
	return nil, s
}

// settingsFrame recognises an HTTP/2 server without TLS: it opens with a SETTINGS
// frame (RFC 9113 3.4): a 24-bit length, type 4, no flags.
func settingsFrame(r *reading) *finding {
	header, s := r.strangeBytes(outcome.Server)
	if len(header) < 5 || header[0] != 0 || header[3] != 4 || header[4] != 0 {
		return nil
	}
	return r.notTLS(outcome.Server, header, s)
}
