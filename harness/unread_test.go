package harness

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shakedown/harness/outcome"
)

// All files that do not load are named at once, each with what makes a readable
// one of it.
func TestEveryFileThatDoesNotLoadIsNamed(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pkcs12 := func(name string) string {
		return file(name, "\x30\x82\x01\x00\x02\x01\x03\x30\x82\x00\xf0"+strings.Repeat("x", 0xf0))
	}
	for _, tt := range []struct {
		name  string
		files DebugFiles
		// cause is that of the diagnosis; each note has its part of the text.
		cause string
		notes []string
	}{
		{
			"one for each side",
			DebugFiles{ServerCert: pkcs12("s.p12"), ClientCert: pkcs12("c.p12")},
			"not-pem",
			[]string{"c.p12, given as the client's certificate, does not load either: "},
		},
		{
			"three of one side",
			DebugFiles{ServerCert: pkcs12("s.p12"), ServerKey: file("k.txt", "no key"), ServerTrust: file("t.pem", "")},
			"not-pem",
			[]string{"k.txt, given as the server's key, does not load either: ", "t.pem, given as the server's trust, does not load either: "},
		},
		{
			"no key, and no certificate",
			DebugFiles{ClientCert: file("c.txt", "no certificate"), ClientKey: filepath.Join(dir, "gone.key"), ClientTrust: file("ca.txt", "x")},
			"file-missing",
			[]string{"c.txt, given as the client's certificate", "ca.txt, given as the client's trust"},
		},
		{"one alone", DebugFiles{ServerCert: pkcs12("s.p12")}, "not-pem", nil},
	} {
		sc, _, err := DebugScenario(tt.files)
		if err != nil {
			t.Fatal(err)
		}
		ready, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		connections, r, err := ready.play(context.Background(), sc.Cells[0], Options{Carrier: Memory}, hooks{})
		if err != nil {
			t.Fatal(err)
		}
		var shown State
		if connections[0].show(&shown); len(shown.Notes) != len(tt.notes) {
			t.Errorf("%s: a screen shows the notes %q", tt.name, shown.Notes)
		}
		if r.Cause != tt.cause || len(r.Notes) != len(tt.notes) {
			t.Errorf("%s: the cause is %q, the notes %q", tt.name, r.Cause, r.Notes)
			continue
		}
		for i, part := range tt.notes {
			if !strings.Contains(r.Notes[i], part) {
				t.Errorf("%s: got %q, want %q in it", tt.name, r.Notes[i], part)
			}
		}
	}

	c, err := newConnector(Target{Address: "127.0.0.1:1", CertFile: pkcs12("s.p12"), KeyFile: file("k.txt", "no key"), TrustFile: file("t.pem", "")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, r, err := c.play(context.Background(), outcome.Cell{}, Options{}, hooks{})
	if err != nil || len(r.Notes) != 2 {
		t.Errorf("connect: %v, the notes %q", err, r.Notes)
	}
}

// A key that stands in the certificate's file, as it does where no other is named,
// is looked for under that name and not under a made-up one.
func TestTheKeyIsInTheCertificatesFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "client.key")
	if err := os.WriteFile(file, []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := newConnector(Target{Address: "127.0.0.1:1", CertFile: file}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, r, err := c.play(context.Background(), outcome.Cell{}, Options{}, hooks{})
	if want := "grep -H -e '-----BEGIN' " + file; err != nil || len(r.Causes) == 0 || r.Causes[0].Try != want {
		t.Errorf("%v, got %+v, want %q", err, r.Causes, want)
	}
}
