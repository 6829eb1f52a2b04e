package pki

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/cryptotest"
	"time"

	"shakedown/harness/x509wire"
)

var clock = time.Date(2026, 3, 1, 12, 0, 0, 999, time.UTC)

// healthy returns the two unrelated PKIs that a scenario has by default.
func healthy() Spec {
	return Spec{
		"server-root": {CA: true},
		"server-ca":   {CA: true, Issuer: "server-root"},
		"server":      {Issuer: "server-ca", Usage: []string{"server"}, DNS: []string{"server.test"}, IP: []string{"127.0.0.1"}},
		"client-root": {CA: true},
		"client-ca":   {CA: true, Issuer: "client-root"},
		"client":      {Issuer: "client-ca", Usage: []string{"client"}, DNS: []string{"client-1.test"}},
	}
}

// with returns the healthy spec after a change to one entity.
func with(name string, change func(*Entity)) Spec {
	spec := healthy()
	e := spec[name]
	change(&e)
	spec[name] = e
	return spec
}

func mint(t testing.TB, spec Spec) *Hierarchy {
	t.Helper()
	h, err := Mint(spec, clock)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// config returns the tls.Config of a side. What does not parse is presented all the same.
func config(t testing.TB, h *Hierarchy, present, trust []string) *tls.Config {
	t.Helper()
	c, err := h.Credential(present)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	for _, name := range trust {
		certificates, err := h.Certificates(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, der := range certificates {
			parsed, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatalf("trust anchor %s: %v", name, err)
			}
			pool.AddCert(parsed)
		}
	}
	own := tls.Certificate{Certificate: c.Chain, PrivateKey: c.Key}
	return &tls.Config{
		GetCertificate:       func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &own, nil },
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own, nil },
		RootCAs:              pool, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
		ServerName: "server.test",
		Time:       func() time.Time { return clock },
	}
}

// handshake runs one over loopback and returns what each side says.
func handshake(t testing.TB, h *Hierarchy) (client, server error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	left, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer left.Close()
	right, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer right.Close()
	clientConn := tls.Client(left, config(t, h, []string{"client", "client-ca"}, []string{"server-root"}))
	serverConn := tls.Server(right, config(t, h, []string{"server", "server-ca"}, []string{"client-root"}))
	done := make(chan error, 1)
	go func() {
		err := serverConn.Handshake()
		if err == nil {
			_, err = serverConn.Write([]byte{1})
		}
		done <- err
		// Close only after the client has read, or a reset overtakes the alert.
		_ = right.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, right)
	}()
	client = clientConn.Handshake()
	if client == nil || errors.Is(client, syscall.EPIPE) || errors.Is(client, syscall.ECONNRESET) {
		_, client = clientConn.Read(make([]byte, 1))
	}
	left.Close()
	return client, <-done
}

func TestMintHealthy(t *testing.T) {
	client, server := handshake(t, mint(t, healthy()))
	if client != nil || server != nil {
		t.Fatalf("client: %v, server: %v; want a handshake", client, server)
	}
}

// Every key kind makes a chain that crypto/x509 verifies, on both levels.
func TestMintKeyKinds(t *testing.T) {
	for _, kind := range keyKinds {
		if kind == "rsa-3072" || kind == "rsa-4096" {
			continue // seconds of key generation that prove nothing that rsa-2048 does not
		}
		t.Run(kind, func(t *testing.T) {
			rootKind := kind
			if kind == "rsa-512" {
				rootKind = "" // such a key cannot sign
			}
			spec := Spec{
				"root":   {CA: true, Key: rootKind},
				"server": {Issuer: "root", Key: kind, Usage: []string{"server"}, DNS: []string{"server.test"}},
			}
			h := mint(t, spec)
			chain, roots := parsed(t, h, "server"), x509.NewCertPool()
			roots.AddCert(parsed(t, h, "root"))
			if _, err := chain.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: clock, DNSName: "server.test"}); err != nil {
				t.Error(err)
			}
		})
	}
}

