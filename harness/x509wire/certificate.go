// Package x509wire reads X.509 certificates as they are, also those that
// crypto/x509 refuses.
//
// For most uses, call [Parse]: it keeps everything that it could read, says in
// [Certificate.Problems] what it could not, and holds crypto/x509's own opinion
// beside it. To show a certificate byte by byte, call [Fields]. [ParseName]
// reads one distinguished name, as CertificateRequest carries them.
//
// The package judges encodings only. It verifies no signature and builds no
// chain, and it reads no indefinite lengths: those are BER, which X.509 forbids.
package x509wire

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"math/big"
	"time"
)

// A Certificate is what could be read of one certificate. Strings come from the
// certificate as they are: escape them before they are shown. The byte slices
// share Raw's memory. A Certificate is not changed after [Parse] returns, so
// goroutines may share it.
type Certificate struct {
	// Raw is the encoding that was parsed, trailing bytes included.
	Raw []byte
	// RawTBS, RawIssuer, RawSubject and RawPublicKey are the encodings of
	// tbsCertificate, the two names and subjectPublicKeyInfo, headers
	// included; nil where they could not be read.
	RawTBS, RawIssuer, RawSubject, RawPublicKey []byte
	// Version is 1, 2 or 3.
	Version int
	// Serial is nil if there is none to read. It may be negative, which RFC
	// 5280 forbids and old tools have made.
	Serial *big.Int
	// SignatureAlgorithm is the issuer's algorithm as crypto/x509 names it
	// ("ECDSA-SHA256", "SHA1-RSA"), or a dotted OID. Signature are its bytes.
	SignatureAlgorithm string
	Signature          []byte
	// Issuer and Subject are distinguished names in RFC 2253's order, the most
	// specific attribute first ("CN=Client CA,O=Acme").
	Issuer, Subject string
	// NotBefore and NotAfter are the validity; zero where it could not be read.
	NotBefore, NotAfter time.Time
	// PublicKey names algorithm and size ("ECDSA P-256", "RSA 2048", "Ed25519").
	PublicKey string
	// DNS, IP, URI and Email are the subject alternative names. HasSAN says
	// that there is the extension, OtherNames counts its names of other types.
	DNS, IP, URI, Email []string
	HasSAN              bool
	OtherNames          int
	// KeyUsage are RFC 5280's words ("digitalSignature"); HasKeyUsage says
	// that there is the extension.
	KeyUsage    []string
	HasKeyUsage bool
	// ExtKeyUsage are words ("serverAuth", "clientAuth") or dotted OIDs, nil
	// without the extension.
	ExtKeyUsage []string
	// IsCA is basicConstraints' cA, PathLen its pathLenConstraint.
	HasBasicConstraints bool
	IsCA                bool
	PathLen             *int
	// Permitted and Excluded are the name constraints ("dns:corp.test", "ip:10.0.0.0/8").
	Permitted, Excluded []string
	// SubjectKeyID and AuthorityKeyID are the key identifiers that tie a
	// certificate to its issuer's key.
	SubjectKeyID, AuthorityKeyID []byte
	// OCSP, CAIssuers and CRL are addresses from authorityInfoAccess and
	// cRLDistributionPoints.
	OCSP, CAIssuers, CRL []string
	// MustStaple is RFC 7633's TLS feature status_request.
	MustStaple bool
	// Extensions are all extensions in their order.
	Extensions []Extension
	// UnhandledCritical are the critical extensions that crypto/x509 does not
	// know and that make it refuse a chain, as dotted OIDs.
	UnhandledCritical []string
	// Problems says what could not be read, in the order in which it was found.
	Problems []Problem
	// Std is crypto/x509's certificate, nil where it refuses; StdErr is then
	// its reason.
	Std    *x509.Certificate
	StdErr error
}

// An Extension is one extension, not interpreted.
type Extension struct {
	OID      string
	Critical bool
	Value    []byte
}

// A Problem is a place where the encoding is not what RFC 5280 asks for. The
// part that it names was not read, or not completely.
type Problem struct {
	// Offset counts from the certificate's first byte.
	Offset int
	// Part is the field in RFC 5280's words ("subjectAltName").
	Part string
	Text string
}

func (p Problem) Error() string {
	return fmt.Sprintf("%s at byte %d: %s", p.Part, p.Offset, p.Text)
}

// SelfIssued says that issuer and subject are the same name, byte for byte.
func (c *Certificate) SelfIssued() bool {
	return c.RawSubject != nil && bytes.Equal(c.RawIssuer, c.RawSubject)
}

// Parse reads a DER certificate and keeps what it could read. The error is not
// nil only if not even the frame of tbsCertificate could be found; the
// Certificate is there even then, with Raw and StdErr. The Certificate keeps
// der, which must not be changed afterwards.
func Parse(der []byte) (*Certificate, error) {
	c := &Certificate{Raw: der}
	c.Std, c.StdErr = x509.ParseCertificate(der)

	p := parser{der: der, cert: c}
	outer := cursor{der: der, end: len(der)}
	whole, ok := p.next(&outer, "Certificate", tagSequence)
	if !ok {
		return c, fmt.Errorf("parse certificate: %w", c.Problems[len(c.Problems)-1])
	}
	parts := whole.cursor(der)
	tbs, ok := p.next(&parts, "tbsCertificate", tagSequence)
	if !ok {
		return c, fmt.Errorf("parse certificate: %w", c.Problems[len(c.Problems)-1])
	}
	c.RawTBS = tbs.raw(der)
	p.tbs(tbs.cursor(der))
	p.signature(&parts)
	if !outer.empty() {
		p.problem(outer.at, "Certificate", fmt.Sprintf("%d bytes follow the certificate", outer.end-outer.at))
	}
	if c.Std != nil {
		c.UnhandledCritical = nil
		for _, id := range c.Std.UnhandledCriticalExtensions {
			c.UnhandledCritical = append(c.UnhandledCritical, id.String())
		}
	}
	return c, nil
}

