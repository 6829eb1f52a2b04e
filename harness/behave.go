package harness

import (
	"slices"

	"shakedown/harness/endpoint"
	"shakedown/harness/outcome"
	"shakedown/harness/pki"
	"shakedown/harness/scenario"
)

// What the callbacks and the key of a scenario say where they fail.
const (
	callbackFails = "load the certificate: the secret store does not answer"
	configFails   = "load the configuration for this client: the database does not answer"
	signerFails   = "pkcs11: 0x30: CKR_DEVICE_ERROR"
)

// behave turns what a scenario says of a side's behaviour into what its endpoint
// takes, and tells the settings what a diagnosis may know of it.
func (s *stage) behave(c *cast, e scenario.Endpoint) error {
	for _, set := range []func(*cast, scenario.Endpoint) error{
		s.alsoPresent, s.answer, s.onDisk, s.demand, s.revocation, s.staple,
	} {
		if err := set(c, e); err != nil {
			return err
		}
	}
	b := &c.config.Behaviour
	if e.SignerFails {
		b.SignerFails = signerFails
	}
	b.EarlyData, b.Leaves, b.TLSInside = e.EarlyData, e.Leaves, e.TLSInside
	if e.Close != nil {
		b.Close = &endpoint.Close{Code: e.Close.Code, Reason: e.Close.Reason}
	}
	c.config.Settings.GODEBUG = e.GODEBUG
	c.config.Settings.ECH, c.config.Settings.QUICVersions = e.ECH, e.QUICVersions
	return nil
}

// alsoPresent adds the credentials behind the first.
func (s *stage) alsoPresent(c *cast, e scenario.Endpoint) error {
	for _, present := range e.AlsoPresent {
		credential, err := s.hierarchy.Credential(present)
		if err != nil {
			return c.couldNotLoad(c.config.Settings.Role, err)
		}
		c.config.Behaviour.Also = append(c.config.Behaviour.Also, credential)
		c.config.Settings.Credentials = append(c.config.Settings.Credentials, plainCredential(credential))
	}
	return nil
}

func plainCredential(c *pki.Credential) outcome.Credential {
	return outcome.Credential{Chain: c.Chain, PublicKey: publicKey(c.Key), Source: c.Source}
}

// answer sets what the callbacks do that choose a certificate.
func (s *stage) answer(c *cast, e scenario.Endpoint) error {
	b := &c.config.Behaviour
	b.Callbacks = map[outcome.Callback]string{}
	for _, callback := range []struct {
		name outcome.Callback
		does scenario.CallbackAction
		text string
	}{
		{outcome.GetCertificate, e.GetCertificate.Does, callbackFails},
		{outcome.GetClientCertificate, e.GetClientCertificate.Does, callbackFails},
		{outcome.GetConfigForClient, e.GetConfig.Does, configFails},
	} {
		if callback.does == scenario.ReturnsError {
			b.Callbacks[callback.name] = callback.text
		}
	}
	b.AnswersNothing = e.GetCertificate.Does == scenario.ReturnsNothing
	if e.GetCertificate.Does != scenario.Answers {
		return nil
	}
	credential, err := s.hierarchy.Credential(e.GetCertificate.Present)
	if err != nil {
		return c.couldNotLoad(c.config.Settings.Role, err)
	}
	b.Answer = credential
	plain := plainCredential(credential)
	c.config.Settings.Answer = &plain
	return nil
}

// onDisk tells what the certificate file holds by now.
func (s *stage) onDisk(c *cast, e scenario.Endpoint) error {
	for _, name := range e.OnDisk {
		certificates, err := s.hierarchy.Certificates(name)
		if err != nil {
			return c.couldNotLoad(c.config.Settings.Role, err)
		}
		c.config.Settings.OnDisk = append(c.config.Settings.OnDisk, certificates...)
	}
	return nil
}

// demand sets the rules above TLS.
func (s *stage) demand(c *cast, e scenario.Endpoint) error {
	b, set, p := &c.config.Behaviour, &c.config.Settings, e.Policy
	rule := func(callback outcome.Callback, text string) {
		if text != "" {
			set.Rules = append(set.Rules, outcome.Rule{Callback: callback, Text: text})
		}
	}
	if p.VerifyPeer != "" {
		b.Callbacks[outcome.VerifyPeerCertificate] = p.VerifyPeer
	}
	if p.VerifyConnection != "" {
		b.Callbacks[outcome.VerifyConnection] = p.VerifyConnection
	}
	rule(outcome.VerifyPeerCertificate, p.VerifyPeer)
	rule(outcome.VerifyConnection, p.VerifyConnection)
	rule(outcome.VerifyConnection, p.URI)
	b.URI = p.URI
	if p.Pin == "" {
		return nil
	}
	key, err := s.hierarchy.PublicKey(p.Pin)
	if err != nil {
		return c.couldNotLoad(set.Role, err)
	}
	b.Pin = key
	rule(outcome.VerifyConnection, "the key of "+p.Pin)
	return nil
}

// revocation gives a side the lists of every CA that is minted.
func (s *stage) revocation(c *cast, e scenario.Endpoint) error {
	c.config.Settings.Revocation = e.Revocation
	if e.Revocation != "crl" {
		return nil
	}
	for _, name := range s.authorities() {
		list, err := s.hierarchy.CRL(name)
		if err != nil {
			return err
		}
		c.config.Settings.CRLs = append(c.config.Settings.CRLs, list)
	}
	return nil
}

// authorities are the CAs of the scenario that are minted and can sign a list.
func (s *stage) authorities() []string {
	var names []string
	for name, e := range s.scenario.PKI {
		if e.CA && !e.FromDisk() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// staple fetches the OCSP response about the side's own certificate.
func (s *stage) staple(c *cast, e scenario.Endpoint) error {
	if !e.Staple || len(e.Present) == 0 {
		return nil
	}
	response, err := s.hierarchy.OCSP(e.Present[0])
	c.config.Behaviour.Staple = response
	return err
}

// credential returns what a side presents first, over the files that it is read
// from where a scenario names their forms.
func (s *stage) credential(c *cast, e scenario.Endpoint) (*pki.Credential, error) {
	minted, err := s.hierarchy.Credential(e.Present)
	if err != nil || e.Files == (scenario.Files{}) {
		return minted, err
	}
	set := &c.config.Settings
	set.CertificateFile, set.KeyFile = string(set.Role)+".pem", string(set.Role)+".key"
	c.folder = pki.Folder{}
	if err := c.folder.WritePair(minted, set.CertificateFile, e.Files.Cert, set.KeyFile, e.Files.Key); err != nil {
		return nil, err
	}
	return c.folder.LoadKeyPair(set.CertificateFile, set.KeyFile)
}

// trustFromFile puts what a side trusts into a file of that form, and reads it.
func (c *cast) trustFromFile(form string) error {
	set := &c.config.Settings
	set.TrustFile = string(set.Role) + "-trust.pem"
	set.TrustSource = set.TrustFile
	if c.folder == nil {
		c.folder = pki.Folder{}
	}
	if err := c.folder.WriteTrust(set.Trust, set.TrustFile, form); err != nil {
		return err
	}
	set.Trust = nil
	bundle, err := c.folder.LoadBundle(set.TrustFile)
	if err != nil {
		return c.couldNotLoad(set.Role, err)
	}
	set.Trust = bundle.Certificates
	c.skipped("trust", set.TrustFile, bundle.Skipped)
	return nil
}
