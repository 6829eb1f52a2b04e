package harness

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"shakedown/harness/outcome"
	"shakedown/harness/pki"
	"shakedown/harness/scenario"
)

// DebugFiles are the person's own files and wishes, as the flags of the debug
// command have them. Empty strings are flags that were not given.
type DebugFiles struct {
	ServerCert, ServerKey, ServerTrust string
	ClientCert, ClientKey, ClientTrust string
	ServerName                         string
	ClientAuth                         string
	ForceClientCert                    bool
	// At is the clock of both sides, ClientAt and ServerAt of one, as in a
	// scenario file: "2027-01-02T15:04:05Z", "2027-01-02", "+90d".
	At, ClientAt, ServerAt string
}

// serverGiven and clientGiven say whether a side was given any file.
func (f DebugFiles) serverGiven() bool { return f.ServerCert+f.ServerKey+f.ServerTrust != "" }
func (f DebugFiles) clientGiven() bool { return f.ClientCert+f.ClientKey+f.ClientTrust != "" }

// ErrNoFiles says that no file was given for either side.
var ErrNoFiles = errors.New("no certificate, key or trust file was given for either side")

// Names of the entities that a debug scenario has.
const (
	entityServer      = "server"
	entityClient      = "client"
	entityServerTrust = "server-trust"
	entityClientTrust = "client-trust"
	entityStandInCA   = "stand-in-ca"
)

// DebugScenario makes a scenario of the person's own files: a side that is given
// any file gets only what is given; a side that is given none is made to fit the
// other. The notes say in words what was made. Whether the files load is found
// out when it is played, because not to load is an outcome of its own.
func DebugScenario(f DebugFiles) (sc *scenario.Scenario, notes []string, err error) {
	if !f.serverGiven() && !f.clientGiven() {
		return nil, nil, ErrNoFiles
	}
	d := debugScenario{files: f, sc: &scenario.Scenario{
		ID: "debug", Title: "Your own files", PKI: pki.Spec{},
		Cells: []outcome.Cell{
			{Transport: outcome.TCP, TLS: "1.3"}, {Transport: outcome.TCP, TLS: "1.2"}, {Transport: outcome.QUIC, TLS: "1.3"},
		},
		Script: []scenario.Action{{Connect: &scenario.Connect{}}},
	}}
	established := "established"
	d.sc.Expect = []scenario.Expectation{{Result: scenario.Result{Outcome: &established}}}
	for _, step := range []func() error{d.setClocks, d.giveServer, d.giveClient, d.makeServer, d.makeClient, d.setName, d.setClientAuth} {
		if err := step(); err != nil {
			return nil, nil, err
		}
	}
	return d.sc, d.notes, nil
}

// A debugScenario is a debug scenario in the making.
type debugScenario struct {
	files DebugFiles
	sc    *scenario.Scenario
	notes []string
}

