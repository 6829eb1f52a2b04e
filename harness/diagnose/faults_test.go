package diagnose

import (
	"bytes"
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"time"

	"shakedown/harness/outcome"
)

// everywhere expects the same in all cells.
func everywhere(w want) map[outcome.Cell]want {
	return map[outcome.Cell]want{tcp12: w, tcp13: w, quic13: w}
}

// byClient is a server's certificate that the client refuses.
func byClient(cause string, further ...string) map[outcome.Cell]want {
	return everywhere(want{"refused client Certificate 42", []string{cause}, further})
}

// byServer is a client's certificate that the server refuses.
func byServer(alert, cause string, further ...string) map[outcome.Cell]want {
	return everywhere(want{"refused server Certificate " + alert, []string{cause}, further})
}

// unsent is a client that sends no certificate: TLS 1.2 has another alert for it.
func unsent(causes []string, further ...string) map[outcome.Cell]want {
	m := everywhere(want{"refused server Certificate 116", causes, further})
	m[tcp12] = want{"refused server Certificate 40", causes, further}
	return m
}

func one(id string) []string { return []string{id} }

// A builtFault is one thing that is put wrong, or none, and what the diagnosis of a
// recording of both sides comes to.
type builtFault struct {
	name  string
	build func(s *setup)
	want  map[outcome.Cell]want
}

