package rewrite

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shakedown/harness/fault"
	"shakedown/harness/tlswire"
)

// messages are those of the reference handshakes of RFC 8448.
func messages(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, file := range []string{"client-authentication.txt", "hello-retry-request.txt"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "rfc8448", file))
		if err != nil {
			t.Fatal(err)
		}
		for block := range strings.SplitSeq(string(text), "\n\n") {
			title, body, _ := strings.Cut(strings.TrimSpace(block), "\n")
			raw, err := hex.DecodeString(strings.Join(strings.Fields(body), ""))
			if n, ok := tlswire.HandshakeLen(raw); err == nil && !strings.HasPrefix(title, "#") && ok && n == len(raw) {
				if _, ok := all[title]; !ok {
					all[title] = raw
				}
			}
		}
	}
	if len(all) < 8 {
		t.Fatalf("only %d messages were read", len(all))
	}
	return all
}

func text(s string) *string { return &s }

func apply(t *testing.T, r fault.Rewrite, message []byte) tlswire.Message {
	t.Helper()
	out, what, err := Apply(&r, message, tlswire.VersionTLS13)
	if err != nil {
		t.Fatal(err)
	}
	if what == "" {
		t.Error("nothing is said to have changed")
	}
	m, err := tlswire.ParseHandshake(out, tlswire.VersionTLS13)
	if err != nil {
		t.Fatalf("what was made of it does not parse: %v", err)
	}
	return m
}

// With nothing to change, a message comes back byte for byte.
func TestWithoutAChangeAMessageIsTheSame(t *testing.T) {
	for name, raw := range messages(t) {
		out, what, err := Apply(&fault.Rewrite{}, raw, tlswire.VersionTLS13)
		if err != nil || what != "" || !bytes.Equal(out, raw) {
			t.Errorf("%s: %v, %q, %x", name, err, what, out)
		}
	}
}

func TestAClientHelloIsRewritten(t *testing.T) {
	raw := messages(t)["client ClientHello"]
	id := []byte{1, 2}
	m := apply(t, fault.Rewrite{
		Random: bytes.Repeat([]byte{9}, 32), SessionID: &id, Suites: []uint16{0x1301}, Groups: []uint16{24},
		ServerName: text("evil.test"), ALPN: []string{"h2", "x"}, Extension: &fault.Extension{Type: 60000, Data: []byte("?")},
	}, raw).(*tlswire.ClientHello)
	other, _ := tlswire.FindExtension(m.Extensions, 60000)
	if m.Random != [32]byte(bytes.Repeat([]byte{9}, 32)) || !bytes.Equal(m.SessionID, id) || len(m.CipherSuites) != 1 || m.CipherSuites[0] != 0x1301 ||
		len(m.SupportedGroups) != 1 || m.SupportedGroups[0] != 24 || m.ServerName != "evil.test" || strings.Join(m.ALPN, " ") != "h2 x" || string(other) != "?" {
		t.Errorf("got %+v", m)
	}
	if len(m.KeyShares) == 0 {
		t.Error("what was not named is gone")
	}
	m = apply(t, fault.Rewrite{ServerName: text(""), ALPN: []string{}, Extension: &fault.Extension{Type: tlswire.ExtKeyShare, Remove: true}}, raw).(*tlswire.ClientHello)
	if m.ServerName != "" || len(m.ALPN) != 0 || len(m.KeyShares) != 0 {
		t.Errorf("got %+v", m)
	}
}

func TestAServersAnswerIsRewritten(t *testing.T) {
	all := messages(t)
	hello := apply(t, fault.Rewrite{Suites: []uint16{0x1302, 0x1303}}, all["server ServerHello"]).(*tlswire.ServerHello)
	if hello.CipherSuite != 0x1302 {
		t.Errorf("the suite is 0x%04x", hello.CipherSuite)
	}
	answer := apply(t, fault.Rewrite{ALPN: []string{"one", "two"}}, all["server EncryptedExtensions"]).(*tlswire.EncryptedExtensions)
	if answer.ALPN != "one" {
		t.Errorf("the protocol is %q", answer.ALPN)
	}
	request := apply(t, fault.Rewrite{Extension: &fault.Extension{Type: 60000}}, all["server CertificateRequest"]).(*tlswire.CertificateRequest)
	if len(request.Extensions) < 2 {
		t.Errorf("got %+v", request)
	}
}

