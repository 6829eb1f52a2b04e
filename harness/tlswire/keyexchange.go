package tlswire

import "strconv"

// A ServerKeyExchange is the server's signed key share in TLS 1.2 (RFC 5246
// 7.4.3, RFC 8422 5.4).
type ServerKeyExchange struct {
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

func (m *ServerKeyExchange) read(r *reader) {
	if isFiniteField(r.left()) {
		m.Prime = r.opaque(2, &dhPrimeSpec, &contentSpec)
		m.Generator = r.opaque(2, &dhGeneratorSpec, &contentSpec)
		m.PublicKey = r.opaque(2, &dhPublicSpec, &contentSpec)
	} else {
		m.CurveType = r.uint8(&curveTypeSpec)
		if !r.bad && m.CurveType != namedCurve {
			r.fail(&curveTypeSpec, r.pos-1, "%d is not named_curve (3), and the message is no finite-field exchange either", m.CurveType)
			return
		}
		m.Group = r.uint16(&namedCurveSpec)
		m.PublicKey = r.opaque(1, &pointSpec, &contentSpec)
	}
	if !r.more() {
		return
	}
	if r.version == 0 || r.version >= VersionTLS12 {
		m.Scheme = SignatureScheme(r.uint16(&exchangeSchemeSpec))
	}
	m.Signature = r.opaque(2, &exchangeSignatureSpec, &contentSpec)
}

// isFiniteField tells DHE's layout from ECDHE's. The message does not say which
// it is (the cipher suite does), but three 16-bit vectors and a signature that
// fill it to the byte do.
func isFiniteField(body []byte) bool {
	vector := func() bool {
		if len(body) < 2 || len(body)-2 < int(value(body[:2])) || value(body[:2]) == 0 {
			return false
		}
		body = body[2+int(value(body[:2])):]
		return true
	}
	for range 3 {
		if !vector() {
			return false
		}
	}
	if len(body) == 0 {
		return true
	}
	for _, scheme := range []int{2, 0} {
		if len(body) >= scheme+2 && int(value(body[scheme:scheme+2])) == len(body)-scheme-2 {
			return true
		}
	}
	return false
}

// A ClientKeyExchange is the client's key share in TLS 1.2 (RFC 5246 7.4.7,
// RFC 8422 5.7).
type ClientKeyExchange struct {
	// Exchange is the client's public value, or the premaster secret encrypted
	// to the server's RSA key, without its length.
	Exchange []byte
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
		meaning: "The client's public value, or the premaster secret encrypted to the server's RSA key: the cipher suite decides which.",
	}
)
