package tlswire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"shakedown/harness/field"
)

// A ContentType is the type of a record (RFC 8446 5.1, RFC 5246 6.2.1).
type ContentType uint8

// The content types.
const (
	ChangeCipherSpec ContentType = 20
	AlertType        ContentType = 21
	Handshake        ContentType = 22
	ApplicationData  ContentType = 23
	Heartbeat        ContentType = 24 // RFC 6520
)

// String returns the RFC's name of the type.
func (t ContentType) String() string {
	switch t {
	case ChangeCipherSpec:
		return "change_cipher_spec"
	case AlertType:
		return "alert"
	case Handshake:
		return "handshake"
	case ApplicationData:
		return "application_data"
	case Heartbeat:
		return "heartbeat"
	}
	return fmt.Sprintf("content_type %d", uint8(t))
}

const (
	// RecordHeaderLen is the size of a record's header: type, version, length.
	RecordHeaderLen = 5
	// maxCiphertext is the longest fragment that any version allows.
	//
	//	The length [...] MUST NOT exceed 2^14 + 2048. (RFC 5246 6.2.3)
	//	The length MUST NOT exceed 2^14 + 256 bytes. (RFC 8446 5.2)
	maxCiphertext = 1<<14 + 2048
)

// A Record is one TLSPlaintext or TLSCiphertext. Its slices are parts of the
// bytes that it was read from.
type Record struct {
	Type    ContentType
	Version uint16
	Payload []byte
	// Raw is the whole record, header included.
	Raw []byte
}

// ErrIncompleteRecord says that the bytes begin like a record and end before
// it does. It is an [io.ErrUnexpectedEOF].
var ErrIncompleteRecord = fmt.Errorf("incomplete record: %w", io.ErrUnexpectedEOF)

// ErrNotRecord is what [ParseRecord]'s error wraps where the bytes are no TLS.
var ErrNotRecord = errors.New("no TLS record")

// ParseRecord reads the record at the start of b and returns it with its size.
// The error is [ErrIncompleteRecord] if b ends too early, and wraps
// [ErrNotRecord] if b is something else.
func ParseRecord(b []byte) (Record, int, error) {
	if !LooksLikeRecord(b) {
		return Record{}, 0, fmt.Errorf("%w: it begins with %q", ErrNotRecord, field.Shorten(string(b[:min(len(b), 16)]), 32))
	}
	if len(b) < RecordHeaderLen {
		return Record{}, 0, ErrIncompleteRecord
	}
	n := RecordHeaderLen + int(binary.BigEndian.Uint16(b[3:]))
	if len(b) < n {
		return Record{}, 0, ErrIncompleteRecord
	}
	return Record{
		Type:    ContentType(b[0]),
		Version: binary.BigEndian.Uint16(b[1:]),
		Payload: b[RecordHeaderLen:n:n],
		Raw:     b[:n:n],
	}, n, nil
}

// LooksLikeRecord says whether b can be the start of a record: a known content
// type, a version of SSL 3.0 to TLS 1.3, and a length that a record may have.
// What b is too short to say is taken as fitting.
func LooksLikeRecord(b []byte) bool {
	if len(b) > 0 && (b[0] < byte(ChangeCipherSpec) || b[0] > byte(Heartbeat)) {
		return false
	}
	if len(b) > 1 && b[1] != 3 || len(b) > 2 && b[2] > 4 {
		return false
	}
	return len(b) < RecordHeaderLen || int(binary.BigEndian.Uint16(b[3:])) <= maxCiphertext
}
