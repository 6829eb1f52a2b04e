package tui_test

import (
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"

	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
	"shakedown/tui"
	"shakedown/tui/tuitest"
)

const many = 10_000

func manyEntries() []tui.Entry {
	entries := make([]tui.Entry, many)
	for i := range entries {
		group := fmt.Sprintf("group-%d", i/100)
		entries[i] = tui.Entry{
			ID: fmt.Sprintf("%s/scenario-%d", group, i), Group: group, Title: "What is wrong with the certificate this time",
			Cells: []outcome.Cell{{Transport: outcome.TCP, TLS: "1.3"}},
		}
	}
	return entries
}

func manyConnections() []tui.Entry {
	entries := make([]tui.Entry, many)
	for i := range entries {
		c := tui.Connection{
			Number: i + 1, Time: "12:00:00.000", Client: fmt.Sprintf("192.0.2.%d:%d", i%200, 1024+i), Server: "192.0.2.250:443",
			Cell: outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}, ServerName: "server.test", Outcome: diagnose.Established,
		}
		if i == many/2 {
			c.Outcome, c.RefusedBy, c.Alert, c.Causes = diagnose.Refused, outcome.Server, "certificate_required", []string{"client-no-cert"}
		}
		entries[i] = c.Entry()
	}
	return entries
}

func BenchmarkViewConnections(b *testing.B) {
	app := show(tui.Options{Catalogue: manyConnections(), Listing: tui.Connections("many.pcapng")}, 160, 50)
	down := tea.KeyPressMsg{Code: tea.KeyPgDown}
	for b.Loop() {
		app.Update(down)
		_ = app.View()
	}
}

func BenchmarkSearchConnections(b *testing.B) {
	app := show(tui.Options{Catalogue: manyConnections(), Listing: tui.Connections("many.pcapng")}, 160, 50)
	app.Update(tea.KeyPressMsg{Code: '/', Text: "/"})
	for b.Loop() {
		app.Update(tea.KeyPressMsg{Code: '7', Text: "7"})
		_ = app.View()
		app.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
	}
}

// BenchmarkNextFailed goes round ten thousand connections to the one that failed.
func BenchmarkNextFailed(b *testing.B) {
	app := show(tui.Options{Catalogue: manyConnections(), Listing: tui.Connections("many.pcapng")}, 160, 50)
	next := tea.KeyPressMsg{Code: 'f', Text: "f"}
	for b.Loop() {
		app.Update(next)
		_ = app.View()
	}
}

func BenchmarkNewConnections(b *testing.B) {
	entries := manyConnections()
	for b.Loop() {
		_ = show(tui.Options{Catalogue: entries, Listing: tui.Connections("many.pcapng")}, 160, 50).View()
	}
}

func manySteps() tui.Debugger {
	cell := outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}
	p := &tuitest.Play{}
	for i := range many {
		s := &dissect.Step{N: i + 1, From: outcome.Client, Name: "application_data", Summary: "some bytes", Kind: dissect.KindApplicationData, Level: dissect.Application, Bytes: 1400, Unit: i, Flight: i / 7}
		if i%5 == 4 {
			s.Kind, s.Unit = dissect.KindLocal, -1
			s.Fact = &transcript.Fact{Side: outcome.Client, Kind: transcript.Note, Text: "a fact"}
		}
		if i%2 == 1 {
			s.From = outcome.Server
		}
		p.Steps = append(p.Steps, s)
	}
	f := tuitest.NewFake("many", "Many steps", "", []outcome.Cell{cell}, map[outcome.Cell]*tuitest.Play{cell: p}, cell)
	for range 3 {
		f.Step()
	}
	return f
}

func show(o tui.Options, width, height int) *tui.App {
	o.Environ = []string{"LANG=en_US.UTF-8"}
	app := tui.New(o)
	app.Update(tea.WindowSizeMsg{Width: width, Height: height})
	return app
}

func BenchmarkViewCatalogue(b *testing.B) {
	app := show(tui.Options{Catalogue: manyEntries()}, 160, 50)
	down := tea.KeyPressMsg{Code: tea.KeyPgDown}
	for b.Loop() {
		app.Update(down)
		_ = app.View()
	}
}

func BenchmarkSearchCatalogue(b *testing.B) {
	app := show(tui.Options{Catalogue: manyEntries()}, 160, 50)
	app.Update(tea.KeyPressMsg{Code: '/', Text: "/"})
	for b.Loop() {
		app.Update(tea.KeyPressMsg{Code: '7', Text: "7"})
		_ = app.View()
		app.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
	}
}

func BenchmarkViewSession(b *testing.B) {
	app := show(tui.Options{Debugger: manySteps()}, 160, 50)
	up := tea.KeyPressMsg{Code: 'k', Text: "k"}
	for b.Loop() {
		app.Update(up)
		_ = app.View()
	}
}

func BenchmarkViewDialog(b *testing.B) {
	app := show(tui.Options{Debugger: manySteps()}, 160, 50)
	app.Update(tea.KeyPressMsg{Code: '?', Text: "?"})
	for b.Loop() {
		_ = app.View()
	}
}

func BenchmarkNew(b *testing.B) {
	entries := manyEntries()[:300]
	for b.Loop() {
		_ = show(tui.Options{Catalogue: entries}, 120, 40).View()
	}
}
