package scenario

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// emitWidth is how long a line may be before a mapping or list is written over
// several.
const emitWidth = 110

// emit writes a mapping as YAML in the style of the built-in scenarios: what fits
// into a line in braces and brackets, the rest in a block.
func emit(root *node) []byte {
	var b strings.Builder
	emitMapping(&b, root, 0, false)
	return []byte(b.String())
}

// emitMapping writes the entries of a mapping, one a line. The first is already
// indented where inList is set.
func emitMapping(b *strings.Builder, n *node, indent int, inList bool) {
	for i, e := range n.entries {
		if i > 0 || !inList {
			b.WriteString(strings.Repeat(" ", indent))
		}
		b.WriteString(scalar(e.key, true) + ":")
		emitValue(b, e.value, indent, indent+len(e.key)+2, indent == 0 && e.key == "pki")
	}
}

// emitValue writes a value behind a key or dash at that column. A block stands
// two deeper than indent. tall asks for a block even where a line would do.
func emitValue(b *strings.Builder, n *node, indent, column int, tall bool) {
	inner := strings.Repeat(" ", indent+2)
	switch {
	case n.kind == textNode && isBlock(n.text):
		b.WriteString(" |\n")
		for line := range strings.SplitSeq(strings.TrimSuffix(n.text, "\n"), "\n") {
			if line != "" {
				line = inner + line
			}
			b.WriteString(line + "\n")
		}
	case !tall && !isTable(n) && fits(n, column), len(n.entries) == 0 && len(n.items) == 0:
		b.WriteString(" " + flow(n) + "\n")
	case n.kind == mappingNode:
		b.WriteString("\n")
		emitMapping(b, n, indent+2, false)
	default:
		b.WriteString("\n")
		for _, item := range n.items {
			b.WriteString(inner + "-")
			if item.kind == mappingNode && !fits(item, indent+4) {
				b.WriteString(" ")
				emitMapping(b, item, indent+4, true)
				continue
			}
			emitValue(b, item, indent+2, indent+4, false)
		}
	}
}

// isTable says whether n is a list of mappings alone, which reads best with one
// to a line.
func isTable(n *node) bool {
	return n.kind == listNode && !slices.ContainsFunc(n.items, func(item *node) bool { return item.kind != mappingNode })
}

func fits(n *node, column int) bool { return column+utf8.RuneCountInString(flow(n)) <= emitWidth }

// flow writes a value within one line.
func flow(n *node) string {
	switch n.kind {
	case mappingNode:
		parts := make([]string, len(n.entries))
		for i, e := range n.entries {
			parts[i] = scalar(e.key, true) + ": " + flow(e.value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case listNode:
		parts := make([]string, len(n.items))
		for i, item := range n.items {
			parts[i] = flow(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case textNode:
		return scalar(n.text, false)
	}
	return n.text
}

// isBlock says whether a text is best written as a block of lines: it ends in a
// line break and every line can stand as it is.
func isBlock(s string) bool {
	if !strings.HasSuffix(s, "\n") || strings.HasSuffix(s, "\n\n") || strings.HasPrefix(s, " ") || strings.HasPrefix(s, "\n") {
		return false
	}
	for line := range strings.SplitSeq(s, "\n") {
		if strings.TrimSpace(line) != line || !plainLine(line) {
			return false
		}
	}
	return true
}

func plainLine(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || r == '\ufeff' || !strconv.IsPrint(r) {
			return false
		}
	}
	return true
}

// A text is written without quotes only where it cannot be read as anything else.
var (
	bare    = pattern(`^(\.{0,2}/)*[A-Za-z][A-Za-z0-9._/-]*( [A-Za-z0-9._/()'-]+)*$|^[+-][0-9]+[a-z][0-9a-z]*$|^[0-9]+[dhmswy][0-9a-z]*$`)
	notBare = pattern(`^(?i:true|false|null|nan|inf|yes|no|on|off|y|n)$`)
)

func scalar(s string, key bool) string {
	if notBare().MatchString(s) && !key || !bare().MatchString(s) {
		return quoted(s)
	}
	return s
}

// quoted writes a double-quoted scalar (YAML 1.2.2, 7.3.1).
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case strconv.IsPrint(r) && r != '\ufeff':
			b.WriteRune(r)
		case r < 0x100:
			b.WriteString(`\x` + hex(r, 2))
		case r < 0x10000:
			b.WriteString(`\u` + hex(r, 4))
		default:
			b.WriteString(`\U` + hex(r, 8))
		}
	}
	b.WriteByte('"')
	return b.String()
}

func hex(r rune, digits int) string {
	s := strconv.FormatInt(int64(r), 16)
	return strings.Repeat("0", digits-len(s)) + s
}
