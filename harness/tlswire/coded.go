package tlswire

import (
	"sync/atomic"

	"shakedown/harness/field"
)

// A codedName is a name with its code of two bytes written out.
type codedName struct {
	name string
	code uint16
	text string
}

// codedNames has the names that were written last, each at the place that its code
// and its length say: a handshake has dozens, nearly all of them those of the one
// before.
var codedNames [256]atomic.Pointer[codedName]

// coded writes a name and the bytes that stand for it.
func coded(name string, b []byte) string {
	if len(b) != 2 {
		return field.Coded(name, b)
	}
	code := uint16(value(b))
	place := &codedNames[byte(int(code>>8)*31+int(code)+len(name))]
	if known := place.Load(); known != nil && known.code == code && known.name == name {
		return known.text
	}
	text := field.Coded(name, b)
	place.Store(&codedName{name, code, text})
	return text
}
