package crossref

import (
	"bytes"
	"fmt"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// asked returns the CertificateRequest and the Certificate that a message behind
// the handshake belongs to: "the server MAY request client authentication at any
// time after the handshake has completed by sending a CertificateRequest message.
// The client MUST respond with the appropriate Authentication messages"
// (RFC 8446 4.6.2). Their contexts tell several requests apart.
func (r *run) asked(m *message) (request, chain *message) {
	for i := m.index; i >= 0 && r.messages[i].after; i-- {
		o := r.messages[i]
		if answer := as[tlswire.Certificate](o); chain == nil && answer != nil && o.step.From == m.step.From {
			chain = o
		}
		wish := as[tlswire.CertificateRequest](o)
		if chain != nil && wish != nil && bytes.Equal(wish.Context, as[tlswire.Certificate](chain).Context) {
			return o, chain
		}
	}
	return nil, chain
}

// chain returns the Certificate that a proof goes with, nil if none was seen.
func (m *message) chain() *message {
	if !m.after {
		return m.run.side(m.step.From).certificate
	}
	_, chain := m.run.asked(m)
	return chain
}

// laterDigest returns the transcript hash that a message behind the handshake
// proves, nil where a part of it is missing.
//
// The Handshake Context of post-handshake authentication is "ClientHello ...
// client Finished + CertificateRequest" (RFC 8446 4.4), and behind that come the
// Certificate and the CertificateVerify.
func (r *run) laterDigest(m *message) []byte {
	r.hashing.Do(r.runHash)
	request, chain := r.asked(m)
	if r.hash == 0 || request == nil {
		return nil
	}
	h := r.hash.New()
	for _, o := range r.messages {
		if o == r.retry {
			h = messageHash(r.hash, h)
		}
		if !o.after && o.counts(true) {
			h.Write(o.raw)
		}
	}
	h.Write(request.raw)
	for _, o := range r.messages[chain.index:m.index] {
		if o.step.From == m.step.From && o.counts(true) {
			h.Write(o.raw)
		}
	}
	return h.Sum(nil)
}

// digestFor returns the transcript hash that a message proves.
func (m *message) digestFor() []byte {
	if m.after {
		return m.run.laterDigest(m)
	}
	return m.run.digest(m.index)
}

// covers says what of the transcript a message proves.
func (m *message) covers() string {
	if request, chain := m.run.asked(m); m.after && request != nil {
		return fmt.Sprintf("the handshake, the CertificateRequest of %s and the Certificate of %s", at(request), at(chain))
	}
	if last := m.run.before(m); last != nil {
		return "the transcript up to " + at(last)
	}
	return "the transcript before it"
}

// updated returns a traffic secret after the key updates that its side has sent
// before m (RFC 8446 7.2).
func (r *run) updated(secret []byte, m *message) []byte {
	for _, o := range r.messages[:m.index] {
		if o.step.From == m.step.From && as[tlswire.KeyUpdate](o) != nil && secret != nil {
			secret = expandLabel(r.hash, secret, "traffic upd", nil, r.hash.Size())
		}
	}
	return secret
}

// laterRequest says whether a CertificateRequest behind the handshake was answered.
func (w *writer) laterRequest() {
	for _, o := range w.r.messages[w.m.index:] {
		if o.step.From != outcome.Client || as[tlswire.Certificate](o) == nil {
			continue
		}
		if request, chain := w.r.asked(o); request == w.m {
			w.say("The client answers with %s in %s.", count(len(as[tlswire.Certificate](chain).Entries), "certificate"), at(chain))
			return
		}
	}
	w.say("The client has not answered%s.", w.sofar())
}
