package field

import (
	"strings"
	"sync"
)

// A Memo remembers fields whose parts come again and again: the same bytes at the
// same place, in one message after the other. K is all that the field depends on
// besides its bytes. What is remembered is bounded; a Memo that is full starts
// over. It may be used by several goroutines at once; the zero Memo is ready.
type Memo[K comparable] struct {
	mu    sync.RWMutex
	of    map[occurrence[K]]*Field
	total int
}

// An occurrence is some bytes at some place: one key, as looking up a place and then
// the bytes takes three times as long.
type occurrence[K comparable] struct {
	raw string
	at  K
}

// What a Memo remembers at most: fields with all their parts, and of one field
// parts and bytes. All of it is a few megabytes.
const (
	mostRemembered      = 1 << 15
	mostRememberedParts = 1 << 9
	mostRememberedBytes = 1 << 14
)

// Find returns the field that raw is, nil if it is not known. Its parts are shared,
// and so is the field itself: nobody may change it.
func (m *Memo[K]) Find(at K, raw []byte) *Field {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.of[occurrence[K]{string(raw), at}]
}

// Remember takes note of what raw is. The parts of f and all values are copied, so
// that they may be in a [Room].
func (m *Memo[K]) Remember(at K, raw []byte, f Field) {
	n := ownNumber(f.Fields)
	if n == 0 || n > mostRememberedParts || len(raw) > mostRememberedBytes {
		return
	}
	f.Value, f.Fields, f.Shared = strings.Clone(f.Value), ownCopy(f.Fields), true
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil || m.total+n > mostRemembered {
		m.of, m.total = make(map[occurrence[K]]*Field), 0
	}
	key := occurrence[K]{string(raw), at}
	if m.of[key] == nil {
		m.of[key] = &f
		m.total += n
	}
}

// ownNumber returns how many fields a list has, without those that it shares.
func ownNumber(list []Field) int {
	n := len(list)
	for i := range list {
		if !list[i].Shared {
			n += ownNumber(list[i].Fields)
		}
	}
	return n
}

// ownCopy returns a copy of a list and of its values, which shares what the list
// shares.
func ownCopy(list []Field) []Field {
	if len(list) == 0 {
		return nil
	}
	c := make([]Field, len(list))
	copy(c, list)
	for i := range c {
		c[i].Value = strings.Clone(c[i].Value)
		if !c[i].Shared {
			c[i].Fields = ownCopy(c[i].Fields)
		}
	}
	return c
}
