package dissect

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"shakedown/harness/field"
	"shakedown/harness/tlswire"
)

// stranger reads bytes that are no TLS record, and returns how many of them it
// took: all, or a PROXY protocol header, behind which TLS can begin.
func (s *stream) stranger(dir *direction, data []byte, units []int) int {
	s.abandon(dir, "before bytes that are no TLS")
	name, n := recognise(data)
	if dir.greeted && strings.HasSuffix(name, "banner") {
		name = cleartext // a banner is the first word
	}
	dir.greeted = dir.greeted || name != proxyProtocol
	raw := data[:n:n]
	step := s.d.newStep(dir.from, KindTransport, name, units)
	step.Level = Plaintext
	step.Bytes, step.WireBytes = n, n
	step.Summary = "no TLS: " + quote(raw)
	if bytes.HasPrefix(raw, []byte(proxyV2)) {
		if line := proxyLine(raw); line != "" {
			step.Summary = fmt.Sprintf("no TLS: in version 2, %q", line)
		}
	}
	step.tree = bytesTree(bytesBuffer, name, "These bytes are no TLS record.", "RFC 8446 5.1", raw)
	if name == sslv2Hello {
		readSSLv2Hello(step, raw)
	}
	s.steps = append(s.steps, step)
	return n
}

// sslv2Hello is the name of a ClientHello in the form of SSL 2.0.
const sslv2Hello = "SSLv2 ClientHello"

// readSSLv2Hello takes a ClientHello in the form of SSL 2.0 apart.
func readSSLv2Hello(step *Step, raw []byte) {
	hello, err := tlswire.ParseSSLv2Hello(raw)
	step.Err = err
	step.Summary = hello.Summary()
	step.tree = func(*field.Room) field.Tree {
		return field.Tree{
			Buffers: []field.Buffer{{Name: bytesBuffer, Bytes: raw}},
			Fields:  tlswire.SSLv2HelloFields(raw, bytesBuffer),
		}
	}
}

// The starts of what is found where TLS was expected.
var strangers = []struct{ prefix, name string }{
	{"PRI * HTTP/2.0\r\n", "HTTP/2 preface"},
	{"HTTP/", "HTTP response"},
	{"<!DOCTYPE", "HTTP response"}, // some servers answer what they do not understand without a header
	{"<html", "HTTP response"},
	{"GET ", "HTTP request"},
	{"POST ", "HTTP request"},
	{"PUT ", "HTTP request"},
	{"HEAD ", "HTTP request"},
	{"DELETE ", "HTTP request"},
	{"PATCH ", "HTTP request"},
	{"OPTIONS ", "HTTP request"},
	{"CONNECT ", "HTTP request"},
	{"SSH-", "SSH banner"},
	{"\x00\x00\x00\x08\x04\xd2\x16\x2f", "PostgreSQL SSLRequest"}, // the protocol's message formats, "SSLRequest"
	{"<?xml", "XMPP stream"},
	{"<stream:stream", "XMPP stream"},
	{"+OK ", "POP3 banner"},
	{"* OK ", "IMAP banner"},
}

// Recognise names what bytes look like that are no TLS ("SSH banner", "unknown
// bytes"), and says how many of them belong to it: behind a PROXY protocol header
// TLS can begin.
func Recognise(b []byte) (name string, n int) {
	if len(b) == 0 {
		return "nothing", 0
	}
	return recognise(b)
}

const (
	// proxyProtocol is the name of a header that stands before the first word.
	proxyProtocol = "PROXY protocol"
	// cleartext is the name of text that has no other.
	cleartext = "cleartext"
)

const (
	proxyV1 = "PROXY "
	proxyV2 = "\r\n\r\n\x00\r\nQUIT\n"
	// proxyMax is the size of the longest header of version 1, its CRLF
	// included (PROXY protocol specification 2.1).
	proxyMax = 107
)

// recognise names what bytes look like, and says how many belong to it.
func recognise(b []byte) (name string, n int) {
	switch {
	case bytes.HasPrefix(b, []byte(proxyV1)):
		if end := bytes.Index(b[:min(len(b), proxyMax)], []byte("\r\n")); end >= 0 {
			return proxyProtocol, end + 2
		}
		return proxyProtocol, len(b)
	case bytes.HasPrefix(b, []byte(proxyV2)):
		if len(b) >= 16 {
			return proxyProtocol, min(len(b), 16+int(binary.BigEndian.Uint16(b[14:])))
		}
		return proxyProtocol, len(b)
	}
	for _, s := range strangers {
		if bytes.HasPrefix(b, []byte(s.prefix)) {
			return s.name, len(b)
		}
	}
	switch {
	case bytes.HasPrefix(b, []byte("220")) && bytes.Contains(b, []byte("SMTP")):
		return "SMTP banner", len(b)
	case bytes.HasPrefix(b, []byte("220")):
		return "SMTP or FTP banner", len(b)
	case bytes.Contains(b[:min(len(b), 64)], []byte("1.3.6.1.4.1.1466.20037")):
		return "LDAP StartTLS", len(b) // RFC 4511 4.14
	case len(b) > 5 && b[1] == 0 && b[2] == 0 && b[3] == 0 && b[4] == 10 && int(b[0]) == len(b)-4:
		return "MySQL greeting", len(b) // protocol version 10, in packet 0
	case isHTTP2Settings(b):
		return "HTTP/2 SETTINGS", len(b)
	case tlswire.LooksLikeSSLv2Hello(b):
		return sslv2Hello, len(b)
	case isText(b):
		return cleartext, len(b)
	}
	return "unknown bytes", len(b)
}

// isHTTP2Settings says that b starts like the SETTINGS frame that an HTTP/2
// server begins with: a length of whole settings, type 4, stream 0 (RFC 9113 6.5).
func isHTTP2Settings(b []byte) bool {
	return len(b) >= 9 && b[0] == 0 && binary.BigEndian.Uint16(b[1:])%6 == 0 &&
		b[3] == 4 && b[4] <= 1 && binary.BigEndian.Uint32(b[5:]) == 0
}

// isText says that b is printable ASCII with line ends and tabs.
func isText(b []byte) bool {
	for _, c := range b {
		if (c < 0x20 || c > 0x7e) && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}

// quote shows the first line of foreign bytes.
func quote(b []byte) string {
	if line, _, found := bytes.Cut(b, []byte("\n")); found && isText(b) {
		b = bytes.TrimRight(line, "\r")
	}
	const limit = 64
	if len(b) > 4*limit {
		b = b[:4*limit]
	}
	return `"` + field.Shorten(string(b), limit) + `"`
}

// applicationSummary tells what application data can tell in a line: its size,
// and the status line of an HTTP answer. A server that lets the handshake pass
// and refuses the client's certificate afterwards says so there.
func applicationSummary(b []byte) string {
	size := count(len(b), "byte")
	if bytes.HasPrefix(b, []byte("HTTP/")) {
		return size + ": " + quote(b)
	}
	return size
}