func TestCertificatesAreReplaced(t *testing.T) {
	raw := messages(t)["server Certificate"]
	for _, version := range []uint16{tlswire.VersionTLS13, tlswire.VersionTLS12} {
		message := raw
		if version == tlswire.VersionTLS12 {
			m, _ := tlswire.ParseHandshake(raw, tlswire.VersionTLS13)
			list := appendOpaque(nil, 3, m.(*tlswire.Certificate).Entries[0].Data)
			message = tlswire.AppendHandshake(nil, tlswire.TypeCertificate, appendOpaque(nil, 3, list))
		}
		read := func(r fault.Rewrite, message []byte) []tlswire.CertificateEntry {
			out, _, err := Apply(&r, message, version)
			if err != nil {
				t.Fatal(err)
			}
			m, err := tlswire.ParseHandshake(out, version)
			if err != nil {
				t.Fatal(err)
			}
			return m.(*tlswire.Certificate).Entries
		}
		two, _, err := Apply(&fault.Rewrite{Certificates: [][]byte{[]byte("one"), []byte("two")}}, message, version)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(fault.Rewrite{Reverse: true}, two); len(got) != 2 || string(got[0].Data) != "two" || string(got[1].Data) != "one" {
			t.Errorf("%s: turned round it is %+v", tlswire.VersionName(version), got)
		}
		if got := read(fault.Rewrite{Certificates: [][]byte{}}, message); len(got) != 0 {
			t.Errorf("%s: emptied it is %+v", tlswire.VersionName(version), got)
		}
	}
}

func TestWholeMessagesAreTakenOutRepeatedAndLengthened(t *testing.T) {
	raw := messages(t)["server CertificateVerify"]
	if out, what, err := Apply(&fault.Rewrite{Remove: true}, raw, tlswire.VersionTLS13); err != nil || len(out) != 0 || what != "taken out" {
		t.Errorf("taken out it is %x, %q, %v", out, what, err)
	}
	if out, _, err := Apply(&fault.Rewrite{Duplicate: true}, raw, tlswire.VersionTLS13); err != nil || !bytes.Equal(out, append(bytes.Clone(raw), raw...)) {
		t.Errorf("twice it is %x, %v", out, err)
	}
	out, what, err := Apply(&fault.Rewrite{Damage: true, Append: []byte{1, 2}}, raw, tlswire.VersionTLS13)
	n, _ := tlswire.HandshakeLen(out)
	if err != nil || n != len(out) || len(out) != len(raw)+2 || out[len(raw)-1] != raw[len(raw)-1]^1 || what != "a bit of its last byte flipped, 2 bytes put behind it" {
		t.Errorf("got %x, %q, %v", out, what, err)
	}
}

func TestWhatIsNoMessageIsRefused(t *testing.T) {
	raw := messages(t)["client ClientHello"]
	for name, message := range map[string][]byte{
		"nothing": nil, "a header": raw[:4], "half": raw[:len(raw)/2], "more": append(bytes.Clone(raw), 0),
		"a hello that ends early": tlswire.AppendHandshake(nil, tlswire.TypeClientHello, raw[4:40]),
	} {
		if out, _, err := Apply(&fault.Rewrite{Suites: []uint16{1}}, message, 0); err == nil {
			t.Errorf("of %s was made %x", name, out)
		}
	}
}

// Whatever the bytes, what comes out is whole messages, or an error.
func FuzzApply(f *testing.F) {
	for _, raw := range messages(f) {
		f.Add(raw, uint16(tlswire.VersionTLS13), []byte("abc"))
	}
	f.Fuzz(func(t *testing.T, message []byte, version uint16, bytesOfIts []byte) {
		for _, r := range []fault.Rewrite{
			{},
			{Certificates: [][]byte{bytesOfIts, nil}, Reverse: true},
			{Damage: true, Append: bytesOfIts},
			{Random: bytesOfIts, SessionID: &bytesOfIts, Suites: []uint16{1, 2}, Groups: []uint16{3}, ServerName: text(string(bytesOfIts)), ALPN: []string{string(bytesOfIts)}},
			{Extension: &fault.Extension{Type: 16, Data: bytesOfIts}},
			{Extension: &fault.Extension{Type: 16, Remove: true}, Duplicate: true},
		} {
			out, what, err := Apply(&r, message, version)
			if err != nil {
				continue
			}
			if what == "" && !bytes.Equal(out, message) {
				t.Fatalf("changed without a word: %x", out)
			}
			for len(out) > 0 {
				n, ok := tlswire.HandshakeLen(out)
				if !ok || n > len(out) {
					t.Fatalf("half a message comes out: %x", out)
				}
				out = out[n:]
			}
		}
	})
}
