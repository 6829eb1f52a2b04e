package scenario

import (
	"slices"

	"shakedown/harness/pki"
)

// vocabulary is everything that a scenario file may say.
var vocabulary = &shape{
	kind: objectShape,
	doc:  "A scenario of shakedown: what is different from a healthy pair of client and server, and what is expected of it.",
	keys: []key{
		{"title", &shape{doc: "What goes wrong (or right), in one sentence.", syntax: someText}},
		{"about", &shape{doc: "What the reader should see and learn, in a few sentences."}},
		{"see", list(&shape{doc: "A reference.", syntax: someText}, "Where it is specified or was reported, such as \"RFC 8446 4.4.2\".")},
		{"requires", list(&shape{syntax: someText}, "Programs that have to be installed for it. Without one of them the scenario is skipped.")},
		{"clock", when("The scenario's clock. Default: the wall clock when a run starts.")},
		{"pki", &shape{
			kind: mapShape, elem: entityShape, syntax: entityName, pattern: entityNamePattern,
			doc: "The certificates, by name. Those of the healthy pair are always there: server-root, server-ca, server, client-root, client-ca, client; an entry of the same name overrides only the fields that it names.",
		}},
		{"server", serverShape},
		{"client", clientShape},
		{"matrix", matrixShape},
		{"wire", wireShape},
		{"seed", &shape{kind: digitsShape, doc: "What decides loss and corruption. Default: a new one for each run, which the result names.", syntax: seedNumber, pattern: `^[0-9]{1,20}$`}},
		{"timeout", &shape{doc: "How long each side waits for the other, such as 500ms: over QUIC the idle timeout of its stack, over TCP the deadline of the connection. Time in which something is held does not count. Default: that of the run.", syntax: shortSpan, pattern: shortSpanPattern}},
		{"script", &shape{
			kind: listShape, elem: actionShape, least: 1,
			doc: "What happens, in order. Default: one connect.",
		}},
		{"expect", &shape{
			kind: eitherShape, options: []*shape{expectShape, {kind: listShape, elem: expectShape, least: 1, doc: "One entry for each connect of the script."}},
			doc: "What should come of it; where the script connects more than once, a list with one entry for each connect. Default: an established connection.",
		}},
	},
}

