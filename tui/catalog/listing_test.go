package catalog

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"shakedown/harness/diagnose"
	"shakedown/harness/outcome"
	"shakedown/tui/keymap"
	"shakedown/tui/theme"
)

func connections() []Entry {
	var entries []Entry
	for i, c := range []Connection{
		{ServerName: "server.test", Outcome: diagnose.Established},
		{ServerName: "server.test", Outcome: diagnose.Refused, RefusedBy: outcome.Server, Alert: "certificate_required", Causes: []string{"client-no-cert"}},
		{ServerName: "\x1b[2Jevil.test"},
		{ServerName: "server.test", Outcome: diagnose.TimedOut, Packets: 1},
	} {
		c.Number, c.Time, c.Cell = i+1, "12:00:00.000", tcp13
		c.Client, c.Server = fmt.Sprintf("192.0.2.10:%d", 49152+i), "192.0.2.1:8443"
		entries = append(entries, c.Entry())
	}
	return entries
}

func newConnections() *Pane {
	p := New(theme.Default(), keymap.Default(), Connections("a.pcapng"), connections())
	p.SetFocus(true)
	p.SetSize(118, 12)
	return p
}

func TestConnections(t *testing.T) {
	p := newConnections()
	view := ansi.Strip(p.View())
	for _, want := range []string{
		"[all] established  refused  undecided  timeout",
		"   no.  connection                         over     server name       outcome              cause",
		" ▸   1  192.0.2.10:49152 → 192.0.2.1:8443  tcp 1.3  server.test       ✓ established",
		"     2  192.0.2.10:49153 → 192.0.2.1:8443  tcp 1.3  server.test       ✗ refused by server  client-no-cert",
		`\x1b[2Jevil.test  · undecided`,
		"✗ timeout",
	} {
		if !strings.Contains(view, want) {
			t.Errorf("it lacks %q:\n%s", want, view)
		}
	}
	if n, failed := p.Count(); n != 4 || failed != 2 {
		t.Errorf("%d connections, %d of them failed; want 4 and 2", n, failed)
	}
	for query, want := range map[string]int{"refused": 1, "certificate_required": 1, "49154": 1, "evil": 1, "tcp": 4, "client-no-cert": 1} {
		if got := p.Search(query); got != want {
			t.Errorf("%q finds %d connections, want %d", query, got, want)
		}
	}
}

// TestColumnsYield keeps, in a narrow pane, the columns that matter most.
func TestColumnsYield(t *testing.T) {
	for _, tt := range []struct {
		width int
		want  string
	}{
		{140, "no. time connection over server name outcome cause"},
		{118, "no. connection over server name outcome cause"},
		{98, "no. connection server name outcome cause"},
		{78, "no. connection server name outcome"},
		{58, "no. connection outcome"},
		{38, "no. over outcome"},
		{10, "no."},
	} {
		p := newConnections()
		p.SetSize(tt.width, 12)
		rows := strings.Split(ansi.Strip(p.View()), "\n")
		if got := strings.Join(strings.Fields(rows[1]), " "); got != tt.want {
			t.Errorf("at %d cells the columns are %q, want %q", tt.width, got, tt.want)
		}
		for i, row := range rows {
			if w := ansi.StringWidth(row); w != tt.width {
				t.Errorf("at %d cells row %d has %d", tt.width, i, w)
			}
		}
	}
}

// TestScenarios names what was run where a recording is our own.
func TestScenarios(t *testing.T) {
	c := Connection{Number: 1, Scenario: "trust/unknown-server-ca (tcp 1.3)", Client: "192.0.2.1:50000", Server: "192.0.2.2:4433", Outcome: diagnose.Established}
	p := New(theme.Default(), keymap.Default(), Connections("a.pcapng", "one note"), []Entry{c.Entry()})
	p.SetSize(78, 12)
	view := ansi.Strip(p.View())
	for _, want := range []string{"no.  connection                         outcome", "trust/unknown-server-ca (tcp 1.3)  ✓ established", " • one note"} {
		if !strings.Contains(view, want) {
			t.Errorf("it lacks %q:\n%s", want, view)
		}
	}
	if strings.Contains(view, "server name") || strings.Contains(view, "time") {
		t.Errorf("it has columns that nothing is in:\n%s", view)
	}
	if p.Search("192.0.2.2") != 1 {
		t.Error("it is not found by its address")
	}
}

func TestFailed(t *testing.T) {
	p := newConnections()
	for i, m := range []struct {
		by   int
		want string
	}{{1, "2"}, {1, "4"}, {1, "2"}, {-1, "4"}, {-1, "2"}} {
		if !p.Failed(m.by) || selected(t, p) != m.want {
			t.Fatalf("move %d leads to %s, want %s", i, selected(t, p), m.want)
		}
	}
	if p.Search("established"); p.Failed(1) {
		t.Error("one of those that are established failed")
	}
	if p.Search("no such thing"); p.Failed(1) {
		t.Error("one of none failed")
	}
	p.Search("")
	p.Update(tea.KeyPressMsg{Code: tea.KeyRight})
	if view := ansi.Strip(p.View()); !strings.Contains(view, "[established]") || !strings.Contains(view, "1 of 4") {
		t.Errorf("one to the right is\n%s", view)
	}
}

// TestProbable tells what is probable from what is known.
func TestProbable(t *testing.T) {
	for _, tt := range []struct {
		c       Connection
		want    string
		verdict Verdict
	}{
		{Connection{Outcome: diagnose.Refused, RefusedBy: outcome.Client}, "refused by client", Failed},
		{Connection{Likely: diagnose.Refused, RefusedBy: outcome.Server}, "probably refused by server", Suspect},
		{Connection{Likely: diagnose.Established}, "probably established", Undecided},
		{Connection{}, "undecided", Undecided},
	} {
		e := tt.c.Entry()
		if got := e.Columns[5]; got != tt.want || e.Verdict != tt.verdict {
			t.Errorf("%+v is %q, verdict %d; want %q, %d", tt.c, got, e.Verdict, tt.want, tt.verdict)
		}
	}
}

func TestNoConnections(t *testing.T) {
	p := New(theme.Default(), keymap.Default(), Connections("a.pcapng"), nil)
	p.SetSize(70, 12)
	if view := ansi.Strip(p.View()); !strings.Contains(view, "There is no TLS or QUIC connection in this recording.") {
		t.Errorf("it says\n%s", view)
	}
}

func TestAboutAConnection(t *testing.T) {
	a := NewAbout(theme.Default(), keymap.Default(), Connections("a.pcapng"))
	a.SetSize(60, 20)
	a.SetEntry(connections()[1], true, tcp13)
	view := ansi.Strip(a.View())
	for _, want := range []string{"Connection 2", "client   192.0.2.10:49153", "asks for server.test", "alert    certificate_required", "cause    client-no-cert"} {
		if !strings.Contains(view, want) {
			t.Errorf("it lacks %q:\n%s", want, view)
		}
	}
	if strings.Contains(view, "runs in") {
		t.Errorf("it says where a recording runs:\n%s", view)
	}
	a.SetEntry(connections()[3], true, tcp13)
	if view := ansi.Strip(a.View()); !strings.Contains(view, "recorded 1 packet\u0020") {
		t.Errorf("it counts\n%s", view)
	}
}
