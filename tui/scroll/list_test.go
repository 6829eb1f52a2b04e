package scroll

import (
	"fmt"
	"slices"
	"testing"
)

// visible returns what is drawn, as "item.row".
func visible(l *List) []string {
	var rows []string
	l.Visible(func(y, item, sub int) {
		if y != len(rows) {
			rows = append(rows, fmt.Sprintf("row %d is drawn at %d", len(rows), y))
		}
		rows = append(rows, fmt.Sprintf("%d.%d", item, sub))
	})
	return rows
}

func list(height int, rows ...int) *List {
	l := &List{}
	l.SetItems(len(rows), func(i int) int { return rows[i] })
	l.SetHeight(height)
	return l
}

func TestMoving(t *testing.T) {
	tests := []struct {
		name string
		move func(*List)
		sel  int
		want []string
	}{
		{"at first", func(*List) {}, 0, []string{"0.0", "1.0", "1.1"}},
		{"down within the window", func(l *List) { l.Move(1) }, 1, []string{"0.0", "1.0", "1.1"}},
		{"down below it, whole items", func(l *List) { l.Select(2) }, 2, []string{"1.0", "1.1", "2.0"}},
		{"to the end", func(l *List) { l.Select(99) }, 4, []string{"3.0", "3.1", "4.0"}},
		{"up again, no farther than needed", func(l *List) { l.Select(4); l.Move(-1) }, 3, []string{"3.0", "3.1", "4.0"}},
		{"above the first", func(l *List) { l.Move(-5) }, 0, []string{"0.0", "1.0", "1.1"}},
		{"a page", func(l *List) { l.Scroll(3) }, 2, []string{"1.0", "1.1", "2.0"}},
		{"a page that is smaller than an item", func(l *List) { l.Select(1); l.Scroll(1); l.Scroll(-1) }, 1, []string{"1.0", "1.1", "2.0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := list(3, 1, 2, 1, 2, 1)
			tt.move(l)
			if l.Selected() != tt.sel {
				t.Errorf("selects %d, want %d", l.Selected(), tt.sel)
			}
			if got := visible(l); !slices.Equal(got, tt.want) {
				t.Errorf("shows %v, want %v", got, tt.want)
			}
		})
	}
}

func TestSizeChangesKeepThePlace(t *testing.T) {
	rows := make([]int, 50)
	l := list(10, rows...)
	l.Select(30)
	l.Move(-4)
	want := visible(l)
	for _, h := range []int{3, 0, 45, 1} {
		l.SetHeight(h)
		if at, ok := l.At(0); h > 0 && (!ok || at > l.Selected()) {
			t.Errorf("with %d rows the selection is out of sight", h)
		}
		visible(l)
	}
	l.SetItems(50, func(int) int { return 3 })
	l.SetHeight(10)
	l.SetItems(50, One)
	if got := visible(l); !slices.Equal(got, want) {
		t.Errorf("shows %v, want %v", got, want)
	}
}

func TestEmptyList(t *testing.T) {
	l := &List{}
	l.SetHeight(5)
	l.Move(1)
	l.Scroll(-3)
	l.Select(7)
	if rows := visible(l); rows != nil || l.Selected() != 0 {
		t.Errorf("an empty list shows %v and selects %d", rows, l.Selected())
	}
	if _, ok := l.At(0); ok {
		t.Error("an empty list has an item at its first row")
	}
}

// TestShrinkingItems keeps the selection inside a list that gets shorter.
func TestShrinkingItems(t *testing.T) {
	l := list(4, make([]int, 30)...)
	l.Select(29)
	l.SetItems(2, One)
	if got, want := visible(l), []string{"0.0", "1.0"}; l.Selected() != 1 || !slices.Equal(got, want) {
		t.Errorf("shows %v and selects %d, want %v and 1", got, l.Selected(), want)
	}
}
