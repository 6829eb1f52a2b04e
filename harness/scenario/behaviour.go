package scenario

import "shakedown/harness/pki"

// A Behaviour is what a side does beyond its settings: what its callbacks and
// its key answer, and what its application checks and does above TLS. The zero
// Behaviour is that of a healthy side.
type Behaviour struct {
	// AlsoPresent are further credentials, each as Present names one, in the
	// order in which they are tried after Present.
	AlsoPresent [][]string
	// OnDisk is what the side's certificate file holds by now, where the
	// process still has what it presents.
	OnDisk []string
	// Files are the forms of the files that the side reads its own from.
	Files Files
	// SignerFails makes the private key fail when it has to sign.
	SignerFails bool

	// GetCertificate is what a server's callback of that name does, GetConfig
	// what its GetConfigForClient does, and GetClientCertificate is a client's.
	GetCertificate                  Callback
	GetConfig, GetClientCertificate Callback

	Policy Policy
	// Revocation is how the side finds out whether its peer's certificates were
	// revoked: "crl", "ocsp", or empty for not at all.
	Revocation string
	// Staple sends an OCSP response beside the side's own certificate.
	Staple bool

	// ECH is the public name of the ECHConfig that a client encrypts its
	// ClientHello with; no server here has the key for it.
	ECH string
	// QUICVersions are the versions of QUIC that the side speaks, nil for all.
	QUICVersions []uint32
	// EarlyData is 0-RTT data over QUIC: sent with a session (client), taken (server).
	EarlyData bool
	// Close ends a connection from the server's application after the handshake.
	Close *Close
	// Leaves has a client end the connection before it has sent a byte.
	Leaves bool
	// TLSInside has a client begin another handshake inside the connection, once
	// the first is complete.
	TLSInside bool
	// Quirks are messages in which its stack is another one than Go's, and
	// LateRequest has a server ask for a certificate behind the handshake.
	Quirks      []Quirk
	LateRequest bool
	// GODEBUG are settings of Go's that the side's process starts with. It runs in
	// a process of its own then.
	GODEBUG []string
}

// A Callback is what a callback of crypto/tls does: nothing, because it is not
// set (the zero Callback), or what Does says.
type Callback struct {
	Does CallbackAction
	// Present is what it answers with (Does Answers).
	Present []string
}

// A CallbackAction is what a callback does when it is called.
type CallbackAction string

// What a callback does.
const (
	ReturnsError   CallbackAction = "error"
	ReturnsNothing CallbackAction = "none"
	Answers        CallbackAction = "answers"
)

// A Policy is what an application demands of its peer's certificate above what
// TLS verifies.
type Policy struct {
	// VerifyPeer and VerifyConnection are the errors that these callbacks
	// return, empty for none.
	VerifyPeer, VerifyConnection string
	// Pin is the entity whose key the peer has to have.
	Pin string
	// URI is the identity that the peer has to have, such as a SPIFFE id. On a
	// side that verifies nothing else it replaces the host name: the chain is
	// verified then, and no name.
	URI string
}

// A Close is how a server's application ends a connection that it does not want.
type Close struct {
	// Code and Reason are those of QUIC; over TCP there is only close_notify.
	Code   uint64
	Reason string
}

// Files are the forms of a side's files, by the names of [pki.Forms]. An empty
// name stands for a file that is not there because what it would hold was minted
// in memory; if one is set, all are files.
type Files struct{ Cert, Key, Trust string }

