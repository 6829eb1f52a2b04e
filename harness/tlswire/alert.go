package tlswire

import (
	"fmt"
	"strconv"
	"strings"

	"shakedown/harness/field"
)

// An Alert is one alert (RFC 8446 6).
type Alert struct {
	// Level is 1 for a warning and 2 for fatal. TLS 1.3 ignores it.
	Level uint8
	Code  uint8
}

// The alerts that mutual TLS ends in most.
const (
	AlertCloseNotify            uint8 = 0
	AlertUnexpectedMessage      uint8 = 10
	AlertBadRecordMAC           uint8 = 20
	AlertHandshakeFailure       uint8 = 40
	AlertBadCertificate         uint8 = 42
	AlertUnsupportedCertificate uint8 = 43
	AlertCertificateRevoked     uint8 = 44
	AlertCertificateExpired     uint8 = 45
	AlertCertificateUnknown     uint8 = 46
	AlertIllegalParameter       uint8 = 47
	AlertUnknownCA              uint8 = 48
	AlertAccessDenied           uint8 = 49
	AlertDecodeError            uint8 = 50
	AlertDecryptError           uint8 = 51
	AlertProtocolVersion        uint8 = 70
	AlertInternalError          uint8 = 80
	AlertMissingExtension       uint8 = 109
	AlertCertificateRequired    uint8 = 116
	AlertNoApplicationProtocol  uint8 = 120
)

// alerts is IANA's registry "TLS Alerts", with what each tells somebody whose
// handshake has failed.
var alerts = []struct {
	code          uint8
	name, meaning string
}{
	{0, "close_notify", "The sender has nothing more to send: an orderly end."},
	{10, "unexpected_message", "A message came that must not come at this point: a stack that mixes up its states, or something on the path that dropped or repeated a message."},
	{20, "bad_record_mac", "A record could not be decrypted: it was changed on the way, or the sides hold different keys. A plaintext alert from a peer that has already switched to encryption ends here as well."},
	{21, "decryption_failed", "A record could not be decrypted (TLS 1.0; not sent any more)."},
	{22, "record_overflow", "A record was longer than allowed."},
	{30, "decompression_failure", "A record could not be decompressed."},
	{40, "handshake_failure", "No common ground: no shared cipher suite, group or signature scheme, or in TLS 1.2 also a client certificate that was demanded and not sent."},
	{41, "no_certificate", "The client has no certificate (SSL 3.0 only)."},
	{42, "bad_certificate", "The certificate was refused, without saying why; some stacks use it for every certificate that they refuse."},
	{43, "unsupported_certificate", "The certificate is of a kind that the sender cannot use: its key type, signature algorithm or usage."},
	{44, "certificate_revoked", "The issuer has revoked the certificate."},
	{45, "certificate_expired", "The certificate has expired or is not valid yet; the clock of the sender decides."},
	{46, "certificate_unknown", "The certificate was refused for another reason that the sender does not name."},
	{47, "illegal_parameter", "A field holds a value that it must not have, or that contradicts another."},
	{48, "unknown_ca", "The chain does not lead to a CA that the sender trusts: the root is not installed there, or an intermediate certificate was not sent."},
	{49, "access_denied", "The certificate is valid but the sender's access rules refuse who it names."},
	{50, "decode_error", "A message could not be read: a length is wrong or a field is out of range."},
	{51, "decrypt_error", "A signature or Finished did not verify: the private key is not that of the certificate, or the handshake was changed on the way."},
	{52, "too_many_cids_requested", "More connection ids were asked for than the sender gives (DTLS)."},
	{60, "export_restriction", "A key length that export rules forbade (not sent any more)."},
	{70, "protocol_version", "The sender supports none of the offered protocol versions."},
	{71, "insufficient_security", "There is a common cipher suite or key, and the sender holds it to be too weak."},
	{80, "internal_error", "The sender failed for a reason of its own, such as a lack of memory: its log has the reason."},
	{86, "inappropriate_fallback", "The client came down from a newer version that the server does support."},
	{90, "user_canceled", "The sender's user or application gave up."},
	{100, "no_renegotiation", "The sender will not renegotiate."},
	{109, "missing_extension", "An extension that must be there was not: on QUIC often quic_transport_parameters, in TLS 1.3 signature_algorithms or supported_groups."},
	{110, "unsupported_extension", "An extension came that was not asked for or is not allowed in that message."},
	{111, "certificate_unobtainable", "A certificate could not be fetched from the URL that was given in its place."},
	{112, "unrecognized_name", "The server has no configuration for the name in server_name."},
	{113, "bad_certificate_status_response", "The stapled OCSP response was missing, invalid, or says that the certificate is revoked."},
	{114, "bad_certificate_hash_value", "A certificate does not match the hash that was given for it."},
	{115, "unknown_psk_identity", "The server knows no such pre-shared key."},
	{116, "certificate_required", "The server demands a client certificate, and the client's Certificate was empty."},
	{117, "general_error", "An error that no other alert names."},
	{120, "no_application_protocol", "Client and server have no application protocol (ALPN) in common."},
	{121, "ech_required", "The client wants Encrypted ClientHello and the server did not accept it."},
}

