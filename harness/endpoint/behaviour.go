package endpoint

import (
	"crypto"
	"crypto/tls"
	"errors"
	"io"

	"shakedown/harness/outcome"
	"shakedown/harness/pki"
)

// A Behaviour is what a side does beyond its settings. The zero Behaviour is
// that of a healthy side.
type Behaviour struct {
	// Also are further credentials, tried in their order after Config.Credential.
	Also []*pki.Credential
	// Callbacks are those that return an error, with its text.
	Callbacks map[outcome.Callback]string
	// AnswersNothing has a server's GetCertificate return no certificate and no
	// error; Answer is the credential that it returns.
	AnswersNothing bool
	Answer         *pki.Credential
	// SignerFails is the text of the error that the private key returns when it
	// has to sign, empty for a key that signs.
	SignerFails string
	// Pin is the PKIX public key that the peer's certificate has to have.
	Pin []byte
	// URI is the name that the peer's certificate has to have. Where nothing
	// else is verified it stands for the host name: the chain is verified.
	URI string
	// Staple is the OCSP response that is sent beside the certificate.
	Staple []byte
	// EarlyData sends 0-RTT data with a session that is offered (client), and
	// takes it (server). Only QUIC has it here: crypto/tls offers none over TCP.
	EarlyData bool
	// Close ends a connection from the server's application after the handshake.
	Close *Close
	// Leaves has a client over TCP end the connection before it has sent a byte.
	Leaves bool
	// TLSInside has a client over TCP begin another handshake inside the
	// connection, once the first is complete.
	TLSInside bool
}

// A Close is how a server's application ends a connection that it does not want:
// by an error code on QUIC, in order over TCP.
type Close struct {
	Code   uint64
	Reason string
}

// A callbackError is the error that an application's callback returns.
type callbackError struct {
	callback outcome.Callback
	kind     outcome.VerifyKind // empty where it is not about the peer's certificate
	text     string
}

func (e *callbackError) Error() string { return e.text }

// says returns the error that a callback is to return, nil if it works.
func (b *Behaviour) says(c outcome.Callback) error {
	text, ok := b.Callbacks[c]
	if !ok {
		return nil
	}
	e := &callbackError{callback: c, text: text}
	if c == outcome.VerifyPeerCertificate || c == outcome.VerifyConnection {
		e.kind = outcome.RuleRefused
	}
	return e
}

// readCallback reads the error of an application's callback.
func readCallback(f *outcome.Failure, err error) {
	var from *callbackError
	if !errors.As(err, &from) {
		return
	}
	f.Callback = from.callback
	if f.Local == nil {
		f.Local = &outcome.LocalAlert{}
	}
	if from.kind != "" {
		f.Verify = &outcome.VerifyFailure{Kind: from.kind, Detail: from.text}
	}
}

// configureBehaviour sets the callbacks that a Behaviour asks for.
func (s *side) configureBehaviour(c *tls.Config) {
	b := &s.config.Behaviour
	c.VerifyPeerCertificate = s.verifyPeer()
	if s.config.Settings.Role == outcome.Client {
		s.configureECH(c)
		return
	}
	for _, also := range b.Also {
		c.Certificates = append(c.Certificates, s.certificate(also))
	}
	if _, fails := b.Callbacks[outcome.GetCertificate]; fails || b.AnswersNothing || b.Answer != nil {
		c.GetCertificate = s.answerHello
	}
	if err := b.says(outcome.GetConfigForClient); err != nil {
		c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, err }
	}
}

// answerHello is a server's GetCertificate.
func (s *side) answerHello(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	b := &s.config.Behaviour
	if err := b.says(outcome.GetCertificate); err != nil {
		return nil, err
	}
	if b.Answer == nil {
		s.config.Fact(outcome.CertificateChoice, "GetCertificate has no certificate for this client")
		return nil, nil
	}
	s.config.Fact(outcome.CertificateChoice, "GetCertificate chooses the certificate")
	certificate := s.certificate(b.Answer)
	return &certificate, nil
}

// credentials are what the side can present, in its order of preference.
func (s *side) credentials() []*pki.Credential {
	if s.config.Credential == nil {
		return s.config.Behaviour.Also
	}
	return append([]*pki.Credential{s.config.Credential}, s.config.Behaviour.Also...)
}

func (s *side) certificate(c *pki.Credential) tls.Certificate {
	b := &s.config.Behaviour
	certificate := tls.Certificate{Certificate: c.Chain, PrivateKey: c.Key, OCSPStaple: b.Staple}
	if b.SignerFails != "" {
		certificate.PrivateKey = &failingSigner{c.Key.Public(), b.SignerFails}
	}
	return certificate
}

// A failingSigner is a private key that cannot sign, as one in a hardware module
// that was pulled out.
type failingSigner struct {
	public crypto.PublicKey
	text   string
}

func (k *failingSigner) Public() crypto.PublicKey { return k.public }

func (k *failingSigner) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, &callbackError{callback: outcome.Sign, text: k.text}
}
