package crossref

import (
	"strconv"
	"sync"

	"shakedown/harness/field"
)

// editions remember what shared parts of trees are with one more sentence in them:
// the same is said of the same certificate in one connection after the other, and
// a tree that stays the same need not be written out anew. They may be asked by
// several goroutines at once; the zero value is ready.
type editions struct {
	mu sync.Mutex
	// of has the editions of a list, by its first field and by the sentence and its
	// place. The lists never change, nor do editions of them.
	of   map[*field.Field]map[string]edition
	size int
}

// An edition is a list with a sentence put into it.
type edition struct {
	fields []field.Field
	// found says that the sentence's place is there, and passed how many fields of
	// the first stop's label were passed by until then.
	found  bool
	passed int
}

// mostEditions is how many are remembered. Each has a dozen fields of its own;
// whoever watches strangers' handshakes for long starts over at the limit.
const mostEditions = 2048

// edit is [edit.put] in a list that is shared.
func (k *editions) edit(list []field.Field, stops []stop, skip *int, text string) ([]field.Field, bool) {
	if !has(list, stops[0].label) {
		return nil, false // most sentences are not about what is shared
	}
	var room [256]byte
	key := strconv.AppendInt(room[:0], int64(*skip), 10)
	for _, s := range stops {
		key = append(append(key, 0), s.label...)
		key = strconv.AppendInt(append(key, 0), int64(s.n), 10)
	}
	key = append(append(key, 0), text...)
	k.mu.Lock()
	e, known := k.of[&list[0]][string(key)]
	k.mu.Unlock()
	if !known {
		after := *skip
		e.fields, e.found = edit{known: k}.put(list, stops, &after, text, true)
		e.passed = *skip - after
		e = k.remember(&list[0], string(key), e)
	}
	*skip -= e.passed
	return e.fields, e.found
}

// remember returns the edition that stays: e, unless somebody else was first.
func (k *editions) remember(list *field.Field, key string, e edition) edition {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil || k.size >= mostEditions {
		k.of, k.size = make(map[*field.Field]map[string]edition), 0
	}
	if k.of[list] == nil {
		k.of[list] = make(map[string]edition)
	}
	if first, known := k.of[list][key]; known {
		return first
	}
	k.of[list][key] = e
	k.size++
	return e
}

// has says that a field of that label is in the list or below.
func has(list []field.Field, label string) bool {
	for i := range list {
		if list[i].Label == label || has(list[i].Fields, label) {
			return true
		}
	}
	return false
}
