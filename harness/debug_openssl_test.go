package harness

import (
	"os"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/diagnose"
	"shakedown/harness/pki"
	"shakedown/harness/scenario"
)

// debugAll runs the person's files in every cell.
func debugAll(t *testing.T, f DebugFiles, also ...diagnose.Known) []Result {
	t.Helper()
	sc, _, err := DebugScenario(f)
	if err != nil {
		t.Fatal(err)
	}
	report, err := RunSuite(t.Context(), []*scenario.Scenario{sc}, SuiteOptions{Options: Options{Also: also}})
	if err != nil {
		t.Fatal(err)
	}
	return report.Results
}

func ids(causes []CauseResult) []string {
	out := []string{}
	for _, c := range causes {
		id := c.ID
		if !c.Certain {
			id += "?"
		}
		out = append(out, id)
	}
	return out
}

// A debugCase is what a person does with files that openssl made, and what is
// said of it. A question mark stands behind a cause that is not certain.
type debugCase struct {
	name  string
	files DebugFiles
	also  string
	want  []string
	// further is what else is wrong.
	further []string
	// says has to stand in the evidence, the remedy or the command to try.
	says []string
	// once says that it is told once and not for every cell.
	once bool
}

func TestDebugOnFilesMadeWithOpenSSL(t *testing.T) {
	b := workshop(t)
	b.issue("short-ca", "The short CA", "server-root", "30", asCA)
	b.issue("short", "server.test", "short-ca", "365", asServer)
	b.cat("short-chain.pem", "short.crt", "short-ca.crt")
	b.issue("brief-ca", "The brief CA", "client-root", "30", asCA)
	b.issue("brief", "client.test", "brief-ca", "365", asClient)
	b.cat("brief-chain.pem", "brief.crt", "brief-ca.crt")
	b.issue("wrong-usage", "client.test", "client-ca", "365", asServer)
	b.cat("wrong-usage-chain.pem", "wrong-usage.crt", "client-ca.crt")
	b.issue("names", "server.test", "server-ca", "365", "extendedKeyUsage=serverAuth\n")
	b.cat("names-chain.pem", "names.crt", "server-ca.crt")
	b.issue("wild", "wild", "server-ca", "365", "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:*.example.test\n")
	b.cat("wild-chain.pem", "wild.crt", "server-ca.crt")
	b.run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout self.key -out self.crt -subj /CN=server.test -addext subjectAltName=DNS:server.test -days 365")
	b.cat("combined.pem", "server-chain.pem", "server.key")
	b.cat("order.pem", "server-ca.crt", "server.crt")
	b.run("x509 -in server.crt -outform DER -out server.der")
	b.run("pkcs8 -topk8 -in server.key -passout pass:secret -out encrypted.key")
	b.write("bom.pem", "\ufeff"+string(read(t, b.path("server-root.crt")))+string(read(t, b.path("other-root.crt"))))
	b.write("odd.pem", "\ufeff"+string(read(t, b.path("other-root.crt")))+string(read(t, b.path("server-root.crt"))))

	healthy := DebugFiles{
		ServerCert: b.path("server-chain.pem"), ServerKey: b.path("server.key"), ServerTrust: b.path("client-root.crt"),
		ClientCert: b.path("client-chain.pem"), ClientKey: b.path("client.key"), ClientTrust: b.path("server-root.crt"),
		ServerName: "server.test",
	}
	with := func(change func(*DebugFiles)) DebugFiles {
		f := healthy
		change(&f)
		return f
	}
	tests := []debugCase{
		{name: "healthy", files: healthy},
		{
			name: "wrong CA at the client", files: with(func(f *DebugFiles) { f.ClientTrust = b.path("other-root.crt") }),
			want: []string{"server-untrusted-ca?", "server-missing-intermediate?"},
			says: []string{"is in no file that is known, and it would settle it", "shakedown debug --server-cert ", " --also ISSUER.pem"},
		},
		{
			name: "wrong CA at the client, and the right one is known", also: "server-root.crt",
			files: with(func(f *DebugFiles) { f.ClientTrust = b.path("other-root.crt") }),
			want:  []string{"server-untrusted-ca"},
		},
		{
			name: "wrong CA at the server", files: with(func(f *DebugFiles) { f.ServerTrust = b.path("other-root.crt") }),
			want: []string{"client-ca-hint-mismatch?", "client-missing-intermediate?"},
			says: []string{"the client's Certificate message is empty", "names CN=Other Root"},
		},
		{
			name: "wrong CA at the server, sent all the same", also: "client-root.crt",
			files: with(func(f *DebugFiles) { f.ServerTrust, f.ForceClientCert = b.path("other-root.crt"), true }),
			want:  []string{"client-untrusted-ca"},
		},
		{
			name: "expired intermediate of the server",
			files: with(func(f *DebugFiles) {
				f.ServerCert, f.ServerKey, f.At = b.path("short-chain.pem"), b.path("short.key"), "+60d"
			}),
			want: []string{"server-intermediate-expired"}, says: []string{"the server sent CN=The short CA: expired on", "openssl storeutl"},
		},
		{
			name: "expired intermediate of the client",
			files: with(func(f *DebugFiles) {
				f.ClientCert, f.ClientKey, f.At = b.path("brief-chain.pem"), b.path("brief.key"), "+60d"
			}),
			want: []string{"client-intermediate-expired"}, says: []string{"the client sent CN=The brief CA: expired on"},
		},
		{
			name: "the server's clock", files: with(func(f *DebugFiles) {
				f.ClientCert, f.ClientKey, f.ServerAt = b.path("brief-chain.pem"), b.path("brief.key"), "+60d"
			}),
			want: []string{"server-clock-ahead"},
		},
		{
			name: "missing intermediate of the server", files: with(func(f *DebugFiles) { f.ServerCert = b.path("server.crt") }),
			want: []string{"server-missing-intermediate?", "server-untrusted-ca?"},
		},
		{
			name: "missing intermediate of the server, and it is known", also: "server-ca.crt",
			files: with(func(f *DebugFiles) { f.ServerCert = b.path("server.crt") }),
			want:  []string{"server-missing-intermediate"}, says: []string{"openssl verify -CAfile " + b.path("server-root.crt") + " -untrusted " + b.path("server-ca.crt")},
		},
		{
			name: "missing intermediate of the client", files: with(func(f *DebugFiles) { f.ClientCert = b.path("client.crt") }),
			want: []string{"client-missing-intermediate?", "client-ca-hint-mismatch?"},
		},
		{
			name: "missing intermediate of the client, and it is known", also: "client-ca.crt",
			files: with(func(f *DebugFiles) { f.ClientCert = b.path("client.crt") }),
			want:  []string{"client-missing-intermediate"},
		},
		{
			name: "both lack their intermediate", also: "client-ca.crt",
			files: with(func(f *DebugFiles) { f.ServerCert, f.ClientCert = b.path("server.crt"), b.path("client.crt") }),
			want:  []string{"server-missing-intermediate?", "server-untrusted-ca?"}, further: []string{"client-missing-intermediate"},
		},
		{
			name: "key mismatch", files: with(func(f *DebugFiles) { f.ServerKey = b.path("client.key") }), once: true,
			want: []string{"wrong-key"}, says: []string{"client.key, given as the server's key", "-noout -pubkey"},
		},
		{
			name: "key mismatch, and the client's chain has a gap", files: with(func(f *DebugFiles) { f.ServerKey, f.ClientCert = b.path("client.key"), b.path("client.crt") }), once: true,
			want: []string{"wrong-key"}, further: []string{"client-missing-intermediate?", "client-ca-hint-mismatch?"},
		},
		{
			name: "swapped files", files: with(func(f *DebugFiles) { f.ServerCert, f.ServerKey = f.ServerKey, f.ServerCert }), once: true,
			want: []string{"swapped-files"}, says: []string{"PEM inputs may have been switched", "Swap the two"},
		},
		{
			name: "leaf not first", files: with(func(f *DebugFiles) { f.ServerCert = b.path("order.pem") }), once: true,
			want: []string{"server-chain-wrong-order"}, says: []string{"has to stand first", "order-converted.crt"},
		},
		{
			name: "DER", files: with(func(f *DebugFiles) { f.ServerCert = b.path("server.der") }), once: true,
			want: []string{"not-pem"}, says: []string{"a certificate in DER", "openssl x509 -inform DER"},
		},
		{
			name: "encrypted key", files: with(func(f *DebugFiles) { f.ServerKey = b.path("encrypted.key") }), once: true,
			want: []string{"key-unusable"}, says: []string{"an encrypted PKCS#8 key", "openssl pkey -in"},
		},
		{
			name: "no such file", files: with(func(f *DebugFiles) { f.ServerTrust = b.path("nowhere.pem") }), once: true,
			want: []string{"file-missing"}, says: []string{"there is no such file"},
		},
		{
			name: "a CA lost behind a byte order mark", files: with(func(f *DebugFiles) { f.ClientTrust = b.path("bom.pem") }),
			want: []string{"bundle-partly-read"}, says: []string{"bom.pem, line 1: PEM behind a UTF-8 byte order mark", "tail -c +4"},
		},
		{name: "another CA lost behind it", files: with(func(f *DebugFiles) { f.ClientTrust = b.path("odd.pem") })},
		{
			name: "client certificate for servers", files: with(func(f *DebugFiles) {
				f.ClientCert, f.ClientKey = b.path("wrong-usage-chain.pem"), b.path("wrong-usage.key")
			}),
			want: []string{"client-eku-serverauth"},
		},
		{
			name: "an address without an IP SAN",
			files: with(func(f *DebugFiles) {
				f.ServerCert, f.ServerKey, f.ServerName = b.path("wild-chain.pem"), b.path("wild.key"), "10.0.0.1"
			}),
			want: []string{"server-ip-no-ip-san"},
		},
		{
			name: "a wildcard one label too deep",
			files: with(func(f *DebugFiles) {
				f.ServerCert, f.ServerKey, f.ServerName = b.path("wild-chain.pem"), b.path("wild.key"), "a.b.example.test"
			}),
			want: []string{"server-wildcard-depth"},
		},
		{
			name: "a common name alone", files: with(func(f *DebugFiles) { f.ServerCert, f.ServerKey = b.path("names-chain.pem"), b.path("names.key") }),
			want: []string{"server-cn-only"},
		},
		{
			name: "self-signed server", files: with(func(f *DebugFiles) { f.ServerCert, f.ServerKey = b.path("self.crt"), b.path("self.key") }),
			want: []string{"server-self-signed"},
		},
		{
			name: "self-signed client", files: with(func(f *DebugFiles) {
				f.ClientCert, f.ClientKey, f.ForceClientCert = b.path("self.crt"), b.path("self.key"), true
			}),
			want: []string{"client-self-signed"},
		},
		{name: "key and chain in one file", files: with(func(f *DebugFiles) { f.ServerCert, f.ServerKey = b.path("combined.pem"), "" })},
		{name: "the server's half", files: DebugFiles{ServerCert: b.path("server-chain.pem"), ServerKey: b.path("server.key"), ServerTrust: b.path("client-root.crt")}},
		{name: "the client's half", files: DebugFiles{ClientCert: b.path("client-chain.pem"), ClientKey: b.path("client.key"), ClientTrust: b.path("server-root.crt")}},
		{
			name:  "the client's half against the server's CAs",
			files: DebugFiles{ClientCert: b.path("client-chain.pem"), ClientKey: b.path("client.key"), ServerTrust: b.path("client-root.crt")},
		},
		{
			name: "no client certificate", files: with(func(f *DebugFiles) { f.ClientCert, f.ClientKey = "", "" }),
			want: []string{"client-no-cert"}, says: []string{"the client has no certificate configured"},
		},
		{
			name: "a certificate that is only asked for", files: with(func(f *DebugFiles) { f.ClientAuth = "request" }),
			want: []string{"server-request-only"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.check(t, b) })
	}
}