var entityShape = &shape{
	kind: objectShape, def: "entity",
	doc: "One certificate, to mint or from disk. Without an issuer it signs itself.",
	keys: []key{
		{"ca", &shape{kind: boolShape, doc: "Whether it is a CA: basicConstraints CA:TRUE and keyCertSign."}},
		{"issuer", &shape{doc: "The entity that signs it. Default: itself."}},
		{"self_signed", &shape{kind: boolShape, doc: "It signs itself, whatever issuer it inherits from the healthy pair."}},
		{"subject", &shape{doc: "The common name. Default: the entity's name in title case, or the first DNS name of an end entity.", syntax: someText}},
		{"usage", list(&shape{syntax: usageWord, pattern: `^(server|client|any|[0-2](\.[0-9]+)+)$`}, "The extended key usage: server, client, any, or an OID. An empty list leaves the extension out.")},
		{"key_usage", list(&shape{words: keyUsages, noun: "key usage"}, "The key usage bits, in place of those that fit the kind of certificate.")},
		{"dns", list(&shape{syntax: asciiText}, "DNS names (subjectAltName).")},
		{"ip", list(&shape{syntax: ipAddress}, "IP addresses (subjectAltName).")},
		{"uri", list(&shape{syntax: uriText}, "URIs (subjectAltName), such as a SPIFFE id.")},
		{"email", list(&shape{syntax: mailAddress}, "Mail addresses (subjectAltName).")},
		{"key", &shape{doc: "The kind of key (default ecdsa-p256); beside cert, the private key's file."}},
		{"same_key_as", &shape{doc: "Another entity whose key it has instead of one of its own."}},
		{"not_before", when("Where its validity begins. Default: an hour before the clock.")},
		{"not_after", when("Where its validity ends. Default: 90 days after the clock, ten years for a CA.")},
		{"path_len", &shape{kind: integerShape, doc: "How many intermediate CAs may stand below it (RFC 5280 4.2.1.9).", syntax: pathLength}},
		{"name_constraints", &shape{
			kind: objectShape, doc: "What it may issue for (RFC 5280 4.2.1.10).",
			keys: []key{
				{"permitted_dns", list(&shape{syntax: asciiText}, "Only these DNS names and those below them.")},
				{"excluded_dns", list(&shape{syntax: asciiText}, "Not these DNS names and those below them.")},
				{"permitted_ip", list(&shape{syntax: ipPrefix}, "Only addresses of these ranges, such as 10.0.0.0/8.")},
				{"excluded_ip", list(&shape{syntax: ipPrefix}, "Not addresses of these ranges.")},
				{"permitted_email", list(&shape{syntax: asciiText}, "Only these mailboxes, those of these hosts, or of these domains (.corp.test).")},
				{"excluded_email", list(&shape{syntax: asciiText}, "Not these mailboxes, hosts and domains.")},
				{"permitted_uri", list(&shape{syntax: asciiText}, "Only URIs with these hosts, or of these domains (.corp.test).")},
				{"excluded_uri", list(&shape{syntax: asciiText}, "Not URIs with these hosts or of these domains.")},
				{"permitted_organization", list(&shape{syntax: someText}, "Only subjects of these organisations (a directory name). Go knows no such constraint and refuses the CA.")},
			},
		}},
		{"policies", list(&shape{syntax: policyWord, pattern: policyPattern}, "The policies that it was issued under (RFC 5280 4.2.1.4): OIDs, or any for anyPolicy.")},
		{"policy_mappings", list(&shape{
			kind: objectShape, doc: "Two policies that are worth the same.",
			keys: []key{
				{"issuer_domain", &shape{doc: "A policy of whoever issued this CA's certificate.", syntax: policyWord, pattern: policyPattern}},
				{"subject_domain", &shape{doc: "The policy under which this CA issues.", syntax: policyWord, pattern: policyPattern}},
			},
		}, "Which policies below this CA stand for which above it (RFC 5280 4.2.1.5). A mapping from or to any is forbidden, and Go refuses the path.")},
		{"require_explicit_policy", &shape{kind: integerShape, doc: "After how many more CAs every path needs a policy that is valid all the way (RFC 5280 4.2.1.11). 0: from the next certificate on.", syntax: between("require_explicit_policy", 0, 100)}},
		{"inhibit_policy_mapping", &shape{kind: integerShape, doc: "After how many more CAs policies must not be mapped any more (RFC 5280 4.2.1.11).", syntax: between("inhibit_policy_mapping", 0, 100)}},
		{"inhibit_any_policy", &shape{kind: integerShape, doc: "After how many more CAs anyPolicy stands for no other policy any more (RFC 5280 4.2.1.14).", syntax: between("inhibit_any_policy", 0, 100)}},
		{"serial", &shape{kind: digitsShape, doc: "The serial number in decimal; it may be negative. Default: a random one.", syntax: serialNumber, pattern: `^-?[0-9]{1,60}$`}},
		{"signature", &shape{words: hashes, noun: "signature hash", doc: "The hash that its issuer signs with."}},
		{"flaws", list(&shape{words: flawWords(), noun: "flaw"}, "Named defects, applied last.")},
		{"cert", &shape{doc: "A PEM file with the certificate or its chain, relative to the scenario file. The other fields but key do not apply then.", syntax: filePath}},
		{"bundle", &shape{doc: "A PEM file with any number of CA certificates, relative to the scenario file.", syntax: filePath}},
		{"pick", &shape{words: []string{string(pki.PickLast)}, noun: "pick", doc: "last: of a bundle's certificates only the last one; in a chain file that is the one nearest to the root."}},
	},
}

