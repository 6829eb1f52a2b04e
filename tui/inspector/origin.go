package inspector

import "shakedown/harness/field"

// An origin is a run of bytes of another buffer.
type origin struct {
	Buffer     string
	Start, End int
}

// origins returns what a buffer was made of, in its order.
func origins(b field.Buffer) []origin {
	var list []origin
	for _, r := range b.Ranges {
		list = append(list, origin{b.Parent, r.Start, r.End})
	}
	return list
}
