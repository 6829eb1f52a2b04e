package harness

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"shakedown/harness/diagnose"
	"shakedown/harness/endpoint"
	"shakedown/harness/fault"
	"shakedown/harness/link"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
)

// A silence is a TCP connection in which nothing can happen any more. Nobody has
// to sit it out: the run's time is up at once.
type silence struct {
	limit *deadline
	here  atomic.Bool
}

func newSilence(limit *deadline) *silence { return &silence{limit: limit} }

// end ends the run.
func (s *silence) end() {
	s.here.Store(true)
	s.limit.expire()
}

// waited says how long a side has waited when the run ends.
func (s *silence) waited(limit time.Duration) string {
	if s.here.Load() {
		return "until its deadline: nothing is on its way any more"
	}
	return after(limit)
}

// expiry is how long two sides may take to end that were told that their time is
// up.
const expiry = 5 * time.Second

// grace is how long the pair may take to end by itself when its time is up. With
// faults on a TCP connection both sides meet the deadline as a program does that
// has set one on its connection.
func (p pair) grace() time.Duration {
	if len(p.faults) > 0 && p.cell.Transport == outcome.TCP {
		return expiry
	}
	return 0
}

// patience sets how long the two sides wait for each other where the scenario
// says so, and returns how long the connection may take. QUIC has a time-out of
// its own; while units can be held it is out of force, and the run's own counts.
func (p *play) patience(sides ...*endpoint.Config) time.Duration {
	wait := p.stage.scenario.Timeout
	switch {
	case wait == 0:
		return p.options.timeout()
	case p.cell.Transport == outcome.TCP || p.options.Hold:
		return wait
	}
	for _, side := range sides {
		side.IdleTimeout = wait
	}
	return p.options.timeout()
}

// A chance draws the seeds of a play: the one that the scenario states, or one
// that is drawn once and named in the result.
type chance struct {
	stated *uint64
	drawn  bool
	seed   uint64
}

func (c *chance) draw() uint64 {
	switch {
	case c.stated != nil:
		c.seed = *c.stated
	case !c.drawn:
		c.seed = rand.Uint64()
	}
	c.drawn = true
	return c.seed
}

// luck names the seed with which the same is left to chance again, empty where
// nothing was.
func (p *play) luck() string {
	for _, f := range p.faults {
		if f.Do.Random() && p.chance.drawn {
			return fmt.Sprintf("what was left to chance is repeated with seed: %d", p.chance.seed)
		}
	}
	return ""
}

// onWire returns what happens on the wire with the certificates that it names,
// and the keys that the link may sign with.
func (s *stage) onWire(cell outcome.Cell) (faults []fault.Fault, err error) {
	for _, f := range s.scenario.Faults(cell) {
		whole, err := s.withCertificates(f)
		if err != nil {
			return nil, fmt.Errorf("the certificates that the wire puts in: %w", err)
		}
		faults = append(faults, whole)
	}
	return faults, nil
}

// withCertificates returns a fault with the certificates that it names.
func (s *stage) withCertificates(f scenario.Fault) (fault.Fault, error) {
	if f.Certificates == nil {
		return f.Fault, nil
	}
	rewrite := *f.Do.Rewrite
	rewrite.Certificates = [][]byte{}
	for _, name := range f.Certificates {
		certificates, err := s.hierarchy.Certificates(name)
		if err != nil {
			return fault.Fault{}, err
		}
		rewrite.Certificates = append(rewrite.Certificates, certificates...)
	}
	f.Do.Rewrite = &rewrite
	return f.Fault, nil
}

// keys returns what the link may sign with, nothing where it rewrites nothing.
func (p pair) keys() []link.Signer {
	if p.signers == nil || !slices.ContainsFunc(p.faults, func(f fault.Fault) bool { return f.Do.Rewrite != nil }) {
		return nil
	}
	return p.signers()
}

// signers are the keys of all of the scenario's certificates: the link may sign
// in their names.
func (s *stage) signers() []link.Signer {
	var list []link.Signer
	for _, name := range slices.Sorted(maps.Keys(s.scenario.PKI)) {
		if c, err := s.hierarchy.Credential([]string{name}); err == nil && len(c.Chain) > 0 {
			list = append(list, link.Signer{Certificate: c.Chain[0], Key: c.Key})
		}
	}
	return list
}

// missed returns the faults of the scenario that never found their unit: what it
// is about has not happened.
func (p *play) missed(connections []*Connection) []Mismatch {
	var list []Mismatch
	if slices.ContainsFunc(connections, func(c *Connection) bool { return c.Diagnosis.Outcome == diagnose.Unloadable }) {
		return nil // there was no wire
	}
	stated := p.stage.scenario.FaultsIn(p.cell)
	for i, f := range p.faults {
		if !p.met[i] {
			list = append(list, Mismatch{
				Connection: len(connections), Field: "wire", Want: f.String(), Got: "no such unit was sent", Steps: []int{},
				Line: p.stage.scenario.WireLine(stated[i]),
			})
		}
	}
	for _, quirk := range p.unworn {
		list = append(list, Mismatch{Connection: len(connections), Field: "quirks", Want: quirk, Got: "no such message was sent", Steps: []int{}})
	}
	return list
}
