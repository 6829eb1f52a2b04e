package tlswire

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// A talk is one handshake of crypto/tls with itself: its messages in the order
// in which each side sent them, and what the two sides say of it.
type talk struct {
	messages       []sent
	client, server tls.ConnectionState
}

// sides returns configurations of a healthy pair that authenticate each other
// with certificates for key, and staple what can be stapled.
func sides(t *testing.T, version uint16, key crypto.Signer) (client, server *tls.Config) {
	t.Helper()
	certificate := selfSigned(t, key)
	pool := x509.NewCertPool()
	pool.AddCert(certificate.Leaf)
	client = &tls.Config{
		MinVersion: version, MaxVersion: version,
		RootCAs: pool, ServerName: "server.test", NextProtos: []string{"h2", "http/1.1"},
		Certificates:       []tls.Certificate{certificate},
		ClientSessionCache: tls.NewLRUClientSessionCache(1),
	}
	certificate.OCSPStaple = bytes.Repeat([]byte{0x30}, 300)
	certificate.SignedCertificateTimestamps = [][]byte{[]byte("first timestamp"), []byte("second")}
	server = &tls.Config{
		MinVersion: version, MaxVersion: version,
		ClientCAs: pool, ClientAuth: tls.RequestClientCert, NextProtos: []string{"http/1.1"},
		Certificates: []tls.Certificate{certificate},
	}
	return client, server
}

// handshake runs the two sides against each other until the client has read one
// byte of the server.
func handshake(t *testing.T, client, server *tls.Config) talk {
	t.Helper()
	var keys bytes.Buffer
	client = client.Clone()
	client.KeyLogWriter = &keys
	clientSocket, serverSocket := sockets(t)
	clientEnd, serverEnd := &recordedConn{Conn: clientSocket}, &recordedConn{Conn: serverSocket}
	serverConn, clientConn := tls.Server(serverEnd, server), tls.Client(clientEnd, client)
	done := make(chan error, 1)
	go func() {
		_, err := serverConn.Write([]byte{'.'})
		done <- err
	}()
	_, err := clientConn.Read(make([]byte, 1))
	if err = errors.Join(err, <-done); err != nil {
		t.Fatal(err)
	}
	k := talk{client: clientConn.ConnectionState(), server: serverConn.ConnectionState()}

	secrets := make(map[string][]byte)
	for line := range strings.Lines(keys.String()) {
		words := strings.Fields(line)
		if secrets[words[0]], err = hex.DecodeString(words[2]); err != nil {
			t.Fatal(err)
		}
	}
	clientRecords, serverRecords := split(t, clientEnd.written.Bytes()), split(t, serverEnd.written.Bytes())
	protections := handshakeKeys(t, k.client, secrets, clientRecords[0], serverRecords)
	k.messages = append(readMessages(t, "client", clientRecords, protections[0]), readMessages(t, "server", serverRecords, protections[1])...)
	return k
}

// sockets returns the two ends of a connection. A net.Pipe would not do: it has
// no buffer, and around a HelloRetryRequest both sides of crypto/tls write at
// the same time.
func sockets(t *testing.T) (client, server net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if client, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	return client, server
}

// handshakeKeys returns the protection of the client's and the server's records.
// In TLS 1.3 a side has two, one after the other.
func handshakeKeys(t *testing.T, state tls.ConnectionState, secrets map[string][]byte, clientHello Record, serverRecords []Record) (keys [2][]*Protection) {
	t.Helper()
	if state.Version == tls.VersionTLS13 {
		for i, labels := range [2][2]string{
			{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0"},
			{"SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"},
		} {
			for _, label := range labels {
				p, err := NewTrafficKeys13(state.CipherSuite, secrets[label])
				if err != nil {
					t.Fatal(err)
				}
				keys[i] = append(keys[i], p)
			}
		}
		return keys
	}
	master := secrets["CLIENT_RANDOM"]
	if master == nil && state.DidResume {
		return keys // crypto/tls logs no key for a session that is resumed
	}
	clientRandom, _ := hello(clientHello)
	serverRandom, _ := hello(serverRecords[0])
	client, server, err := NewKeys12(state.CipherSuite, master, clientRandom, serverRandom)
	if err != nil {
		t.Fatal(err)
	}
	return [2][]*Protection{{client}, {server}}
}

// readMessages takes the handshake messages out of one side's records, as far as
// there are keys.
func readMessages(t *testing.T, from string, records []Record, keys []*Protection) (messages []sent) {
	t.Helper()
	var stream []byte
	protected := false
	for _, rec := range records {
		kind, content := rec.Type, rec.Payload
		if kind == ChangeCipherSpec && len(keys) == 0 {
			break
		}
		if protected || kind == ApplicationData {
			var err error
			if kind, content, err = keys[0].Open(rec); err != nil {
				t.Fatalf("%s: %v", from, err)
			}
		} else if kind == ChangeCipherSpec {
			protected = len(keys) == 1 // in TLS 1.3 it says nothing
		}
		if kind != Handshake {
			continue
		}
		stream = append(stream, content...)
		for {
			n, ok := HandshakeLen(stream)
			if !ok || n > len(stream) {
				break
			}
			raw := stream[:n:n]
			stream = stream[n:]
			messages = append(messages, sent{from, HandshakeType(raw[0]).String(), raw})
			if HandshakeType(raw[0]) == TypeFinished && len(keys) > 1 {
				keys = keys[1:]
			}
		}
	}
	return messages
}

// last returns the last message of type M that a side has sent, fully checked.
func last[M Message](t *testing.T, k talk, from string) (found M) {
	t.Helper()
	ok := false
	for _, s := range k.messages {
		if s.from != from {
			continue
		}
		m, err := checkMessage(t, s.raw, k.client.Version)
		if err != nil {
			t.Fatal(err)
		}
		if m, is := m.(M); is {
			found, ok = m, true
		}
	}
	if !ok {
		t.Fatalf("the %s sent no %T", from, found)
	}
	return found
}

// order returns the names of the messages that a side has sent.
func order(t *testing.T, k talk, from string) string {
	t.Helper()
	var list []string
	for _, s := range k.messages {
		if s.from != from {
			continue
		}
		m, err := checkMessage(t, s.raw, k.client.Version)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, m.Name())
	}
	return strings.Join(list, " ")
}

