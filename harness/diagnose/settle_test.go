package diagnose

import (
	"crypto/x509"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// refusedServer is a server's chain that the client has refused as one of an unknown
// authority, told by the two sides alone.
func refusedServer(server, client outcome.Settings) Input {
	server.Role, server.Known, server.Clock = outcome.Server, true, testClock
	client.Role, client.Known, client.Clock, client.ServerName = outcome.Client, true, testClock, "server.test"
	failure := &outcome.Failure{
		Text: "x509: certificate signed by unknown authority", Op: outcome.OpHandshake,
		Local: &outcome.LocalAlert{Code: alertBadCertificate, HasCode: true}, Verify: &outcome.VerifyFailure{Kind: outcome.UnknownAuthority},
	}
	return Input{
		Server: transcript.Side{Settings: server, Outcome: outcome.Outcome{Role: outcome.Server, Known: true}},
		Client: transcript.Side{Settings: client, Outcome: outcome.Outcome{Role: outcome.Client, Known: true, Handshake: failure}},
	}
}

func causeIDs(list []Cause) []string {
	var found []string
	for _, c := range list {
		found = append(found, c.ID)
	}
	return found
}

// Where the issuer's certificate is in no file, the command to try next tells
// the two explanations apart.
func TestTryTellsTwoExplanationsApart(t *testing.T) {
	root, rogue := issue(t, nil, ca("Root")), issue(t, nil, ca("Rogue"))
	issuing := issue(t, root, ca("Issuing CA"))
	plain := issue(t, issuing, serverLeaf())
	published := func(at string) *entity {
		return issue(t, issuing, serverLeaf(func(c *x509.Certificate) { c.IssuingCertificateURL = []string{at} }))
	}
	tests := []struct {
		name   string
		leaf   *entity
		server outcome.Settings
		client outcome.Settings
		want   string
	}{
		{"the certificate says where", published("http://ca.test/issuing.crt"), outcome.Settings{}, outcome.Settings{}, "curl -s http://ca.test/issuing.crt | openssl x509 -inform DER -noout -subject -issuer"},
		{
			"it says something that is no place", published("ldap://ca.test/$(touch x)"),
			outcome.Settings{},
			outcome.Settings{},
			"openssl x509 -in SERVER-CERTIFICATE.pem -noout -issuer -ext authorityInfoAccess",
		},
		{"it says something for a shell", published("http://ca.test/'$(touch x)'"), outcome.Settings{}, outcome.Settings{}, "curl -s 'http://ca.test/%27$%28touch%20x%29%27' | openssl x509 -inform DER -noout -subject -issuer"},
		{"nobody has files", plain, outcome.Settings{}, outcome.Settings{}, "openssl x509 -in SERVER-CERTIFICATE.pem -noout -issuer -ext authorityInfoAccess"},
		{
			"both have files", plain,
			outcome.Settings{CertificateFile: "my server.pem", KeyFile: "server.key"},
			outcome.Settings{TrustFile: "ca.pem"},
			"shakedown debug --server-cert 'my server.pem' --server-key server.key --client-trust ca.pem --server-name server.test --also ISSUER.pem",
		},
		{
			"a live server", plain,
			outcome.Settings{},
			outcome.Settings{TrustFile: "ca.pem", Address: "api.test:443"},
			"shakedown connect api.test:443 --trust ca.pem --server-name server.test --also ISSUER.pem",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.server.Credentials, tt.client.Trust = credential(t, tt.leaf), raws(rogue)
			d := Diagnose(refusedServer(tt.server, tt.client))
			if got := causeIDs(d.Causes); !slices.Equal(got, []string{"server-missing-intermediate", "server-untrusted-ca"}) {
				t.Fatalf("causes %v, further %v, %+v", got, causeIDs(d.Further), d.Happening)
			}
			for _, c := range d.Causes {
				if c.Certain || c.Try != tt.want {
					t.Errorf("%s (certain %v): try %s\nwant %s", c.ID, c.Certain, c.Try, tt.want)
				}
			}
		})
	}
}

