package scenario

import (
	"maps"
	"slices"
	"strings"
)

// A shape is what may stand at one place of a scenario file. One tree of shapes,
// the vocabulary, is what files are checked against, what suggestions come from,
// and what the JSON Schema is generated from.
type shape struct {
	kind shapeKind
	// def is the name under which the JSON Schema defines it once, empty for a
	// shape that stands only where it is used.
	def string
	// doc says what it is for, in a sentence or two.
	doc string
	// words are the only values of a text, if there are any; hidden are further
	// ones that mean the same as one of them.
	words, hidden []string
	// others are words that a person may well expect, each with why it is none.
	others map[string]string
	// noun is what a word of words is called in errors ("flaw").
	noun string
	// syntax judges a text beyond its kind; pattern is the same as a regular
	// expression, as far as one can say it, for editors.
	syntax  func(string) error
	pattern string
	// elem is the shape of a list's items, of a map's values.
	elem *shape
	// least is how many items a list has to have.
	least int
	// keys are those of an object, in the order in which they are best written.
	keys []key
	// options are the shapes of which one has to fit, each of another kind.
	options []*shape
}

// A key is one key of an object.
type key struct {
	name  string
	shape *shape
}

// A shapeKind is the kind of a shape.
type shapeKind int

const (
	textShape    shapeKind = iota // any text, or one of words
	boolShape                     // true or false
	integerShape                  // a whole number
	digitsShape                   // a whole number of any size, quoted or not
	versionShape                  // one of words, quoted or as a number: "1.3" or 1.3
	listShape                     // a list of elem
	mapShape                      // a mapping from names of one's own to elem
	objectShape                   // a mapping with keys
	eitherShape                   // one of options
)

// named returns the shape of a key, nil if s has none of that name.
func (s *shape) named(name string) *shape {
	for _, k := range s.keys {
		if k.name == name {
			return k.shape
		}
	}
	return nil
}

func (s *shape) keyNames() []string {
	names := make([]string, len(s.keys))
	for i, k := range s.keys {
		names[i] = k.name
	}
	return names
}

// takes says whether a node's kind can be right for s.
func (s *shape) takes(n *node) bool {
	switch s.kind {
	case textShape:
		return n.kind == textNode
	case boolShape:
		return n.kind == boolNode
	case integerShape:
		return n.kind == integerNode
	case digitsShape:
		return n.kind == integerNode || n.kind == textNode || n.kind == numberNode
	case versionShape:
		return n.kind == textNode || n.kind == numberNode || n.kind == integerNode
	case listShape:
		return n.kind == listNode
	case mapShape, objectShape:
		return n.kind == mappingNode
	case eitherShape:
		return slices.ContainsFunc(s.options, func(o *shape) bool { return o.takes(n) })
	}
	return false
}

// wants says in a few words what s takes.
func (s *shape) wants() string {
	switch s.kind {
	case boolShape:
		return "true or false"
	case integerShape, digitsShape:
		return "a whole number"
	case listShape:
		return "a list, such as [" + s.elem.example() + "]"
	case mapShape, objectShape:
		return "a mapping"
	case eitherShape:
		var all []string
		for _, o := range s.options {
			all = append(all, o.wants())
		}
		return strings.Join(all, " or ")
	}
	if len(s.words) > 0 && len(s.words) < 8 {
		return "one of " + strings.Join(s.words, ", ")
	}
	return "text"
}

func (s *shape) example() string {
	if len(s.words) > 0 {
		return s.words[0]
	}
	if s.kind == textShape {
		return "text"
	}
	return "…"
}

// where returns the places of the vocabulary that have a key of that name, as
// a person would say them ("client", "expect").
func (s *shape) where(name string) []string {
	found := map[string]bool{}
	var walk func(s *shape, path string)
	walk = func(s *shape, path string) {
		for _, k := range s.keys {
			if k.name == name && path != "" {
				found[path] = true
			}
			below := k.name
			if path != "" {
				below = path + "." + k.name
			}
			walk(k.shape, below)
		}
		for _, o := range s.options {
			walk(o, path)
		}
		if s.elem != nil {
			walk(s.elem, path)
		}
	}
	walk(s, "")
	return slices.SortedFunc(maps.Keys(found), func(a, b string) int {
		if n := strings.Count(a, ".") - strings.Count(b, "."); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
}
