package report

// ink colours words where colour is on.
type ink bool

// The colours, by the terminal's own palette.
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (i ink) paint(color, s string) string {
	if !i || s == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}
