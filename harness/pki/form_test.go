package pki

import (
	"errors"
	"os/exec"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/peertest"
)

// Each form of each file is found out for what it is; an empty cause is a file
// that loads.
func TestForms(t *testing.T) {
	causes := map[string]map[FileRole]string{
		"pem": {}, "crlf": {},
		"der":     {CertificateFile: "not-pem", KeyFile: "not-pem", TrustFile: "bundle-unread"},
		"swapped": {CertificateFile: "wrong-block", KeyFile: "key-block"}, // only one of the two

		// The first block is lost, and the key is not that of the second.
		"bom":              {CertificateFile: "not-pem", KeyFile: "not-pem"},
		"utf-16":           {CertificateFile: "not-pem", KeyFile: "not-pem", TrustFile: "bundle-unread"},
		"indented":         {CertificateFile: "not-pem", KeyFile: "not-pem", TrustFile: "bundle-unread"},
		"literal-newlines": {CertificateFile: "not-pem", KeyFile: "not-pem", TrustFile: "bundle-unread"},
		"one-line":         {CertificateFile: "not-pem", KeyFile: "not-pem", TrustFile: "bundle-unread"},
		"cr-only":          {CertificateFile: "not-pem", KeyFile: "not-pem", TrustFile: "bundle-unread"},
		"quoted":           {CertificateFile: "not-pem", KeyFile: "not-pem", TrustFile: "bundle-unread"},
		"base64-twice":     {CertificateFile: "not-pem", KeyFile: "not-pem", TrustFile: "bundle-unread"},
		"truncated":        {KeyFile: "not-pem"},
		"damaged-base64":   {CertificateFile: "not-pem", KeyFile: "not-pem"},
		"glued":            {CertificateFile: "not-pem", TrustFile: "bundle-unread"},
		"empty":            {CertificateFile: "not-pem", KeyFile: "not-pem", TrustFile: "bundle-unread"},
		"missing":          {CertificateFile: "file-missing", KeyFile: "file-missing", TrustFile: "file-missing"},
		"directory":        {CertificateFile: "file-missing", KeyFile: "file-missing", TrustFile: "file-missing"},
		"unreadable":       {CertificateFile: "file-missing", KeyFile: "file-missing", TrustFile: "file-missing"},
		"issuer-first":     {CertificateFile: "server-chain-wrong-order"},
		"request":          {CertificateFile: "wrong-block"},
		"trusted":          {CertificateFile: "wrong-block"},
		"x509-label":       {CertificateFile: "wrong-block"},
		"damaged-last":     {},
		"other-key":        {KeyFile: "wrong-key"},
		"other-kind":       {KeyFile: "key-type"},
		"encrypted":        {KeyFile: "key-unusable"},
		"public-key":       {KeyFile: "key-block"},
		"ec-parameters":    {KeyFile: "key-block"},
		"ed448":            {KeyFile: "key-unusable"},
	}
	h := mint(t, healthy())
	credential, err := h.Credential([]string{"server", "server-ca"})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []FileRole{CertificateFile, KeyFile, TrustFile} {
		for _, form := range Forms(role) {
			want, known := causes[form.Name]
			if !known {
				t.Errorf("form %s has no cause here", form.Name)
			}
			t.Run(string(role)+" "+form.Name, func(t *testing.T) {
				folder := Folder{}
				switch role {
				case CertificateFile:
					err = folder.WritePair(credential, "a.pem", form.Name, "a.key", "")
				case KeyFile:
					err = folder.WritePair(credential, "a.pem", "", "a.key", form.Name)
				case TrustFile:
					err = folder.WriteTrust(ders(t, h, "client-root", "server-root"), "t.pem", form.Name)
				}
				if err != nil {
					t.Fatal(err)
				}
				if role == TrustFile {
					_, err = folder.LoadBundle("t.pem")
				} else {
					_, err = folder.LoadKeyPair("a.pem", "a.key")
				}
				got := ""
				if load := (*LoadError)(nil); errors.As(err, &load) {
					got = load.Cause(outcome.Server)
				} else if err != nil {
					t.Fatal(err)
				}
				if got != want[role] {
					t.Errorf("got %q (%v), want %q", got, err, want[role])
				}
			})
		}
	}
}

func TestAFileThatWasNeverWrittenIsMissing(t *testing.T) {
	if _, err := (Folder{}).LoadKeyPair("a.pem", "a.key"); err == nil {
		t.Error("an empty folder has a key pair")
	}
	if err := (Folder{}).WriteTrust(nil, "t.pem", "nonesuch"); err == nil {
		t.Error("an unknown form was written")
	}
}

// The encrypted form is one that OpenSSL opens with its password.
func TestTheEncryptedKeyOpens(t *testing.T) {
	openssl := peertest.Program(t, "openssl")
	h := mint(t, healthy())
	credential, err := h.Credential([]string{"server"})
	if err != nil {
		t.Fatal(err)
	}
	folder := Folder{}
	if err := folder.WritePair(credential, "a.pem", "", "a.key", "encrypted"); err != nil {
		t.Fatal(err)
	}
	file := write(t, t.TempDir(), "a.key", folder["a.key"].content)
	out, err := exec.Command(openssl, "pkey", "-in", file, "-passin", "pass:"+formPassword, "-noout", "-check").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
