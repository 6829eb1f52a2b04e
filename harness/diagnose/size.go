package diagnose

import (
	"fmt"

	"shakedown/harness/outcome"
)

// quicCryptoLimit is how much CRYPTO data quic-go holds for one encryption level.
const quicCryptoLimit = 16384

// chainOver16K makes the rule for a Certificate message that the other side has
// no room for.
func chainOver16K(of outcome.Role) func(*reading) *finding {
	return func(r *reading) *finding {
		if r.h.Outcome != Refused || r.h.RefusedBy != of.Peer() || !r.quic() || !r.bufferExceeded() {
			return nil
		}
		f := found(saw(r.w.refusal(of.Peer()), "the %s closes with CRYPTO_BUFFER_EXCEEDED: it holds at most %d bytes of CRYPTO data", of.Peer(), quicCryptoLimit))
		if c := r.w.flight(of).certificate; c.ok() {
			f.Evidence = append(f.Evidence, saw(c.step, "the Certificate message of the %s has %d bytes (%s)", of, c.step.Bytes, plural(len(c.msg.Entries), "certificate")))
		} else if n, size := r.chainSize(of); n > 0 {
			f.Evidence = append(f.Evidence, saw(nil, "the %s presents %s of %d bytes together", of, plural(n, "certificate"), size))
		}
		set := r.settings(of)
		remedy := fmt.Sprintf("Send only the end entity's certificate and its intermediates: take what is not needed out of %s. The same chain works over TCP.", certificateFile(of, set))
		return f.mend(remedy, "grep -c -e '-----BEGIN CERTIFICATE-----' "+shell(set.CertificateFile, placeholder(of, "CERTIFICATE"))).refusedBy(of.Peer())
	}
}

func (r *reading) bufferExceeded() bool {
	if f := r.failure(r.h.RefusedBy); f != nil && f.Close != nil {
		return !f.Close.Application && f.Close.Code == cryptoBufferExceeded
	}
	s := r.w.refusal(r.h.RefusedBy)
	return s != nil && s.Close != nil && s.Close.Code == cryptoBufferExceeded
}

// chainSize returns how many certificates a side presents, and their bytes.
func (r *reading) chainSize(of outcome.Role) (n, size int) {
	raws, _ := r.presented(of)
	for _, raw := range raws {
		size += len(raw)
	}
	return len(raws), size
}

// maxHandshake is the largest handshake message that crypto/tls reads, of certificates.
const maxHandshake = 262144

func clientChainHuge(r *reading) *finding {
	n, size := r.chainSize(outcome.Client)
	if size <= maxHandshake || r.quic() {
		return nil
	}
	return found(saw(r.w.client.certificate.step, "the client presents %s of %d bytes together; Go reads a Certificate message of at most %d", plural(n, "certificate"), size, maxHandshake)).
		mend(fmt.Sprintf("Send only the client's own certificate and its intermediates, not a whole bundle: shorten %s.", certificateFile(outcome.Client, r.settings(outcome.Client))), "").
		refusedBy(outcome.Server)
}
