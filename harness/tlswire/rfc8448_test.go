package tlswire

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A sent message is one message of a reference handshake.
type sent struct {
	from string // "client" or "server"
	name string
	raw  []byte
}

// readHandshake reads one file of fixtures/rfc8448: the messages in wire order,
// and the client's private key.
func readHandshake(t testing.TB, name string) (messages []sent, private []byte) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "rfc8448", name))
	if err != nil {
		t.Fatal(err)
	}
	for block := range strings.SplitSeq(string(text), "\n\n") {
		title, body, _ := strings.Cut(strings.TrimSpace(block), "\n")
		if strings.HasPrefix(title, "#") {
			continue
		}
		raw := messageHex(t, body)
		from, name, _ := strings.Cut(title, " ")
		if title == "client private key" {
			private = raw
			continue
		}
		messages = append(messages, sent{from, name, raw})
	}
	if len(messages) < 7 || len(private) != 32 {
		t.Fatalf("%s: %d messages and a key of %d bytes", name, len(messages), len(private))
	}
	return messages, private
}

var rfc8448Files = []string{"simple-1rtt.txt", "hello-retry-request.txt", "client-authentication.txt"}

// A schedule is as much of TLS 1.3's key schedule as a test of the transcript
// needs (RFC 8446 7.1), for SHA-256.
type schedule struct {
	transcript     []byte
	client, server []byte // handshake traffic secrets
}

func label13(secret []byte, label string, context []byte) []byte {
	info := binary.BigEndian.AppendUint16(nil, sha256.Size)
	info = append(info, byte(len("tls13 ")+len(label)))
	info = append(info, "tls13 "+label...)
	info = append(info, byte(len(context)))
	info = append(info, context...)
	out, err := hkdf.Expand(sha256.New, secret, string(info), sha256.Size)
	if err != nil {
		panic(err)
	}
	return out
}

func (s *schedule) hash() []byte {
	h := sha256.Sum256(s.transcript)
	return h[:]
}

// start derives the traffic secrets when the transcript ends with ServerHello.
func (s *schedule) start(t *testing.T, private []byte, share KeyShare) {
	t.Helper()
	curve := ecdh.X25519()
	if share.Group == GroupSecp256r1 {
		curve = ecdh.P256()
	}
	key, err := curve.NewPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	public, err := curve.NewPublicKey(share.Key)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := key.ECDH(public)
	if err != nil {
		t.Fatal(err)
	}
	zero := make([]byte, sha256.Size)
	early, err := hkdf.Extract(sha256.New, zero, zero)
	if err != nil {
		t.Fatal(err)
	}
	empty := sha256.Sum256(nil)
	handshake, err := hkdf.Extract(sha256.New, shared, label13(early, "derived", empty[:]))
	if err != nil {
		t.Fatal(err)
	}
	s.client = label13(handshake, "c hs traffic", s.hash())
	s.server = label13(handshake, "s hs traffic", s.hash())
}

// finished returns what a Finished by that side must hold here (RFC 8446 4.4.4).
func (s *schedule) finished(from string) []byte {
	secret := s.client
	if from == "server" {
		secret = s.server
	}
	mac := hmac.New(sha256.New, label13(secret, "finished", nil))
	mac.Write(s.hash())
	return mac.Sum(nil)
}

// verify checks a CertificateVerify against the certificate that came before it
// (RFC 8446 4.4.3).
func (s *schedule) verify(from string, m *CertificateVerify, certificate []byte) error {
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil {
		return err
	}
	signed := bytes.Repeat([]byte{' '}, 64)
	signed = append(signed, "TLS 1.3, "+from+" CertificateVerify\x00"...)
	signed = append(signed, s.hash()...)
	digest := sha256.Sum256(signed)
	switch key := parsed.PublicKey.(type) {
	case *rsa.PublicKey:
		if m.Scheme != RSAPSSRSAESHA256 {
			return fmt.Errorf("scheme %v for an RSA key", m.Scheme)
		}
		return rsa.VerifyPSS(key, crypto.SHA256, digest[:], m.Signature, nil)
	case *ecdsa.PublicKey:
		if m.Scheme != ECDSASecp256r1SHA256 || !ecdsa.VerifyASN1(key, digest[:], m.Signature) {
			return fmt.Errorf("signature by %v does not verify", m.Scheme)
		}
		return nil
	}
	return fmt.Errorf("key of type %T", parsed.PublicKey)
}