func (tt debugCase) check(t *testing.T, b *workbench) {
	var also []diagnose.Known
	if tt.also != "" {
		bundle, err := pki.LoadBundle(b.path(tt.also))
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range bundle.Certificates {
			also = append(also, diagnose.Known{Raw: raw, Source: bundle.Source})
		}
	}
	results := debugAll(t, tt.files, also...)
	if want := map[bool]int{true: 1, false: 3}[tt.once]; len(results) != want {
		t.Errorf("%d results, want %d", len(results), want)
	}
	for _, r := range results {
		cell := r.Transport + " " + r.TLS
		if r.Status == Errored {
			t.Fatalf("%s: %s", cell, r.Reason)
		}
		if got := ids(r.Causes); !slices.Equal(got, tt.want) {
			t.Errorf("%s: causes %v, want %v (%s, client %q, server %q)", cell, got, tt.want, r.Outcome, r.Client.HandshakeError+r.Client.LateError, r.Server.HandshakeError)
		}
		if got := ids(r.Further); !slices.Equal(got, tt.further) {
			t.Errorf("%s: further %v, want %v", cell, got, tt.further)
		}
		if healthy := r.Outcome == string(diagnose.Established); healthy != (r.Status == Passed) {
			t.Errorf("%s: %s is %s", cell, r.Outcome, r.Status)
		}
		if len(r.Causes) == 0 {
			continue
		}
		c := r.Causes[0]
		text := strings.Join(append(slices.Clone(c.Evidence), c.Remedy, c.Try), "\n")
		for _, s := range tt.says {
			if !strings.Contains(text, s) {
				t.Errorf("%s: nothing says %q:\n%s", cell, s, text)
			}
		}
		if c.Remedy == "" || c.Try == "" || c.Title == "" {
			t.Errorf("%s: %s has title %q, remedy %q, try %q", cell, c.ID, c.Title, c.Remedy, c.Try)
		}
	}
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
