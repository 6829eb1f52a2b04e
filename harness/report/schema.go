package report

import (
	"encoding/json"
	"reflect"
	"strings"

	"shakedown/harness"
)

// Schema returns the JSON Schema of what `--format json` writes, as
// docs/result.schema.json has it. It is made from the types, so that the two
// cannot differ. A reader must put up with properties that are not in it: fields
// are added, never renamed.
func Schema() ([]byte, error) {
	schema := describe(reflect.TypeFor[harness.Report](), map[reflect.Type]bool{})
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "What shakedown writes with --format json"
	return json.MarshalIndent(schema, "", "  ")
}

// describe returns the schema of a type. A type within itself (a field's
// fields) is left open.
func describe(t reflect.Type, within map[reflect.Type]bool) map[string]any {
	switch t.Kind() {
	case reflect.Pointer:
		return map[string]any{"anyOf": []any{describe(t.Elem(), within), map[string]any{"type": "null"}}}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": describe(t.Elem(), within)}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Struct:
		if within[t] {
			return map[string]any{"type": "object"}
		}
		within[t] = true
		defer delete(within, t)
		properties, required := map[string]any{}, []string{}
		members(t, within, properties, &required)
		return map[string]any{"type": "object", "properties": properties, "required": required}
	}
	return map[string]any{"type": "integer"} // the contract has no other numbers
}

// members adds the members of a struct, those of embedded structs included.
func members(t reflect.Type, within map[reflect.Type]bool, properties map[string]any, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			members(f.Type, within, properties, required)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue // it is not written
		}
		properties[name] = describe(f.Type, within)
		if !strings.Contains(options, "omitempty") {
			*required = append(*required, name)
		}
	}
}