var behaviourKeys = []key{
	{"also_present", &shape{
		kind: listShape, elem: entityList("The entities of one credential, the one with the key first."),
		doc: "Further credentials, each a list as present, in the order in which they are tried.",
	}},
	{"on_disk", entityList("What its certificate file holds by now, where the running program still has what it presents.")},
	{"files", &shape{
		kind: objectShape, doc: "The forms of the files that it reads its certificates from. What is not named is PEM as it should be.",
		keys: []key{
			{"cert", &shape{words: formWords(pki.CertificateFile), noun: "form of a certificate file", doc: "The file with the chain."}},
			{"key", &shape{words: formWords(pki.KeyFile), noun: "form of a key file", doc: "The file with the private key."}},
			{"trust", &shape{words: formWords(pki.TrustFile), noun: "form of a trust file", doc: "The file with the trust anchors."}},
		},
	}},
	{"signer", &shape{words: []string{"fails"}, noun: "signer", doc: "fails: the private key returns an error when it has to sign, as a hardware module does that was pulled out."}},
	{"quirks", list(quirkShape, "What its stack does otherwise than Go's, message by message: the peer meets a stack that really behaves so, and the recording is that of such a stack. Every cell has to be TCP then, and only one side can have quirks.")},
	{"godebug", list(&shape{syntax: godebugSetting, pattern: godebugPattern}, "Settings of GODEBUG that Go's handshake heeds, such as fips140=on. They count for a whole process: it runs in one of its own then.")},
	{"policy", policyShape},
	{"revocation", &shape{words: []string{"crl", "ocsp"}, noun: "revocation check", doc: "Whether its application looks for revoked certificates, and where: in the CAs' lists (crl), or in the response that the peer staples (ocsp). Go does neither by itself."}},
	{"staple", &shape{kind: boolShape, doc: "Whether it sends an OCSP response beside its certificate. Default: no."}},
	{"early_data", &shape{kind: boolShape, doc: "Whether 0-RTT data is sent with a session that is offered (client) and taken (server). Every cell has to be QUIC then, and both sides need tickets: true."}},
	{"quic_versions", &shape{kind: listShape, elem: &shape{words: quicVersionWords(), noun: "version of QUIC"}, least: 1, doc: "The versions of QUIC that it speaks. Every cell has to be QUIC then."}},
}

var serverBehaviourKeys = []key{
	{"get_certificate", &shape{
		kind: eitherShape, doc: "What the callback GetCertificate does: error, none (it returns no certificate), or the credential that it answers with, a list as present.",
		options: []*shape{
			{words: []string{string(ReturnsError), string(ReturnsNothing)}, noun: "answer of a callback", doc: "error or none."},
			entityList("The entities whose certificates it answers with, the one with the key first."),
		},
	}},
	{"late_request", onlyTrue("It asks for a certificate once the handshake is over: with a HelloRequest (renegotiation) in TLS 1.2, with a CertificateRequest in TLS 1.3. Every cell has to be TCP then.")},
	{"get_config", &shape{words: []string{string(ReturnsError)}, noun: "answer of a callback", doc: "error: the callback GetConfigForClient returns an error."}},
	{"close", &shape{
		kind: objectShape, doc: "Its application closes the connection right after the handshake.",
		keys: []key{
			{"code", &shape{kind: integerShape, syntax: closeCode, doc: "The application's error code on QUIC. Default: 0."}},
			{"reason", &shape{syntax: closeReason, doc: "The reason that goes with it on QUIC."}},
		},
	}},
}

var clientBehaviourKeys = []key{
	{"get_client_certificate", &shape{words: []string{string(ReturnsError)}, noun: "answer of a callback", doc: "error: the callback GetClientCertificate returns an error."}},
	{"leaves", onlyTrue("It connects and leaves without having sent a byte, as a health check does. Every cell has to be TCP then.")},
	{"tls_inside", onlyTrue("Once the handshake is complete it begins another one inside the connection, as a client does that was told to speak TLS twice. Every cell has to be TCP then.")},
	{"ech", &shape{
		kind: objectShape, doc: "It encrypts its ClientHello (ECH) with a configuration that the server has no key for any more. Every cell has to be TLS 1.3 then.",
		keys: []key{{"public_name", &shape{syntax: publicName, doc: "The name that goes in the clear, and that the server has to prove when it refuses. Default: public.test."}}},
	}},
}

