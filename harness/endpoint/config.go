// Package endpoint is the two ends of a handshake: a client and a server over
// TCP (crypto/tls) or QUIC (quic-go), made from plain settings.
//
// To run one side of a pair, fill in a [Config] and call [TCPClient],
// [TCPServer], [QUICClient] or [QUICServer] with a connection. Each returns
// what became of it as plain data ([outcome.Outcome]) and never an error: how a
// handshake fails is the result. An endpoint never knows that it is tapped.
package endpoint

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/pki"
)

// A Config is what one side is made of.
type Config struct {
	Settings outcome.Settings
	// Credential is what the side presents, nil for nothing.
	Credential *pki.Credential
	// Clock is this side's time; nil means time.Now.
	Clock func() time.Time
	// KeyLog receives the secrets in the SSLKEYLOGFILE format.
	KeyLog io.Writer
	// Sessions is where a client keeps session tickets between connections.
	Sessions tls.ClientSessionCache
	// TicketKey encrypts a server's session tickets, so that they outlive it.
	TicketKey *[32]byte
	// Fact is called when something happens inside this side. It must not block.
	Fact func(kind outcome.FactKind, text string)
	// Changed is called with the outcome so far whenever it changed; it may be
	// nil and must not block.
	Changed func(outcome.Outcome)
	// LateWait is for a peer that is not ours and sends no byte after its
	// handshake: called once a client is done, it returns a channel that is
	// closed when the wait for a late refusal is over. Nil means to wait for
	// the byte.
	LateWait func() <-chan struct{}
	// Patience is how long to wait for a peer that is not ours to close its
	// direction of a TCP connection; 0 means for as long as it takes.
	Patience time.Duration
	// IdleTimeout is how long a QUIC stack waits for its peer; 0 means for as
	// long as the run lasts.
	IdleTimeout time.Duration
	// SystemRoots verifies against the system's trust store where Settings has no trust anchors.
	SystemRoots bool
	Behaviour   Behaviour
}

// A side is a Config at work.
type side struct {
	config Config

	mu      sync.Mutex
	outcome outcome.Outcome
	state   tls.ConnectionState // when the peer's chain was accepted
}

func newSide(c Config, role outcome.Role) *side {
	c.Settings.Role = role
	return &side{config: c.withDefaults(), outcome: outcome.Outcome{Role: role, Known: true}}
}

// withDefaults returns a Config whose Fact can be called.
func (c Config) withDefaults() Config {
	if c.Fact == nil {
		c.Fact = func(outcome.FactKind, string) {}
	}
	return c
}

// result returns the outcome so far.
func (s *side) result() outcome.Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.outcome
}

func (s *side) update(f func(*outcome.Outcome)) {
	s.mu.Lock()
	f(&s.outcome)
	now := s.outcome
	s.mu.Unlock()
	if s.config.Changed != nil {
		s.config.Changed(now)
	}
}

// tlsConfig returns the crypto/tls configuration of either role.
func (s *side) tlsConfig() *tls.Config {
	set := s.config.Settings
	c := &tls.Config{
		MinVersion:       set.MinVersion,
		MaxVersion:       set.MaxVersion,
		CipherSuites:     set.CipherSuites,
		CurvePreferences: curves(set.Groups),
		NextProtos:       set.ALPN,
		Time:             s.config.Clock,
		KeyLogWriter:     s.config.KeyLog,
		VerifyConnection: s.verified,
	}
	if set.Role == outcome.Client {
		s.configureClient(c)
	} else {
		s.configureServer(c)
	}
	s.configureBehaviour(c)
	return c
}

func (s *side) configureClient(c *tls.Config) {
	set := s.config.Settings
	c.ServerName = set.ServerName
	c.RootCAs = s.trustPool()
	c.InsecureSkipVerify = set.VerifyNone
	c.GetClientCertificate = s.chooseCertificate
	if set.Tickets {
		c.ClientSessionCache = s.config.Sessions
	}
}

func (s *side) configureServer(c *tls.Config) {
	set := s.config.Settings
	c.ClientAuth = clientAuth[set.ClientAuth]
	c.ClientCAs = s.trustPool()
	c.SessionTicketsDisabled = !set.Tickets
	if set.Tickets && s.config.TicketKey != nil {
		c.SetSessionTicketKeys([][32]byte{*s.config.TicketKey})
	}
	if s.config.Credential != nil {
		c.Certificates = []tls.Certificate{s.certificate(s.config.Credential)}
	}
}

var clientAuth = map[outcome.ClientAuth]tls.ClientAuthType{
	outcome.AuthNone:          tls.NoClientCert,
	outcome.AuthRequest:       tls.RequestClientCert,
	outcome.AuthRequireAny:    tls.RequireAnyClientCert,
	outcome.AuthVerifyIfGiven: tls.VerifyClientCertIfGiven,
	outcome.AuthRequire:       tls.RequireAndVerifyClientCert,
}

// trustPool returns the trust anchors. crypto/tls takes a nil pool for the
// system's, so that no anchors means an empty pool unless SystemRoots asks
// otherwise. What does not parse is left out, as AppendCertsFromPEM does.
func (s *side) trustPool() *x509.CertPool {
	if len(s.config.Settings.Trust) == 0 && s.config.SystemRoots {
		return nil
	}
	pool := x509.NewCertPool()
	for _, der := range s.config.Settings.Trust {
		if c, err := x509.ParseCertificate(der); err == nil {
			pool.AddCert(c)
		}
	}
	return pool
}

