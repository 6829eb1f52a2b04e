package explain

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// maxInput and maxLines are how much of a paste is looked at: its end, where a
// log has what happened last.
const (
	maxInput = 32 << 10
	maxLines = 400
)

// A paste is what somebody has copied from a log or two, line by line.
type paste []line

func readPaste(text string) paste {
	if len(text) > maxInput {
		text = strings.ToValidUTF8(text[len(text)-maxInput:], "")
	}
	var p paste
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' || r == '\u2028' }) {
		for _, reason := range sentences(part) {
			p = append(p, unwrap(reason, 3)...)
		}
	}
	if len(p) > maxLines {
		p = p[len(p)-maxLines:]
	}
	return p
}

// sentences takes apart the line in which GnuTLS lists every reason for which it
// does not trust a certificate, a sentence each.
func sentences(text string) []string {
	if !strings.Contains(text, "certificate is NOT trusted. ") {
		return []string{text}
	}
	return strings.SplitAfter(text, ". ")
}

// unwrap reads one line, or what a logger has put into JSON: the texts of one
// object belong together, and those with line breaks are lines again. One object
// may be a text inside of another, as container runtimes write them.
func unwrap(text string, depth int) paste {
	start, end := strings.IndexByte(text, '{'), strings.LastIndexByte(text, '}')
	var object map[string]any
	if depth == 0 || start < 0 || end < start || json.Unmarshal([]byte(text[start:end+1]), &object) != nil {
		if l := newLine(text); l.words != "" {
			return paste{l}
		}
		return nil
	}
	var together []string
	var apart paste
	for _, value := range texts(object, depth) {
		if strings.ContainsAny(value, "\n{") {
			for part := range strings.SplitSeq(value, "\n") {
				apart = append(apart, unwrap(part, depth-1)...)
			}
			continue
		}
		together = append(together, value)
	}
	l := newLine(strings.TrimSpace(text[:start] + " " + strings.Join(together, " : ") + " " + text[end+1:]))
	for _, key := range []string{"side", "role"} {
		if r, ok := object[key].(string); ok && role(r).peer() != "" {
			l.role = role(r)
		}
	}
	if l.words == "" {
		return apart
	}
	return append(apart, l)
}

// texts are the strings in an object, by the name of their key.
func texts(object map[string]any, depth int) []string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(object)) {
		list = append(list, textsOf(object[key], depth)...)
	}
	return list
}

func textsOf(value any, depth int) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		var list []string
		for _, v := range value {
			list = append(list, textsOf(v, depth-1)...)
		}
		return list
	case map[string]any:
		if depth > 0 {
			return texts(value, depth-1)
		}
	}
	return nil
}

// joined is the paste as one line.
func (p paste) joined() line {
	var list []string
	for _, l := range p {
		list = append(list, l.text)
	}
	l := newLine(strings.Join(list, " "))
	l.from = p[0].from
	return l
}
