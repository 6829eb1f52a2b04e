package crossref

import (
	"slices"
	"strings"
	"sync"

	"shakedown/harness/field"
)

// editions remember what shared parts of trees are with one more sentence in them:
// the same is said of the same certificate in one connection after the other, and
// a tree that stays the same need not be written out anew. They may be asked by
// several goroutines at once; the zero value is ready.
type editions struct {
	mu sync.Mutex
	// of has the lists that there are editions of, and these, by their first fields.
	of map[*field.Field]*sharedList
	// all has lists with everything in them that was written for several trees.
	all  map[writtenList][]field.Field
	size int
}

// A writtenList is a list, and what was written for it.
type writtenList struct {
	list *field.Field
	what *written
}

// A sharedList is a list that is part of several trees, and what it is with one more
// sentence in it. The list never changes, nor do editions of it.
type sharedList struct {
	// labels are those of all fields in the list and below.
	labels map[string]bool
	// by has the editions by their sentences, nil as long as there are none.
	by map[string][]edition
}

// An edition is a list with a sentence put into it.
type edition struct {
	// stops and skip say where the sentence belongs.
	stops []stop
	skip  int

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
	k.mu.Lock()
	of := k.of[&list[0]]
	e := of.find(stops, *skip, text)
	k.mu.Unlock()
	if e == nil {
		if !of.has(list, stops[0].label) {
			return nil, false // most sentences are not about what is shared
		}
		text = strings.Clone(text) // it can be a part of a room's
		after := *skip
		fields, found := edit{known: k}.put(list, stops, &after, text, true)
		e = k.remember(list, text, edition{slices.Clone(stops), *skip, fields, found, *skip - after})
	}
	*skip -= e.passed
	return e.fields, e.found
}

// remember returns the edition that stays: e, unless somebody else was first.
func (k *editions) remember(list []field.Field, text string, e edition) *edition {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil || k.size >= mostEditions {
		k.of, k.size = make(map[*field.Field]*sharedList), 0
	}
	of := k.of[&list[0]]
	if of == nil {
		of = &sharedList{labels: make(map[string]bool)}
		collect(list, of.labels)
		k.of[&list[0]] = of
	}
	if first := of.find(e.stops, e.skip, text); first != nil {
		return first
	}
	if of.by == nil {
		of.by = make(map[string][]edition)
	}
	of.by[text] = append(of.by[text], e)
	if e.found {
		k.of[&e.fields[0]] = &sharedList{labels: of.labels} // a sentence changes no label
	}
	k.size++
	return &e
}

// annotate is [annotate] with the notes of what was written for several trees, none of
// which is about a root itself. Where the message is shared as well, this is done once.
func (k *editions) annotate(fields []field.Field, what *written) []field.Field {
	if what == nil || len(what.notes) == 0 {
		return fields
	}
	i := lastRoot(fields, what.notes[0].at.way[0].label)
	if i < 0 || !fields[i].Shared || len(fields[i].Fields) == 0 {
		return annotate(fields, what.notes, k, nil)
	}
	message := &fields[i]
	of := writtenList{&message.Fields[0], what}
	k.mu.Lock()
	list := k.all[of]
	k.mu.Unlock()
	if list == nil {
		list = k.rememberAll(of, annotate([]field.Field{*message}, what.notes, k, nil)[0].Fields)
	}
	message.Fields = list
	return fields
}

// rememberAll returns the list that stays: this one, unless somebody else was first.
func (k *editions) rememberAll(of writtenList, list []field.Field) []field.Field {
	k.mu.Lock()
	defer k.mu.Unlock()
	if first := k.all[of]; first != nil {
		return first
	}
	if k.all == nil || len(k.all) >= mostEditions {
		k.all = make(map[writtenList][]field.Field)
	}
	k.all[of] = list
	return list
}

// find returns the edition with that sentence at that place, nil if there is none yet.
func (s *sharedList) find(stops []stop, skip int, text string) *edition {
	if s == nil {
		return nil
	}
	some := s.by[text]
	for i := range some {
		if some[i].skip == skip && slices.Equal(some[i].stops, stops) {
			return &some[i]
		}
	}
	return nil
}

// has says that a field of that label is in the list or below; s is nil of a list that
// nothing was said of yet.
func (s *sharedList) has(list []field.Field, label string) bool {
	if s != nil {
		return s.labels[label]
	}
	for i := range list {
		if list[i].Label == label || s.has(list[i].Fields, label) {
			return true
		}
	}
	return false
}

// collect adds the labels of a list, and of what is below, to a set.
func collect(list []field.Field, labels map[string]bool) {
	for i := range list {
		labels[list[i].Label] = true
		collect(list[i].Fields, labels)
	}
}
