package tui_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/tui"
	"shakedown/tui/theme"
	"shakedown/tui/tuitest"
)

// TestFrameFillsTheScreen holds every frame, at every size, in every state that
// these keys lead to, to exactly the terminal's rows and columns.
func TestFrameFillsTheScreen(t *testing.T) {
	scenarios := map[string]string{
		"catalogue": "", "search": "/ a", "nothing found": "/ x x x x", "about": "2", "opened": "enter", "ended": "enter f",
		"step": "enter n 2", "sides": "enter f 3", "chains": "enter f 4", "help": "enter ?", "breakpoints": "enter b", "copy menu": "enter 2 Y",
		"bytes": "enter n 2 x", "zoomed": "enter n 2 z", "zoomed bytes": "enter n 2 j x z l l",
	}
	recordings := map[string]string{
		"connections": "", "one connection": "2", "failed": "f f", "none found": "/ x x x x", "zoomed list": "z", "help on connections": "?",
		"replay": "f enter", "replayed sides": "f enter 3", "sealed": "j j j enter", "nothing recorded": "G enter", "hostile name": "G k enter",
	}
	for _, on := range []struct {
		states  map[string]string
		options func() tui.Options
	}{{scenarios, options}, {recordings, tuitest.RecordingOptions}} {
		for name, keys := range on.states {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { fillsTheScreen(t, on.options(), keys) })
			})
		}
	}
}

// fillsTheScreen presses keys and looks at frames of many sizes. The first one
// comes back when its size does.
func fillsTheScreen(t *testing.T, o tui.Options, keys string) {
	t.Helper()
	term := tuitest.NewTerminal(o, 120, 40, true)
	defer term.Close()
	if err := term.Press(strings.Fields(keys)...); err != nil {
		t.Fatal(err)
	}
	before := term.Screen()
	for width := 0; width <= 210; width += 13 {
		for height := 0; height <= 75; height += 7 {
			term.Resize(width, height)
			checkSize(t, term.Screen(), width, height)
		}
	}
	term.Resize(120, 40)
	if term.Screen() != before {
		t.Errorf("at its first size it shows\n%s", term.Frame())
	}
}

func checkSize(t *testing.T, screen string, width, height int) {
	t.Helper()
	if width == 0 || height == 0 {
		if screen != "" {
			t.Fatalf("%dx%d: the frame is %q, want none", width, height, screen)
		}
		return
	}
	lines := strings.Split(screen, "\n")
	if small := width < 40 || height < 10; small {
		if len(lines) > height {
			t.Fatalf("%dx%d: %d rows", width, height, len(lines))
		}
		return
	}
	if len(lines) != height {
		t.Fatalf("%dx%d: %d rows:\n%s", width, height, len(lines), ansi.Strip(screen))
	}
	for i, l := range lines {
		if w := ansi.StringWidth(l); w != width {
			t.Fatalf("%dx%d: row %d is %d cells wide: %q", width, height, i, w, ansi.Strip(l))
		}
	}
}

// TestAnyKeys presses keys at random, resizes in between, and looks for nothing
// but a panic or a frame of a wrong size.
func TestAnyKeys(t *testing.T) {
	keys := strings.Fields("s n c f b p P r t v enter space up down left right h j k l g G pgup pgdown ctrl+u ctrl+d / ] [ tab shift+tab 1 2 3 4 y Y m ? esc q a x backspace x + - < > z F")
	sizes := [][2]int{{120, 40}, {80, 24}, {60, 20}, {40, 10}, {200, 60}, {0, 0}, {3, 70}, {163, 24}}
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			options := options
			if seed%3 == 2 {
				options = tuitest.RecordingOptions
			}
			random := rand.New(rand.NewPCG(seed, 0))
			synctest.Test(t, func(t *testing.T) {
				term := tuitest.NewTerminal(options(), 120, 40, true)
				defer term.Close()
				var pressed []string
				defer func() {
					if t.Failed() {
						t.Log(strings.Join(pressed, " "))
					}
				}()
				width, height := 120, 40
				for range 500 {
					if random.IntN(20) == 0 {
						size := sizes[random.IntN(len(sizes))]
						width, height = size[0], size[1]
						term.Resize(width, height)
					}
					if random.IntN(20) == 0 {
						m := tea.Mouse{X: random.IntN(130), Y: random.IntN(45), Button: tea.MouseLeft}
						term.Send([]tea.Msg{tea.MouseClickMsg(m), tea.MouseWheelMsg(m)}[random.IntN(2)])
					}
					key := keys[random.IntN(len(keys))]
					pressed = append(pressed, key)
					if err := term.Press(key); err != nil {
						t.Fatal(err)
					}
					checkSize(t, term.Screen(), width, height)
				}
			})
		})
	}
}