var policyShape = &shape{
	kind: objectShape, def: "policy", doc: "What its application demands of the peer's certificate above what TLS verifies.",
	keys: []key{
		{"verify_peer", &shape{doc: "The callback VerifyPeerCertificate returns an error with this text. It is not called when a session is resumed.", syntax: someText}},
		{"verify_connection", &shape{doc: "The callback VerifyConnection returns an error with this text.", syntax: someText}},
		{"pin", &shape{doc: "The entity whose key the peer has to have.", syntax: entityName}},
		{"uri", &shape{doc: "The URI that has to be among the peer's names, such as a SPIFFE id. Beside verify: none the chain is verified all the same, and only the host name is not.", syntax: uriText}},
	},
}

// behaviour overrides what an entry of a file names, if it is about behaviour.
func (d *decoder) behaviour(b *Behaviour, e entry) {
	v := e.value
	switch e.key {
	case "also_present":
		b.AlsoPresent = nil
		for _, item := range v.items {
			b.AlsoPresent = append(b.AlsoPresent, texts(item))
		}
	case "on_disk":
		b.OnDisk = texts(v)
	case "files":
		b.Files = Files{Cert: plain(v.get("cert")), Key: plain(v.get("key")), Trust: plain(v.get("trust"))}
	case "signer":
		b.SignerFails = plain(v) == "fails"
	case "policy":
		b.Policy = policyOf(v)
	case "revocation":
		b.Revocation = plain(v)
	case "staple":
		b.Staple = yes(v)
	case "early_data":
		b.EarlyData = yes(v)
	case "quic_versions":
		b.QUICVersions = nil
		for _, name := range texts(v) {
			b.QUICVersions = append(b.QUICVersions, quicVersionID(name))
		}
	case "get_certificate":
		b.GetCertificate = callbackOf(v)
	case "get_config":
		b.GetConfig = callbackOf(v)
	case "get_client_certificate":
		b.GetClientCertificate = callbackOf(v)
	case "close":
		b.Close = &Close{Code: integer(v.get("code")), Reason: plain(v.get("reason"))}
	case "godebug":
		b.GODEBUG = texts(v)
	case "quirks":
		b.Quirks = quirksOf(v)
	case "late_request":
		b.LateRequest = yes(v)
	case "leaves":
		b.Leaves = yes(v)
	case "tls_inside":
		b.TLSInside = yes(v)
	case "ech":
		if b.ECH = plain(v.get("public_name")); b.ECH == "" {
			b.ECH = defaultPublicName
		}
	}
}

// defaultPublicName is the public name of an ECHConfig that names none.
const defaultPublicName = "public.test"

func callbackOf(n *node) Callback {
	if n.kind == listNode {
		return Callback{Does: Answers, Present: texts(n)}
	}
	return Callback{Does: CallbackAction(plain(n))}
}

func policyOf(n *node) Policy {
	return Policy{
		VerifyPeer: plain(n.get("verify_peer")), VerifyConnection: plain(n.get("verify_connection")),
		Pin: plain(n.get("pin")), URI: plain(n.get("uri")),
	}
}

// behaviourReferences notes names in a side's behaviour that no entity has.
func (d *decoder) behaviourReferences(n *node) {
	lists := []*node{n.get("on_disk"), n.get("get_certificate")}
	if also := n.get("also_present"); also != nil {
		lists = append(lists, also.items...)
	}
	for _, list := range lists {
		if list != nil && list.kind == listNode {
			for _, item := range list.items {
				d.defined(item)
			}
		}
	}
	if pin := n.get("policy").get("pin"); pin != nil {
		d.defined(pin)
	}
	d.quirkReferences(n.get("quirks"))
}

