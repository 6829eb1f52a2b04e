package crossref

import (
	"bytes"
	"fmt"
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// certificateVerify proves a CertificateVerify: its sender holds the key of its
// certificate, and has seen the same messages.
func (b *Book) certificateVerify(m *message) Proof {
	c := signs("CertificateVerify", m.covers(), "the key")
	if chain := m.chain(); chain != nil {
		c.with, c.key = "the key in "+at(chain), chain.step
	}
	sender, receiver := b.settle(m, b.checkVerify)
	return c.proof(sender, receiver, string(m.step.From), string(m.step.From.Peer()))
}

// checkVerify checks a CertificateVerify against the messages of its story.
func (b *Book) checkVerify(_ *story, m *message) verdict {
	s, v := b.signedVerify(m)
	if v.Result != "" {
		return v
	}
	return m.run.excuse(m, s.verdict())
}

// signedVerify returns the signature of a CertificateVerify, or why it cannot be
// checked.
func (b *Book) signedVerify(m *message) (signing, verdict) {
	msg := as[tlswire.CertificateVerify](m)
	if msg == nil {
		return signing{}, unchecked("it could not be read")
	}
	k, v := b.keyOf(m)
	if v.Result != "" {
		return signing{}, v
	}
	content, v := signedContent(m)
	return signing{key: k, scheme: msg.Scheme, version: m.run.version(), content: content, signature: msg.Signature}, v
}

// keyOf returns the key of the certificate that the sender of a message has
// shown before, or why there is none.
func (b *Book) keyOf(m *message) (*key, verdict) {
	switch chain := as[tlswire.Certificate](m.chain()); {
	case chain == nil && m.run.compressed(m.step.From) != nil:
		return nil, unchecked("the %s's Certificate is compressed", m.step.From)
	case chain == nil:
		return nil, unchecked("the %s's Certificate was not seen", m.step.From)
	case len(chain.Entries) == 0:
		return nil, unchecked("the %s's Certificate is empty", m.step.From)
	default:
		k := b.in.Memory.certificate(chain.Entries[0].Data).key
		if k.public == nil {
			return nil, unchecked("the key of the certificate cannot be read")
		}
		return k, verdict{}
	}
}

// compressed returns the CompressedCertificate of a side.
func (r *run) compressed(from outcome.Role) *message {
	for _, m := range r.messages {
		if m.step.From == from && as[tlswire.CompressedCertificate](m) != nil {
			return m
		}
	}
	return nil
}

// spaces are "octet 32 (0x20) repeated 64 times".
var spaces = bytes.Repeat([]byte{0x20}, 64)

// signedContent returns what a CertificateVerify signs.
//
// TLS 1.3: "A string that consists of octet 32 (0x20) repeated 64 times", "The
// context string", "A single 0 byte which serves as the separator", "The
// content to be signed" (RFC 8446 4.4.3), which is the transcript hash. TLS 1.2
// signs the messages themselves (RFC 5246 7.4.8).
func signedContent(m *message) ([]byte, verdict) {
	r := m.run
	switch {
	case r.hello == nil:
		return nil, unchecked("the beginning of the handshake was not seen")
	case r.version() == 0:
		return nil, unchecked("the ServerHello was not seen")
	case !r.tls13():
		return r.transcript(m.index), verdict{}
	}
	digest := m.digestFor()
	switch {
	case digest == nil && m.after:
		return nil, unchecked("the CertificateRequest that it answers was not seen")
	case digest == nil:
		return nil, unchecked("the hash of %s is not supported by this build", tlswire.CipherSuiteName(r.suite()))
	}
	context := "TLS 1.3, server CertificateVerify"
	if m.step.From == outcome.Client {
		context = "TLS 1.3, client CertificateVerify"
	}
	return slices.Concat(spaces, []byte(context), []byte{0}, digest), verdict{}
}

// verifyWith checks a signature of a scheme, which is 0 where none was sent.
func verifyWith(k *key, id tlswire.SignatureScheme, version uint16, content, signature []byte) verdict {
	s, known := findScheme(id)
	switch {
	case id == 0 && version < tlswire.VersionTLS12:
		s = legacyScheme(k)
	case !known:
		return unchecked("%v is not supported by this build", id)
	}
	if err := s.fits(k, version); err != nil {
		return judge(err)
	}
	return judge(s.verify(k, content, signature))
}

// excuse softens a failure behind a step that could not be read: a message in it
// would be missing from the transcript. So it is where the ClientHello has another
// one inside: if the server has accepted that, the transcript is of the inner one (RFC
// 9849 6.1.4), which only the two ends have.
func (r *run) excuse(m *message, v verdict) verdict {
	if v.Result != Failed || v.reason != "" {
		return v
	}
	if _, offer := r.offer(); offer != nil && slices.ContainsFunc(offer.Extensions, func(e tlswire.Extension) bool { return e.Type == tlswire.ExtEncryptedClientHello }) {
		return unchecked("the ClientHello that counts can be the one inside encrypted_client_hello")
	}
	for _, gap := range r.gaps {
		if gap.N < m.step.N {
			return unchecked("a message before it could not be read")
		}
	}
	return v
}

// serverKeyExchange proves a ServerKeyExchange: the server holds the key of its
// certificate, and made these parameters for this handshake.
func (b *Book) serverKeyExchange(m *message) Proof {
	r := m.run
	c := signs("ServerKeyExchange", "both randoms and the parameters above", "the key")
	if r.hello != nil && r.server != nil {
		c.covers = fmt.Sprintf("This signature covers the randoms of steps %d and %d and the parameters above", r.hello.step.N, r.server.step.N)
	}
	if chain := r.peer.certificate; chain != nil {
		c.with, c.key = "the key in "+at(chain), chain.step
	}
	sender, receiver := b.settle(m, b.checkExchange)
	return c.proof(sender, receiver, string(m.step.From), string(m.step.From.Peer()))
}

// checkExchange checks a ServerKeyExchange against the randoms of its story.
func (b *Book) checkExchange(_ *story, m *message) verdict {
	s, v := b.signedExchange(m)
	if v.Result != "" {
		return v
	}
	return s.verdict()
}

// signedExchange returns the signature of a ServerKeyExchange, or why it cannot be
// checked.
//
//	digitally-signed struct {
//	    opaque client_random[32];
//	    opaque server_random[32];
//	    ServerDHParams params;
//	} signed_params; (RFC 5246 7.4.3)
func (b *Book) signedExchange(m *message) (signing, verdict) {
	msg := as[tlswire.ServerKeyExchange](m)
	if msg == nil || m.step.Err != nil {
		return signing{}, unchecked("it could not be read")
	}
	_, offer := m.run.offer()
	choice := m.run.choice()
	switch {
	case msg.Signature == nil:
		return signing{}, unchecked("the exchange is anonymous: nothing is signed")
	case offer == nil:
		return signing{}, unchecked("the ClientHello was not seen")
	case choice == nil:
		return signing{}, unchecked("the ServerHello was not seen")
	}
	k, v := b.keyOf(m)
	if v.Result != "" {
		return signing{}, v
	}
	// The signature, its length, and from TLS 1.2 on its scheme follow the parameters.
	behind := 2 + len(msg.Signature)
	if m.run.version() >= tlswire.VersionTLS12 {
		behind += 2
	}
	if len(m.raw) < 4+behind {
		return signing{}, unchecked("it could not be read")
	}
	content := append(offer.Random[:len(offer.Random):len(offer.Random)], choice.Random[:]...)
	content = append(content, m.raw[4:len(m.raw)-behind]...)
	return signing{key: k, scheme: msg.Scheme, version: m.run.version(), content: content, signature: msg.Signature, parts: []stretch{
		{"the client's random", len(offer.Random)}, {"the server's random", len(choice.Random)}, {"the parameters", len(m.raw) - behind - 4},
	}}, verdict{}
}
