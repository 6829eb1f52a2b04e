package diagnose

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// ownFileTwins are about what a side's own files show, where its error is all that
// there is, and where its own recording is.
func ownFileTwins() []twin {
	client, server := outcome.Client, outcome.Server
	unknown := refuses(outcome.UnknownAuthority, "x509: certificate signed by unknown authority", nil)
	none := refuses(outcome.NoCertificate, "tls: client didn't provide a certificate", nil)
	logs := func(role outcome.Role, f *outcome.Failure, change func(*desk)) func(*desk) Input {
		return func(d *desk) Input {
			change(d)
			return d.log(role, f)
		}
	}
	nothing := func(*desk) {}
	trust := func(role outcome.Role, list ...func(*desk) *entity) func(*desk) {
		return func(d *desk) {
			set := &d.client
			if role == server {
				set = &d.server
			}
			set.Trust = nil
			for _, e := range list {
				set.Trust = append(set.Trust, e(d).raw())
			}
		}
	}
	serverLeafOf := func(d *desk) *entity { return d.pair.server }
	clientLeafOf := func(d *desk) *entity { return d.pair.client }
	loses := func(d *desk) {
		d.client.Skipped = []outcome.SkippedBlock{{File: "ca.pem", Role: "trust", Line: 3, Reason: "its label is not CERTIFICATE"}}
		d.server.Skipped = d.client.Skipped
	}
	name := func(s string) func(*desk) { return func(d *desk) { d.client.ServerName = s } }
	hostname := refuses(outcome.Hostname, "x509: certificate is valid for server.test, not that", nil)
	self := func(d *desk) {
		d.client.Credentials = credential(d.t, issue(d.t, nil, clientLeaf()))
	}
	bare := func(d *desk) { d.client.Credentials = nil }
	noCertificate := func(d *desk) *dissect.Timeline {
		return tcp(d.flight(sends(client), finishedStep(client), alert(server, 2, alertCertificateRequired, false))...)
	}
	recorded := func(change func(*desk)) func(*desk) Input {
		return func(d *desk) Input {
			change(d)
			return d.one(server, none, noCertificate(d))
		}
	}
	return []twin{
		{"own file", "servername-dirty", logs(client, hostname, name("server.test:8443")), logs(client, hostname, name("other.test"))},
		{"own file", "client-trust-empty", logs(client, unknown, trust(client)), logs(client, unknown, nothing)},
		{"own file", "server-clientcas-empty", logs(server, unknown, trust(server)), logs(server, unknown, nothing)},
		{"own file", "client-trust-wrong-file", logs(client, unknown, trust(client, serverLeafOf)), logs(client, unknown, nothing)},
		{"own file", "server-clientcas-wrong-file", logs(server, none, trust(server, clientLeafOf)), logs(server, none, nothing)},
		{"own file", "server-clientcas-wrong-file", logs(server, none, trust(server, func(d *desk) *entity { return d.serverCA })), logs(server, none, nothing)},
		{"own file", "bundle-partly-read", logs(client, unknown, loses), logs(client, hostname, loses)},
		{"own file", "client-self-signed", logs(client, told(alertUnknownCA), self), logs(client, told(alertUnknownCA), nothing)},
		{"own file", "client-no-cert", logs(client, told(alertCertificateRequired), bare), logs(client, told(alertCertificateRequired), nothing)},
		{"asked wrongly", "server-clientcas-wrong-file", recorded(trust(server, clientLeafOf)), recorded(nothing)},
		{"asked wrongly", "server-clientcas-wrong-file", recorded(trust(server, func(d *desk) *entity { return d.serverCA })), recorded(nothing)},
		{"asked wrongly", "bundle-partly-read", recorded(loses), recorded(nothing)},
	}
}