// A certificate that stands in a file and is not read is the cause where the
// chain lacks it, and a remark where it does not.
func TestPartlyReadFiles(t *testing.T) {
	root, rogue := issue(t, nil, ca("Root")), issue(t, nil, ca("Rogue"))
	issuing := issue(t, root, ca("Issuing CA"))
	leaf := issue(t, issuing, serverLeaf())
	block := func(role string, e *entity) []outcome.SkippedBlock {
		return []outcome.SkippedBlock{{File: role + ".pem", Role: role, Line: 3, Reason: "PEM with damaged base64", Raw: e.raw(), Command: "mend " + role + ".pem"}}
	}
	tests := []struct {
		name           string
		server, client outcome.Settings
		want           []string
		says           string
	}{
		{
			"the root",
			outcome.Settings{Credentials: credential(t, leaf, issuing)},
			outcome.Settings{Trust: raws(rogue), Skipped: block("trust", root)},
			[]string{"bundle-partly-read"},
			"trust.pem, line 3: PEM with damaged base64",
		},
		{
			"the intermediate",
			outcome.Settings{Credentials: credential(t, leaf), Skipped: block("certificate", issuing)},
			outcome.Settings{Trust: raws(root)},
			[]string{"bundle-partly-read"},
			"certificate.pem, line 3: PEM with damaged base64",
		},
		{
			"both",
			outcome.Settings{Credentials: credential(t, leaf), Skipped: block("certificate", issuing)},
			outcome.Settings{Trust: raws(rogue), Skipped: block("trust", root)},
			[]string{"bundle-partly-read"},
			"certificate.pem, line 3",
		},
		{
			"one that is in nobody's way",
			outcome.Settings{Credentials: credential(t, leaf)},
			outcome.Settings{Trust: raws(root), Skipped: block("trust", rogue)},
			[]string{"server-missing-intermediate", "server-untrusted-ca"},
			"",
		},
		{
			"one of the wrong side",
			outcome.Settings{Credentials: credential(t, leaf, issuing), Skipped: block("trust", root)},
			outcome.Settings{Trust: raws(rogue)},
			[]string{"server-untrusted-ca"},
			"",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Diagnose(refusedServer(tt.server, tt.client))
			if got := causeIDs(d.Causes); !slices.Equal(got, tt.want) {
				t.Fatalf("causes %v, want %v", got, tt.want)
			}
			if tt.says == "" {
				return
			}
			c := d.Causes[0]
			if !slices.ContainsFunc(c.Evidence, func(e Evidence) bool { return strings.Contains(e.Text, tt.says) }) {
				t.Errorf("nothing says %q: %v", tt.says, c.Evidence)
			}
			if !c.Certain || !strings.HasPrefix(c.Try, "mend ") || !strings.Contains(c.Remedy, c.Try) {
				t.Errorf("certain %v, remedy %q, try %q", c.Certain, c.Remedy, c.Try)
			}
		})
	}
	remarked := Diagnose(refusedServer(outcome.Settings{Credentials: credential(t, leaf)}, outcome.Settings{Trust: raws(root), Skipped: block("trust", rogue)}))
	if !slices.ContainsFunc(remarked.ServerChain[0].Problems, func(p Problem) bool { return p.ID == "bundle-partly-read" }) {
		t.Errorf("no remark: %v", remarked.ServerChain[0].Problems)
	}
}

