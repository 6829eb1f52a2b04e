package crossref

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/x509wire"
)

// certificateClock is the time that test certificates are made for.
var certificateClock = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// An authority has a certificate and its key.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// mint makes a certificate; without an issuer it signs itself.
func mint(name string, by *authority, change func(*x509.Certificate)) *authority {
	a := &authority{key: ec(elliptic.P256())}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: certificateClock.Add(-time.Hour), NotAfter: certificateClock.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	if change != nil {
		change(template)
	}
	parent, signer := template, a.key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	a.cert = must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, parent, a.key.Public(), signer))))
	return a
}

// showing returns a connection in which a side shows that chain.
func showing(t *testing.T, from outcome.Role, list ...*authority) Input {
	t.Helper()
	in := reference(t, "client-authentication.txt")
	body := []byte{0, 0, 0, 0}
	for _, a := range list {
		n := len(a.cert.Raw)
		body = append(body, byte(n>>16), byte(n>>8), byte(n))
		body = append(append(body, a.cert.Raw...), 0, 0)
	}
	n := len(body) - 4
	body[1], body[2], body[3] = byte(n>>16), byte(n>>8), byte(n)
	raw := append([]byte{byte(tlswire.TypeCertificate), 0, byte(len(body) >> 8), byte(len(body))}, body...)
	for i, s := range in.Timeline.Steps {
		if s.Name == "Certificate" && s.From == from {
			c := *s
			setRaw(t, &c, raw, tlswire.VersionTLS13)
			in.Timeline.Steps[i] = &c
		}
	}
	return in
}

