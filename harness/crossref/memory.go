package crossref

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/asn1"
	"sync"
	"time"

	"shakedown/harness/field"
	"shakedown/harness/keytable"
	"shakedown/harness/recall"
	"shakedown/harness/x509wire"
)

// A Memory keeps certificates that were read, and what was written about them, for
// all connections that share it. It is safe for concurrent use; the zero value is ready.
type Memory struct {
	mu           sync.Mutex
	certificates map[string]*certificate
	// issued has what came of checking one certificate's signature with another's key,
	// named whether a certificate is for a host, shown what is told of a chain.
	issued recall.Answers[issuance, verdict]
	named  recall.Answers[naming, bool]
	shown  recall.Answers[appearance, *written]
	// instants has seconds as they are written.
	instants recall.Answers[int64, string]

	editions editions
	// tables are those of the keys that have signed most handshakes.
	tables keytable.Shelf
}

// remembered is how many of a kind are kept. Whoever watches strangers' handshakes
// for long starts over at the limit.
const remembered = 8192

// An issuance is a certificate, and the one whose key is said to have signed it.
type issuance struct{ child, issuer *certificate }

// A naming is a certificate, and a host name or address that it may be for.
type naming struct {
	certificate *certificate
	host        string
}

// A certificate is one that was read, as far as that went.
type certificate struct {
	*x509wire.Certificate
	key *key
	// name is what a person calls it.
	name string
}

// A key is the public key of a certificate.
type key struct {
	public any // nil where it cannot be read
	// name names algorithm and size ("ECDSA P-256").
	name string
	// pss says that it is an RSA key for RSASSA-PSS alone.
	pss bool
	// often verifies with an ECDSA key that may be asked often, nil for any other.
	often *keytable.Key
}

// certificate returns a certificate that was sent. It is shared: nobody may change it.
func (m *Memory) certificate(der []byte) *certificate {
	m.mu.Lock()
	c := m.certificates[string(der)]
	m.mu.Unlock()
	if c != nil {
		return c
	}
	c = readCertificate(der)
	if public, ok := c.key.public.(*ecdsa.PublicKey); ok {
		c.key.often = m.tables.Key(public)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.certificates == nil || len(m.certificates) >= remembered {
		m.certificates = make(map[string]*certificate)
	}
	m.certificates[string(der)] = c
	return c
}

// checked returns what comes of a check, which is made once.
func (m *Memory) checked(of issuance, check func() verdict) verdict {
	return m.issued.Of(of, remembered, check)
}

// isFor says that a host name or address is among the certificate's names.
func (m *Memory) isFor(c *certificate, host string) bool {
	return m.named.Of(naming{c, host}, remembered, func() bool { return c.isFor(host) })
}

// instant writes a time to the second: that in which a connection began is told of each
// of its certificates, and others began in it.
func (m *Memory) instant(t time.Time) string {
	return m.instants.Of(t.Unix(), remembered, func() string { return t.UTC().Format("2006-01-02 15:04:05 UTC") })
}

func readCertificate(der []byte) *certificate {
	read, _ := x509wire.Parse(der) // what could be read is there also beside an error
	c := &certificate{Certificate: read, key: &key{name: read.PublicKey}}
	if c.key.name == "" {
		c.key.name = "an unknown algorithm"
	}
	switch {
	case read.Std != nil && read.Std.PublicKey != nil:
		c.key.public = read.Std.PublicKey
	case read.RawPublicKey != nil:
		c.key.public, c.key.pss = parseKey(read.RawPublicKey)
	default:
		// A raw public key stands in a certificate's place (RFC 7250 3).
		if c.key.public, c.key.pss = parseKey(der); c.key.public != nil {
			c.key.name = x509wire.PublicKeyName(der)
		}
	}
	c.name = field.Shorten(read.Subject, maxName)
	if read.Subject == "" {
		c.name = "a certificate without a subject"
		for _, names := range [][]string{read.DNS, read.URI, read.IP, read.Email} {
			if len(names) > 0 {
				c.name = field.Shorten(names[0], maxName)
				break
			}
		}
	}
	return c
}

// maxName bounds what is shown of one name.
const maxName = 64

// oidRSASSAPSS is the algorithm of keys that sign with RSASSA-PSS alone
// (RFC 4055 1.2), which crypto/x509 does not read.
var oidRSASSAPSS = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}

// parseKey reads a DER SubjectPublicKeyInfo, nil where that fails.
func parseKey(info []byte) (public any, pss bool) {
	if public, err := x509.ParsePKIXPublicKey(info); err == nil {
		return public, false
	}
	var spki struct {
		Algorithm struct {
			OID        asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Key asn1.BitString
	}
	if rest, err := asn1.Unmarshal(info, &spki); err != nil || len(rest) > 0 || !spki.Algorithm.OID.Equal(oidRSASSAPSS) {
		return nil, false
	}
	rsaKey, err := x509.ParsePKCS1PublicKey(spki.Key.RightAlign())
	if err != nil {
		return nil, false
	}
	return rsaKey, true
}
