package pki

import (
	"bytes"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
)

// A Flaw is a named defect that an entity can be minted with.
type Flaw struct {
	Name string
	// Breaks says in a sentence what the flaw does and who objects.
	Breaks string
	apply  func(d *draft)
}

// Flaws returns every flaw there is, by what it is about.
func Flaws() []Flaw { return slices.Clone(flaws) }

var (
	serverAuth = usageWords["server"]
	clientAuth = usageWords["client"]

	codeSigning = []int{1, 3, 6, 1, 5, 5, 7, 3, 3}

	// An arc that is reserved for examples (RFC 5612).
	unknownExtension = []int{1, 3, 6, 1, 4, 1, 32473, 1}
	tlsFeature       = []int{1, 3, 6, 1, 5, 5, 7, 1, 24} // RFC 7633 3
	paddingExtension = []int{1, 3, 6, 1, 4, 1, 32473, 2}
)

var flaws = []Flaw{
	{"expired", "The validity ended a day before the clock, so every verifier refuses the certificate.", func(d *draft) {
		d.notBefore, d.notAfter = d.clock.AddDate(0, 0, -91), d.clock.AddDate(0, 0, -1)
	}},
	{"not-yet-valid", "The validity begins a day after the clock, so every verifier refuses the certificate; a Go server calls that expired, too.", func(d *draft) {
		d.notBefore, d.notAfter = d.clock.AddDate(0, 0, 1), d.clock.AddDate(0, 0, 91)
	}},
	{"inverted-validity", "notAfter is before notBefore, so there is no time at which the certificate is valid.", func(d *draft) {
		d.notBefore, d.notAfter = d.clock.Add(time.Hour), d.clock.Add(-time.Hour)
	}},

	{"no-san", "There is no subjectAltName, and the common name is no host name, so no server name matches.", func(d *draft) {
		d.dns, d.ip, d.uri, d.email = nil, nil, nil, nil
		d.subject = titleOf(d.entity.name)
	}},
	{"cn-only", "The host name stands only in the common name, which Go refuses and OpenSSL, GnuTLS, Node and curl accept.", func(d *draft) {
		if len(d.dns) > 0 {
			d.subject = d.dns[0]
		}
		d.dns, d.ip, d.uri, d.email = nil, nil, nil, nil
	}},
	{"san-is-url", "The DNS name is written as a URL (https://…), which matches no server name.", func(d *draft) {
		d.dns = slices.Clone(d.dns)
		for i := range d.dns {
			d.dns[i] = "https://" + d.dns[i]
		}
	}},
	{"ip-in-dns-san", "The IP addresses stand among the DNS names, so who dials an address finds no match.", func(d *draft) {
		d.dns = slices.Clone(d.dns)
		for _, ip := range d.ip {
			d.dns = append(d.dns, ip.String())
		}
		d.ip = nil
	}},

	{"wrong-usage", "The extended key usage is for the other side: serverAuth only for a client, clientAuth only for a server; on a CA it leaves out what its certificates are for.", func(d *draft) {
		d.usage = [][]int{otherUsage(d)}
	}},
	{"no-usage", "There is no extended key usage; Go accepts that, other verifiers and public CAs ask for one.", func(d *draft) { d.usage = nil }},
	{"no-digital-signature", "The key usage is keyEncipherment alone, so the key must not sign a handshake; Go does not look, OpenSSL and GnuTLS refuse.", func(d *draft) {
		d.keyUsage = []string{"keyEncipherment"}
	}},

	{"not-a-ca", "basicConstraints says CA:FALSE, so what this entity issued has no issuer that may sign.", func(d *draft) {
		d.basicConstraints, d.ca, d.pathLen = true, false, nil
	}},
	{"no-basic-constraints", "basicConstraints is missing, which means no CA for a version 3 certificate.", func(d *draft) {
		d.basicConstraints, d.ca, d.pathLen = false, false, nil
	}},
	{"no-key-cert-sign", "The key usage leaves out keyCertSign, so the CA must not sign certificates.", func(d *draft) {
		d.keyUsage = []string{"cRLSign"}
	}},
	{"no-key-ids", "The key identifiers are missing, so only names tie the chain together.", func(d *draft) { d.noKeyIDs = true }},
	{"wrong-authority-key", "authorityKeyIdentifier names another key than the issuer's; Go only prefers the one that matches.", func(d *draft) {
		d.wrongAuthorityKey = true
	}},

	{"wrong-key", "The private key is not the certificate's, so CertificateVerify cannot be checked with it.", func(d *draft) { d.wrongKey = true }},
	{"wrong-key-type", "The private key is of another algorithm than the certificate's, so its signatures do not even have the right form.", func(d *draft) { d.wrongKeyType = true }},
	{"self-signed", "The entity signs itself, so no CA vouches for it.", func(d *draft) { d.selfSigned = true }},
	{"sha1", "The signature is made with SHA-1, which Go refuses to verify on anything but a trust anchor.", func(d *draft) { d.hash = "sha1" }},
	{"unknown-signature", "The signature says that it is ML-DSA-65, which Go's x509 does not know and so cannot verify.", func(d *draft) { d.unknownAlgorithm = true }},
	{"issuer-respelled", "The issuer's name is written in capitals: the same name to RFC 5280 and to OpenSSL, another one to Go, which compares bytes.", func(d *draft) { d.respelled = true }},
	{"broken-signature", "The signature does not fit what it covers, as after a change to the certificate.", func(d *draft) {
		d.damage = func(der []byte) []byte {
			der[len(der)-1] ^= 0x01
			return der
		}
	}},

	{"negative-serial", "The serial number is negative, which RFC 5280 forbids and Go since 1.23 does not parse.", func(d *draft) { d.serial = big.NewInt(-4711) }},
	{"critical-unknown-extension", "An extension that no verifier knows is marked critical, so a verifier must refuse.", func(d *draft) {
		d.extra = append(d.extra, extension{id: unknownExtension, critical: true, value: []byte{0x05, 0x00}})
	}},
	{"version-1", "It is a version 1 certificate, which has no extensions: no names, no usage, no CA flag.", func(d *draft) { d.version = 1 }},
	{"damaged", "The encoding is damaged inside, so it does not parse.", func(d *draft) {
		d.damage = damageExtensions
	}},
	{"revoked", "The issuer lists it as revoked, which only who looks at the CRL or at an OCSP response finds out.", func(d *draft) { d.revoked = true }},
	{"stale-crl", "The CA's certificate revocation list is out of date: its nextUpdate has passed.", func(d *draft) { d.staleCRL = true }},
	{"stale-ocsp", "The OCSP response about it is out of date: its nextUpdate has passed.", func(d *draft) { d.staleResponse = true }},
	{"strange-ocsp", "The OCSP response about it is signed by a key that its issuer has nothing to do with.", func(d *draft) { d.strangeResponse = true }},
	{"unknown-to-ocsp", "The OCSP responder does not know of it.", func(d *draft) { d.unknownToResponder = true }},
	{"must-staple", "It has the TLS feature extension (RFC 7633): a server that presents it has to staple an OCSP response. Go does not look.", func(d *draft) {
		d.extra = append(d.extra, extension{id: tlsFeature, value: []byte{0x30, 0x03, 0x02, 0x01, 0x05}}) // SEQUENCE OF { status_request (5) }
	}},

	{"over-16k", "It is larger than 16 KB, which fits into TLS over TCP but not into what QUIC holds for a handshake.", func(d *draft) { d.pad(16 << 10) }},
	{"over-256k", "It is larger than 256 KB, which is more than Go takes in one handshake message.", func(d *draft) { d.pad(256 << 10) }},
}

