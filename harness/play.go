package harness

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"time"

	"shakedown/harness/diagnose"
	"shakedown/harness/fault"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
	"shakedown/harness/transcript"
)

// Options say how a scenario is played.
type Options struct {
	Carrier Carrier
	// Timeout is how long one connection may take while nothing is held; 0 means [DefaultTimeout].
	Timeout time.Duration
	// Hold keeps every unit at the gate until it is released.
	Hold bool
	// Fields adds each step's field tree to the results.
	Fields bool
	// Also are certificates that the person knows of, for the diagnosis only.
	Also []diagnose.Known
	// Now is the wall clock at start; zero means the time of the call.
	Now time.Time
	// Record is called with every run that has ended and with what was recorded
	// of it: the connections that ended, and the last one as far as it came. The
	// calls come one at a time, those of a suite in the order of its results.
	// [Saver.Record] writes them to a file. It may be nil.
	Record func(Result, []*Connection)
}

// record hands on what was recorded.
func (o Options) record(r Result, connections []*Connection) {
	if o.Record != nil {
		o.Record(r, connections)
	}
}

// DefaultTimeout is how long one connection may take while nothing is held.
const DefaultTimeout = 10 * time.Second

func (o Options) timeout() time.Duration {
	if o.Timeout > 0 {
		return o.Timeout
	}
	return DefaultTimeout
}

func (o Options) now() time.Time {
	if o.Now.IsZero() {
		return time.Now()
	}
	return o.Now
}

// A play is one scenario in one cell, on its way through the script.
type play struct {
	stage          *stage
	cell           outcome.Cell
	options        Options
	client, server scenario.Endpoint
	advanced       time.Duration
	sessions       *sessions
	ticketKey      [32]byte
	// faults are what happens on the wire, met says which of them have.
	faults []fault.Fault
	met    []bool
	chance chance
	// unworn are the quirks of the last connection whose message was never sent.
	unworn []string
	// reprotect has the link undo all protection and do it again.
	reprotect bool

	hooks hooks
}

func newPlay(s *stage, cell outcome.Cell, o Options) *play {
	p := &play{
		stage: s, cell: cell, options: o, client: s.scenario.Client, server: s.scenario.Server, sessions: newSessions(),
		chance: chance{stated: s.scenario.Seed},
	}
	_, _ = rand.Read(p.ticketKey[:]) // never fails
	return p
}

// run plays the script and returns its connections.
func (p *play) run(ctx context.Context) ([]*Connection, error) {
	var connections []*Connection
	for _, action := range p.stage.scenario.Script {
		switch {
		case action.Connect != nil:
			if len(connections) > 0 && p.hooks.between != nil {
				if err := p.hooks.between(ctx, connections[len(connections)-1]); err != nil {
					return connections, err
				}
			}
			number := len(connections) + 1
			c, err := p.connect(ctx, *action.Connect, connections)
			if c != nil {
				connections = append(connections, c)
			}
			if err != nil {
				return connections, fmt.Errorf("connection %d: %w", number, err)
			}
		case action.Reload != nil:
			p.reload(*action.Reload)
		default:
			p.advanced += action.Advance
		}
	}
	return connections, nil
}

// last returns the recording of the last connection, nil if there is none.
func last(connections []*Connection) *transcript.Transcript {
	if len(connections) == 0 {
		return nil
	}
	return connections[len(connections)-1].Transcript
}

func (p *play) reload(r scenario.Reload) {
	for _, side := range []struct {
		of *scenario.Endpoint
		to scenario.ReloadSide
	}{{&p.client, r.Client}, {&p.server, r.Server}} {
		if side.to.Present != nil {
			side.of.Present = side.to.Present
		}
		if side.to.Trust != nil {
			side.of.Trust = side.to.Trust
		}
		if side.to.Policy != nil {
			side.of.Policy = *side.to.Policy
		}
		if side.to.ClientAuth != "" {
			side.of.ClientAuth = side.to.ClientAuth
		}
	}
	if r.Server.NewTicketKey {
		_, _ = rand.Read(p.ticketKey[:]) // never fails
	}
}

// connect makes one connection and diagnoses it. One that was ended from outside
// is returned with an error.
func (p *play) connect(ctx context.Context, how scenario.Connect, before []*Connection) (*Connection, error) {
	client, err := p.stage.cast(outcome.Client, p.client, p.cell, p.advanced)
	if err != nil {
		return nil, err
	}
	server, err := p.stage.cast(outcome.Server, p.server, p.cell, p.advanced)
	if err != nil {
		return nil, err
	}
	if client.unloadable != nil || server.unloadable != nil {
		if p.hooks.opened != nil {
			p.hooks.opened(nil) // a connection that has no wire
		}
		c := recorded(unloaded(p.cell, client, server), p.stage, before)
		c.Notes = alsoUnread(server, client)
		return c, nil
	}
	p.sessions.offer = how.Resume
	client.config.Sessions = p.sessions
	server.config.TicketKey = &p.ticketKey
	if p.faults == nil {
		if p.faults, err = p.stage.onWire(p.cell); err != nil {
			return nil, err
		}
		p.met = make([]bool, len(p.faults))
	}
	quirks, err := p.quirks()
	if err != nil {
		return nil, err
	}
	p.unworn = nil
	limit := p.patience(&client.config, &server.config)
	t, err := pair{
		cell: p.cell, client: client.config, server: server.config,
		carrier: p.options.Carrier, limit: limit, hold: p.options.Hold, before: last(before),
		faults: p.faults, seed: p.chance.draw(), met: p.met, signers: p.stage.signers, reprotect: p.reprotect,
		quirks: quirks, unworn: &p.unworn,
		opened: p.hooks.opened, changed: p.hooks.changed, left: p.hooks.left,
	}.record(ctx)
	if t == nil {
		return nil, err
	}
	return recorded(t, p.stage, before), err
}

// unloaded is the recording of a connection that never began, because a side's
// files did not load.
func unloaded(cell outcome.Cell, client, server cast) *transcript.Transcript {
	t := &transcript.Transcript{Transport: cell.Transport}
	t.Client = transcript.Side{Settings: client.config.Settings, Outcome: outcome.Outcome{Role: outcome.Client, Known: true, Unloadable: client.unloadable}}
	t.Server = transcript.Side{Settings: server.config.Settings, Outcome: outcome.Outcome{Role: outcome.Server, Known: true, Unloadable: server.unloadable}}
	return t
}

// sessions is a client's ticket cache that keeps every ticket and offers one
// only where the script says so.
type sessions struct {
	tls.ClientSessionCache
	offer bool
}

func newSessions() *sessions {
	return &sessions{ClientSessionCache: tls.NewLRUClientSessionCache(4)}
}

// Get returns the session to offer, if one is to be offered.
func (s *sessions) Get(key string) (*tls.ClientSessionState, bool) {
	if !s.offer {
		return nil, false
	}
	return s.ClientSessionCache.Get(key)
}
