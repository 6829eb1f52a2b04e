package crossref

import (
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// requestSchemes says which of the signature algorithms the client's key can
// sign with, and which one it did sign with.
func (w *writer) requestSchemes(msg *tlswire.CertificateRequest, h holding) {
	p := w.root().to("supported_signature_algorithms")
	if verify := w.r.client.verify; verify != nil && !w.m.after {
		if i := slices.Index(msg.SignatureSchemes, as[tlswire.CertificateVerify](verify).Scheme); i >= 0 {
			w.note(p.nth("algorithm", i), "The client signed with this one in %s.", at(verify))
		}
	}
	if len(h.chain) == 0 || h.chain[0].key.public == nil || len(msg.SignatureSchemes) == 0 {
		return
	}
	k, version := h.chain[0].key, w.r.version()
	var can []string
	for _, id := range msg.SignatureSchemes {
		if s, known := findScheme(id); !known || !s.allowed(version) || !s.suits(k, version) {
			continue
		}
		if name := id.String(); !slices.Contains(can, name) {
			can = append(can, name)
		}
	}
	if len(can) == 0 {
		w.note(p, "The client's key, %s, can sign with none of them.", k.name)
		w.say("The client's key, %s, can sign with none of the signature algorithms that the server accepts.", k.name)
		return
	}
	w.note(p, "The client's key, %s, can sign with %s.", k.name, and(can))
}

// allowed says that a version allows a scheme in CertificateVerify. TLS 1.3
// allows PKCS #1 v1.5 and SHA-1 inside certificates only (RFC 8446 4.2.3), but
// for the schemes that RFC 9963 gives to clients' old keys.
func (s *scheme) allowed(version uint16) bool {
	if version < tlswire.VersionTLS13 {
		return true
	}
	if s.method == pkcs1 {
		return s.id == 0x0420 || s.id == 0x0520 || s.id == 0x0620
	}
	return s.method == eddsa || s.method == pss || s.curve != nil
}

// The kinds of client certificate that RFC 5246 7.4.4 and RFC 8422 5.5 name.
const (
	rsaSign   = 1
	ecdsaSign = 64
)

// requestTypes says whether the client's key is of a kind that TLS 1.2 asks for.
func (w *writer) requestTypes(msg *tlswire.CertificateRequest, h holding) {
	if len(msg.CertificateTypes) == 0 || len(h.chain) == 0 || h.chain[0].key.public == nil {
		return
	}
	k := h.chain[0].key
	kind := uint8(ecdsaSign) // of Ed25519 as well
	if s := (scheme{method: pkcs1}); s.suits(k, 0) || k.pss {
		kind = rsaSign
	}
	p := w.root().to("certificate_types")
	if i := slices.Index(msg.CertificateTypes, kind); i >= 0 {
		w.note(p.nth("certificate_type", i), "It fits the client's key, %s.", k.name)
	} else {
		w.note(p, "The client's key, %s, is of none of these kinds.", k.name)
	}
}

// scheme says whether the scheme of a signature was asked for, and fits the key.
func (w *writer) scheme(id tlswire.SignatureScheme) {
	if id == 0 {
		return
	}
	p := w.root().to("algorithm")
	var offer []tlswire.SignatureScheme
	var asked *message
	who := w.m.step.From.Peer()
	switch w.m.step.From {
	case outcome.Server:
		var hello *tlswire.ClientHello
		if asked, hello = w.r.offer(); hello != nil {
			offer = hello.SignatureSchemes
		}
	default:
		if asked = w.r.request; w.m.after {
			asked, _ = w.r.asked(w.m)
		}
		if request := as[tlswire.CertificateRequest](asked); request != nil {
			offer = request.SignatureSchemes
		}
	}
	if i := slices.Index(offer, id); i >= 0 {
		w.note(p, "The %s's %s of %d in %s.", who, ordinal(i+1), len(offer), at(asked))
	} else if len(offer) > 0 {
		w.note(p, "The %s does not list it in %s: it has to abort with illegal_parameter.", who, at(asked))
	}
	if s, known := findScheme(id); known && !s.allowed(w.r.version()) {
		w.note(p, "TLS 1.3 does not allow it here (RFC 8446 4.2.3).")
	}
	chain := w.m.chain()
	if chain == nil {
		return
	}
	k, v := w.b.keyOf(w.m)
	if s, known := findScheme(id); known && v.Result == "" {
		if err := s.fits(k, w.r.version()); err == nil {
			w.note(p, "It fits the key of certificate 1 in %s, %s.", at(chain), k.name)
		} else {
			w.note(p, "It does not fit the key of certificate 1 in %s: %s.", at(chain), err)
		}
	}
}
