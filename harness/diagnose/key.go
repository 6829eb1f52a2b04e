package diagnose

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// keyed adds what is wrong with the key that signs for a chain. A chain that
// starts with an issuer makes faults of names and usage that are none.
func (r *reading) keyed(of outcome.Role, chain []finding) []finding {
	f := r.proven(of, r.keyFinding(of))
	if f == nil {
		return chain
	}
	if f.ID != string(of)+"-chain-wrong-order" {
		return append(chain, *f)
	}
	list := []finding{*f}
	for _, c := range chain {
		if !slices.Contains(c.kinds, outcome.Hostname) && !slices.Contains(c.kinds, outcome.IncompatibleEKU) {
			list = append(list, c)
		}
	}
	return list
}

// keyFinding compares the first certificate's key with the key that signs.
func (r *reading) keyFinding(of outcome.Role) *finding {
	v := r.client
	if of == outcome.Server {
		v = r.server
	}
	if v == nil || r.resumed() || v.leaf().std == nil {
		return nil
	}
	refused := r.verifyKind() == outcome.BadSignature && r.h.RefusedBy == v.by
	key := r.signingKey(v)
	if key == nil {
		if f := r.otherAlgorithm(v); f != nil {
			return f
		}
		if !refused && !r.badSignatureAlert(v) {
			return r.issuerFirst(v)
		}
		return r.unknownKey(v)
	}
	leaf := v.leaf().std
	if bytes.Equal(key, leaf.RawSubjectPublicKeyInfo) {
		if refused {
			return r.alteredOnPath(v)
		}
		return nil
	}
	for _, c := range v.presented[1:] {
		if c.std != nil && bytes.Equal(c.std.RawSubjectPublicKeyInfo, key) {
			f := found(saw(v.sent, "the first certificate of the %s is %s, and its key is that of %s, which comes later", of, v.leaf().name(), c.name()))
			f.ID = string(of) + "-chain-wrong-order"
			f.mend(fmt.Sprintf("Put %s first in %s, and the certificates of its issuers after it.", c.name(), v.ownFile()), tryChain(v, nil))
			f.about = v.leaf().raw
			f.kinds = []outcome.VerifyKind{outcome.BadSignature, outcome.Hostname, outcome.IncompatibleEKU}
			return f.refusedBy(v.by)
		}
	}
	signer, err := x509.ParsePKIXPublicKey(key)
	if err == nil && reflect.TypeOf(signer) != reflect.TypeOf(leaf.PublicKey) {
		f := found(saw(v.sent, "the %s's certificate %s has a key of %s, and the key that signs is of %s", of, v.leaf().name(), algorithm(leaf.PublicKey), algorithm(signer)))
		f.ID = string(of) + "-key-type-mismatch"
		return r.mismatch(v, f)
	}
	f := found(saw(v.sent, "the key that signs for the %s is not the key of its certificate %s", of, v.leaf().name()))
	f.ID = string(of) + "-key-mismatch"
	return r.mismatch(v, f)
}

// mismatch is a signature by another key than the certificate's.
func (r *reading) mismatch(v *verification, f *finding) *finding {
	if verify := r.w.flight(v.of).verify; verify.ok() {
		f.Evidence = append(f.Evidence, saw(verify.step, "the %s's CertificateVerify is made with another key", v.of))
	}
	return r.pairAnew(v, f)
}

// pairAnew says how a key and a certificate that do not belong together are mended,
// and what they lead to.
func (r *reading) pairAnew(v *verification, f *finding) *finding {
	key := v.settings.KeyFile
	where := "the " + string(v.of) + "'s key file"
	if key != "" {
		where += " (" + shell(key, "") + ")"
	}
	cert, keyArg := v.certArg(), shell(key, placeholder(v.of, "KEY"))
	f.mend(fmt.Sprintf("Put the key that belongs to %s into %s, or the certificate that belongs to the key into %s.", v.leaf().name(), where, v.ownFile()),
		compareKeys(cert, keyArg))
	return f.refusedBy(v.by, "CertificateVerify", "ServerKeyExchange").as(outcome.BadSignature).alert(alertDecryptError, alertIllegalParameter)
}

// signingKey returns the public half of the key that signs for the chain, nil if
// it is not known.
func (r *reading) signingKey(v *verification) []byte {
	for _, c := range v.settings.Credentials {
		if len(c.Chain) > 0 && len(c.PublicKey) > 0 && bytes.Equal(c.Chain[0], v.leaf().raw) {
			return c.PublicKey
		}
	}
	return nil
}

// badSignatureAlert says that a verifier whose view nobody recorded refused a signature.
func (r *reading) badSignatureAlert(v *verification) bool {
	code, ok := alertCode(&r.in, r.w, v.by)
	return r.h.Outcome == Refused && r.h.RefusedBy == v.by && ok && !r.outcome(v.by).Known &&
		(code == alertDecryptError || code == alertIllegalParameter && r.h.At == signatureMessage(r.w, v.of))
}

