// Package tuitest drives the terminal UI without a terminal: it feeds keys,
// reads frames, and compares them with golden ones. [Fake] stands in for the
// engine, over hand-made plays; the same scripts run against the real one.
package tuitest

import (
	"fmt"
	"strings"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"shakedown/tui"
)

// A Terminal runs an App and is everything that it sees of the outside.
//
// Inside a [synctest] bubble it settles after each key: whatever the key set in
// motion has come to rest when the next one is pressed. Outside of one, with
// real sockets for example, use [Terminal.Await].
type Terminal struct {
	app           *tui.App
	messages      chan tea.Msg
	settled       bool
	width, height int
	clipboard     string
	quit          bool
}

// NewTerminal starts the UI at a size. bubble says that the caller runs in a
// synctest bubble.
func NewTerminal(o tui.Options, width, height int, bubble bool) *Terminal {
	if o.Environ == nil {
		o.Environ = []string{"LANG=en_US.UTF-8", "TERM=xterm-256color"}
	}
	t := &Terminal{app: tui.New(o), messages: make(chan tea.Msg, 64), settled: bubble}
	t.run(t.app.Init())
	t.Resize(width, height)
	return t
}

// Resize changes the size.
func (t *Terminal) Resize(width, height int) {
	t.width, t.height = width, height
	t.send(tea.WindowSizeMsg{Width: width, Height: height})
}

// Press presses keys, named as Bubble Tea names them: "s", "tab", "ctrl+d".
func (t *Terminal) Press(keys ...string) error {
	for _, k := range keys {
		msg, err := parseKey(k)
		if err != nil {
			return err
		}
		t.send(msg)
	}
	return nil
}

// Type presses the key of each character.
func (t *Terminal) Type(text string) {
	for _, r := range text {
		t.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// Send delivers any message.
func (t *Terminal) Send(msg tea.Msg) { t.send(msg) }

// Screen returns the frame with its styles.
func (t *Terminal) Screen() string { return t.app.View().Content }

// Frame returns the frame as plain text, without spaces at the ends of lines.
func (t *Terminal) Frame() string { return trim(ansi.Strip(t.Screen())) }

// Painted returns the frame with its styles spelled out: "‹1;31›" begins one,
// "‹›" ends it.
func (t *Terminal) Painted() string {
	var b strings.Builder
	rest := t.Screen()
	for {
		before, after, found := strings.Cut(rest, "\x1b[")
		b.WriteString(before)
		if !found {
			return trim(b.String())
		}
		sgr, tail, _ := strings.Cut(after, "m")
		fmt.Fprintf(&b, "‹%s›", sgr)
		rest = tail
	}
}

// Clipboard returns what was copied last.
func (t *Terminal) Clipboard() string { return t.clipboard }

// Quit says whether the App has ended the program.
func (t *Terminal) Quit() bool { return t.quit }

// App returns the model.
func (t *Terminal) App() *tui.App { return t.app }

// Close closes the open session.
func (t *Terminal) Close() {
	t.app.Close()
	t.drain()
}

// Await waits until the frame contains a text.
func (t *Terminal) Await(text string) error {
	if !t.until(func() bool { return strings.Contains(t.Frame(), text) }) {
		return fmt.Errorf("%q does not come; the screen is\n%s", text, t.Frame())
	}
	return nil
}

// AwaitQuit waits until the App ends the program.
func (t *Terminal) AwaitQuit() error {
	if !t.until(t.Quit) {
		return fmt.Errorf("it does not end; the screen is\n%s", t.Frame())
	}
	return nil
}

// until delivers messages until done, and says whether that came in time.
func (t *Terminal) until(done func() bool) bool {
	deadline := time.After(10 * time.Second)
	for {
		t.drain()
		if done() {
			return true
		}
		select {
		case msg := <-t.messages:
			t.deliver(msg)
		case <-deadline:
			return false
		}
	}
}

func (t *Terminal) send(msg tea.Msg) {
	t.deliver(msg)
	t.drain()
}

// drain delivers what commands have sent, in a bubble until nothing moves.
func (t *Terminal) drain() {
	for {
		if t.settled {
			synctest.Wait()
		}
		select {
		case msg := <-t.messages:
			t.deliver(msg)
		default:
			return
		}
	}
}

func (t *Terminal) deliver(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
		return
	case tea.QuitMsg:
		t.quit = true
		return
	case tea.BatchMsg:
		for _, cmd := range msg {
			t.run(cmd)
		}
		return
	}
	// Bubble Tea keeps the type of this message to itself.
	if fmt.Sprintf("%T", msg) == "tea.setClipboardMsg" {
		t.clipboard = fmt.Sprint(msg)
		return
	}
	_, cmd := t.app.Update(msg)
	t.run(cmd)
}

func (t *Terminal) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		if msg := cmd(); msg != nil {
			t.messages <- msg
		}
	}()
}

func trim(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

var keyCodes = map[string]rune{
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace,
}

// parseKey turns a key's name into the message of its press.
func parseKey(name string) (tea.KeyPressMsg, error) {
	switch {
	case name == "space":
		return tea.KeyPressMsg{Code: ' ', Text: " "}, nil
	case name == "shift+tab":
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}, nil
	case strings.HasPrefix(name, "ctrl+") && len(name) == 6:
		return tea.KeyPressMsg{Code: rune(name[5]), Mod: tea.ModCtrl}, nil
	case len([]rune(name)) == 1:
		return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}, nil
	}
	if code, ok := keyCodes[name]; ok {
		return tea.KeyPressMsg{Code: code}, nil
	}
	return tea.KeyPressMsg{}, fmt.Errorf("unknown key %q", name)
}
