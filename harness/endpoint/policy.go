package endpoint

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"

	"shakedown/harness/outcome"
)

// verifyPeer is VerifyPeerCertificate, nil where the application has no rule in
// it. crypto/tls does not call it when a session is resumed.
func (s *side) verifyPeer() func([][]byte, [][]*x509.Certificate) error {
	err := s.config.Behaviour.says(outcome.VerifyPeerCertificate)
	if err == nil {
		return nil
	}
	return func([][]byte, [][]*x509.Certificate) error { return err }
}

// check is what the application looks at in VerifyConnection, which crypto/tls
// calls on every connection, resumed or not.
func (s *side) check(state tls.ConnectionState) error {
	if err := s.config.Behaviour.says(outcome.VerifyConnection); err != nil {
		return err
	}
	for _, check := range []func(tls.ConnectionState) error{s.checkIdentity, s.checkPin, s.checkRevocation} {
		if err := check(state); err != nil {
			return err
		}
	}
	return nil
}

// refuses makes the error of a rule in VerifyConnection.
func refuses(kind outcome.VerifyKind, format string, args ...any) error {
	return &callbackError{callback: outcome.VerifyConnection, kind: kind, text: fmt.Sprintf(format, args...)}
}

// checkPin compares the key of the peer's certificate with the pinned one.
func (s *side) checkPin(state tls.ConnectionState) error {
	pin := s.config.Behaviour.Pin
	if pin == nil || len(state.PeerCertificates) == 0 {
		return nil
	}
	if key := state.PeerCertificates[0].RawSubjectPublicKeyInfo; !bytes.Equal(key, pin) {
		return refuses(outcome.KeyNotPinned, "public key pin mismatch: got %s, want %s", fingerprint(key), fingerprint(pin))
	}
	return nil
}

// fingerprint writes a key as RFC 7469 2.4 does.
func fingerprint(key []byte) string {
	sum := sha256.Sum256(key)
	return "sha256/" + base64.StdEncoding.EncodeToString(sum[:])
}

// checkIdentity looks for the peer's URI, such as a SPIFFE id.
//
// A side that does not verify otherwise verifies the chain here, without a name:
// "InsecureSkipVerify … should be used only for testing or in combination with
// VerifyConnection or VerifyPeerCertificate" (crypto/tls).
func (s *side) checkIdentity(state tls.ConnectionState) error {
	want := s.config.Behaviour.URI
	if want == "" || len(state.PeerCertificates) == 0 {
		return nil
	}
	leaf := state.PeerCertificates[0]
	if s.config.Settings.VerifyNone {
		if err := s.verifyChain(state.PeerCertificates); err != nil {
			return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
		}
	}
	var has []string
	for _, u := range leaf.URIs {
		has = append(has, u.String())
	}
	if !slices.Contains(has, want) {
		return refuses(outcome.OtherIdentity, "the peer is %q, not %q", has, want)
	}
	return nil
}

func (s *side) verifyChain(chain []*x509.Certificate) error {
	options := x509.VerifyOptions{Roots: s.trustPool(), Intermediates: x509.NewCertPool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if s.config.Settings.Role == outcome.Server {
		options.KeyUsages[0] = x509.ExtKeyUsageClientAuth
	}
	if s.config.Clock != nil {
		options.CurrentTime = s.config.Clock()
	}
	for _, c := range chain[1:] {
		options.Intermediates.AddCert(c)
	}
	_, err := chain[0].Verify(options)
	return err
}
