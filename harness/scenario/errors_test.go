package scenario

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// wrong are scenario files with something wrong in them, and what is said of it:
// line:column: message, one line for each error.
var wrong = []struct{ name, text, want string }{
	// YAML.
	{"a tab", "pki:\n\tserver: {}\n", `2:1: not YAML: a tab indents this line; YAML is indented with spaces, such as two for each level`},
	{"a tab behind spaces", "wire:\n  - on: {message: Certificate}\n  \tdo: drop\n", `3:3: not YAML: a tab indents this line; YAML is indented with spaces, such as two for each level`},
	{"a tab in the first line", "\ttitle: a\n", `1:1: not YAML: a tab indents this line; YAML is indented with spaces, such as two for each level`},
	{"a tab in a block of text", "about: |\n  one\n\ttwo\n", `3:1: not YAML: a tab indents this line; YAML is indented with spaces, such as two for each level`},
	{"malformed", "title: [a", `1:8: not YAML: sequence end token ']' not found`},
	{"empty", "", `the file is empty`},
	{"blank", " \n\n", `the file is empty`},
	{"only comments", "# nothing\n", `the file is empty but for comments`},
	{"a list", "- a\n", `1:1: a scenario file takes a mapping, not a list`},
	{"a word", "healthy\n", `1:1: a scenario file takes a mapping, not text`},
	{"two documents", "title: a\n---\ntitle: b\n", `3:6: a second document starts here; a scenario file holds one scenario`},
	{"not UTF-8", "title: a\nabout: \xff\n", `2:8: the file is not UTF-8 text: byte 0xff`},
	{"UTF-16", "t\x00i\x00", `1:2: the control character U+0000 is not allowed; in a double-quoted text it can be written \x00`},
	{"escape sequence", "title: a\x1b[31m\n", `1:9: the control character U+001B is not allowed; in a double-quoted text it can be written \x1b`},
	{"duplicate key", "title: a\ntitle: b\n", `2:1: the key "title" is here twice; it is in line 1 already`},
	{"duplicate entity", "pki: {a: {ca: true}, a: {ca: false}}", `1:22: the key "a" is here twice; it is in line 1 already`},
	{"tag", "title: !!str 5\n", `1:8: tags such as "!!str" are not used in scenario files`},
	{"merge key", "pki:\n  a: &a {ca: true}\n  b: {<<: *a}\n", `3:7: merge keys (<<) are not used in scenario files: name the fields, or refer to a whole value with an alias`},
	{"unknown alias", "title: *x\n", `1:8: the alias *x has no anchor before it`},
	{"alias of itself", "see: &x [*x]\n", `1:10: the alias *x stands inside its own anchor`},

	// Keys and types.
	{"unknown key", "titel: a\n", `1:1: unknown key "titel" (did you mean "title"?)`},
	{"unknown key that means nothing", "zzz: 1\n", `1:1: unknown key "zzz"; there are title, about, see, requires, clock, pki, server, client, matrix, wire, seed, timeout, script, expect`},
	{"key of another place", "cause: server-expired\n", `1:1: unknown key "cause"; it belongs to expect`},
	{"key of the other side", "server: {server_name: a}\n", `1:10: unknown key "server_name" in server; it belongs to client`},
	{"key with a dash", "server: {client-auth: none}\n", `1:10: unknown key "client-auth" in server (did you mean "client_auth"?)`},
	{"a key that there is not", "client: {retries: 3}\n", `1:10: unknown key "retries" in client; there are present, trust, server_name, send, verify, tls, suites, groups, alpn, tickets, clock, get_client_certificate, leaves, tls_inside, ech, also_present, on_disk, files, signer, quirks, godebug, policy, revocation, staple, early_data, quic_versions`},
	{"unknown key in an entity", "pki: {server: {isuer: a}}\n", `1:16: unknown key "isuer" in pki.server (did you mean "issuer"?)`},
	{"unknown key in expect", "expect: {allert: none}\n", `1:10: unknown key "allert" in expect (did you mean "alert"?)`},
	{"number for text", "title: 5\n", `1:8: title takes text, not a number; put it in quotes: "5"`},
	{"text for a list", "see: RFC 8446\n", `1:6: see takes a list (did you mean "[RFC 8446]"?)`},
	{"list for text", "title: [a]\n", `1:8: title takes text, not a list`},
	{"text for a bool", "pki: {a: {ca: yes}}\n", `1:15: pki.a.ca takes true or false, not text`},
	{"text for a number", "pki: {a: {path_len: one}}\n", `1:21: pki.a.path_len takes a whole number, not text`},
	{"number for a mapping", "server: 1\n", `1:9: server takes a mapping, not a number`},
	{"no value", "pki:\n", `1:1: pki has no value: it takes a mapping`},
	{"expect is a word", "expect: refused\n", `1:9: expect takes a mapping or a list, such as […], not text`},
	{"empty title", "title: \"\"\n", `1:8: this text is empty`},

	// The wire.
	{"fault without do", "wire: [{on: {from: client}}]\n", `1:9: an entry of wire needs a do, such as do: drop`},
	{"empty do", "wire: [{do: {}}]\n", `1:13: do says nothing; write what becomes of the unit, such as drop`},
	{"unknown fault", "wire: [{do: dorp}]\n", `1:13: unknown fault "dorp" (did you mean "drop"?)`},
	{"unknown fault key", "wire: [{do: {dely: 1s}}]\n", `1:14: unknown key "dely" in wire.do (did you mean "delay"?)`},
	{"unknown message", "wire: [{on: {message: Certifcate}, do: drop}]\n", `1:23: unknown message "Certifcate" (did you mean "Certificate"?)`},
	{"unknown alert", "wire: [{on: {message: alert bad_certifcate}, do: drop}]\n", `1:23: unknown message "alert bad_certifcate" (did you mean "alert bad_certificate"?)`},
	{"message of the other side", "wire: [{on: {from: client, message: ServerHello}, do: drop}]\n", `1:28: no unit of the cell tcp 1.2 can be meant: only the server sends ServerHello; give the fault a when, or change the matrix`},
	{"message of another version", "wire: [{on: {message: EncryptedExtensions}, do: drop}]\n", `1:14: no unit of the cell tcp 1.2 can be meant: EncryptedExtensions is a message of TLS 1.3; give the fault a when, or change the matrix`},
	{"message of another transport", "wire: [{on: {message: FIN}, do: drop}]\n", `1:14: no unit of the cell quic 1.3 can be meant: there is no FIN over QUIC; give the fault a when, or change the matrix`},
	{"message that is not asked for", "server: {client_auth: none}\nwire: [{on: {from: client, message: Certificate}, do: drop}]\n", `2:28: no unit of the cell tcp 1.2 can be meant: the server's client_auth is none, so the client sends no Certificate; give the fault a when, or change the matrix`},
	{"proof without certificate", "client: {present: []}\nwire: [{on: {from: client, message: CertificateVerify}, do: drop}]\n", `2:28: no unit of the cell tcp 1.2 can be meant: the client presents no certificate, so it proves nothing; give the fault a when, or change the matrix`},
	{"fault of another transport", "wire: [{do: {reset: client}}]\n", `1:14: reset cannot happen in the cell quic 1.3: UDP has no reset; give the fault a when, or change the matrix`},
	{"loss over TCP", "wire: [{do: {loss: 20%}}]\n", `1:14: loss cannot happen in the cell tcp 1.2: TCP sends again what is lost, and TLS never hears of it; give the fault a when, or change the matrix`},
	{"when without cell", "matrix: {transport: [tcp]}\nwire: [{when: {transport: quic}, do: drop}]\n", `2:9: this matches no cell of the matrix`},
	{"changed and dropped", "wire: [{do: {drop: true, delay: 1s}}]\n", `1:26: delay has no effect on a unit that is dropped`},
	{"not dropped", "wire: [{do: {drop: false}}]\n", `1:20: leave it out instead of writing false`},
	{"closed and reset", "matrix: {transport: [tcp]}\nwire: [{do: {close: both, reset: client}}]\n", `2:27: close and reset both end the stream towards the client; it takes one of them`},
	{"bad time to wait", "wire: [{do: {delay: soon}}]\n", `1:21: "soon" is no time to wait: write 300ms, 2s or 1m, at most an hour`},
	{"bad share", "wire: [{do: {loss: 120%}}]\n", `1:20: "120%" is no share such as 20% or 0.5%`},
	{"nothing to put in", "wire: [{on: {from: client}, do: {inject: {}}}]\n", `1:42: inject has one of alert, text and hex; this has 0`},
	{"put in by nobody", "wire: [{do: {inject: {text: a}}}]\n", `1:23: inject needs a from: on names no side whose it could seem to be`},
	{"level without alert", "wire: [{on: {from: client}, do: {inject: {text: a, level: warning}}}]\n", `1:52: level belongs to an alert`},
	{"bad hex", "wire: [{on: {from: client}, do: {inject: {hex: abc}}}]\n", `1:48: "abc" is no hexadecimal number of whole bytes`},
	{"pace without turn", "wire: [{do: {throttle: {bytes: 5}}}]\n", `1:25: throttle needs an every, such as every: 5ms`},
	{"bad bit", "wire: [{do: {corrupt: {bit: 8}}}]\n", `1:29: bit 8 is not between 0 and 7`},
	{"bad nth", "wire: [{on: {nth: 0}, do: drop}]\n", `1:19: nth 0 is not between 1 and 1000`},
	{"mode without rewrite", "wire: [{on: {message: Certificate}, do: {mode: tamper, drop: true}}]\n", `1:42: mode belongs to a rewrite`},
	{"empty rewrite", "wire: [{on: {message: Certificate}, do: {rewrite: {}}}]\n", `1:51: rewrite says nothing; write what is changed, such as certificates: []`},
	{"rewrite of any unit", "wire: [{do: {rewrite: {remove: true}}}]\n", `1:14: the first unit cannot be rewritten so in the cell tcp 1.2: on names no message`},
	{"rewrite of no message", "wire: [{on: {message: alert}, do: {rewrite: {remove: true}}}]\n", `1:36: alert cannot be rewritten so in the cell tcp 1.2: alert is no message that can be rewritten`},
	{"rewrite of another field", "wire: [{on: {message: Certificate}, do: {rewrite: {alpn: [h2]}}}]\n", `1:52: Certificate cannot be rewritten so in the cell tcp 1.2: Certificate has no such field`},
	{"rewrite behind the keys", "wire: [{on: {message: Finished}, do: {rewrite: {remove: true}}}]\n", `1:39: Finished cannot be rewritten so in the cell tcp 1.2: Finished stands behind the ChangeCipherSpec in TLS 1.2, and only what is before it can be rewritten`},
	{"impersonation in TLS 1.2", "wire: [{on: {message: Certificate}, do: {rewrite: {remove: true}, mode: impersonate}}]\n", `1:67: Certificate cannot be rewritten so in the cell tcp 1.2: impersonate needs TLS 1.3, whose key schedule can be followed`},
	{"impersonation of a damage", "matrix: {tls: [\"1.3\"]}\nwire: [{on: {message: CertificateVerify}, do: {rewrite: {signature: damaged}, mode: impersonate}}]\n", `2:79: CertificateVerify cannot be rewritten so in the cell tcp 1.3: impersonate would make it whole again; write tamper`},
	{"two modes", "matrix: {tls: [\"1.3\"]}\nwire:\n  - {on: {message: Certificate}, do: {rewrite: {remove: true}}}\n  - {on: {message: CertificateRequest}, do: {rewrite: {remove: true}, mode: impersonate}}\n", `4:6: the rewrites of the cell tcp 1.3 have two modes; it takes one`},
	{"taken out and changed", "wire: [{on: {message: Certificate}, do: {rewrite: {remove: true, append: \"00\"}}}]\n", `1:52: a message that is taken out has nothing else to change`},
	{"undefined in rewrite", "wire: [{on: {message: Certificate}, do: {rewrite: {certificates: [severr]}}}]\n", `1:67: pki has no entity "severr" (did you mean "server"?)`},
	{"bad random", "wire: [{on: {message: ClientHello}, do: {rewrite: {random: \"00\"}}}]\n", `1:60: "00" is not 32 bytes in hexadecimal`},
	{"extension without type", "wire: [{on: {message: ClientHello}, do: {rewrite: {extension: {data: \"00\"}}}}]\n", `1:64: extension needs a type, its number in the registry`},
	{"extension without content", "wire: [{on: {message: ClientHello}, do: {rewrite: {extension: {type: 5}}}}]\n", `1:64: extension has one of data and remove`},
	{"bad suite", "wire: [{on: {message: ClientHello}, do: {rewrite: {suites: [TLS_AES_128_GCM_SHA25]}}}]\n", `1:61: unknown cipher suite "TLS_AES_128_GCM_SHA25" (did you mean "TLS_AES_128_GCM_SHA256"?)`},
	{"rewrite of a resumption", "client: {tickets: true}\nserver: {tickets: true}\nscript: [connect, {connect: {resume: true}}]\nmatrix: {tls: [\"1.3\"]}\nwire: [{on: {message: ClientHello}, do: {rewrite: {append: \"00\"}, mode: impersonate}}]\n", `5:67: ClientHello cannot be rewritten so in the cell tcp 1.3: a hello that resumes a session is bound to it, and the link has no key to bind it again (RFC 8446 4.2.11.2)`},
	{"seed without chance", "seed: 1\nwire: [{do: drop}]\n", `1:1: nothing is left to chance: seed is for loss and corruption`},
	{"rejected where it never is", "expect: {outcome: refused, refused_by: client, at: ServerKeyExchange, alert: decrypt_error}\nmatrix: {tls: [\"1.3\"]}\n", `1:48: at cannot be expected in the cell tcp 1.3: nobody rejects it there: ServerKeyExchange is a message of TLS 1.2`},

	// Expectations that cannot come true.
	{"alert of an established handshake", "expect: {outcome: established, alert: bad_certificate}\n", `1:32: alert cannot be expected in the cell tcp 1.2: the outcome is established; a side that sends this alert has refused`},

	// Certificates.
	{"undefined issuer", "pki: {a: {issuer: server-rot}}\n", `1:19: pki has no entity "server-rot" (did you mean "server-root"?)`},
	{"undefined key owner", "pki: {a: {same_key_as: nobody-at-all}}\n", `1:24: pki has no entity "nobody-at-all"`},
	{"undefined in present", "client: {present: [clinet]}\n", `1:20: pki has no entity "clinet" (did you mean "client"?)`},
	{"undefined in trust", "server: {trust: [cleint-root]}\n", `1:18: pki has no entity "cleint-root" (did you mean "client-root"?)`},
	{"undefined in reload", "script: [connect, {reload: {client: {present: [renewd]}}}]\npki: {renewed: {}}\n", `1:48: pki has no entity "renewd" (did you mean "renewed"?)`},
	{"empty present entity", "server: {present: [\"\"]}\n", `1:20: an entity's name is empty`},
	{"entity with a bad name", "pki: {\"a b\": {}}\n", `1:7: "a b" is no name for an entity: use letters, digits, dots, dashes and underscores`},
	{"issuer is itself", "pki: {a: {issuer: a}}\n", `1:19: "a" names itself as its issuer; leave issuer out for a certificate that signs itself`},
	{"issuer cycle", "pki:\n  a: {issuer: b}\n  b: {issuer: c}\n  c: {issuer: a}\n", `2:15: issuer goes round in a circle: a → b → c → a`},
	{"issuer cycle through the healthy pair", "pki: {server-root: {issuer: server}}\n", `1:29: issuer goes round in a circle: server-root → server → server-ca → server-root`},
	{"key cycle", "pki: {a: {same_key_as: b}, b: {same_key_as: a}}\n", `1:24: same_key_as goes round in a circle: a → b → a`},
	{"own key", "pki: {a: {same_key_as: a}}\n", `1:24: "a" has its own key already`},
	{"undefined flaw", "pki: {server: {flaws: [expird]}}\n", `1:24: unknown flaw "expird" (did you mean "expired"?)`},
	{"bad address", "pki: {server: {ip: [127.0.0.256]}}\n", `1:21: "127.0.0.256" is no IP address`},
	{"bad range", "pki: {a: {name_constraints: {permitted_ip: [10.0.0.0]}}}\n", `1:45: "10.0.0.0" is no address range such as 10.0.0.0/8`},
	{"bad URI", "pki: {a: {uri: [workload]}}\n", `1:17: "workload" is no URI with a scheme`},
	{"DNS name that is not ASCII", "pki: {a: {dns: [bücher.test]}}\n", `1:17: "bücher.test" is not ASCII, which a certificate's DNS names have to be`},
	{"bad usage", "pki: {a: {usage: [email]}}\n", `1:19: unknown usage "email"; there are server, client, any, or an OID such as 1.3.6.1.5.5.7.3.1`},
	{"bad key usage", "pki: {a: {key_usage: [digitalSignatur]}}\n", `1:23: unknown key usage "digitalSignatur" (did you mean "digitalSignature"?)`},
	{"bad kind of key", "pki: {a: {key: rsa-2047}}\n", `1:16: unknown kind of key "rsa-2047" (did you mean "rsa-2048"?)`},
	{"key file without certificate", "pki: {a: {key: server.key}}\n", `1:16: unknown kind of key "server.key"; a file with a key stands beside cert, the file with its certificate`},
	{"bad hash", "pki: {a: {signature: md5}}\n", `1:22: unknown signature hash "md5"; there are sha256, sha1, sha384, sha512`},
	{"bad serial", "pki: {a: {serial: 0x1f}}\n", `1:19: "0x1f" is no serial number: write it in decimal, with at most 60 digits`},
	{"bad path length", "pki: {a: {path_len: -1}}\n", `1:21: path_len -1 is not between 0 and 100`},
	{"disk and fields", "pki: {a: {cert: a.pem, issuer: server-ca}}\n", `1:24: pki.a comes from disk, so "issuer" does not apply`},
	{"cert and bundle", "pki: {a: {cert: a.pem, bundle: b.pem}}\n", `1:24: pki.a has cert and bundle; it takes one of them`},
	{"bundle with a key", "pki: {a: {bundle: b.pem, key: a.key}}\n", `1:26: pki.a has a key but no cert; a bundle holds certificates of others`},
	{"bad policy", "pki: {a: {policies: [all]}}\n", `1:22: unknown policy "all"; write any, or an OID such as 2.16.840.1.101.3.2.1.48.1`},
	{"half a policy mapping", "pki: {a: {policy_mappings: [{issuer_domain: any}]}}\n", `1:30: a policy mapping has two policies, issuer_domain and subject_domain`},
	{"bad number of certificates", "pki: {a: {inhibit_any_policy: -1}}\n", `1:31: inhibit_any_policy -1 is not between 0 and 100`},
	{"pick without bundle", "pki: {a: {ca: true, pick: last}}\n", `1:21: pki.a has pick but no bundle to pick from`},

	// Times.
	{"no unit", "pki: {a: {not_after: \"90\"}}\n", `1:22: "90" is no time: write +90d, -1h or 1y (units s m h d w y), or 2026-01-02T15:04:05Z`},
	{"number as time", "pki: {a: {not_after: 90}}\n", `1:22: "90" is no time: write +90d, -1h or 1y (units s m h d w y), or 2026-01-02T15:04:05Z`},
	{"bad unit", "clock: 5 fortnights\n", `1:8: "5 fortnights" is no time: write +90d, -1h or 1y (units s m h d w y), or 2026-01-02T15:04:05Z`},
	{"bad date", "clock: 2026-13-02T15:04:05Z\n", `1:8: "2026-13-02T15:04:05Z" is no time in whole seconds such as 2026-01-02T15:04:05Z`},
	{"too far", "clock: +900y\n", `1:8: "+900y" is no time: write +90d, -1h or 1y (units s m h d w y), or 2026-01-02T15:04:05Z`},
	{"backwards", "script: [{advance: -1d}, connect]\n", `1:20: "-1d" does not move the clock forward`},
	{"no duration", "script: [{advance: soon}, connect]\n", `1:20: "soon" is no duration: write 400d, 2h or 1y (units s m h d w y)`},

	// Settings.
	{"control character in a name", "client: {server_name: \"a\\nb\"}\n", `1:23: the server name "a\nb" holds a control character`},
	{"bad client_auth", "server: {client_auth: required}\n", `1:23: unknown client_auth "required" (did you mean "require"?)`},
	{"unknown suite", "client: {suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM]}\nmatrix: {transport: [tcp], tls: [\"1.2\"]}\n", `1:19: unknown cipher suite "TLS_ECDHE_RSA_WITH_AES_128_GCM" (did you mean "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"?)`},
	{"suite of TLS 1.3", "client: {suites: [TLS_AES_128_GCM_SHA256]}\nmatrix: {transport: [tcp], tls: [\"1.2\"]}\n", `1:19: "TLS_AES_128_GCM_SHA256" is a suite of TLS 1.3, which no one can choose in crypto/tls`},
	{"suites in a cell of TLS 1.3", "server: {suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]}\n", `1:10: server.suites cannot be set in the cell tcp 1.3: no one can choose the suites of TLS 1.3; write matrix: {transport: [tcp], tls: ["1.2"]}`},
	{"suites beside wider limits", "client: {tls: {min: \"1.2\"}, suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]}\nmatrix: {transport: [tcp], tls: [\"1.2\"]}\n", `1:29: client.suites cannot be set beside tls limits that leave TLS 1.3 open; write tls: {max: "1.2"}`},
	{"unknown group", "client: {groups: [X25518]}\n", `1:19: unknown group "X25518" (did you mean "X25519"?)`},
	{"groups of TLS 1.3 only", "client: {groups: [X25519MLKEM768]}\n", `1:10: client.groups cannot be set in the cell tcp 1.2: all of these groups need TLS 1.3`},
	{"no groups", "client: {groups: []}\n", `1:18: client.groups is empty`},
	{"bad version", "client: {tls: {max: \"1.4\"}}\n", `1:21: unknown TLS version "1.4" (did you mean "1.3"?)`},
	{"min above max", "client: {tls: {min: 1.3, max: 1.2}}\n", `1:16: client.tls: the lowest version 1.3 is above the highest, 1.2`},
	{"empty protocol", "client: {alpn: [\"\"]}\n", `1:17: an application protocol's name has 1 to 255 bytes, not 0`},
	{"bad send", "client: {send: always}\n", `1:16: unknown way to send "always"; there are forced`},

	// Matrix and script.
	{"quic with 1.2 only", "matrix: {transport: [quic], tls: [\"1.2\"]}\n", `1:10: the matrix has no cell: QUIC needs TLS 1.3 (RFC 9001 4.2)`},
	{"no transport", "matrix: {transport: []}\n", `1:21: matrix.transport is empty`},
	{"unknown transport", "matrix: {transport: [udp]}\n", `1:22: unknown transport "udp"; there are tcp, quic`},
	{"transport twice", "matrix: {transport: [tcp, tcp]}\n", `1:27: "tcp" is in the list twice`},
	{"empty script", "script: []\n", `1:9: script is empty`},
	{"no connect", "script: [{advance: 1d}]\n", `1:9: the script never connects`},
	{"unknown action", "script: [conect]\n", `1:10: unknown action "conect" (did you mean "connect"?)`},
	{"two actions in one", "script: [{connect: {}, advance: 1d}]\n", `1:11: an entry of script has one of connect, advance and reload; this has 2`},
	{"resume at first", "script: [{connect: {resume: true}}]\n", `1:21: the first connect has no session to resume`},
	{"resume without tickets", "script: [connect, {connect: {resume: true}}]\nclient: {tickets: true}\n", `1:30: there is no session to resume: set tickets: true at the client and at the server`},

	// Expectations.
	{"unknown outcome", "expect: {outcome: failed}\n", `1:19: unknown outcome "failed"; there are established, refused, broken, timeout, unloadable`},
	{"unknown alert", "expect: {outcome: refused, alert: bad_certficate}\n", `1:35: unknown alert "bad_certficate" (did you mean "bad_certificate"?)`},
	{"alert by a part of its name", "expect: {outcome: refused, alert: protocol}\n", `1:35: unknown alert "protocol" (did you mean "protocol_version"?)`},
	{"not a message", "expect: {outcome: refused, at: Certifcate}\n", `1:32: unknown handshake message "Certifcate" (did you mean "Certificate"?)`},
	{"cause not in the catalogue", "expect: {cause: untrusted-ca}\n", `1:17: unknown cause "untrusted-ca" (did you mean "server-untrusted-ca"?)`},
	{"bad regular expression", "expect: {client_error: /(/}\n", "1:24: \"/(/\" is no regular expression: error parsing regexp: missing closing ): `(`"},
	{"refused_by without refusal", "expect: {refused_by: client}\n", `1:10: refused_by cannot be expected in the cell tcp 1.2: the outcome is established, so no side refused`},
	{"at without refusal", "expect: {outcome: broken, at: Finished}\n", `1:27: at cannot be expected in the cell tcp 1.2: the outcome is broken, so no message was rejected`},
	{"side without unloadable", "expect: {outcome: refused, side: client}\n", `1:28: side cannot be expected in the cell tcp 1.2: the outcome is refused; side names the one that is unloadable`},
	{"alert of an unloadable side", "expect: {outcome: unloadable, alert: bad_certificate}\n", `1:31: alert cannot be expected in the cell tcp 1.2: the outcome is unloadable, so nothing was sent`},
	{
		"contradiction in one cell", "expect:\n  outcome: refused\n  refused_by: client\n  cells:\n    - when: {transport: quic}\n      outcome: timeout\n",
		`3:3: refused_by cannot be expected in the cell quic 1.3: the outcome is timeout, so no side refused`,
	},
	{"cells without when", "expect: {cells: [{alert: none}]}\n", `1:19: an entry of cells needs a when, such as {transport: quic}`},
	{"cells that match nothing", "matrix: {transport: [tcp]}\nexpect: {cells: [{when: {transport: quic}, alert: none}]}\n", `2:19: this matches no cell of the matrix`},
	{"cells that cannot exist", "expect: {cells: [{when: {transport: quic, tls: \"1.2\"}, alert: none}]}\n", `1:19: this matches no cell of the matrix`},
	{
		"cells that are never used", "expect:\n  cells:\n    - {when: {tls: \"1.3\"}, alert: none}\n    - {when: {transport: quic}, alert: none}\n",
		`4:8: this is never used: entries before it match the same cells`,
	},
	{"one expectation for two connects", "script: [connect, connect]\nexpect: {outcome: established}\n", `2:10: the script connects twice: expect takes a list with one entry for each`},
	{"two expectations for three connects", "script: [connect, connect, connect]\nexpect: [{}, {}]\n", `2:9: expect has 2 entries and the script connects 3 times; it takes one entry for each`},
	{"two expectations for one connect", "expect: [{}, {}]\n", `1:9: expect has 2 entries and the script connects once; it takes one entry for each`},

	// Together.
	{
		"all at once", "titel: a\nclient: {trust: [rogue]}\nmatrix: {tls: [\"1.1\"]}\n",
		"1:1: unknown key \"titel\" (did you mean \"title\"?)\n2:18: pki has no entity \"rogue\"\n3:16: unknown TLS version \"1.1\" (did you mean \"1.2\"?)",
	},
}

