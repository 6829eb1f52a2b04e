package diagnose

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// offer is a ClientHello with those suites, groups and versions.
func offer(change func(*tlswire.ClientHello)) *dissect.Step {
	s := clientHello(250)
	m := *s.Message.(*tlswire.ClientHello)
	change(&m)
	s.Message = &m
	return s
}

// ownReasonTwins are about sides that end a handshake for reasons of their own.
func ownReasonTwins() []twin {
	client, server := outcome.Client, outcome.Server
	failure := func(code uint8, steps ...*dissect.Step) *dissect.Timeline {
		return tcp(append(steps, alert(server, 2, code, false))...)
	}
	internal := func(steps ...*dissect.Step) *dissect.Timeline {
		return tcp(append(steps, alert(client, 2, alertInternalError, false))...)
	}
	shows := func(d *desk, e *entity) []*dissect.Step {
		return []*dissect.Step{clientHello(250), serverHello(), sends(server, e, d.serverCA)}
	}
	p224 := func(d *desk) *entity {
		key, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
		if err != nil {
			d.t.Fatal(err)
		}
		return issueWithKey(d.t, d.serverCA, key, serverLeaf())
	}
	rsa512 := func(d *desk) *entity { return issueWithKey(d.t, d.serverCA, shortRSA(d.t), serverLeaf()) }
	old := func(suites ...uint16) *dissect.Step {
		return offer(func(m *tlswire.ClientHello) { m.SupportedVersions, m.CipherSuites = []uint16{tls12}, suites })
	}
	session := func(id uint16) *dissect.Step {
		return offer(func(m *tlswire.ClientHello) { m.Extensions = []tlswire.Extension{{Type: id, Data: []byte{1}}} })
	}
	return []twin{
		{
			"own reason", "ech-rejected",
			func(d *desk) Input {
				return d.one(server, told(alertECHRequired), tcp(clientHello(250), serverHello(), alert(client, 2, alertECHRequired, false)))
			},
			func(d *desk) Input {
				return d.one(server, told(alertHandshakeFailure), tcp(clientHello(250), serverHello(), alert(client, 2, alertHandshakeFailure, false)))
			},
		},
		{
			"own reason", "getcertificate-error",
			func(d *desk) Input {
				return d.one(client, told(alertInternalError), failure(alertInternalError, clientHello(250)))
			},
			func(d *desk) Input {
				return d.one(client, told(alertInternalError), failure(alertInternalError, clientHello(250), serverHello()))
			},
		},
		{
			"own reason", "getconfigforclient-error",
			func(d *desk) Input {
				return d.one(client, told(alertInternalError), failure(alertInternalError, clientHello(250)))
			},
			func(d *desk) Input {
				return d.one(client, told(alertInternalError), failure(alertInternalError, clientHello(250), serverHello()))
			},
		},
		{
			"own reason", "server-signer-fails",
			func(d *desk) Input {
				return d.one(client, told(alertInternalError), failure(alertInternalError, shows(d, d.pair.server)...))
			},
			func(d *desk) Input {
				return d.one(client, told(alertInternalError), failure(alertInternalError, append(shows(d, d.pair.server), signs13(server))...))
			},
		},
		{
			"own reason", "server-p224",
			func(d *desk) Input {
				return d.one(client, told(alertHandshakeFailure), failure(alertHandshakeFailure, shows(d, p224(d))...))
			},
			func(d *desk) Input {
				return d.one(client, told(alertHandshakeFailure), failure(alertHandshakeFailure, shows(d, d.pair.server)...))
			},
		},
		{
			"own reason", "server-rsa512",
			func(d *desk) Input {
				return d.one(client, told(alertHandshakeFailure), failure(alertHandshakeFailure, shows(d, rsa512(d))...))
			},
			func(d *desk) Input {
				return d.one(client, told(alertHandshakeFailure), failure(alertHandshakeFailure, shows(d, p224(d))...))
			},
		},
		{
			"own reason", "rsa-kex-only-peer",
			func(d *desk) Input {
				return d.one(client, told(alertHandshakeFailure), failure(alertHandshakeFailure, old(0x009c)))
			},
			func(d *desk) Input {
				return d.one(client, told(alertHandshakeFailure), failure(alertHandshakeFailure, old(0x009c, 0xc02b)))
			},
		},
		{
			"own reason", "getclientcert-error",
			func(d *desk) Input { return d.one(server, told(alertInternalError), internal(d.flight()...)) },
			func(d *desk) Input {
				return d.one(server, told(alertInternalError), internal(d.flight(sends(client, d.pair.client))...))
			},
		},
		{
			"own reason", "client-signer-fails",
			func(d *desk) Input {
				return d.one(server, told(alertInternalError), internal(d.flight(sends(client, d.pair.client))...))
			},
			func(d *desk) Input {
				return d.one(server, told(alertInternalError), internal(d.flight(sends(client, d.pair.client), signs13(client))...))
			},
		},
		{
			"own reason", "client-key-unsupported",
			func(d *desk) Input {
				return d.one(server, told(alertInternalError), internal(d.flight(sends(client, issueWithKey(d.t, d.clientCA, shortRSA(d.t), clientLeaf())))...))
			},
			func(d *desk) Input {
				return d.one(server, told(alertInternalError), internal(d.flight(sends(client, d.pair.client))...))
			},
		},
		{
			"own reason", "client-p224-forced",
			func(d *desk) Input {
				return d.one(server, told(alertHandshakeFailure), tcp(d.flight(sends(client, d.pair.client), alert(client, 2, alertHandshakeFailure, false))...))
			},
			func(d *desk) Input {
				return d.one(server, told(alertHandshakeFailure), tcp(d.flight(sends(client), alert(client, 2, alertHandshakeFailure, false))...))
			},
		},
		{
			"own reason", "policy-verifyconnection",
			func(d *desk) Input { return d.wire(failure(alertBadCertificate, session(41))) },
			func(d *desk) Input { return d.wire(failure(alertBadCertificate, clientHello(250))) },
		},
	}
}

