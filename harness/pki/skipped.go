package pki

import (
	"crypto/x509"

	"shakedown/harness/x509wire"
)

// A Skipped part of a file is a certificate that a Go program loses without a
// word.
type Skipped struct {
	// Line is where its BEGIN stands, counted from 1.
	Line int
	// Type is the PEM label.
	Type string
	// Reason says why it is lost.
	Reason string
	// Raw is the certificate where it could be read all the same, or at least
	// whose it is; else nil.
	Raw []byte
	// Command makes a file of which nothing is lost; empty where none can.
	Command string
}

// lostInPair lists the certificates that X509KeyPair does not see.
func lostInPair(file string, data []byte) []Skipped {
	return lostIn(give(file, roleCertificate, data), func(part) (ailment, bool) { return ailment{}, false })
}

// lostInBundle lists the certificates that AppendCertsFromPEM does not add.
func lostInBundle(file string, data []byte) []Skipped {
	return lostIn(give(file, roleTrust, data), func(p part) (ailment, bool) {
		if _, err := x509.ParseCertificate(p.der); err == nil && len(p.block.Headers) == 0 {
			return ailment{}, false
		}
		return refused(p.block), true
	})
}

// namesSomebody says that a certificate which does not parse still shows whose it is.
func namesSomebody(der []byte) bool {
	c, _ := x509wire.Parse(der) // what could be read is there beside the error
	return c != nil && len(c.RawSubject) > 0 && len(c.RawPublicKey) > 0
}

// lostIn lists the certificates that are passed over, among them those with the
// right label that refuse says why to refuse.
func lostIn(g given, refuse func(part) (ailment, bool)) (list []Skipped) {
	for _, p := range g.parts {
		ail := p.ail
		switch {
		case !p.isCertificate():
			continue
		case p.read() && p.label == "CERTIFICATE":
			var skips bool
			if ail, skips = refuse(p); !skips {
				continue
			}
		case p.read():
			ail = otherBlock(p)
		}
		s := Skipped{Line: p.line, Type: p.label, Reason: ail.detail, Command: ail.command(g.file, g.role)}
		if identify(p.der) == derCertificate || namesSomebody(p.der) {
			s.Raw = p.der
		}
		list = append(list, s)
	}
	return list
}
