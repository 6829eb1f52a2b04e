package diagnose

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// The revocation rules are remarks: crypto/tls looks at no list. An application
// that does says so itself, with an error of its own; these say of which
// certificate, and what the list says where nobody has looked yet.

// revokedByList is a certificate that stands in its issuer's list. A trust anchor
// is revoked by taking it out.
func revokedByList(v *verification, certs []*certificate, i int) (string, bool) {
	list := v.listFor(certs, i)
	if list == nil || list.signedBy(certs[i+1]) != nil {
		return "", false
	}
	at, revoked := list.revokedAt(certs[i].std.SerialNumber)
	if !revoked {
		return "", false
	}
	return fmt.Sprintf("%s's list of %s has its serial number %x: it was revoked on %s",
		certs[i+1].name(), instant(list.ThisUpdate), certs[i].std.SerialNumber, instant(at)), true
}

// staleList is a certificate whose issuer's list at hand says nothing any more:
// "nextUpdate … indicates the date by which the next CRL will be issued"
// (https://www.rfc-editor.org/rfc/rfc5280#section-5.1.2.5).
func staleList(v *verification, certs []*certificate, i int) (string, bool) {
	list, now := v.listFor(certs, i), v.at()
	if list == nil || now.IsZero() || list.NextUpdate.IsZero() || !now.After(list.NextUpdate) {
		return "", false
	}
	return fmt.Sprintf("%s's list that the %s has at hand is out of date: nextUpdate was %s", certs[i+1].name(), v.by, instant(list.NextUpdate)), true
}

// untrustedList is a certificate about which a list speaks that its issuer did not
// sign, or must not: RFC 5280 6.3.3 (f) and (g) want cRLSign and a signature.
func untrustedList(v *verification, certs []*certificate, i int) (string, bool) {
	list := v.listFor(certs, i)
	if list == nil {
		return "", false
	}
	err := list.signedBy(certs[i+1])
	var may x509.ConstraintViolationError
	switch {
	case err == nil:
		return "", false
	case errors.As(err, &may):
		return fmt.Sprintf("%s may not sign lists: it is no CA, or its key usage leaves out cRLSign", certs[i+1].name()), true
	}
	return fmt.Sprintf("the list that the %s has at hand under the name of %s is signed by another key", v.by, certs[i+1].name()), true
}

// listFor returns the verifier's list of the issuer of the certificate at i, nil if
// it has none or the certificate is the last.
func (v *verification) listFor(certs []*certificate, i int) *revocationList {
	if i == len(certs)-1 {
		return nil
	}
	for _, list := range v.lists() {
		if bytes.Equal(list.RawIssuer, certs[i].std.RawIssuer) {
			return list
		}
	}
	return nil
}

// lists reads the verifier's lists once. One that does not parse is none.
func (v *verification) lists() []*revocationList {
	if !v.listsRead {
		v.listsRead = true
		for _, der := range v.verifier.CRLs {
			if list, err := x509.ParseRevocationList(der); err == nil {
				v.revocationLists = append(v.revocationLists, &revocationList{RevocationList: list})
			}
		}
	}
	return v.revocationLists
}

// A revocationList is a list with what was asked of it before: it can be megabytes
// long, and is asked about each certificate on each path.
type revocationList struct {
	*x509.RevocationList
	signers map[*certificate]error
	revoked map[string]time.Time // by serial number
}

// signedBy returns nil if that issuer has signed the list, and may.
func (l *revocationList) signedBy(issuer *certificate) error {
	err, asked := l.signers[issuer]
	if !asked {
		if l.signers == nil {
			l.signers = make(map[*certificate]error, 1)
		}
		err = l.CheckSignatureFrom(issuer.std)
		l.signers[issuer] = err
	}
	return err
}

// revokedAt returns when the certificate of that number was revoked.
func (l *revocationList) revokedAt(serial *big.Int) (at time.Time, revoked bool) {
	if l.revoked == nil {
		l.revoked = make(map[string]time.Time, len(l.RevokedCertificateEntries))
		for _, entry := range l.RevokedCertificateEntries {
			if key := entry.SerialNumber.Text(16); l.revoked[key].IsZero() {
				l.revoked[key] = entry.RevocationTime
			}
		}
	}
	at, revoked = l.revoked[serial.Text(16)]
	return at, revoked
}
