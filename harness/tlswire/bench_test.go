package tlswire

import (
	"crypto/tls"
	"testing"
)

// goHello returns the ClientHello of crypto/tls, with its post-quantum key share.
func goHello(b testing.TB) []byte {
	b.Helper()
	conn := tls.QUICClient(&tls.QUICConfig{TLSConfig: &tls.Config{
		ServerName: "server.test", NextProtos: []string{"h3"}, MinVersion: tls.VersionTLS13,
	}})
	conn.SetTransportParameters(make([]byte, 60))
	if err := conn.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	for e := conn.NextEvent(); ; e = conn.NextEvent() {
		if e.Kind == tls.QUICWriteData {
			return e.Data
		}
	}
}

func BenchmarkParseClientHello(b *testing.B) {
	raw := goHello(b)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseHandshake(raw, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkClientHelloFields(b *testing.B) {
	raw := goHello(b)
	b.ReportAllocs()
	for b.Loop() {
		MessageFields(raw, 0, "message", nil)
	}
}

func BenchmarkParseCertificate(b *testing.B) {
	messages, _ := readHandshake(b, "client-authentication.txt")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseHandshake(messages[7].raw, VersionTLS13); err != nil {
			b.Fatal(err)
		}
	}
}

// TestParseClientHelloSharesItsInput holds the hot path to few allocations: the
// message, its lists and the strings, but no copy of what was sent.
func TestParseClientHelloSharesItsInput(t *testing.T) {
	raw := goHello(t)
	const most = 16
	if got := testing.AllocsPerRun(100, func() { _, _ = ParseHandshake(raw, 0) }); got > most {
		t.Errorf("parsing a ClientHello allocates %v times, want at most %d", got, most)
	}
	m, err := ParseHandshake(raw, 0)
	if err != nil {
		t.Fatal(err)
	}
	share := m.(*ClientHello).KeyShares[0]
	if GroupName(share.Group) != "X25519MLKEM768" || len(share.Key) != 1216 {
		t.Fatalf("the first key share is %s with %d bytes", GroupName(share.Group), len(share.Key))
	}
	before := share.Key[0]
	for i := range raw {
		raw[i] ^= 0xff
	}
	if share.Key[0] == before {
		t.Error("the key share is a copy")
	}
}
