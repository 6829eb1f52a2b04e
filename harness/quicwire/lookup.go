package quicwire

import "sync"

// smallNumbers is up to where a lookup needs no hash: the numbers of one byte
// (RFC 9000 16).
const smallNumbers = 0x40

// A lookup is what is known of the numbers of a registry. Nearly all that are met
// are small, and a handshake has hundreds of them.
type lookup[K ~uint64, V any] struct {
	small [smallNumbers]*V
	all   map[K]*V
	// none is what is known of any other number.
	none V
}

// newLookup makes a lookup when it is asked for.
func newLookup[K ~uint64, V any](all map[K]V) func() *lookup[K, V] {
	return sync.OnceValue(func() *lookup[K, V] {
		l := &lookup[K, V]{all: make(map[K]*V, len(all))}
		for k, v := range all {
			l.all[k] = &v
			if k < smallNumbers {
				l.small[k] = &v
			}
		}
		return l
	})
}

// find returns what is known of a number, nil for nothing.
func (l *lookup[K, V]) find(k K) *V {
	if k < smallNumbers {
		return l.small[k]
	}
	return l.all[k]
}

// of returns what is known of a number, which may be nothing. Nobody may change it.
func (l *lookup[K, V]) of(k K) *V {
	if v := l.find(k); v != nil {
		return v
	}
	return &l.none
}
