// Package quicwire reads QUIC version 1 (RFC 9000, RFC 9001) and version 2
// (RFC 9369) off the wire.
//
// To read a datagram, call [ParsePacket] until nothing of it is left, remove
// each packet's protection with a [Protection] (Initial packets: see
// [InitialProtection]) or, for 1-RTT packets, with [KeyPhases], walk the
// payload with [ParseFrame], and put CRYPTO frames together in a
// [CryptoBuffer]. To show a person what every byte is, ask [DatagramFields],
// [PacketFields], [FrameFields] and [TransportParameterFields]; trees are built
// anew at each call and have no part in reading.
//
// Every parser is pure, keeps no more than the input's size, and never panics.
// Returned slices alias the input. The package opens packets and never makes
// them; AES-CCM and the draft versions of QUIC are not supported.
package quicwire

import "fmt"

// A Version is the number of a QUIC version (RFC 9000 15).
type Version uint32

// The versions that this package reads.
const (
	Version1 Version = 0x00000001 // RFC 9000
	Version2 Version = 0x6b3343cf // RFC 9369
)

// String returns the version's name, "QUIC v1", or what is known of its number.
func (v Version) String() string {
	switch {
	case v == Version1:
		return "QUIC v1"
	case v == Version2:
		return "QUIC v2"
	case v == 0:
		return "Version Negotiation"
	case v.Reserved():
		return fmt.Sprintf("0x%08x (reserved)", uint32(v))
	case v&0xffffff00 == 0xff000000:
		return fmt.Sprintf("0x%08x (draft-%d)", uint32(v), uint32(v)&0xff)
	}
	return fmt.Sprintf("0x%08x", uint32(v))
}

// Known says that this package knows the version's packets and keys.
func (v Version) Known() bool { return v == Version1 || v == Version2 }

// Reserved says that the version exists only to force version negotiation.
//
// "Versions that follow the pattern 0x?a?a?a?a are reserved for use in forcing
// version negotiation to be exercised" (RFC 9000 15).
func (v Version) Reserved() bool { return v&0x0f0f0f0f == 0x0a0a0a0a }

// A dialect is what differs between the versions: RFC 9369 changes these
// constants of RFC 9001 and nothing else.
type dialect struct {
	salt                string // RFC 9001 5.2
	key, iv, hp, update string // HKDF labels, RFC 9001 5.1 and 6.1
	retryKey            string // RFC 9001 5.8
	retryNonce          string
}

var dialect1 = dialect{
	salt:       "\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a",
	key:        "quic key",
	iv:         "quic iv",
	hp:         "quic hp",
	update:     "quic ku",
	retryKey:   "\xbe\x0c\x69\x0b\x9f\x66\x57\x5a\x1d\x76\x6b\x54\xe3\x68\xc8\x4e",
	retryNonce: "\x46\x15\x99\xd3\x5d\x63\x2b\xf2\x23\x98\x25\xbb",
}

var dialect2 = dialect{
	salt:       "\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9",
	key:        "quicv2 key",
	iv:         "quicv2 iv",
	hp:         "quicv2 hp",
	update:     "quicv2 ku",
	retryKey:   "\x8f\xb4\xb0\x1b\x56\xac\x48\xe2\x60\xfb\xcb\xce\xad\x7c\xcc\x92",
	retryNonce: "\xd8\x69\x69\xbc\x2d\x7c\x6d\x99\x90\xef\xb0\x4a",
}

// dialect returns the version's constants.
func (v Version) dialect() (*dialect, error) {
	switch v {
	case Version1:
		return &dialect1, nil
	case Version2:
		return &dialect2, nil
	}
	return nil, fmt.Errorf("QUIC version %v is not supported", v)
}
