package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"shakedown/harness/report"
)

// What a certificate says must not drive a terminal, reorder a line or begin
// one, in any format.
func TestNoFormatLetsHostileTextThrough(t *testing.T) {
	file := filepath.Join("testdata", "hostile.yaml")
	commands := [][]string{{"list", file}, {"list", file, "--format", "json"}, {"validate", file}, {"run", file, "healthy/mutual"}, {"run", "x\x1b[31m\u202e"}}
	for _, format := range report.Formats() {
		commands = append(commands, []string{"run", file, "--fields", "--format", format})
	}
	for _, args := range commands {
		var out bytes.Buffer
		a := newApp()
		a.stdin, a.stdout, a.stderr = strings.NewReader(""), &out, &out
		run(context.Background(), a, args)
		if out.Len() == 0 {
			t.Errorf("%q wrote nothing", args)
		}
		for line := range strings.Lines(out.String()) {
			for _, r := range strings.TrimSuffix(line, "\n") {
				if !unicode.IsPrint(r) {
					t.Errorf("%q: %U got through in %+q", args, r, line)
				}
			}
			if strings.HasPrefix(line, "::error::") {
				t.Errorf("%q: a certificate's name begins a line: %+q", args, line)
			}
		}
	}
}
