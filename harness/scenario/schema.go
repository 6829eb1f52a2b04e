package scenario

import (
	"encoding/json"
	"fmt"
	"slices"
)

//go:generate go test -run ^TestSchemaFile$ -update

// Schema returns the JSON Schema of scenario files, for editors. It is generated
// from the same vocabulary that [Parse] checks files against; what it cannot say,
// such as which names are defined, Parse says.
func Schema() ([]byte, error) {
	g := schemaGenerator{defs: schemaNode{}}
	root := g.object(vocabulary)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "shakedown scenario"
	root["$defs"] = g.defs
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("generate the schema: %w", err)
	}
	return append(text, '\n'), nil
}

// A schemaNode is one object of a JSON Schema. Its keys come out sorted.
type schemaNode map[string]any

// A schemaGenerator writes shapes that have a name of their own once, under $defs.
type schemaGenerator struct{ defs schemaNode }

func (g schemaGenerator) of(s *shape) schemaNode {
	if s.def == "" {
		return g.object(s)
	}
	if _, done := g.defs[s.def]; !done {
		g.defs[s.def] = g.object(s)
	}
	return schemaNode{"$ref": "#/$defs/" + s.def}
}

func (g schemaGenerator) object(s *shape) schemaNode {
	n := schemaNode{}
	if s.doc != "" {
		n["description"] = s.doc
	}
	switch s.kind {
	case textShape:
		n["type"] = "string"
	case boolShape:
		n["type"] = "boolean"
	case integerShape:
		n["type"], n["minimum"] = "integer", 0
	case digitsShape:
		n["type"] = []string{"integer", "string"}
	case versionShape:
		n["enum"] = versionEnum(s.words)
		return n
	case listShape:
		n["type"], n["items"] = "array", g.of(s.elem)
		if s.least > 0 {
			n["minItems"] = s.least
		}
	case mapShape:
		n["type"], n["additionalProperties"] = "object", g.of(s.elem)
		n["propertyNames"] = schemaNode{"pattern": s.pattern}
		return n
	case objectShape:
		properties := schemaNode{}
		for _, k := range s.keys {
			properties[k.name] = g.of(k.shape)
		}
		n["type"], n["properties"], n["additionalProperties"] = "object", properties, false
	case eitherShape:
		var options []schemaNode
		for _, o := range s.options {
			options = append(options, g.of(o))
		}
		n["anyOf"] = options
	}
	if s.words != nil {
		words := slices.Concat(s.words, s.hidden)
		slices.Sort(words)
		n["enum"] = slices.Compact(words)
	}
	if s.pattern != "" {
		n["pattern"] = s.pattern
	}
	return n
}

// versionEnum allows a version as text and as a number: YAML reads 1.3 as one.
func versionEnum(words []string) []any {
	var values []any
	for _, w := range words {
		values = append(values, w)
	}
	for _, w := range words {
		values = append(values, json.Number(w))
	}
	return values
}
