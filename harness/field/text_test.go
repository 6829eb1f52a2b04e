package field

import (
	"bytes"
	"strings"
	"testing"
)

// TestTexts wants every text to stay what it was, over many blocks and over the
// room's reset.
func TestTexts(t *testing.T) {
	var room Room
	var texts, want []string
	for n := range 5000 {
		text := strings.Repeat(string(rune('a'+n%26)), n*7%(2*longestText))
		b := []byte(text)
		texts, want = append(texts, room.Text(b)), append(want, text)
		clear(b)
		if n%100 == 0 {
			room.Reset()
		}
	}
	for i := range texts {
		if texts[i] != want[i] {
			t.Fatalf("text %d is %.20q of %d bytes, want %.20q of %d", i, texts[i], len(texts[i]), want[i], len(want[i]))
		}
	}
	b := []byte("offset 0, 90 bytes")
	if allocs := testing.AllocsPerRun(1000, func() { room.Text(b) }); allocs > 0 {
		t.Errorf("a short text takes %v allocations", allocs)
	}
	var none *Room
	if text := none.Text(b); text != string(b) {
		t.Errorf("without a room the text is %q", text)
	}
}

// TestSentences wants two sentences as one text, of any length, with a room and without.
func TestSentences(t *testing.T) {
	var room Room
	var texts, want []string
	for _, first := range []string{"", "One.", strings.Repeat("o", longestText-5), strings.Repeat("l", longestText)} {
		for _, second := range []string{"", "Two.", strings.Repeat("t", longestText)} {
			for _, in := range []*Room{nil, &room} {
				text := first + second
				if first != "" && second != "" {
					text = first + " " + second
				}
				texts, want = append(texts, in.Sentences(first, second)), append(want, text)
			}
		}
	}
	for i := range texts {
		if texts[i] != want[i] {
			t.Errorf("got %.20q of %d bytes, want %.20q of %d", texts[i], len(texts[i]), want[i], len(want[i]))
		}
	}
	if allocs := testing.AllocsPerRun(1000, func() { room.Sentences("One.", "Two.") }); allocs > 0 {
		t.Errorf("two short sentences take %v allocations", allocs)
	}
}

// TestBuilderTexts wants the same texts of a builder with a room, without one, and of
// the functions that it stands for.
func TestBuilderTexts(t *testing.T) {
	var with, without Builder
	with.In(new(Room))
	for _, n := range []uint64{0, 7, 1499, 1500, 1<<64 - 1} {
		if a, b, want := with.Decimal(n), without.Decimal(n), Decimal(n); a != want || b != want {
			t.Errorf("%q and %q, want %q", a, b, want)
		}
	}
	for _, n := range []int{0, 1, mostHex, mostHex + 1, 1 << 16} {
		raw := bytes.Repeat([]byte{0xab}, n)
		if a, b, want := with.Hex(raw), without.Hex(raw), Hex(raw); a != want || b != want {
			t.Errorf("%q and %q, want %q", a, b, want)
		}
	}
}
