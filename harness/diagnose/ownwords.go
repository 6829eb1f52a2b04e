package diagnose

import (
	"strings"

	"shakedown/harness/outcome"
)

// ownWords are what crypto/tls says, in words alone, where a side fails for a
// reason of its own: its key, its signer. They are the last resort, after typed
// errors and the wire.
var ownWords = []struct {
	text           string
	client, server string
}{
	{"unsupported certificate curve", "client-p224-forced", "server-p224"},
	{"RSA key size too small", "", "server-rsa512"},
	{"512-bit keys are insecure", "", "server-rsa512"},
	{"failed to sign", "client-signer-fails", "server-signer-fails"},
	{"server rejected ECH", "ech-rejected", ""},
	{"no FIPS compatible certificate chains found", "fips-chain", "fips-chain"},
}

// ownWordRules are the rules for those words, of the side that decided.
func ownWordRules(r *reading) []rule {
	if r.h.Outcome != Refused {
		return nil
	}
	by := r.h.RefusedBy
	f := r.failure(by)
	if f == nil || f.Peer != nil || f.Callback != "" {
		return nil
	}
	for _, w := range ownWords {
		id := w.server
		if by == outcome.Client {
			id = w.client
		}
		if id != "" && strings.Contains(f.Text, w.text) {
			return []rule{{id, func(r *reading) *finding {
				return found(saw(nil, "the %s ended the handshake for a reason of its own", by)).refusedBy(by)
			}}}
		}
	}
	return nil
}
