package x509wire

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// integer returns the value of an INTEGER's content, two's complement.
func integer(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(b))*8))
	}
	return n
}

// smallInteger returns the value of an INTEGER's content if it fits.
func smallInteger(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 4 {
		return 0, false
	}
	n := int(int8(b[0]))
	for _, o := range b[1:] {
		n = n<<8 | int(o)
	}
	return n, true
}

// oid returns an OBJECT IDENTIFIER's content in dotted form. What is not
// complete is left out.
func oid(b []byte) string {
	out := make([]byte, 0, 32)
	var arc uint64
	for i, first := 0, true; i < len(b); i++ {
		if arc >= 1<<57 {
			return string(out) + ".…"
		}
		arc = arc<<7 | uint64(b[i]&0x7f)
		if b[i]&0x80 != 0 {
			continue
		}
		if first {
			// The first two arcs share one number: 40*X + Y, X at most 2 (X.690 8.19.4).
			x := min(arc/40, 2)
			out = strconv.AppendUint(out, x, 10)
			arc -= 40 * x
			first = false
		}
		out = append(out, '.')
		out = strconv.AppendUint(out, arc, 10)
		arc = 0
	}
	return string(out)
}

// parseTime reads UTCTime or GeneralizedTime. Offsets and missing seconds,
// which RFC 5280 4.1.2.5 forbids, are read as what they mean.
func parseTime(tag byte, b []byte) (time.Time, error) {
	layouts := [...]string{"060102150405Z0700", "0601021504Z0700"}
	if tag == tagGeneralizedTime {
		layouts = [...]string{"20060102150405Z0700", "200601021504Z0700"}
	}
	s := string(b)
	for _, layout := range layouts {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		// "Where YY is greater than or equal to 50, the year SHALL be
		// interpreted as 19YY; and where YY is less than 50, the year SHALL be
		// interpreted as 20YY" (RFC 5280 4.1.2.5.1). Go's pivot is 69.
		if tag == tagUTCTime && t.Year() >= 2050 {
			t = t.AddDate(-100, 0, 0)
		}
		return t.UTC(), nil
	}
	return time.Time{}, fmt.Errorf("no time: %q", s)
}

// text returns the characters of a string type's content, which may be b itself.
func text(tag byte, b []byte) []byte {
	switch tag {
	case tagBMPString:
		units := make([]uint16, 0, len(b)/2)
		for ; len(b) >= 2; b = b[2:] {
			units = append(units, binary.BigEndian.Uint16(b))
		}
		return []byte(string(utf16.Decode(units)))
	case tagUniversalString:
		var text []byte
		for ; len(b) >= 4; b = b[4:] {
			text = utf8.AppendRune(text, rune(binary.BigEndian.Uint32(b)))
		}
		return text
	case tagT61String:
		// What certificates call T61 is Latin-1 in practice.
		if utf8.Valid(b) {
			return b
		}
		text := make([]byte, 0, 2*len(b))
		for _, o := range b {
			text = utf8.AppendRune(text, rune(o))
		}
		return text
	}
	return b
}

// isText says that the tag is a string type.
func isText(tag byte) bool {
	switch tag {
	case tagUTF8String, tagNumericString, tagPrintableString, tagT61String, tagIA5String,
		tagVisibleString, tagUniversalString, tagBMPString:
		return true
	}
	return false
}