func TestCertificates(t *testing.T) {
	root := mint("Root", nil, nil)
	other := mint("Other", nil, nil)
	impostor := mint("Root", nil, nil)
	inter := mint("Inter", root, nil)
	leaf := mint("leaf", inter, func(c *x509.Certificate) {
		c.IsCA, c.DNSNames, c.ExtKeyUsage = false, []string{"other.test"}, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	})
	old := mint("old", inter, func(c *x509.Certificate) { c.NotAfter = certificateClock.Add(-49 * time.Minute) })
	young := mint("young", inter, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = certificateClock.Add(73*time.Hour), certificateClock.Add(100*time.Hour)
	})
	client := func(change func(*outcome.Settings)) outcome.Settings {
		s := outcome.Settings{Known: true, Clock: certificateClock, Trust: [][]byte{root.cert.Raw}, TrustSource: "ca.pem"}
		if change != nil {
			change(&s)
		}
		return s
	}
	tests := []struct {
		name     string
		chain    []*authority
		settings outcome.Settings // the client's, which verifies
		own      outcome.Settings
		want     []string
		never    []string
	}{
		{
			"in order",
			[]*authority{leaf, inter},
			client(nil),
			outcome.Settings{},
			[]string{
				"/issuer: It is the subject of certificate 2.", "verifies with the key of certificate 2.",
				"/issuer: It is the subject of a trust anchor of the client (ca.pem).", "verifies with the client's trust anchor CN=Root.",
				"Certificate 2 names a trust anchor of the client as its issuer, CN=Root (ca.pem).",
				"/extKeyUsage: It lacks serverAuth, which a server's certificate needs.",
				"/subjectAltName: server, which the client asks for in step 1, is not among them.",
				"/validity: It holds at the client's clock, 2026-03-01 12:00:00 UTC.",
			},
			[]string{"does not verify with the"},
		},
		{
			"in another order",
			[]*authority{leaf, other, inter},
			client(nil),
			outcome.Settings{},
			[]string{"/issuer: It is the subject of certificate 3, which does not stand directly behind this one.", "/issuer: It is also the subject: the certificate is self-issued."},
			nil,
		},
		{
			"with a gap",
			[]*authority{leaf, root},
			client(nil),
			outcome.Settings{},
			[]string{"/issuer: Certificate 2 has another subject, CN=Root.", "/issuer: No trust anchor of the client has this subject.", "Certificate 2 is itself a trust anchor of the client.", "verifies with its own key."},
			nil,
		},
		{
			"a trust anchor of that name with another key",
			[]*authority{leaf, inter},
			client(func(s *outcome.Settings) { s.Trust = [][]byte{impostor.cert.Raw} }),
			outcome.Settings{},
			[]string{"does not verify with the client's trust anchor CN=Root."},
			nil,
		},
		{
			"two trust anchors of that name",
			[]*authority{leaf, inter},
			client(func(s *outcome.Settings) { s.Trust = [][]byte{impostor.cert.Raw, root.cert.Raw} }),
			outcome.Settings{},
			[]string{"verifies with the client's trust anchor CN=Root."},
			[]string{"does not verify with the"},
		},
		{
			"no trust anchor",
			[]*authority{leaf, inter},
			client(func(s *outcome.Settings) { s.Trust = [][]byte{other.cert.Raw} }),
			outcome.Settings{},
			[]string{"No certificate of the chain names a trust anchor of the client (ca.pem) as its issuer."},
			nil,
		},
		{
			"the system's trust anchors",
			[]*authority{leaf, inter},
			client(func(s *outcome.Settings) { s.Trust, s.SystemTrust = nil, true }),
			outcome.Settings{},
			nil,
			[]string{"No trust anchor", "No certificate"},
		},
		{
			"dates",
			[]*authority{old, young},
			client(nil),
			outcome.Settings{Known: true, Clock: certificateClock.Add(80 * time.Hour)},
			[]string{
				"/validity: It ended 49 minutes before the client's clock, 2026-03-01 12:00:00 UTC.", "/validity: It ended 3 days before the server's own clock, 2026-03-04 20:00:00 UTC.",
				"/validity: It begins 3 days after the client's clock", "/validity: It holds at the server's own clock",
			},
			nil,
		},
		{
			"another name is verified",
			[]*authority{leaf},
			client(func(s *outcome.Settings) { s.ServerName = "other.test" }),
			outcome.Settings{},
			[]string{"/subjectAltName: other.test, which the client verifies, is among them."},
			nil,
		},
		{
			"no names at all",
			[]*authority{inter},
			client(nil),
			outcome.Settings{},
			[]string{"/subject: There is no subjectAltName to look for server in, which the client asks for in step 1."},
			nil,
		},
		{
			"what is configured",
			[]*authority{leaf, inter},
			client(nil),
			outcome.Settings{Known: true, Credentials: []outcome.Credential{{Chain: [][]byte{leaf.cert.Raw}, Source: "server.pem"}}},
			[]string{"The server is configured with a chain of 1 that begins with certificate 1 (server.pem), and sent 2."},
			nil,
		},
		{
			"what is not configured",
			[]*authority{leaf},
			client(nil),
			outcome.Settings{Known: true, Credentials: []outcome.Credential{{Chain: [][]byte{old.cert.Raw}}}},
			[]string{"Certificate 1 is none that the server is configured with."},
			nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := showing(t, outcome.Server, tt.chain...)
			in.Transcript.Client.Settings, in.Transcript.Server.Settings = tt.settings, tt.own
			got := told(in, "Certificate")
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("it lacks %q:\n%s", want, got)
				}
			}
			for _, never := range tt.never {
				if strings.Contains(got, never) {
					t.Errorf("it has %q:\n%s", never, got)
				}
			}
		})
	}
}

// TestCertificateElsewhere compares with the connections before.
func TestCertificateElsewhere(t *testing.T) {
	a, b := mint("server", nil, nil), mint("server", nil, nil)
	first := New(showing(t, outcome.Server, a))
	for _, tt := range []struct {
		shows *authority
		want  string
	}{{a, "Certificate 1 is the same as in connection 1, step 5."}, {b, "Certificate 1 is another than in connection 1, step 5."}} {
		in := showing(t, outcome.Server, tt.shows)
		in.Before = []*Book{first, nil}
		if got := told(in, "Certificate"); !strings.Contains(got, tt.want) {
			t.Errorf("it lacks %q:\n%s", tt.want, got)
		}
	}
}

