package pki

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"strings"
)

// A part is one PEM block that a file has, or seems to have.
type part struct {
	// line is where its BEGIN stands, counted from 1.
	line int
	// label is what stands between BEGIN and the dashes ("CERTIFICATE").
	label string
	// block is what encoding/pem reads, nil where it finds no block.
	block *pem.Block
	// der is the content, read leniently where encoding/pem reads nothing; nil
	// where there is no sense in it.
	der []byte
	// ail is why encoding/pem does not find the block.
	ail ailment
}

func (p part) isKey() bool { return strings.HasSuffix(p.label, "PRIVATE KEY") }

// isCertificate says that the block is meant to hold a certificate, under the
// label that programs look for or under another one.
func (p part) isCertificate() bool {
	return p.label == "CERTIFICATE" || p.label == "TRUSTED CERTIFICATE" || p.label == "X509 CERTIFICATE"
}

// read says that encoding/pem finds the block.
func (p part) read() bool { return p.block != nil }

var (
	pemBegin = []byte("-----BEGIN ")
	pemEnd   = []byte("-----END ")
	dashes   = []byte("-----")
	utf8BOM  = []byte("\xef\xbb\xbf")
)

// scan finds all PEM blocks of a file: those that encoding/pem reads, and those
// that it passes over without a word. Blocks in lines that are commented out do
// not count.
func scan(data []byte) []part {
	var starts []int
	for at := 0; ; {
		i := bytes.Index(data[at:], pemBegin)
		if i < 0 {
			break
		}
		starts = append(starts, at+i)
		at += i + len(pemBegin)
	}
	read := decodeAll(data, starts)
	var parts []part
	line, counted := 1, 0
	for i, start := range starts {
		line += bytes.Count(data[counted:start], []byte{'\n'})
		counted = start
		end := len(data)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		p := part{line: line, label: labelAt(data, start), block: read[i]}
		if p.block != nil {
			p.der = p.block.Bytes
		} else {
			front := frontOf(data, start)
			if commented(front) {
				continue
			}
			p.ail = lost(front, data[start:end], i+1 < len(starts))
			p.der = lenient(data[start:end])
		}
		parts = append(parts, p)
	}
	return parts
}

// decodeAll returns the block that encoding/pem reads at each start, nil where
// it reads none.
func decodeAll(data []byte, starts []int) []*pem.Block {
	blocks := make([]*pem.Block, len(starts))
	i := 0
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return blocks
		}
		// The block is the last one that begins before what is left.
		for i+1 < len(starts) && starts[i+1] < len(data)-len(rest) {
			i++
		}
		blocks[i] = block
	}
}

func labelAt(data []byte, start int) string {
	text := data[start+len(pemBegin):]
	if i := bytes.Index(text[:min(len(text), 64)], dashes); i >= 0 {
		return string(text[:i])
	}
	return ""
}

// frontOf returns what stands before a position on its line, the last 4 KB of
// it: lines can be as long as the file.
func frontOf(data []byte, at int) []byte {
	before := data[max(0, at-4096):at]
	return before[bytes.LastIndexByte(before, '\n')+1:]
}

func commented(front []byte) bool {
	front = bytes.TrimSpace(front)
	return bytes.HasPrefix(front, []byte("#")) || bytes.HasPrefix(front, []byte("//")) || bytes.HasPrefix(front, []byte(";"))
}

// lost says why encoding/pem passes over the block that text begins with. Front
// is what stands before it on its line; another block may follow text.
func lost(front, text []byte, follows bool) ailment {
	body := text[len(pemBegin):]
	i := bytes.Index(body, dashes)
	if i < 0 {
		return truncated
	}
	body = bytes.TrimLeft(body[i+len(dashes):], " \t")
	switch {
	case len(body) == 0:
		return truncated
	case bytes.HasPrefix(body, []byte(`\n`)) || bytes.HasPrefix(body, []byte(`\r\n`)):
		return literalNewlines
	case body[0] == '\r' && !bytes.HasPrefix(body, []byte("\r\n")):
		return returnsOnly
	case body[0] != '\n' && body[0] != '\r':
		return oneLine
	}
	if ail, ok := lostInFront(front); ok {
		return ail
	}
	end := bytes.Index(body, pemEnd)
	if end < 0 {
		return truncated
	}
	behind := body[end+len(pemEnd):]
	i = bytes.Index(behind, dashes)
	switch {
	case i < 0:
		return truncated
	case string(behind[:i]) != labelAt(text, 0):
		return otherEnd
	case end > 0 && body[end-1] != '\n':
		return indented
	}
	line, _, more := bytes.Cut(behind[i+len(dashes):], []byte{'\n'})
	line = bytes.TrimSpace(line)
	switch {
	case len(line) == 0 && (more || !follows):
		return damagedBase64
	case len(line) == 0:
		return glued
	case bytes.ContainsAny(line[:1], `"'`):
		return quoted
	}
	return textAround
}

// lostInFront says what stands before BEGIN on its line that must not.
func lostInFront(front []byte) (ailment, bool) {
	switch trimmed := bytes.TrimSpace(front); {
	case len(front) == 0:
		return ailment{}, false
	case bytes.HasPrefix(front, utf8BOM):
		return byteOrderMark, true
	case len(trimmed) == 0:
		return indented, true
	case bytes.HasSuffix(trimmed, dashes):
		return glued, true
	case bytes.ContainsAny(trimmed[len(trimmed)-1:], `"'`):
		return quoted, true
	}
	return textAround, true
}

// lenient reads what the block that text begins with holds, whatever its line
// ends, indentation and quotes. It returns nil if that is no base64.
func lenient(text []byte) []byte {
	_, body, ok := bytes.Cut(text[len(pemBegin):], dashes)
	if !ok {
		return nil
	}
	body, _, ok = bytes.Cut(body, dashes)
	if !ok {
		return nil
	}
	return unbase64(strings.NewReplacer(`\n`, "", `\r`, "").Replace(string(body)))
}

// unbase64 decodes base64 among white space and quotes, nil if it is none.
func unbase64(s string) []byte {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n\"',", r) {
			return -1
		}
		return r
	}, s)
	der, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(der) == 0 {
		return nil
	}
	return der
}
