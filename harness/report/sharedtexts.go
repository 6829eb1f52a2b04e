package report

import (
	"bytes"
	"sync"

	"shakedown/harness/field"
)

// sharedTexts remember how shared lists of fields are written on one line: the
// fields of certificates are half of what a capture's handshakes have. They may be
// asked by several goroutines at once; the zero value is ready.
type sharedTexts struct {
	mu sync.Mutex
	// texts are by the first field of the list, which is held with them and stays
	// as it is; size is how long they are together.
	texts map[*field.Field][]byte
	size  int
}

// What is remembered at most, in bytes, before it starts over, and of one list.
const (
	mostTexts = 4 << 20
	mostText  = 128 << 10
)

// find returns the text of a list, nil if it is not known.
func (t *sharedTexts) find(list []field.Field) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.texts[&list[0]]
}

// remember keeps a copy of the text of a list.
func (t *sharedTexts) remember(list []field.Field, text []byte) {
	if len(text) > mostText {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.texts == nil || t.size+len(text) > mostTexts {
		t.texts, t.size = make(map[*field.Field][]byte), 0
	}
	if _, known := t.texts[&list[0]]; known {
		return
	}
	t.texts[&list[0]] = bytes.Clone(text)
	t.size += len(text)
}