// otherAlgorithm is for a side whose key nobody told us, and whose signature is
// made with an algorithm that the key of its certificate does not have.
func (r *reading) otherAlgorithm(v *verification) *finding {
	scheme, signed := r.w.flight(v.of).scheme()
	if signed == nil || v.sent == nil {
		return nil
	}
	has, signs := algorithm(v.leaf().std.PublicKey), signs(scheme)
	if has == signs || has == unknownAlgorithm || signs == unknownAlgorithm || v.leaf().isCA() && len(v.presented) > 1 {
		return nil
	}
	f := found(saw(v.sent, "the %s's certificate %s has a key of %s, and the key that signs is of %s", v.of, v.leaf().name(), has, signs))
	f.ID = string(v.of) + "-key-type-mismatch"
	return r.mismatch(v, f)
}

// scheme returns the signature scheme that a side has signed with, and the step
// that holds the signature: CertificateVerify, or in TLS 1.2 a server's
// ServerKeyExchange. The step is nil where there is none.
func (f *flight) scheme() (tlswire.SignatureScheme, *dissect.Step) {
	switch {
	case f.verify.ok():
		return f.verify.msg.Scheme, f.verify.step
	case f.keyExchange.ok() && f.keyExchange.msg.Scheme != 0:
		return f.keyExchange.msg.Scheme, f.keyExchange.step
	}
	return 0, nil
}

// unknownKey is for a side whose key nobody told us: the signature failed, and
// more is not known, unless the first certificate is a CA's.
func (r *reading) unknownKey(v *verification) *finding {
	proof, signed := r.proof(v)
	if proof == crossref.Verified {
		return r.signedOtherMessages(v, signed)
	}
	says, finished := r.finishedSays(v.of)
	switch {
	case says == crossref.Failed:
		return nil // of which finishedDisagrees tells
	case r.signedOther(says, signed):
		return r.madeOverOthers(v, signed)
	}
	if bit := r.oneBit(says, signed); bit != "" {
		return r.damagedBit(v, signed, bit)
	}
	f := found()
	f.ID = string(v.of) + "-key-mismatch"
	if proof == crossref.Failed {
		f.Evidence = append(f.Evidence, saw(v.sent, "the signature of the %s does not verify with the key of %s, the first certificate that it sent", v.of, v.leaf().name()))
		r.mismatch(v, f)
		f.Evidence = append(f.Evidence, saw(signed, "checked here as well, over the messages that were recorded: it does not verify"))
	} else {
		f.Evidence = append(f.Evidence, saw(v.sent, "the %s says that the signature of the %s does not verify with the key of %s, the first certificate that it was sent; it could not be checked here", v.by, v.of, v.leaf().name()))
		r.pairAnew(v, f)
	}
	if says == crossref.Verified {
		f.Evidence = append(f.Evidence, saw(finished, "the %s's Finished holds over the same messages: they arrived as they were sent, and another key has signed", v.of))
	}
	if len(v.presented) > 1 && v.leaf().isCA() {
		f.ID = string(v.of) + "-chain-wrong-order"
		f.Evidence = append(f.Evidence, saw(v.sent, "%s is a CA, and %s comes after it", v.leaf().name(), plural(len(v.presented)-1, "certificate")))
		f.mend(fmt.Sprintf("Put the %s's own certificate first in %s.", v.of, v.ownFile()), tryChain(v, nil))
	}
	// What both sides of TLS 1.3 could decrypt nobody has changed who does not have
	// their secrets. Somebody can have them, so that this is not certain.
	f.Certain = false
	return f
}

// perhapsOtherMessages is the other explanation for a signature that fails and
// whose key nobody told us: it covers the messages before it, of which one can
// have been changed on the path.
func perhapsOtherMessages(r *reading) *finding {
	for _, v := range []*verification{r.server, r.client} {
		if v == nil || v.sent == nil || v.leaf().std == nil || r.signingKey(v) != nil || r.resumed() || r.otherAlgorithm(v) != nil {
			continue
		}
		refused := r.verifyKind() == outcome.BadSignature && r.h.RefusedBy == v.by
		if !refused && !r.badSignatureAlert(v) {
			continue
		}
		if says, _ := r.finishedSays(v.of); says != crossref.NotChecked {
			continue // it has the answer
		}
		signed := firstOf(r.w.flight(v.of).verify.step, r.w.flight(v.of).keyExchange.step)
		if r.signedOther(crossref.NotChecked, signed) || r.oneBit(crossref.NotChecked, signed) != "" {
			continue // and so has the signature itself
		}
		return found(saw(signed, "the signature of the %s covers the messages before it, and one of them can have been changed on the path", v.of)).
			certainIf(false).refusedBy(v.by).as(outcome.BadSignature).alert(alertDecryptError, alertIllegalParameter)
	}
	return nil
}

