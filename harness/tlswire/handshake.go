package tlswire

import (
	"strconv"
	"sync"
)

// A HandshakeType is the type of a handshake message (RFC 8446 B.3, RFC 5246 7.4).
type HandshakeType uint8

// The handshake types, under their RFC's names.
const (
	TypeHelloRequest          HandshakeType = 0
	TypeClientHello           HandshakeType = 1
	TypeServerHello           HandshakeType = 2
	TypeHelloVerifyRequest    HandshakeType = 3
	TypeNewSessionTicket      HandshakeType = 4
	TypeEndOfEarlyData        HandshakeType = 5
	typeHelloRetryRequest     HandshakeType = 6 // of the drafts of TLS 1.3
	TypeEncryptedExtensions   HandshakeType = 8
	typeRequestConnectionID   HandshakeType = 9  // DTLS 1.3
	typeNewConnectionID       HandshakeType = 10 // DTLS 1.3
	TypeCertificate           HandshakeType = 11
	TypeServerKeyExchange     HandshakeType = 12
	TypeCertificateRequest    HandshakeType = 13
	TypeServerHelloDone       HandshakeType = 14
	TypeCertificateVerify     HandshakeType = 15
	TypeClientKeyExchange     HandshakeType = 16
	typeClientCertRequest     HandshakeType = 17
	TypeFinished              HandshakeType = 20
	TypeCertificateURL        HandshakeType = 21
	TypeCertificateStatus     HandshakeType = 22
	TypeSupplementalData      HandshakeType = 23
	TypeKeyUpdate             HandshakeType = 24
	TypeCompressedCertificate HandshakeType = 25
	typeEKTKey                HandshakeType = 26
	TypeNextProtocol          HandshakeType = 67 // NPN, before ALPN
	TypeMessageHash           HandshakeType = 254
)

// String returns the RFC's name of the type. A HelloRetryRequest has the type
// of a ServerHello.
func (t HandshakeType) String() string {
	switch t {
	case TypeHelloRequest:
		return "HelloRequest"
	case TypeClientHello:
		return "ClientHello"
	case TypeServerHello:
		return "ServerHello"
	case TypeHelloVerifyRequest:
		return "HelloVerifyRequest"
	case TypeNewSessionTicket:
		return "NewSessionTicket"
	case TypeEndOfEarlyData:
		return "EndOfEarlyData"
	case TypeEncryptedExtensions:
		return "EncryptedExtensions"
	case TypeCertificate:
		return "Certificate"
	case TypeServerKeyExchange:
		return "ServerKeyExchange"
	case TypeCertificateRequest:
		return "CertificateRequest"
	case TypeServerHelloDone:
		return "ServerHelloDone"
	case TypeCertificateVerify:
		return "CertificateVerify"
	case TypeClientKeyExchange:
		return "ClientKeyExchange"
	case TypeFinished:
		return "Finished"
	case TypeCertificateURL:
		return "CertificateURL"
	case TypeCertificateStatus:
		return "CertificateStatus"
	case TypeSupplementalData:
		return "SupplementalData"
	case TypeKeyUpdate:
		return "KeyUpdate"
	case TypeCompressedCertificate:
		return "CompressedCertificate"
	case TypeMessageHash:
		return "message_hash"
	case TypeNextProtocol:
		return "NextProtocol"
	case typeHelloRetryRequest:
		return "HelloRetryRequest (draft)"
	case typeRequestConnectionID:
		return "RequestConnectionId"
	case typeNewConnectionID:
		return "NewConnectionId"
	case typeClientCertRequest:
		return "ClientCertificateRequest"
	case typeEKTKey:
		return "EKTKey"
	}
	return "handshake type " + strconv.Itoa(int(t))
}

// A Message is one handshake message. Its byte slices are parts of what was
// parsed: they live as long as that, and nobody may change them.
type Message interface {
	// Type returns the type on the wire.
	Type() HandshakeType
	// Name returns the RFC's name, which tells a HelloRetryRequest from a
	// ServerHello.
	Name() string

	read(r *reader)
}

// headerLen is the size of a handshake message's header: a type and a 24-bit length.
const headerLen = 4

// HandshakeLen returns the size of the handshake message that starts b, header
// included, and whether b holds as much as its header. The message itself may
// still be incomplete.
func HandshakeLen(b []byte) (int, bool) {
	if len(b) < headerLen {
		return 0, false
	}
	return headerLen + int(value(b[1:headerLen])), true
}

