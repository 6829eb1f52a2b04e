package pcapng

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// sniffed is how much of a file is looked at to find out what it is.
const sniffed = 512

const gzipMagic = "\x1f\x8b"

// convert is the next move for a capture that is not read.
const convert = "convert it with editcap -F pcapng FILE OTHER.pcapng"

// A FormatError says that a file is no capture that is read, what it looks like,
// and what to do next.
type FormatError struct {
	// Looks is what it looks like, to stand behind "it looks like".
	Looks string
	// Next is what to do, a sentence without a full stop.
	Next string
}

func (e *FormatError) Error() string {
	return "this is no pcap or pcapng file: it looks like " + e.Looks
}

// look is how one kind of file begins.
type look struct{ begins, looks, next string }

const (
	findCapture = "give a pcap or pcapng file, as tcpdump -w and Wireshark write them"
	withKeyLog  = "give it with --keylog FILE, beside the capture that it belongs to"
)

// The looks are tried in this order.
var looks = []look{
	{"\x0a\x0d\x0d\x0a", "a pcapng file whose section header is damaged or cut off", "copy it again, as a binary file"},
	{"snoop\x00\x00\x00", "a capture of snoop", convert},
	{"GMBU", "a capture of Network Monitor", convert},
	{"RTSS", "a capture of Network Monitor", convert},
	{"XCP\x00", "a capture of NetXRay", convert},
	{"\x28\xb5\x2f\xfd", "a file compressed with zstd", "unpack it first: zstd -d FILE"},
	{"\x04\x22\x4d\x18", "a file compressed with lz4", "unpack it first: lz4 -d FILE"},
	{"\xfd7zXZ\x00", "a file compressed with xz", "unpack it first: xz -dk FILE"},
	{"BZh", "a file compressed with bzip2", "unpack it first: bunzip2 -k FILE"},
	{gzipMagic, "a file that is compressed twice", "unpack it first: gunzip -k FILE"},
	{"PK\x03\x04", "a zip archive", "unpack it and give the capture that is in it"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it and give the capture that is in it"},
	{"\x7fELF", "a program", findCapture},
	{"-----BEGIN CERT", "a certificate in PEM", "look at certificates with shakedown debug FILE"},
	{"-----BEGIN", "a PEM file", "look at certificates and keys with shakedown debug FILE"},
	{"\x30\x82", "a certificate or key in DER", "look at certificates and keys with shakedown debug FILE"},
	{"\x16\x03", "TLS records without a capture around them", "capture the connection with tcpdump -w FILE.pcap"},
	{"<", "XML or HTML", findCapture},
	{"{", "JSON, which a HAR file is too: it has no packets", findCapture},
	{"[", "JSON, which has no packets", findCapture},
}

// keyLogLines are how lines of a key log begin. Firefox and NSS write comments first.
var keyLogLines = []string{"CLIENT_", "SERVER_", "EXPORTER_SECRET", "EARLY_EXPORTER_SECRET", "ECH_SECRET", "ECH_CONFIG", "QUIC_CLIENT_", "QUIC_SERVER_", "RSA "}

// notACapture says what a file looks like that is none.
func notACapture(head []byte, compressed bool) *FormatError {
	e := looksLike(head)
	if compressed {
		e.Looks = "gzip, and in it " + e.Looks
	}
	return e
}

func looksLike(head []byte) *FormatError {
	if len(head) == 0 {
		return &FormatError{"an empty file", "capture again, and end tcpdump with Ctrl-C so that it writes what it has"}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if isKeyLog(string(text)) {
		return &FormatError{"a TLS key log", withKeyLog}
	}
	for _, l := range looks {
		if bytes.HasPrefix(head, []byte(l.begins)) || printable(head) && bytes.HasPrefix(text, []byte(l.begins)) {
			return &FormatError{l.looks, l.next}
		}
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return &FormatError{"a tar archive", "unpack it and give the capture that is in it"}
	}
	if printable(head) {
		return &FormatError{"text", findCapture}
	}
	return &FormatError{"some other binary file", findCapture}
}

// isKeyLog says that a line near the beginning is a key log's, before which only
// comments stand.
func isKeyLog(text string) bool {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		for _, begins := range keyLogLines {
			if strings.HasPrefix(line, begins) {
				return true
			}
		}
		return false
	}
	return false
}

// printable says that a file's beginning is text. Its last character may be cut.
func printable(head []byte) bool {
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		switch {
		case r == utf8.RuneError && n == 1:
			return !utf8.FullRune(head)
		case r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f:
			return false
		}
		head = head[n:]
	}
	return true
}
