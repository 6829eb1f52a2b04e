package scenario

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// The bounds of what a scenario file may hold. The longest built-in scenario has
// some three hundred tokens; the time that the YAML parser takes grows faster
// than its input, with the number of tokens as with their depth.
const (
	maxBytes  = 1 << 20
	maxTokens = 20_000
	maxDepth  = 32
	maxNodes  = 20_000 // with every alias followed
)

// A position is a place in the file, counted from 1, columns in characters.
type position struct{ line, column int }

// A nodeKind is what a node of the file is.
type nodeKind int

const (
	nullNode nodeKind = iota
	textNode
	boolNode
	integerNode
	numberNode // any other number
	listNode
	mappingNode
)

var kindNames = map[nodeKind]string{
	nullNode: "nothing", textNode: "text", boolNode: "true or false", integerNode: "a number", numberNode: "a number",
	listNode: "a list", mappingNode: "a mapping",
}

// A node is one value of the file with its place. It is YAML without anchors,
// tags and styles.
type node struct {
	kind    nodeKind
	at      position
	text    string // a scalar's value; of numbers and booleans as they are written
	items   []*node
	entries []entry
	size    int // nodes in it, itself included
	depth   int
}

// An entry is one key of a mapping with its value.
type entry struct {
	key   string
	at    position
	value *node
}

// get returns the value of a key, nil if n is no mapping or has no such key.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for _, e := range n.entries {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

// keyAt returns where a key stands, and n's own place if it has no such key.
func (n *node) keyAt(key string) position {
	for _, e := range n.entries {
		if e.key == key {
			return e.at
		}
	}
	return n.at
}

// A converter turns the YAML library's tree into nodes. Anchors may be used, and
// what they expand to is bounded.
type converter struct {
	*reader
	anchors map[string]*node // nil while the anchor's own value is read
	nodes   int              // with aliases followed
}

func (c *converter) convert(n ast.Node) *node {
	if n == nil {
		return c.leaf(nullNode, position{1, 1}, "")
	}
	at := place(n.GetToken())
	switch n := n.(type) {
	case *ast.MappingNode:
		return c.mapping(at, n.Values)
	case *ast.MappingValueNode:
		return c.mapping(at, []*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		return c.list(at, n.Values)
	case *ast.StringNode:
		return c.leaf(textNode, at, n.Value)
	case *ast.LiteralNode:
		return c.leaf(textNode, at, n.Value.Value)
	case *ast.BoolNode:
		return c.leaf(boolNode, at, n.GetToken().Value)
	case *ast.IntegerNode:
		return c.leaf(integerNode, at, n.GetToken().Value)
	case *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return c.leaf(numberNode, at, n.GetToken().Value)
	case *ast.NullNode:
		return c.leaf(nullNode, at, "")
	case *ast.AnchorNode:
		return c.anchor(at, n)
	case *ast.AliasNode:
		return c.alias(at, n)
	case *ast.TagNode:
		c.fail(at, "", "tags such as %q are not used in scenario files", n.Start.Value)
	default:
		c.fail(at, "", "%s has no place in a scenario file", n.Type())
	}
	return nil
}

func (c *converter) leaf(kind nodeKind, at position, text string) *node {
	return c.counted(&node{kind: kind, at: at, text: text, size: 1, depth: 1})
}

// counted adds n to what the file expands to.
func (c *converter) counted(n *node) *node {
	c.nodes++
	return n
}

func (c *converter) list(at position, values []ast.Node) *node {
	l := &node{kind: listNode, at: at, size: 1, depth: 1}
	for _, v := range values {
		if item := c.convert(v); item != nil {
			l.items = append(l.items, item)
			l.grow(item)
		}
	}
	return c.counted(l)
}

func (c *converter) mapping(at position, values []*ast.MappingValueNode) *node {
	m := &node{kind: mappingNode, at: at, size: 1, depth: 1}
	seen := map[string]position{}
	for i, v := range values {
		key, keyAt, ok := c.key(v.Key)
		if i == 0 {
			m.at = keyAt
		}
		if !ok {
			continue
		}
		if first, twice := seen[key]; twice {
			c.fail(keyAt, "", "the key %q is here twice; it is in line %d already", key, first.line)
			continue
		}
		seen[key] = keyAt
		value := c.convert(v.Value)
		if value == nil {
			continue
		}
		if value.kind == nullNode {
			value.at = keyAt // a missing value has no place of its own
		}
		m.entries = append(m.entries, entry{key: key, at: keyAt, value: value})
		m.grow(value)
	}
	return c.counted(m)
}

// grow counts a child into n.
func (n *node) grow(child *node) {
	n.size += child.size
	n.depth = max(n.depth, child.depth+1)
}

// key returns a mapping's key as text. A scenario has no other keys than text.
func (c *converter) key(k ast.MapKeyNode) (string, position, bool) {
	if k == nil {
		return "", position{1, 1}, false
	}
	at := place(k.GetToken())
	if k.IsMergeKey() {
		c.fail(at, "", "merge keys (<<) are not used in scenario files: name the fields, or refer to a whole value with an alias")
		return "", at, false
	}
	switch k := k.(type) {
	case *ast.StringNode:
		return k.Value, at, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return k.GetToken().Value, at, true
	}
	c.fail(at, "", "a key has to be a word")
	return "", at, false
}

func (c *converter) anchor(at position, n *ast.AnchorNode) *node {
	name := anchorName(n.Name)
	c.anchors[name] = nil
	value := c.convert(n.Value)
	if value == nil {
		delete(c.anchors, name)
		return nil
	}
	c.anchors[name] = value
	return value
}

// alias returns the anchored node itself: nodes are only read, so they can be
// shared. Its size counts again, which is what bounds an alias of aliases.
func (c *converter) alias(at position, n *ast.AliasNode) *node {
	name := anchorName(n.Value)
	value, ok := c.anchors[name]
	switch {
	case !ok:
		c.fail(at, "", "the alias *%s has no anchor before it", name)
		return nil
	case value == nil:
		c.fail(at, "", "the alias *%s stands inside its own anchor", name)
		return nil
	}
	if c.nodes += value.size; c.nodes > maxNodes {
		c.fail(at, "", "aliases expand to more than %d values", maxNodes)
		return nil
	}
	return value
}

func anchorName(n ast.Node) string {
	if n == nil {
		return ""
	}
	return n.GetToken().Value
}

func place(t *token.Token) position {
	if t == nil || t.Position == nil {
		return position{1, 1}
	}
	return position{max(t.Position.Line, 1), max(t.Position.Column, 1)}
}

// bounded refuses what would cost the YAML parser more than a scenario is worth.
func bounded(tokens token.Tokens) (position, error) {
	if len(tokens) > maxTokens {
		return place(tokens[maxTokens]), fmt.Errorf("more than %d words and signs are too many for a scenario", maxTokens)
	}
	brackets, stacked, line := 0, 0, 0
	for _, t := range tokens {
		at := place(t)
		if at.line != line {
			stacked, line = 0, at.line
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType:
			stacked++ // each opens one more level within its line
		}
		if max(brackets, stacked) > maxDepth {
			return at, fmt.Errorf("values are nested more than %d deep", maxDepth)
		}
	}
	return position{}, nil
}
