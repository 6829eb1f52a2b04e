package inspector

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// certificate is a message of three parts, one of which has parts of its own,
// that came in a record.
func certificate() (*dissect.Step, field.Tree) {
	message := bytes.Repeat([]byte{0xab}, 64)
	record := append([]byte{22, 3, 3, 0, 64}, message...)
	step := &dissect.Step{N: 5, From: outcome.Server, Level: dissect.Plaintext, Kind: dissect.KindHandshake, Name: "Certificate", Bytes: 64, WireBytes: 69}
	return step, field.Tree{
		Buffers: []field.Buffer{
			{Name: "record", Bytes: record},
			{Name: "message", Bytes: message, Origins: []field.Origin{{Buffer: "record", Start: 5, End: 69}}},
		},
		Fields: []field.Field{
			{Label: "TLSPlaintext", Buffer: "record", End: 69, Fields: []field.Field{
				{Label: "type", Buffer: "record", End: 1, Value: "handshake (22)"},
				{Label: "version", Buffer: "record", Start: 1, End: 3, Value: "TLS 1.2 (0x0303)"},
				{Label: "length", Buffer: "record", Start: 3, End: 5, Value: "64"},
				{Label: "fragment", Buffer: "record", Start: 5, End: 69, Value: "64 bytes"},
			}},
			{Label: "Certificate", Buffer: "message", End: 64, Section: "RFC 8446 4.4.2", Fields: []field.Field{
				{Label: "msg_type", Buffer: "message", End: 1, Value: "Certificate (11)"},
				{Label: "list", Buffer: "message", Start: 1, End: 64, Meaning: strings.Repeat("The chain goes on and on. ", 12), Fields: []field.Field{
					{Label: "first", Buffer: "message", Start: 1, End: 30, Meaning: strings.Repeat("What this is takes many words. ", 12) + "The end."},
					{Label: "second", Buffer: "message", Start: 30, End: 64},
				}},
			}},
		},
	}
}

func press(p *Pane, keys ...string) {
	codes := map[string]rune{"left": tea.KeyLeft, "right": tea.KeyRight, "up": tea.KeyUp, "down": tea.KeyDown, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd, "enter": tea.KeyEnter}
	for _, k := range keys {
		if code, ok := codes[k]; ok {
			p.Update(tea.KeyPressMsg{Code: code})
			continue
		}
		p.Update(tea.KeyPressMsg{Code: []rune(k)[0], Text: k})
	}
}

// where is the selected field and, in its bytes, the byte.
func where(p *Pane) string {
	r, _ := p.selected()
	if !p.dump.entered {
		return r.field.Label
	}
	return fmt.Sprintf("%s %d", r.field.Label, p.dump.at)
}