func curves(groups []uint16) []tls.CurveID {
	if len(groups) == 0 {
		return nil
	}
	ids := make([]tls.CurveID, len(groups))
	for i, g := range groups {
		ids[i] = tls.CurveID(g)
	}
	return ids
}

// chooseCertificate answers a CertificateRequest exactly as crypto/tls does with
// Config.Certificates: the first candidate that the request allows, else an
// empty Certificate message. It also keeps why a candidate was passed over,
// which crypto/tls tells nobody.
func (s *side) chooseCertificate(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	if err := s.config.Behaviour.says(outcome.GetClientCertificate); err != nil {
		return nil, err
	}
	candidates := s.credentials()
	if len(candidates) == 0 {
		s.update(func(o *outcome.Outcome) { o.Rejected = []string{} })
		s.config.Fact(outcome.CertificateChoice, "has no certificate to send")
		return new(tls.Certificate), nil
	}
	var refusals []error
	for i, candidate := range candidates {
		certificate := s.certificate(candidate)
		refusal := request.SupportsCertificate(&certificate)
		refusals = append(refusals, refusal)
		s.update(func(o *outcome.Outcome) { o.Rejected = append(o.Rejected, errorText(refusal)) })
		switch {
		case refusal == nil && len(candidates) > 1:
			s.config.Fact(outcome.CertificateChoice, fmt.Sprintf("sends the first of its %d certificates that the request allows: number %d", len(candidates), i+1))
			return &certificate, nil
		case refusal == nil:
			return &certificate, nil
		case s.config.Settings.SendForced:
			s.config.Fact(outcome.CertificateChoice, "sends its certificate although the request excludes it: "+refusal.Error())
			return &certificate, nil
		}
	}
	s.config.Fact(outcome.CertificateChoice, keepsBack(refusals))
	return new(tls.Certificate), nil
}

// keepsBack says why no certificate is sent.
func keepsBack(refusals []error) string {
	if len(refusals) == 1 {
		return "keeps its certificate back: " + refusals[0].Error()
	}
	return fmt.Sprintf("keeps all its %d certificates back; of the first: %v", len(refusals), refusals[0])
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// verified is called by crypto/tls once it is content with the peer's chain, on
// resumption too.
func (s *side) verified(state tls.ConnectionState) error {
	s.mu.Lock()
	s.state = state
	s.mu.Unlock()
	s.keepChains(state)
	s.update(func(o *outcome.Outcome) { o.Negotiated.Resumed = state.DidResume })
	if text := s.verdictOn(state); text != "" {
		s.config.Fact(outcome.ChainVerified, text)
	}
	return s.check(state)
}

// lastState returns the connection's state when the peer's chain was accepted.
func (s *side) lastState() tls.ConnectionState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// verdictOn says in words what this side found about its peer, empty for nothing.
func (s *side) verdictOn(state tls.ConnectionState) string {
	set := s.config.Settings
	switch {
	case state.DidResume:
		return "takes the peer's identity from the resumed session"
	case len(state.VerifiedChains) > 0 && set.Role == outcome.Client:
		return fmt.Sprintf("server certificate verified for %s", set.ServerName)
	case len(state.VerifiedChains) > 0:
		return "client certificate verified"
	case len(state.PeerCertificates) > 0:
		return "takes the peer's certificate without verifying it"
	case set.Role == outcome.Server && set.ClientAuth != outcome.AuthNone:
		return "goes on without a client certificate"
	}
	return ""
}

func (s *side) keepChains(state tls.ConnectionState) {
	s.update(func(o *outcome.Outcome) {
		o.PeerCertificates = rawChain(state.PeerCertificates)
		o.VerifiedChains = nil
		for _, chain := range state.VerifiedChains {
			o.VerifiedChains = append(o.VerifiedChains, rawChain(chain))
		}
	})
}

func rawChain(chain []*x509.Certificate) [][]byte {
	if len(chain) == 0 {
		return nil
	}
	raw := make([][]byte, len(chain))
	for i, c := range chain {
		raw[i] = c.Raw
	}
	return raw
}

// completed records a handshake function that returned without an error.
func (s *side) completed(state tls.ConnectionState) {
	s.keepChains(state)
	s.update(func(o *outcome.Outcome) {
		o.Complete = true
		o.Negotiated = outcome.Negotiated{
			Version: state.Version, CipherSuite: state.CipherSuite, Group: uint16(state.CurveID),
			ALPN: state.NegotiatedProtocol, Resumed: state.DidResume, HelloRetry: state.HelloRetryRequest,
		}
	})
	s.config.Fact(outcome.HandshakeComplete, "handshake complete")
}

// failed records the error that ended the handshake.
func (s *side) failed(err error) *outcome.Failure {
	f := failureOf(err, outcome.OpHandshake)
	s.update(func(o *outcome.Outcome) {
		o.Handshake = f
		// The verifier keeps what it refused, which the connection state does not have.
		var refused *tls.CertificateVerificationError
		if errors.As(err, &refused) {
			o.PeerCertificates = rawChain(refused.UnverifiedCertificates)
		}
	})
	s.config.Fact(outcome.HandshakeFailed, f.Text)
	return f
}

// failedLate records the error of the first read after a handshake that succeeded.
func (s *side) failedLate(err error) *outcome.Failure {
	f := failureOf(err, outcome.OpRead)
	s.update(func(o *outcome.Outcome) { o.Late = f })
	s.config.Fact(outcome.LateError, f.Text)
	return f
}
