package report

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"

	"shakedown/harness"
	"shakedown/harness/scenario"
	"shakedown/scenarios"
)

var updateSchema = flag.Bool("update-schema", false, "write docs/result.schema.json anew")

const schemaFile = "../../docs/result.schema.json"

func TestSchemaIsThatOfTheDocs(t *testing.T) {
	want, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *updateSchema {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is out of date; write it with: go test ./harness/report -run Schema -update-schema", schemaFile)
	}
}

// A whole run, with every step's fields, is what the schema says.
func TestARunFitsTheSchema(t *testing.T) {
	list, err := scenario.LoadFS(scenarios.FS())
	if err != nil {
		t.Fatal(err)
	}
	result, err := harness.RunSuite(context.Background(), list, harness.SuiteOptions{Options: harness.Options{Fields: true, Carrier: harness.Memory}})
	if err != nil {
		t.Fatal(err)
	}
	checkEncoding(t, result)
	var text bytes.Buffer
	w, err := New("json", &text, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(w, result); err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(text.Bytes(), &value); err != nil {
		t.Fatal(err)
	}
	for _, problem := range unfit(readSchema(t), value, "$") {
		t.Error(problem)
	}

	result.Results[0].Steps = nil
	broken, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(broken, &value); err != nil {
		t.Fatal(err)
	}
	if len(unfit(readSchema(t), value, "$")) == 0 {
		t.Error("a result whose steps are null fits the schema")
	}
}

func readSchema(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

// unfit says where a value is not what the schema says. It knows the words that
// the schema uses, and takes a property that the schema does not name for a fault.
func unfit(schema map[string]any, value any, at string) (problems []string) {
	if choices, ok := schema["anyOf"].([]any); ok {
		for _, c := range choices {
			if len(unfit(c.(map[string]any), value, at)) == 0 {
				return nil
			}
		}
		return []string{at + " fits none of the choices"}
	}
	switch v := value.(type) {
	case map[string]any:
		if schema["type"] != "object" {
			return []string{at + " is an object"}
		}
		properties, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				problems = append(problems, fmt.Sprintf("%s has no %s", at, name))
			}
		}
		for name, member := range v {
			switch p, ok := properties[name].(map[string]any); {
			case ok:
				problems = append(problems, unfit(p, member, at+"."+name)...)
			case properties != nil:
				problems = append(problems, at+" has a "+name+", which is not in the schema")
			}
		}
		return problems
	case []any:
		if schema["type"] != "array" {
			return []string{at + " is an array"}
		}
		for i, item := range v {
			problems = append(problems, unfit(schema["items"].(map[string]any), item, fmt.Sprintf("%s[%d]", at, i))...)
		}
		return problems
	}
	if got := typeName(value); got != schema["type"] {
		return []string{fmt.Sprintf("%s is %s, want %v", at, got, schema["type"])}
	}
	return nil
}

func typeName(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	}
	return ""
}
