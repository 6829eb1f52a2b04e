package tuitest

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"shakedown/tui"
)

// A Script is a story that a user could have typed: keys, and the frames that
// they lead to. It is a txtar archive whose comment has one command a line and
// whose files are the golden frames.
//
//	size 120x40        the terminal's size; the first line, and later to resize
//	press s s tab      keys
//	type server        a key for each character, up to the end of the line
//	await REFUSED      wait until the frame contains the text
//	shows TEXT         the frame contains the text
//	lacks TEXT         it does not
//	frame NAME         the frame is the golden one of that name
//	painted NAME       the same with its styles spelled out
//	same NAME          the frame is the one that NAME was before
//	clipboard TEXT     what was copied contains the text
//	quits              the program has ended
type Script struct {
	// Options returns the options of a fresh UI.
	Options func() tui.Options
	// Golden is the archive that holds the frames, empty for the script's own
	// file. A second engine has its own.
	Golden string
	// Mask makes a frame the same in every run, nil for one that is.
	Mask func(frame string) string
	// Real runs outside of a synctest bubble: for real sockets.
	Real bool
	// Update rewrites the golden frames.
	Update bool
}

// Run plays a script.
func (s Script) Run(t *testing.T, path string) {
	t.Helper()
	script, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	golden, goldenPath := script, path
	if s.Golden != "" {
		goldenPath = s.Golden
		if golden, err = txtar.ParseFile(goldenPath); errors.Is(err, os.ErrNotExist) && s.Update {
			golden = &txtar.Archive{Comment: []byte("Frames of " + path + " against another engine.\n")}
		} else if err != nil {
			t.Fatal(err)
		}
	}
	p := &player{Script: s, t: t, golden: golden, seen: map[string]string{}}
	if s.Real {
		p.play(path, string(script.Comment))
	} else {
		synctest.Test(t, func(t *testing.T) {
			p.t = t
			p.play(path, string(script.Comment))
		})
	}
	if s.Update && p.changed {
		if err := os.WriteFile(goldenPath, txtar.Format(golden), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

type player struct {
	Script
	t       *testing.T
	term    *Terminal
	golden  *txtar.Archive
	seen    map[string]string
	changed bool
}

func (p *player) play(path, commands string) {
	p.t.Helper()
	defer func() {
		if p.term != nil {
			p.term.Close()
		}
	}()
	for i, line := range strings.Split(commands, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		verb, rest, _ := strings.Cut(line, " ")
		if err := p.command(verb, rest); err != nil {
			p.t.Fatalf("%s:%d: %s: %v", path, i+1, line, err)
		}
	}
}

func (p *player) command(verb, rest string) error {
	if verb == "size" {
		var w, h int
		if _, err := fmt.Sscanf(rest, "%dx%d", &w, &h); err != nil {
			return err
		}
		if p.term == nil {
			p.term = NewTerminal(p.Options(), w, h, !p.Real)
			return nil
		}
		p.term.Resize(w, h)
		return nil
	}
	if p.term == nil {
		return errors.New("the first command must be size")
	}
	switch verb {
	case "press":
		return p.term.Press(strings.Fields(rest)...)
	case "type":
		p.term.Type(rest)
	case "await":
		return p.term.Await(rest)
	case "shows":
		if !strings.Contains(p.term.Frame(), rest) {
			return fmt.Errorf("the screen is\n%s", p.term.Frame())
		}
	case "lacks":
		if strings.Contains(p.term.Frame(), rest) {
			return fmt.Errorf("the screen is\n%s", p.term.Frame())
		}
	case "frame":
		return p.compare(rest, p.term.Frame())
	case "painted":
		return p.compare(rest, p.term.Painted())
	case "same":
		if diff := cmp.Diff(p.seen[rest], p.term.Frame()); diff != "" {
			return fmt.Errorf("differs (-before +now):\n%s", diff)
		}
	case "clipboard":
		if !strings.Contains(p.term.Clipboard(), rest) {
			return fmt.Errorf("the clipboard has %q", p.term.Clipboard())
		}
	case "quits":
		return p.term.AwaitQuit()
	default:
		return errors.New("unknown command")
	}
	return nil
}

// compare holds a frame against the golden one, or updates that.
func (p *player) compare(name, frame string) error {
	p.seen[name] = p.term.Frame()
	if p.Mask != nil {
		frame = p.Mask(frame)
	}
	frame += "\n"
	for i, f := range p.golden.Files {
		if f.Name != name {
			continue
		}
		if string(f.Data) == frame {
			return nil
		}
		if p.Update {
			p.golden.Files[i].Data, p.changed = []byte(frame), true
			return nil
		}
		return fmt.Errorf("the frame differs; -update rewrites it (-want +got):\n%s", cmp.Diff(string(f.Data), frame))
	}
	if p.Update {
		p.golden.Files = append(p.golden.Files, txtar.File{Name: name, Data: []byte(frame)})
		p.changed = true
		return nil
	}
	return fmt.Errorf("there is no golden frame %q; -update writes it:\n%s", name, frame)
}
