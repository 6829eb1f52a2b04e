package scenario

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"

	"shakedown/scenarios"
)

var update = flag.Bool("update", false, "write docs/scenario.schema.json anew")

func schema(t *testing.T) []byte {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSchemaFile(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "scenario.schema.json")
	want := schema(t)
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("docs/scenario.schema.json differs from the vocabulary (%v); write it anew with: go generate ./harness/scenario", err)
	}
}

// The built-in files and the template pass the schema, as they pass Parse.
func TestSchemaAcceptsWhatParseAccepts(t *testing.T) {
	files := map[string][]byte{"template": Template(), "everything": []byte(everything)}
	err := fs.WalkDir(scenarios.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && isScenario(name) {
			files[name], err = fs.ReadFile(scenarios.FS(), name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if problem := checkSchema(t, text); problem != "" {
			t.Errorf("%s: %s", name, problem)
		}
		if _, err := Parse(name, text); err != nil {
			t.Errorf("%v", err)
		}
	}
}

func TestSchemaRefusesWhatItCanSay(t *testing.T) {
	for _, text := range []string{
		"titel: a", "title: [a]", "server: {server_name: a}", "client: {client_auth: none}", "matrix: {transport: [udp]}", "matrix: {tls: []}",
		"matrix: {tls: [1.4]}", "expect: {outcome: failed}", "expect: [{alert: nonesuch}]", "expect: {cause: nonesuch}",
		"pki: {a: {flaws: [expird]}}", "pki: {a: {not_after: 90}}", "pki: {a: {not_after: soon}}", "pki: {\"a b\": {}}", "client: {present: [\"\"]}",
		"script: [conect]", "script: []", "script: [{advance: -1d}]", "wire: [drop]", "wire: [{do: dorp}]", "wire: [{do: {split: 0.5}}]", "wire: [{on: {message: Certifcate}, do: drop}]", "timeout: soon", "- a",
	} {
		if checkSchema(t, []byte(text)) == "" {
			t.Errorf("the schema accepts %s", text)
		}
		if _, err := Parse("a.yaml", []byte(text)); err == nil {
			t.Errorf("Parse accepts %s", text)
		}
	}
}

func checkSchema(t *testing.T, text []byte) string {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal(schema(t), &root); err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	plain, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(plain, &value); err != nil {
		t.Fatal(err)
	}
	return validator{root}.check(root, value, "")
}

// A validator judges a value by those words of JSON Schema that the generator uses.
type validator struct{ root map[string]any }

func (v validator) check(s map[string]any, value any, path string) string {
	for word, arg := range s {
		if problem := v.word(s, word, arg, value, path); problem != "" {
			return problem
		}
	}
	return ""
}

func (v validator) word(s map[string]any, word string, arg, value any, path string) string {
	switch word {
	case "$schema", "$defs", "title", "description":
	case "$ref":
		def := v.root["$defs"].(map[string]any)[filepath.Base(arg.(string))]
		return v.check(def.(map[string]any), value, path)
	case "type":
		names, ok := arg.([]any)
		if !ok {
			names = []any{arg}
		}
		if !slices.Contains(names, any(typeOf(value))) {
			return fmt.Sprintf("%s is %s, want %v", path, typeOf(value), arg)
		}
	case "enum":
		if !slices.Contains(arg.([]any), value) {
			return fmt.Sprintf("%s: %v is none of the words", path, value)
		}
	case "pattern":
		if text, ok := value.(string); ok && !regexp.MustCompile(arg.(string)).MatchString(text) {
			return fmt.Sprintf("%s: %q does not match %s", path, text, arg)
		}
	case "minimum":
		if n, ok := value.(float64); ok && n < arg.(float64) {
			return fmt.Sprintf("%s: %v is too small", path, n)
		}
	case "minItems":
		if list, ok := value.([]any); ok && float64(len(list)) < arg.(float64) {
			return path + " is too short"
		}
	case "items":
		list, _ := value.([]any)
		for i, item := range list {
			if problem := v.check(arg.(map[string]any), item, fmt.Sprintf("%s[%d]", path, i)); problem != "" {
				return problem
			}
		}
	case "anyOf":
		problems := ""
		for _, option := range arg.([]any) {
			problem := v.check(option.(map[string]any), value, path)
			if problem == "" {
				return ""
			}
			problems += problem + "; "
		}
		return problems
	case "properties", "additionalProperties", "propertyNames":
		return v.object(s, word, value, path)
	default:
		return "the test does not know the word " + word
	}
	return ""
}

func (v validator) object(s map[string]any, word string, value any, path string) string {
	object, _ := value.(map[string]any)
	properties, _ := s["properties"].(map[string]any)
	for key, member := range object {
		known, ok := properties[key].(map[string]any)
		problem := ""
		switch {
		case word == "properties" && ok:
			problem = v.check(known, member, path+"."+key)
		case word == "additionalProperties" && !ok && s[word] == false:
			problem = path + " has the unknown key " + key
		case word == "additionalProperties" && !ok:
			problem = v.check(s[word].(map[string]any), member, path+"."+key)
		case word == "propertyNames":
			problem = v.check(s[word].(map[string]any), key, path)
		}
		if problem != "" {
			return problem
		}
	}
	return ""
}

func typeOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	}
	return "object"
}
