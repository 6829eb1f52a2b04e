package scenario

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"

	"shakedown/harness/field"
)

// A reader reads one scenario file and collects what is wrong with it.
type reader struct {
	file  string
	lines []string
	errs  Errors
}

// fail notes an error at a place of the file. The message may quote the file:
// what could drive a terminal is escaped, and a long one is cut.
func (r *reader) fail(at position, suggestion, format string, args ...any) {
	e := &Error{File: r.file, Line: at.line, Column: at.column, Message: field.Shorten(fmt.Sprintf(format, args...), maxMessage), Suggestion: suggestion}
	if i := at.line - 1; i >= 0 && i < len(r.lines) {
		e.Source = strings.TrimSuffix(r.lines[i], "\r")
	}
	if !r.full() {
		r.errs = append(r.errs, e)
	}
}

// full says that more errors would not be kept, so that there is no use in
// looking for suggestions.
func (r *reader) full() bool { return len(r.errs) >= maxErrors }

// parse reads text into a node. It returns nil where no tree could be made, and
// has then noted why.
func (r *reader) parse(text []byte) *node {
	if len(text) > maxBytes {
		r.fail(position{}, "", "the file is larger than %s bytes, which no scenario is", field.Thousands(maxBytes))
		return nil
	}
	source := strings.TrimPrefix(string(text), "\ufeff")
	r.lines = strings.Split(source, "\n")
	if !r.readable(source) {
		return nil
	}
	if strings.TrimSpace(source) == "" {
		r.fail(position{}, "", "the file is empty")
		return nil
	}
	file := r.tree(source)
	if file == nil {
		return nil
	}
	return r.document(file)
}

// readable refuses text that is not UTF-8, or has characters that YAML does not
// allow (YAML 1.2.2, 5.1).
func (r *reader) readable(source string) bool {
	line, column := 1, 1
	for i, c := range source {
		if c == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(source[i:]); n == 1 {
				r.fail(position{line, column}, "", "the file is not UTF-8 text: byte 0x%02x", source[i])
				return false
			}
		}
		switch {
		case c == '\n':
			line, column = line+1, 0
		case c == '\r' && strings.HasPrefix(source[i:], "\r\n"), c == '\t':
		case unicode.IsControl(c) && c != '\u0085':
			r.fail(position{line, column}, "", "the control character %U is not allowed; in a double-quoted text it can be written \\x%02x", c, c)
			return false
		}
		column++
	}
	return true
}

// tree calls the YAML library, which has been known to panic on text that is
// far from YAML. The file is to blame for that all the same.
func (r *reader) tree(source string) (file *ast.File) {
	defer func() {
		if p := recover(); p != nil {
			r.fail(position{}, "", "the file is not YAML")
			file = nil
		}
	}()
	tokens := lexer.Tokenize(source)
	if at, err := bounded(tokens); err != nil {
		r.fail(at, "", "%v", err)
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return nil
	}
	return file
}

// syntax notes the YAML library's own error at its place.
func (r *reader) syntax(err error) {
	placed, ok := err.(yaml.Error)
	if !ok || placed.GetToken() == nil {
		r.fail(position{}, "", "not YAML: %s", firstLine(err.Error()))
		return
	}
	at := place(placed.GetToken())
	if column := r.tab(at.line); column > 0 {
		r.fail(position{at.line, column}, "", "not YAML: a tab indents this line; YAML is indented with spaces, such as two for each level")
		return
	}
	r.fail(at, "", "not YAML: %s", firstLine(placed.GetMessage()))
}

// tab returns the column of the first tab that indents a line, 0 if none does. YAML
// forbids them (YAML 1.2.2, 6.1), and the library says so in other words each time.
func (r *reader) tab(line int) int {
	if line < 1 || line > len(r.lines) {
		return 0
	}
	text := r.lines[line-1]
	indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	return strings.IndexByte(indent, '\t') + 1
}

// document returns the file's one document as a node.
func (r *reader) document(file *ast.File) *node {
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			r.fail(place(doc.Body.GetToken()), "", "a second document starts here; a scenario file holds one scenario")
			return nil
		}
		body = doc.Body
	}
	if body == nil {
		r.fail(position{}, "", "the file is empty but for comments")
		return nil
	}
	c := &converter{reader: r, anchors: map[string]*node{}}
	root := c.convert(body)
	switch {
	case root == nil:
		return nil
	case root.depth > maxDepth:
		r.fail(root.at, "", "values are nested more than %d deep", maxDepth)
		return nil
	}
	return root
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}