func TestWhatIsWrongIsSaidWithItsPlace(t *testing.T) {
	for _, test := range wrong {
		t.Run(test.name, func(t *testing.T) {
			sc, err := Parse("a.yaml", []byte(test.text))
			if sc != nil {
				t.Errorf("got a scenario beside the error")
			}
			var errs Errors
			if !errors.As(err, &errs) {
				t.Fatalf("got %v, want Errors", err)
			}
			var got []string
			for _, e := range errs {
				head, _, _ := strings.Cut(e.Error(), "\n")
				head = strings.TrimPrefix(strings.TrimPrefix(head, "a.yaml:"), " ")
				got = append(got, head)
			}
			if g := strings.Join(got, "\n"); g != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", g, test.want)
			}
		})
	}
}

func TestAnErrorShowsItsLine(t *testing.T) {
	_, err := Parse("scenarios/trust/a.yaml", []byte("pki:\n  server:\n\tflaws: [expird]\n"))
	if err == nil || !strings.Contains(err.Error(), "scenarios/trust/a.yaml:3:") {
		t.Fatalf("a tab for indentation: got %v", err)
	}
	for _, test := range []struct{ text, want string }{
		{
			"title: a\npki:\n  server:\n    flaws: [expird]\n",
			"scenarios/trust/a.yaml:4:13: unknown flaw \"expird\" (did you mean \"expired\"?)\n" +
				"  4 |     flaws: [expird]\n" +
				"    |             ^",
		},
		{ // a long line is cut around the place, and what could drive a terminal is escaped
			"title: \"" + strings.Repeat("x", 200) + "\"\r\nserver: {\"\u202e" + strings.Repeat("y", 90) + "\": 1, trst: []}\r\n",
			"scenarios/trust/a.yaml:2:10: unknown key \"\\u202e" + strings.Repeat("y", 90) + "\" in server; there are present, trust, client_auth, verify, tls, suites, groups, alpn, tickets, clock, get_certificate, late_request, get_config, close, also_present, on_disk, files, signer, quirks, godebug, policy, revocation, staple, early_data, quic_versions\n" +
				"  2 | server: {\"\\u202e" + strings.Repeat("y", 84) + "…\n" +
				"    |          ^\n" +
				"scenarios/trust/a.yaml:2:108: unknown key \"trst\" in server (did you mean \"trust\"?)\n" +
				"  2 | …" + strings.Repeat("y", 44) + "\": 1, trst: []}\n" +
				"    |  " + strings.Repeat(" ", 50) + "^",
		},
		{
			"títlé: a\nserver: {présent: []}\n",
			"scenarios/trust/a.yaml:1:1: unknown key \"títlé\" (did you mean \"title\"?)\n" +
				"  1 | títlé: a\n" +
				"    | ^\n" +
				"scenarios/trust/a.yaml:2:10: unknown key \"présent\" in server (did you mean \"present\"?)\n" +
				"  2 | server: {présent: []}\n" +
				"    |          ^",
		},
	} {
		_, err := Parse("scenarios/trust/a.yaml", []byte(test.text))
		if fmt.Sprint(err) != test.want {
			t.Errorf("got:\n%v\nwant:\n%s", err, test.want)
		}
	}
}

func TestErrorsAreManyButNotEndless(t *testing.T) {
	var b strings.Builder
	for i := range 400 {
		fmt.Fprintf(&b, "key%d: 1\n", i)
	}
	_, err := Parse("a.yaml", []byte(b.String()))
	var errs Errors
	if !errors.As(err, &errs) || len(errs) != maxErrors {
		t.Errorf("got %d errors, want %d", len(errs), maxErrors)
	}
	var one *Error
	if !errors.As(err, &one) || one.Line != 1 {
		t.Errorf("errors.As finds no single error: %+v", one)
	}
}