// stapleTwins are about the OCSP response of a side whose certificate is refused.
// The look-alike is a response that is in order.
func stapleTwins() []twin {
	refused := func(of outcome.Role, status int, age time.Duration, signer func(*desk) *entity) func(*desk) Input {
		return func(d *desk) Input {
			leaf, issuer := d.pair.server, d.serverCA
			if of == outcome.Client {
				leaf, issuer = d.pair.client, d.clientCA
			}
			by := issuer
			if signer != nil {
				by = signer(d)
			}
			template := ocsp.Response{
				Status: status, SerialNumber: leaf.cert.SerialNumber, RevokedAt: testClock.Add(-48 * time.Hour),
				ThisUpdate: testClock.Add(-age - time.Hour), NextUpdate: testClock.Add(24*time.Hour - age),
			}
			if by != issuer {
				template.Certificate = by.cert
			}
			raw, err := ocsp.CreateResponse(issuer.cert, by.cert, template, by.key)
			if err != nil {
				d.t.Fatal(err)
			}
			shown := sends(of, leaf, issuer)
			shown.Message.(*tlswire.Certificate).Entries[0].OCSP = raw
			steps := []*dissect.Step{clientHello(250), serverHello(), extensions(), requestStep()}
			if of == outcome.Client {
				steps = slices.Concat(steps, []*dissect.Step{sends(outcome.Server, d.pair.server, d.serverCA), signs13(outcome.Server), finishedStep(outcome.Server)})
			}
			steps = append(steps, shown, finishedStep(of), alert(of.Peer(), 2, alertBadCertificate, false))
			return d.one(of, told(alertBadCertificate), tcp(steps...))
		}
	}
	stranger := func(d *desk) *entity { return issue(d.t, nil, ca("Strange Responder")) }
	good := refused(outcome.Server, ocsp.Good, 0, nil)
	return []twin{
		{"staple", "ocsp-stale", refused(outcome.Server, ocsp.Good, 48*time.Hour, nil), good},
		{"staple", "ocsp-unknown", refused(outcome.Server, ocsp.Unknown, 0, nil), good},
		{"staple", "ocsp-untrusted", refused(outcome.Server, ocsp.Good, 0, stranger), good},
		{"staple", "server-revoked", refused(outcome.Server, ocsp.Revoked, 0, nil), good},
		{"staple", "client-revoked", refused(outcome.Client, ocsp.Revoked, 0, nil), refused(outcome.Client, ocsp.Good, 0, nil)},
		{"staple", "server-staple-missing", unstapled(outcome.Server, alertBadCertificate, mustStapleExtension), unstapled(outcome.Server, alertUnknownCA, mustStapleExtension)},
		{"staple", "client-staple-missing", unstapled(outcome.Client, alertBadCertificate, mustStapleExtension), unstapled(outcome.Client, alertUnknownCA, mustStapleExtension)},
		{"staple", "server-revoked", unstapled(outcome.Server, alertCertificateRevoked), unstapled(outcome.Server, alertUnknownCA)},
		{"staple", "client-revoked", unstapled(outcome.Client, alertCertificateRevoked), unstapled(outcome.Client, alertUnknownCA)},
	}
}

// mustStapleExtension is the TLS feature status_request (RFC 7633 4.1).
func mustStapleExtension(c *x509.Certificate) {
	c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}, Value: []byte{0x30, 3, 2, 1, 5}})
}

// unstapled is a side whose certificate came without a response, and is refused with
// that alert.
func unstapled(of outcome.Role, code uint8, options ...option) func(*desk) Input {
	return func(d *desk) Input {
		steps := []*dissect.Step{clientHello(250), serverHello(), extensions(), requestStep()}
		shown := sends(outcome.Server, issue(d.t, d.serverCA, serverLeaf(options...)), d.serverCA)
		if of == outcome.Client {
			steps = append(steps, sends(outcome.Server, d.pair.server, d.serverCA), signs13(outcome.Server), finishedStep(outcome.Server))
			shown = sends(outcome.Client, issue(d.t, d.clientCA, clientLeaf(options...)), d.clientCA)
		}
		return d.one(of, told(code), tcp(append(steps, shown, finishedStep(of), alert(of.Peer(), 2, code, false))...))
	}
}