var serverShape = &shape{
	kind: objectShape,
	doc:  "The server. Default: {present: [server, server-ca], trust: [client-root], client_auth: require}.",
	keys: append([]key{
		{"present", entityList("The entities whose certificates it sends, its own first.")},
		{"trust", entityList("The entities that it takes as trust anchors for client certificates.")},
		{"client_auth", &shape{words: authModes, noun: "client_auth", doc: "What it demands of a client's certificate (crypto/tls's ClientAuthType)."}},
	}, slices.Concat(endpointKeys, serverBehaviourKeys, behaviourKeys)...),
}

var clientShape = &shape{
	kind: objectShape,
	doc:  "The client. Default: {present: [client, client-ca], trust: [server-root], server_name: server.test}.",
	keys: append([]key{
		{"present", entityList("The entities whose certificates it sends, its own first.")},
		{"trust", entityList("The entities that it takes as trust anchors for the server's certificate.")},
		{"server_name", &shape{doc: "The name that it asks for and verifies against. No name service is needed.", syntax: serverName}},
		{"send", &shape{words: []string{"forced"}, noun: "way to send", doc: "forced: present the certificate even where Go would leave it out because the server did not ask for its issuer."}},
	}, slices.Concat(endpointKeys, clientBehaviourKeys, behaviourKeys)...),
}

// endpointKeys are what both sides have.
var endpointKeys = []key{
	{"verify", &shape{words: []string{"none"}, noun: "way to verify", doc: "none: do not verify the peer's certificate at all."}},
	{"tls", &shape{
		kind: objectShape,
		doc:  "The TLS versions of this side. Without it the cell of the matrix pins both; with it a limit that is not named is the stack's own.",
		keys: []key{
			{"min", &shape{kind: versionShape, words: limits, noun: "TLS version", doc: "The lowest version."}},
			{"max", &shape{kind: versionShape, words: limits, noun: "TLS version", doc: "The highest version."}},
		},
	}},
	{"suites", &shape{
		kind: listShape, elem: &shape{words: suiteWords(), noun: "cipher suite", others: suites13}, least: 1,
		doc: "The cipher suites of TLS 1.2. Every cell has to be TLS 1.2 then: no one can choose them in TLS 1.3.",
	}},
	{"groups", &shape{
		kind: listShape, elem: &shape{words: groupWords(), noun: "group"}, least: 1,
		doc: "The key exchange groups, the preferred one first.",
	}},
	{"alpn", list(&shape{syntax: protocolName}, "The application protocols (ALPN). An empty list means none at all. Default: one that both sides share.")},
	{"tickets", &shape{kind: boolShape, doc: "Whether session tickets are issued (server) and kept (client). Default: no."}},
	{"clock", when("This side's clock, as an offset from the scenario's or as a time.")},
}

var matrixShape = &shape{
	kind: objectShape,
	doc:  "The cells in which it runs: each transport with each TLS version, without QUIC with TLS 1.2, which cannot exist.",
	keys: []key{
		{"transport", &shape{kind: listShape, elem: &shape{words: transports, noun: "transport"}, least: 1, doc: "Default: [tcp, quic]."}},
		{"tls", &shape{kind: listShape, elem: &shape{kind: versionShape, words: versions, noun: "TLS version"}, least: 1, doc: "Default: [\"1.2\", \"1.3\"]."}},
	},
}

var actionShape = &shape{
	kind: eitherShape,
	options: []*shape{
		{words: []string{"connect"}, noun: "action", doc: "Short for {connect: {}}."},
		{
			kind: objectShape, doc: "One of connect, advance and reload.",
			keys: []key{
				{"connect", &shape{
					kind: objectShape, doc: "Make a connection.",
					keys: []key{{"resume", &shape{kind: boolShape, doc: "Offer the session that the connection before left. Both sides need tickets: true."}}},
				}},
				{"advance", &shape{doc: "Move the scenario's clock forward on both sides, such as 400d.", syntax: advanceText, pattern: advancePattern}},
				{"reload", &shape{
					kind: objectShape, doc: "Replace what a side presents, trusts or demands, from now on.",
					keys: []key{{"server", reloadServerShape}, {"client", reloadClientShape}},
				}},
			},
		},
	},
}