func parsed(t testing.TB, h *Hierarchy, name string) *x509.Certificate {
	t.Helper()
	certificates, err := h.Certificates(name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(certificates[0])
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return c
}

// crypto/x509 reads back what the spec says.
func TestMintFields(t *testing.T) {
	zero, one := 0, 1
	h := mint(t, Spec{
		"client-root": {CA: true, PathLen: &zero, Constraints: Constraints{
			PermittedDNS: []string{"corp.test"}, ExcludedDNS: []string{"evil.corp.test"},
			PermittedIP: []string{"10.1.2.3/8", "fd00::/8"}, ExcludedIP: []string{"10.9.0.0/16"},
			PermittedEmail: []string{"a@corp.test"}, ExcludedEmail: []string{".evil.test"},
			PermittedURI: []string{".corp.test"}, ExcludedURI: []string{"evil.corp.test"},
		}, Policies: Policies{
			IDs: []string{"any", "1.2.3.4"}, Mappings: []PolicyMapping{{"1.2.3.4", "1.2.3.5"}},
			RequireExplicit: &zero, InhibitMapping: &one, InhibitAny: &zero,
		}},
		"leaf": {
			Issuer: "client-root", DNS: []string{"a.corp.test"}, IP: []string{"10.0.0.1", "::1"}, URI: []string{"spiffe://corp.test/a"},
			Usage: []string{"client", "server", "1.3.6.1.4.1.32473.9"}, KeyUsage: []string{"digitalSignature", "decipherOnly"},
			Serial: "123456789012345678901234567890", Subject: "Leaf", Signature: "sha384",
			NotBefore: When{Set: true, Offset: -48 * time.Hour}, NotAfter: When{Set: true, Absolute: time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC)},
		},
	})
	root, leaf := parsed(t, h, "client-root"), parsed(t, h, "leaf")
	check := func(what string, got, want any) {
		t.Helper()
		if g, w := sprint(got), sprint(want); g != w {
			t.Errorf("%s = %s, want %s", what, g, w)
		}
	}
	check("root subject", root.Subject, "CN=Client Root")
	check("root CA", root.IsCA && root.BasicConstraintsValid, true)
	check("root path length", []any{root.MaxPathLen, root.MaxPathLenZero}, []any{0, true})
	check("root key usage", root.KeyUsage, x509.KeyUsageCertSign|x509.KeyUsageCRLSign)
	check("permitted DNS", root.PermittedDNSDomains, []string{"corp.test"})
	check("excluded DNS", root.ExcludedDNSDomains, []string{"evil.corp.test"})
	check("permitted IP", root.PermittedIPRanges, "[10.0.0.0/8 fd00::/8]")
	check("excluded IP", root.ExcludedIPRanges, "[10.9.0.0/16]")
	check("permitted email", root.PermittedEmailAddresses, []string{"a@corp.test"})
	check("excluded email", root.ExcludedEmailAddresses, []string{".evil.test"})
	check("permitted URI", root.PermittedURIDomains, []string{".corp.test"})
	check("excluded URI", root.ExcludedURIDomains, []string{"evil.corp.test"})
	check("policies", root.Policies, "[2.5.29.32.0 1.2.3.4]")
	check("policy mappings", root.PolicyMappings, "[{1.2.3.4 1.2.3.5}]")
	check("requireExplicitPolicy", []any{root.RequireExplicitPolicy, root.RequireExplicitPolicyZero}, []any{0, true})
	check("inhibitPolicyMapping", root.InhibitPolicyMapping, 1)
	check("inhibitAnyPolicy", []any{root.InhibitAnyPolicy, root.InhibitAnyPolicyZero}, []any{0, true})
	check("no critical extension is unknown", root.UnhandledCriticalExtensions, "[]")
	check("root not after", root.NotAfter, clock.AddDate(10, 0, 0).Truncate(time.Second))
	check("leaf subject", leaf.Subject, "CN=Leaf")
	check("leaf issuer", leaf.Issuer, "CN=Client Root")
	check("leaf DNS", leaf.DNSNames, []string{"a.corp.test"})
	check("leaf IP", leaf.IPAddresses, "[10.0.0.1 ::1]")
	check("leaf URI", leaf.URIs, "[spiffe://corp.test/a]")
	check("leaf EKU", leaf.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth})
	check("leaf other EKU", leaf.UnknownExtKeyUsage, "[1.3.6.1.4.1.32473.9]")
	check("leaf key usage", leaf.KeyUsage, x509.KeyUsageDigitalSignature|x509.KeyUsageDecipherOnly)
	check("leaf serial", leaf.SerialNumber, "123456789012345678901234567890")
	check("leaf signature", leaf.SignatureAlgorithm, x509.ECDSAWithSHA384)
	check("leaf not before", leaf.NotBefore, clock.Truncate(time.Second).Add(-48*time.Hour))
	check("leaf not after", leaf.NotAfter, "2060-01-01 00:00:00 +0000 UTC")
	check("key identifiers", leaf.AuthorityKeyId, root.SubjectKeyId)
	check("leaf is no CA", leaf.IsCA, false)
}

