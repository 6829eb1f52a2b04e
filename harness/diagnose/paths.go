package diagnose

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/outcome"
)

// explore returns every path from the end entity, which has at least that one
// certificate, in the order in which the verifier tries them.
func (v *verification) explore() []*path {
	s := search{verification: v, all: true}
	s.walk([]*certificate{v.leaf()})
	v.tried = s.tried
	return s.paths
}

// choose picks the path to speak of: the one that the verifier itself reports, else
// the first that is good, else the one at which the verifier gave up, else the
// best. It keeps the others.
func (v *verification) choose(paths []*path) *path {
	chosen := slices.IndexFunc(paths, func(p *path) bool { return len(v.accepted) > 0 && slices.EqualFunc(p.certs, v.accepted, sameBytes) })
	if chosen < 0 {
		chosen = slices.IndexFunc(paths, func(p *path) bool { return p.anchored && p.decisive() == 0 })
	}
	if chosen < 0 && len(paths) > 1 {
		chosen = v.givenUp(paths)
	}
	if chosen < 0 {
		chosen = 0
		for i, p := range paths {
			if better(p, paths[chosen]) {
				chosen = i
			}
		}
	}
	v.others = slices.Delete(slices.Clone(paths), chosen, chosen+1)
	return paths[chosen]
}

func sameBytes(c *certificate, raw []byte) bool { return bytes.Equal(c.raw, raw) }

// givenUp returns the first path whose first fault is what the verifier says, -1
// if there is none.
func (v *verification) givenUp(paths []*path) int {
	said := v.said
	if said == nil {
		said = v.ask()
	}
	if said == nil {
		return -1
	}
	return slices.IndexFunc(paths, func(p *path) bool { return v.fits(p, said) })
}

// fits says that a verifier that gives the path up would say so.
func (v *verification) fits(p *path, said *outcome.VerifyFailure) bool {
	v.judgePath(p)
	top := len(p.certs) - 1
	kinds, step := byAuthority, 2*top+1
	for _, f := range p.faults {
		if !f.rule.remark && (p.anchored || f.step < step) {
			kinds, step = f.rule.kinds, f.step
			break
		}
	}
	if !slices.Contains(kinds, said.Kind) {
		return false
	}
	// A link's error names the certificate below it, any other its own, and what is
	// judged of the whole path names the end entity.
	at := step / 2
	return at > top || len(said.Certificate) == 0 || bytes.Equal(p.certs[at].raw, said.Certificate)
}

// ask has crypto/x509 itself say what is wrong, where there are several paths and
// nobody recorded which of them the verifier spoke of. It returns nil where what
// the verifier knew is not known.
func (v *verification) ask() *outcome.VerifyFailure {
	if !v.anchorsKnown || v.at().IsZero() {
		return nil
	}
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	for _, a := range v.anchors {
		if a.std != nil {
			roots.AddCert(a.std)
		}
	}
	for _, c := range v.presented[1:] {
		if c.std != nil {
			intermediates.AddCert(c.std)
		}
	}
	_, err := v.leaf().std.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, DNSName: v.name, CurrentTime: v.at(), KeyUsages: []x509.ExtKeyUsage{v.usage},
	})
	return verifyFailure(err)
}

// verifyFailure reads crypto/x509's error.
func verifyFailure(err error) *outcome.VerifyFailure {
	var (
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		host      x509.HostnameError
		critical  x509.UnhandledCriticalExtension
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &authority):
		return &outcome.VerifyFailure{Kind: outcome.UnknownAuthority, Certificate: authority.Cert.Raw}
	case errors.As(err, &host):
		return &outcome.VerifyFailure{Kind: outcome.Hostname}
	case errors.As(err, &critical):
		return &outcome.VerifyFailure{Kind: outcome.CriticalExt}
	case errors.As(err, &invalid):
		if kind, ok := invalidKinds[invalid.Reason]; ok {
			return &outcome.VerifyFailure{Kind: kind, Certificate: invalid.Cert.Raw}
		}
	}
	return &outcome.VerifyFailure{Kind: outcome.OtherVerify}
}

var invalidKinds = map[x509.InvalidReason]outcome.VerifyKind{
	x509.Expired:                    outcome.Expired,
	x509.NotAuthorizedToSign:        outcome.NotAuthorized,
	x509.CANotAuthorizedForThisName: outcome.NameConstraint,
	x509.TooManyIntermediates:       outcome.PathLength,
	x509.IncompatibleUsage:          outcome.IncompatibleEKU,
	x509.NoValidChains:              outcome.InvalidPolicy,
}

// maxShown is how many other paths are shown.
const maxShown = 3

// sameOnAll says that a fault is the end entity's own, so that no other path would
// mend it, or that it is not the first and the others have been spoken of.
func (v *verification) sameOnAll(f *fault) bool {
	return f.step == 0 || f.step != v.faults[0].step || f.id != v.faults[0].id
}

// otherPaths says of the paths that the verifier does not use where they lead, and
// why they fail.
func (v *verification) otherPaths() []string {
	var list []string
	for n, p := range v.others {
		if len(list) == maxShown {
			return append(list, fmt.Sprintf("%s more, and none holds", plural(len(v.others)-n, "path")))
		}
		if why := v.failure(p); why != "" {
			list = append(list, "another path, "+p.way()+", fails as well: "+why)
		}
	}
	return list
}

// maxListed is how many paths are handed on.
const maxListed = 16

// chainPaths lists the paths for the report, the one that was used first. A nil
// verification is a side without certificates; one that cannot be read has none.
func (v *verification) chainPaths(r *reading) []ChainPath {
	if v == nil || v.path == nil {
		return nil
	}
	var list []ChainPath
	for n, p := range slices.Concat([]*path{v.path}, v.others, v.tried) {
		if n == maxListed {
			break
		}
		c := ChainPath{Anchored: p.anchored, Certificates: make([][]byte, 0, len(p.certs)), Subjects: make([]string, 0, len(p.certs))}
		for _, on := range p.certs {
			c.Certificates, c.Subjects = append(c.Certificates, on.raw), append(c.Subjects, on.name())
		}
		if n > 0 || !r.accepted(v) {
			c.Fails = v.failure(p)
		}
		list = append(list, c)
	}
	return list
}

// way names the certificates of a path, from below.
func (p *path) way() string {
	var names []string
	for _, c := range p.certs {
		names = append(names, c.name())
	}
	if len(names) > maxNames {
		names = append(append(names[:maxNames-1:maxNames-1], "…"), p.top().name())
	}
	return strings.Join(names, " ← ")
}

// failure says why a path fails, empty if it does not, or if nobody can know.
func (v *verification) failure(p *path) string {
	if p.refused {
		below := p.certs[len(p.certs)-2]
		return fmt.Sprintf("%s has the name of the issuer of %s, but another key signed it", p.top().name(), below.name())
	}
	v.judgePath(p)
	for _, f := range p.faults {
		if !f.rule.remark && f.rule.ending == anchored {
			return fmt.Sprintf("%s: %s", f.on.name(), f.detail)
		}
	}
	if !p.anchored && (v.anchorsKnown || v.refusedUnknown) {
		return fmt.Sprintf("%s is issued by %s, of which there is no certificate that signed it", p.top().name(), p.top().issuerName())
	}
	return ""
}
