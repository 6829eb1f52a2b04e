package diagnose

import (
	"bytes"
	"crypto/x509"
	"time"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/x509wire"
)

// A certificate is one certificate that somebody showed us, with who has it.
type certificate struct {
	raw []byte
	// std is nil where crypto/x509 refuses the certificate; err is then its reason.
	std *x509.Certificate
	err error
	// known is what is remembered of it.
	known *parsing
	// anchorOf says which side has it as a trust anchor, sentBy which side
	// presented it (or would have).
	anchorOf, sentBy sides
	// lost says where it stands in a side's files without being read, and
	// lostAnchorOf and lostBy what it would be if it were.
	lost                 *outcome.SkippedBlock
	lostAnchorOf, lostBy sides

	wire *x509wire.Certificate
	// subject and issuer are its names as they are shown, empty until they are asked for.
	subject, issuer string
	names           *territory
}

// sides is a set of roles.
type sides struct{ client, server bool }

func (s sides) has(r outcome.Role) bool {
	if r == outcome.Client {
		return s.client
	}
	return s.server
}

func (s *sides) add(r outcome.Role) {
	if r == outcome.Client {
		s.client = true
	} else {
		s.server = true
	}
}

// tolerant returns what x509wire could read, for certificates that crypto/x509 refuses.
func (c *certificate) tolerant() *x509wire.Certificate {
	if c.wire == nil {
		c.wire, _ = x509wire.Parse(c.raw) // what could be read is there beside the error
	}
	return c.wire
}

// name returns the subject, safe to show.
func (c *certificate) name() string {
	if c.subject == "" {
		c.subject = nameOf(c.rawSubject())
	}
	return c.subject
}

// issuerName returns the issuer, safe to show.
func (c *certificate) issuerName() string {
	if c.issuer == "" {
		c.issuer = nameOf(c.rawIssuer())
	}
	return c.issuer
}

// nameOf returns a DER Name, safe to show.
func nameOf(der []byte) string {
	name, err := x509wire.ParseName(der)
	if name == "" {
		if err != nil {
			return "an unreadable name"
		}
		return "an empty name"
	}
	return field.Shorten(name, 120)
}

func (c *certificate) rawSubject() []byte {
	if c.std != nil {
		return c.std.RawSubject
	}
	return c.tolerant().RawSubject
}

func (c *certificate) rawIssuer() []byte {
	if c.std != nil {
		return c.std.RawIssuer
	}
	return c.tolerant().RawIssuer
}

// selfIssued says that subject and issuer are the same name.
func (c *certificate) selfIssued() bool { return bytes.Equal(c.rawSubject(), c.rawIssuer()) }

// isCA says that the certificate is marked as a CA (RFC 5280 4.2.1.9), or is of
// the first version, which has no such mark, and self-issued.
func (c *certificate) isCA() bool {
	if c.std == nil {
		return c.tolerant().IsCA
	}
	return c.std.BasicConstraintsValid && c.std.IsCA || c.std.Version < 3 && c.selfIssued()
}

// validAt says that t is within the certificate's validity.
func (c *certificate) validAt(t time.Time) bool {
	return c.std == nil || !t.Before(c.std.NotBefore) && !t.After(c.std.NotAfter)
}

// keyIDsDiffer says that both certificates have key identifiers and that the
// child's authority is another key than the issuer's.
func keyIDsDiffer(child, issuer *certificate) bool {
	a, s := child.std.AuthorityKeyId, issuer.std.SubjectKeyId
	return len(a) > 0 && len(s) > 0 && !bytes.Equal(a, s)
}

// A shelf holds every certificate that anybody showed us, once each.
type shelf struct {
	signatures *Signatures
	all        []*certificate
	// byRaw finds them by their encoding, once there are more than a few.
	byRaw map[string]*certificate
	// trusted are pairs whose signature one of the sides has verified itself.
	trusted map[[2]*certificate]bool
	checked map[[2]*certificate]error
	checks  int
	// forbidden is what crypto/x509 has against the names of the second under the first.
	forbidden map[[2]*certificate]string
	// policies counts policies and mappings that were followed.
	policies int
	// comparisons counts names that were compared with constraints.
	comparisons int
}

func newShelf(s *Signatures) *shelf {
	return &shelf{signatures: s, all: make([]*certificate, 0, few)}
}

// few is how many certificates are found by looking at each: as many as two chains
// and their trust anchors have.
const few = 8

// put returns the certificate with that encoding, new or already on the shelf.
func (s *shelf) put(raw []byte) *certificate {
	if c := s.find(raw); c != nil {
		return c
	}
	known := s.signatures.parse(raw)
	c := &certificate{raw: raw, known: known, std: known.cert, err: known.err, subject: known.subject, issuer: known.issuer}
	s.all = append(s.all, c)
	switch {
	case s.byRaw != nil:
		s.byRaw[string(raw)] = c
	case len(s.all) > few:
		s.byRaw = make(map[string]*certificate, 2*few)
		for _, c := range s.all {
			s.byRaw[string(c.raw)] = c
		}
	}
	return c
}

// find returns the certificate with that encoding, nil if it is not on the shelf.
func (s *shelf) find(raw []byte) *certificate {
	if s.byRaw != nil {
		return s.byRaw[string(raw)]
	}
	for _, c := range s.all {
		if bytes.Equal(c.raw, raw) {
			return c
		}
	}
	return nil
}

// maxChecks is how many signatures one diagnosis checks: crypto/x509's own
// limit for one verification, for each of the two chains.
const maxChecks = 200

// signed returns nil if issuer's key made child's signature. Each pair is
// checked once; beyond the limit nothing is signed.
func (s *shelf) signed(child, issuer *certificate) error {
	pair := [2]*certificate{child, issuer}
	if s.trusted[pair] {
		return nil
	}
	if err, ok := s.checked[pair]; ok {
		return err
	}
	if s.checks >= maxChecks {
		return errTooManyChecks
	}
	s.checks++
	if s.checked == nil {
		s.checked = make(map[[2]*certificate]error, 8)
	}
	err := s.signatures.checkParsed(child.known, issuer.known)
	s.checked[pair] = err
	return err
}

// believe takes the signatures of a chain as good that a side has verified.
func (s *shelf) believe(chain [][]byte) {
	for i := 1; i < len(chain); i++ {
		if s.trusted == nil {
			s.trusted = make(map[[2]*certificate]bool, 4)
		}
		s.trusted[[2]*certificate{s.put(chain[i-1]), s.put(chain[i])}] = true
	}
}