// measuredFaults are the faults that a pair of ours can be made to have.
func measuredFaults() []builtFault {
	return []builtFault{
		{"healthy", func(*setup) {}, everywhere(want{"established", nil, nil})},
		{"healthy, server only", func(s *setup) {
			s.server.ClientAuth, s.server.Trust, s.client.Credentials = outcome.AuthNone, nil, nil
		}, everywhere(want{"established", nil, nil})},
		{"healthy, with a HelloRetryRequest", func(s *setup) {
			s.server.Groups, s.client.Groups = []uint16{0x0018}, []uint16{0x001d, 0x0018}
		}, everywhere(want{"established", nil, nil})},
		{"healthy, verified if given", func(s *setup) { s.server.ClientAuth = outcome.AuthVerifyIfGiven }, everywhere(want{"established", nil, nil})},

		// The client refuses.
		{"S01 untrusted", func(s *setup) { s.client.Trust = raws(issue(s.t, nil, ca("Rogue"))); s.know(s.serverRoot) }, byClient("server-untrusted-ca")},
		{"S02 self-signed", func(s *setup) { s.present(outcome.Server, issue(s.t, nil, serverLeaf())) }, byClient("server-self-signed")},
		{"S03 missing intermediate", func(s *setup) { s.present(outcome.Server, s.pair.server); s.know(s.serverCA) }, byClient("server-missing-intermediate")},
		{
			"S03 missing intermediate, in no file", func(s *setup) { s.present(outcome.Server, s.pair.server) },
			everywhere(want{"refused client Certificate 42", []string{"server-missing-intermediate?", "server-untrusted-ca?"}, nil}),
		},
		{"wrong intermediate", func(s *setup) {
			s.present(outcome.Server, s.pair.server, issue(s.t, s.serverRoot, ca("Sibling CA")))
		}, byClient("server-wrong-intermediate")},
		{"S05 rotated", func(s *setup) { s.client.Trust = raws(issue(s.t, nil, ca("Server Root"))) }, byClient("server-ca-rotated")},
		{"S06 SHA-1", func(s *setup) {
			s.present(outcome.Server, issue(s.t, s.serverCA, serverLeaf(func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 })), s.serverCA)
		}, byClient("server-sha1")},
		{"S07 issuer no CA", func(s *setup) {
			i := issue(s.t, s.serverRoot, ca("I", func(c *x509.Certificate) { c.IsCA = false }))
			s.present(outcome.Server, issue(s.t, i, serverLeaf()), i)
		}, byClient("server-issuer-not-ca")},
		{"S08 expired", func(s *setup) { s.present(outcome.Server, issue(s.t, s.serverCA, serverLeaf(expired)), s.serverCA) }, byClient("server-expired")},
		{"S09 not yet valid", func(s *setup) { s.present(outcome.Server, issue(s.t, s.serverCA, serverLeaf(tomorrow)), s.serverCA) }, byClient("server-not-yet-valid")},
		{"S10 the client's clock is behind", func(s *setup) { s.client.Clock = testClock.Add(-year) }, byClient("client-clock-behind")},
		{"the client's clock is ahead", func(s *setup) { s.client.Clock = testClock.Add(year) }, byClient("client-clock-ahead")},
		{"intermediate expired", func(s *setup) {
			i := issue(s.t, s.serverRoot, ca("I", expired))
			s.present(outcome.Server, issue(s.t, i, serverLeaf()), i)
		}, byClient("server-intermediate-expired")},
		{"root expired", func(s *setup) {
			root := issue(s.t, nil, ca("R", expired))
			s.client.Trust = raws(root)
			s.present(outcome.Server, issue(s.t, root, serverLeaf()))
		}, byClient("server-root-expired")},
		{"S12 another name", func(s *setup) { s.client.ServerName = "api.example.test" }, byClient("server-hostname")},
		{"S13 wildcard depth", func(s *setup) {
			s.present(outcome.Server, issue(s.t, s.serverCA, serverLeaf(dns("*.test"))), s.serverCA)
			s.client.ServerName = "a.b.test"
		}, byClient("server-wildcard-depth")},
		{"S14 a port in the name", func(s *setup) { s.client.ServerName = "server.test:8443" }, byClient("servername-dirty")},
		{"S14 a scheme in the name", func(s *setup) { s.client.ServerName = "https://server.test" }, byClient("servername-dirty")},
		{"S16 no IP SAN", func(s *setup) {
			s.present(outcome.Server, issue(s.t, s.serverCA, serverLeaf(dns("server.test"))), s.serverCA)
			s.client.ServerName = "127.0.0.1"
		}, byClient("server-ip-no-ip-san")},
		{"S17 other IP SAN", func(s *setup) {
			s.present(outcome.Server, issue(s.t, s.serverCA, serverLeaf(func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(10, 0, 0, 7)} })), s.serverCA)
			s.client.ServerName = "127.0.0.1"
		}, byClient("server-ip-other-san")},
		{"S18 address as DNS SAN", func(s *setup) {
			s.present(outcome.Server, issue(s.t, s.serverCA, serverLeaf(dns("127.0.0.1"))), s.serverCA)
			s.client.ServerName = "127.0.0.1"
		}, byClient("server-ip-in-dns-san")},
		{"S21 common name only", func(s *setup) {
			s.present(outcome.Server, issue(s.t, s.serverCA, serverLeaf(dns())), s.serverCA)
		}, byClient("server-cn-only")},
		{"S23 clientAuth", func(s *setup) {
			s.present(outcome.Server, issue(s.t, s.serverCA, serverLeaf(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })), s.serverCA)
		}, byClient("server-eku-clientauth")},
		{"intermediate for clients", func(s *setup) {
			i := issue(s.t, s.serverRoot, ca("I", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }))
			s.present(outcome.Server, issue(s.t, i, serverLeaf()), i)
		}, byClient("server-intermediate-eku")},
		{"S24 name constraint", func(s *setup) {
			i := issue(s.t, s.serverRoot, ca("I", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"corp.test"} }))
			s.present(outcome.Server, issue(s.t, i, serverLeaf()), i)
		}, byClient("server-name-constraint")},
		{"S25 path length", func(s *setup) {
			short := issue(s.t, s.serverRoot, ca("Short", func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = 0, true }))
			lower := issue(s.t, short, ca("Lower"))
			s.present(outcome.Server, issue(s.t, lower, serverLeaf()), lower, short)
		}, byClient("server-pathlen")},
		{"S27 another key", func(s *setup) { s.sign(outcome.Server, issue(s.t, nil, serverLeaf())) }, map[outcome.Cell]want{
			tcp12:  {"refused client ServerKeyExchange 47", one("server-key-mismatch"), nil},
			tcp13:  {"refused client CertificateVerify 51", one("server-key-mismatch"), nil},
			quic13: {"refused client CertificateVerify 51", one("server-key-mismatch"), nil},
		}},
		{"S29 a chain beyond 16 KB", func(s *setup) {
			s.present(outcome.Server, append([]*entity{s.pair.server, s.serverCA}, bulk(s.t)...)...)
		}, map[outcome.Cell]want{
			tcp13:  {"established", nil, nil},
			quic13: {"refused client Certificate none", one("quic-server-chain-16k"), nil},
		}},
		{"two faults at once", func(s *setup) {
			s.present(outcome.Server, issue(s.t, s.serverCA, serverLeaf(expired)), s.serverCA)
			s.client.ServerName = "api.example.test"
			s.present(outcome.Client, issue(s.t, s.clientCA, clientLeaf(expired)), s.clientCA)
		}, byClient("server-expired", "server-hostname", "client-expired")},

		// The server refuses.
		{"C01 no certificate", func(s *setup) { s.client.Credentials = nil }, unsent(one("client-no-cert"))},
		{"C02 not from a listed CA", func(s *setup) {
			rogue := issue(s.t, nil, ca("Rogue"))
			s.present(outcome.Client, issue(s.t, rogue, clientLeaf()))
			s.know(rogue)
		}, unsent(one("client-ca-hint-mismatch"))},
		{"C03 missing intermediate", func(s *setup) { s.present(outcome.Client, s.pair.client); s.know(s.clientCA) }, unsent(one("client-missing-intermediate"))},
		{
			"C03 missing intermediate, in no file", func(s *setup) { s.present(outcome.Client, s.pair.client) },
			unsent([]string{"client-missing-intermediate?", "client-ca-hint-mismatch?"}),
		},
		{
			"C04 the server's own CA as client CA", func(s *setup) { s.server.Trust = raws(s.serverRoot); s.know(s.clientRoot) },
			unsent([]string{"server-clientcas-wrong-file?", "client-ca-hint-mismatch?"}),
		},
		{
			"C04 the server's own CA, the client's in no file", func(s *setup) { s.server.Trust = raws(s.serverRoot) },
			unsent([]string{"server-clientcas-wrong-file?", "client-ca-hint-mismatch?"}),
		},
		{"C04 an end entity as client CA", func(s *setup) { s.server.Trust = raws(s.pair.server) }, unsent(one("server-clientcas-wrong-file"))},
		{"C10 untrusted", func(s *setup) {
			s.server.Trust, s.client.SendForced = raws(issue(s.t, nil, ca("Other"))), true
			s.know(s.clientRoot)
		}, byServer("48", "client-untrusted-ca")},
		{"C11 self-signed", func(s *setup) {
			s.present(outcome.Client, issue(s.t, nil, clientLeaf()))
			s.client.SendForced = true
		}, byServer("48", "client-self-signed")},
		{"C11 self-signed, filtered", func(s *setup) { s.present(outcome.Client, issue(s.t, nil, clientLeaf())) }, unsent(one("client-self-signed"))},
		{"C12 missing intermediate, sent", func(s *setup) {
			s.present(outcome.Client, s.pair.client)
			s.client.SendForced = true
			s.know(s.clientCA)
		}, byServer("48", "client-missing-intermediate")},
		{"C13 wrong intermediate", func(s *setup) {
			s.present(outcome.Client, s.pair.client, issue(s.t, s.clientRoot, ca("Sibling CA")))
			s.client.SendForced = true
		}, byServer("48", "client-wrong-intermediate")},
		{"a re-keyed intermediate", func(s *setup) {
			s.present(outcome.Client, s.pair.client, issue(s.t, s.clientRoot, ca("Client CA")))
		}, byServer("48", "client-wrong-intermediate")},
		{"C14 rotated", func(s *setup) { s.server.Trust = raws(issue(s.t, nil, ca("Client Root"))) }, byServer("48", "client-ca-rotated")},
		{"C15 SHA-1", func(s *setup) {
			s.present(outcome.Client, issue(s.t, s.clientCA, clientLeaf(func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 })), s.clientCA)
		}, byServer("48", "client-sha1")},
		{"C16 issuer no CA", func(s *setup) {
			i := issue(s.t, s.clientRoot, ca("I", func(c *x509.Certificate) { c.IsCA = false }))
			s.present(outcome.Client, issue(s.t, i, clientLeaf()), i)
		}, byServer("48", "client-issuer-not-ca")},
		{"C17 issuer without keyCertSign", func(s *setup) {
			i := issue(s.t, s.clientRoot, ca("I", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign }))
			s.present(outcome.Client, issue(s.t, i, clientLeaf()), i)
		}, byServer("48", "client-issuer-no-keycertsign")},
		{"C18 no client CAs", func(s *setup) { s.server.Trust = nil }, byServer("48", "server-clientcas-empty")},
		{"C20 expired", func(s *setup) { s.present(outcome.Client, issue(s.t, s.clientCA, clientLeaf(expired)), s.clientCA) }, byServer("45", "client-expired")},
		{"C21 not yet valid", func(s *setup) { s.present(outcome.Client, issue(s.t, s.clientCA, clientLeaf(tomorrow)), s.clientCA) }, byServer("45", "client-not-yet-valid")},
		{"C22 intermediate expired", func(s *setup) {
			i := issue(s.t, s.clientRoot, ca("I", expired))
			s.present(outcome.Client, issue(s.t, i, clientLeaf()), i)
		}, byServer("45", "client-intermediate-expired")},
		{"C23 root expired", func(s *setup) {
			root := issue(s.t, nil, ca("R", expired))
			s.server.Trust = raws(root)
			s.present(outcome.Client, issue(s.t, root, clientLeaf()))
		}, byServer("45", "client-root-expired")},
		{"C24 the server's clock is ahead", func(s *setup) { s.server.Clock = testClock.Add(year) }, byServer("45", "server-clock-ahead")},
		{"the server's clock is behind", func(s *setup) { s.server.Clock = testClock.Add(-year) }, byServer("45", "server-clock-behind")},
		{"C30 serverAuth", func(s *setup) {
			s.present(outcome.Client, issue(s.t, s.clientCA, clientLeaf(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })), s.clientCA)
		}, byServer("42", "client-eku-serverauth")},
		{"C31 intermediate for servers", func(s *setup) {
			i := issue(s.t, s.clientRoot, ca("I", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }))
			s.present(outcome.Client, issue(s.t, i, clientLeaf()), i)
		}, byServer("42", "client-intermediate-eku")},
		{"C32 name constraint", func(s *setup) {
			i := issue(s.t, s.clientRoot, ca("I", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"corp.test"} }))
			s.present(outcome.Client, issue(s.t, i, clientLeaf()), i)
		}, byServer("42", "client-name-constraint")},
		{"C33 path length", func(s *setup) {
			short := issue(s.t, s.clientRoot, ca("Short", func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = 0, true }))
			lower := issue(s.t, short, ca("Lower"))
			s.present(outcome.Client, issue(s.t, lower, clientLeaf()), lower, short)
		}, byServer("42", "client-pathlen")},
		{"C34 critical extension", func(s *setup) {
			s.present(outcome.Client, issue(s.t, s.clientCA, clientLeaf(unknownCritical)), s.clientCA)
		}, byServer("42", "client-critical-ext")},
		{
			"C40 another key", func(s *setup) { s.sign(outcome.Client, issue(s.t, nil, clientLeaf())) },
			everywhere(want{"refused server CertificateVerify 51", one("client-key-mismatch"), nil}),
		},
		{"C41 the issuer first", func(s *setup) {
			s.present(outcome.Client, s.clientCA, s.pair.client)
			s.sign(outcome.Client, s.pair.client)
		}, everywhere(want{"refused server CertificateVerify 51", one("client-chain-wrong-order"), nil})},
		{"C42 a key of another type", func(s *setup) {
			s.sign(outcome.Client, &entity{cert: s.pair.client.cert, key: rsaKey()})
		}, map[outcome.Cell]want{
			tcp13:  {"refused server CertificateVerify 47", one("client-key-type-mismatch"), nil},
			quic13: {"refused server CertificateVerify 47", one("client-key-type-mismatch"), nil},
		}},
		{"C43 damaged", func(s *setup) {
			s.client.Credentials[0].Chain = [][]byte{damaged(s.pair.client.raw())}
			s.client.SendForced = true
		}, byServer("50", "client-cert-garbage")},
		{"C44 negative serial", func(s *setup) {
			s.client.Credentials[0].Chain = [][]byte{negative(s.t, s.pair.client.raw())}
			s.client.SendForced = true
		}, byServer("50", "client-negative-serial")},
		{"C46 a chain beyond 16 KB", func(s *setup) {
			s.present(outcome.Client, append([]*entity{s.pair.client, s.clientCA}, bulk(s.t)...)...)
		}, map[outcome.Cell]want{
			tcp12:  {"established", nil, nil},
			quic13: {"refused server Certificate none", one("quic-client-chain-16k"), nil},
		}},
		{"C60 request only", func(s *setup) { s.server.ClientAuth, s.client.Credentials = outcome.AuthRequest, nil }, everywhere(want{"established", one("server-request-only"), nil})},
		{"C60 verified if given, and none given", func(s *setup) { s.server.ClientAuth, s.client.Credentials = outcome.AuthVerifyIfGiven, nil }, everywhere(want{"established", one("server-request-only"), nil})},
		{"C61 never asks", func(s *setup) { s.server.ClientAuth = outcome.AuthNone }, everywhere(want{"established", one("server-never-asks"), nil})},
		{"C61 never asks, and the certificate would not do", func(s *setup) {
			s.server.ClientAuth = outcome.AuthNone
			s.present(outcome.Client, issue(s.t, s.clientCA, clientLeaf(expired)), s.clientCA)
		}, everywhere(want{"established", one("server-never-asks"), one("client-expired")})},
		{"C62 requires any", func(s *setup) {
			s.server.ClientAuth, s.client.SendForced = outcome.AuthRequireAny, true
			s.present(outcome.Client, issue(s.t, nil, clientLeaf()))
		}, everywhere(want{"established", one("server-requires-any"), one("client-self-signed")})},
		{"C65 no digitalSignature", func(s *setup) {
			s.present(outcome.Client, issue(s.t, s.clientCA, clientLeaf(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment })), s.clientCA)
		}, everywhere(want{"established", nil, nil})},

		// Negotiation.
		{"P01 no certificate", func(s *setup) { s.server.Credentials = nil }, everywhere(want{"refused server ClientHello 112", one("server-no-cert"), nil})},
		{"P07 ALPN", func(s *setup) { s.server.ALPN = []string{"lab/2"} }, everywhere(want{"refused server ClientHello 120", one("alpn-mismatch"), nil})},
		{"P08 h2 and http/1.1", func(s *setup) { s.server.ALPN, s.client.ALPN = []string{"h2"}, []string{"http/1.1"} }, map[outcome.Cell]want{
			tcp12:  {"established", one("alpn-h2-vs-http11"), nil},
			tcp13:  {"established", one("alpn-h2-vs-http11"), nil},
			quic13: {"refused client EncryptedExtensions 120", one("alpn-h2-vs-http11"), nil},
		}},
		{"P09 the client offers no ALPN", func(s *setup) { s.client.ALPN = nil }, map[outcome.Cell]want{
			tcp12:  {"established", nil, nil},
			tcp13:  {"established", nil, nil},
			quic13: {"refused server ClientHello 120", one("alpn-client-none"), nil},
		}},
		{"P10 the server has no ALPN", func(s *setup) { s.server.ALPN = nil }, map[outcome.Cell]want{
			tcp12:  {"established", nil, nil},
			tcp13:  {"established", nil, nil},
			quic13: {"refused client EncryptedExtensions 120", one("alpn-server-none"), nil},
		}},
		{"P11 the client is older", func(s *setup) {
			s.client.MinVersion, s.client.MaxVersion = tls12, tls12
			s.server.MinVersion, s.server.MaxVersion = tls13, tls13
		}, map[outcome.Cell]want{
			tcp13:  {"refused server ClientHello 70", one("version-mismatch"), nil},
			quic13: {"unloadable client", one("version-mismatch"), nil},
		}},
		{"P11 the server is older", func(s *setup) {
			s.client.MinVersion, s.client.MaxVersion = tls13, tls13
			s.server.MinVersion, s.server.MaxVersion = tls12, tls12
		}, map[outcome.Cell]want{tcp12: {"refused server ClientHello 70", one("version-mismatch"), nil}}},
		{"P12 suites", func(s *setup) {
			s.client.CipherSuites, s.server.CipherSuites = []uint16{0xc02b}, []uint16{0xc02c}
		}, map[outcome.Cell]want{tcp12: {"refused server ClientHello 40", one("cipher-mismatch"), nil}}},
		{"P13 suites and key", func(s *setup) {
			s.client.CipherSuites = []uint16{0xc02b}
			leaf := issueWithKey(s.t, s.serverCA, rsaKey(), serverLeaf())
			s.present(outcome.Server, leaf, s.serverCA)
		}, map[outcome.Cell]want{tcp12: {"refused server ClientHello 40", one("cipher-vs-cert"), nil}}},
		{"P14 groups", func(s *setup) { s.client.Groups, s.server.Groups = []uint16{0x001d}, []uint16{0x0019} }, everywhere(want{"refused server ClientHello 40", one("curve-mismatch"), nil})},
		{"P15 post-quantum only", func(s *setup) { s.client.Groups, s.server.Groups = []uint16{0x001d}, []uint16{0x11ec} }, map[outcome.Cell]want{
			tcp13:  {"refused server ClientHello 40", one("pq-only-server"), nil},
			quic13: {"refused server ClientHello 40", one("pq-only-server"), nil},
		}},

		// The wire.
		{"W01 an HTTP server", func(s *setup) {
			s.talkServer = hangUp("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
		}, map[outcome.Cell]want{tcp13: {"refused client - none", one("plain-http-server"), nil}}},
		{
			"W02 an SSH server", func(s *setup) { s.talkServer = hangUp("SSH-2.0-OpenSSH_9.2p1\r\n") },
			map[outcome.Cell]want{tcp13: {"refused client - none", one("banner-server"), nil}},
		},
		{
			"W05 an HTTP client", func(s *setup) { s.talkClient = hangUp("GET / HTTP/1.1\r\nHost: server.test\r\n\r\n") },
			map[outcome.Cell]want{tcp13: {"refused server - none", one("plain-client"), nil}},
		},
		{
			"W06 a PROXY header", func(s *setup) { s.talkClient = hangUp("PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n") },
			map[outcome.Cell]want{tcp13: {"refused server - none", one("proxy-protocol"), nil}},
		},
		{
			"W07 closed after the ClientHello", func(s *setup) { s.talkServer = hangUp("") },
			map[outcome.Cell]want{tcp12: {"broken", one("fin-after-hello"), nil}, tcp13: {"broken", one("fin-after-hello"), nil}},
		},
		{"W09 no answer", func(s *setup) {
			s.limit = 300 * time.Millisecond
			s.client.Groups = []uint16{0x001d}
			s.talkServer = func(c net.Conn) { _, _ = c.Read(make([]byte, 65536)); <-time.After(s.limit + 50*time.Millisecond) }
		}, map[outcome.Cell]want{tcp13: {"timeout", one("blackhole"), nil}}},
		{
			"W15 a client that goes", func(s *setup) { s.talkClient = func(c net.Conn) { _ = c.Close() } },
			map[outcome.Cell]want{tcp13: {"broken", []string{"client-gone?", "servername-empty?", "fin-after-hello?", "rst-after-hello?", "warning-alert?", "altered-on-path?", "plain-http-server?", "banner-server?", "h2c-server?"}, nil}},
		},
	}
}

