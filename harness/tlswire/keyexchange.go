package tlswire

import "strconv"

// A ServerKeyExchange is the server's signed key share in TLS 1.2 (RFC 5246
// 7.4.3, RFC 8422 5.4), or, with a pre-shared key, its unsigned one (RFC 4279,
// RFC 5489).
type ServerKeyExchange struct {
	// IdentityHint helps the client choose its pre-shared key, nil without one.
	IdentityHint []byte
	// CurveType is 3 (named_curve) for ECDHE, and 0 for finite-field DHE.
	CurveType uint8
	// Group is the curve of ECDHE.
	Group uint16
	// Prime and Generator are the parameters of finite-field DHE.
	Prime, Generator []byte
	PublicKey        []byte
	// Scheme and Signature are absent from an anonymous exchange.
	Scheme    SignatureScheme
	Signature []byte
}

// Type returns TypeServerKeyExchange.
func (*ServerKeyExchange) Type() HandshakeType { return TypeServerKeyExchange }

// Name returns "ServerKeyExchange".
func (*ServerKeyExchange) Name() string { return "ServerKeyExchange" }

// namedCurve is the only ECCurveType that is left (RFC 8422 5.4).
const namedCurve = 3

// read tells the layouts apart by their lengths: the cipher suite decides, and
// the message does not repeat it.
func (m *ServerKeyExchange) read(r *reader) {
	switch exchangeOf(r.left(), r.version) {
	case finiteField:
		m.readFiniteField(r)
	case pskHint:
		m.IdentityHint = r.opaque(2, &identityHintSpec, &textSpec)
	case pskFiniteField:
		m.IdentityHint = r.opaque(2, &identityHintSpec, &textSpec)
		m.readFiniteField(r)
	case pskCurve:
		m.IdentityHint = r.opaque(2, &identityHintSpec, &textSpec)
		m.readCurve(r)
	default:
		m.readCurve(r)
	}
	if !r.more() {
		return
	}
	if r.version == 0 || r.version >= VersionTLS12 {
		m.Scheme = SignatureScheme(r.uint16(&exchangeSchemeSpec))
	}
	m.Signature = r.opaque(2, &exchangeSignatureSpec, &contentSpec)
}

func (m *ServerKeyExchange) readFiniteField(r *reader) {
	m.Prime = r.opaque(2, &dhPrimeSpec, &contentSpec)
	m.Generator = r.opaque(2, &dhGeneratorSpec, &contentSpec)
	m.PublicKey = r.opaque(2, &dhPublicSpec, &contentSpec)
}

func (m *ServerKeyExchange) readCurve(r *reader) {
	m.CurveType = r.uint8(&curveTypeSpec)
	if !r.bad && m.CurveType != namedCurve {
		r.fail(&curveTypeSpec, r.pos-1, "%d is not named_curve (3), and the message is no finite-field exchange either", m.CurveType)
		return
	}
	m.Group = r.uint16(&namedCurveSpec)
	m.PublicKey = r.opaque(1, &pointSpec, &contentSpec)
}

// An exchange is a layout of ServerKeyExchange.
type exchange int

const (
	curve          exchange = iota // ECDHE, and what is none of the others
	finiteField                    // DHE
	pskHint                        // PSK and RSA_PSK (RFC 4279 2 and 4)
	pskFiniteField                 // DHE_PSK (RFC 4279 3)
	pskCurve                       // ECDHE_PSK (RFC 5489 2)
)

// exchangeOf tells which layout fills a message to the byte.
func exchangeOf(body []byte, version uint16) exchange {
	if len(body) >= 4 && body[0] == namedCurve {
		if rest := body[min(len(body), 4+int(body[3])):]; isSignature(rest, version) || len(rest) == 0 && len(body) == 4+int(body[3]) {
			return curve
		}
	}
	after := func(b []byte) []byte { // what follows the vector that b begins with, nil if there is none
		if len(b) < 2 || len(b)-2 < int(value(b[:2])) {
			return nil
		}
		return b[2+int(value(b[:2])):]
	}
	first := after(body)
	var third []byte
	if len(first) > 0 {
		if second := after(first); second != nil {
			third = after(second)
		}
	}
	switch {
	case first == nil:
		return curve
	case len(first) == 0:
		return pskHint
	case len(first) >= 4 && first[0] == namedCurve && len(first) == 4+int(first[3]):
		return pskCurve
	case third == nil:
		return curve
	case isSignature(third, version) && value(body[:2]) > 0:
		return finiteField
	}
	if fourth := after(third); fourth != nil && len(fourth) == 0 {
		return pskFiniteField
	}
	return curve
}

// isSignature says that b is the end of a ServerKeyExchange: nothing, if the
// exchange is anonymous, or a signature, which names its scheme since TLS 1.2.
func isSignature(b []byte, version uint16) bool {
	if len(b) == 0 {
		return true
	}
	scheme := 2
	if version != 0 && version < VersionTLS12 {
		scheme = 0
	}
	return len(b) >= scheme+2 && int(value(b[scheme:scheme+2])) == len(b)-scheme-2
}

