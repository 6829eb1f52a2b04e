package keymap_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/tui/keymap"
)

var update = flag.Bool("update", false, "rewrite docs/keys.md")

func TestNoKeyTwice(t *testing.T) {
	if err := keymap.Default().Conflict(); err != nil {
		t.Error(err)
	}
}

func TestConflictIsFound(t *testing.T) {
	_, err := keymap.Default().Override(map[keymap.Action][]string{keymap.Finish: {"s"}})
	if err == nil || !strings.Contains(err.Error(), `"s"`) {
		t.Errorf("binding finish to s gives error %v, want one that names the key", err)
	}
}

func TestOverride(t *testing.T) {
	m, err := keymap.Default().Override(map[keymap.Action][]string{keymap.Step: {"F11"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Action(keymap.OnHandshake, "F11"); got != keymap.Step {
		t.Errorf("F11 does %q, want step", got)
	}
	if got := m.Action(keymap.OnHandshake, "s"); got != "" {
		t.Errorf("s still does %q", got)
	}
	if got := keymap.Default().Action(keymap.OnHandshake, "s"); got != keymap.Step {
		t.Errorf("the default map was changed: s does %q", got)
	}
	if _, err := m.Override(map[keymap.Action][]string{"leap": {"x"}}); err == nil {
		t.Error("an unknown action is accepted")
	}
}

// TestEveryPaneMoves holds each focus to arrows and hjkl, g and G, pages and
// half pages, and keeps the keys of screen and tmux free.
func TestEveryPaneMoves(t *testing.T) {
	m := keymap.Default()
	for _, f := range keymap.Focuses {
		for _, k := range []string{"up", "down", "left", "right", "h", "j", "k", "l", "g", "G", "pgup", "pgdown", "ctrl+u", "ctrl+d"} {
			if m.Action(f, k) == "" {
				t.Errorf("%s: key %q does nothing", f, k)
			}
		}
		for _, k := range []string{"ctrl+a", "ctrl+b"} {
			if a := m.Action(f, k); a != "" {
				t.Errorf("%s: key %q does %s", f, k, a)
			}
		}
		if a := m.Action(f, "esc"); a != keymap.Close {
			t.Errorf("%s: esc does %q, want close", f, a)
		}
		if a := m.Action(f, "ctrl+c"); a != keymap.Quit {
			t.Errorf("%s: ctrl+c does %q, want quit", f, a)
		}
		if n := len(m.Footer(f)); n < 3 || n > 9 {
			t.Errorf("%s: the footer has %d keys, want 3 to 9", f, n)
		}
	}
}

func TestDocument(t *testing.T) {
	name := filepath.FromSlash("../../docs/keys.md")
	want := keymap.Default().Markdown()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), want); diff != "" {
		t.Errorf("docs/keys.md differs from the keymap (-file +keymap); go test ./tui/keymap -update writes it:\n%s", diff)
	}
}