// TestFaults builds the measured faults, one real handshake in each cell, and
// holds the diagnosis against what was put wrong.
func TestFaults(t *testing.T) {
	for _, tt := range measuredFaults() {
		for _, cell := range cells {
			w, ok := tt.want[cell]
			if !ok {
				continue
			}
			t.Run(tt.name+"/"+cell.String(), func(t *testing.T) {
				t.Parallel()
				s := newSetup(t, cell)
				tt.build(s)
				s.foreign()
				in := s.run()
				d := Diagnose(in)
				check(t, d, w)
				wellSaid(t, d)
				nothingMissed(t, in)
				if h := Happened(in); h.Outcome != d.Outcome || h.RefusedBy != d.RefusedBy || h.At != d.At {
					t.Errorf("Happened says %+v, Diagnose %+v", h, d.Happening)
				}
			})
		}
	}
}

// foreign forgets the settings of a side that is no endpoint.
func (s *setup) foreign() {
	if s.talkServer != nil {
		s.server = outcome.Settings{Role: outcome.Server}
	}
	if s.talkClient != nil {
		s.client = outcome.Settings{Role: outcome.Client}
	}
}

// wellSaid holds what every diagnosis owes its reader: evidence and a remedy for
// each cause, nothing said twice, steps named where there are any, and nothing
// that could drive a terminal.
func wellSaid(t *testing.T, d Diagnosis) {
	t.Helper()
	for _, c := range append(append([]Cause{}, d.Causes...), d.Further...) {
		if len(c.Evidence) == 0 || c.Remedy == "" {
			t.Errorf("%s has evidence %v and remedy %q", c.ID, c.Evidence, c.Remedy)
		}
		seen := map[string]bool{}
		for _, e := range c.Evidence {
			if seen[e.Text] {
				t.Errorf("%s says twice: %s", c.ID, e.Text)
			}
			seen[e.Text] = true
			if strings.HasPrefix(e.Text, "step ") != (e.Step > 0) {
				t.Errorf("%s: the evidence of step %d says %q", c.ID, e.Step, e.Text)
			}
			if strings.ContainsAny(e.Text, "\x1b\n\r\u202e") || strings.Contains(e.Text, "%!") {
				t.Errorf("%s: %q", c.ID, e.Text)
			}
		}
		if !strings.HasSuffix(c.Remedy, ".") || strings.Contains(c.Remedy+c.Try, "%!") {
			t.Errorf("%s: remedy %q, try %q", c.ID, c.Remedy, c.Try)
		}
	}
}