// otherUsage is the purpose that the entity, or what it issues, is not for.
// For one that is for both it is neither.
func otherUsage(d *draft) []int {
	usage := d.usage
	if len(usage) == 0 {
		usage = d.entity.usageBelow()
	}
	isServer := slices.ContainsFunc(usage, func(id []int) bool { return slices.Equal(id, serverAuth) })
	isClient := slices.ContainsFunc(usage, func(id []int) bool { return slices.Equal(id, clientAuth) })
	switch {
	case isServer && isClient:
		return codeSigning
	case isServer:
		return clientAuth
	}
	return serverAuth
}

// usageBelow collects the usages of all that the entity issued, directly or not.
func (e *entity) usageBelow() (usage [][]int) {
	entities := e.hierarchy.entities
	for _, name := range slices.Sorted(maps.Keys(entities)) {
		at := entities[name]
		for range len(entities) {
			issuer, ok := entities[at.spec.Issuer]
			if !ok || at.spec.SelfSigned {
				break
			}
			if issuer == e {
				for _, word := range entities[name].spec.Usage {
					usage = append(usage, usageWords[word])
				}
				break
			}
			at = issuer
		}
	}
	return usage
}

// damageExtensions breaks the first extension's tag, so that all but the
// extensions can still be read by who tries.
func damageExtensions(der []byte) []byte {
	at := bytes.Index(der, []byte{0x06, 0x03, 0x55, 0x1d})
	if at < 0 {
		at = len(der) / 2
	}
	der[at] ^= 0x01
	return der
}

// pad adds an extension of that many bytes, an OCTET STRING that no verifier
// looks at.
func (d *draft) pad(size int) {
	var b cryptobyte.Builder
	b.AddASN1OctetString(make([]byte, size))
	d.extra = append(d.extra, extension{id: paddingExtension, value: b.BytesOrPanic()})
}

// applyFlaws applies the entity's flaws in their order.
func applyFlaws(d *draft, s Entity) error {
	for _, name := range s.Flaws {
		i := slices.IndexFunc(flaws, func(f Flaw) bool { return f.Name == name })
		if i < 0 {
			var known []string
			for _, f := range flaws {
				known = append(known, f.Name)
			}
			return fmt.Errorf("unknown flaw %q%s", name, suggest(name, known))
		}
		flaws[i].apply(d)
	}
	return nil
}
