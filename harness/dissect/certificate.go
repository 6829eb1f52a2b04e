package dissect

import (
	"strings"
	"sync"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"shakedown/harness/field"
	"shakedown/harness/x509wire"
)

// maxName bounds what is shown of one name.
const maxName = 64

// certificateName returns what a person calls a certificate: its common name,
// or else its subject, or else the first name in subjectAltName.
func certificateName(der []byte) string {
	subject := rawSubject(der)
	if subject == nil {
		return "unreadable certificate"
	}
	if name := knownSubjects.name(subject); name != "" {
		return name
	}
	c, err := x509wire.Parse(der)
	if err != nil {
		return "unreadable certificate"
	}
	for _, names := range [][]string{c.DNS, c.URI, c.IP, c.Email} {
		if len(names) > 0 {
			return field.Shorten(names[0], maxName)
		}
	}
	return "no name"
}

// rawSubject returns the DER Name of a certificate's subject, nil if it cannot
// be found. A whole certificate takes twenty times as long to read, and a
// timeline needs the subject alone.
func rawSubject(der []byte) []byte {
	input := cryptobyte.String(der)
	var certificate, tbs, subject cryptobyte.String
	ok := input.ReadASN1(&certificate, asn1.SEQUENCE) &&
		certificate.ReadASN1(&tbs, asn1.SEQUENCE) &&
		tbs.SkipOptionalASN1(asn1.Tag(0).ContextSpecific().Constructed()) && // version
		tbs.SkipASN1(asn1.INTEGER) && // serialNumber
		tbs.SkipASN1(asn1.SEQUENCE) && // signature
		tbs.SkipASN1(asn1.SEQUENCE) && // issuer
		tbs.SkipASN1(asn1.SEQUENCE) && // validity
		tbs.ReadASN1Element(&subject, asn1.SEQUENCE)
	if !ok {
		return nil
	}
	return subject
}

// knownSubjects remembers what certificates are called: those of a capture are the
// same few in one connection after the other.
var knownSubjects subjects

// What subjects keep at most, names and bytes of each, before they start over.
const (
	mostSubjects     = 256
	mostSubjectBytes = 256
)

// subjects are what people call the subjects of certificates, by their DER. They
// may be asked by several goroutines at once.
type subjects struct {
	mu    sync.Mutex
	names map[string]string
}

// name is [nameOf].
func (s *subjects) name(der []byte) string {
	s.mu.Lock()
	name, known := s.names[string(der)]
	s.mu.Unlock()
	if known {
		return name
	}
	name = nameOf(der)
	if len(der) > mostSubjectBytes {
		return name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names == nil || len(s.names) >= mostSubjects {
		s.names = make(map[string]string)
	}
	s.names[string(der)] = name
	return name
}

// nameOf returns the common name of a DER Name, or all of it if it has none.
func nameOf(der []byte) string {
	name, err := x509wire.ParseName(der)
	if err != nil && name == "" {
		return "unreadable name"
	}
	for rest := name; rest != ""; {
		var attribute string
		attribute, rest = cutAttribute(rest)
		if common, ok := strings.CutPrefix(attribute, "CN="); ok {
			return field.Shorten(common, maxName)
		}
	}
	return field.Shorten(name, maxName)
}

// cutAttribute takes the first attribute off a name in the form of RFC 2253,
// where a backslash escapes a comma.
func cutAttribute(name string) (attribute, rest string) {
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '\\':
			i++
		case ',':
			return name[:i], name[i+1:]
		}
	}
	return name, ""
}
