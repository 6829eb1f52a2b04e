package scenario

import (
	"errors"
	"fmt"
	"strconv"

	"shakedown/harness/fault"
	"shakedown/harness/tlswire"
)

// These are the words for what is rewritten inside the encryption.

// reversed and damaged are the words for a chain that is turned round, and for a
// signature of which a bit is flipped.
const (
	reversed = "reversed"
	damaged  = "damaged"
)

var rewriteModes = []string{string(fault.Tamper), string(fault.Impersonate)}

// schemeWords are the signature schemes that a message can name.
var schemeWords = tlswire.SignatureSchemeNames()

// allSuites are the cipher suites that a hello can name.
var allSuites = tlswire.CipherSuiteNames()

var rewriteShape = &shape{
	kind: objectShape,
	doc:  "Change a handshake message inside its protection. Several keys act together.",
	keys: []key{
		{"certificates", &shape{
			kind: eitherShape, doc: "The list of certificates of a Certificate: these entities', none at all, or its own in the other order.",
			options: []*shape{entityList("The entities whose certificates it holds then."), {words: []string{reversed}, noun: "order"}},
		}},
		{"signature", &shape{words: []string{damaged}, noun: "change", doc: "damaged: a bit of the last byte is flipped, of a signature or of a Finished."}},
		{"random", &shape{doc: "The random of a hello: 32 bytes in hexadecimal.", syntax: exactBytes(32), pattern: `^([0-9A-Fa-f]{2} ?){32}$`}},
		{"session_id", &shape{doc: "The legacy session id of a hello, in hexadecimal; \"\" for an empty one.", syntax: atMostBytes(32), pattern: `^([0-9A-Fa-f]{2} ?){0,32}$`}},
		{"suites", &shape{kind: listShape, elem: &shape{words: allSuites, noun: "cipher suite"}, least: 1, doc: "The cipher suites that a ClientHello offers, or the one that a ServerHello chooses."}},
		{"groups", &shape{kind: listShape, elem: &shape{words: groupWords(), noun: "group"}, least: 1, doc: "The groups that a ClientHello offers in supported_groups."}},
		{"schemes", &shape{kind: listShape, elem: &shape{words: schemeWords, noun: "signature scheme"}, least: 1, doc: "The signature schemes in the signature_algorithms of a ClientHello or a CertificateRequest (TLS 1.3)."}},
		{"server_name", &shape{doc: "The server name in a ClientHello; \"\" takes the extension out.", syntax: serverName}},
		{"alpn", list(&shape{syntax: protocolName}, "The application protocols in a ClientHello, or the one in EncryptedExtensions or ServerHello. An empty list takes the extension out.")},
		{"extension", &shape{
			kind: objectShape, doc: "Set an extension, or take it out.",
			keys: []key{
				{"type", &shape{kind: integerShape, doc: "Its number in the registry.", syntax: between("type", 0, 65535)}},
				{"data", &shape{doc: "What it holds, in hexadecimal.", syntax: atMostBytes(maxInjected), pattern: `^([0-9A-Fa-f]{2} ?)*$`}},
				{"remove", onlyTrue("Take it out.")},
			},
		}},
		{"append", &shape{doc: "Bytes behind the message's last field, in hexadecimal.", syntax: hexBytes, pattern: `^([0-9A-Fa-f]{2} ?)+$`}},
		{"insert", &shape{doc: "Handshake messages to put in front of it, in hexadecimal: of each its type, three bytes of length, and so many bytes.", syntax: wholeMessages, pattern: `^([0-9A-Fa-f]{2} ?)+$`}},
		{"remove", onlyTrue("Take the message out.")},
		{"duplicate", onlyTrue("Send the message twice.")},
	},
}

var modeShape = &shape{
	words: rewriteModes, noun: "mode",
	doc: "tamper: nothing is repaired, and the victim fails at its next check. impersonate: signatures and both Finished are made again with the scenario's own keys, so that each side meets a stack that really behaves so (TLS 1.3). Default: tamper.",
}

// wholeMessages accepts handshake messages without a byte too many.
func wholeMessages(s string) error {
	if err := hexBytes(s); err != nil {
		return err
	}
	b, _ := parseHex(s)
	for rest := b; len(rest) > 0; {
		n, known := tlswire.HandshakeLen(rest)
		if !known || n > len(rest) {
			return fmt.Errorf("%q is no sequence of whole handshake messages: the last one is cut short", s)
		}
		rest = rest[n:]
	}
	return nil
}

func exactBytes(n int) func(string) error {
	return func(s string) error {
		if b, err := parseHex(s); err != nil || len(b) != n {
			return fmt.Errorf("%q is not %d bytes in hexadecimal", s, n)
		}
		return nil
	}
}

func atMostBytes(n int) func(string) error {
	return func(s string) error {
		b, err := parseHex(s)
		switch {
		case err != nil:
			return fmt.Errorf("%q is no hexadecimal number of whole bytes", s)
		case len(b) > n:
			return errors.New("at most " + strconv.Itoa(n) + " bytes fit there")
		}
		return nil
	}
}