// ParseHandshake reads one whole handshake message, header included.
//
// Version is the negotiated version, or 0 where it is not known yet. It decides
// the layout of Certificate, CertificateRequest, CertificateVerify and
// NewSessionTicket; for 0 their lengths do.
//
// Where a message is malformed, the error is a [*SyntaxError] and the message
// holds what could be read; the message is nil only if raw is empty.
func ParseHandshake(raw []byte, version uint16) (Message, error) {
	m, err := parse(raw, version, nil)
	if err != nil {
		return m, err
	}
	return m, nil
}

// parse reads raw, and describes it in t unless that is nil.
func parse(raw []byte, version uint16, t *tree) (Message, *SyntaxError) {
	if len(raw) == 0 {
		return nil, &SyntaxError{Message: "handshake message", Field: "msg_type", Reason: "there are no bytes"}
	}
	m := newMessage(raw)
	r := readers.Get().(*reader)
	defer r.free()
	*r = reader{raw: raw, end: len(raw), message: m, version: version, tree: t}
	if t != nil {
		t.push(&messageSpec, 0)
	}
	r.uint8(&typeSpec)
	start := r.pos
	if b, ok := r.take(3, &messageLengthSpec); ok {
		r.body(start, int(value(b)))
	}
	if !r.bad && r.pos < r.end {
		r.fail(&messageSpec, r.pos, "%d bytes follow the end of the message", r.end-r.pos)
	}
	r.giveUp()
	if t != nil {
		section, meaning := aboutMessage(m, version)
		t.describe(m.Name(), meaning, section)
		t.pop(len(raw))
	}
	return m, r.err
}

// body reads a message's body, whose length of n bytes is written at start. Of a
// message that was cut off it reads what is there.
func (r *reader) body(start, n int) {
	end, here := r.end, r.end-r.pos
	r.end = r.pos + min(n, here)
	r.message.read(r)
	switch {
	case !r.bad && r.pos < r.end:
		r.fail(&messageSpec, r.pos, "%d bytes are left over", r.end-r.pos)
	case n > here && r.err == nil:
		r.fail(&messageLengthSpec, start, "says %d bytes, %d follow", n, here)
	}
	r.giveUp()
	r.end, r.bad = end, false
}

// newMessage returns an empty message of the type that raw starts with.
func newMessage(raw []byte) Message {
	switch t := HandshakeType(raw[0]); t {
	case TypeHelloRequest:
		return &HelloRequest{}
	case TypeClientHello:
		return &ClientHello{}
	case TypeServerHello:
		return &ServerHello{}
	case TypeNewSessionTicket:
		return &NewSessionTicket{}
	case TypeEndOfEarlyData:
		return &EndOfEarlyData{}
	case TypeEncryptedExtensions:
		return &EncryptedExtensions{}
	case TypeCertificate:
		return &Certificate{}
	case TypeServerKeyExchange:
		return &ServerKeyExchange{}
	case TypeCertificateRequest:
		return &CertificateRequest{}
	case TypeServerHelloDone:
		return &ServerHelloDone{}
	case TypeCertificateVerify:
		return &CertificateVerify{}
	case TypeClientKeyExchange:
		return &ClientKeyExchange{}
	case TypeFinished:
		return &Finished{}
	case TypeCertificateStatus:
		return &CertificateStatus{}
	case TypeKeyUpdate:
		return &KeyUpdate{}
	case TypeCompressedCertificate:
		return &CompressedCertificate{}
	case TypeNextProtocol:
		return &NextProtocol{}
	default:
		return &UnknownMessage{MessageType: t}
	}
}

// typeName writes a handshake type with its number.
func typeName(t uint8) string { return typeNames()[t] }

// typeNames are made once: every message begins with one.
var typeNames = sync.OnceValue(func() *[256]string {
	var list [256]string
	for t := range list {
		list[t] = HandshakeType(t).String() + " (" + strconv.Itoa(t) + ")"
	}
	return &list
})

var (
	messageSpec       = spec{label: "message", section: "RFC 8446 4", section12: "RFC 5246 7.4", bare: true}
	typeSpec          = spec{label: "msg_type", section: "RFC 8446 4", section12: "RFC 5246 7.4", value: name8(typeName)}
	messageLengthSpec = spec{label: "length", section: "RFC 8446 4", section12: "RFC 5246 7.4", value: number, quiet: true}
)