// A file that does not load is named, with what it is and what makes a file of
// it that does.
func TestFilesThatDoNotLoad(t *testing.T) {
	tests := []struct {
		load         outcome.LoadFailure
		text         string
		says, remedy string
		try          string
	}{
		{
			outcome.LoadFailure{File: "server.der", Role: "certificate", Cause: "not-pem", Detail: "a certificate in DER, not PEM", Command: "openssl x509 -inform DER -in server.der -out server-converted.crt"},
			"tls: failed to find any PEM data in certificate input",
			"server.der, given as the server's certificate: a certificate in DER, not PEM", "Give the server the file that this writes, and leave server.der as it is: openssl x509",
			"openssl x509 -inform DER -in server.der -out server-converted.crt",
		},
		{
			outcome.LoadFailure{File: "cut.crt", Role: "certificate", Cause: "not-pem", Detail: "truncated PEM: the END line is missing"},
			"tls: failed to find any PEM data in certificate input",
			"cut.crt, given as the server's certificate: truncated PEM", "Put an undamaged copy of the server's certificate into cut.crt.",
			"grep -H -e '-----BEGIN' SERVER-CERTIFICATE.pem SERVER-KEY.pem",
		},
		{
			outcome.LoadFailure{File: "a.csr", Role: "certificate", Cause: "wrong-block", Detail: "a CSR: a request for a certificate", Command: "openssl x509 -req"},
			"tls: failed to find", "a CSR", "Have a CA sign the request in a.csr", "openssl x509 -req",
		},
		{
			outcome.LoadFailure{File: "odd.key", Role: "key", Cause: "key-unusable", Detail: "a key of a kind that Go does not support (Ed448)", Command: "openssl genpkey -algorithm EC"},
			"tls: failed to parse private key", "Ed448", "Make a key that Go can use", "openssl genpkey -algorithm EC",
		},
		{
			outcome.LoadFailure{File: "evil\x1b[2J.pem", Role: "trust", Cause: "bundle-unread", Detail: "text that holds no PEM block"},
			"", `evil\x1b[2J.pem, given as the server's trust`, "Name the file that holds the server's trusted CAs", "grep -c -e '-----BEGIN CERTIFICATE-----' SERVER-TRUST.pem",
		},
	}
	for _, tt := range tests {
		t.Run(tt.load.Cause, func(t *testing.T) {
			in := Input{}
			in.Server.Outcome = outcome.Outcome{Role: outcome.Server, Known: true, Unloadable: &outcome.Failure{Op: outcome.OpLoad, Text: tt.text, Load: &tt.load}}
			in.Client.Outcome = outcome.Outcome{Role: outcome.Client, Known: true}
			d := Diagnose(in)
			if got := causeIDs(d.Causes); d.Outcome != Unloadable || d.Side != outcome.Server || !slices.Equal(got, []string{tt.load.Cause}) {
				t.Fatalf("%s of the %s, %v", d.Outcome, d.Side, got)
			}
			c := d.Causes[0]
			if !strings.Contains(c.Evidence[0].Text, tt.says) || !strings.Contains(c.Remedy, tt.remedy) || c.Try != tt.try {
				t.Errorf("evidence %q\nremedy %q\ntry %q", c.Evidence[0].Text, c.Remedy, c.Try)
			}
			for _, e := range c.Evidence {
				if strings.ContainsRune(e.Text, 0x1b) {
					t.Errorf("a control character is shown: %q", e.Text)
				}
			}
		})
	}
}

// One file that was given for certificate and key alike is looked into once.
func TestOneFileIsNamedOnce(t *testing.T) {
	in := Input{}
	in.Server.Settings = outcome.Settings{Known: true, CertificateFile: "server.pem", KeyFile: "server.pem"}
	in.Server.Outcome = outcome.Outcome{Role: outcome.Server, Known: true, Unloadable: &outcome.Failure{
		Op: outcome.OpLoad, Text: "tls: failed to find", Load: &outcome.LoadFailure{File: "server.pem", Role: "key", Cause: "key-block", Detail: "a certificate and no private key"},
	}}
	in.Client.Outcome = outcome.Outcome{Role: outcome.Client, Known: true}
	d := Diagnose(in)
	if len(d.Causes) == 0 || d.Causes[0].Try != "grep -H -e '-----BEGIN' server.pem" {
		t.Errorf("got %+v, want a command that names the file once", d.Causes)
	}
}
