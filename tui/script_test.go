package tui_test

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"shakedown/tui"
	"shakedown/tui/tuitest"
)

var update = flag.Bool("update", false, "rewrite the golden frames")

func options() tui.Options {
	return tui.Options{Catalogue: tuitest.Catalogue(), Open: tuitest.Open, Tree: tuitest.Tree}
}

func TestScripts(t *testing.T) { play(t, "testdata/*.txtar", options) }

// TestRecordings plays scripts over recorded connections.
func TestRecordings(t *testing.T) { play(t, "testdata/recording/*.txtar", tuitest.RecordingOptions) }

func play(t *testing.T, pattern string, options func() tui.Options) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			tuitest.Script{Options: options, Update: *update}.Run(t, file)
		})
	}
}