// A ClientKeyExchange is the client's key share in TLS 1.2 (RFC 5246 7.4.7,
// RFC 8422 5.7).
type ClientKeyExchange struct {
	// Exchange is the client's public value, or the premaster secret encrypted
	// to the server's RSA key, without its length. Of a client that only names
	// a pre-shared key it is the name: the layout is the same.
	Exchange []byte
	// Identity names the pre-shared key, where a public value follows it.
	Identity []byte
}

// Type returns TypeClientKeyExchange.
func (*ClientKeyExchange) Type() HandshakeType { return TypeClientKeyExchange }

// Name returns "ClientKeyExchange".
func (*ClientKeyExchange) Name() string { return "ClientKeyExchange" }

// read tells the layouts apart by their lengths: the cipher suite decides, and
// the message does not repeat it.
func (m *ClientKeyExchange) read(r *reader) {
	body := r.left()
	switch {
	case len(body) >= 2 && int(body[0]) == len(body)-1:
		m.Exchange = r.opaque(1, &clientPointSpec, &contentSpec)
	case len(body) >= 2 && int(value(body[:2])) == len(body)-2:
		m.Exchange = r.opaque(2, &clientExchangeSpec, &contentSpec)
	case len(body) >= 3 && int(value(body[:2])) < len(body)-3:
		// A pre-shared key and a public value (RFC 4279 3 and 4, RFC 5489 2).
		switch rest := body[2+int(value(body[:2])):]; {
		case int(rest[0]) == len(rest)-1:
			m.Identity = r.opaque(2, &identityNameSpec, &textSpec)
			m.Exchange = r.opaque(1, &clientPointSpec, &contentSpec)
		case int(value(rest[:2])) == len(rest)-2:
			m.Identity = r.opaque(2, &identityNameSpec, &textSpec)
			m.Exchange = r.opaque(2, &clientExchangeSpec, &contentSpec)
		default:
			m.Exchange = r.rest(&clientExchangeSpec)
		}
	default:
		m.Exchange = r.rest(&clientExchangeSpec)
	}
}

// A ServerHelloDone ends the server's first flight in TLS 1.2 (RFC 5246 7.4.5).
type ServerHelloDone struct{}

// Type returns TypeServerHelloDone.
func (*ServerHelloDone) Type() HandshakeType { return TypeServerHelloDone }

// Name returns "ServerHelloDone".
func (*ServerHelloDone) Name() string { return "ServerHelloDone" }

func (*ServerHelloDone) read(*reader) {}

var (
	curveTypeSpec = spec{
		label: "curve_type", section: "RFC 8422 5.4", quiet: true,
		value: name8(func(t uint8) string {
			if t == namedCurve {
				return "named_curve"
			}
			return strconv.Itoa(int(t))
		}),
	}
	namedCurveSpec = spec{
		label: "namedcurve", section: "RFC 8422 5.4", value: name16(GroupName), coded: true,
		meaning: "The group that the server has chosen from the client's supported_groups.",
	}
	pointSpec = spec{
		label: "public", section: "RFC 8422 5.4", least: 1, quiet: true,
		meaning: "The server's public value for the key exchange.",
	}
	identityHintSpec = spec{
		label: "psk_identity_hint", section: "RFC 4279 2",
		meaning: "Helps the client choose its pre-shared key; with such a key there is no certificate from the server, unless RSA_PSK was chosen.",
	}
	identityNameSpec = spec{
		label: "psk_identity", section: "RFC 4279 2",
		meaning: "The name of the pre-shared key that the client uses in place of a certificate.",
	}
	dhPrimeSpec = spec{
		label: "dh_p", section: "RFC 5246 7.4.3", least: 1,
		meaning: "The prime of the finite-field exchange; a peer may refuse one below 2048 bits with insufficient_security.",
	}
	dhGeneratorSpec = spec{label: "dh_g", section: "RFC 5246 7.4.3", least: 1}
	dhPublicSpec    = spec{
		label: "dh_Ys", section: "RFC 5246 7.4.3", least: 1,
		meaning: "The server's public value for the key exchange.",
	}
	exchangeSchemeSpec = spec{
		label: "algorithm", section: "RFC 5246 4.7", value: name16(schemeName), explain: explainScheme, coded: true,
		meaning: "How the signature was made: one of the client's signature_algorithms that fits the server's key.",
	}
	exchangeSignatureSpec = spec{
		label: "signature", section: "RFC 8422 5.4",
		meaning: "Signs both randoms and the server's public value with the key of its certificate: in TLS 1.2 this is how the server proves that it holds the key.",
	}
	clientPointSpec = spec{
		label: "ecdh_Yc", section: "RFC 8422 5.7",
		meaning: "The client's public value for the key exchange.",
	}
	clientExchangeSpec = spec{
		label: "exchange_keys", section: "RFC 5246 7.4.7",
		meaning: "The client's public value, or the premaster secret encrypted to the server's RSA key, or the name of a pre-shared key: the cipher suite decides which.",
	}
)
