package pki

import (
	"crypto"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A draft is a certificate before it is signed. Flaws change it.
type draft struct {
	entity *entity
	clock  time.Time

	version             int
	serial              *big.Int // nil: random
	subject             string   // a common name
	notBefore, notAfter time.Time
	basicConstraints    bool
	ca                  bool
	pathLen             *int
	keyUsage            []string // nil: no extension
	usage               [][]int  // OIDs; nil: no extension
	dns, uri, email     []string
	ip                  []netip.Addr
	permitted, excluded []subtree // name constraints
	policies            draftPolicies
	noKeyIDs            bool
	extra               []extension
	hash                string

	// selfSigned signs with the entity's own key, whoever its issuer is.
	selfSigned bool
	// wrongKey gives the owner a private key that is not the certificate's.
	wrongKey bool
	// wrongKeyType does the same with a key of another algorithm.
	wrongKeyType bool
	// wrongAuthorityKey names a key as issuer's that is not.
	wrongAuthorityKey bool
	// respelled writes the issuer's name in capitals.
	respelled bool
	// unknownAlgorithm has the signature say that it is of another algorithm.
	unknownAlgorithm bool
	// revoked, staleCRL, staleResponse and strangeResponse are about what its
	// issuer, or it as an issuer, says of certificates later (see revocation.go).
	revoked, staleCRL              bool
	staleResponse, strangeResponse bool
	unknownToResponder             bool
	// damage changes the signed certificate.
	damage func(der []byte) []byte
}

// An extension is one that the draft has no field for.
type extension struct {
	id       []int
	critical bool
	value    []byte
}

// Extended key usages by the words of a scenario file.
var usageWords = map[string][]int{
	"server": {1, 3, 6, 1, 5, 5, 7, 3, 1},
	"client": {1, 3, 6, 1, 5, 5, 7, 3, 2},
	"any":    {2, 5, 29, 37, 0},
}

// keyUsageWords are KeyUsage's bits in their order (RFC 5280 4.2.1.3).
var keyUsageWords = []string{
	"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
	"keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly",
}

var hashes = map[string]crypto.Hash{"sha1": crypto.SHA1, "sha256": crypto.SHA256, "sha384": crypto.SHA384, "sha512": crypto.SHA512}

// newDraft fills in the defaults, reads what the entity spells as text, and
// applies its flaws.
func newDraft(e *entity, clock time.Time) (*draft, error) {
	s := e.spec
	d := &draft{
		entity: e, clock: clock, version: 3,
		subject:          subjectOf(e.name, s),
		basicConstraints: s.CA || s.PathLen != nil,
		ca:               s.CA,
		pathLen:          s.PathLen,
		dns:              s.DNS,
		uri:              s.URI,
		email:            s.Email,
		hash:             s.Signature,
		selfSigned:       e.issuer == e,
	}
	d.notBefore, d.notAfter = s.Validity(clock)
	for _, read := range []func(*draft, Entity) error{readSerial, readKeyUsage, readUsage, readAddresses, readConstraints, readPolicies, readHash, applyFlaws} {
		if err := read(d, s); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// subjectOf returns the common name that an entity has if it says nothing.
func subjectOf(name string, s Entity) string {
	switch {
	case s.Subject != "":
		return s.Subject
	case !s.CA && len(s.DNS) > 0:
		return s.DNS[0]
	}
	return titleOf(name)
}

// titleOf writes "client-root" as "Client Root" and "server-ca" as "Server CA".
func titleOf(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' })
	for i, w := range words {
		if w == "ca" {
			words[i] = "CA"
			continue
		}
		first, size := utf8.DecodeRuneInString(w)
		words[i] = string(unicode.ToUpper(first)) + w[size:]
	}
	return strings.Join(words, " ")
}

func readSerial(d *draft, s Entity) error {
	if s.Serial == "" {
		return nil
	}
	n, ok := new(big.Int).SetString(s.Serial, 10)
	if !ok {
		return fmt.Errorf("serial %q is no decimal number", s.Serial)
	}
	d.serial = n
	return nil
}

func readKeyUsage(d *draft, s Entity) error {
	for _, word := range s.KeyUsage {
		if !slices.Contains(keyUsageWords, word) {
			return fmt.Errorf("unknown key_usage %q%s", word, suggest(word, keyUsageWords))
		}
	}
	switch {
	case s.KeyUsage != nil:
		// A KeyUsage without bits is not allowed: an empty list leaves the
		// extension out.
		if len(s.KeyUsage) > 0 {
			d.keyUsage = s.KeyUsage
		}
	case s.CA:
		d.keyUsage = []string{"keyCertSign", "cRLSign"}
	case strings.HasPrefix(s.Key, "rsa"):
		d.keyUsage = []string{"digitalSignature", "keyEncipherment"}
	default:
		d.keyUsage = []string{"digitalSignature"}
	}
	return nil
}

func readUsage(d *draft, s Entity) error {
	for _, word := range s.Usage {
		id, ok := usageWords[word]
		if !ok {
			var err error
			if id, err = parseOID(word); err != nil {
				words := slices.Sorted(maps.Keys(usageWords))
				return fmt.Errorf("unknown usage %q%s; a usage is one of %s, or a dotted OID", word, suggest(word, words), strings.Join(words, ", "))
			}
		}
		d.usage = append(d.usage, id)
	}
	return nil
}

var errOID = errors.New("no dotted OID")

func parseOID(s string) ([]int, error) {
	var id []int
	for part := range strings.SplitSeq(s, ".") {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return nil, errOID
		}
		id = append(id, int(n))
	}
	if len(id) < 2 || id[0] > 2 || id[0] < 2 && id[1] > 39 {
		return nil, errOID
	}
	return id, nil
}

func readAddresses(d *draft, s Entity) error {
	for _, text := range s.IP {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return fmt.Errorf("ip %q is no address", text)
		}
		d.ip = append(d.ip, ip)
	}
	return nil
}

func readHash(d *draft, s Entity) error {
	if s.Signature == "" {
		return nil
	}
	if _, ok := hashes[s.Signature]; !ok {
		words := slices.Sorted(maps.Keys(hashes))
		return fmt.Errorf("unknown signature %q%s; it is one of %s", s.Signature, suggest(s.Signature, words), strings.Join(words, ", "))
	}
	return nil
}

// mint signs the draft and returns it with its owner's key.
func (d *draft) mint() (minted, error) {
	e := d.entity
	key, err := e.key()
	if err != nil {
		return minted{}, err
	}
	issuer, signer := e, key
	if !d.selfSigned {
		issuer = e.issuer
		if signer, err = issuer.key(); err != nil {
			return minted{}, fmt.Errorf("issuer %q: %w", issuer.name, err)
		}
	}
	der, err := d.sign(key.Public(), issuer, signer)
	if err != nil {
		return minted{}, err
	}
	if d.damage != nil {
		der = d.damage(der)
	}
	switch {
	case d.wrongKey:
		key, err = freshLike(key.Public())
	case d.wrongKeyType:
		key, err = otherKind(key.Public())
	}
	if err != nil {
		return minted{}, err
	}
	return minted{der: der, key: key}, nil
}