func wantOrder(t *testing.T, k talk, from, want string) {
	t.Helper()
	if got := order(t, k, from); got != want {
		t.Errorf("%s sent %s\nwant %s", from, got, want)
	}
}

func TestLiveTLS13(t *testing.T) {
	ec, _ := signers(t)
	client, server := sides(t, tls.VersionTLS13, ec)
	k := handshake(t, client, server)
	wantOrder(t, k, "client", "ClientHello Certificate CertificateVerify Finished")
	wantOrder(t, k, "server", "ServerHello EncryptedExtensions CertificateRequest Certificate CertificateVerify Finished NewSessionTicket")

	hello := last[*ClientHello](t, k, "client")
	if hello.ServerName != "server.test" || !slices.Equal(hello.ALPN, []string{"h2", "http/1.1"}) || !hello.Offers(VersionTLS13) || hello.Offers(VersionTLS12) {
		t.Errorf("ClientHello: server name %q, ALPN %q, versions %x", hello.ServerName, hello.ALPN, hello.SupportedVersions)
	}
	if !hello.SCT || !hello.StatusRequest || !hello.ExtendedMasterSecret || hello.EarlyData {
		t.Errorf("ClientHello: SCT %t, status request %t, extended master secret %t, early data %t", hello.SCT, hello.StatusRequest, hello.ExtendedMasterSecret, hello.EarlyData)
	}
	answer := last[*ServerHello](t, k, "server")
	if answer.NegotiatedVersion() != k.client.Version || answer.CipherSuite != k.client.CipherSuite || answer.KeyShare.Group != uint16(k.client.CurveID) {
		t.Errorf("ServerHello: %s, %s, %s; crypto/tls says %x, %x, %v", VersionName(answer.NegotiatedVersion()), CipherSuiteName(answer.CipherSuite), GroupName(answer.KeyShare.Group),
			k.client.Version, k.client.CipherSuite, k.client.CurveID)
	}
	if got := last[*EncryptedExtensions](t, k, "server").ALPN; got != k.client.NegotiatedProtocol {
		t.Errorf("EncryptedExtensions: ALPN %q, crypto/tls says %q", got, k.client.NegotiatedProtocol)
	}
	checkRequest(t, k)
	chain := last[*Certificate](t, k, "server").Entries
	checkChain(t, chain, k.client.PeerCertificates)
	checkChain(t, last[*Certificate](t, k, "client").Entries, k.server.PeerCertificates)
	if !bytes.Equal(chain[0].OCSP, k.client.OCSPResponse) || !slices.EqualFunc(chain[0].SCTs, k.client.SignedCertificateTimestamps, bytes.Equal) {
		t.Errorf("Certificate: OCSP response of %d bytes and %d SCTs, crypto/tls says %d and %d", len(chain[0].OCSP), len(chain[0].SCTs), len(k.client.OCSPResponse), len(k.client.SignedCertificateTimestamps))
	}
	if got := last[*CertificateVerify](t, k, "client"); got.Scheme != ECDSASecp256r1SHA256 || len(got.Signature) < 68 {
		t.Errorf("CertificateVerify: %v, %d bytes", got.Scheme, len(got.Signature))
	}
	if ticket := last[*NewSessionTicket](t, k, "server"); len(ticket.Ticket) == 0 || ticket.Lifetime == 0 {
		t.Errorf("NewSessionTicket: lifetime %d, ticket of %d bytes", ticket.Lifetime, len(ticket.Ticket))
	}
}