// cellsOfBehaviour notes behaviour that a cell of the matrix cannot have.
func (d *decoder) cellsOfBehaviour(n *node, side string) {
	for _, limit := range []struct {
		key, why string
		fits     func(tls, transport string) bool
	}{
		{"ech", `only TLS 1.3 has it; write matrix: {tls: ["1.3"]}`, func(version, _ string) bool { return version == "1.3" }},
		{"quic_versions", "there is no QUIC; write matrix: {transport: [quic]}", func(_, transport string) bool { return transport == "quic" }},
		{"leaves", "a client that sends no datagram is no client there; write matrix: {transport: [tcp]}", func(_, transport string) bool { return transport == "tcp" }},
		{"tls_inside", "TLS is inside QUIC already; write matrix: {transport: [tcp]}", func(_, transport string) bool { return transport == "tcp" }},
		{"quirks", "another stack's messages can be had over TCP only; write matrix: {transport: [tcp]}", func(_, transport string) bool { return transport == "tcp" }},
		{"late_request", "QUIC forbids it (RFC 9001 4.4); write matrix: {transport: [tcp]}", func(_, transport string) bool { return transport == "tcp" }},
		{"early_data", "crypto/tls has none over TCP; write matrix: {transport: [quic]}", func(_, transport string) bool { return transport == "quic" }},
	} {
		if n.get(limit.key) == nil {
			continue
		}
		for _, cell := range d.sc.Cells {
			if !limit.fits(cell.TLS, string(cell.Transport)) {
				d.fail(n.keyAt(limit.key), "", "%s.%s cannot be set in the cell %s: %s", side, limit.key, cell, limit.why)
				break
			}
		}
	}
}

// behaviour writes what is different from a healthy side.
func (m *marshaler) behaviour(n *node, b Behaviour) {
	also := &node{kind: listNode}
	for _, present := range b.AlsoPresent {
		also.items = append(also.items, listOf(present))
	}
	n.add("also_present", also, len(also.items) > 0)
	n.add("on_disk", listOf(b.OnDisk), b.OnDisk != nil)
	files := mapping()
	files.add("cert", textOf(b.Files.Cert), b.Files.Cert != "")
	files.add("key", textOf(b.Files.Key), b.Files.Key != "")
	files.add("trust", textOf(b.Files.Trust), b.Files.Trust != "")
	n.add("files", files, len(files.entries) > 0)
	n.add("signer", textOf("fails"), b.SignerFails)
	n.add("get_certificate", callback(b.GetCertificate), b.GetCertificate.Does != "")
	n.add("get_config", callback(b.GetConfig), b.GetConfig.Does != "")
	n.add("get_client_certificate", callback(b.GetClientCertificate), b.GetClientCertificate.Does != "")
	n.add("policy", policy(b.Policy), b.Policy != Policy{})
	n.add("revocation", textOf(b.Revocation), b.Revocation != "")
	n.add("staple", boolOf(true), b.Staple)
	n.add("early_data", boolOf(true), b.EarlyData)
	n.add("godebug", listOf(b.GODEBUG), len(b.GODEBUG) > 0)
	n.add("quirks", quirkNodes(b.Quirks), len(b.Quirks) > 0)
	n.add("late_request", boolOf(true), b.LateRequest)
	n.add("leaves", boolOf(true), b.Leaves)
	n.add("tls_inside", boolOf(true), b.TLSInside)
	ech := mapping()
	ech.add("public_name", textOf(b.ECH), b.ECH != defaultPublicName)
	n.add("ech", ech, b.ECH != "")
	var names []string
	for _, id := range b.QUICVersions {
		names = append(names, m.quicVersionName(id))
	}
	n.add("quic_versions", listOf(names), len(names) > 0)
	if b.Close != nil {
		end := mapping()
		end.add("code", numberOf(int(b.Close.Code)), b.Close.Code != 0)
		end.add("reason", textOf(b.Close.Reason), b.Close.Reason != "")
		n.add("close", end, true)
	}
}

func callback(c Callback) *node {
	if c.Does == Answers {
		return listOf(c.Present)
	}
	return textOf(string(c.Does))
}

func policy(p Policy) *node {
	n := mapping()
	n.add("verify_peer", textOf(p.VerifyPeer), p.VerifyPeer != "")
	n.add("verify_connection", textOf(p.VerifyConnection), p.VerifyConnection != "")
	n.add("pin", textOf(p.Pin), p.Pin != "")
	n.add("uri", textOf(p.URI), p.URI != "")
	return n
}
