package tui_test

import (
	"testing"

	"shakedown/harness"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
	"shakedown/scenarios"
	"shakedown/tui"
	"shakedown/tui/tuitest"
)

// TestEngine plays a script against the real engine, with no sockets.
func TestEngine(t *testing.T) {
	list, err := scenario.LoadFS(scenarios.FS())
	if err != nil {
		t.Fatal(err)
	}
	o := tui.Options{Color: tui.ColorNever}
	byID := map[string]*scenario.Scenario{}
	for _, sc := range list {
		byID[sc.ID] = sc
		o.Catalogue = append(o.Catalogue, tui.Entry{ID: sc.ID, Group: sc.Group, Title: sc.Title, About: sc.About, Cells: sc.Cells})
	}
	o.Open = func(id string, cell outcome.Cell) (tui.Debugger, error) {
		return harness.OpenSession(t.Context(), byID[id], cell, harness.Options{Carrier: harness.Memory})
	}
	tuitest.Script{Options: func() tui.Options { return o }, Real: true}.Run(t, "testdata/engine/refused.txtar")
}
