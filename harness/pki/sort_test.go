package pki

import (
	"bytes"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/peertest"
)

// lay writes files into a directory; the names are in the order in which they are sorted.
func lay(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		write(t, dir, name, data)
	}
	return dir
}

// flags returns the assignment as text without the directory.
func flags(s *Sorting, dir string) string {
	return strings.ReplaceAll(strings.Join(s.Flags(), " "), dir+string(filepath.Separator), "")
}

func choices(s *Sorting, dir string) string {
	var list []string
	for _, c := range s.Ambiguous {
		list = append(list, c.Flag+" "+strings.ReplaceAll(strings.Join(c.Files, " "), dir+string(filepath.Separator), ""))
	}
	return strings.Join(list, "; ")
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// bom puts a UTF-8 byte order mark in front of a file, as some editors do.
func bom(data []byte) []byte { return append([]byte("\ufeff"), data...) }

func TestSort(t *testing.T) {
	spec := healthy()
	spec["ca"] = Entity{CA: true}
	spec["srv"] = Entity{Issuer: "ca", Usage: []string{"server"}, DNS: []string{"srv.test"}}
	spec["cli"] = Entity{Issuer: "ca", Usage: []string{"client"}}
	spec["web"] = Entity{Issuer: "server-ca", Usage: []string{"server", "client"}, DNS: []string{"web.test"}}
	spec["node"] = Entity{Issuer: "ca", DNS: []string{"node.test"}}
	spec["self"] = Entity{CA: true, DNS: []string{"self.test"}, KeyUsage: []string{"digitalSignature"}}
	spec["self-cn"] = Entity{CA: true, Subject: "localhost"}
	spec["misissued"] = Entity{Issuer: "client-ca", Usage: []string{"server"}, DNS: []string{"client-1.test"}}
	spec["new-server-root"] = Entity{CA: true, Subject: "Server Root"}
	spec["stranger"] = Entity{CA: true}
	spec["other-stranger"] = Entity{CA: true}
	h := mint(t, spec)
	cert := func(names ...string) []byte { return certPEM(ders(t, h, names...)...) }
	key := func(name string) []byte { return keyOf(t, h, name) }
	encrypted := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte{0x30, 0}})

	tests := []struct {
		name      string
		files     map[string][]byte
		flags     string
		ambiguous string
	}{
		{
			"one CA for both",
			map[string][]byte{"server.crt": cert("srv"), "server.key": key("srv"), "ca.crt": cert("ca"), "client.crt": cert("cli"), "client.key": key("cli")},
			"--server-cert server.crt --server-key server.key --server-trust ca.crt --client-cert client.crt --client-key client.key --client-trust ca.crt", "",
		},
		{
			"names that say nothing",
			map[string][]byte{"1": cert("srv"), "2": key("srv"), "3": cert("ca"), "4": cert("cli"), "5": key("cli"), "6": key("ca")},
			"--server-cert 1 --server-key 2 --server-trust 3 --client-cert 4 --client-key 5 --client-trust 3", "",
		},
		{
			"names that lie",
			map[string][]byte{"client.crt": cert("srv"), "client.key": key("srv"), "ca.crt": cert("ca"), "server.crt": cert("cli"), "server.key": key("cli")},
			"--server-cert client.crt --server-key client.key --server-trust ca.crt --client-cert server.crt --client-key server.key --client-trust ca.crt", "",
		},
		{
			"two CAs with intermediates",
			map[string][]byte{
				"server.pem": cert("server", "server-ca"), "server.key": key("server"), "client.pem": cert("client", "client-ca"), "client.key": key("client"),
				"a.pem": cert("client-root"), "b.pem": cert("server-root"),
			},
			"--server-cert server.pem --server-key server.key --server-trust a.pem --client-cert client.pem --client-key client.key --client-trust b.pem", "",
		},
		{
			"a missing intermediate that lies beside it",
			map[string][]byte{
				"server.pem": cert("server", "server-ca"), "server.key": key("server"), "client.pem": cert("client"), "client.key": key("client"),
				"a.pem": cert("client-root"), "b.pem": cert("server-root"), "intermediate.pem": cert("client-ca"),
			},
			"--server-cert server.pem --server-key server.key --server-trust a.pem --client-cert client.pem --client-key client.key --client-trust b.pem --also intermediate.pem", "",
		},
		{
			"combined files",
			map[string][]byte{"server.pem": join(key("server"), cert("server", "server-ca")), "client.pem": join(cert("client", "client-ca"), key("client")), "roots.pem": cert("server-root", "client-root")},
			"--server-cert server.pem --server-key server.pem --server-trust roots.pem --client-cert client.pem --client-key client.pem --client-trust roots.pem", "",
		},
		{
			"as certbot lays it out",
			map[string][]byte{"cert.pem": cert("web"), "chain.pem": cert("server-ca"), "fullchain.pem": cert("web", "server-ca"), "privkey.pem": key("web"), "README": []byte("This directory contains your keys.\n")},
			"--server-cert fullchain.pem --server-key privkey.pem --client-trust chain.pem", "",
		},
		{
			"only a client",
			map[string][]byte{"tls.crt": cert("client", "client-ca"), "tls.key": key("client"), "root.crt": cert("client-root")},
			"--server-trust root.crt --client-cert tls.crt --client-key tls.key", "",
		},
		{
			"a client with the CA of its server",
			map[string][]byte{"tls.crt": cert("client", "client-ca"), "tls.key": key("client"), "root.crt": cert("client-root"), "ca.crt": cert("server-root")},
			"--server-trust root.crt --client-cert tls.crt --client-key tls.key --client-trust ca.crt", "",
		},
		{
			"a server with the CA of its clients",
			map[string][]byte{"tls.crt": cert("srv"), "tls.key": key("srv"), "ca.crt": cert("ca"), "peers.crt": cert("client-root")},
			"--server-cert tls.crt --server-key tls.key --server-trust peers.crt --client-trust ca.crt", "",
		},
		{
			"a client whose certificate is for servers", // the names tell
			map[string][]byte{"server.crt": cert("server", "server-ca"), "server.key": key("server"), "client.crt": cert("misissued", "client-ca"), "client.key": key("misissued"), "sr.crt": cert("server-root"), "cr.crt": cert("client-root")},
			"--server-cert server.crt --server-key server.key --server-trust cr.crt --client-cert client.crt --client-key client.key --client-trust sr.crt", "",
		},
		{
			"two servers",
			map[string][]byte{"a.crt": cert("server"), "a.key": key("server"), "b.crt": cert("srv"), "b.key": key("srv"), "client.crt": cert("cli"), "client.key": key("cli"), "ca.crt": cert("ca")},
			"--server-trust ca.crt --client-cert client.crt --client-key client.key", "--server-cert a.crt b.crt",
		},
		{
			"two servers, one of them with a key",
			map[string][]byte{"a.crt": cert("server"), "b.crt": cert("srv"), "b.key": key("srv"), "ca.crt": cert("ca")},
			"--server-cert b.crt --server-key b.key --client-trust ca.crt", "",
		},
		{
			"two nodes for either side",
			map[string][]byte{"a.crt": cert("web"), "a.key": key("web"), "b.crt": cert("node"), "b.key": key("node")},
			"", "--server-cert a.crt b.crt; --client-cert a.crt b.crt",
		},
		{
			"two nodes whose names tell",
			map[string][]byte{"server.crt": cert("node"), "server.key": key("node"), "client.crt": cert("web", "server-ca"), "client.key": key("web"), "ca.crt": cert("ca"), "root.crt": cert("server-root")},
			"--server-cert server.crt --server-key server.key --server-trust root.crt --client-cert client.crt --client-key client.key --client-trust ca.crt", "",
		},
		{
			"a self-signed server as OpenSSL makes it",
			map[string][]byte{"cert.pem": cert("self"), "key.pem": key("self")},
			"--server-cert cert.pem --server-key key.pem --client-trust cert.pem", "",
		},
		{
			"a self-signed server without names",
			map[string][]byte{"cert.pem": cert("self-cn"), "key.pem": key("self-cn")},
			"--server-cert cert.pem --server-key key.pem --client-trust cert.pem", "",
		},
		{
			"a wrong key", // it fits nothing, so it was meant for the certificate without one
			map[string][]byte{"server.crt": cert("srv"), "server.key": key("web"), "ca.crt": cert("ca"), "client.crt": cert("cli"), "client.key": key("cli")},
			"--server-cert server.crt --server-key server.key --server-trust ca.crt --client-cert client.crt --client-key client.key --client-trust ca.crt", "",
		},
		{
			"two keys that fit nothing",
			map[string][]byte{"s.crt": cert("srv"), "a.key": key("web"), "b.key": key("node"), "ca.crt": cert("ca"), "c.crt": cert("cli")},
			"--server-cert s.crt --server-trust ca.crt --client-cert c.crt --client-trust ca.crt", "--server-key a.key b.key; --client-key a.key b.key",
		},
		{
			"encrypted keys by their names",
			map[string][]byte{"a.crt": cert("srv"), "a.key": encrypted, "ca.crt": cert("ca"), "b.crt": cert("cli"), "b.key": encrypted},
			"--server-cert a.crt --server-key a.key --server-trust ca.crt --client-cert b.crt --client-key b.key --client-trust ca.crt", "",
		},
		{
			"forms that Go does not read",
			map[string][]byte{"server.der": ders(t, h, "srv")[0], "server.key": wide(key("srv"), true, true), "ca.crt": withBOM(cert("ca")), "client.crt": literal(cert("cli")), "client.key": decoded(key("cli"))},
			"--server-cert server.der --server-key server.key --server-trust ca.crt --client-cert client.crt --client-key client.key --client-trust ca.crt", "",
		},
		{
			"a CA that was made again",
			map[string][]byte{"server.pem": cert("server", "server-ca"), "server.key": key("server"), "ca.pem": cert("new-server-root")},
			"--server-cert server.pem --server-key server.key --client-trust ca.pem", "",
		},
		{
			"the wrong CA", // the only one that there is
			map[string][]byte{"server.pem": cert("srv"), "server.key": key("srv"), "client.pem": cert("cli"), "client.key": key("cli"), "ca.pem": cert("stranger")},
			"--server-cert server.pem --server-key server.key --server-trust ca.pem --client-cert client.pem --client-key client.key --client-trust ca.pem", "",
		},
		{
			"a client of an unknown CA",
			map[string][]byte{"server.pem": cert("srv"), "server.key": key("srv"), "client.pem": cert("client"), "client.key": key("client"), "ca.pem": cert("ca")},
			"--server-cert server.pem --server-key server.key --server-trust ca.pem --client-cert client.pem --client-key client.key --client-trust ca.pem", "",
		},
		{
			"a server and a CA of somebody else",
			map[string][]byte{"tls.crt": cert("srv"), "tls.key": key("srv"), "ca.crt": cert("stranger")},
			"--server-cert tls.crt --server-key tls.key", "--client-trust ca.crt; --server-trust ca.crt",
		},
		{
			"two CAs of somebody else whose names tell",
			map[string][]byte{"server.crt": cert("srv"), "server.key": key("srv"), "client.crt": cert("cli"), "client.key": key("cli"), "server-ca.crt": cert("stranger"), "client-ca.crt": cert("other-stranger")},
			"--server-cert server.crt --server-key server.key --server-trust client-ca.crt --client-cert client.crt --client-key client.key --client-trust server-ca.crt", "",
		},
		{
			"an empty key",
			map[string][]byte{"server.crt": cert("srv"), "server.key": nil, "ca.crt": cert("ca")},
			"--server-cert server.crt --server-key server.key --client-trust ca.crt", "",
		},
		{
			"a truncated certificate",
			map[string][]byte{"server.crt": withoutEnd(cert("srv"))[:300], "server.key": key("srv"), "ca.crt": cert("ca"), "client.crt": cert("cli"), "client.key": key("cli")},
			"--server-cert server.crt --server-key server.key --server-trust ca.crt --client-cert client.crt --client-key client.key --client-trust ca.crt", "",
		},
		{
			"a chain in the wrong order",
			map[string][]byte{"server.crt": cert("server-ca", "server"), "server.key": key("server"), "root.crt": cert("server-root")},
			"--server-cert server.crt --server-key server.key --client-trust root.crt", "",
		},
		{
			"a CA with its key in one file",
			map[string][]byte{"ca.pem": join(cert("ca"), key("ca")), "s.pem": cert("srv"), "s.key": key("srv")},
			"--server-cert s.pem --server-key s.key --client-trust ca.pem", "",
		},
		{
			"the root behind the server's certificate",
			map[string][]byte{"server.pem": cert("server", "server-ca", "server-root"), "server.key": key("server"), "client.pem": cert("client", "client-ca"), "client.key": key("client"), "ca.pem": cert("client-root")},
			"--server-cert server.pem --server-key server.key --server-trust ca.pem --client-cert client.pem --client-key client.key --client-trust server.pem", "",
		},
		{
			"a copy that a Go program does not read",
			map[string][]byte{
				"0-server.crt": bom(cert("srv")), "server.crt": cert("srv"), "0-server.key": bom(key("srv")), "server.key": key("srv"),
				"0-ca.crt": bom(cert("ca")), "ca.crt": cert("ca"),
			},
			"--server-cert server.crt --server-key server.key --client-trust ca.crt", "",
		},
		{
			"only copies that a Go program does not read",
			map[string][]byte{"server.crt": bom(cert("srv")), "server.key": bom(key("srv")), "ca.crt": bom(cert("ca"))},
			"--server-cert server.crt --server-key server.key --client-trust ca.crt", "",
		},
		{
			"the same CA twice",
			map[string][]byte{"server.crt": cert("srv"), "server.key": key("srv"), "ca.crt": cert("ca"), "root.crt": cert("ca")},
			"--server-cert server.crt --server-key server.key --client-trust ca.crt", "",
		},
		{
			"the same CA again in a bundle",
			map[string][]byte{"server.crt": cert("srv"), "server.key": key("srv"), "ca.crt": cert("ca"), "pool.crt": cert("ca", "stranger")},
			"--server-cert server.crt --server-key server.key --server-trust pool.crt --client-trust ca.crt", "",
		},
		{
			"only CAs",
			map[string][]byte{"a.pem": cert("ca"), "b.pem": cert("stranger")},
			"", "--client-trust a.pem b.pem; --server-trust a.pem b.pem",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := lay(t, tt.files)
			s, err := Sort([]string{dir})
			if err != nil {
				t.Fatal(err)
			}
			if got := flags(s, dir); got != tt.flags {
				t.Errorf("flags %s\nwant  %s", got, tt.flags)
			}
			if got := choices(s, dir); got != tt.ambiguous {
				t.Errorf("ambiguous %q, want %q", got, tt.ambiguous)
			}
			if len(s.Files) != len(tt.files) || len(s.Notes) < len(tt.files) {
				t.Errorf("%d of %d files are described: %q", len(s.Files), len(tt.files), s.Notes)
			}
			if (s.Err() != nil) != (tt.ambiguous != "") {
				t.Errorf("Err = %v", s.Err())
			}
			if t.Failed() {
				t.Log(strings.Join(s.Notes, "\n"))
			}
		})
	}
}

