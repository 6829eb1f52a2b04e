package pki

import (
	"bytes"
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/x509wire"
)

// chooseTrust finds for each end entity the file with which the other side
// trusts it, and what to do with CAs that nobody here descends from.
func (s *sorter) chooseTrust() {
	used := map[*exhibit]bool{}
	for _, e := range s.entities {
		if e.leaf != nil {
			_, through := s.climb(e.leaf)
			for _, x := range through {
				used[x] = true
			}
		}
	}
	for _, h := range s.halves() {
		if *h.entity == nil || (*h.entity).leaf == nil || *h.trustedBy != "" {
			continue
		}
		top, _ := s.climb((*h.entity).leaf)
		if x := s.trustFile(*h.entity, top); x != nil {
			*h.trustedBy = x.path
		}
	}
	if len(s.result.Ambiguous) == 0 {
		s.chooseLeftTrust(used)
	}
	s.chooseAlso()
}

// climb goes up from a certificate through all that are known. It returns the
// topmost issuer, the leaf itself where it is self-issued, nil where no issuer
// is known, and the files it came through.
func (s *sorter) climb(leaf *x509wire.Certificate) (top *x509wire.Certificate, through []*exhibit) {
	if leaf.SelfIssued() {
		return leaf, nil
	}
	at := leaf
	for range 16 {
		next, x := s.issuerOf(at)
		if next == nil {
			break
		}
		at, top = next, next
		through = append(through, x)
		if at.SelfIssued() {
			break
		}
	}
	return top, through
}

// issuerOf finds the certificate that signed another one; where no signature
// fits, one that has the issuer's name, which is what a CA that was made again
// looks like.
func (s *sorter) issuerOf(c *x509wire.Certificate) (issuer *x509wire.Certificate, from *exhibit) {
	for _, x := range s.exhibits {
		for _, candidate := range x.certs {
			if !bytes.Equal(candidate.RawSubject, c.RawIssuer) || bytes.Equal(candidate.Raw, c.Raw) {
				continue
			}
			if c.Std != nil && candidate.Std != nil && c.Std.CheckSignatureFrom(candidate.Std) == nil {
				return candidate, x
			}
			if issuer == nil {
				issuer, from = candidate, x
			}
		}
	}
	return issuer, from
}

// trustFile returns the file to trust for a topmost certificate: one of CAs
// alone before the file that the end entity itself presents, and of those the
// first that a Go program reads as it is.
func (s *sorter) trustFile(e *endEntity, top *x509wire.Certificate) *exhibit {
	if top == nil {
		return nil
	}
	var has []*exhibit
	for _, x := range s.exhibits {
		if slices.ContainsFunc(x.certs, func(c *x509wire.Certificate) bool { return bytes.Equal(c.Raw, top.Raw) }) {
			has = append(has, x)
		}
	}
	alone := slices.DeleteFunc(slices.Clone(has), func(x *exhibit) bool { return x.leaf != nil })
	if len(alone) > 0 {
		return alone[max(slices.IndexFunc(alone, (*exhibit).clean), 0)]
	}
	// A root that stands only behind the certificate it is the root of.
	if top == e.leaf || top.SelfIssued() && s.server != nil && s.client != nil {
		return has[0]
	}
	return nil
}

