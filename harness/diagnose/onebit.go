package diagnose

import (
	"math/bits"

	"shakedown/harness/outcome"
)

// oneBitOff is a client that keeps its certificate back because the server names a
// CA that differs from the one above the client in a single bit. TLS 1.2 sends the
// CertificateRequest in the clear and nothing covers it before the Finished, which
// neither side comes to. CAs that are numbered differ so as well ("CA 2", "CA 3"):
// only a letter within a word counts, where no two names of CAs lie so close.
func oneBitOff(r *reading) *finding {
	v := r.client
	if r.mode == BothSides || v == nil || r.w.tls13() || !r.w.request.ok() || !r.empty() || r.h.RefusedBy != outcome.Server {
		return nil
	}
	for _, name := range v.listed {
		for _, c := range v.presented {
			if !misspelt(name, c.rawIssuer()) {
				continue
			}
			return r.noCertificate(found(saw(r.w.request.step, "the request names %s as it arrives, which is one bit away from %s, the issuer of %s; TLS 1.2 sends it unprotected",
				nameOf(name), c.issuerName(), c.name())).certainIf(false))
		}
	}
	return nil
}

// misspelt says that two names differ in one bit of one letter within a word.
func misspelt(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	at := -1
	for i := range a {
		switch {
		case a[i] == b[i]:
		case at >= 0:
			return false
		default:
			at = i
		}
	}
	const upper = 0x20 // what a letter lacks of the small one, in another spelling of the same name
	if at < 0 || bits.OnesCount8(a[at]^b[at]) != 1 || a[at]^b[at] == upper || !letter(a[at]) && !letter(b[at]) {
		return false
	}
	before, after := at > 0 && letter(a[at-1]), at+1 < len(a) && letter(a[at+1])
	return before || after
}

// letter says that a byte is a letter of ASCII.
func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
