package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

var updateReadme = flag.Bool("update-readme", false, "write the output in README.md anew")

// An outputBlock of README.md is a command and what it prints.
var outputBlock = regexp.MustCompile("(?s)<!-- output: shakedown ([^\n]*) -->\n```console\n(.*?)```\n<!-- end -->")

// README.md shows what the tool really prints. Sizes and times differ from run
// to run: the length of a signature does.
func TestReadmeShowsWhatTheToolPrints(t *testing.T) {
	const file = "../../README.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	blocks := outputBlock.FindAllStringSubmatchIndex(string(text), -1)
	if len(blocks) == 0 {
		t.Fatal("README.md shows no output")
	}
	written := string(text)
	for _, at := range blocks {
		command, shown := string(text[at[2]:at[3]]), string(text[at[4]:at[5]])
		want := "$ shakedown " + command + "\n" + printed(t, strings.Fields(command))
		if *updateReadme {
			written = strings.Replace(written, shown, want, 1)
			continue
		}
		if normal(shown) != normal(want) {
			t.Errorf("README.md shows\n%s\nbut the tool prints\n%s\nwrite it anew with: go test ./cmd/shakedown -run Readme -update-readme", shown, want)
		}
	}
	if *updateReadme {
		if err := os.WriteFile(file, []byte(written), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func printed(t *testing.T, args []string) string {
	t.Helper()
	var out, diagnostics bytes.Buffer
	a := newApp()
	a.stdin, a.stdout, a.stderr = strings.NewReader(""), &out, &diagnostics
	if code := run(context.Background(), a, args); code != 0 {
		t.Fatalf("shakedown %s: exit %d\n%s", strings.Join(args, " "), code, diagnostics.String())
	}
	return out.String()
}

var changing = regexp.MustCompile(`[\d,]+ bytes?`)

func normal(s string) string { return changing.ReplaceAllString(strings.TrimSpace(s), "N bytes") }
