package harness

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"shakedown/harness/crossref"
	"shakedown/harness/diagnose"
	"shakedown/harness/endpoint"
	"shakedown/harness/outcome"
	"shakedown/harness/pki"
	"shakedown/harness/scenario"
)

// defaultALPN is the one protocol that both sides of a healthy pair speak. QUIC
// demands one (RFC 9001 8.1).
var defaultALPN = []string{"shakedown/1"}

// A stage is a scenario made ready to play: its clock chosen and its
// certificates minted, once for all cells. It is safe for concurrent use.
type stage struct {
	scenario   *scenario.Scenario
	clock      time.Time
	hierarchy  *pki.Hierarchy
	signatures *diagnose.Signatures
	memory     *crossref.Memory
	also       []diagnose.Known
	notes      []string
}

// describe fills in what a screen says of the scenario.
func (s *stage) describe(state *State) {
	sc := s.scenario
	state.ID, state.Title, state.About, state.Cells, state.Notes = sc.ID, sc.Title, sc.About, sc.Cells, s.notes
	for _, f := range sc.Faults(state.Cell) {
		state.Notes = append(slices.Clone(state.Notes), "on the wire: "+f.String())
	}
	for _, side := range []struct {
		role outcome.Role
		of   scenario.Endpoint
	}{{outcome.Client, sc.Client}, {outcome.Server, sc.Server}} {
		if side.of.LateRequest || len(side.of.Quirks) > 0 {
			state.Notes = append(slices.Clone(state.Notes), fmt.Sprintf("the %s behaves like another stack than Go's", side.role))
		}
		if len(side.of.GODEBUG) > 0 {
			state.Notes = append(slices.Clone(state.Notes), fmt.Sprintf("the %s runs in a process of its own, with GODEBUG=%s", side.role, strings.Join(side.of.GODEBUG, ",")))
		}
	}
}

func (s *stage) connects() int {
	n := 0
	for _, a := range s.scenario.Script {
		if a.Connect != nil {
			n++
		}
	}
	return n
}

// play runs the scenario once in one cell.
func (s *stage) play(ctx context.Context, cell outcome.Cell, o Options, h hooks) ([]*Connection, Result, error) {
	begin := time.Now()
	p := newPlay(s, cell, o)
	p.hooks = h
	connections, err := p.run(ctx)
	return connections, p.result(connections, err, time.Since(begin)), err
}

// newStage mints what the scenario needs. now is the wall clock at start: the
// scenario's clock, where it does not name another, is that second.
func newStage(sc *scenario.Scenario, now time.Time, also []diagnose.Known) (*stage, error) {
	clock := now.Truncate(time.Second)
	if sc.Clock.Set {
		clock = sc.Clock.At(clock)
	}
	hierarchy, err := pki.Mint(sc.PKI, clock)
	if err != nil {
		return nil, fmt.Errorf("mint the certificates of %s: %w", sc.ID, err)
	}
	s := &stage{scenario: sc, clock: clock, hierarchy: hierarchy, signatures: new(diagnose.Signatures), memory: new(crossref.Memory)}
	s.also = append(s.given(), also...)
	return s, nil
}

// given returns the certificates of every entity that the scenario names, for
// the diagnosis: whoever wrote the file, or gave the files, knows them, also
// where neither side presents or trusts them. One that does not load is
// somebody else's business.
func (s *stage) given() []diagnose.Known {
	var known []diagnose.Known
	for _, name := range slices.Sorted(maps.Keys(s.scenario.PKI)) {
		certificates, err := s.hierarchy.Certificates(name)
		if err != nil {
			continue
		}
		entity := s.scenario.PKI[name]
		for _, der := range certificates {
			known = append(known, diagnose.Known{Raw: der, Source: firstOf(entity.Cert, entity.Bundle, name)})
		}
	}
	return known
}

// A cast is one side as a scenario wants it at one moment of its script: what
// the endpoint takes, or why it could not be loaded.
type cast struct {
	config     endpoint.Config
	unloadable *outcome.Failure
	// unread are all of its files that do not load, the first one first.
	unread []outcome.LoadFailure
	// folder holds the side's files where the scenario names their forms; nil
	// for a side that is minted in memory or reads from disk.
	folder pki.Folder
}

