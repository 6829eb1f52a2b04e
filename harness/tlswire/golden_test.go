package tlswire

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGoldenTrees compares whole trees, as a person reads them, with
// testdata/fields.
func TestGoldenTrees(t *testing.T) {
	messages, _ := readHandshake(t, "client-authentication.txt")
	byName := map[string][]byte{}
	for _, m := range messages {
		byName[m.from+" "+m.name] = m.raw
	}
	retry, _ := readHandshake(t, "hello-retry-request.txt")
	tests := []struct {
		name    string
		raw     []byte
		version uint16
	}{
		{"client-hello", byName["client ClientHello"], 0},
		{"server-hello", byName["server ServerHello"], VersionTLS13},
		{"hello-retry-request", retry[1].raw, VersionTLS13},
		{"certificate", byName["client Certificate"], VersionTLS13},
		{"certificate-empty", build(TypeCertificate, func(b *cryptobyte.Builder) { b.AddUint32(0) }), VersionTLS13},
		{"certificate-verify", byName["client CertificateVerify"], VersionTLS13},
		{"certificate-request-12", request12(), VersionTLS12},
		{"certificate-request-13", request13(), VersionTLS13},
		{"extensions", helloOfEverything(), 0},
		{"extensions-rare", helloOfRareThings(), 0},
		{"encrypted-extensions-ech", retryConfigs(), VersionTLS13},
		{"certificate-delegated", delegatedCertificate(), VersionTLS13},
		{"truncated", byName["client ClientHello"][:120], 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join("testdata", "fields", tt.name+".txt")
			got := render(MessageFields(tt.raw, tt.version, "message", nil), "")
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs; update it with\n\tgo test ./harness/tlswire -run TestGoldenTrees -update\n%s", path, firstDifference(got, string(want)))
			}
		})
	}
}

// firstDifference returns the first lines that differ.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + strings.Join(w[min(i, len(w)):min(i+1, len(w))], "")
		}
	}
	return "want more: " + w[len(g)]
}

// TestDowngradeSentinel wants the marks in the server's random to be told apart
// from it.
func TestDowngradeSentinel(t *testing.T) {
	for suffix, want := range map[string]string{
		"DOWNGRD\x01": "The downgrade mark of TLS 1.2",
		"DOWNGRD\x00": "The downgrade mark of TLS 1.1",
		"DOWNGRD\x02": "",
	} {
		raw := build(TypeServerHello, func(b *cryptobyte.Builder) {
			b.AddUint16(VersionTLS12)
			b.AddBytes(make([]byte, 24))
			b.AddBytes([]byte(suffix))
			add8(b)
			b.AddUint16(0xc02f)
			b.AddUint8(0)
		})
		m, err := checkMessage(t, raw, VersionTLS12)
		if err != nil || !strings.HasSuffix(string(m.(*ServerHello).Random[:]), suffix) {
			t.Errorf("%q: the random is %x, %v", suffix, m.(*ServerHello).Random, err)
		}
		fields := MessageFields(raw, VersionTLS12, "message", nil)
		random, _ := find(fields, "ServerHello", "random")
		if !strings.HasPrefix(random.Meaning, "The server's half") || random.Section != "RFC 5246 7.4.1.3" {
			t.Errorf("%q: random means %q (%s)", suffix, random.Meaning, random.Section)
		}
		sentinel, found := find(fields, "ServerHello", "random", "downgrade_sentinel")
		if found != (want != "") || !strings.HasPrefix(sentinel.Meaning, want) || found && sentinel.End-sentinel.Start != 8 {
			t.Errorf("%q means %q", suffix, sentinel.Meaning)
		}
	}
}

func TestAlertFields(t *testing.T) {
	fields := AlertFields([]byte{2, AlertCertificateRequired}, "message")
	checkCover(t, fields, make([]byte, 2))
	code, ok := find(fields, "Alert", "description")
	if !ok || code.Value != "certificate_required (116)" || code.Meaning != AlertMeaning(116) || fields[0].Value != "certificate_required (116)" {
		t.Errorf("got\n%s", render(fields, ""))
	}
	for _, raw := range [][]byte{nil, {2}, {2, 42, 0}} {
		fields := AlertFields(raw, "message")
		checkCover(t, fields, raw)
		if len(broken(fields)) != 1 {
			t.Errorf("an alert of %d bytes:\n%s", len(raw), render(fields, ""))
		}
		if _, err := ParseAlert(raw); err == nil {
			t.Errorf("an alert of %d bytes parses", len(raw))
		}
	}
}
