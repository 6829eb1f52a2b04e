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
		"   no.  time          client → server                 over           server name  outcome              cause",
		" ▸   1  12:00:00.000  192.0.2.10:49152 → 192.0.2.1:…  tcp · TLS 1.3  server.test  ✓ established",
		"     2  12:00:00.000  192.0.2.10:49153 → 192.0.2.1:…  tcp · TLS 1.3  server.test  ✗ refused by server  client-no-cert",
		`\x1b[2Jevi…  · undecided`,
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
		{118, "no. time client → server over server name outcome cause"},
		{100, "no. time client → server server name outcome cause"},
		{78, "no. time client → server server name outcome"},
		{58, "no. client → server outcome"},
		{38, "no. outcome"},
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