// bulk are certificates that make a chain larger than quic-go's CRYPTO buffer.
func bulk(t testing.TB) []*entity {
	var names []string
	for range 100 {
		names = append(names, strings.Repeat("x", 50)+".test")
	}
	var list []*entity
	for range 3 {
		list = append(list, issue(t, nil, ca("Bulk", func(c *x509.Certificate) { c.DNSNames = names })))
	}
	return list
}

// damaged returns a certificate whose algorithm identifier is no longer readable.
func damaged(raw []byte) []byte {
	b := bytes.Clone(raw)
	for i := range b {
		if bytes.HasPrefix(b[i:], []byte{0x30, 0x0a, 0x06, 0x08}) { // ecdsa-with-SHA256
			b[i+2] = 0x05
			return b
		}
	}
	return b[:len(b)/2]
}

// negative returns a certificate with a negative serial number.
func negative(t testing.TB, raw []byte) []byte {
	t.Helper()
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	b := bytes.Clone(raw)
	at := bytes.Index(b, cert.SerialNumber.Bytes())
	if b[at] >= 0x80 {
		at-- // DER has a zero in front, which keeps it positive
	}
	b[at] = 0x81
	if _, err := x509.ParseCertificate(b); err == nil || !strings.Contains(err.Error(), "negative") {
		t.Fatalf("the certificate parses with %v, want a negative serial number", err)
	}
	return b
}
