package scenario

import (
	"errors"
	"slices"
	"strings"

	"shakedown/harness/nearest"
)

// check compares a node with the shape of its place and notes every difference:
// keys that do not exist, values of another kind, words that are none. path is
// how a person calls the place, empty for the file itself. It returns false if
// something was noted.
func (r *reader) check(n *node, s *shape, path string) bool {
	if !s.takes(n) {
		r.wrongKind(n, s, path)
		return false
	}
	switch s.kind {
	case listShape:
		return r.checkList(n, s, path)
	case mapShape:
		return r.checkMap(n, s, path)
	case objectShape:
		return r.checkObject(n, s, path)
	case eitherShape:
		i := slices.IndexFunc(s.options, func(o *shape) bool { return o.takes(n) })
		return r.check(n, s.options[i], path)
	case boolShape, integerShape:
		return r.checkSyntax(n, s)
	}
	return r.checkWord(n, s) && r.checkSyntax(n, s)
}

func (r *reader) wrongKind(n *node, s *shape, path string) {
	what := "a scenario file"
	if path != "" {
		what = path
	}
	switch {
	case n.kind == nullNode:
		r.fail(n.at, "", "%s has no value: it takes %s", what, s.wants())
	case s.kind == textShape && n.kind != listNode && n.kind != mappingNode:
		if s.words == nil && r.checkSyntax(n, s) {
			r.fail(n.at, "", "%s takes text, not %s; put it in quotes: \"%s\"", what, kindNames[n.kind], n.text)
		} else if s.words != nil {
			r.checkWord(n, s)
		}
	case s.kind == listShape && n.kind == textNode && s.elem.takes(n):
		r.fail(n.at, "["+n.text+"]", "%s takes a list", what)
	default:
		r.fail(n.at, "", "%s takes %s, not %s", what, s.wants(), kindNames[n.kind])
	}
}

func (r *reader) checkList(n *node, s *shape, path string) bool {
	if len(n.items) < s.least {
		r.fail(n.at, "", "%s is empty", path)
		return false
	}
	below := path
	if s.elem.kind != objectShape && s.elem.kind != eitherShape {
		below = "an entry of " + path
	}
	ok := true
	for _, item := range n.items {
		ok = r.check(item, s.elem, below) && ok
	}
	return ok
}

func (r *reader) checkMap(n *node, s *shape, path string) bool {
	ok := true
	for _, e := range n.entries {
		if s.syntax != nil {
			if err := s.syntax(e.key); err != nil {
				r.fail(e.at, "", "%v", err)
				ok = false
			}
		}
		ok = r.check(e.value, s.elem, path+"."+e.key) && ok
	}
	return ok
}

func (r *reader) checkObject(n *node, s *shape, path string) bool {
	ok := true
	for _, e := range n.entries {
		known := s.named(e.key)
		if known == nil {
			r.unknownKey(e, s, path)
			ok = false
			continue
		}
		below := e.key
		if path != "" {
			below = path + "." + e.key
		}
		ok = r.check(e.value, known, below) && ok
	}
	return ok
}

// unknownKey notes a key that does not exist here: with the nearest one that
// does, or with the place where it belongs.
func (r *reader) unknownKey(e entry, s *shape, path string) {
	if r.full() {
		return
	}
	in := ""
	if path != "" {
		in = " in " + path
	}
	if near := nearest.Word(e.key, s.keyNames()); near != "" {
		r.fail(e.at, near, "unknown key %q%s", e.key, in)
		return
	}
	if places := vocabulary.where(e.key); len(places) > 0 {
		r.fail(e.at, "", "unknown key %q%s; it belongs to %s", e.key, in, places[0])
		return
	}
	r.fail(e.at, "", "unknown key %q%s; there are %s", e.key, in, strings.Join(s.keyNames(), ", "))
}

func (r *reader) checkWord(n *node, s *shape) bool {
	if s.words == nil || r.full() || slices.Contains(s.words, n.text) || slices.Contains(s.hidden, n.text) {
		return true
	}
	if why, ok := s.others[n.text]; ok {
		r.fail(n.at, "", "%q %s", n.text, why)
		return false
	}
	near := nearest.Word(n.text, s.words)
	if near == "" && len(s.words) < 12 {
		r.fail(n.at, "", "unknown %s %q; there are %s", s.noun, n.text, strings.Join(s.words, ", "))
		return false
	}
	r.fail(n.at, near, "unknown %s %q", s.noun, n.text)
	return false
}

func (r *reader) checkSyntax(n *node, s *shape) bool {
	if s.syntax == nil {
		return true
	}
	if err := s.syntax(n.text); err != nil {
		var meant *meantError
		suggestion := ""
		if errors.As(err, &meant) {
			suggestion = meant.suggestion
		}
		r.fail(n.at, suggestion, "%v", err)
		return false
	}
	return true
}

// A meantError is what a syntax says of a text that was probably meant to be
// another one.
type meantError struct {
	error
	suggestion string
}