// TestBytes moves over bytes and looks which field is selected: moving in one
// moves in the other.
func TestBytes(t *testing.T) {
	type move struct{ key, want string }
	for _, tt := range []struct {
		name  string
		moves []move
	}{
		{"bytes select fields", []move{
			{"", "Certificate 0"}, // of 12 bytes a row
			{"right", "first 1"},
			{"left", "msg_type 0"},
			{"left", "msg_type 0"},
			{"down", "first 12"},
			{"down", "first 24"},
			{"down", "second 36"},
			{"up", "first 24"},
			{"end", "second 63"},
			{"right", "second 63"},
			{"down", "second 63"},
			{"home", "msg_type 0"},
			{"up", "msg_type 0"},
		}},
		{"from buffer to buffer at the same byte", []move{
			{"right", "first 1"},
			{"<", "fragment 6"},
			{"<", "fragment 6"},
			{"left", "fragment 5"},
			{">", "msg_type 0"},
			{"<", "fragment 5"},
			{"left", "length 4"},
			{">", "msg_type 0"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := open(certificate())
			p.InBytes(true)
			for i, m := range tt.moves {
				if m.key != "" {
					press(p, m.key)
				}
				if got := where(p); got != m.want {
					t.Fatalf("move %d, %s: at %s, want %s", i, m.key, got, m.want)
				}
			}
			p.InBytes(false)
			press(p, "down")
		})
	}
}

func TestFieldsSelectBytes(t *testing.T) {
	p := open(certificate())
	press(p, "down")
	holds(t, ansi.Strip(p.View()), "msg_type · byte 0 of message", "record › [message]  bytes 5–68 of record")
	press(p, "up", "up")
	holds(t, ansi.Strip(p.View()), "TLSPlaintext · bytes 0–68 of record", "[record] › message", "00000 16 03 03 00  40 ab ab ab")
	press(p, ">")
	if got := where(p); got != "Certificate" {
		t.Errorf("> selects %s, want the message", got)
	}
	press(p, "<")
	if got := where(p); got != "TLSPlaintext" {
		t.Errorf("< selects %s, want the record", got)
	}
}

// TestMarkedBytes marks the bytes of the selected field and no others.
func TestMarkedBytes(t *testing.T) {
	p := open(certificate())
	press(p, "down")
	var row string
	for _, l := range strings.Split(p.View(), "\n") {
		if strings.Contains(l, "00000") {
			row = l
		}
	}
	before, marked, found := strings.Cut(row, "\x1b[7;36m")
	if !found || !strings.HasPrefix(marked, "ab\x1b[m") || strings.Contains(ansi.Strip(before), "ab") {
		t.Errorf("the first byte is not marked: %q", row)
	}
	if n := strings.Count(row, "\x1b[7;36m"); n != 2 { // in hex and in text
		t.Errorf("%d runs are marked, want 2: %q", n, row)
	}
}

// TestLongMeaning shows a long meaning to its end when asked, and not before.
func TestLongMeaning(t *testing.T) {
	p := open(certificate())
	press(p, "down", "down", "down")
	if got := where(p); got != "first" {
		t.Fatalf("at %s", got)
	}
	if view := ansi.Strip(p.View()); strings.Contains(view, "The end.") || !strings.Contains(view, "…") {
		t.Errorf("it does not cut the meaning:\n%s", view)
	}
	press(p, "enter")
	holds(t, ansi.Strip(p.View()), "The end.")
	press(p, "down", "up")
	if view := ansi.Strip(p.View()); strings.Contains(view, "The end.") {
		t.Errorf("it still shows the whole meaning:\n%s", view)
	}
}

func TestFoldAll(t *testing.T) {
	p := open(certificate())
	press(p, "down", "down", "down", "-")
	if got := where(p); got != "list" {
		t.Errorf("after folding all %s is selected, want what it is in", got)
	}
	if len(p.rows) != 8 {
		t.Errorf("%d rows, want the outermost fields and theirs", len(p.rows))
	}
	press(p, "+")
	if got := where(p); got != "list" || len(p.rows) != 10 {
		t.Errorf("after unfolding all %d rows, %s selected", len(p.rows), got)
	}
}

// TestBytesKeepTheirPlace makes the pane smaller and larger again.
func TestBytesKeepTheirPlace(t *testing.T) {
	for _, entered := range []bool{false, true} {
		p := open(certificate())
		press(p, "down", "down", "down", "down")
		p.InBytes(entered)
		if entered {
			press(p, "end", "up")
		}
		want := p.View()
		for _, size := range [][2]int{{34, 14}, {120, 40}, {58, 18}} {
			p.SetSize(size[0], size[1])
			for i, row := range strings.Split(ansi.Strip(p.View()), "\n") {
				if w := ansi.StringWidth(row); w != size[0] {
					t.Errorf("at %v row %d is %d cells wide", size, i, w)
				}
			}
		}
		p.SetSize(60, 24)
		if got := p.View(); got != want {
			t.Errorf("entered %v: it shows\n%s\nand showed\n%s", entered, ansi.Strip(got), ansi.Strip(want))
		}
	}
}

// TestPassage follows a byte through buffers that are made of several runs.
func TestPassage(t *testing.T) {
	a := field.Buffer{Name: "a", Bytes: make([]byte, 30)}
	b := field.Buffer{Name: "b", Bytes: make([]byte, 10), Origins: []field.Origin{{Buffer: "a", Start: 2, End: 6}, {Buffer: "a", Start: 20, End: 26}}}
	for _, tt := range []struct {
		from, to field.Buffer
		at, want int
	}{{b, a, 0, 2}, {b, a, 3, 5}, {b, a, 4, 20}, {b, a, 9, 25}, {a, b, 5, 3}, {a, b, 20, 4}, {a, b, 0, 0}, {a, b, 10, 0}, {a, a, 3, 0}} {
		if got := passage(tt.from, tt.to, tt.at); got != tt.want {
			t.Errorf("byte %d of %s is at %d of %s, want %d", tt.at, tt.from.Name, got, tt.to.Name, tt.want)
		}
	}
	for want, from := range map[string][]field.Origin{
		"bytes 2–5, 20–25 of a":           b.Origins,
		"byte 7 of a, bytes 0–1 of other": {{Buffer: "a", Start: 7, End: 8}, {Buffer: "other", Start: 0, End: 2}},
	} {
		if got := madeOf(field.Buffer{Origins: from}); got != want {
			t.Errorf("it is made of %q, want %q", got, want)
		}
	}
}

// TestBits shows the parts of a byte, of which the byte is the smallest that can
// be gone to.
func TestBits(t *testing.T) {
	step, _ := certificate()
	step.Name = "Initial"
	p := open(step, field.Tree{
		Buffers: []field.Buffer{{Name: "packet", Bytes: []byte{0xc3, 0, 0, 0, 1}}},
		Fields: []field.Field{{Label: "Initial", Buffer: "packet", End: 5, Fields: []field.Field{
			{Label: "first byte", Buffer: "packet", End: 1, Value: "0xc3", Fields: []field.Field{
				{Label: "header form", Buffer: "packet", End: 1, Bits: "1... ....", Value: "long"},
				{Label: "packet type", Buffer: "packet", End: 1, Bits: "..00 ....", Value: "Initial"},
			}},
			{Label: "version", Buffer: "packet", Start: 1, End: 5, Value: "1"},
		}}},
	})
	if strings.Contains(ansi.Strip(p.View()), "1... ....") {
		t.Errorf("the bits are unfolded:\n%s", ansi.Strip(p.View()))
	}
	press(p, "+")
	holds(t, ansi.Strip(p.View()), "1... .... long", "..00 .... Initial")
	p.InBytes(true)
	press(p, "right", "left")
	if got := where(p); got != "first byte 0" {
		t.Errorf("the byte is %s", got)
	}
}
