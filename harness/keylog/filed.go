package keylog

import "iter"

// secrets are filed under a connection's ClientHello.random, and there by label: of
// each connection there are about five. The zero secrets are empty and ready; nil are
// empty.
type secrets struct {
	connections map[Random]*labelled
	// others are those of labels that no TLS uses which is known here.
	others map[entry][]byte
	n      int
}

// An entry is all that a secret is filed under.
type entry struct {
	label  Label
	random Random
}

// labelled are one connection's secrets, each at the place of its label in [labels];
// nil for none.
type labelled [len(labels)][]byte

// place returns where a label is in [labels], false for one that is not.
func (l Label) place() (int, bool) {
	for i, known := range labels {
		if l == known {
			return i, true
		}
	}
	return 0, false
}

// add files a secret, if there is none yet, and says whether it did.
func (s *secrets) add(label Label, random Random, secret []byte) bool {
	if secret == nil {
		return false
	}
	at, known := label.place()
	if !known {
		return s.addOther(entry{label, random}, secret)
	}
	of := s.connections[random]
	if of == nil {
		if s.connections == nil {
			s.connections = make(map[Random]*labelled)
		}
		of = new(labelled)
		s.connections[random] = of
	}
	if of[at] != nil {
		return false
	}
	of[at] = secret
	s.n++
	return true
}

func (s *secrets) addOther(e entry, secret []byte) bool {
	if s.others == nil {
		s.others = make(map[entry][]byte)
	}
	if _, ok := s.others[e]; ok {
		return false
	}
	s.others[e] = secret
	s.n++
	return true
}

// find returns a secret, nil if there is none.
func (s *secrets) find(label Label, random Random) []byte {
	if s == nil {
		return nil
	}
	at, known := label.place()
	if !known {
		return s.others[entry{label, random}]
	}
	if of := s.connections[random]; of != nil {
		return of[at]
	}
	return nil
}

// has says that there is a secret of a connection that TLS knows how to use.
func (s *secrets) has(random Random) bool {
	return s != nil && s.connections[random] != nil
}

// len returns how many there are.
func (s *secrets) len() int {
	if s == nil {
		return 0
	}
	return s.n
}

// all are all secrets, in no order.
func (s *secrets) all() iter.Seq2[entry, []byte] {
	return func(yield func(entry, []byte) bool) {
		if s == nil {
			return
		}
		for random, of := range s.connections {
			for i, secret := range of {
				if secret != nil && !yield(entry{labels[i], random}, secret) {
					return
				}
			}
		}
		for e, secret := range s.others {
			if !yield(e, secret) {
				return
			}
		}
	}
}
