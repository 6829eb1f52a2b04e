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
//
// Blocks and headers are read by code of our own. gopacket's NgReader drops
// Decryption Secrets Blocks, comments and custom blocks, and its layers panic on
// a damaged Linux cooked header, refuse a whole segment for one bad option, know
// no SLL2, and do not say how much of a payload the capture left out. The tests
// compare what is read and written here with what gopacket reads and writes.
//
// Not read are IP fragments, tunnels and link types other than those of
// [LinkType]: they are reported as such, packet by packet.
package pcapng

import (
	"fmt"
	"net/netip"
	"time"
)

// A Block is what a file holds that is worth something here: a [*Packet], a
// [Secrets] or a [Note]. Everything else is skipped.
type Block interface{ block() }

// A Packet is one frame as it was captured.
type Packet struct {
	// Number is its place in the file, from 1, as other tools count.
	Number int
	// At is when it was captured, the zero time if the file does not say.
	At   time.Time
	Link LinkType
	// Data are the bytes that were kept, Length is how long the frame was.
	// Data is the Reader's and is overwritten by its next call.
	Data   []byte
	Length int
}

func (*Packet) block() {}

// A LinkType says how a frame begins (https://www.tcpdump.org/linktypes.html).
type LinkType uint32

// The link types that are read.
const (
	LinkNull      LinkType = 0 // BSD loopback: the address family, in the byte order of the machine
	LinkEthernet  LinkType = 1
	LinkRawBSD    LinkType = 12 // raw IP, as most systems number it themselves
	LinkRawOther  LinkType = 14 // raw IP, as OpenBSD numbers it
	LinkRaw       LinkType = 101
	LinkLoop      LinkType = 108 // OpenBSD loopback: the address family, in network byte order
	LinkLinuxSLL  LinkType = 113
	LinkIPv4      LinkType = 228
	LinkIPv6      LinkType = 229
	LinkLinuxSLL2 LinkType = 276
)

// otherLinks are names of link types that are not read, and that one may meet.
var otherLinks = map[LinkType]string{
	9: "PPP", 50: "PPP over serial", 51: "PPPoE", 105: "IEEE 802.11", 127: "IEEE 802.11 with radiotap",
	147: "of a user's own", 189: "USB", 195: "IEEE 802.15.4", 220: "USB", 239: "NFLOG", 251: "Bluetooth", 252: "Wireshark's upper PDU",
}

// String is the number, and the name of a type that is not read.
func (l LinkType) String() string {
	if name := otherLinks[l]; name != "" {
		return fmt.Sprintf("%d, %s", uint32(l), name)
	}
	return fmt.Sprint(uint32(l))
}

// A Secrets block is a piece of key log that a file carries (a Decryption
// Secrets Block of pcapng).
type Secrets struct {
	// KeyLog is text in the SSLKEYLOGFILE format.
	KeyLog []byte
	// Comment is the block's comment, which says whose log it is in our own files.
	Comment string
}

func (Secrets) block() {}

// A Note is what our own files say in a place that other tools skip.
type Note struct{ Data []byte }

func (Note) block() {}

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
