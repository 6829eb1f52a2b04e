package pki

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"
)

// How long lists and responses are good for, and how long ago those are that are
// out of date.
const (
	revocationPeriod = 7 * 24 * time.Hour
	stalePeriod      = 24 * time.Hour
	revokedSince     = 48 * time.Hour
)

// CRL returns the CA's certificate revocation list (RFC 5280 5) in DER: what it
// issued and the spec calls revoked. It is an hour old, or a week and more where
// the CA has the flaw stale-crl.
func (h *Hierarchy) CRL(ca string) ([]byte, error) {
	issuer, err := h.lookup(ca)
	if err != nil {
		return nil, err
	}
	certificate, signer, err := issuer.authority()
	if err != nil {
		return nil, fmt.Errorf("CRL of %q: %w", ca, err)
	}
	this := h.clock.Add(-time.Hour)
	if issuer.draft.staleCRL {
		this = h.clock.Add(-revocationPeriod - stalePeriod)
	}
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: this, NextUpdate: this.Add(revocationPeriod)}
	for _, name := range slices.Sorted(maps.Keys(h.entities)) {
		e := h.entities[name]
		if e.draft == nil || !e.draft.revoked || e.issuer != issuer || e.draft.selfSigned {
			continue
		}
		revoked, err := e.certificate()
		if err != nil {
			return nil, fmt.Errorf("CRL of %q: %w", ca, err)
		}
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: revoked.SerialNumber, RevocationTime: h.clock.Add(-revokedSince), ReasonCode: ocsp.KeyCompromise,
		})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, certificate, signer)
	if err != nil {
		return nil, fmt.Errorf("CRL of %q: %w", ca, err)
	}
	return der, nil
}

// OCSP returns the issuer's OCSP response (RFC 6960) about an entity, in DER.
func (h *Hierarchy) OCSP(name string) ([]byte, error) {
	e, err := h.lookup(name)
	if err != nil {
		return nil, err
	}
	if e.draft == nil {
		return nil, fmt.Errorf("OCSP response about %q: nobody here has its issuer's key", name)
	}
	about, err := e.certificate()
	if err != nil {
		return nil, fmt.Errorf("OCSP response about %q: %w", name, err)
	}
	issuer, signer, err := e.issuer.authority()
	if err != nil {
		return nil, fmt.Errorf("OCSP response about %q: %w", name, err)
	}
	der, err := ocsp.CreateResponse(issuer, issuer, e.draft.status(about.SerialNumber), e.draft.responder(signer))
	if err != nil {
		return nil, fmt.Errorf("OCSP response about %q: %w", name, err)
	}
	return der, nil
}

// status is what the responder says of a certificate.
func (d *draft) status(serial *big.Int) ocsp.Response {
	this := d.clock.Add(-time.Hour)
	if d.staleResponse {
		this = d.clock.Add(-revocationPeriod - stalePeriod)
	}
	r := ocsp.Response{Status: ocsp.Good, SerialNumber: serial, ThisUpdate: this, NextUpdate: this.Add(revocationPeriod), ProducedAt: this}
	switch {
	case d.unknownToResponder:
		r.Status = ocsp.Unknown
	case d.revoked:
		r.Status, r.RevokedAt, r.RevocationReason = ocsp.Revoked, d.clock.Add(-revokedSince), ocsp.KeyCompromise
	}
	return r
}

// responder is the key that signs the response.
func (d *draft) responder(issuer crypto.Signer) crypto.Signer {
	if d.strangeResponse {
		if stranger, err := freshLike(issuer.Public()); err == nil {
			return stranger
		}
	}
	return issuer
}

// authority returns a CA's certificate and its key.
func (e *entity) authority() (*x509.Certificate, crypto.Signer, error) {
	if e.draft == nil {
		return nil, nil, fmt.Errorf("%q comes from disk, and signs nothing here", e.name)
	}
	certificate, err := e.certificate()
	if err != nil {
		return nil, nil, err
	}
	key, err := e.key()
	return certificate, key, err
}

func (e *entity) certificate() (*x509.Certificate, error) {
	m, err := e.minted()
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(m.der)
}
