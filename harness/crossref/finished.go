package crossref

import (
	"crypto"
	"crypto/hkdf"
	"crypto/hmac"
	"fmt"
	"hash"
	"iter"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// finished proves a Finished: its sender holds the keys of the handshake, and
// has seen the same messages.
func (b *Book) finished(m *message) Proof {
	c := claim{
		of: "Finished", covers: "This MAC covers " + m.covers(),
		holds: "matches", fails: "does not match", with: "the " + string(m.step.From) + "'s handshake secret",
	}
	switch {
	case !m.run.tls13() && m.run.resumed():
		c.with = "the resumed session's master secret"
	case !m.run.tls13():
		c.with = "the master secret"
	case m.after:
		c.with = "the " + string(m.step.From) + "'s traffic secret"
	}
	sender, receiver := b.settle(m, b.checkFinished)
	return c.proof(sender, receiver, string(m.step.From), string(m.step.From.Peer()))
}

// checkFinished checks a Finished against the messages of its story.
func (b *Book) checkFinished(_ *story, m *message) verdict {
	r, msg := m.run, as[tlswire.Finished](m)
	switch {
	case msg == nil:
		return unchecked("it could not be read")
	case r.hello == nil:
		return unchecked("the beginning of the handshake was not seen")
	case r.version() == 0:
		return unchecked("the ServerHello was not seen")
	case r.version() < tlswire.VersionTLS12:
		return unchecked("the Finished of %s is not read", tlswire.VersionName(r.version()))
	}
	digest := m.digestFor()
	switch {
	case digest == nil && m.after:
		return unchecked("the CertificateRequest that it answers was not seen")
	case digest == nil:
		return unchecked("the hash of %s is not supported by this build", tlswire.CipherSuiteName(r.suite()))
	}
	known := false
	for secret := range b.secrets(m) {
		known = true
		var want []byte
		if r.tls13() {
			want = verifyData13(r.hash, secret, digest)
		} else {
			want = verifyData12(r.hash, secret, m.step.From, digest, len(msg.VerifyData))
		}
		if want != nil && hmac.Equal(want, msg.VerifyData) {
			return verdict{Result: Verified}
		}
	}
	if !known {
		return unchecked("no secret in the key log")
	}
	if !r.tls13() && r.resumed() {
		// The secrets of other connections were only a guess.
		return unchecked("no secret in the key log fits the resumed session")
	}
	return r.excuse(m, verdict{Result: Failed})
}

// secrets are the secrets that a Finished could be made with: the sender's own log
// comes first.
func (b *Book) secrets(m *message) iter.Seq[[]byte] {
	r, from := m.run, m.step.From
	owners := [...]outcome.Role{from, from.Peer()}
	return func(yield func([]byte) bool) {
		hello := as[tlswire.ClientHello](r.hello)
		if hello == nil {
			return
		}
		found := false
		for _, owner := range owners {
			s := b.in.Transcript.Keys(owner).Secret(r.secretLabel(m), hello.Random)
			if m.after {
				s = r.updated(s, m)
			}
			if found = found || s != nil; s != nil && !yield(s) {
				return
			}
		}
		if found || r.tls13() || !r.resumed() {
			return
		}
		// "the resumed session [...] will use the same master_secret"
		// (RFC 5246 8.1), which is logged only where it was made.
		for _, owner := range owners {
			for _, s := range b.in.Transcript.Keys(owner).Masters(maxMasters) {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// secretLabel is what a key log calls the secret that a Finished is made with.
func (r *run) secretLabel(m *message) keylog.Label {
	client := m.step.From == outcome.Client
	switch {
	case m.after && client:
		return keylog.ClientTraffic
	case m.after:
		return keylog.ServerTraffic
	case r.tls13() && client:
		return keylog.ClientHandshakeTraffic
	case r.tls13():
		return keylog.ServerHandshakeTraffic
	}
	return keylog.ClientRandom
}

// maxMasters bounds how many master secrets of a key log are tried.
const maxMasters = 256

// verifyData13 computes the verify_data of TLS 1.3 (RFC 8446 4.4.4).
//
//	finished_key =
//	    HKDF-Expand-Label(BaseKey, "finished", "", Hash.length)
//	verify_data =
//	    HMAC(finished_key, Transcript-Hash(...))
func verifyData13(h crypto.Hash, secret, digest []byte) []byte {
	finishedKey := expandLabel(h, secret, "finished", nil, h.Size())
	if finishedKey == nil {
		return nil
	}
	mac := hmac.New(h.New, finishedKey)
	mac.Write(digest)
	return mac.Sum(nil)
}

// expandLabel is HKDF-Expand-Label (RFC 8446 7.1), nil where the secret is too
// short to be one.
func expandLabel(h crypto.Hash, secret []byte, label string, context []byte, size int) []byte {
	var room [64]byte
	info := append(room[:0], byte(size>>8), byte(size), byte(len("tls13 ")+len(label)))
	info = append(info, "tls13 "...)
	info = append(info, label...)
	info = append(info, byte(len(context)))
	info = append(info, context...)
	out, err := hkdf.Expand(h.New, secret, string(info), size)
	if err != nil {
		return nil
	}
	return out
}

// verifyData12 computes the verify_data of TLS 1.2 (RFC 5246 7.4.9), which is 12
// bytes long unless the cipher suite says otherwise.
//
//	PRF(master_secret, finished_label, Hash(handshake_messages))
//	    [0..verify_data_length-1];
func verifyData12(h crypto.Hash, master []byte, from outcome.Role, digest []byte, size int) []byte {
	const shortest = 12
	if size < shortest || size > h.Size() {
		return nil
	}
	seed := append([]byte(fmt.Sprintf("%s finished", from)), digest...)
	return pHash(h.New, master, seed)[:size]
}

// pHash returns the first block of P_hash (RFC 5246 5), all that a verify_data
// needs.
//
//	P_hash(secret, seed) = HMAC_hash(secret, A(1) + seed) + …
//	A(1) = HMAC_hash(secret, seed)
func pHash(h func() hash.Hash, secret, seed []byte) []byte {
	mac := hmac.New(h, secret)
	mac.Write(seed)
	a := mac.Sum(nil)
	mac.Reset()
	mac.Write(a)
	mac.Write(seed)
	return mac.Sum(nil)
}
