// Package scroll keeps a selection in view in a list whose items take one or
// more rows. It knows heights and numbers, no content: drawing costs what is
// visible, however long the list is.
package scroll

import "sort"

// A List is the selection and scroll position of one list. The zero List is
// empty.
//
// Where the window stands is remembered by item, and only a movement changes
// it: a list that is made smaller and larger again shows what it showed before.
type List struct {
	rows   []int // rows[i] is the first row of item i; one more entry than items
	height int
	sel    int
	// item and row are the first visible row as of the last movement.
	item, row int
}

// SetItems says how many items there are and how many rows each takes. The
// selection stays where it is, as far as there are items.
func (l *List) SetItems(n int, rows func(i int) int) {
	if cap(l.rows) < n+1 {
		l.rows = make([]int, 0, n+n/4+1)
	}
	l.rows = append(l.rows[:0], 0)
	at := 0
	for i := range n {
		at += max(rows(i), 1)
		l.rows = append(l.rows, at)
	}
	l.sel = clamp(l.sel, 0, n-1)
}

// One is the height of items that take one row.
func One(int) int { return 1 }

// SetHeight sets how many rows are visible.
func (l *List) SetHeight(h int) { l.height = max(h, 0) }

// Height returns how many rows are visible.
func (l *List) Height() int { return l.height }

// Len returns the number of items.
func (l *List) Len() int { return max(len(l.rows)-1, 0) }

// Selected returns the selected item; 0 in an empty list.
func (l *List) Selected() int { return l.sel }

// Select moves the selection to an item and the window no farther than needed.
func (l *List) Select(i int) {
	l.settle()
	l.sel = clamp(i, 0, l.Len()-1)
	l.settle()
}

// Move moves the selection by items.
func (l *List) Move(by int) { l.Select(l.sel + by) }

// Scroll moves the selection by rows: a page, or half of one.
func (l *List) Scroll(rows int) {
	if l.Len() == 0 || rows == 0 {
		return
	}
	at := l.itemAt(clamp(l.rows[l.sel]+rows, 0, l.total()-1))
	if at == l.sel {
		at += sign(rows)
	}
	l.Select(at)
}

// Reset selects the first item and shows it.
func (l *List) Reset() { l.sel, l.item, l.row = 0, 0, 0 }

// Window returns the first visible row, the number of visible rows, and the
// number of all.
func (l *List) Window() (top, visible, total int) {
	return l.top(), min(l.height, l.total()), l.total()
}

// Visible calls draw for each visible row: y counts from the top of the window,
// sub from the top of the item.
func (l *List) Visible(draw func(y, item, sub int)) {
	top, total := l.top(), l.total()
	if l.height == 0 || total == 0 {
		return
	}
	item := l.itemAt(top)
	for y := 0; y < l.height && top+y < total; y++ {
		for l.rows[item+1] <= top+y {
			item++
		}
		draw(y, item, top+y-l.rows[item])
	}
}

// At returns the item at row y of the window, and whether there is one.
func (l *List) At(y int) (int, bool) {
	row := l.top() + y
	if y < 0 || y >= l.height || row >= l.total() {
		return 0, false
	}
	return l.itemAt(row), true
}

// settle remembers the window's place.
func (l *List) settle() {
	if l.Len() == 0 {
		l.item, l.row = 0, 0
		return
	}
	top := l.top()
	l.item = l.itemAt(min(top, l.total()-1))
	l.row = top - l.rows[l.item]
}

// top returns the first visible row: the remembered one, moved as far as the
// selection and the end of the list ask for.
func (l *List) top() int {
	n := l.Len()
	if n == 0 {
		return 0
	}
	item := clamp(l.item, 0, n-1)
	top := l.rows[item] + min(l.row, l.rows[item+1]-l.rows[item]-1)
	first, end := l.rows[l.sel], l.rows[l.sel+1]
	if end > top+l.height {
		top = end - l.height
	}
	if first < top {
		top = first
	}
	return clamp(top, 0, max(l.total()-l.height, 0))
}

func (l *List) total() int {
	if len(l.rows) == 0 {
		return 0
	}
	return l.rows[len(l.rows)-1]
}

// itemAt returns the item that holds a row.
func (l *List) itemAt(row int) int {
	return sort.SearchInts(l.rows, row+1) - 1
}

func clamp(v, low, high int) int { return max(min(v, high), low) }

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}
