package tlswire

import (
	"fmt"
	"strconv"

	"shakedown/harness/field"
)

// An SSLv2Hello is a ClientHello in the form of SSL 2.0, which clients once sent
// to offer SSL 3.0 or TLS to servers that might know neither (RFC 5246 E.2). "TLS
// servers [...] MUST NOT" accept it any more (RFC 6176 3).
type SSLv2Hello struct {
	// Version is the highest that the client offers.
	Version uint16
	// CipherSpecs are three bytes each: a cipher suite of TLS behind a zero, or
	// one of SSL 2.0's own.
	CipherSpecs          []uint32
	SessionID, Challenge []byte
}

// LooksLikeSSLv2Hello says whether b can be the start of a ClientHello in the form
// of SSL 2.0: a two-byte header with its highest bit set, the type, and a version.
func LooksLikeSSLv2Hello(b []byte) bool {
	return len(b) > 4 && b[0]&0x80 != 0 && b[2] == 1 && (b[3] == 3 && b[4] <= 4 || b[3] == 0 && b[4] == 2)
}

// ParseSSLv2Hello reads a ClientHello in the form of SSL 2.0, header included.
func ParseSSLv2Hello(raw []byte) (*SSLv2Hello, error) {
	m, err := parseSSLv2Hello(raw, nil)
	if err != nil {
		return m, err
	}
	return m, nil
}

// SSLv2HelloFields returns the field tree of a ClientHello in the form of SSL
// 2.0, in the manner of [MessageFields].
func SSLv2HelloFields(raw []byte, buffer string) []field.Field {
	if len(raw) == 0 {
		return nil
	}
	t := newTree(buffer, 0)
	_, _ = parseSSLv2Hello(raw, t)
	return t.done()
}

func parseSSLv2Hello(raw []byte, t *tree) (*SSLv2Hello, *SyntaxError) {
	m := &SSLv2Hello{}
	r := &reader{raw: raw, end: len(raw), message: &UnknownMessage{MessageType: TypeClientHello}, tree: t}
	r.group(&sslv2Spec)
	m.read(r)
	if !r.bad && r.pos < r.end {
		r.fail(&sslv2Spec, r.pos, "%d bytes follow the end of the message", r.end-r.pos)
	}
	r.giveUp()
	r.endGroup()
	return m, r.err
}

func (m *SSLv2Hello) read(r *reader) {
	length := int(r.uint16(&sslv2LengthSpec)) & 0x7fff
	switch left := r.end - r.pos; {
	case r.bad:
		return
	case length > left:
		r.complain(&sslv2LengthSpec, 0, "length %d exceeds the %d bytes that are left", length, left)
	default:
		outer := r.end
		r.end = r.pos + length
		defer func() {
			if !r.bad && r.pos < r.end {
				r.fail(&sslv2Spec, r.pos, "%d bytes are left over", r.end-r.pos)
			}
			r.giveUp()
			r.end, r.bad = outer, false
		}()
	}
	r.uint8(&sslv2TypeSpec)
	m.Version = r.uint16(&sslv2VersionSpec)
	specs := int(r.uint16(&sslv2SpecsLengthSpec))
	id := int(r.uint16(&sslv2IDLengthSpec))
	challenge := int(r.uint16(&sslv2ChallengeLengthSpec))
	if !r.bad && specs > r.end-r.pos {
		r.fail(&sslv2SpecsSpec, r.pos, "needs %d bytes, %d are left", specs, r.end-r.pos)
	}
	if specs > 0 && !r.bad {
		r.group(&sslv2SpecsSpec)
		for end := r.pos + specs; r.pos < end; {
			if b, ok := r.take(min(3, end-r.pos), &sslv2CipherSpec); ok {
				m.CipherSpecs = append(m.CipherSpecs, uint32(value(b)))
			}
		}
		r.endGroup()
	}
	if id > 0 {
		m.SessionID, _ = r.take(id, &sslv2IDSpec)
	}
	m.Challenge, _ = r.take(challenge, &sslv2ChallengeSpec)
}

// Summary says in a line what the client offers.
func (m *SSLv2Hello) Summary() string {
	return fmt.Sprintf("offers up to %s in the form of SSL 2.0, %s", sslVersionName(m.Version), field.Count(len(m.CipherSpecs), "cipher spec"))
}

func sslVersionName(v uint16) string {
	if v == 2 {
		return "SSL 2.0"
	}
	return VersionName(v)
}

// sslv2CipherName names a cipher spec of SSL 2.0, or the cipher suite that is
// written as one.
func sslv2CipherName(b []byte) string {
	switch code := value(b); {
	case len(b) < 3:
		return hexText(b)
	case code <= 0xffff:
		return CipherSuiteName(uint16(code))
	default:
		for _, c := range sslv2Ciphers {
			if c.code == uint32(code) {
				return c.name
			}
		}
	}
	return "0x" + strconv.FormatUint(value(b), 16)
}

// sslv2Ciphers are SSL 2.0's own cipher specs (draft-hickman-netscape-ssl C.4).
var sslv2Ciphers = []struct {
	code uint32
	name string
}{
	{0x010080, "SSL_CK_RC4_128_WITH_MD5"},
	{0x020080, "SSL_CK_RC4_128_EXPORT40_WITH_MD5"},
	{0x030080, "SSL_CK_RC2_128_CBC_WITH_MD5"},
	{0x040080, "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5"},
	{0x050080, "SSL_CK_IDEA_128_CBC_WITH_MD5"},
	{0x060040, "SSL_CK_DES_64_CBC_WITH_MD5"},
	{0x0700c0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"},
}

var (
	sslv2Spec = spec{
		label: "SSLv2 ClientHello", section: "RFC 5246 E.2", bare: true,
		meaning: "A ClientHello in the form of SSL 2.0, as clients sent it twenty years ago; servers of today refuse it, most without an alert.",
	}
	sslv2LengthSpec = spec{
		label: "msg_length", section: "RFC 5246 E.2",
		value:   func(b []byte) string { return strconv.FormatUint(value(b)&0x7fff, 10) },
		meaning: "The highest bit marks the form; the others are the length of what follows.",
	}
	sslv2TypeSpec    = spec{label: "msg_type", section: "RFC 5246 E.2", value: name8(typeName)}
	sslv2VersionSpec = spec{
		label: "version", section: "RFC 5246 E.2", value: name16(sslVersionName), coded: true,
		meaning: "The highest version that the client offers.",
	}
	sslv2SpecsLengthSpec     = spec{label: "cipher_spec_length", section: "RFC 5246 E.2", value: number}
	sslv2IDLengthSpec        = spec{label: "session_id_length", section: "RFC 5246 E.2", value: number, meaning: "0 in a hello that offers SSL 3.0 or TLS."}
	sslv2ChallengeLengthSpec = spec{label: "challenge_length", section: "RFC 5246 E.2", value: number}
	sslv2SpecsSpec           = spec{label: "cipher_specs", section: "RFC 5246 E.2"}
	sslv2CipherSpec          = spec{label: "cipher_spec", section: "RFC 5246 E.2", value: sslv2CipherName, coded: true}
	sslv2IDSpec              = spec{label: "session_id", section: "RFC 5246 E.2"}
	sslv2ChallengeSpec       = spec{label: "challenge", section: "RFC 5246 E.2", meaning: "The client's random, filled up with zeros in front to 32 bytes."}
)
