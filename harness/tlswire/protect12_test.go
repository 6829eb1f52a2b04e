package tlswire

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// A recordedConn keeps what is written through it.
type recordedConn struct {
	net.Conn
	written bytes.Buffer
}

func (c *recordedConn) Write(b []byte) (int, error) {
	c.written.Write(b)
	return c.Conn.Write(b)
}

// A recording is a handshake, a greeting, an answer and both closures.
type recording struct {
	client, server []byte
	secrets        map[string][]byte // by label
}

// record runs crypto/tls against itself.
func record(t *testing.T, version, suite uint16, key crypto.Signer) recording {
	t.Helper()
	certificate := selfSigned(t, key)
	var log strings.Builder
	client, server := net.Pipe()
	clientEnd, serverEnd := &recordedConn{Conn: client}, &recordedConn{Conn: server}
	pool := x509.NewCertPool()
	pool.AddCert(certificate.Leaf)
	common := tls.Config{
		MinVersion: version, MaxVersion: version,
		CipherSuites: []uint16{suite},
		Certificates: []tls.Certificate{certificate},
		// Sessions make the server send tickets.
		ClientSessionCache: tls.NewLRUClientSessionCache(1),
		RootCAs:            pool, ClientCAs: pool, ServerName: "server.test",
		ClientAuth: tls.RequireAndVerifyClientCert,
	}
	clientConfig := common.Clone()
	clientConfig.KeyLogWriter = &log

	var sides sync.WaitGroup
	sides.Go(func() {
		conn := tls.Server(serverEnd, &common)
		if _, err := conn.Write(bytes.Repeat([]byte("greeting "), 3000)); err != nil {
			t.Errorf("server: %v", err)
		}
		if _, err := io.ReadFull(conn, make([]byte, 4)); err != nil {
			t.Errorf("server: %v", err)
		}
		if err := conn.Close(); err != nil {
			t.Errorf("server: %v", err)
		}
	})
	conn := tls.Client(clientEnd, clientConfig)
	// The server speaks first: its tickets must have a reader before the
	// client writes, because a pipe holds nothing.
	if _, err := io.ReadFull(conn, make([]byte, 27000)); err != nil {
		t.Errorf("client: %v", err)
	}
	if _, err := conn.Write([]byte("ping")); err != nil {
		t.Errorf("client: %v", err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("client: %v, want EOF", err)
	}
	sides.Wait()
	conn.Close() // its close_notify has no reader any more

	secrets := make(map[string][]byte)
	for line := range strings.Lines(log.String()) {
		words := strings.Fields(line)
		secrets[words[0]], _ = hex.DecodeString(words[2])
	}
	return recording{clientEnd.written.Bytes(), serverEnd.written.Bytes(), secrets}
}

func selfSigned(t *testing.T, key crypto.Signer) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "server.test"}, DNSNames: []string{"server.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// split takes one direction apart into records, all of which must be whole.
func split(t *testing.T, b []byte) []Record {
	t.Helper()
	var records []Record
	for len(b) > 0 {
		rec, n, err := ParseRecord(b)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, rec)
		b = b[n:]
	}
	return records
}

// hello returns what stands in both hellos at the same place: the random, and
// what is behind the session identifier.
func hello(rec Record) (random [32]byte, rest []byte) {
	body := rec.Payload[4:]
	return [32]byte(body[2:]), body[35+int(body[34]):]
}

// signers returns the keys that a suite's certificate can need.
func signers(t *testing.T) (ec, rsaKey crypto.Signer) {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err = rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return ec, rsaKey
}

// TestKeys12OpenEverySuite opens every protected record of a handshake under
// every suite of TLS 1.2 that crypto/tls speaks.
func TestKeys12OpenEverySuite(t *testing.T) {
	ec, rsaKey := signers(t)
	var suites []*tls.CipherSuite
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		for _, v := range s.SupportedVersions {
			if v == tls.VersionTLS12 {
				suites = append(suites, s)
			}
		}
	}
	if len(suites) < 22 {
		t.Fatalf("crypto/tls names %d suites of TLS 1.2, want at least 22", len(suites))
	}
	for _, s := range suites {
		t.Run(s.Name, func(t *testing.T) {
			key := rsaKey
			if strings.Contains(s.Name, "ECDSA") {
				key = ec
			}
			r := record(t, tls.VersionTLS12, s.ID, key)
			client, server := split(t, r.client), split(t, r.server)
			clientRandom, _ := hello(client[0])
			serverRandom, rest := hello(server[0])
			if suite := binary.BigEndian.Uint16(rest); suite != s.ID {
				t.Fatalf("the server chose %s, want %s", CipherSuiteName(suite), s.Name)
			}
			clientKeys, serverKeys, err := NewKeys12(s.ID, r.secrets["CLIENT_RANDOM"], clientRandom, serverRandom)
			if err != nil {
				t.Fatal(err)
			}
			clientData := openAfterCCS(t, "client", client, clientKeys)
			serverData := openAfterCCS(t, "server", server, serverKeys)
			if string(clientData) != "ping" || string(serverData) != strings.Repeat("greeting ", 3000) {
				t.Errorf("the application data is %q and %d bytes", clientData, len(serverData))
			}
		})
	}
}