// A choice decides about key and CA too.
func TestSortChoose(t *testing.T) {
	spec := healthy()
	spec["ca"] = Entity{CA: true}
	spec["srv"] = Entity{Issuer: "ca", Usage: []string{"server"}, DNS: []string{"srv.test"}}
	h := mint(t, spec)
	dir := lay(t, map[string][]byte{
		"a.crt": certPEM(ders(t, h, "server", "server-ca")...), "a.key": keyOf(t, h, "server"), "a-ca.crt": certPEM(ders(t, h, "server-root")...),
		"b.crt": certPEM(ders(t, h, "srv")...), "b.key": keyOf(t, h, "srv"), "b-ca.crt": certPEM(ders(t, h, "ca")...),
	})
	s, err := Sort([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	var ambiguous *AmbiguousError
	if !errors.As(s.Err(), &ambiguous) || len(ambiguous.Choices) != 1 || !strings.Contains(s.Err().Error(), "--server-cert could be "+dir) {
		t.Fatalf("Err = %v", s.Err())
	}
	chosen := s.Assignment
	if !chosen.Set(ambiguous.Choices[0].Flag, ambiguous.Choices[0].Files[1]) || chosen.Set("--also", "x") {
		t.Fatal("Set does not know its flags")
	}
	s, err = SortWith([]string{dir}, chosen)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := flags(s, dir), "--server-cert b.crt --server-key b.key --client-trust b-ca.crt --also a-ca.crt"; got != want || s.Err() != nil {
		t.Errorf("flags %s, want %s (%v)", got, want, s.Err())
	}
}

func TestSortSentences(t *testing.T) {
	spec := healthy()
	spec["evil"] = Entity{Issuer: "client-ca", Usage: []string{"client"}, Subject: "a\x1b[31m\nb"}
	h := mint(t, spec)
	w := newWardrobe(t)
	dir := lay(t, map[string][]byte{
		"01.crt": certPEM(ders(t, h, "server", "server-ca")...),
		"02.key": keyOf(t, h, "server"),
		"03.crt": certPEM(ders(t, h, "evil")...),
		"04.key": w.otherKey,
		"05.crt": certPEM(ders(t, h, "server-root")...),
		"06.crt": certPEM(ders(t, h, "client-ca")...),
		"07.crt": certPEM(ders(t, h, "client-root", "server-root")...),
		"08.txt": []byte("hello\n"),
		"09.bin": {0, 1, 2},
		"10.pub": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: parsed(t, h, "server").RawSubjectPublicKeyInfo}),
		"11.crt": indent(w.cert),
		"12.pem": join(w.key, w.chain),
		"13.key": keyOf(t, h, "server-ca"),
		"14.key": keyOf(t, h, "client-ca"),
	})
	s, err := Sort([]string{dir, filepath.Join(dir, "01.crt")})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a server's certificate for server.test, issued by CN=Server CA, with 1 more certificate",
		"the private key (ECDSA P-256) of " + filepath.Join(dir, "01.crt"),
		`a client's certificate for CN=a\x1b[31m\x0ab, issued by CN=Client CA`,
		"a private key (ECDSA P-256) that fits no certificate here",
		"a root CA: CN=Server Root",
		"an intermediate CA: CN=Client CA, issued by CN=Client Root",
		"a bundle of 2 CAs: CN=Client Root, CN=Server Root",
		"not understood: text that holds no PEM block",
		"not understood: binary data that is no certificate and no key",
		"not understood: a public key, which is neither a certificate nor a private key",
		"a server's certificate for server.test, issued by CN=Server CA; a Go program does not read it as it is: indented PEM, as in a YAML file",
		"a server's certificate for server.test, issued by CN=Server CA, with 1 more certificate, and its private key",
		"the private key (ECDSA P-256) of a certificate further down in " + filepath.Join(dir, "01.crt"),
		"the private key (ECDSA P-256) of " + filepath.Join(dir, "06.crt"),
	}
	for i, f := range s.Files {
		if f.Is != want[i] {
			t.Errorf("%s is %q\nwant %q", filepath.Base(f.Path), f.Is, want[i])
		}
		if f.Understood == strings.HasPrefix(f.Is, "not understood") {
			t.Errorf("%s: understood is %v", f.Path, f.Understood)
		}
	}
}

