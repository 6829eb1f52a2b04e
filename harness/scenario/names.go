package scenario

import (
	"crypto/tls"
	"fmt"
	"slices"

	"shakedown/harness/causes"
	"shakedown/harness/pki"
	"shakedown/harness/quicwire"
	"shakedown/harness/tlswire"
)

// These are the words that a scenario takes from elsewhere: from the RFCs, from
// crypto/tls, from the catalogue of causes and from package pki.

// none is what a scenario may write where a result has nothing.
const none = "none"

var (
	roles      = []string{"client", "server"}
	transports = []string{"tcp", "quic"}
	versions   = []string{"1.2", "1.3"}
	// limits are the versions that a side can begin or end at, the latest first.
	limits    = []string{"1.3", "1.2", "1.1", "1.0"}
	outcomes  = []string{"established", "refused", "broken", "timeout", "unloadable"}
	authModes = []string{"none", "request", "require-any", "verify-if-given", "require"}
	keyKinds  = []string{"ecdsa-p256", "ecdsa-p224", "ecdsa-p384", "ecdsa-p521", "ed25519", "rsa-512", "rsa-1024", "rsa-2048", "rsa-3072", "rsa-4096"}
	hashes    = []string{"sha256", "sha1", "sha384", "sha512"}
	// keyUsages are the bits of KeyUsage (RFC 5280 4.2.1.3).
	keyUsages = []string{
		"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
		"keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly",
	}
)

// messages are the handshake messages whose content a side can reject (RFC 8446
// 4, RFC 5246 7.4).
var messages = []string{
	"ClientHello", "ServerHello", "HelloRetryRequest", "EncryptedExtensions", "CertificateRequest", "Certificate",
	"CertificateVerify", "ServerKeyExchange", "ServerHelloDone", "ClientKeyExchange", "CertificateStatus",
	"CompressedCertificate", "Finished", "NewSessionTicket", "EndOfEarlyData", "KeyUpdate", "HelloRequest",
}

// alerts are the alerts of TLS by name, in the order of their codes.
var alerts = func() []string {
	var names []string
	for code := range 256 {
		name := tlswire.AlertName(uint8(code))
		if _, ok := tlswire.AlertCode(name); ok {
			names = append(names, name)
		}
	}
	return names
}()

// groupNames are the key exchange groups that crypto/tls knows. A group that it
// does not know would be left out without a word, so it is no group here.
var groupNames = []struct {
	name, alias string
	id          tls.CurveID
}{
	{"X25519MLKEM768", "x25519mlkem768", tls.X25519MLKEM768},
	{"SecP256r1MLKEM768", "secp256r1mlkem768", tls.SecP256r1MLKEM768},
	{"SecP384r1MLKEM1024", "secp384r1mlkem1024", tls.SecP384r1MLKEM1024},
	{"X25519", "x25519", tls.X25519},
	{"P-256", "secp256r1", tls.CurveP256},
	{"P-384", "secp384r1", tls.CurveP384},
	{"P-521", "secp521r1", tls.CurveP521},
}

func groupWords() []string {
	var words []string
	for _, g := range groupNames {
		words = append(words, g.name)
	}
	for _, g := range groupNames {
		words = append(words, g.alias)
	}
	return words
}

func groupID(name string) uint16 {
	for _, g := range groupNames {
		if g.name == name || g.alias == name {
			return uint16(g.id)
		}
	}
	return 0
}

func groupName(id uint16) string {
	for _, g := range groupNames {
		if uint16(g.id) == id {
			return g.name
		}
	}
	return ""
}

// suites12 are the cipher suites of TLS 1.2. Those of TLS 1.3 are no setting of
// crypto/tls.
var suites12 = slices.DeleteFunc(slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()), func(s *tls.CipherSuite) bool {
	return !slices.Contains(s.SupportedVersions, tls.VersionTLS12)
})

// suites13 says of each suite of TLS 1.3 why it is no setting.
var suites13 = func() map[string]string {
	why := map[string]string{}
	for _, s := range tls.CipherSuites() {
		if !slices.Contains(s.SupportedVersions, tls.VersionTLS12) {
			why[s.Name] = "is a suite of TLS 1.3, which no one can choose in crypto/tls"
		}
	}
	return why
}()

func suiteWords() []string {
	var words []string
	for _, s := range suites12 {
		words = append(words, s.Name)
	}
	return words
}

func suiteID(name string) uint16 {
	for _, s := range suites12 {
		if s.Name == name {
			return s.ID
		}
	}
	return 0
}

func suiteName(id uint16) string {
	for _, s := range suites12 {
		if s.ID == id {
			return s.Name
		}
	}
	return ""
}

// quicVersions are the versions of QUIC that quic-go speaks.
var quicVersions = []struct {
	name string
	id   uint32
}{{"v1", uint32(quicwire.Version1)}, {"v2", uint32(quicwire.Version2)}}

func quicVersionWords() []string {
	var words []string
	for _, v := range quicVersions {
		words = append(words, v.name)
	}
	return words
}

func quicVersionID(name string) uint32 {
	for _, v := range quicVersions {
		if v.name == name {
			return v.id
		}
	}
	return 0
}

func (m *marshaler) quicVersionName(id uint32) string {
	for _, v := range quicVersions {
		if v.id == id {
			return v.name
		}
	}
	m.errs = append(m.errs, fmt.Errorf("write %s: 0x%08x is no version of QUIC that a scenario file knows", m.sc.ID, id))
	return ""
}

// formWords are the forms that a file of that role can have.
func formWords(role pki.FileRole) []string {
	var words []string
	for _, f := range pki.Forms(role) {
		words = append(words, f.Name)
	}
	return words
}

func causeWords() []string {
	var words []string
	for _, c := range causes.All() {
		words = append(words, c.ID)
	}
	return words
}

func flawWords() []string {
	var words []string
	for _, f := range pki.Flaws() {
		words = append(words, f.Name)
	}
	return words
}