// AlertName returns the name of an alert ("bad_certificate").
func AlertName(code uint8) string {
	for i := range alerts {
		if alerts[i].code == code {
			return alerts[i].name
		}
	}
	return "alert " + strconv.Itoa(int(code))
}

// AlertCode returns the code of an alert name, in whatever case.
func AlertCode(name string) (uint8, bool) {
	for i := range alerts {
		if strings.EqualFold(alerts[i].name, name) {
			return alerts[i].code, true
		}
	}
	return 0, false
}

// AlertMeaning returns one sentence on what an alert tells, empty for an alert
// that is not registered.
func AlertMeaning(code uint8) string {
	for i := range alerts {
		if alerts[i].code == code {
			return alerts[i].meaning
		}
	}
	return ""
}

// ParseAlert reads the content of an alert record.
func ParseAlert(b []byte) (Alert, error) {
	if len(b) != 2 {
		return Alert{}, fmt.Errorf("parse alert: it is %d bytes long instead of 2", len(b))
	}
	return Alert{Level: b[0], Code: b[1]}, nil
}

// Name returns the alert's name.
func (a Alert) Name() string { return AlertName(a.Code) }

// AlertFields returns the field tree of an alert record's content, in the same
// manner as [MessageFields].
func AlertFields(raw []byte, buffer string) []field.Field {
	t := newTree(buffer, 0)
	t.push(&alertSpec, 0)
	read := 0
	if len(raw) >= 2 {
		read = 2
		t.leaf(&alertLevelSpec, 0, raw[:1])
		t.leaf(&alertCodeSpec, 1, raw[1:2])
	}
	if _, err := ParseAlert(raw); err != nil {
		t.unparsed(read, len(raw), &SyntaxError{
			Message: "alert", Field: "length", Reason: fmt.Sprintf("it is %d bytes long instead of 2", len(raw)),
		})
	}
	t.pop(len(raw))
	return t.done()
}

var (
	alertSpec      = spec{label: "Alert", section: "RFC 8446 6"}
	alertLevelSpec = spec{
		label: "level", section: "RFC 8446 6", quiet: true,
		value: name8(func(l uint8) string {
			switch l {
			case 1:
				return "warning (1)"
			case 2:
				return "fatal (2)"
			}
			return strconv.Itoa(int(l))
		}),
		meaning: "TLS 1.3 ignores the level: every alert but close_notify and user_canceled ends the connection.",
	}
	alertCodeSpec = spec{
		label: "description", section: "RFC 8446 6",
		value:   name8(func(c uint8) string { return AlertName(c) + " (" + strconv.Itoa(int(c)) + ")" }),
		explain: func(b []byte) string { return AlertMeaning(b[0]) },
		meaning: "An alert that is not registered; TLS treats it as an error.",
	}
)