// cast turns what a scenario says of one side into what its endpoint takes.
func (s *stage) cast(role outcome.Role, e scenario.Endpoint, cell outcome.Cell, advanced time.Duration) (cast, error) {
	now := s.clock.Add(advanced)
	if e.Clock.Set {
		now = e.Clock.At(now)
	}
	c := cast{config: endpoint.Config{
		Settings: outcome.Settings{
			Role: role, Known: true,
			ServerName: e.ServerName,
			MinVersion: version(e.MinVersion, e, cell), MaxVersion: version(e.MaxVersion, e, cell),
			Groups: e.Groups, ALPN: e.ALPN, Tickets: e.Tickets,
			Clock: now, VerifyNone: e.VerifyNone, SendForced: e.SendForced,
		},
		Clock: func() time.Time { return now },
	}}
	set := &c.config.Settings
	if role == outcome.Server {
		set.ClientAuth = e.ClientAuth
	}
	if e.ALPN == nil {
		set.ALPN = defaultALPN
	}
	if cell.TLS == "1.2" {
		set.CipherSuites = e.Suites
	}
	for _, load := range []func(*cast, scenario.Endpoint) error{s.loadCredential, s.loadTrust, s.behave} {
		if err := load(&c, e); err != nil {
			return cast{}, err
		}
	}
	return c, nil
}

// unloadable says that the files of a side do not load at the script's beginning.
func (s *stage) unloadable(cell outcome.Cell) bool {
	client, clientErr := s.cast(outcome.Client, s.scenario.Client, cell, 0)
	server, serverErr := s.cast(outcome.Server, s.scenario.Server, cell, 0)
	return clientErr == nil && client.unloadable != nil || serverErr == nil && server.unloadable != nil
}

// version returns the limit that an endpoint names; where it names none at all
// the cell pins both.
func version(limit uint16, e scenario.Endpoint, cell outcome.Cell) uint16 {
	switch {
	case e.MinVersion != 0 || e.MaxVersion != 0:
		return limit
	case cell.TLS == "1.2":
		return tls.VersionTLS12
	}
	return tls.VersionTLS13
}

func (s *stage) loadCredential(c *cast, e scenario.Endpoint) error {
	set := &c.config.Settings
	for _, name := range e.Present {
		if entity := s.scenario.PKI[name]; entity.Cert != "" {
			set.CertificateFile, set.KeyFile = entity.Cert, entity.KeyFile
			break
		}
	}
	if len(e.Present) == 0 {
		return nil
	}
	credential, err := s.credential(c, e)
	if err != nil {
		err = c.couldNotLoad(set.Role, err)
		c.wouldPresent(set.CertificateFile)
		if c.folder == nil {
			c.checkOther()
		}
		return err
	}
	c.present(credential)
	return nil
}

// present makes a credential what the side presents.
func (c *cast) present(credential *pki.Credential) {
	set := &c.config.Settings
	c.config.Credential = credential
	set.Credentials = []outcome.Credential{{
		Chain: credential.Chain, PublicKey: publicKey(credential.Key), Source: credential.Source,
	}}
	c.skipped("certificate", firstOf(set.CertificateFile, credential.Source), credential.Skipped)
}

// wouldPresent notes the certificates of a side whose key does not load, so that
// what else is wrong with them is found as well. A chain in the wrong order is
// left alone: what is wrong with its first certificate is only that.
func (c *cast) wouldPresent(file string) {
	set := &c.config.Settings
	if file == "" || c.unloadable == nil || c.unloadable.Load.Cause == string(set.Role)+"-chain-wrong-order" {
		return
	}
	load := pki.LoadBundle
	if c.folder != nil {
		load = c.folder.LoadBundle
	}
	if b, err := load(file); err == nil {
		set.Credentials = []outcome.Credential{{Chain: b.Certificates, Source: file}}
	}
}

// skipped notes the certificates that a file of the person's has and Go loses.
func (c *cast) skipped(role, file string, list []pki.Skipped) {
	set := &c.config.Settings
	for _, s := range list {
		set.Skipped = append(set.Skipped, outcome.SkippedBlock{
			File: file, Role: role, Line: s.Line, Reason: s.Reason, Raw: s.Raw, Command: s.Command,
		})
	}
}

func (s *stage) loadTrust(c *cast, e scenario.Endpoint) error {
	set := &c.config.Settings
	for i, name := range e.Trust {
		entity := s.scenario.PKI[name]
		set.TrustFile = firstOf(set.TrustFile, entity.Bundle, entity.Cert)
		certificates, err := s.hierarchy.Certificates(name)
		if err != nil {
			return c.couldNotLoad(set.Role, err)
		}
		if i > 0 {
			set.TrustSource += ", "
		}
		set.TrustSource += firstOf(entity.Bundle, entity.Cert, name)
		set.Trust = append(set.Trust, certificates...)
		if entity.Bundle != "" && entity.Pick == "" {
			c.skipped("trust", entity.Bundle, s.hierarchy.Skipped(name))
		}
	}
	if e.Files != (scenario.Files{}) {
		return c.trustFromFile(e.Files.Trust)
	}
	return nil
}

// publicKey returns the PKIX public half of a key, nil where it has no such form.
func publicKey(key crypto.Signer) []byte {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil
	}
	return der
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