// unseenTwins are about what a side may have that is not on the wire.
func unseenTwins() []twin {
	client, server := outcome.Client, outcome.Server
	refusedHello := func(m func(*tlswire.ClientHello)) func(*desk) Input {
		return func(d *desk) Input {
			return d.one(client, told(alertHandshakeFailure), tcp(offer(m), alert(server, 2, alertHandshakeFailure, false)))
		}
	}
	only12 := func(suites ...uint16) func(*tlswire.ClientHello) {
		return func(m *tlswire.ClientHello) { m.SupportedVersions, m.CipherSuites = []uint16{tls12}, suites }
	}
	groups := func(list ...uint16) func(*tlswire.ClientHello) {
		return func(m *tlswire.ClientHello) { m.SupportedGroups = list }
	}
	ofServer := func(code uint8, change func(*desk)) func(*desk) Input {
		return func(d *desk) Input {
			change(d)
			return d.one(server, told(code), tcp(clientHello(250), serverHello(), sends(server, d.pair.server, d.serverCA), finishedStep(server), alert(client, 2, code, false)))
		}
	}
	ofClient := func(code uint8, request *dissect.Step, change func(*desk)) func(*desk) Input {
		return func(d *desk) Input {
			change(d)
			return d.one(client, told(code), tcp(clientHello(250), serverHello(), request, sends(server, d.pair.server, d.serverCA), finishedStep(server), sends(client, d.pair.client, d.clientCA), finishedStep(client), alert(server, 2, code, false)))
		}
	}
	names := func(d *desk, e *entity) *dissect.Step {
		s := requestStep()
		s.Message = &tlswire.CertificateRequest{CertificateAuthorities: [][]byte{e.cert.RawSubject}}
		return s
	}
	nothing := func(*desk) {}
	ended := func(d *desk) {
		d.pair.client = issue(d.t, d.clientCA, clientLeaf(expired))
		d.client.Credentials = credential(d.t, d.pair.client, d.clientCA)
	}
	endedServer := func(d *desk) {
		d.pair.server = issue(d.t, d.serverCA, serverLeaf(expired))
		d.server.Credentials = credential(d.t, d.pair.server, d.serverCA)
	}
	// demands makes the CA of a side ask for a policy that its end entity has not.
	demands := func(of outcome.Role) func(*desk) {
		explicit := func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 36}, Critical: true, Value: []byte{0x30, 3, 0x80, 1, 0}}}
		}
		return func(d *desk) {
			if of == server {
				d.serverCA = issue(d.t, d.serverRoot, ca("Server CA", explicit))
				d.pair.server = issue(d.t, d.serverCA, serverLeaf())
			} else {
				d.clientCA = issue(d.t, d.clientRoot, ca("Client CA", explicit))
				d.pair.client = issue(d.t, d.clientCA, clientLeaf())
			}
			d.server.Credentials = credential(d.t, d.pair.server, d.serverCA)
			d.client.Credentials = credential(d.t, d.pair.client, d.clientCA)
		}
	}
	p224 := func(d *desk) {
		key, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
		if err != nil {
			d.t.Fatal(err)
		}
		d.pair.server = issueWithKey(d.t, d.serverCA, key, serverLeaf())
		d.server.Credentials = credential(d.t, d.pair.server, d.serverCA)
	}
	crossSigned := func(root bool) func(*desk) {
		return func(d *desk) {
			name := "Other CA"
			if root {
				name = "New Root"
			}
			d.serverCA = issue(d.t, issue(d.t, nil, ca("Old Root")), ca(name))
			d.pair.server = issue(d.t, d.serverCA, serverLeaf())
			d.server.Credentials = credential(d.t, d.pair.server, d.serverCA)
		}
	}
	empty := func(own bool) func(*desk) Input {
		return func(d *desk) Input {
			by := d.clientRoot
			if own {
				by = d.serverCA
			}
			return d.wire(tcp(clientHello(250), serverHello(), names(d, by), sends(server, d.pair.server, d.serverCA), finishedStep(server), sends(client), finishedStep(client), alert(server, 2, alertCertificateRequired, false)))
		}
	}
	// The client's certificate is from the CA that the server names, and the
	// intermediate between, which the server's own chain shows, is not in its file.
	onePKI := func(d *desk) Input {
		d.pair.client = issue(d.t, d.serverCA, clientLeaf())
		d.client.Credentials = credential(d.t, d.pair.client)
		return d.one(client, nil, tcp(clientHello(250), serverHello(), names(d, d.serverRoot), sends(server, d.pair.server, d.serverCA), finishedStep(server), sends(client), finishedStep(client), alert(server, 2, alertCertificateRequired, false)))
	}
	return []twin{
		{"unseen", "cipher-vs-cert", refusedHello(only12(0xc02b)), refusedHello(only12(0xc02b, 0xc02f))},
		{"unseen", "pq-only-server", refusedHello(groups(0x001d, 0x0017)), refusedHello(groups(0x11ec, 0x001d))},
		{"unseen", "server-clientcas-wrong-file", empty(true), empty(false)},
		{"unseen", "server-clientcas-wrong-file", empty(true), onePKI},
		{"unseen", "server-clientcas-empty", ofClient(alertUnknownCA, requestStep(), nothing), ofClient(alertBadCertificate, requestStep(), nothing)},
		{"unseen", "server-cross-sign-old-root", ofServer(alertBadCertificate, crossSigned(true)), ofServer(alertBadCertificate, crossSigned(false))},
		{"unseen", "server-certificate-policy", ofServer(alertBadCertificate, demands(server)), ofServer(alertBadCertificate, nothing)},
		{"unseen", "client-certificate-policy", ofClient(alertBadCertificate, requestStep(), demands(client)), ofClient(alertBadCertificate, requestStep(), nothing)},
		{"unseen", "fips-chain", ofServer(alertBadCertificate, p224), ofServer(alertBadCertificate, nothing)},
		{"unseen", "server-ca-rotated", ofServer(alertUnknownCA, nothing), ofServer(alertCertificateExpired, nothing)},
		{"unseen", "client-ca-rotated", ofClient(alertUnknownCA, requestStep(), nothing), ofClient(alertCertificateExpired, requestStep(), nothing)},
		{"unseen", "server-root-expired", ofServer(alertCertificateExpired, nothing), ofServer(alertCertificateExpired, endedServer)},
		{"unseen", "client-root-expired", ofClient(alertCertificateExpired, requestStep(), nothing), ofClient(alertCertificateExpired, requestStep(), ended)},
		{"unseen", "client-clock-behind", ofServer(alertCertificateExpired, nothing), ofServer(alertCertificateExpired, endedServer)},
		{"unseen", "client-clock-ahead", ofServer(alertCertificateExpired, nothing), ofServer(alertCertificateExpired, endedServer)},
		{"unseen", "server-clock-ahead", ofClient(alertCertificateExpired, requestStep(), nothing), ofClient(alertCertificateExpired, requestStep(), ended)},
		{"unseen", "server-clock-behind", ofClient(alertCertificateExpired, requestStep(), nothing), ofClient(alertCertificateExpired, requestStep(), ended)},
	}
}