// TestRFC8448 follows each reference handshake with nothing but what the
// messages hold: a message that is read wrongly breaks a signature or a MAC.
func TestRFC8448(t *testing.T) {
	for _, file := range rfc8448Files {
		t.Run(strings.TrimSuffix(file, ".txt"), func(t *testing.T) {
			messages, private := readHandshake(t, file)
			var s schedule
			var certificate []byte
			verified := 0
			for _, sent := range messages {
				m, err := checkMessage(t, sent.raw, VersionTLS13)
				if err != nil {
					t.Fatal(err)
				}
				if m.Name() != sent.name {
					t.Fatalf("%s sent %s, parsed as %s", sent.from, sent.name, m.Name())
				}
				switch m := m.(type) {
				case *ServerHello:
					if m.IsHelloRetryRequest() {
						// RFC 8446 4.4.1: the first ClientHello is replaced by a message_hash.
						first := s.hash()
						s.transcript = append([]byte{byte(TypeMessageHash), 0, 0, sha256.Size}, first...)
						break
					}
					if m.NegotiatedVersion() != VersionTLS13 || CipherSuiteName(m.CipherSuite) != "TLS_AES_128_GCM_SHA256" {
						t.Fatalf("negotiated %s with %s", VersionName(m.NegotiatedVersion()), CipherSuiteName(m.CipherSuite))
					}
					s.transcript = append(s.transcript, sent.raw...)
					s.start(t, private, *m.KeyShare)
					continue
				case *Certificate:
					certificate = m.Entries[0].Data
				case *CertificateVerify:
					if err := s.verify(sent.from, m, certificate); err != nil {
						t.Errorf("%s CertificateVerify: %v", sent.from, err)
					}
					verified++
				case *Finished:
					if got, want := m.VerifyData, s.finished(sent.from); !bytes.Equal(got, want) {
						t.Errorf("%s Finished holds %x, want %x", sent.from, got, want)
					}
					verified++
				}
				s.transcript = append(s.transcript, sent.raw...)
			}
			if want := map[string]int{"client-authentication.txt": 4}[file]; verified != max(want, 3) {
				t.Errorf("%d messages verified, want %d", verified, max(want, 3))
			}
		})
	}
}

// TestRFC8448Values compares what the messages hold with what RFC 8448 says
// about them.
func TestRFC8448Values(t *testing.T) {
	messages, _ := readHandshake(t, "simple-1rtt.txt")
	m, err := ParseHandshake(messages[0].raw, 0)
	if err != nil {
		t.Fatal(err)
	}
	hello := m.(*ClientHello)
	got := fmt.Sprintf("%s %s %v %v %v %v %d %d %t", hello.ServerName, VersionName(hello.SupportedVersions[0]),
		names(hello.CipherSuites, CipherSuiteName), names(hello.SupportedGroups, GroupName),
		hello.SignatureSchemes, names(hello.PSKModes, pskModeName), hello.RecordSizeLimit, len(hello.KeyShares[0].Key), hello.SessionTicket != nil)
	want := "server TLS 1.3 [TLS_AES_128_GCM_SHA256 TLS_CHACHA20_POLY1305_SHA256 TLS_AES_256_GCM_SHA384]" +
		" [x25519 secp256r1 secp384r1 secp521r1 ffdhe2048 ffdhe3072 ffdhe4096 ffdhe6144 ffdhe8192]" +
		" [ecdsa_secp256r1_sha256 ecdsa_secp384r1_sha384 ecdsa_secp521r1_sha512 ecdsa_sha1" +
		" rsa_pss_rsae_sha256 rsa_pss_rsae_sha384 rsa_pss_rsae_sha512 rsa_pkcs1_sha256 rsa_pkcs1_sha384 rsa_pkcs1_sha512" +
		" rsa_pkcs1_sha1 dsa_sha256 dsa_sha384 dsa_sha512 dsa_sha1] [psk_dhe_ke] 16385 32 true"
	if got != want {
		t.Errorf("ClientHello:\n got %s\nwant %s", got, want)
	}

	m, err = ParseHandshake(messages[len(messages)-1].raw, 0)
	if err != nil {
		t.Fatal(err)
	}
	ticket := m.(*NewSessionTicket)
	if ticket.Lifetime != 30 || ticket.AgeAdd != 0xfad6aac5 || len(ticket.Nonce) != 2 || len(ticket.Ticket) != 178 || ticket.MaxEarlyData != 1024 {
		t.Errorf("NewSessionTicket: lifetime %d, age_add %#x, nonce of %d bytes, ticket of %d bytes, early data %d",
			ticket.Lifetime, ticket.AgeAdd, len(ticket.Nonce), len(ticket.Ticket), ticket.MaxEarlyData)
	}

	messages, _ = readHandshake(t, "hello-retry-request.txt")
	m, err = ParseHandshake(messages[1].raw, 0)
	if err != nil {
		t.Fatal(err)
	}
	retry := m.(*ServerHello)
	if !retry.IsHelloRetryRequest() || GroupName(retry.SelectedGroup) != "secp256r1" || len(retry.Cookie) != 114 {
		t.Errorf("HelloRetryRequest: %t, group %s, cookie of %d bytes", retry.IsHelloRetryRequest(), GroupName(retry.SelectedGroup), len(retry.Cookie))
	}
	m, err = ParseHandshake(messages[2].raw, 0)
	if err != nil {
		t.Fatal(err)
	}
	if again := m.(*ClientHello); !bytes.Equal(again.Cookie, retry.Cookie) || again.KeyShares[0].Group != retry.SelectedGroup {
		t.Errorf("the second ClientHello does not answer the HelloRetryRequest")
	}
}

func names[T any](codes []T, name func(T) string) []string {
	list := make([]string, len(codes))
	for i, c := range codes {
		list[i] = name(c)
	}
	return list
}
