package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"shakedown/harness/field"
)

// maxErrors is how many errors of one file are kept. A file with more of them
// is another kind of file.
const maxErrors = 50

// maxMessage is how many characters of one message are kept: it can quote the file.
const maxMessage = 600

// An Error is one thing wrong with a scenario file, and where.
type Error struct {
	File         string
	Line, Column int // from 1; 0 where the error is of the file as a whole
	Message      string
	// Suggestion is the word that was probably meant, empty if none comes near.
	Suggestion string
	// Source is the line itself, without its line break.
	Source string
}

// Error returns "file:line:column: message (did you mean "x"?)", then the source
// line with a caret below the place. All of it is safe to print.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(field.Printable(e.File))
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	b.WriteString(": " + e.Message)
	if e.Suggestion != "" {
		fmt.Fprintf(&b, " (did you mean %q?)", e.Suggestion)
	}
	if e.Line > 0 && e.Source != "" {
		line, caret := excerpt(e.Source, e.Column)
		number := fmt.Sprint(e.Line)
		fmt.Fprintf(&b, "\n  %s | %s\n  %s | %s^", number, line, strings.Repeat(" ", len(number)), strings.Repeat(" ", caret))
	}
	return b.String()
}

// Errors are everything wrong with a scenario file, in the order of the file.
type Errors []*Error

// Error returns all of them, one below the other.
func (e Errors) Error() string {
	texts := make([]string, len(e))
	for i, one := range e {
		texts[i] = one.Error()
	}
	return strings.Join(texts, "\n")
}

// Unwrap returns the single errors.
func (e Errors) Unwrap() []error {
	list := make([]error, len(e))
	for i, one := range e {
		list[i] = one
	}
	return list
}

// sorted puts e into the order of the file and drops what is said twice of one place.
func (e Errors) sorted() Errors {
	slices.SortStableFunc(e, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.CompactFunc(e, func(a, b *Error) bool {
		return a.Line == b.Line && a.Column == b.Column && a.Message == b.Message
	})
}

// excerptWidth is how much of a long line is shown.
const excerptWidth = 100

// excerpt returns the part of line around column (from 1, in runes) in a form
// that is safe to print, and how many cells stand before the column.
func excerpt(line string, column int) (text string, before int) {
	head, tail := splitRunes(line, column-1)
	head, tail = field.Printable(head), field.Printable(tail)
	if n := utf8.RuneCountInString(head); n > excerptWidth*3/4 {
		_, head = splitRunes(head, n-excerptWidth/2)
		head = "…" + head
	}
	before = utf8.RuneCountInString(head)
	if rest := excerptWidth - before; utf8.RuneCountInString(tail) > rest {
		tail, _ = splitRunes(tail, rest)
		tail += "…"
	}
	return head + tail, before
}

// splitRunes cuts s after n runes, or at its end.
func splitRunes(s string, n int) (head, tail string) {
	for i := range s {
		if n <= 0 {
			return s[:i], s[i:]
		}
		n--
	}
	return s, ""
}
