package tui_test

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"shakedown/harness"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
	"shakedown/scenarios"
	"shakedown/tui"
	"shakedown/tui/tuitest"
)

// builtIn returns the options of a UI with the built-in scenarios, played by
// the real engine over memory.
func builtIn(t *testing.T) tui.Options {
	list, err := scenario.LoadFS(scenarios.FS())
	if err != nil {
		t.Fatal(err)
	}
	o := tui.Options{}
	byID := map[string]*scenario.Scenario{}
	for _, sc := range list {
		byID[sc.ID] = sc
		o.Catalogue = append(o.Catalogue, tui.Entry{ID: sc.ID, Group: sc.Group, Title: sc.Title, About: sc.About, Cells: sc.Cells})
	}
	o.Open = func(id string, cell outcome.Cell) (tui.Debugger, error) {
		// Not the test's context: its channel is not of the script's bubble.
		return harness.OpenSession(context.Background(), byID[id], cell, harness.Options{Carrier: harness.Memory})
	}
	return o
}

// TestEngine plays scripts against the real engine. They run in fake time, so
// that nothing is retransmitted and every clock stands still; what is left to
// chance is masked.
func TestEngine(t *testing.T) {
	o := builtIn(t)
	files, err := filepath.Glob("testdata/engine/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			tuitest.Script{Options: func() tui.Options { return o }, Mask: mask, Update: *update}.Run(t, file)
		})
	}
}

// Numbers of bytes vary: signatures, and with them certificates, are a few
// bytes longer or shorter in every run, and QUIC cuts a ClientHello anywhere. So
// do connection IDs, in hex.
var (
	sizeColumn = regexp.MustCompile(`( +)((?:‹2›)?)([\d,]+)((?:‹[\d;]*›)*[│┃])`)
	sizeWords  = regexp.MustCompile(`([\d,]*\d)( bytes?| on the wire)`)
	hexWord    = regexp.MustCompile(`\b[0-9a-f]{8}\b`)
)

// mask puts # where a run may differ, cell for cell.
func mask(frame string) string {
	same := func(s string) string { return strings.Repeat("#", len(s)) }
	frame = sizeColumn.ReplaceAllStringFunc(frame, func(s string) string {
		m := sizeColumn.FindStringSubmatch(s)
		return m[2] + same(m[1]+m[3]) + m[4]
	})
	frame = sizeWords.ReplaceAllStringFunc(frame, func(s string) string {
		m := sizeWords.FindStringSubmatch(s)
		return same(m[1]) + m[2]
	})
	return hexWord.ReplaceAllStringFunc(frame, same)
}
