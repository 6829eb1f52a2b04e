package pki

import "time"

// A Spec is the certificates of a scenario by entity name. It is what the
// `pki` map of a scenario file says, decoded and with the defaults filled in.
type Spec map[string]Entity

// An Entity is one certificate to mint, or one to take from disk as the person
// has it (Cert, Key, Bundle).
type Entity struct {
	// CA makes it a certification authority: basicConstraints CA:TRUE and
	// keyCertSign, unless other fields say otherwise.
	CA bool
	// Issuer is the name of the entity that signs it. Empty: it signs itself.
	Issuer string
	// SelfSigned makes an end entity sign itself even where an issuer is inherited.
	SelfSigned bool
	// Usage is the extended key usage: "server", "client", or a dotted OID. Nil: none.
	Usage []string
	// KeyUsage replaces the default bits; nil keeps the default for the kind.
	// Words: digitalSignature, keyEncipherment, keyCertSign, cRLSign, keyAgreement.
	KeyUsage []string
	// DNS, IP, URI and Email are subject alternative names.
	DNS, IP, URI, Email []string
	// Subject is the common name, default the entity's name in title case
	// ("client-root" is "Client Root"); an end entity's is its first DNS name.
	Subject string
	// Key is the key's kind: ecdsa-p256 (default), ecdsa-p224, ecdsa-p384,
	// ecdsa-p521, ed25519, rsa-512 (which cannot sign), rsa-1024, rsa-2048,
	// rsa-3072, rsa-4096.
	Key string
	// SameKeyAs uses another entity's key instead of a fresh one.
	SameKeyAs string
	// NotBefore and NotAfter replace the default validity: an hour before the
	// clock, and 90 days (an end entity) or ten years (a CA) after it.
	NotBefore, NotAfter When
	// PathLen is basicConstraints' pathLenConstraint, nil for none.
	PathLen *int
	// Constraints are name constraints (RFC 5280 4.2.1.10).
	Constraints Constraints
	// Policies are certificate policies and what is demanded of them.
	Policies Policies
	// Serial is the decimal serial number, empty for a random one. It may be negative.
	Serial string
	// Signature is the hash that the issuer signs with: sha256 (default), sha1, sha384, sha512.
	Signature string
	// Flaws are named defects, applied last.
	Flaws []string
	// Cert, KeyFile and Bundle take it from disk; the paths are already
	// resolved. Cert may hold a chain, and the key too.
	Cert, KeyFile, Bundle string
	// Pick leaves only some of a bundle's certificates: [PickLast], or all.
	Pick Pick
}

// A Pick is a choice among the certificates of a bundle.
type Pick string

// PickLast is the last certificate of a bundle: in a chain file, the one
// nearest to the root.
const PickLast Pick = "last"

// FromDisk says that the entity is taken from files, not minted.
func (e Entity) FromDisk() bool { return e.Cert != "" || e.KeyFile != "" || e.Bundle != "" }

// Validity returns when a certificate that is minted at that clock is valid, before
// its flaws change that.
func (e Entity) Validity(clock time.Time) (notBefore, notAfter time.Time) {
	notBefore, notAfter = clock.Add(-time.Hour), clock.AddDate(0, 0, 90)
	if e.CA {
		notAfter = clock.AddDate(10, 0, 0)
	}
	if e.NotBefore.Set {
		notBefore = e.NotBefore.At(clock)
	}
	if e.NotAfter.Set {
		notAfter = e.NotAfter.At(clock)
	}
	return notBefore, notAfter
}

// A When is a time, relative to the scenario's clock or absolute. The zero When
// is unset.
type When struct {
	Set      bool
	Offset   time.Duration
	Absolute time.Time // wins over Offset where it is not zero
}

// At returns the time that w means at that clock, in whole seconds.
func (w When) At(clock time.Time) time.Time {
	if !w.Absolute.IsZero() {
		return w.Absolute.Truncate(time.Second)
	}
	return clock.Add(w.Offset).Truncate(time.Second)
}
