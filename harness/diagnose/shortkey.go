package diagnose

import (
	"crypto/rsa"

	"shakedown/harness/outcome"
)

// clientKeyTooShort is a client that ends where its signature is due, and has shown
// a certificate with an RSA key that is too short for Go to sign with (since 1.24).
func clientKeyTooShort(r *reading) *finding {
	v := r.client
	if !r.endsItself(outcome.Client, alertInternalError) || r.w.client.verify.ok() || v == nil || v.sent == nil || v.leaf().std == nil {
		return nil
	}
	key, isRSA := v.leaf().std.PublicKey.(*rsa.PublicKey)
	if !isRSA || key.N.BitLen() >= 1024 {
		return nil
	}
	return found(saw(v.sent, "the client's certificate %s has an RSA key of %d bits, and where its signature is due it ends with internal_error", v.leaf().name(), key.N.BitLen())).
		certainIf(false).refusedBy(outcome.Client).alert(alertInternalError)
}
