package endpoint

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"time"

	"golang.org/x/crypto/ocsp"

	"shakedown/harness/outcome"
)

// checkRevocation does what crypto/tls leaves to applications: it looks whether a
// certificate of the peer was revoked, in the CAs' lists or in the response that
// the peer has stapled.
func (s *side) checkRevocation(state tls.ConnectionState) error {
	if s.config.Settings.Revocation == "" || len(state.VerifiedChains) == 0 {
		return nil
	}
	now := time.Now()
	if s.config.Clock != nil {
		now = s.config.Clock()
	}
	chain := state.VerifiedChains[0]
	if s.config.Settings.Revocation == "ocsp" {
		return checkStaple(state.OCSPResponse, chain, now)
	}
	for i, c := range chain[:len(chain)-1] { // a trust anchor is revoked by taking it out
		if err := s.checkList(c, chain[i+1], now); err != nil {
			return err
		}
	}
	return nil
}

// checkList looks for a certificate in its issuer's list (RFC 5280 6.3).
func (s *side) checkList(c, issuer *x509.Certificate, now time.Time) error {
	list := s.listOf(issuer)
	switch {
	case list == nil:
		return refuses(outcome.NoStatus, "no revocation list of %q is at hand", issuer.Subject.CommonName)
	case list.CheckSignatureFrom(issuer) != nil:
		return refuses(outcome.UntrustedStatus, "the revocation list of %q is not signed by its key", issuer.Subject.CommonName)
	case now.After(list.NextUpdate):
		return refuses(outcome.StaleCRL, "the revocation list of %q is out of date: nextUpdate was %s", issuer.Subject.CommonName, stamp(list.NextUpdate))
	}
	for _, entry := range list.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(c.SerialNumber) == 0 {
			return refuses(outcome.Revoked, "certificate %q (serial %x) was revoked at %s", c.Subject.CommonName, c.SerialNumber, stamp(entry.RevocationTime))
		}
	}
	return nil
}

// listOf returns the list whose issuer has that name.
func (s *side) listOf(issuer *x509.Certificate) *x509.RevocationList {
	for _, der := range s.config.Settings.CRLs {
		if list, err := x509.ParseRevocationList(der); err == nil && bytes.Equal(list.RawIssuer, issuer.RawSubject) {
			return list
		}
	}
	return nil
}

// checkStaple reads the OCSP response about the end entity (RFC 6960 3.2).
func checkStaple(response []byte, chain []*x509.Certificate, now time.Time) error {
	leaf := chain[0]
	if len(response) == 0 {
		return refuses(outcome.NoStatus, "no OCSP response about %q was stapled", leaf.Subject.CommonName)
	}
	if len(chain) < 2 {
		return nil // a trust anchor itself
	}
	r, err := ocsp.ParseResponseForCert(response, leaf, chain[1])
	switch {
	case err != nil:
		return refuses(outcome.UntrustedStatus, "the OCSP response about %q cannot be trusted: %v", leaf.Subject.CommonName, err)
	case now.After(r.NextUpdate):
		return refuses(outcome.StaleOCSP, "the OCSP response about %q is out of date: nextUpdate was %s", leaf.Subject.CommonName, stamp(r.NextUpdate))
	case r.Status == ocsp.Revoked:
		return refuses(outcome.Revoked, "certificate %q (serial %x) was revoked at %s", leaf.Subject.CommonName, leaf.SerialNumber, stamp(r.RevokedAt))
	case r.Status != ocsp.Good:
		return refuses(outcome.UnknownStatus, "the OCSP responder does not know the certificate %q (serial %x)", leaf.Subject.CommonName, leaf.SerialNumber)
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
