package pki

import (
	"bytes"
	"slices"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/x509wire"
)

// An endEntity is a certificate that a server or a client could present, and
// the files that have it. A CSR and a file that cannot be looked into stand for
// the certificate that should be there.
type endEntity struct {
	leaf  *x509wire.Certificate // nil for what is no certificate
	info  []byte                // its SubjectPublicKeyInfo, nil where unknown
	files []*exhibit
}

// isFor says whether the extended key usage allows that side; a certificate
// that names no usage is for both.
func (e *endEntity) isFor(role outcome.Role) bool {
	if e.leaf == nil || len(e.leaf.ExtKeyUsage) == 0 || slices.Contains(e.leaf.ExtKeyUsage, "anyExtendedKeyUsage") {
		return true
	}
	return slices.Contains(e.leaf.ExtKeyUsage, string(role)+"Auth")
}

// only says that it is for that side and not for the other.
func (e *endEntity) only(role outcome.Role) bool { return e.isFor(role) && !e.isFor(role.Peer()) }

func (e *endEntity) hints(role outcome.Role) bool {
	return slices.ContainsFunc(e.files, func(x *exhibit) bool { return x.hints(role) })
}

// file is the one to present: the longest chain, of several the first that a Go
// program reads as it is.
func (e *endEntity) file() *exhibit {
	best := e.files[0]
	for _, x := range e.files[1:] {
		if len(x.certs) > len(best.certs) || len(x.certs) == len(best.certs) && x.clean() && !best.clean() {
			best = x
		}
	}
	return best
}

// nameOf says whom a certificate is for.
func nameOf(c *x509wire.Certificate) string {
	for _, names := range [][]string{c.DNS, c.IP, c.URI} {
		if len(names) > 0 {
			return field.Shorten(names[0], 80)
		}
	}
	if c.Subject == "" {
		return "nobody (an empty subject)"
	}
	return field.Shorten(c.Subject, 80)
}

// isAuthority says that a certificate is here as a CA: it has the CA flag, or
// none of the marks of an end entity and somebody names it as issuer. What
// signed itself, issued nothing here and has host names is an end entity all
// the same, because that is what OpenSSL's short commands make.
func (s *sorter) isAuthority(c *x509wire.Certificate) bool {
	if !c.IsCA {
		return len(c.ExtKeyUsage)+len(c.DNS) == 0 && (slices.Contains(c.KeyUsage, "keyCertSign") || s.hasIssued(c))
	}
	if !c.SelfIssued() || s.hasIssued(c) {
		return true
	}
	return len(c.DNS)+len(c.IP) == 0 && (s.holder(c.RawPublicKey) == nil || s.hasOthers(c))
}

// hasIssued says that another certificate here names c as its issuer.
func (s *sorter) hasIssued(c *x509wire.Certificate) bool {
	return s.anyCertificate(func(o *x509wire.Certificate) bool {
		return !o.SelfIssued() && bytes.Equal(o.RawIssuer, c.RawSubject)
	})
}

// hasOthers says that some certificate here is no CA.
func (s *sorter) hasOthers(c *x509wire.Certificate) bool {
	return s.anyCertificate(func(o *x509wire.Certificate) bool { return o != c && !o.IsCA })
}

func (s *sorter) anyCertificate(is func(*x509wire.Certificate) bool) bool {
	return slices.ContainsFunc(s.exhibits, func(x *exhibit) bool { return slices.ContainsFunc(x.certs, is) })
}

// holder returns the first file with that private key that a Go program reads as it
// is, else the first at all, nil if there is none.
func (s *sorter) holder(info []byte) (first *exhibit) {
	for _, x := range s.exhibits {
		if !hasKey(x, info) {
			continue
		}
		if x.clean() {
			return x
		}
		if first == nil {
			first = x
		}
	}
	return first
}

// leafOf returns the certificate that a file is about: the end entity whose key
// is there too, else the first end entity, else none.
func (s *sorter) leafOf(x *exhibit) *x509wire.Certificate {
	var leaf *x509wire.Certificate
	for _, c := range x.certs {
		if s.isAuthority(c) {
			continue
		}
		if hasKey(x, c.RawPublicKey) {
			return c
		}
		if leaf == nil {
			leaf = c
		}
	}
	return leaf
}

func hasKey(x *exhibit, info []byte) bool {
	return slices.ContainsFunc(x.keys, func(key []byte) bool { return bytes.Equal(key, info) })
}

// findEndEntities collects the end-entity certificates, and CSRs whose
// certificate is not there.
func (s *sorter) findEndEntities() {
	for _, x := range s.exhibits {
		x.leaf = s.leafOf(x)
		leaf := x.leaf
		if leaf == nil {
			continue
		}
		i := slices.IndexFunc(s.entities, func(e *endEntity) bool { return bytes.Equal(e.leaf.Raw, leaf.Raw) })
		if i < 0 {
			s.entities = append(s.entities, &endEntity{leaf: leaf, info: leaf.RawPublicKey})
			i = len(s.entities) - 1
		}
		s.entities[i].files = append(s.entities[i].files, x)
	}
	for _, x := range s.exhibits {
		for _, info := range x.requests {
			if !slices.ContainsFunc(s.entities, func(e *endEntity) bool { return bytes.Equal(e.info, info) }) {
				s.entities = append(s.entities, &endEntity{info: info, files: []*exhibit{x}})
			}
		}
	}
}

// keyFor returns the file with the private key of an end entity: the
// certificate's own file before others, nil if there is none.
func (s *sorter) keyFor(e *endEntity) *exhibit {
	if e.info == nil {
		return nil
	}
	if x := e.file(); hasKey(x, e.info) {
		return x
	}
	return s.holder(e.info)
}

