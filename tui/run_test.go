package tui_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/hinshun/vt10x"

	"shakedown/harness"
	"shakedown/harness/outcome"
	"shakedown/tui"
	"shakedown/tui/tuitest"
)

// A screen is a terminal that shows what a program writes, and signals each
// write. vt10x does not know every sequence of the renderer, so it is good for
// what is there, not for where it stands: frames are compared in the scripts.
type screen struct {
	vt    vt10x.Terminal
	wrote chan struct{}
}

func (s *screen) Write(p []byte) (int, error) {
	n, err := s.vt.Write(p)
	select {
	case s.wrote <- struct{}{}:
	default:
	}
	return n, err
}

// await waits until the terminal shows a text.
func (s *screen) await(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for !strings.Contains(s.vt.String(), text) {
		select {
		case <-s.wrote:
		case <-deadline:
			t.Fatalf("%q does not come; the screen is\n%s", text, s.vt.String())
		}
	}
}

// TestRun runs the whole program on a terminal: from the first frame to the
// refusal, and out of it with the session closed.
func TestRun(t *testing.T) {
	s := &screen{vt: vt10x.New(vt10x.WithSize(80, 24)), wrote: make(chan struct{}, 1)}
	in, keys := io.Pipe()
	defer keys.Close()
	var fake *tuitest.Fake
	o := options()
	o.Open = func(id string, cell outcome.Cell) (tui.Debugger, error) {
		d, err := tuitest.Open(id, cell)
		fake, _ = d.(*tuitest.Fake)
		return d, err
	}
	o.Start, o.Input, o.Output = "clientauth/no-client-certificate", in, s
	o.Environ = []string{"TERM=vt100", "LANG=en_US.UTF-8"}
	o.Size = [2]int{80, 24}
	done := make(chan error)
	go func() { done <- tui.Run(context.Background(), o) }()
	s.await(t, "ClientHello")
	for _, tt := range []struct{ key, shows string }{{"n", "ServerHello"}, {"f", "client-no-cert"}} {
		if _, err := io.WriteString(keys, tt.key); err != nil {
			t.Fatal(err)
		}
		s.await(t, tt.shows)
	}
	if _, err := io.WriteString(keys, "q"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("Run returns %v", err)
	}
	if !fake.Closed() {
		t.Error("the session is still open")
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &screen{vt: vt10x.New(vt10x.WithSize(80, 24)), wrote: make(chan struct{}, 1)}
	in, keys := io.Pipe()
	defer keys.Close()
	o := options()
	o.Input, o.Output, o.Size = in, s, [2]int{80, 24}
	done := make(chan error)
	go func() { done <- tui.Run(ctx, o) }()
	s.await(t, "scenarios")
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run returns %v, want that the context was canceled", err)
	}
}

// TestLeaving holds sessions to be closed when another page is shown, also one
// that arrives after the person has gone.
func TestLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var opened []*tuitest.Fake
		gate := make(chan struct{})
		o := options()
		o.Open = func(id string, cell outcome.Cell) (tui.Debugger, error) {
			<-gate
			d, err := tuitest.Open(id, cell)
			opened = append(opened, d.(*tuitest.Fake))
			return d, err
		}
		term := tuitest.NewTerminal(o, 120, 40, true)
		defer term.Close()
		press := func(keys ...string) {
			if err := term.Press(keys...); err != nil {
				t.Fatal(err)
			}
		}
		press("enter")
		if !strings.Contains(term.Frame(), "opening healthy/mutual") {
			t.Fatalf("it does not say that it opens:\n%s", term.Frame())
		}
		press("esc")
		close(gate)
		press("m")
		if len(opened) != 1 || !opened[0].Closed() {
			t.Error("the session that came too late was not closed")
		}
		press("enter")
		if !strings.Contains(term.Frame(), "held: client") {
			t.Fatalf("the second one did not open:\n%s", term.Frame())
		}
		press("esc")
		if len(opened) != 2 || !opened[1].Closed() {
			t.Error("the session that was left was not closed")
		}
	})
}

func TestOpenFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options()
		o.Open = func(string, outcome.Cell) (tui.Debugger, error) {
			return nil, errors.New(`mint healthy/mutual: unknown flaw "expird"`)
		}
		term := tuitest.NewTerminal(o, 120, 40, true)
		defer term.Close()
		if err := term.Press("enter"); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(term.Frame(), `unknown flaw "expird"`) {
			t.Errorf("the error is not shown:\n%s", term.Frame())
		}
	})
}

func TestUnsavedRecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options()
		o.Unsaved = func() string { return "the recording of server.test:443 is not saved" }
		term := tuitest.NewTerminal(o, 120, 40, true)
		defer term.Close()
		for _, tt := range []struct {
			keys string
			quit bool
		}{{"q", false}, {"j", false}, {"q", false}, {"q", true}} {
			if err := term.Press(tt.keys); err != nil {
				t.Fatal(err)
			}
			if term.Quit() != tt.quit {
				t.Errorf("after %q it has ended: %v, want %v", tt.keys, term.Quit(), tt.quit)
			}
		}
	})
}

// TestWriteFile copies to a file: only when asked, and never over another.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	synctest.Test(t, func(t *testing.T) {
		term := tuitest.NewTerminal(options(), 120, 40, true)
		defer term.Close()
		for _, keys := range []string{"enter f 4 j Y w", "Y w"} {
			if err := term.Press(strings.Fields(keys)...); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.Contains(term.Frame(), "wrote certificate as PEM to shakedown-certificate-as-pem-1.pem") {
			t.Errorf("it does not say what it wrote:\n%s", term.Frame())
		}
	})
	for _, name := range []string{"shakedown-certificate-as-pem.pem", "shakedown-certificate-as-pem-1.pem"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.HasPrefix(string(b), "-----BEGIN CERTIFICATE-----") {
			t.Errorf("%s holds %q (%v), want a certificate in PEM", name, b, err)
		}
	}
}

func TestReproducingCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options()
		o.Command = func(s harness.State) string {
			return "shakedown debug --server-cert 'my cert.pem' # " + s.Cell.String()
		}
		term := tuitest.NewTerminal(o, 120, 40, true)
		defer term.Close()
		if err := term.Press("enter", "Y", "G", "enter"); err != nil {
			t.Fatal(err)
		}
		if want := "shakedown debug --server-cert 'my cert.pem' # tcp 1.3"; term.Clipboard() != want {
			t.Errorf("the clipboard has %q, want %q", term.Clipboard(), want)
		}
	})
}

// slow is a debugger whose restart waits, as that of a live session does until
// the old run has ended.
type slow struct {
	tui.Debugger
	restarts chan outcome.Cell
}

func (s slow) Restart(c outcome.Cell) { s.restarts <- c }

// TestRestartDoesNotFreeze presses r with a restart under way: the screen goes
// on, and one restart is asked for, not two.
func TestRestartDoesNotFreeze(t *testing.T) {
	fake, err := tuitest.Open("healthy/mutual", outcome.Cell{Transport: outcome.TCP, TLS: "1.3"})
	if err != nil {
		t.Fatal(err)
	}
	dbg := slow{fake, make(chan outcome.Cell)}
	app := show(tui.Options{Debugger: dbg}, 120, 40)
	defer app.Close()
	r := tea.KeyPressMsg{Code: 'r', Text: "r"}
	_, restart := app.Update(r)
	if restart == nil {
		t.Fatal("r gives no command")
	}
	if _, again := app.Update(r); again != nil {
		t.Error("a second r restarts again")
	}
	done := make(chan tea.Msg)
	go func() { done <- restart() }()
	if got := <-dbg.restarts; got.TLS != "1.3" {
		t.Errorf("it restarts in %v", got)
	}
	app.Update(<-done)
	if _, next := app.Update(r); next == nil {
		t.Error("r does nothing after the restart")
	}
}

// TestNotes shows what was made to fit, whatever the size.
func TestNotes(t *testing.T) {
	for _, size := range [][2]int{{160, 50}, {120, 40}, {80, 24}, {60, 20}} {
		fake, err := tuitest.Open("healthy/mutual", outcome.Cell{Transport: outcome.TCP, TLS: "1.3"})
		if err != nil {
			t.Fatal(err)
		}
		app := show(tui.Options{Debugger: fake, Notes: []string{"none was given, one was made"}}, size[0], size[1])
		if view := ansi.Strip(app.View().Content); strings.Count(view, "none was given, one was made") != 1 {
			t.Errorf("at %v the note is not there once:\n%s", size, view)
		}
		app.Close()
	}
}