// A root that was made again has the same name and another key.
func TestMintRotated(t *testing.T) {
	spec := healthy()
	spec["new-root"] = Entity{CA: true, Subject: "Client Root"}
	spec["same-key"] = Entity{CA: true, SameKeyAs: "client-root"}
	h := mint(t, spec)
	old, rotated, same := parsed(t, h, "client-root"), parsed(t, h, "new-root"), parsed(t, h, "same-key")
	if old.Subject.String() != rotated.Subject.String() {
		t.Errorf("subjects %s and %s, want the same", old.Subject, rotated.Subject)
	}
	if sprint(old.SubjectKeyId) == sprint(rotated.SubjectKeyId) {
		t.Error("the new root has the old root's key")
	}
	if sprint(old.RawSubjectPublicKeyInfo) != sprint(same.RawSubjectPublicKeyInfo) {
		t.Error("same_key_as made another key")
	}
	if sprint(old.SerialNumber) == sprint(same.SerialNumber) {
		t.Error("two certificates share a serial number")
	}
}

func TestMintErrors(t *testing.T) {
	negative := -1
	tests := []struct {
		name string
		spec Spec
		want string
	}{
		{"an unknown issuer", Spec{"server": {Issuer: "sever-ca"}, "server-ca": {CA: true}}, `entity "server": issuer: unknown entity "sever-ca" (did you mean "server-ca"?)`},
		{"a circle", Spec{"a": {CA: true, Issuer: "b"}, "b": {CA: true, Issuer: "a"}}, `entity "a": its issuers go round in a circle through "a"`},
		{"a circle further up", Spec{"a": {Issuer: "b"}, "b": {Issuer: "c"}, "c": {Issuer: "b"}}, `entity "a": its issuers go round in a circle through "b"`},
		{"an unknown key to share", Spec{"a": {SameKeyAs: "b"}}, `entity "a": same_key_as: unknown entity "b"`},
		{"a circle of shared keys", Spec{"a": {SameKeyAs: "b"}, "b": {SameKeyAs: "a"}}, `entity "a": same_key_as goes round in a circle through "a"`},
		{"its own key to share", Spec{"a": {SameKeyAs: "a"}}, `entity "a": same_key_as goes round in a circle through "a"`},
		{"an unknown key kind", Spec{"a": {Key: "ecdsa-256"}}, `entity "a": unknown key kind "ecdsa-256" (did you mean "ecdsa-p256"?)`},
		{"an unknown flaw", Spec{"a": {Flaws: []string{"expird"}}}, `entity "a": unknown flaw "expird" (did you mean "expired"?)`},
		{"a flaw like none", Spec{"a": {Flaws: []string{"qqqqqqqq"}}}, `entity "a": unknown flaw "qqqqqqqq"`},
		{"an unknown usage", Spec{"a": {Usage: []string{"sever"}}}, `entity "a": unknown usage "sever" (did you mean "server"?); a usage is one of any, client, server, or a dotted OID`},
		{"an unknown key usage", Spec{"a": {KeyUsage: []string{"keyCertsign"}}}, `entity "a": unknown key_usage "keyCertsign" (did you mean "keyCertSign"?)`},
		{"a bad serial", Spec{"a": {Serial: "0x12"}}, `entity "a": serial "0x12" is no decimal number`},
		{"a bad address", Spec{"a": {IP: []string{"localhost"}}}, `entity "a": ip "localhost" is no address`},
		{"a bad prefix", Spec{"a": {Constraints: Constraints{PermittedIP: []string{"10.0.0.0"}}}}, `entity "a": permitted ip "10.0.0.0" is no prefix such as 10.0.0.0/8`},
		{"a bad policy", Spec{"a": {Policies: Policies{IDs: []string{"all"}}}}, `entity "a": policy "all" is no dotted OID, and not any`},
		{"a bad mapping", Spec{"a": {Policies: Policies{Mappings: []PolicyMapping{{"1.2.3", ""}}}}}, `entity "a": mapping's subject domain: policy "" is no dotted OID, and not any`},
		{"a negative policy constraint", Spec{"a": {Policies: Policies{InhibitAny: &negative}}}, `entity "a": a policy constraint of -1 certificates is less than none`},
		{"an unknown hash", Spec{"a": {Signature: "sha-1"}}, `entity "a": unknown signature "sha-1" (did you mean "sha1"?); it is one of sha1, sha256, sha384, sha512`},
		{"a flaw on disk", Spec{"a": {Cert: "a.pem", Flaws: []string{"expired"}}}, `entity "a": flaw "expired" cannot be made in a certificate from disk`},
		{"an unknown pick", Spec{"a": {Bundle: "a.pem", Pick: "lst"}}, `entity "a": unknown pick "lst" (did you mean "last"?)`},
		{"a key alone", Spec{"a": {KeyFile: "a.key"}}, `entity "a": a key from disk needs its certificate (cert)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Mint(tt.spec, clock)
			if err == nil || err.Error() != tt.want {
				t.Errorf("Mint = %v\nwant   %s", err, tt.want)
			}
		})
	}
}

func TestCredential(t *testing.T) {
	h := mint(t, healthy())
	public := func(k crypto.PublicKey) string { return sprint(k) }
	leaf := parsed(t, h, "client")
	for _, present := range [][]string{{"client", "client-ca"}, {"client-ca", "client"}} {
		c, err := h.Credential(present)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Chain) != 2 || public(c.Key.Public()) != public(leaf.PublicKey) {
			t.Errorf("%v: the key is not the end entity's", present)
		}
	}
	if c, err := h.Credential([]string{"client-ca"}); err != nil || public(c.Key.Public()) != public(parsed(t, h, "client-ca").PublicKey) {
		t.Errorf("a CA alone: %v", err)
	}
	if _, err := h.Credential([]string{"clint"}); err == nil || err.Error() != `unknown entity "clint" (did you mean "client"?)` {
		t.Errorf("an unknown entity: %v", err)
	}
	if _, err := h.Credential(nil); err == nil {
		t.Error("a credential of nothing")
	}
}

// Goroutines that ask at the same time see the same certificate.
func TestHierarchyConcurrent(t *testing.T) {
	h := mint(t, healthy())
	var group sync.WaitGroup
	got := make([]string, 8)
	for i := range got {
		group.Go(func() {
			c, err := h.Credential([]string{"server", "server-ca"})
			if err != nil {
				t.Error(err)
				return
			}
			got[i] = sprint(c.Chain)
		})
	}
	group.Wait()
	if slices.ContainsFunc(got, func(s string) bool { return s != got[0] }) {
		t.Error("two goroutines got different certificates")
	}
}

// What each flaw does to a handshake whose client, server or CA has it, in the
// words of crypto/tls. An empty text means that Go does not object.
func TestFlaws(t *testing.T) {
	const alert = "remote error: tls: "
	tests := []struct{ flaw, entity, client, server string }{
		{"expired", "client", alert + "expired certificate", "certificate has expired or is not yet valid: current time 2026-03-01T12:00:00Z is after 2026-02-28T12:00:00Z"},
		{"expired", "server", "is after 2026-02-28", alert + "bad certificate"},
		{"expired", "client-ca", alert + "expired certificate", "has expired"},
		{"not-yet-valid", "client", alert + "expired certificate", "is before 2026-03-02T12:00:00Z"},
		{"inverted-validity", "server", "has expired or is not yet valid", alert + "bad certificate"},
		{"no-san", "server", "certificate is not valid for any names, but wanted to match server.test", alert + "bad certificate"},
		{"cn-only", "server", "certificate relies on legacy Common Name field, use SANs instead", alert + "bad certificate"},
		{"san-is-url", "server", "certificate is valid for https://server.test, not server.test", alert + "bad certificate"},
		{"ip-in-dns-san", "server", "", ""},
		{"wrong-usage", "client", alert + "bad certificate", "certificate specifies an incompatible key usage"},
		{"wrong-usage", "server", "certificate specifies an incompatible key usage", alert + "bad certificate"},
		{"wrong-usage", "client-ca", alert + "bad certificate", "certificate specifies an incompatible key usage"},
		{"wrong-usage", "server-ca", "certificate specifies an incompatible key usage", alert + "bad certificate"},
		{"no-usage", "client", "", ""},
		{"no-digital-signature", "client", "", ""},
		{"not-a-ca", "client-ca", alert + "unknown certificate authority", "parent certificate cannot sign this kind of certificate"},
		{"no-basic-constraints", "client-ca", alert + "unknown certificate authority", "parent certificate cannot sign this kind of certificate"},
		{"no-key-cert-sign", "client-ca", alert + "unknown certificate authority", "parent certificate cannot sign this kind of certificate"},
		{"no-key-ids", "client", "", ""},
		{"wrong-authority-key", "client", "", ""},
		{"wrong-key", "client", alert + "error decrypting message", "tls: invalid signature by the client certificate: ECDSA verification failure"},
		{"wrong-key", "server", "tls: invalid signature by the server certificate: ECDSA verification failure", alert + "error decrypting message"},
		{"wrong-key-type", "client", alert + "illegal parameter", "tls: client certificate used with invalid signature algorithm"},
		{"wrong-key-type", "server", "tls: certificate used with invalid signature algorithm", alert + "illegal parameter"},
		{"self-signed", "client", alert + "unknown certificate authority", "certificate signed by unknown authority"},
		{"self-signed", "server", "certificate signed by unknown authority", alert + "bad certificate"},
		{"sha1", "client", alert + "unknown certificate authority", "insecure algorithm ECDSA-SHA1"},
		{"broken-signature", "client", alert + "unknown certificate authority", "ECDSA verification failure"},
		{"unknown-signature", "client", alert + "unknown certificate authority", "x509: cannot verify signature: algorithm unimplemented"},
		{"issuer-respelled", "client", alert + "unknown certificate authority", "certificate signed by unknown authority"},
		{"negative-serial", "client", alert + "error decoding message", "tls: failed to parse client certificate: x509: negative serial number"},
		{"negative-serial", "server", "tls: failed to parse certificate from server: x509: negative serial number", alert + "error decoding message"},
		{"critical-unknown-extension", "client", alert + "bad certificate", "unhandled critical extension"},
		{"version-1", "client-ca", alert + "bad certificate", "certificate is not authorized to sign other certificates"},
		{"damaged", "client", alert + "error decoding message", "tls: failed to parse client certificate: x509: malformed extension"},
		// What the CA says later, nobody asks for in a bare handshake.
		{"revoked", "client", "", ""},
		{"stale-crl", "client-ca", "", ""},
		{"stale-ocsp", "server", "", ""},
		{"strange-ocsp", "server", "", ""},
		{"unknown-to-ocsp", "server", "", ""},
		{"must-staple", "server", "", ""},
		{"over-16k", "client", "", ""},
		{"over-256k", "client", alert + "internal error", "exceeds maximum of 262144 bytes"},
	}
	covered := map[string]bool{}
	for _, tt := range tests {
		covered[tt.flaw] = true
		t.Run(tt.flaw+" "+tt.entity, func(t *testing.T) {
			h := mint(t, with(tt.entity, func(e *Entity) { e.Flaws = []string{tt.flaw} }))
			client, server := handshake(t, h)
			wantError(t, "client", client, tt.client)
			wantError(t, "server", server, tt.server)
		})
	}
	for _, f := range Flaws() {
		if !covered[f.Name] {
			t.Errorf("flaw %s has no handshake that shows it", f.Name)
		}
		if !strings.HasSuffix(f.Breaks, ".") {
			t.Errorf("flaw %s: %q is no sentence", f.Name, f.Breaks)
		}
	}
}

func wantError(t *testing.T, side string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v, want no error", side, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("%s: %v, want %q", side, err, want)
	}
}

// What crypto/x509 refuses is still a certificate to x509wire.
func TestFlawsAreReadable(t *testing.T) {
	for _, f := range Flaws() {
		h := mint(t, with("client", func(e *Entity) { e.Flaws = []string{f.Name} }))
		certificates, err := h.Certificates("client")
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509wire.Parse(certificates[0])
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if c.Issuer == "" || c.NotAfter.IsZero() || c.PublicKey != "ECDSA P-256" {
			t.Errorf("%s: issuer %q, not after %v, key %q", f.Name, c.Issuer, c.NotAfter, c.PublicKey)
		}
	}
}

func BenchmarkMint(b *testing.B) {
	for b.Loop() {
		h := mint(b, healthy())
		for _, present := range [][]string{{"server", "server-ca"}, {"client", "client-ca"}} {
			if _, err := h.Credential(present); err != nil {
				b.Fatal(err)
			}
		}
		for _, trust := range []string{"server-root", "client-root"} {
			if _, err := h.Certificates(trust); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// A server with a 512-bit key is refused by itself: Go finds no way to sign.
func TestMintWeakRSA(t *testing.T) {
	h := mint(t, with("server", func(e *Entity) { e.Key = "rsa-512" }))
	if c, err := x509wire.Parse(ders(t, h, "server")[0]); err != nil || c.PublicKey != "RSA 512" {
		t.Fatalf("the key is %s (%v)", c.PublicKey, err)
	}
	client, server := handshake(t, h)
	wantError(t, "client", client, "remote error: tls: handshake failure")
	wantError(t, "server", server, "tls: certificate RSA key size too small for supported signature algorithms")

	h = mint(t, Spec{"root": {CA: true, Key: "rsa-512"}})
	if _, err := h.Certificates("root"); err == nil || !strings.HasPrefix(err.Error(), `entity "root": `) {
		t.Errorf("signed with 512 bits: %v", err)
	}
}

func TestTitle(t *testing.T) {
	for name, want := range map[string]string{"client-root": "Client Root", "server-ca": "Server CA", "": "", "über_root": "Über Root", "a": "A"} {
		if got := titleOf(name); got != want {
			t.Errorf("titleOf(%q) = %q, want %q", name, got, want)
		}
	}
}

// The same randomness and the same clock make the same bytes.
func TestMintDeterministic(t *testing.T) {
	var runs []string
	for range 2 {
		cryptotest.SetGlobalRandom(t, 4711)
		h := mint(t, healthy())
		runs = append(runs, sprint(mustCredential(t, h, "server", "server-ca").Chain)+sprint(ders(t, h, "client-root")))
	}
	if runs[0] != runs[1] {
		t.Error("two runs made different certificates")
	}
}