func (d *debugScenario) note(format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

func (d *debugScenario) setClocks() error {
	for _, c := range []struct {
		flag, text string
		to         *pki.When
	}{
		{"--at", d.files.At, &d.sc.Clock},
		{"--client-at", d.files.ClientAt, &d.sc.Client.Clock},
		{"--server-at", d.files.ServerAt, &d.sc.Server.Clock},
	} {
		if c.text == "" {
			continue
		}
		when, err := scenario.ParseWhen(c.text)
		if err != nil {
			return fmt.Errorf("%s: %w", c.flag, err)
		}
		*c.to = when
	}
	return nil
}

// giveServer gives the server what it was given and nothing else.
func (d *debugScenario) giveServer() error {
	return d.give(&d.sc.Server, entityServer, entityServerTrust, d.files.ServerCert, d.files.ServerKey, d.files.ServerTrust)
}

func (d *debugScenario) giveClient() error {
	d.sc.Client.SendForced = d.files.ForceClientCert
	return d.give(&d.sc.Client, entityClient, entityClientTrust, d.files.ClientCert, d.files.ClientKey, d.files.ClientTrust)
}

func (d *debugScenario) give(e *scenario.Endpoint, name, trustName, cert, key, trust string) error {
	if cert == "" && key != "" {
		return fmt.Errorf("--%s-key %s was given without --%s-cert", name, key, name)
	}
	if cert != "" {
		if key == "" { // the key may stand in the same file; where it does not, Go's own words say so
			key = cert
		}
		d.sc.PKI[name] = pki.Entity{Cert: cert, KeyFile: key}
		e.Present = []string{name}
	}
	if trust != "" {
		d.sc.PKI[trustName] = pki.Entity{Bundle: trust}
		e.Trust = []string{trustName}
	}
	return nil
}

// makeServer makes a server that fits the client, where none was given. One that
// was given only trust gets a certificate: without, no server answers at all.
func (d *debugScenario) makeServer() error {
	if d.files.ServerCert != "" {
		return nil
	}
	name := firstOf(d.files.ServerName, "server.test")
	entity := pki.Entity{Issuer: entityStandInCA, Usage: []string{"server"}, Subject: name}
	if isIP(name) {
		entity.IP = []string{name}
	} else {
		entity.DNS = []string{name}
	}
	d.standIn(entity, &d.sc.Server, &d.sc.Client)
	why := "server: none was given, so one was made"
	if d.files.ServerTrust != "" {
		why = "server: it was given no certificate, and no server answers without one, so one was made"
	}
	beside := ""
	if d.files.ClientTrust != "" {
		beside = " beside " + d.files.ClientTrust
	}
	d.note("%s: a certificate for %s from a stand-in CA, which the client trusts%s", why, name, beside)
	if d.files.ServerTrust != "" {
		return nil
	}
	if d.files.ClientCert != "" && d.loads(outcome.Server, d.files.ClientCert) {
		d.trustTop(&d.sc.Server, entityClient, d.files.ClientCert)
		d.note("server: trusts the last certificate in %s and requires a client certificate%s", d.files.ClientCert, noRoot(d.files.ClientCert))
	}
	return nil
}

// makeClient makes a client that fits the server, where none was given.
func (d *debugScenario) makeClient() error {
	if d.files.clientGiven() {
		d.noteBareClient()
		return nil
	}
	if d.files.ServerCert != "" && d.loads(outcome.Client, d.files.ServerCert) {
		d.trustTop(&d.sc.Client, entityServer, d.files.ServerCert)
		d.note("client: none was given, so one was made: it trusts the last certificate in %s%s", d.files.ServerCert, noRoot(d.files.ServerCert))
	}
	if d.files.ServerTrust != "" {
		d.standIn(pki.Entity{Issuer: entityStandInCA, Usage: []string{"client"}, Subject: "Stand-in client", DNS: []string{"client.test"}}, &d.sc.Client, &d.sc.Server)
		d.note("client: presents a certificate from a stand-in CA, which the server trusts beside %s", d.files.ServerTrust)
	}
	return nil
}

// noteBareClient says what a given client goes without, because it was not given.
func (d *debugScenario) noteBareClient() {
	if d.files.ClientCert == "" && d.files.ServerTrust != "" {
		d.note("client: presents no certificate, because it was given other files and no --client-cert")
	}
	if d.files.ClientTrust == "" && d.files.ServerCert != "" {
		d.note("client: trusts nobody, because it was given other files and no --client-trust")
	}
}

// standIn gives a made side a certificate from a CA made for it, and the other
// side trust in that CA.
func (d *debugScenario) standIn(entity pki.Entity, side, other *scenario.Endpoint) {
	d.sc.PKI[entityStandInCA] = pki.Entity{CA: true, Subject: "Stand-in CA"}
	name := "stand-in-" + entity.Usage[0]
	d.sc.PKI[name] = entity
	side.Present = []string{name}
	other.Trust = append(other.Trust, entityStandInCA)
}

// loads says whether a made side can trust anything in the other side's file.
// That the file does not load is the other side's outcome, not the made one's.
func (d *debugScenario) loads(made outcome.Role, file string) bool {
	if _, err := pki.LoadBundle(file); err != nil {
		d.note("%s: none was given, and there is nothing in %s that one made to fit could trust", made, file)
		return false
	}
	return true
}

// trustTop makes a made side trust the topmost certificate that the other
// presents: a root where the file has one, else what stands nearest to it.
func (d *debugScenario) trustTop(side *scenario.Endpoint, entity, cert string) {
	top := entity + "-top"
	d.sc.PKI[top] = pki.Entity{Bundle: cert, Pick: pki.PickLast}
	side.Trust = append(side.Trust, top)
}

// noRoot warns where the certificate to trust is not a root: whoever trusts only
// roots may still refuse the chain.
func noRoot(file string) string {
	bundle, err := pki.LoadBundle(file)
	if err != nil {
		return ""
	}
	top, err := x509.ParseCertificate(bundle.Certificates[len(bundle.Certificates)-1])
	if err != nil || bytes.Equal(top.RawSubject, top.RawIssuer) {
		return ""
	}
	return fmt.Sprintf("; that is %s, issued by %s, so whether the chain reaches a root is not tried", top.Subject, top.Issuer)
}

// setName chooses the name that the client asks for: the flag's, else the first
// that the server's certificate is for.
func (d *debugScenario) setName() error {
	d.sc.Client.ServerName = firstOf(d.files.ServerName, "server.test")
	if d.files.ServerName != "" || d.files.ServerCert == "" {
		return nil
	}
	bundle, err := pki.LoadBundle(d.files.ServerCert)
	if err != nil {
		return nil //nolint:nilerr // that it does not load is found out, and said, when it is played
	}
	leaf, err := x509.ParseCertificate(bundle.Certificates[0])
	if err != nil {
		return nil //nolint:nilerr // likewise
	}
	name, from := firstName(leaf)
	d.sc.Client.ServerName = name
	d.note("client: asks for %s, %s; --server-name chooses another", name, from)
	return nil
}

// firstName returns a name that a certificate is for and where it stands.
func firstName(leaf *x509.Certificate) (name, from string) {
	switch {
	case len(leaf.DNSNames) > 0 && strings.HasPrefix(leaf.DNSNames[0], "*."):
		return "www" + leaf.DNSNames[0][1:], "which fits the certificate's " + leaf.DNSNames[0]
	case len(leaf.DNSNames) > 0:
		return leaf.DNSNames[0], "the first DNS name in the server's certificate"
	case len(leaf.IPAddresses) > 0:
		return leaf.IPAddresses[0].String(), "the first IP address in the server's certificate"
	}
	return firstOf(leaf.Subject.CommonName, "localhost"), "because the server's certificate has no DNS name or IP address"
}

// setClientAuth requires a client certificate if the server has trust for one.
func (d *debugScenario) setClientAuth() error {
	auth := outcome.AuthNone
	if len(d.sc.Server.Trust) > 0 && (d.files.ServerTrust != "" || !d.files.serverGiven()) {
		auth = outcome.AuthRequire
	}
	if auth == outcome.AuthNone && d.files.ClientAuth == "" && d.files.ClientCert != "" {
		d.note("server: asks for no client certificate, so that the client's is not tried, because no --server-trust was given; add --server-trust CA.pem, or --client-auth require")
	}
	if d.files.ClientAuth != "" {
		auth = outcome.ClientAuth(d.files.ClientAuth)
		modes := []outcome.ClientAuth{outcome.AuthNone, outcome.AuthRequest, outcome.AuthRequireAny, outcome.AuthVerifyIfGiven, outcome.AuthRequire}
		if !slices.Contains(modes, auth) {
			return fmt.Errorf("--client-auth %q: want none, request, require-any, verify-if-given or require", d.files.ClientAuth)
		}
	}
	d.sc.Server.ClientAuth = auth
	return nil
}

func isIP(name string) bool { return net.ParseIP(name) != nil }
