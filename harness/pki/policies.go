package pki

import (
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// Policies are under which policies a certificate was issued, and what a CA
// demands of the policies below it (RFC 5280 4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14).
//
// A Go program that says nothing of policies refuses a path only where a CA of
// it demands them (RequireExplicit) or has a mapping that is forbidden.
type Policies struct {
	// IDs are the policies' OIDs, dotted, or "any" for anyPolicy. Nil: no extension.
	IDs []string
	// Mappings equate policies of two domains. Nil: no extension.
	Mappings []PolicyMapping
	// RequireExplicit and InhibitMapping are policyConstraints' numbers,
	// InhibitAny is inhibitAnyPolicy's: after how many more certificates it
	// holds. Nil: not at all.
	RequireExplicit, InhibitMapping, InhibitAny *int
}

// A PolicyMapping says that the issuing CA takes the subject CA's policy as
// equivalent to one of its own (RFC 5280 4.2.1.5). Both are dotted OIDs, or "any".
type PolicyMapping struct {
	IssuerDomain, SubjectDomain string
}

// oidAnyPolicy is anyPolicy, "a special policy … with the value of { 2 5 29 32 0 }"
// (https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.4).
var oidAnyPolicy = []int{2, 5, 29, 32, 0}

// draftPolicies are Policies with their OIDs read.
type draftPolicies struct {
	ids                                         []asn1.ObjectIdentifier
	mappings                                    [][2]asn1.ObjectIdentifier
	requireExplicit, inhibitMapping, inhibitAny *int
}

func readPolicies(d *draft, s Entity) error {
	p := s.Policies
	d.policies = draftPolicies{requireExplicit: p.RequireExplicit, inhibitMapping: p.InhibitMapping, inhibitAny: p.InhibitAny}
	for _, word := range p.IDs {
		id, err := parsePolicy(word)
		if err != nil {
			return err
		}
		d.policies.ids = append(d.policies.ids, id)
	}
	for _, m := range p.Mappings {
		issuer, err := parsePolicy(m.IssuerDomain)
		if err != nil {
			return fmt.Errorf("mapping's issuer domain: %w", err)
		}
		subject, err := parsePolicy(m.SubjectDomain)
		if err != nil {
			return fmt.Errorf("mapping's subject domain: %w", err)
		}
		d.policies.mappings = append(d.policies.mappings, [2]asn1.ObjectIdentifier{issuer, subject})
	}
	for _, n := range []*int{p.RequireExplicit, p.InhibitMapping, p.InhibitAny} {
		if n != nil && *n < 0 {
			return fmt.Errorf("a policy constraint of %d certificates is less than none", *n)
		}
	}
	return nil
}

func parsePolicy(word string) (asn1.ObjectIdentifier, error) {
	if word == "any" {
		return oidAnyPolicy, nil
	}
	id, err := parseOID(word)
	if err != nil {
		return nil, fmt.Errorf("policy %q is no dotted OID, and not any", word)
	}
	return id, nil
}

// add writes the extensions. Conforming CAs mark policyConstraints and
// inhibitAnyPolicy as critical, and should mark policyMappings so, since who does
// not know them would take a path that the CA did not mean.
func (p *draftPolicies) add(b *cryptobyte.Builder) {
	if len(p.ids) > 0 {
		addExtension(b, oidCertificatePolicies, false, func(b *cryptobyte.Builder) {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, id := range p.ids {
					b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(id) })
				}
			})
		})
	}
	if len(p.mappings) > 0 {
		addExtension(b, oidPolicyMappings, true, func(b *cryptobyte.Builder) {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, m := range p.mappings {
					b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(m[0])
						b.AddASN1ObjectIdentifier(m[1])
					})
				}
			})
		})
	}
	if p.requireExplicit != nil || p.inhibitMapping != nil {
		addExtension(b, oidPolicyConstraints, true, func(b *cryptobyte.Builder) {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				addSkipCerts(b, 0, p.requireExplicit)
				addSkipCerts(b, 1, p.inhibitMapping)
			})
		})
	}
	if p.inhibitAny != nil {
		addExtension(b, oidInhibitAnyPolicy, true, func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(*p.inhibitAny)) })
	}
}

// addSkipCerts writes an optional SkipCerts, a number of certificates.
func addSkipCerts(b *cryptobyte.Builder, tag uint8, n *int) {
	if n != nil {
		b.AddASN1Int64WithTag(int64(*n), der.Tag(tag).ContextSpecific())
	}
}
