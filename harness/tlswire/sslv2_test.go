package tlswire

import (
	"strings"
	"testing"
)

// sslv2Hello is what a client of the year 2000 sent: two suites of TLS, one cipher
// spec of SSL 2.0, and a challenge of 16 bytes.
func sslv2Hello(t testing.TB) []byte {
	return messageHex(t, `80 22 01 0301 0009 0000 0010
		00002f 000035 010080
		000102030405060708090a0b0c0d0e0f`)
}

func TestSSLv2Hello(t *testing.T) {
	raw := sslv2Hello(t)
	m, err := ParseSSLv2Hello(raw)
	if err != nil || m.Version != VersionTLS10 || len(m.CipherSpecs) != 3 || len(m.Challenge) != 16 || m.SessionID != nil {
		t.Fatalf("got %+v and %v", m, err)
	}
	if got := m.Summary(); got != "offers up to TLS 1.0 in the form of SSL 2.0, 3 cipher specs" {
		t.Errorf("the summary is %q", got)
	}
	fields := SSLv2HelloFields(raw, "message")
	checkCover(t, fields, raw)
	specs, _ := find(fields, "SSLv2 ClientHello", "cipher_specs")
	if specs.Value != "TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_256_CBC_SHA, SSL_CK_RC4_128_WITH_MD5" {
		t.Errorf("the cipher specs are %q", specs.Value)
	}
	if version, _ := find(fields, "SSLv2 ClientHello", "version"); version.Value != "TLS 1.0 (0x0301)" {
		t.Errorf("the version is %q", version.Value)
	}
	for n := range raw {
		m, err := ParseSSLv2Hello(raw[:n])
		if err == nil || m == nil {
			t.Errorf("cut to %d bytes it parses", n)
		}
		fields := SSLv2HelloFields(raw[:n], "message")
		checkCover(t, fields, raw[:n])
		if n > 0 && len(broken(fields)) == 0 {
			t.Errorf("cut to %d bytes, the tree has nothing broken", n)
		}
		if LooksLikeSSLv2Hello(raw[:n]) != (n > 4) {
			t.Errorf("cut to %d bytes it is taken for something else", n)
		}
	}
	if _, err := ParseSSLv2Hello(append(raw, 0)); err == nil || !strings.Contains(err.Error(), "1 bytes follow") {
		t.Errorf("a byte behind it gives %v", err)
	}
}

// FuzzSSLv2Hello wants every byte in exactly one leaf, and the tree to tell of a
// failure if and only if parsing does.
func FuzzSSLv2Hello(f *testing.F) {
	f.Add(sslv2Hello(f))
	f.Add(sslv2Hello(f)[:20])
	f.Add([]byte("\x80\"000\x00\x00\x00\x10\x00\x000000000000000000000000000")) // its lengths leave some of it over
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, err := ParseSSLv2Hello(raw)
		fields := SSLv2HelloFields(raw, "message")
		checkCover(t, fields, raw)
		if len(raw) > 0 && (err == nil) != (len(broken(fields)) == 0) {
			t.Fatalf("parsing says %v, the tree has %d broken fields", err, len(broken(fields)))
		}
	})
}
