package pki

import (
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// chooseKeys finds the private key of each side: by public key, and where none
// fits, among the keys that belong to nobody, because a wrong key is what there
// is to find out.
func (s *sorter) chooseKeys() {
	for _, h := range s.halves() {
		if *h.entity == nil || *h.key != "" {
			continue
		}
		if x := s.keyFor(*h.entity); x != nil {
			*h.key = x.path
		}
	}
	stray := s.strayKeys()
	var lacking []half
	for _, h := range s.halves() {
		if *h.entity != nil && *h.key == "" {
			lacking = append(lacking, h)
		}
	}
	// A name that speaks of the side, or is the certificate's, comes first.
	for _, h := range slices.Clone(lacking) {
		var near []*exhibit
		for _, x := range stray {
			if x.hints(h.role) || x.stem() == (*h.entity).file().stem() {
				near = append(near, x)
			}
		}
		if len(near) == 1 {
			*h.key = near[0].path
			stray = slices.DeleteFunc(stray, func(x *exhibit) bool { return x == near[0] })
			lacking = slices.DeleteFunc(lacking, func(l half) bool { return l.role == h.role })
		}
	}
	switch {
	case len(lacking) == 1 && len(stray) == 1:
		*lacking[0].key = stray[0].path
	case len(lacking) > 0 && len(stray) > 0:
		var files []string
		for _, x := range stray {
			files = append(files, x.path)
		}
		for _, h := range lacking {
			s.ambiguous(h.keyArg, files, "none has the public key of "+quoteFile(*h.cert)+", or it cannot be seen")
		}
	}
}

// strayKeys are the files with keys that belong to no certificate here.
func (s *sorter) strayKeys() (stray []*exhibit) {
	for _, x := range s.exhibits {
		taken := *s.halves()[0].key == x.path || *s.halves()[1].key == x.path
		if len(x.keys) == 0 && !x.blindKey || taken {
			continue
		}
		if !slices.ContainsFunc(x.keys, s.keyIsKnown) {
			stray = append(stray, x)
		}
	}
	return stray
}

// keyIsKnown says that some certificate or CSR here has that key.
func (s *sorter) keyIsKnown(info []byte) bool {
	return s.certificateOf(info) != nil
}

// certificateOf returns the file that has a certificate or CSR for that key: one
// that begins with the certificate before one that has it in a chain, because
// the key that is given with a file is that of its first certificate.
func (s *sorter) certificateOf(info []byte) *exhibit {
	for _, x := range s.exhibits {
		if len(x.certs) > 0 && string(x.certs[0].RawPublicKey) == string(info) {
			return x
		}
	}
	for _, x := range s.exhibits {
		for _, c := range x.certs {
			if string(c.RawPublicKey) == string(info) {
				return x
			}
		}
		for _, request := range x.requests {
			if string(request) == string(info) {
				return x
			}
		}
	}
	return nil
}

// nameWords splits the name of a file into lower-case words.
func nameWords(path string) []string {
	return strings.FieldsFunc(strings.ToLower(filepath.Base(path)), func(r rune) bool { return !unicode.IsLetter(r) })
}
