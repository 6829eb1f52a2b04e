package diagnose

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"slices"
	"strings"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// old returns the TLS 1.2 suites of a list. Go lets nobody choose those of TLS 1.3.
func old(suites []uint16) []uint16 {
	return slices.DeleteFunc(slices.Clone(suites), func(s uint16) bool { return s>>8 == 0x13 })
}

func cipherMismatch(r *reading) *finding {
	if !r.open() || !r.knownClient() || !r.knownServer() {
		return r.unnamedHandshakeFailure("cipher-mismatch")
	}
	client, server := old(r.offered().suites), old(r.accepts(outcome.Server).suites)
	if r.negotiates13() || len(common(client, server)) > 0 || len(common(r.offered().versions, r.accepts(outcome.Server).versions)) == 0 {
		return nil
	}
	return r.suiteFinding(client, server)
}

func (r *reading) suiteFinding(client, server []uint16, more ...Evidence) *finding {
	f := found(
		saw(r.w.lastHello.step, "the client offers the cipher suites %s", names16(client, tlswire.CipherSuiteName)),
		saw(nil, "the server accepts %s", names16(server, tlswire.CipherSuiteName)),
	)
	f.Evidence = append(f.Evidence, more...)
	return f.refusedBy(outcome.Server).alert(alertHandshakeFailure)
}

// cipherVersusCertificate is an overlap of suites that the key of the server's
// certificate cannot serve: in TLS 1.2 the suite names the signature's algorithm.
func cipherVersusCertificate(r *reading) *finding {
	if !r.open() || !r.knownClient() || !r.knownServer() || r.negotiates13() || r.server == nil || r.server.leaf().std == nil {
		return nil
	}
	both := common(old(r.offered().suites), old(r.accepts(outcome.Server).suites))
	if len(both) == 0 {
		return nil
	}
	word, kind := suiteKey(r.server.leaf().std.PublicKey)
	if word == "" || slices.ContainsFunc(both, func(s uint16) bool { return strings.Contains(tls.CipherSuiteName(s), word) }) {
		return nil
	}
	return r.suiteFinding(old(r.offered().suites), old(r.accepts(outcome.Server).suites),
		saw(nil, "both have %s, and the server's certificate has a key of %s", names16(both, tlswire.CipherSuiteName), kind))
}

// keyOfAll returns the kind of key that all those TLS 1.2 suites want of a
// server, empty if they differ.
func keyOfAll(suites []uint16) string {
	for word, kind := range map[string]string{"_RSA_": "RSA", "_ECDSA_": "ECDSA"} {
		if len(suites) > 0 && !slices.ContainsFunc(suites, func(s uint16) bool { return !strings.Contains(tlswire.CipherSuiteName(s), word) }) {
			return kind
		}
	}
	return ""
}

// suiteKey returns the word in a TLS 1.2 suite's name that a key can serve.
func suiteKey(key any) (word, kind string) {
	switch key.(type) {
	case *rsa.PublicKey:
		return "_RSA_", "RSA"
	case *ecdsa.PublicKey:
		return "_ECDSA_", "ECDSA"
	case ed25519.PublicKey:
		return "_ECDSA_", "Ed25519"
	}
	return "", ""
}