func TestSortErrors(t *testing.T) {
	if _, err := Sort([]string{filepath.Join(t.TempDir(), "missing")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing path: %v", err)
	}
	if _, err := Sort([]string{t.TempDir()}); err == nil || !strings.Contains(err.Error(), "no file is named") {
		t.Errorf("an empty directory: %v", err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "sub"), "server.crt", nil)
	write(t, dir, "a.txt", []byte("a"))
	if s, err := Sort([]string{dir}); err != nil || len(s.Files) != 1 {
		t.Errorf("one level only: %v", err)
	}
}

// A pipe is listed, not waited for, and files with odd names are quoted.
func TestSortOdd(t *testing.T) {
	w := newWardrobe(t)
	dir := lay(t, map[string][]byte{"my server's.crt": w.chain, "my server's.key": w.key})
	s, err := Sort([]string{dir, "/dev/null"})
	if err != nil {
		t.Fatal(err)
	}
	if last := s.Files[len(s.Files)-1]; last.Is != "not understood: a device, not a regular file" {
		t.Errorf("/dev/null is %q", last.Is)
	}
	command := s.Notes[len(s.Notes)-1]
	if !strings.Contains(command, `--server-cert '`+dir+`/my server'\''s.crt' --server-key '`) {
		t.Errorf("the command is %s", command)
	}
}

// As OpenSSL makes them: PKCS#12, PKCS#7, CSRs, encrypted keys.
func TestSortOpenSSL(t *testing.T) {
	peertest.Program(t, "openssl")
	w := newWardrobe(t)
	for _, tt := range []struct {
		name, make string
		flags      string
		says       []string
	}{
		{
			"a PKI by openssl",
			`openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -subj /CN=Lab -days 9 -out ca.crt
			for side in server client; do
			openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $side.key -subj /CN=$side.test -out $side.csr
			printf "extendedKeyUsage=${side}Auth\nsubjectAltName=DNS:$side.test\n" > $side.ext
			openssl x509 -req -in $side.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 9 -extfile $side.ext -out $side.crt
			done`,
			"--server-cert server.crt --server-key server.key --server-trust ca.crt --client-cert client.crt --client-key client.key --client-trust ca.crt",
			[]string{"client.csr: the CSR that client.crt was made from", "ca.key: the private key (ECDSA P-256) of ca.crt", "server.ext: not understood: text that holds no PEM block", "ca.crt: a root CA: CN=Lab"},
		},
		{
			"a self-signed certificate in one command",
			`openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=localhost -days 9 -addext subjectAltName=DNS:localhost -out cert.pem`,
			"--server-cert cert.pem --server-key key.pem --client-trust cert.pem", nil,
		},
		{
			"PKCS#12 for a client",
			`openssl pkcs12 -export -inkey in.key -in in.pem -passout pass:secret -out client.p12; rm in.key; mv in.pem server.pem`,
			"--server-cert server.pem --client-cert client.p12 --client-key client.p12",
			[]string{"client.p12: a certificate and a key that cannot be looked into; a Go program does not read it as it is: PKCS#12"},
		},
		{
			"PKCS#12 alone",
			`openssl pkcs12 -export -inkey in.key -in in.pem -passout pass:secret -out my.p12; rm in.*`,
			"--server-cert my.p12 --server-key my.p12",
			[]string{"my.p12 cannot be looked into and is taken as the server's"},
		},
		{
			"PKCS#7",
			`openssl crl2pkcs7 -nocrl -certfile in.pem -outform DER -out in.p7b; rm in.pem`,
			"--server-cert in.p7b --server-key in.key",
			[]string{"in.p7b: a server's certificate for server.test, issued by CN=Server CA, with 1 more certificate; a Go program does not read it as it is: PKCS#7 in DER"},
		},
		{
			"a CSR that nobody signed",
			`openssl req -new -key in.key -subj /CN=server.test -out server.csr; rm in.pem`,
			"--server-cert server.csr --server-key in.key",
			[]string{"server.csr: a CSR, which a CA has yet to sign"},
		},
		{
			"an encrypted key",
			`openssl pkcs8 -topk8 -in in.key -passout pass:secret -out secret.key; rm in.key`,
			"--server-cert in.pem --server-key secret.key",
			[]string{"secret.key: a private key that cannot be looked into; a Go program does not read it as it is: an encrypted PKCS#8 key"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := lay(t, map[string][]byte{"in.pem": w.chain, "in.key": w.key})
			if strings.Contains(tt.name, "openssl") || strings.Contains(tt.name, "self-signed") {
				dir = t.TempDir()
			}
			shell(t, dir, tt.make)
			s, err := Sort([]string{dir})
			if err != nil {
				t.Fatal(err)
			}
			if got := flags(s, dir); got != tt.flags {
				t.Errorf("flags %s\nwant  %s", got, tt.flags)
			}
			notes := strings.ReplaceAll(strings.Join(s.Notes, "\n"), dir+string(filepath.Separator), "")
			for _, says := range tt.says {
				if !slices.ContainsFunc(strings.Split(notes, "\n"), func(line string) bool { return strings.HasPrefix(line, says) }) {
					t.Errorf("nothing says %q", says)
				}
			}
			if t.Failed() {
				t.Log(notes)
			}
		})
	}
}
