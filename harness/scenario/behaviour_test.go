package scenario

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const behaviours = `
title: Everything that a side can do
pki: {old: {issuer: client-ca}, vhost: {issuer: server-ca}}
server:
  also_present: [[vhost, server-ca], [server]]
  on_disk: [vhost]
  files: {cert: bom, trust: der}
  signer: fails
  get_certificate: [vhost, server-ca]
  get_config: error
  policy: {verify_peer: "no: not you", verify_connection: nor you, pin: old, uri: "spiffe://corp.test/a"}
  revocation: crl
  staple: true
  early_data: true
  quic_versions: [v2, v1]
  close: {code: 259, reason: go away}
client: {get_client_certificate: error, ech: {}, revocation: ocsp, files: {key: encrypted}}
matrix: {transport: [quic]}
script: [connect, {reload: {server: {policy: {}, client_auth: none, ticket_key: new}, client: {policy: {pin: server}}}}]
`

func TestAFileCanSayWhatASideDoes(t *testing.T) {
	got := mustParse(t, "a.yaml", behaviours)
	server := Behaviour{
		AlsoPresent: [][]string{{"vhost", "server-ca"}, {"server"}}, OnDisk: []string{"vhost"},
		Files: Files{Cert: "bom", Trust: "der"}, SignerFails: true,
		GetCertificate: Callback{Does: Answers, Present: []string{"vhost", "server-ca"}}, GetConfig: Callback{Does: ReturnsError},
		Policy:     Policy{VerifyPeer: "no: not you", VerifyConnection: "nor you", Pin: "old", URI: "spiffe://corp.test/a"},
		Revocation: "crl", Staple: true, EarlyData: true, QUICVersions: []uint32{0x6b3343cf, 1}, Close: &Close{Code: 259, Reason: "go away"},
	}
	client := Behaviour{
		GetClientCertificate: Callback{Does: ReturnsError}, ECH: "public.test", Revocation: "ocsp", Files: Files{Key: "encrypted"},
	}
	reload := &Reload{
		Server: ReloadSide{Policy: &Policy{}, ClientAuth: "none", NewTicketKey: true},
		Client: ReloadSide{Policy: &Policy{Pin: "server"}},
	}
	for _, d := range []string{cmp.Diff(server, got.Server.Behaviour), cmp.Diff(client, got.Client.Behaviour), cmp.Diff(reload, got.Script[1].Reload)} {
		if d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
	if !got.FromDisk() {
		t.Error("a side that reads files is not from disk")
	}
}

func TestBehaviourThatIsWrittenReadsTheSame(t *testing.T) {
	for _, text := range []string{
		behaviours, `
server: {get_certificate: none, close: {}}
client: {ech: {public_name: cover.test}}
matrix: {tls: ["1.3"]}
`, `
pki: {other: {issuer: server-ca}}
server:
  late_request: true
  godebug: [fips140=on, tlsrsakex=1]
  quirks:
    - {message: Certificate, rewrite: {certificates: [other]}}
    - {message: CertificateRequest, rewrite: {schemes: [ed25519]}}
    - {message: Finished, rewrite: {insert: "0b 000004 00000000"}}
client: {leaves: true, tls_inside: true, tls: {min: "1.0", max: "1.1"}}
matrix: {transport: [tcp], tls: ["1.3"]}
`,
	} {
		sc := mustParse(t, "a.yaml", text)
		written, err := Marshal(sc)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(sc, mustParse(t, "a.yaml", string(written)), ignoreSource); d != "" {
			t.Errorf("(-written +read):\n%s\n%s", d, written)
		}
	}
}

func TestErrorsOfBehaviour(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown entity in a further credential", "client: {also_present: [[clint]]}\n", `1:26: pki has no entity "clint" (did you mean "client"?)`},
		{"one list too few", "client: {also_present: [client]}\n", `1:25: an entry of client.also_present takes a list (did you mean "[client]"?)`},
		{"unknown entity on disk", "server: {on_disk: [servr]}\n", `1:20: pki has no entity "servr" (did you mean "server"?)`},
		{"unknown pin", "client: {policy: {pin: servr}}\n", `1:24: pki has no entity "servr" (did you mean "server"?)`},
		{"unknown answer", "server: {get_certificate: eror}\n", `1:27: unknown answer of a callback "eror" (did you mean "error"?)`},
		{"unknown entity as an answer", "server: {get_certificate: [servr]}\n", `1:28: pki has no entity "servr" (did you mean "server"?)`},
		{"a server's callback at the client", "client: {get_certificate: error}\n", `1:10: unknown key "get_certificate" in client; it belongs to server`},
		{"a client's setting at the server", "server: {ech: {}}\n", `1:10: unknown key "ech" in server; it belongs to client`},
		{"unknown form", "server: {files: {key: encripted}}\n", `1:23: unknown form of a key file "encripted" (did you mean "encrypted"?)`},
		{"a form of another file", "server: {files: {trust: encrypted}}\n", `1:25: unknown form of a trust file "encrypted"`},
		{"unknown revocation", "server: {revocation: clr}\n", `1:22: unknown revocation check "clr" (did you mean "crl"?)`},
		{"signer that works", "server: {signer: works}\n", `1:18: unknown signer "works"; there are fails`},
		{"ECH in a cell of TLS 1.2", "client: {ech: {}}\n", `1:10: client.ech cannot be set in the cell tcp 1.2: only TLS 1.3 has it; write matrix: {tls: ["1.3"]}`},
		{"ECH for an address", "client: {ech: {public_name: 10.0.0.1}}\nmatrix: {tls: [\"1.3\"]}\n", `1:29: "10.0.0.1" is no host name`},
		{"QUIC's version over TCP", "server: {quic_versions: [v2]}\n", `1:10: server.quic_versions cannot be set in the cell tcp 1.2: there is no QUIC; write matrix: {transport: [quic]}`},
		{"early data over TCP", "client: {tickets: true, early_data: true}\n", `1:25: client.early_data cannot be set in the cell tcp 1.2: crypto/tls has none over TCP; write matrix: {transport: [quic]}`},
		{"no setting of GODEBUG", "server: {godebug: [fips]}\n", `1:20: "fips" is no setting of GODEBUG such as fips140=on (did you mean "fips140=on"?)`},
		{"a setting with a slip", "server: {godebug: [fips14=on]}\n", `1:20: GODEBUG has no setting "fips14" that a handshake heeds (did you mean "fips140=on"?)`},
		{"a setting with another slip", "server: {godebug: [tlsrsakx=1]}\n", `1:20: GODEBUG has no setting "tlsrsakx" that a handshake heeds (did you mean "tlsrsakex=1"?)`},
		{"a setting and its value with a slip", "server: {godebug: [tls1rsakex=2]}\n", `1:20: GODEBUG has no setting "tls1rsakex" that a handshake heeds (did you mean "tlsrsakex"?)`},
		{"a setting of another package", "server: {godebug: [http2client=0]}\n", `1:20: GODEBUG has no setting "http2client" that a handshake heeds; there are fips140, fips140ems, rsa1024min, tls10server, tls3des, tlsmaxrsasize, tlsmlkem, tlsrsakex, tlssecpmlkem, tlssha1, x509negativeserial`},
		{"a value that a setting does not take", "server: {godebug: [fips140=yes]}\n", `1:20: fips140 takes off, on, only or debug, not "yes" (did you mean "fips140=on"?)`},
		{"a value of a switch", "server: {godebug: [tlsmlkem=off]}\n", `1:20: tlsmlkem takes 0 or 1, not "off" (did you mean "tlsmlkem=0"?)`},
		{"a size", "server: {godebug: [tlsmaxrsasize=many]}\n", `1:20: tlsmaxrsasize takes a number of bits, not "many"`},
		{"tickets in another process", "client: {godebug: [fips140=on], tickets: true}\n", `1:10: a client in a process of its own keeps no tickets for the next connection; leave tickets or godebug out`},
		{"quirks over QUIC", "server: {quirks: [{message: Finished, rewrite: {insert: \"00000000\"}}]}\nmatrix: {tls: [\"1.3\"]}\n", `1:10: server.quirks cannot be set in the cell quic 1.3: another stack's messages can be had over TCP only; write matrix: {transport: [tcp]}`},
		{"a late request over QUIC", "server: {late_request: true}\nmatrix: {tls: [\"1.3\"]}\n", `1:10: server.late_request cannot be set in the cell quic 1.3: QUIC forbids it (RFC 9001 4.4); write matrix: {transport: [tcp]}`},
		{"a quirk of TLS 1.2", "server: {quirks: [{message: Certificate, rewrite: {certificates: []}}]}\nmatrix: {transport: [tcp]}\n", `1:20: in the cell tcp 1.2 only a ClientHello can be another one: the Finished of TLS 1.2 cannot be made to fit`},
		{"a quirk of the other side's", "client: {quirks: [{message: ServerHello, rewrite: {append: \"00\"}}]}\nmatrix: {transport: [tcp]}\n", `1:20: the client never sends it in the cell tcp 1.2: only the server sends ServerHello`},
		{"a quirk without a change", "client: {quirks: [{message: ClientHello}]}\nmatrix: {transport: [tcp]}\n", `1:20: a quirk has a message and a rewrite`},
		{"a quirk with unknown schemes", "client: {quirks: [{message: ClientHello, rewrite: {schemes: [rsa]}}]}\nmatrix: {transport: [tcp]}\n", `1:62: unknown signature scheme "rsa"`},
		{"a quirk that nothing can have", "client: {quirks: [{message: ClientHello, rewrite: {certificates: []}}]}\nmatrix: {transport: [tcp]}\n", `1:52: ClientHello cannot be rewritten so in the cell tcp 1.2: ClientHello has no such field`},
		{"quirks on both sides", "server: {late_request: true}\nclient: {quirks: [{message: Finished, rewrite: {insert: \"00000000\"}}]}\nmatrix: {transport: [tcp], tls: [\"1.3\"]}\n", `2:10: one side has quirks or the other, not both`},
		{"quirks and a session", "server: {tickets: true, quirks: [{message: Finished, rewrite: {insert: \"00000000\"}}]}\nclient: {tickets: true}\nmatrix: {transport: [tcp], tls: [\"1.3\"]}\nscript: [connect, {connect: {resume: true}}]\n", `1:25: a session cannot be resumed beside quirks: each side has its secret from the messages that it has seen (RFC 8446 7.1)`},
		{"half a message", "wire: [{on: {from: client, message: Finished}, do: {rewrite: {insert: \"0b000004\"}}}]\n", `1:71: "0b000004" is no sequence of whole handshake messages: the last one is cut short`},
		{"a client that leaves over QUIC", "client: {leaves: true}\n", `1:10: client.leaves cannot be set in the cell quic 1.3: a client that sends no datagram is no client there; write matrix: {transport: [tcp]}`},
		{"unknown version of QUIC", "server: {quic_versions: [v3]}\n", `1:26: unknown version of QUIC "v3" (did you mean "v1"?)`},
		{"a code below zero", "server: {close: {code: -1}}\n", `1:24: code -1 is not between 0 and 2^62-1`},
		{"a ticket key of the client's", "client: {tickets: true}\nscript: [connect, {reload: {client: {ticket_key: new}}}]\n", `2:38: unknown key "ticket_key" in script.reload.client; it belongs to script.reload.server`},
	} {
		_, err := Parse("a.yaml", []byte(tt.text))
		if err == nil {
			t.Errorf("%s: no error", tt.name)
			continue
		}
		if got := firstLine(err.Error()); got != "a.yaml:"+tt.want {
			t.Errorf("%s:\ngot  %s\nwant a.yaml:%s", tt.name, got, tt.want)
		}
	}
}
