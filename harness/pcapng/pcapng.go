// Package pcapng reads and writes capture files.
//
// To read one, make a [Reader] and call [Reader.Next] until io.EOF; each
// [Packet] is taken apart by [Packet.Segment]. To write one, make a [Writer].
// The package knows files, frames and addresses; which packets are one
// connection, and what they say, is for package capture.
//
// Read are pcap and pcapng in both byte orders, with any resolution of time,
// also compressed with gzip. Parsers are bounded by their input. A file is read
// as a stream: nothing but the packet at hand is kept.
package pcapng

import (
	"net/netip"
	"time"
)

// A Packet is one frame as it was captured.
type Packet struct {
	// Number is its place in the file, from 1, as other tools count.
	Number int
	At     time.Time
	Link   LinkType
	// Data are the bytes that were kept, Length is how long the frame was.
	// Data is the Reader's and is overwritten by its next call.
	Data   []byte
	Length int
}

// A LinkType says how a frame begins (https://www.tcpdump.org/linktypes.html).
type LinkType uint32

// A Secrets block is a piece of key log that a file carries (a Decryption
// Secrets Block of pcapng).
type Secrets struct {
	// KeyLog is text in the SSLKEYLOGFILE format.
	KeyLog []byte
	// Comment is the block's comment, which says whose log it is in our own files.
	Comment string
}

// A Note is the content of our own block, which other tools skip.
type Note struct{ Data []byte }

// A Protocol is what carries a segment's payload.
type Protocol uint8

// The protocols.
const (
	TCP Protocol = 6
	UDP Protocol = 17
)

// A Segment is a TCP segment or a UDP datagram, out of the frame that held it.
type Segment struct {
	Protocol Protocol
	From, To netip.AddrPort
	// Payload shares the packet's memory. Missing is how many bytes of it the
	// capture did not keep (a short snapshot length).
	Payload []byte
	Missing int

	// The rest is TCP's (RFC 9293 3.1).
	Seq, Ack                uint32
	SYN, FIN, RST, ACK, PSH bool
}