var reloadKeys = []key{
	{"present", entityList("The entities whose certificates it sends, its own first.")},
	{"trust", entityList("The entities that it takes as trust anchors.")},
	{"policy", policyShape},
}

var reloadClientShape = &shape{
	kind: objectShape, def: "reload-client", doc: "What the client has from now on. What is not named stays as it was.",
	keys: reloadKeys,
}

var reloadServerShape = &shape{
	kind: objectShape, def: "reload-server", doc: "What the server has from now on. What is not named stays as it was.",
	keys: append([]key{
		{"client_auth", &shape{words: authModes, noun: "client_auth", doc: "What it demands of a client's certificate."}},
		{"ticket_key", &shape{words: []string{"new"}, noun: "ticket key", doc: "new: it can open no ticket that it issued before, as another replica."}},
	}, reloadKeys...),
}

var expectShape = &shape{
	kind: objectShape, def: "expectation",
	doc: "What one connect should come to. A key that is not named is not checked.",
	keys: append(resultKeys, key{"cells", list(&shape{
		kind: objectShape, doc: "What is different in some cells. The first entry that matches overrides key by key.",
		keys: append([]key{{"when", &shape{
			kind: objectShape, doc: "The cells that it is for.",
			keys: []key{
				{"transport", &shape{words: transports, noun: "transport"}},
				{"tls", &shape{kind: versionShape, words: versions, noun: "TLS version"}},
			},
		}}}, resultKeys...),
	}, "Where cells of the matrix differ.")}),
}

// resultKeys are what is expected of a connection.
var resultKeys = []key{
	{"outcome", &shape{words: outcomes, noun: "outcome", doc: "refused: a side decided to end. broken: the transport ended and no side decided. timeout: the deadline came. unloadable: a side could not be configured."}},
	{"side", &shape{words: roles, hidden: absent, noun: "side", doc: "The side that could not be configured (unloadable)."}},
	{"refused_by", &shape{words: roles, hidden: absent, noun: "side", doc: "The side that decided."}},
	{"at", &shape{words: messages, hidden: absent, noun: "handshake message", doc: "The handshake message whose content it rejected."}},
	{"alert", &shape{words: append([]string{none}, alerts...), hidden: absent, noun: "alert", doc: "The alert on the wire, or none."}},
	{"cause", &shape{def: "cause-or-none", words: causeWords(), hidden: absent, noun: "cause", doc: "The cause by its id in the catalogue; \"\" or none where nothing is wrong."}},
	{"further", list(causeShape, "What else would go wrong, by id.")},
	{"client_error", errorText("The client's error, of the handshake or later: a part of it, or a regular expression between slashes; \"\" where there is none.")},
	{"server_error", errorText("The server's error, in the same way.")},
	{"resumed", &shape{kind: boolShape, doc: "Whether the session was resumed."}},
}

var causeShape = &shape{def: "cause", words: causeWords(), noun: "cause", doc: "A cause by its id in the catalogue."}

// absent are the words for a result that is not there.
var absent = []string{"", none}

func list(elem *shape, doc string) *shape { return &shape{kind: listShape, elem: elem, doc: doc} }

func entityList(doc string) *shape {
	return list(&shape{syntax: entityName, pattern: entityNamePattern}, doc)
}

func when(doc string) *shape {
	return &shape{doc: doc + " Write +90d, -1h or 1y (units s m h d w y), or 2026-01-02T15:04:05Z.", syntax: whenText, pattern: whenPattern}
}

func errorText(doc string) *shape { return &shape{doc: doc, syntax: errorPattern} }
