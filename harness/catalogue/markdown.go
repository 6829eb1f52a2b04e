package catalogue

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"shakedown/harness/field"
)

// longest is how many characters of one error text are shown. The longest that
// the stacks have is below it.
const longest = 600

// code writes text as a code span that means the same inside and outside of a
// table: there a bar ends the cell even in code (GitHub Flavored Markdown 4.10),
// so a bar in the text is written as an entity within <code>.
func code(text string) string {
	text = field.Shorten(text, longest)
	if text == "" || strings.ContainsAny(text, "|`") {
		return "<code>" + entities.Replace(text) + "</code>"
	}
	return "`" + text + "`"
}

// entities writes every character that Markdown or HTML could read as markup.
var entities = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "&#124;", "`", "&#96;",
	"*", "&#42;", "_", "&#95;", "[", "&#91;", "]", "&#93;", "\\", "&#92;", "~", "&#126;",
)

// url finds an address in running text.
var url = regexp.MustCompile(`[a-z][a-z0-9+.-]*://[^\s"'<>()|` + "`" + `]*[^\s"'<>()|` + "`" + `.,;:]`)

// prose writes text as running text: what Markdown would read as markup is
// escaped, line breaks are spaces, and an address is a code span, since those of
// the scenarios lead nowhere.
func prose(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	text = field.Shorten(text, 4*longest)
	var b strings.Builder
	for {
		at := url.FindStringIndex(text)
		if at == nil {
			break
		}
		escape(&b, text[:at[0]])
		b.WriteString(code(text[at[0]:at[1]]))
		text = text[at[1]:]
	}
	escape(&b, text)
	return b.String()
}

func escape(b *strings.Builder, text string) {
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case r == '&':
			b.WriteString("&amp;")
			continue
		case r == '<':
			b.WriteString("&lt;")
			continue
		case strings.ContainsRune("\\`*[]|~", r), r == '_' && !within(runes, i):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
}

// within says that the rune stands inside a word, where an underscore marks
// nothing up.
func within(runes []rune, i int) bool {
	return i > 0 && i < len(runes)-1 && wordRune(runes[i-1]) && wordRune(runes[i+1])
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// Anchor returns the fragment that GitHub gives to a heading: lower case,
// punctuation dropped, spaces made hyphens.
func Anchor(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case wordRune(r), r == '-', r == '_':
			b.WriteRune(r)
		case r == ' ':
			b.WriteByte('-')
		}
	}
	return b.String()
}

// link writes a link to a heading, of this document where file is empty.
func link(text, file, heading string) string {
	return fmt.Sprintf("[%s](%s#%s)", text, file, Anchor(heading))
}

// table writes a table, and nothing where it has no row.
func table(b *strings.Builder, head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	rule := make([]string, len(head))
	for i := range rule {
		rule[i] = "---"
	}
	line(head)
	line(rule)
	for _, row := range rows {
		line(row)
	}
	b.WriteByte('\n')
}

// count writes a number of things: "1 scenario", "3 scenarios".
func count(n int, thing string) string { return field.Count(n, thing) }

// listed joins words as a sentence does: "a, b and c".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