// issuerFirst is for a side whose key nobody told us and that shows its issuer's
// certificate first: that is not what the names and the usage are wrong with.
func (r *reading) issuerFirst(v *verification) *finding {
	if !v.leaf().isCA() || r.settings(v.of).Known {
		return nil
	}
	for _, c := range v.presented[1:] {
		if c.std == nil || c.isCA() || !bytes.Equal(c.rawIssuer(), v.leaf().rawSubject()) {
			continue
		}
		f := found(saw(v.sent, "the first certificate of the %s is %s, a CA, and %s, which it issued, comes after it", v.of, v.leaf().name(), c.name())).
			mend(fmt.Sprintf("Put %s first in %s, and the certificates of its issuers after it.", c.name(), v.ownFile()), tryChain(v, nil)).certainIf(false)
		f.ID, f.about = string(v.of)+"-chain-wrong-order", v.leaf().raw
		f.kinds = []outcome.VerifyKind{outcome.BadSignature, outcome.Hostname, outcome.IncompatibleEKU}
		return f.refusedBy(v.by)
	}
	return nil
}

// proof checks the signature by which a side proves that it has its key, and
// returns the step that holds it. What comes behind the signature it does not cover:
// a TLS 1.2 capture without keys has an unread Finished there.
func (r *reading) proof(v *verification) (crossref.Result, *dissect.Step) {
	f := r.w.flight(v.of)
	signed := firstOf(f.verify.step, f.keyExchange.step)
	if signed == nil || v.sent == nil || !r.w.readUpTo(signed) {
		return crossref.NotChecked, nil
	}
	for _, p := range r.book().Checks(signed) {
		if p.Of == signed.Name {
			return p.Result, signed
		}
	}
	return crossref.NotChecked, nil
}

// signedOtherMessages is for a signature that one side refuses although it is
// good over the messages that were recorded.
func (r *reading) signedOtherMessages(v *verification, signed *dissect.Step) *finding {
	f := found(saw(signed, "the signature of the %s verifies here, with the key of %s and over the messages that were recorded; to the %s it does not: it has seen other messages, or does not take such signatures", v.of, v.leaf().name(), v.by)).certainIf(false)
	f.ID = "altered-on-path"
	return f.refusedBy(v.by).as(outcome.BadSignature).alert(alertDecryptError, alertIllegalParameter)
}

// oneBit returns the bit that was changed in a signature, where the Finished behind
// it says nothing and only one end is known; see [crossref.Book.OneBit].
func (r *reading) oneBit(says crossref.Result, signed *dissect.Step) string {
	if r.mode == BothSides || says != crossref.NotChecked || signed == nil {
		return ""
	}
	return r.book().OneBit(signed)
}

// damagedBit is for a signature that fails, and holds with one bit the other way.
func (r *reading) damagedBit(v *verification, signed *dissect.Step, bit string) *finding {
	f := found(saw(signed, "the signature of the %s does not verify as it arrived, and does with %s the other way: it was made with the key of %s, and that bit was changed since", v.of, bit, v.leaf().name())).certainIf(false)
	f.ID = "altered-on-path"
	return f.refusedBy(v.by).as(outcome.BadSignature).alert(alertDecryptError, alertIllegalParameter)
}

// signedOther says that the key of the certificate has made the signature, over
// something else, where the Finished behind it says nothing and only one end is
// known; see [crossref.Book.SignedOther].
func (r *reading) signedOther(says crossref.Result, signed *dissect.Step) bool {
	return r.mode != BothSides && says == crossref.NotChecked && signed != nil && r.book().SignedOther(signed)
}

// madeOverOthers is for a signature that fails, and that only the certificate's own
// key can have made: what it was made over is not what arrived.
func (r *reading) madeOverOthers(v *verification, signed *dissect.Step) *finding {
	f := found(saw(signed, "the signature of the %s does not verify, and was made with the key of %s: it is over something else than what arrived", v.of, v.leaf().name())).certainIf(false)
	f.ID = "altered-on-path"
	return f.refusedBy(v.by).as(outcome.BadSignature).alert(alertDecryptError, alertIllegalParameter)
}

// alteredOnPath is for a signature that fails although the keys belong together:
// it covers the messages before it, and the two ends have seen different ones.
func (r *reading) alteredOnPath(v *verification) *finding {
	f := found(saw(r.w.flight(v.of).verify.step, "the signature of the %s does not verify, though its key is that of %s: the signature covers the messages before it, and the two ends have seen different ones", v.of, v.leaf().name()))
	f.ID = "altered-on-path"
	if name := altered(r.w, v.by); name != "" {
		f.Evidence = append(f.Evidence, saw(nil, "the %s of the %s was changed on the path", name, v.of))
	}
	return f.refusedBy(v.by).as(outcome.BadSignature)
}

// algorithm names the algorithm of a public key.
func algorithm(key any) string {
	switch key.(type) {
	case *rsa.PublicKey:
		return "RSA"
	case *ecdsa.PublicKey:
		return "ECDSA"
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return unknownAlgorithm
}

const unknownAlgorithm = "an unknown algorithm"

// signs names the algorithm of the keys that make signatures of a scheme.
func signs(s tlswire.SignatureScheme) string {
	switch name := s.String(); {
	case strings.HasPrefix(name, "rsa_"):
		return "RSA"
	case strings.HasPrefix(name, "ecdsa_"):
		return "ECDSA"
	case name == "ed25519":
		return "Ed25519"
	}
	return unknownAlgorithm
}