// TestForeignText shows what a peer controls, full of control characters, and
// looks for any of them on the screen.
func TestForeignText(t *testing.T) {
	evil := "\x1b]52;c;aGk=\x07\x1b[2J\r\n\u202e\u009b31m\x00 evil"
	o := options()
	o.Open = func(id string, cell outcome.Cell) (tui.Debugger, error) {
		return nil, fmt.Errorf("%s", evil)
	}
	for i := range o.Catalogue {
		o.Catalogue[i].Title, o.Catalogue[i].About = evil, evil
	}
	synctest.Test(t, func(t *testing.T) {
		o.Debugger = evilSession(evil)
		term := tuitest.NewTerminal(o, 160, 50, true)
		defer term.Close()
		look := func(keys string) {
			if err := term.Press(strings.Fields(keys)...); err != nil {
				t.Fatal(err)
			}
			for _, r := range ansi.Strip(term.Screen()) {
				if r != '\n' && (r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e) {
					t.Fatalf("after %q the screen holds %q:\n%q", keys, r, term.Frame())
				}
			}
			for _, sequence := range []string{"\x1b]", "\x1b[2J", "\x07"} {
				if strings.Contains(term.Screen(), sequence) {
					t.Fatalf("after %q the screen holds %q", keys, sequence)
				}
			}
		}
		for _, keys := range []string{"1", "2", "3", "4", "1 f", "2 j", "3 j", "Y", "esc b", "esc y", "esc", "enter"} {
			look(keys)
		}
	})
}

// TestForeignTextInRecordings looks for control characters in a list of
// connections, one of which has a hostile name, and in that connection.
func TestForeignTextInRecordings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := tuitest.RecordingOptions()
		o.Listing = tui.Connections("\x1b[31mfailing\u202e.pcapng")
		o.Notes = []string{"\x1b]2;note\x07"}
		term := tuitest.NewTerminal(o, 160, 50, true)
		defer term.Close()
		for _, keys := range []string{"", "G k", "2", "1 enter", "3", "4", "Y", "esc esc"} {
			if err := term.Press(strings.Fields(keys)...); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(keys, "k") && !strings.Contains(term.Frame(), `\x1b]0;owned\x07`) {
				t.Fatalf("the hostile name is not there:\n%s", term.Frame())
			}
			for _, r := range ansi.Strip(term.Screen()) {
				if r != '\n' && (r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e) {
					t.Fatalf("after %q the screen holds %q:\n%q", keys, r, term.Frame())
				}
			}
			if strings.Contains(term.Screen(), "\x1b]") || strings.Contains(term.Screen(), "\x1b[2J") {
				t.Fatalf("after %q the screen holds a sequence of the peer's", keys)
			}
		}
	})
}

func evilSession(evil string) tui.Debugger {
	cell := outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}
	s := &dissect.Step{N: 1, From: outcome.Client, Name: evil, Summary: evil, Kind: dissect.KindHandshake, Bytes: 3, Unit: 0}
	p := &tuitest.Play{Steps: []*dissect.Step{s}}
	p.Client.Outcome = outcome.Outcome{Known: true, Handshake: &outcome.Failure{Text: evil}}
	p.Server.Outcome = outcome.Outcome{Known: true, Unloadable: &outcome.Failure{Text: evil}}
	p.Client.Settings = outcome.Settings{Known: true, ServerName: evil, TrustSource: evil, Trust: [][]byte{{1}}}
	p.Result.Reason = evil
	return tuitest.NewFake(evil, evil, evil, []outcome.Cell{cell}, map[outcome.Cell]*tuitest.Play{cell: p}, cell)
}

// TestASCII shows the UI where the locale is not UTF-8: every cell is ASCII,
// and the layout is the same.
func TestASCII(t *testing.T) {
	t.Run("scenarios", func(t *testing.T) { inASCII(t, options, "j j", "enter", "n n", "f", "2", "x", "?") })
	t.Run("recording", func(t *testing.T) {
		inASCII(t, tuitest.RecordingOptions, "j j", "j enter", "2", "x", "esc 3", "esc k enter")
	})
}

func inASCII(t *testing.T, options func() tui.Options, all ...string) {
	t.Helper()
	o := options()
	o.Environ = []string{"LANG=C", "TERM=xterm"}
	synctest.Test(t, func(t *testing.T) {
		plain := tuitest.NewTerminal(o, 120, 40, true)
		defer plain.Close()
		fancy := tuitest.NewTerminal(options(), 120, 40, true)
		defer fancy.Close()
		for _, keys := range all {
			for _, term := range []*tuitest.Terminal{plain, fancy} {
				if err := term.Press(strings.Fields(keys)...); err != nil {
					t.Fatal(err)
				}
			}
			if got, want := plain.Screen(), theme.ASCII(fancy.Screen()); got != want {
				t.Errorf("after %q the layout differs:\n%s", keys, plain.Frame())
			}
			for _, r := range plain.Screen() {
				if r >= 0x80 {
					t.Fatalf("after %q the screen holds %q", keys, r)
				}
			}
			checkSize(t, plain.Screen(), 120, 40)
		}
	})
}
