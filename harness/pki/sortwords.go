package pki

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/x509wire"
)

// describe writes a sentence for each file and the equivalent command.
func (s *sorter) describe() {
	certain := s.result.Notes
	s.result.Notes = nil
	for _, x := range s.exhibits {
		f := File{Path: x.path, Is: s.sentence(x)}
		f.Understood = len(x.certs)+len(x.keys)+len(x.requests) > 0 || x.blindCert || x.blindKey
		s.result.Files = append(s.result.Files, f)
		s.note("%s: %s", quoteFile(x.path), f.Is)
	}
	s.result.Notes = append(s.result.Notes, certain...)
	if flags := s.result.Flags(); len(flags) > 0 {
		words := []string{"shakedown", "debug"}
		for i := 0; i < len(flags); i += 2 {
			words = append(words, flags[i], shellQuote(flags[i+1]))
		}
		s.note("the same by flags: %s", strings.Join(words, " "))
	}
}

// sentence says what a file is.
func (s *sorter) sentence(x *exhibit) string {
	var is []string
	if len(x.certs) > 0 {
		is = append(is, s.certificates(x))
	}
	for _, info := range x.keys {
		is = append(is, s.key(x, info))
	}
	switch {
	case len(x.requests) > 0:
		is = append(is, s.request(x))
	case x.blindCert && x.blindKey && len(x.certs)+len(x.keys) == 0:
		is = append(is, "a certificate and a key that cannot be looked into")
	case x.blindCert && len(x.certs) == 0:
		is = append(is, "a certificate that cannot be looked into")
	case x.blindKey && len(x.keys) == 0:
		is = append(is, "a private key that cannot be looked into")
	}
	if len(is) == 0 {
		return "not understood: " + firstText(x.other, "nothing in it is a certificate or a key")
	}
	text := strings.Join(is, ", and ")
	if x.trouble != "" {
		text += "; a Go program does not read it as it is: " + x.trouble
	}
	return text
}

// certificates says what the certificates of a file are.
func (s *sorter) certificates(x *exhibit) string {
	leaf := x.leaf
	if leaf == nil {
		return s.authorities(x)
	}
	e := &endEntity{leaf: leaf}
	text := map[[2]bool]string{
		{true, false}:  "a server's certificate for ",
		{false, true}:  "a client's certificate for ",
		{true, true}:   "a certificate of either side for ",
		{false, false}: "a certificate that is for neither servers nor clients, for ",
	}[[2]bool{e.isFor(outcome.Server), e.isFor(outcome.Client)}] + nameOf(leaf)
	if leaf.SelfIssued() {
		text += ", self-signed"
	} else {
		text += ", issued by " + field.Shorten(leaf.Issuer, 80)
	}
	switch n := len(x.certs) - 1; {
	case n == 1:
		text += ", with 1 more certificate"
	case n > 1:
		text += fmt.Sprintf(", with %d more certificates", n)
	}
	return text
}

// authorities says what a file of CAs is.
func (s *sorter) authorities(x *exhibit) string {
	names := make([]string, 0, len(x.certs))
	roots := 0
	for i, c := range x.certs {
		if i < 3 {
			names = append(names, field.Shorten(c.Subject, 80))
		}
		if c.SelfIssued() {
			roots++
		}
	}
	if len(x.certs) > len(names) {
		names = append(names, fmt.Sprintf("%d more", len(x.certs)-len(names)))
	}
	list := strings.Join(names, ", ")
	switch {
	case len(x.certs) == 1 && roots == 1:
		return "a root CA: " + list
	case len(x.certs) == 1:
		return "an intermediate CA: " + list + ", issued by " + field.Shorten(x.certs[0].Issuer, 80)
	case roots == 0:
		return fmt.Sprintf("a chain of %d intermediate CAs: %s", len(x.certs), list)
	}
	return fmt.Sprintf("a bundle of %d CAs: %s", len(x.certs), list)
}

// key says whose private key a file has.
func (s *sorter) key(x *exhibit, info []byte) string {
	text := "the private key (" + x509wire.PublicKeyName(info) + ") of "
	switch owner := s.certificateOf(info); {
	case owner == nil:
		return strings.TrimSuffix(strings.Replace(text, "the ", "a ", 1), " of ") + " that fits no certificate here"
	case slices.ContainsFunc(x.certs, func(c *x509wire.Certificate) bool { return string(c.RawPublicKey) == string(info) }):
		return "its private key"
	case len(owner.certs) > 0 && string(owner.certs[0].RawPublicKey) != string(info):
		return text + "a certificate further down in " + quoteFile(owner.path)
	default:
		return text + quoteFile(owner.path)
	}
}

// request says what became of a CSR.
func (s *sorter) request(x *exhibit) string {
	if owner := s.certificateOf(x.requests[0]); owner != nil && owner != x {
		return "the CSR that " + quoteFile(owner.path) + " was made from"
	}
	return "a CSR, which a CA has yet to sign"
}
