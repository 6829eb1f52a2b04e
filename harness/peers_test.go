package harness

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// need returns the path of another program that a test is made with. Where it is
// missing the test is skipped, or fails if SHAKEDOWN_REQUIRE_PEERS=1 says that
// this machine has to have it.
func need(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	switch {
	case err == nil:
		return path
	case os.Getenv("SHAKEDOWN_REQUIRE_PEERS") == "1":
		t.Fatalf("%s is not installed, and SHAKEDOWN_REQUIRE_PEERS=1 wants it", program)
	}
	t.Skipf("%s is not installed", program)
	return ""
}

// A workbench is a directory in which openssl makes files.
type workbench struct {
	t       testing.TB
	openssl string
	dir     string
}

func newWorkbench(t testing.TB) *workbench {
	return &workbench{t: t, openssl: need(t, "openssl"), dir: t.TempDir()}
}

// run runs openssl with the words of a command line; "{…}" is one word with
// spaces.
func (b *workbench) run(line string) {
	b.t.Helper()
	var args []string
	for i, part := range strings.FieldsFunc(line, func(r rune) bool { return r == '{' || r == '}' }) {
		if i%2 == 1 {
			args = append(args, part)
		} else {
			args = append(args, strings.Fields(part)...)
		}
	}
	cmd := exec.CommandContext(b.t.Context(), b.openssl, args...)
	cmd.Dir = b.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("openssl %s: %v\n%s", line, err, out)
	}
}

func (b *workbench) path(name string) string {
	if name == "" {
		return ""
	}
	return filepath.Join(b.dir, name)
}

func (b *workbench) write(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(b.path(name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// cat joins files as a shell does.
func (b *workbench) cat(to string, from ...string) {
	b.t.Helper()
	var all bytes.Buffer
	for _, name := range from {
		data, err := os.ReadFile(b.path(name))
		if err != nil {
			b.t.Fatal(err)
		}
		all.Write(data)
	}
	b.write(to, all.String())
}

// key makes NAME.key.
func (b *workbench) key(name string) {
	b.t.Helper()
	b.run("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + name + ".key")
}

// root makes a self-signed CA in NAME.crt.
func (b *workbench) root(name, subject string) {
	b.t.Helper()
	b.key(name)
	b.run("req -x509 -new -key " + name + ".key -days 3650 -subj {/CN=" + subject + "} -out " + name + ".crt" +
		" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign")
}

// issue makes NAME.crt, signed by the issuer for that many days.
func (b *workbench) issue(name, subject, issuer, days, extensions string) {
	b.t.Helper()
	b.key(name)
	b.run("req -new -key " + name + ".key -subj {/CN=" + subject + "} -out " + name + ".csr")
	b.write(name+".ext", "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"+extensions)
	b.run("x509 -req -in " + name + ".csr -CA " + issuer + ".crt -CAkey " + issuer + ".key -CAcreateserial -days " + days +
		" -extfile " + name + ".ext -out " + name + ".crt")
}

const (
	asCA     = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
	asServer = "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:server.test,IP:127.0.0.1\n"
	asClient = "extendedKeyUsage=clientAuth\n"
)

// workshop makes what two unrelated PKIs have, with plain openssl commands:
// server.crt, server-chain.pem, client.crt, client-chain.pem, their keys, the
// roots server-root.crt, client-root.crt and a stranger's, other-root.crt.
func workshop(t testing.TB) *workbench {
	t.Helper()
	b := newWorkbench(t)
	b.root("other-root", "Other Root")
	for _, side := range []struct{ name, extensions string }{{"server", asServer}, {"client", asClient}} {
		b.root(side.name+"-root", "The "+side.name+"s' root")
		b.issue(side.name+"-ca", "The "+side.name+"s' CA", side.name+"-root", "1825", asCA)
		b.issue(side.name, side.name+".test", side.name+"-ca", "365", side.extensions)
		b.cat(side.name+"-chain.pem", side.name+".crt", side.name+"-ca.crt")
	}
	return b
}