// chooseSides decides which end entity is the server's and which the client's.
func (s *sorter) chooseSides() {
	var servers, clients, either []*endEntity
	s.server, s.client = s.entityIn(s.result.ServerCert), s.entityIn(s.result.ClientCert)
	for _, e := range s.entities {
		switch {
		case e == s.server || e == s.client:
		case e.only(outcome.Server):
			servers = append(servers, e)
		case e.only(outcome.Client):
			clients = append(clients, e)
		default:
			either = append(either, e)
		}
	}
	servers, clients = s.spread(servers, clients, either)
	if s.server != nil {
		servers = nil
	}
	if s.client != nil {
		clients = nil
	}
	// Two certificates for servers and none for clients: one may have been
	// issued with the wrong usage, and then its name tells.
	if s.client == nil {
		servers, clients = byName(servers, clients, outcome.Client)
	}
	if s.server == nil {
		clients, servers = byName(clients, servers, outcome.Server)
	}
	candidates := [...][]*endEntity{servers, clients}
	for i, h := range s.halves() {
		if *h.entity != nil {
			continue
		}
		*h.entity = s.one(candidates[i], h.certFlag, string(h.role))
		if *h.entity != nil {
			*h.cert = (*h.entity).file().path
		}
	}
}

// entityIn returns the end entity of a file that was assigned, nil for no file.
func (s *sorter) entityIn(path string) *endEntity {
	if path == "" {
		return nil
	}
	for _, e := range s.entities {
		if slices.ContainsFunc(e.files, func(x *exhibit) bool { return x.path == path }) {
			return e
		}
	}
	for _, x := range s.exhibits {
		if x.path == path {
			return &endEntity{files: []*exhibit{x}}
		}
	}
	return nil
}

// spread gives certificates that are for either side to the side that their
// names speak of, or to the one that has none.
func (s *sorter) spread(servers, clients, either []*endEntity) (newServers, newClients []*endEntity) {
	needServer, needClient := s.server == nil && len(servers) == 0, s.client == nil && len(clients) == 0
	var rest []*endEntity
	for _, e := range either {
		switch {
		case e.hints(outcome.Server) && needServer:
			servers = append(servers, e)
		case e.hints(outcome.Client) && needClient:
			clients = append(clients, e)
		default:
			rest = append(rest, e)
		}
	}
	hasServer, hasClient := s.server != nil || len(servers) > 0, s.client != nil || len(clients) > 0
	switch {
	case len(rest) == 0 || hasServer && hasClient:
	case hasServer:
		clients = rest
	case hasClient:
		servers = rest
	case len(rest) == 1:
		servers = rest
		s.note("%s is for servers and clients alike and is taken as the server's; --client-cert takes it as the client's", quoteFile(rest[0].file().path))
	default:
		servers, clients = rest, rest
	}
	return servers, clients
}

// byName moves those of many whose names speak of the other side there, if that
// side has none.
func byName(many, none []*endEntity, other outcome.Role) (kept, moved []*endEntity) {
	if len(many) < 2 || len(none) > 0 {
		return many, none
	}
	for _, e := range many {
		if e.hints(other) {
			moved = append(moved, e)
		} else {
			kept = append(kept, e)
		}
	}
	if len(kept) == 0 {
		return many, none
	}
	return kept, moved
}

// one returns the only candidate, or the only one whose private key is there.
// Else the choice is the person's.
func (s *sorter) one(candidates []*endEntity, flag, side string) *endEntity {
	var keyed []*endEntity
	for _, e := range candidates {
		if s.keyFor(e) != nil {
			keyed = append(keyed, e)
		}
	}
	if len(keyed) > 0 {
		candidates = keyed
	}
	if len(candidates) < 2 {
		if len(candidates) == 0 {
			return nil
		}
		return candidates[0]
	}
	var files []string
	for _, e := range candidates {
		files = append(files, e.file().path)
	}
	s.ambiguous(flag, files, "each is a certificate that a "+side+" can present")
	return nil
}

// open says that nothing was found for a flag, nor left to choose.
func (s *sorter) open(flag string, file *string) bool {
	return *file == "" && !slices.ContainsFunc(s.result.Ambiguous, func(c Choice) bool { return c.Flag == flag })
}

// chooseBlind gives files that should hold a certificate and cannot be looked
// into to the side that has none, so that loading says what is wrong with them.
func (s *sorter) chooseBlind() {
	var blind []*exhibit
	for _, x := range s.exhibits {
		if x.blindCert && len(x.certs) == 0 && !looksLikeCA(x) {
			blind = append(blind, x)
		}
	}
	for _, h := range s.halves() {
		if !s.open(h.certFlag, h.cert) {
			continue
		}
		for i, x := range blind {
			if x.hints(h.role) {
				s.takeBlind(h, x)
				blind = slices.Delete(blind, i, i+1)
				break
			}
		}
	}
	if len(blind) != 1 || s.server != nil || s.client != nil || len(s.result.Ambiguous) > 0 {
		return
	}
	s.takeBlind(s.halves()[0], blind[0])
	s.note("%s cannot be looked into and is taken as the server's; --client-cert takes it as the client's", quoteFile(blind[0].path))
}

func (s *sorter) takeBlind(h half, x *exhibit) {
	*h.entity = &endEntity{files: []*exhibit{x}}
	*h.cert = x.path
	if x.blindKey {
		*h.key = x.path
	}
}

// looksLikeCA goes by the name of a file that nothing else is known of.
func looksLikeCA(x *exhibit) bool {
	return slices.Contains(nameWords(x.path), "ca") || slices.Contains(nameWords(x.path), "root")
}
