package harness

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shakedown/harness/peertest"
	"shakedown/harness/pki"
)

// A workbench is a directory in which openssl makes files.
type workbench struct {
	t       testing.TB
	openssl string
	dir     string
}

func newWorkbench(t testing.TB) *workbench {
	return &workbench{t: t, openssl: peertest.Program(t, "openssl"), dir: t.TempDir()}
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

// mint writes NAME.crt and NAME.key of a hierarchy.
func (b *workbench) mint(h *pki.Hierarchy, name string) {
	b.t.Helper()
	credential, err := h.Credential([]string{name})
	if err != nil {
		b.t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(credential.Key)
	if err != nil {
		b.t.Fatal(err)
	}
	b.write(name+".crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: credential.Chain[0]})))
	b.write(name+".key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
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

// start starts a server of another stack and returns once it has said that it
// listens. The line that says so goes through listening, which returns the
// address, empty for any other line. The test ends it.
func start(t testing.TB, dir string, listening func(line string) string, program string, args ...string) (address string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	hold, err := cmd.StdinPipe() // some servers end with their input
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, said := make(chan string), make(chan string, 1)
	go func() {
		var all strings.Builder
		for s := bufio.NewScanner(out); s.Scan(); {
			fmt.Fprintln(&all, s.Text())
			if a := listening(s.Text()); a != "" && lines != nil {
				lines <- a
				lines = nil
			}
		}
		said <- all.String()
	}()
	t.Cleanup(func() {
		_ = hold.Close()
		_ = cmd.Process.Kill()
		<-said
		_ = cmd.Wait()
	})
	select {
	case address = <-lines:
		return address
	case text := <-said:
		said <- text
		t.Fatalf("%s ended before it listened:\n%s", program, text)
	case <-time.After(20 * time.Second):
		t.Fatalf("%s does not listen", program)
	}
	return ""
}

// serve starts openssl s_server on a port that the kernel chooses.
func (b *workbench) serve(flags ...string) string {
	b.t.Helper()
	args := append([]string{
		"s_server", "-accept", "127.0.0.1:0", "-cert", "server.crt", "-key", "server.key", "-cert_chain", "server-chain.pem",
		"-CAfile", "client-root.crt",
	}, flags...)
	return start(b.t, b.dir, func(line string) string {
		address, _ := strings.CutPrefix(line, "ACCEPT ")
		if address == line {
			return ""
		}
		return address
	}, b.openssl, args...)
}

// serveGnuTLS starts gnutls-serv. It takes no port of the kernel's choosing, so
// one is chosen before; where somebody else was quicker, another one is.
func (b *workbench) serveGnuTLS(priority string) string {
	b.t.Helper()
	program := peertest.Program(b.t, "gnutls-serv")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	return start(b.t, b.dir, func(line string) string {
		if strings.Contains(line, "IPv4") && strings.Contains(line, "done") {
			return net.JoinHostPort("127.0.0.1", port)
		}
		return ""
	}, program, "--port", port, "--x509certfile", "server-chain.pem", "--x509keyfile", "server.key",
		"--x509cafile", "client-root.crt", "--require-client-cert", "--verify-client-cert", "--priority", priority, "--echo")
}

// A peerCase is what a client takes to a server of another stack, and what
// comes of it: the alert, and what can be said of a server that says nothing.
type peerCase struct {
	name      string
	cert, key string
	trust     string
	force     bool
	outcome   string
	refusedBy string
	alert     string
	cause     string
}

// check connects, and also holds what is true of every foreign peer.
func (p peerCase) check(t *testing.T, b *workbench, target Target) {
	t.Helper()
	target.CertFile, target.KeyFile, target.TrustFile = b.path(p.cert), b.path(p.key), b.path(p.trust)
	target.ServerName, target.ForceClientCert = "server.test", p.force
	r, err := Connect(t.Context(), target, Options{})
	if err != nil {
		t.Fatal(err)
	}
	alert := ""
	if r.Alert != nil {
		alert = r.Alert.Name
	}
	if p.outcome == "established" {
		alert = "" // a close_notify
	}
	got := [4]string{r.Outcome, r.RefusedBy, alert, r.Cause}
	if want := [4]string{p.outcome, p.refusedBy, p.alert, p.cause}; got != want {
		t.Errorf("got %q, want %q (handshake %q, late %q)", got, want, r.Client.HandshakeError, r.Client.LateError)
		for _, s := range r.Steps {
			t.Logf("%2d %s %s: %s", s.N, s.From, s.Name, s.Summary)
		}
	}
	if r.Server.Known || !r.Client.Known {
		t.Errorf("the server's view is said to be known: %v, the client's: %v", r.Server.Known, r.Client.Known)
	}
	for _, c := range r.Causes {
		if strings.Contains(c.Try, "HOST:PORT") {
			t.Errorf("%s: the command names no server: %s", c.ID, c.Try)
		}
	}
}

func TestConnectToOpenSSL(t *testing.T) {
	b := workshop(t)
	b.issue("stranger", "stranger.test", "other-root", "365", asClient)
	b.issue("expired", "client.test", "client-ca", "-1", asClient)
	b.cat("expired-chain.pem", "expired.crt", "client-ca.crt")
	b.issue("usage", "client.test", "client-ca", "365", asServer)
	b.cat("usage-chain.pem", "usage.crt", "client-ca.crt")
	none := map[string]string{"1.2": "handshake_failure", "1.3": "certificate_required"}
	for _, version := range []string{"1.2", "1.3"} {
		t.Run(version, func(t *testing.T) {
			b := &workbench{t: t, openssl: b.openssl, dir: b.dir}
			address := b.serve("-Verify", "3", "-verify_return_error", map[string]string{"1.2": "-tls1_2", "1.3": "-tls1_3"}[version])
			for _, tt := range []peerCase{
				{name: "a good certificate", cert: "client-chain.pem", key: "client.key", trust: "server-root.crt", outcome: "established"},
				{name: "no certificate", trust: "server-root.crt", outcome: "refused", refusedBy: "server", alert: none[version], cause: "client-no-cert"},
				{name: "another CA's", cert: "stranger.crt", key: "stranger.key", trust: "server-root.crt", outcome: "refused", refusedBy: "server", alert: none[version], cause: "client-ca-hint-mismatch"},
				{name: "another CA's, sent all the same", cert: "stranger.crt", key: "stranger.key", trust: "server-root.crt", force: true, outcome: "refused", refusedBy: "server", alert: "unknown_ca", cause: "client-untrusted-ca"},
				{name: "no intermediate, sent all the same", cert: "client.crt", key: "client.key", trust: "server-root.crt", force: true, outcome: "refused", refusedBy: "server", alert: "unknown_ca", cause: "client-missing-intermediate"},
				{name: "expired", cert: "expired-chain.pem", key: "expired.key", trust: "server-root.crt", outcome: "refused", refusedBy: "server", alert: "certificate_expired", cause: "client-expired"},
				{name: "for servers", cert: "usage-chain.pem", key: "usage.key", trust: "server-root.crt", outcome: "refused", refusedBy: "server", alert: "unsupported_certificate", cause: "client-eku-serverauth"},
				{name: "a server that the client does not trust", trust: "other-root.crt", outcome: "refused", refusedBy: "client", alert: "bad_certificate", cause: "server-untrusted-ca"},
			} {
				t.Run(tt.name, func(t *testing.T) { tt.check(t, b, Target{Address: address, TLS: version}) })
			}
		})
	}
}

func TestConnectToGnuTLS(t *testing.T) {
	b := workshop(t)
	b.issue("stranger", "stranger.test", "other-root", "365", asClient)
	b.issue("expired", "client.test", "client-ca", "-1", asClient)
	b.cat("expired-chain.pem", "expired.crt", "client-ca.crt")
	none := map[string]string{"1.2": "decode_error", "1.3": "certificate_required"}
	for _, version := range []string{"1.2", "1.3"} {
		t.Run(version, func(t *testing.T) {
			b := &workbench{t: t, openssl: b.openssl, dir: b.dir}
			address := b.serveGnuTLS("NORMAL:-VERS-ALL:+VERS-TLS" + version)
			for _, tt := range []peerCase{
				{name: "a good certificate", cert: "client-chain.pem", key: "client.key", trust: "server-root.crt", outcome: "established"},
				{name: "no certificate", trust: "server-root.crt", outcome: "refused", refusedBy: "server", alert: none[version], cause: "client-no-cert"},
				{name: "another CA's, sent all the same", cert: "stranger.crt", key: "stranger.key", trust: "server-root.crt", force: true, outcome: "refused", refusedBy: "server", alert: "access_denied", cause: "client-untrusted-ca"},
				{name: "expired", cert: "expired-chain.pem", key: "expired.key", trust: "server-root.crt", outcome: "refused", refusedBy: "server", alert: "access_denied", cause: "client-expired"},
			} {
				t.Run(tt.name, func(t *testing.T) { tt.check(t, b, Target{Address: address, TLS: version}) })
			}
		})
	}
}
