package diagnose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"shakedown/harness/outcome"
)

// testClock is the time that all test hierarchies are made for.
var testClock = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// salt is in every CA's name and differs from run to run: no diagnosis may hang on
// what anything is called.
var salt = fmt.Sprintf(" salt%03x", time.Now().UnixNano()%4096)

// An entity is a certificate with its key.
type entity struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func (e *entity) raw() []byte { return e.cert.Raw }

func (e *entity) public(t testing.TB) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(e.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// An option changes a template before it is signed.
type option func(*x509.Certificate)

func ca(name string, o ...option) []option {
	return append([]option{func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: name + salt}
		c.BasicConstraintsValid, c.IsCA, c.KeyUsage = true, true, x509.KeyUsageCertSign
		c.MaxPathLen = -1
		c.NotAfter = testClock.AddDate(10, 0, 0)
	}}, o...)
}

func serverLeaf(o ...option) []option {
	return append([]option{func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: "server.test"}
		c.DNSNames = []string{"server.test"}
		c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
		c.KeyUsage = x509.KeyUsageDigitalSignature
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}}, o...)
}

func clientLeaf(o ...option) []option {
	return append([]option{func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: "client-1.test"}
		c.DNSNames = []string{"client-1.test"}
		c.KeyUsage = x509.KeyUsageDigitalSignature
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}}, o...)
}

func dns(names ...string) option {
	return func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = names, nil }
}

func valid(from, to time.Duration) option {
	return func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = testClock.Add(from), testClock.Add(to)
	}
}

const (
	hour = time.Hour
	day  = 24 * time.Hour
	year = 365 * day
)

var (
	expired  = valid(-30*day, -10*day)
	tomorrow = valid(day, 90*day)
)

// issue makes a certificate; a nil issuer makes it sign itself.
func issue(t testing.TB, issuer *entity, options []option) *entity {
	t.Helper()
	return issueWithKey(t, issuer, newKey(t), options)
}

func issueWithKey(t testing.TB, issuer *entity, key crypto.Signer, options []option) *entity {
	t.Helper()
	// The highest bit of the first byte is clear and the next is set: the DER has
	// no leading zero, and the tests can make the number negative in place.
	half := new(big.Int).Lsh(big.NewInt(1), 94)
	serial, err := rand.Int(rand.Reader, half)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: serial.Add(serial, half), NotBefore: testClock.Add(-hour), NotAfter: testClock.Add(90 * day)}
	for _, o := range options {
		o(template)
	}
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.cert, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatalf("create %s: %v", template.Subject, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &entity{cert: cert, key: key}
}

func newKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

var rsaKey = sync.OnceValue(func() crypto.Signer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func uri(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

func raws(list ...*entity) [][]byte {
	var out [][]byte
	for _, e := range list {
		out = append(out, e.raw())
	}
	return out
}

// credential is what a side presents: the first entity's key signs.
func credential(t testing.TB, list ...*entity) []outcome.Credential {
	t.Helper()
	return []outcome.Credential{{Chain: raws(list...), PublicKey: list[0].public(t)}}
}

// A pair is a healthy hierarchy for either side.
type pair struct {
	serverRoot, serverCA, server *entity
	clientRoot, clientCA, client *entity
}

func healthyPair(t testing.TB) *pair {
	t.Helper()
	p := &pair{}
	p.serverRoot = issue(t, nil, ca("Server Root"))
	p.serverCA = issue(t, p.serverRoot, ca("Server CA"))
	p.server = issue(t, p.serverCA, serverLeaf())
	p.clientRoot = issue(t, nil, ca("Client Root"))
	p.clientCA = issue(t, p.clientRoot, ca("Client CA"))
	p.client = issue(t, p.clientCA, clientLeaf())
	return p
}

// settings are those of both sides of a healthy pair.
func (p *pair) settings(t testing.TB) (client, server outcome.Settings) {
	t.Helper()
	client = outcome.Settings{
		Role: outcome.Client, Known: true, Clock: testClock, ServerName: "server.test",
		Credentials: credential(t, p.client, p.clientCA), Trust: raws(p.serverRoot), TrustSource: "server-root",
		ALPN: []string{"lab/1"},
	}
	server = outcome.Settings{
		Role: outcome.Server, Known: true, Clock: testClock, ClientAuth: outcome.AuthRequire,
		Credentials: credential(t, p.server, p.serverCA), Trust: raws(p.clientRoot), TrustSource: "client-root",
		ALPN: []string{"lab/1"},
	}
	return client, server
}