// TestRequest compares a CertificateRequest with what the client is configured with.
func TestRequest(t *testing.T) {
	root := mint("Root", nil, nil)
	leaf := mint("leaf", root, nil)
	stranger := mint("Stranger", nil, nil)
	in := showing(t, outcome.Client, leaf)
	for _, tt := range []struct {
		name  string
		names [][]byte
		want  []string
	}{
		{"listed", [][]byte{stranger.cert.RawSubject, root.cert.RawSubject}, []string{
			"The server lists the 2 CAs that it accepts; the issuer of the client's certificate, CN=Root, is among them.",
			"/name: No certificate of the client's chain (step 8) is issued by it.", "/name: It is the issuer of certificate 1 in step 8.",
			"can sign with ecdsa_secp256r1_sha256.", "The client answers with 1 certificate in step 8.",
		}},
		{"not listed", [][]byte{stranger.cert.RawSubject}, []string{"The server lists the one CA that it accepts; the issuer of the client's certificate, CN=Root, is not among them."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var list []byte
			for _, n := range tt.names {
				list = append(append(list, byte(len(n)>>8), byte(len(n))), n...)
			}
			list = append([]byte{byte(len(list) >> 8), byte(len(list))}, list...)
			asking := edited(t, in, "CertificateRequest", func(raw []byte) []byte { return add(raw, 5, tlswire.ExtCertificateAuthorities, list...) })
			got := told(asking, "CertificateRequest")
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("it lacks %q:\n%s", want, got)
				}
			}
		})
	}
}

// TestNamesWithoutCryptoX509 looks for a name in a certificate that crypto/x509 refuses.
func TestNamesWithoutCryptoX509(t *testing.T) {
	c := &certificate{Certificate: &x509wire.Certificate{DNS: []string{"a.test"}, IP: []string{"127.0.0.1"}}}
	for host, want := range map[string]bool{"a.test": true, "A.TEST.": true, "127.0.0.1": true, "b.test": false} {
		if c.isFor(host) != want {
			t.Errorf("it is for %s: %v, want %v", host, !want, want)
		}
	}
}

// TestKeyUpdates counts the updates of each side.
func TestKeyUpdates(t *testing.T) {
	in := reference(t, "simple-1rtt.txt")
	for _, from := range []outcome.Role{outcome.Client, outcome.Server, outcome.Client} {
		s := &dissect.Step{N: len(in.Timeline.Steps) + 1, From: from, Kind: dissect.KindHandshake, Unit: -1}
		asks := byte(0)
		if len(in.Timeline.Steps)%2 == 0 {
			asks = 1
		}
		setRaw(t, s, []byte{byte(tlswire.TypeKeyUpdate), 0, 0, 1, asks}, tlswire.VersionTLS13)
		in.Timeline.Steps = append(in.Timeline.Steps, s)
	}
	got := told(in, "KeyUpdate")
	for _, want := range []string{
		"The client's 1st key update: what it sends from here on is under client_application_traffic_secret_1.",
		"The server's 1st key update", "The client's 2nd key update: what it sends from here on is under client_application_traffic_secret_2.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
	if !strings.Contains(got, "/request_update: ") {
		t.Errorf("nothing is said of what is asked for:\n%s", got)
	}
	if i := slices.IndexFunc(in.Timeline.Steps, func(s *dissect.Step) bool { return s.Name == "Finished" }); i < 0 {
		t.Fatal("no Finished")
	}
	for _, p := range all(in) {
		if p.Result != Verified {
			t.Errorf("%s is %s beside key updates: %s", p.Of, p.Result, p.Text)
		}
	}
}

// TestRawPublicKey reads a key that stands in a certificate's place (RFC 7250).
func TestRawPublicKey(t *testing.T) {
	k := ec(elliptic.P256())
	c := readCertificate(must(x509.MarshalPKIXPublicKey(k.Public())))
	if got, ok := c.key.public.(*ecdsa.PublicKey); !ok || !got.Equal(k.Public()) || c.key.name != "ECDSA P-256" {
		t.Errorf("read %T, %s", c.key.public, c.key.name)
	}
}