// chooseLeftTrust places the files of CAs that no end entity here descends from.
func (s *sorter) chooseLeftTrust(used map[*exhibit]bool) {
	var left []*exhibit
	for _, x := range s.exhibits {
		isCA := len(x.certs) > 0 && x.leaf == nil
		isTaken := used[x] || x.path == s.result.ServerTrust || x.path == s.result.ClientTrust || s.repeats(x, func(o *exhibit) bool { return used[o] })
		if (isCA || x.blindCert && len(x.certs) == 0 && looksLikeCA(x)) && !isTaken {
			left = append(left, x)
		}
	}
	left = s.withoutIssued(left)
	var lacking []half
	for _, h := range s.halves() {
		if *h.trustedBy == "" {
			lacking = append(lacking, h)
		}
	}
	server, client := s.halves()[0], s.halves()[1]
	both := s.server != nil && s.client != nil
	switch {
	case len(lacking) == 0:
	case len(left) == 0 && both && len(lacking) == 1:
		// The other side's CA is the only one, so it was meant for both.
		*lacking[0].trustedBy = firstText(*server.trustedBy, *client.trustedBy)
		s.note("%s is the only CA and is taken for both sides", quoteFile(*lacking[0].trustedBy))
	case len(left) == 0:
	case len(left) == 1 && both:
		// The one CA that there is was meant for whoever lacks one.
		for _, h := range lacking {
			*h.trustedBy = left[0].path
		}
	case len(left) == 1 && s.server != nil && *server.trustedBy != "":
		// The server's own CA is another one, so this is the clients'.
		*client.trustedBy = left[0].path
	case len(left) == 1 && s.client != nil && *client.trustedBy != "":
		*server.trustedBy = left[0].path
	default:
		s.leftByName(left, lacking)
	}
}

// leftByName lets names say whose CA it is, and leaves the rest to the person.
func (s *sorter) leftByName(left []*exhibit, lacking []half) {
	for _, h := range lacking {
		var near, open []*exhibit
		for _, x := range left {
			switch {
			case x.hints(h.role):
				near = append(near, x)
			case !x.hints(h.role.Peer()):
				open = append(open, x)
			}
		}
		switch {
		case len(near) == 1:
			*h.trustedBy = near[0].path
		case len(near)+len(open) > 0:
			var files []string
			for _, x := range append(near, open...) {
				files = append(files, x.path)
			}
			s.ambiguous(h.trustedByFlag, files, "no certificate here was issued by it, so it could be the CA of the "+string(h.role)+"s")
		}
	}
}

// withoutIssued drops the files whose certificates all have an issuer among the
// known ones: intermediates are no trust anchors where their root is there.
func (s *sorter) withoutIssued(files []*exhibit) (tops []*exhibit) {
	for _, x := range files {
		if len(x.certs) == 0 || slices.ContainsFunc(x.certs, func(c *x509wire.Certificate) bool {
			issuer, _ := s.issuerOf(c)
			return c.SelfIssued() || issuer == nil
		}) {
			tops = append(tops, x)
		}
	}
	return tops
}

// chooseAlso lists the files of CAs that found no place: a missing intermediate
// is found in them.
func (s *sorter) chooseAlso() {
	r := s.result
	for _, x := range s.exhibits {
		if len(x.certs) == 0 || x.leaf != nil || x.path == r.ServerTrust || x.path == r.ClientTrust {
			continue
		}
		if slices.ContainsFunc(r.Ambiguous, func(c Choice) bool { return slices.Contains(c.Files, x.path) }) || s.isSent(x) {
			continue
		}
		if s.repeats(x, func(o *exhibit) bool { return o.path == r.ServerTrust || o.path == r.ClientTrust }) {
			continue
		}
		r.Also = append(r.Also, x.path)
	}
}

// repeats says that all certificates of a file are also in others that count.
func (s *sorter) repeats(x *exhibit, counts func(*exhibit) bool) bool {
	for _, c := range x.certs {
		if !slices.ContainsFunc(s.exhibits, func(o *exhibit) bool {
			return o != x && counts(o) && slices.ContainsFunc(o.certs, func(same *x509wire.Certificate) bool { return bytes.Equal(same.Raw, c.Raw) })
		}) {
			return false
		}
	}
	return len(x.certs) > 0
}

// isSent says that all certificates of a file are also in a file that a side presents.
func (s *sorter) isSent(x *exhibit) bool {
	for _, c := range x.certs {
		sent := false
		for _, role := range []outcome.Role{outcome.Server, outcome.Client} {
			e := s.server
			if role == outcome.Client {
				e = s.client
			}
			sent = sent || e != nil && slices.ContainsFunc(e.file().certs, func(o *x509wire.Certificate) bool { return bytes.Equal(o.Raw, c.Raw) })
		}
		if !sent {
			return false
		}
	}
	return true
}