func TestLiveTLS12(t *testing.T) {
	ec, rsaKey := signers(t)
	for _, tt := range []struct {
		suite    uint16
		key      crypto.Signer
		group    uint16
		exchange int
	}{
		{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, ec, GroupX25519, 32},
		{tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, rsaKey, GroupSecp384r1, 97},
		{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, rsaKey, 0, 256},
	} {
		t.Run(CipherSuiteName(tt.suite), func(t *testing.T) {
			client, server := sides(t, tls.VersionTLS12, tt.key)
			client.CipherSuites, server.CipherSuites = []uint16{tt.suite}, []uint16{tt.suite}
			exchange := "ServerKeyExchange "
			if tt.group == 0 {
				exchange = ""
			} else {
				server.CurvePreferences = []tls.CurveID{tls.CurveID(tt.group)}
			}
			k := handshake(t, client, server)
			wantOrder(t, k, "client", "ClientHello Certificate ClientKeyExchange CertificateVerify Finished")
			wantOrder(t, k, "server", "ServerHello Certificate CertificateStatus "+exchange+"CertificateRequest ServerHelloDone NewSessionTicket Finished")

			hello := last[*ServerHello](t, k, "server")
			if hello.NegotiatedVersion() != VersionTLS12 || hello.CipherSuite != tt.suite || hello.ALPN != k.client.NegotiatedProtocol || !hello.SessionTicket || !hello.StatusRequest {
				t.Errorf("ServerHello: %s, %s, ALPN %q, ticket %t, status request %t", VersionName(hello.NegotiatedVersion()), CipherSuiteName(hello.CipherSuite), hello.ALPN, hello.SessionTicket, hello.StatusRequest)
			}
			if tt.group != 0 {
				x := last[*ServerKeyExchange](t, k, "server")
				if x.Group != tt.group || len(x.PublicKey) != tt.exchange || x.Scheme == 0 || len(x.Signature) == 0 {
					t.Errorf("ServerKeyExchange: %s, value of %d bytes, %v, signature of %d bytes", GroupName(x.Group), len(x.PublicKey), x.Scheme, len(x.Signature))
				}
			}
			if got := len(last[*ClientKeyExchange](t, k, "client").Exchange); got != tt.exchange {
				t.Errorf("ClientKeyExchange: %d bytes, want %d", got, tt.exchange)
			}
			checkRequest(t, k)
			if got := last[*CertificateRequest](t, k, "server").CertificateTypes; !slices.Equal(got, []uint8{1, 64}) {
				t.Errorf("CertificateRequest: types %d", got)
			}
			checkChain(t, last[*Certificate](t, k, "server").Entries, k.client.PeerCertificates)
			checkChain(t, last[*Certificate](t, k, "client").Entries, k.server.PeerCertificates)
			if got := last[*CertificateStatus](t, k, "server").OCSP; !bytes.Equal(got, k.client.OCSPResponse) {
				t.Errorf("CertificateStatus: %x, crypto/tls says %x", got, k.client.OCSPResponse)
			}
		})
	}
}

// checkRequest compares CertificateRequest with the server's own certificate,
// which is the only CA there.
func checkRequest(t *testing.T, k talk) {
	t.Helper()
	m := last[*CertificateRequest](t, k, "server")
	if len(m.CertificateAuthorities) != 1 || !bytes.Equal(m.CertificateAuthorities[0], k.client.PeerCertificates[0].RawSubject) {
		t.Errorf("CertificateRequest: authorities %x, want %x", m.CertificateAuthorities, k.client.PeerCertificates[0].RawSubject)
	}
	if !slices.Contains(m.SignatureSchemes, ECDSASecp256r1SHA256) || !slices.Contains(m.SignatureSchemes, RSAPSSRSAESHA256) {
		t.Errorf("CertificateRequest: schemes %v", m.SignatureSchemes)
	}
}

func checkChain(t *testing.T, got []CertificateEntry, want []*x509.Certificate) {
	t.Helper()
	if !slices.EqualFunc(got, want, func(e CertificateEntry, c *x509.Certificate) bool { return bytes.Equal(e.Data, c.Raw) }) {
		t.Errorf("Certificate holds %d certificates, crypto/tls says %d", len(got), len(want))
	}
}

func TestLiveHelloRetryRequest(t *testing.T) {
	ec, _ := signers(t)
	client, server := sides(t, tls.VersionTLS13, ec)
	server.CurvePreferences = []tls.CurveID{tls.CurveP384}
	k := handshake(t, client, server)
	wantOrder(t, k, "client", "ClientHello ClientHello Certificate CertificateVerify Finished")
	wantOrder(t, k, "server", "HelloRetryRequest ServerHello EncryptedExtensions CertificateRequest Certificate CertificateVerify Finished NewSessionTicket")
	if share := last[*ClientHello](t, k, "client").KeyShares; len(share) != 1 || share[0].Group != GroupSecp384r1 {
		t.Errorf("the second ClientHello has %d key shares", len(share))
	}
}