// policyTwins are about applications' own rules and callbacks, and about what a
// side says in words alone.
func policyTwins() []twin {
	client, server := outcome.Client, outcome.Server
	refusesClient := func(f *outcome.Failure) func(*desk) Input {
		return func(d *desk) Input {
			in := d.both(nil, f, tcp(d.flight(sends(client, d.pair.client, d.clientCA), signs13(client), finishedStep(client), alert(server, 2, alertBadCertificate, false))...))
			in.Server.Outcome.VerifiedChains = [][][]byte{raws(d.pair.client, d.clientCA, d.clientRoot)}
			return in
		}
	}
	refusesServer := func(f *outcome.Failure) func(*desk) Input {
		return func(d *desk) Input {
			in := d.both(f, told(alertBadCertificate), tcp(d.flight(alert(client, 2, alertBadCertificate, false))...))
			in.Client.Outcome.VerifiedChains = [][][]byte{raws(d.pair.server, d.serverCA, d.serverRoot)}
			return in
		}
	}
	var list []twin
	for _, row := range policyRows {
		callback, other := row.callback, outcome.Revoked
		if callback == "" {
			callback = outcome.VerifyConnection
		}
		if row.kind == other {
			other = outcome.OtherIdentity
		}
		list = append(list,
			twin{"policy", row.server, refusesClient(calledBack(callback, row.kind, "not on the list")), refusesClient(calledBack(callback, other, "not on the list"))},
			twin{"policy", row.client, refusesServer(calledBack(callback, row.kind, "not the one")), refusesServer(calledBack(callback, other, "not the one"))},
		)
	}
	hello := tcp(clientHello(250), alert(server, 2, alertInternalError, false))
	for _, c := range []struct {
		callback outcome.Callback
		id       string
		by       outcome.Role
	}{
		{outcome.GetCertificate, "getcertificate-error", server},
		{outcome.GetConfigForClient, "getconfigforclient-error", server},
		{outcome.GetClientCertificate, "getclientcert-error", client},
		{outcome.Sign, "server-signer-fails", server},
		{outcome.Sign, "client-signer-fails", client},
	} {
		says := func(callback outcome.Callback) func(*desk) Input {
			return func(d *desk) Input { return d.one(c.by, calledBack(callback, "", "no"), hello) }
		}
		list = append(list, twin{"callback", c.id, says(c.callback), says(outcome.VerifyPeerCertificate)})
	}
	for _, w := range ownWords {
		for role, id := range map[outcome.Role]string{client: w.client, server: w.server} {
			if id == "" {
				continue
			}
			says := func(text string) func(*desk) Input {
				return func(d *desk) Input { return d.one(role, decides(alertInternalError, text), hello) }
			}
			list = append(list, twin{"own words", id, says("tls: " + w.text + ": x"), says("tls: something else")})
		}
	}
	return list
}