// A parser fills a Certificate. Each part is read on its own, so that damage in
// one leaves the others readable.
type parser struct {
	der  []byte
	cert *Certificate
	// old says that the certificate is of a version without extensions.
	old bool
}

func (p *parser) problem(at int, part, text string) {
	p.cert.Problems = append(p.cert.Problems, Problem{Offset: at, Part: part, Text: text})
}

// next returns the next element. It reports an element that is missing, cut
// short, or of another type; a constructed one that is cut short is still worth
// reading, so ok is then true.
func (p *parser) next(c *cursor, part string, tag byte) (e element, ok bool) {
	at := c.at
	e, err := c.next()
	switch {
	case err != nil:
		p.problem(at, part, err.Error())
		return e, false
	case e.tag != tag:
		p.problem(at, part, fmt.Sprintf("want %s, got %s", tagName(tag), tagName(e.tag)))
		return e, false
	case e.cut > 0:
		p.problem(at, part, fmt.Sprintf("cut short: %d bytes are missing", e.cut))
		return e, e.constructed()
	}
	return e, true
}

// tbs reads TBSCertificate.
//
//	TBSCertificate ::= SEQUENCE {
//	    version         [0] EXPLICIT Version DEFAULT v1,
//	    serialNumber        CertificateSerialNumber,
//	    signature           AlgorithmIdentifier,
//	    issuer              Name,
//	    validity            Validity,
//	    subject             Name,
//	    subjectPublicKeyInfo SubjectPublicKeyInfo,
//	    issuerUniqueID  [1] IMPLICIT UniqueIdentifier OPTIONAL,
//	    subjectUniqueID [2] IMPLICIT UniqueIdentifier OPTIONAL,
//	    extensions      [3] EXPLICIT Extensions OPTIONAL }
//
// https://www.rfc-editor.org/rfc/rfc5280#section-4.1
func (p *parser) tbs(c cursor) {
	p.version(&c)
	p.serial(&c)
	p.next(&c, "signature", tagSequence)
	p.cert.RawIssuer, p.cert.Issuer = p.name(&c, "issuer")
	p.validity(&c)
	p.cert.RawSubject, p.cert.Subject = p.name(&c, "subject")
	if e, ok := p.next(&c, "subjectPublicKeyInfo", tagSequence); ok {
		p.cert.RawPublicKey = e.raw(p.der)
		p.cert.PublicKey = publicKeyName(p.der, e)
	}
	for !c.empty() {
		at := c.at
		e, err := c.next()
		if err != nil {
			p.problem(at, "tbsCertificate", err.Error())
			return
		}
		switch e.tag {
		case context(1), context(2), context(1) | constructedBit, context(2) | constructedBit:
		case context(3) | constructedBit:
			if e.cut > 0 {
				p.problem(at, "extensions", fmt.Sprintf("cut short: %d bytes are missing", e.cut))
			}
			if p.old {
				// "This field MUST only appear if the version is 3"
				// (https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.9).
				p.problem(at, "extensions", fmt.Sprintf("version %d has no extensions, so that these count for nothing", p.cert.Version))
				continue
			}
			p.extensions(e.cursor(p.der))
		default:
			p.problem(at, "tbsCertificate", "unexpected "+tagName(e.tag))
		}
	}
}

func (p *parser) version(c *cursor) {
	p.cert.Version = 1
	if c.peek() != context(0)|constructedBit {
		p.old = true
		return
	}
	outer, ok := p.next(c, "version", context(0)|constructedBit)
	if !ok {
		return
	}
	inner := outer.cursor(p.der)
	if e, ok := p.next(&inner, "version", tagInteger); ok {
		n, small := smallInteger(e.content(p.der))
		if !small || n < 0 || n > 2 {
			p.problem(e.start, "version", "no version that X.509 knows: "+integer(e.content(p.der)).String())
			return
		}
		p.cert.Version, p.old = n+1, n < 2
	}
}

func (p *parser) serial(c *cursor) {
	if e, ok := p.next(c, "serialNumber", tagInteger); ok {
		p.cert.Serial = integer(e.content(p.der))
	}
}

func (p *parser) name(c *cursor, part string) (raw []byte, text string) {
	e, ok := p.next(c, part, tagSequence)
	if !ok {
		return nil, ""
	}
	text, err := nameString(p.der, e)
	if err != nil {
		p.problem(e.start, part, err.Error())
	}
	return e.raw(p.der), text
}

func (p *parser) validity(c *cursor) {
	e, ok := p.next(c, "validity", tagSequence)
	if !ok {
		return
	}
	times := e.cursor(p.der)
	p.cert.NotBefore = p.time(&times, "notBefore")
	p.cert.NotAfter = p.time(&times, "notAfter")
}

func (p *parser) time(c *cursor, part string) time.Time {
	tag := c.peek()
	if tag != tagGeneralizedTime {
		tag = tagUTCTime
	}
	e, ok := p.next(c, part, tag)
	if !ok {
		return time.Time{}
	}
	t, err := parseTime(e.tag, e.content(p.der))
	if err != nil {
		p.problem(e.start, part, err.Error())
	}
	return t
}

func (p *parser) signature(c *cursor) {
	if e, ok := p.next(c, "signatureAlgorithm", tagSequence); ok {
		p.cert.SignatureAlgorithm = signatureName(p.der, e)
	}
	if e, ok := p.next(c, "signatureValue", tagBitString); ok {
		if b := e.content(p.der); len(b) > 0 {
			p.cert.Signature = b[1:]
		}
	}
}
