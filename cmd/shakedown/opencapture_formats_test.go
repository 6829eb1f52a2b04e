package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestOpenFormatsAgree writes captures as lines and as one document. The lines are
// made ahead of their turn, step by step, with what other connections have in
// common with them; the document at the end, of whole results. Both say the same.
func TestOpenFormatsAgree(t *testing.T) {
	const refused = "title: twice\nscript: [{connect: {}}, {reload: {client: {present: []}}}, {connect: {}}]\nexpect: [{outcome: established}, {outcome: refused}]\n"
	files, err := filepath.Glob("../../fixtures/captures/*.pcap")
	if err != nil || len(files) == 0 {
		t.Fatal("no captures:", err)
	}
	// The same connections come three times: first they are new.
	files = append(files, captured(t, works, refused, works, refused, works, refused))
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			args := []string{"open", file, "--fields", "--all"}
			if keys := strings.TrimSuffix(file, ".pcap") + ".keys"; exists(keys) {
				args = append(args, "--keylog", keys)
			}
			open := func(format string) []byte {
				f := newFake(t)
				if code := f.run(t.Context(), append(args, "--format", format)...); code != exitOK {
					t.Fatalf("exit code %d\n%s", code, &f.err)
				}
				return f.out.Bytes()
			}
			var document struct{ Results []any }
			if err := json.Unmarshal(open("json"), &document); err != nil {
				t.Fatal(err)
			}
			var lines []any
			for line := range strings.Lines(string(open("jsonl"))) {
				var result any
				if err := json.Unmarshal([]byte(line), &result); err != nil {
					t.Fatal(err)
				}
				lines = append(lines, result)
			}
			if len(lines) != len(document.Results) {
				t.Fatalf("%d lines, %d results", len(lines), len(document.Results))
			}
			for i, line := range lines {
				if !reflect.DeepEqual(line, document.Results[i]) {
					t.Errorf("result %d of %d differs between the lines and the document", i+1, len(lines))
				}
			}
		})
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
