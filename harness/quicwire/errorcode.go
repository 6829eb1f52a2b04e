package quicwire

import "fmt"

// CryptoErrorBase is the first of the 256 transport error codes that carry a TLS
// alert: "The TLS alert is converted into a QUIC connection error [...] by adding
// 0x0100" (RFC 9001 4.8).
const CryptoErrorBase = 0x0100

var transportErrors = [...]string{
	"NO_ERROR", "INTERNAL_ERROR", "CONNECTION_REFUSED", "FLOW_CONTROL_ERROR",
	"STREAM_LIMIT_ERROR", "STREAM_STATE_ERROR", "FINAL_SIZE_ERROR", "FRAME_ENCODING_ERROR",
	"TRANSPORT_PARAMETER_ERROR", "CONNECTION_ID_LIMIT_ERROR", "PROTOCOL_VIOLATION", "INVALID_TOKEN",
	"APPLICATION_ERROR", "CRYPTO_BUFFER_EXCEEDED", "KEY_UPDATE_ERROR", "AEAD_LIMIT_REACHED",
	"NO_VIABLE_PATH", "VERSION_NEGOTIATION_ERROR",
}

// TransportErrorName returns the name of a transport error code (RFC 9000 20.1,
// RFC 9368 4), and the code itself where it has no name.
func TransportErrorName(code uint64) string {
	if code < uint64(len(transportErrors)) {
		return transportErrors[code]
	}
	if _, ok := AlertOf(code); ok {
		return "CRYPTO_ERROR"
	}
	return fmt.Sprintf("0x%02x", code)
}

// AlertOf returns the TLS alert that a transport error code carries, and whether
// it carries one (RFC 9001 4.8).
func AlertOf(code uint64) (alert uint8, ok bool) {
	if code < CryptoErrorBase || code > CryptoErrorBase+0xff {
		return 0, false
	}
	return uint8(code - CryptoErrorBase), true
}