// openAfterCCS opens every record behind the ChangeCipherSpec and returns the
// application data. The first must be a Finished, the last a close_notify.
func openAfterCCS(t *testing.T, side string, records []Record, keys *Protection) (data []byte) {
	t.Helper()
	protected := false
	var first, last ContentType
	for i, rec := range records {
		if !protected {
			protected = rec.Type == ChangeCipherSpec
			continue
		}
		typ, content, err := keys.Open(rec)
		if err != nil {
			t.Fatalf("%s's record %d (%v): %v", side, i, rec.Type, err)
		}
		if first == 0 {
			first = typ
			if HandshakeType(content[0]) != TypeFinished || len(content) != 16 {
				t.Errorf("%s's first protected message is %x, want Finished", side, content)
			}
		}
		if last = typ; typ == ApplicationData {
			data = append(data, content...)
		}
	}
	if first != Handshake || last != AlertType {
		t.Errorf("%s's protected records begin with %v and end with %v, want handshake and alert", side, first, last)
	}
	return data
}

// TestTrafficKeys13OpenHandshakes opens every record of crypto/tls's own TLS
// 1.3, with the suite that it prefers here.
func TestTrafficKeys13OpenHandshakes(t *testing.T) {
	ec, _ := signers(t)
	r := record(t, tls.VersionTLS13, 0, ec)
	for side, b := range map[string][]byte{"CLIENT": r.client, "SERVER": r.server} {
		records := split(t, b)
		_, rest := hello(split(t, r.server)[0])
		suite := binary.BigEndian.Uint16(rest)
		keys, err := NewTrafficKeys13(suite, r.secrets[side+"_HANDSHAKE_TRAFFIC_SECRET"])
		if err != nil {
			t.Fatal(err)
		}
		finished, opened := false, 0
		for i, rec := range records {
			if rec.Type != ApplicationData {
				continue
			}
			typ, content, err := keys.Open(rec)
			if err != nil {
				t.Fatalf("%s's record %d: %v", side, i, err)
			}
			opened++
			if typ == Handshake && HandshakeType(content[0]) == TypeFinished {
				finished = true
				if keys, err = NewTrafficKeys13(suite, r.secrets[side+"_TRAFFIC_SECRET_0"]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !finished || opened < 5 {
			t.Errorf("%s: %d records opened, Finished among them: %t", side, opened, finished)
		}
	}
}

// TestEncryptThenMAC seals a record as RFC 7366 3 says, which crypto/tls does
// not speak, and opens it.
//
//	MAC(MAC_write_key, seq_num +
//	    TLSCipherText.type +
//	    TLSCipherText.version +
//	    TLSCipherText.length +
//	    IV +
//	    ENC(content + padding + padding_length));
func TestEncryptThenMAC(t *testing.T) {
	key, macKey := bytes.Repeat([]byte{1}, 16), bytes.Repeat([]byte{2}, 20)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	iv := bytes.Repeat([]byte{3}, 16)
	padded := append([]byte("hello"), bytes.Repeat([]byte{10}, 11)...)
	sealed := make([]byte, 16)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(sealed, padded)
	payload := append(iv, sealed...)
	mac := hmac.New(sha1.New, macKey)
	mac.Write([]byte{0, 0, 0, 0, 0, 0, 0, 0, 23, 3, 3, 0, byte(len(payload))})
	mac.Write(payload)
	rec := Record{Type: ApplicationData, Version: 0x0303, Payload: mac.Sum(payload)}

	open := func(agreed bool) ([]byte, error) {
		c, err := newAESCBC(findSuite12(0xc013), macKey, key, nil)
		if err != nil {
			t.Fatal(err)
		}
		p := &Protection{cipher: c}
		if agreed {
			p.EncryptThenMAC()
		}
		_, content, err := p.Open(rec)
		return content, err
	}
	if content, err := open(true); err != nil || string(content) != "hello" {
		t.Errorf("with the extension: %q, %v; want hello", content, err)
	}
	if content, err := open(false); err == nil {
		t.Errorf("without the extension it opens as well: %q", content)
	}
}

// TestPRF compares the pseudorandom function with a published test vector for
// the PRF of TLS 1.2 with SHA-256.
func TestPRF(t *testing.T) {
	secret := unhex(t, "9bbe436ba940f017b17652849a71db35")
	seed := unhex(t, "a0ba9f936cda311827a6f796ffd5198c")
	want := unhex(t, "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a"+
		"6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab"+
		"4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"+
		"87347b66")
	got := make([]byte, len(want))
	prf(sha256.New, secret, "test label", got, seed)
	if !bytes.Equal(got, want) {
		t.Errorf("prf = %x, want %x", got, want)
	}
}

func TestKeys12Refuses(t *testing.T) {
	if _, _, err := NewKeys12(0x1301, make([]byte, 48), [32]byte{}, [32]byte{}); err == nil ||
		err.Error() != "no TLS 1.2 record protection for cipher suite TLS_AES_128_GCM_SHA256" {
		t.Errorf("a suite of TLS 1.3: %v", err)
	}
	if _, _, err := NewKeys12(0xc02f, make([]byte, 32), [32]byte{}, [32]byte{}); err == nil ||
		err.Error() != "the master secret has 32 bytes, want 48" {
		t.Errorf("a short master secret: %v", err)
	}
}

func BenchmarkOpen13(b *testing.B) {
	aead, err := newGCM(make([]byte, 16))
	if err != nil {
		b.Fatal(err)
	}
	p := &Protection{suite: &suites13[0], cipher: &aeadCipher{aead: aead, additional: additional13, additionalLen: RecordHeaderLen}}
	rec := Record{Type: ApplicationData, Version: 0x0303, Payload: make([]byte, 1016)}
	header := additional13(0, rec, 0)
	rec.Payload = aead.Seal(nil, make([]byte, 12), append(make([]byte, 999), 22), header[:RecordHeaderLen])
	b.ReportAllocs()
	for b.Loop() {
		p.seq = 0
		if _, _, err := p.Open(rec); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTrafficKeys13(b *testing.B) {
	secret := make([]byte, 32)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewTrafficKeys13(0x1301, secret); err != nil {
			b.Fatal(err)
		}
	}
}