func TestLiveWithoutClientCertificate(t *testing.T) {
	ec, _ := signers(t)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		client, server := sides(t, version, ec)
		client.Certificates = nil
		k := handshake(t, client, server)
		if m := last[*Certificate](t, k, "client"); len(m.Entries) != 0 {
			t.Errorf("%s: got Certificate (%d certificates), want Certificate (0 certificates)", VersionName(version), len(m.Entries))
		}
		for _, s := range k.messages {
			if s.from == "client" && s.name == "Certificate" {
				if f := MessageFields(s.raw, version, "message", nil)[0]; !strings.HasPrefix(f.Meaning, "An empty Certificate") {
					t.Errorf("%s: an empty Certificate means %q", VersionName(version), f.Meaning)
				}
			}
		}
	}
}

func TestLiveResumption(t *testing.T) {
	ec, _ := signers(t)
	client, server := sides(t, tls.VersionTLS13, ec)
	handshake(t, client, server)
	k := handshake(t, client, server)
	wantOrder(t, k, "server", "ServerHello EncryptedExtensions Finished NewSessionTicket")
	hello := last[*ClientHello](t, k, "client")
	if len(hello.PSKIdentities) != 1 || len(hello.PSKBinders) != 1 || len(hello.PSKBinders[0]) != 32 || len(hello.PSKModes) != 1 {
		t.Errorf("ClientHello: %d identities, %d binders, modes %d", len(hello.PSKIdentities), len(hello.PSKBinders), hello.PSKModes)
	}
	if psk := last[*ServerHello](t, k, "server").SelectedPSK; psk == nil || *psk != 0 {
		t.Errorf("ServerHello: selected identity %v, want 0", psk)
	}

	client, server = sides(t, tls.VersionTLS12, ec)
	handshake(t, client, server)
	k = handshake(t, client, server)
	wantOrder(t, k, "server", "ServerHello NewSessionTicket")
	if len(last[*ClientHello](t, k, "client").SessionTicket) == 0 {
		t.Error("ClientHello: no ticket")
	}
}

// TestLiveQUIC takes the messages from crypto/tls's QUIC interface, which hands
// them over without records.
func TestLiveQUIC(t *testing.T) {
	ec, _ := signers(t)
	clientConfig, serverConfig := sides(t, tls.VersionTLS13, ec)
	client := tls.QUICClient(&tls.QUICConfig{TLSConfig: clientConfig})
	server := tls.QUICServer(&tls.QUICConfig{TLSConfig: serverConfig})
	client.SetTransportParameters([]byte{1, 2, 0x40, 0x64})
	server.SetTransportParameters([]byte{3, 2, 0x45, 0xac})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := errors.Join(client.Start(ctx), server.Start(ctx)); err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	defer server.Close()
	k := talk{}
	streams := map[string][]byte{}
	for moved := true; moved; {
		moved = false
		for from, ends := range map[string][2]*tls.QUICConn{"client": {client, server}, "server": {server, client}} {
			for e := ends[0].NextEvent(); e.Kind != tls.QUICNoEvent; e = ends[0].NextEvent() {
				if e.Kind != tls.QUICWriteData {
					continue
				}
				moved = true
				streams[from] = append(streams[from], e.Data...)
				if err := ends[1].HandleData(e.Level, e.Data); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	k.client, k.server = client.ConnectionState(), server.ConnectionState()
	for _, from := range []string{"client", "server"} {
		k.messages = append(k.messages, readMessages(t, from, []Record{{Type: Handshake, Payload: streams[from]}}, nil)...)
	}
	if got := last[*ClientHello](t, k, "client").QUICTransportParameters; !bytes.Equal(got, []byte{1, 2, 0x40, 0x64}) {
		t.Errorf("ClientHello: transport parameters %x", got)
	}
	if got := last[*EncryptedExtensions](t, k, "server").QUICTransportParameters; !bytes.Equal(got, []byte{3, 2, 0x45, 0xac}) {
		t.Errorf("EncryptedExtensions: transport parameters %x", got)
	}
	if len(last[*ClientHello](t, k, "client").SessionID) != 0 {
		t.Error("ClientHello: a session id on QUIC")
	}
	tree := MessageFields(k.messages[0].raw, 0, "message", nil)
	if _, ok := find(tree, "ClientHello", "extensions", "quic_transport_parameters", "extension_data", LabelQUICTransportParameters); !ok {
		t.Errorf("no transport parameters in the tree:\n%s", render(tree, ""))
	}
}
