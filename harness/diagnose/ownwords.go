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
	what           string
}{
	{"unsupported certificate curve", "client-p224-forced", "server-p224", "there is no signature scheme for its key"},
	{"RSA key size too small", "", "server-rsa512", "its key is too short for every signature scheme that was offered"},
	{"512-bit keys are insecure", "client-key-unsupported", "server-rsa512", "its key is too short to sign with"},
	{"failed to sign", "client-signer-fails", "server-signer-fails", "its key did not sign"},
	{"server rejected ECH", "ech-rejected", "", "the server did not accept its encrypted ClientHello"},
	{"no FIPS compatible certificate chains found", "fips-chain", "fips-chain", "it runs in FIPS mode, and no chain is of approved algorithms alone"},
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
				f := found(saw(nil, "the %s ended the handshake for a reason of its own: %s", by, w.what)).refusedBy(by)
				if id == "fips-chain" {
					f.Evidence = append(f.Evidence, r.fipsEvidence(by)...)
				}
				return f
			}}}
		}
	}
	return nil
}
