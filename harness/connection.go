package harness

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"shakedown/harness/crossref"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/endpoint"
	"shakedown/harness/fault"
	"shakedown/harness/link"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A Connection is one connect of a script: its recording, and what was made of it.
type Connection struct {
	Transcript *transcript.Transcript
	Timeline   *dissect.Timeline
	Diagnosis  diagnose.Diagnosis
	// Also are certificates that the person knows of, which the diagnosis used.
	Also []diagnose.Known
	// Book is what the whole connection tells of each step; nil leaves it to be
	// made when it is asked.
	Book *crossref.Book
	// Notes are sentences about it that nothing else says.
	Notes []string
}

// references returns the connection's Book.
func (c *Connection) references() *crossref.Book {
	if c.Book != nil {
		return c.Book
	}
	return crossref.New(crossref.Input{Timeline: c.Timeline, Transcript: c.Transcript})
}

// A pair is a client and a server about to be connected.
type pair struct {
	cell           outcome.Cell
	client, server endpoint.Config
	carrier        Carrier
	limit          time.Duration
	hold           bool
	// faults are what happens on the wire; seed decides what is left to chance.
	faults []fault.Fault
	seed   uint64
	met    []bool // filled in: which of the faults found their unit
	// signers returns the keys that the link may sign with.
	signers func() []link.Signer
	// reprotect has the link protect everything again.
	reprotect bool
	// quirks are what one side's stack does otherwise than Go's; unworn is filled
	// in with those whose message was never sent.
	quirks quirks
	unworn *[]string
	// before is the connection before, nil for the first. A resumed TLS 1.2
	// session goes on with its master secret, which Go logs only once.
	before *transcript.Transcript
	// opened is called with the link before the first byte moves, and changed
	// whenever the link changed. Both may be nil.
	opened  func(*link.Link)
	changed func()
	// left is that of the hooks. It may be nil.
	left func() (*transcript.Transcript, bool)
}

// record connects the pair and returns the recording when both sides have
// ended. An error is the machine's, a fault's that cannot be carried out, or the
// caller's wish to end, where the recording is returned as far as it came; how the
// handshake fails is in it.
func (p pair) record(parent context.Context) (*transcript.Transcript, error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	limit := newDeadline(p.limit, cancel)
	defer limit.stop()

	t := &transcript.Transcript{Transport: p.cell.Transport}
	t.Client.Settings, t.Server.Settings = p.client.Settings, p.server.Settings
	if p.before != nil {
		t.ClientKeys, t.ServerKeys = p.before.ClientKeys.Clone(), p.before.ServerKeys.Clone()
	}
	silent := newSilence(limit)
	l := link.New(t, link.Options{
		Hold: p.hold, Changed: p.changed, Holding: limit.hold,
		Faults: p.faults, Seed: p.seed, Stuck: silent.end,
		Signers: p.keys(), Failed: cancel, Reprotect: p.reprotect,
	})
	defer l.Close()
	w, err := p.wire(l)
	if err != nil {
		return nil, err
	}
	defer w.discard()
	limit.beforeEnd(p.grace(), func() {
		if p.grace() > 0 {
			l.TimeIsUp()
			defer l.Expire()
		}
		noteWaiting(l, silent.waited(p.limit), outcome.Client, outcome.Server)
	})
	defer context.AfterFunc(ctx, w.discard)()
	if p.opened != nil {
		p.opened(l)
	}
	if err := p.run(ctx, l, w); err != nil {
		return nil, err
	}
	l.WaitReleased(ctx)
	l.Met(p.met)
	if parent.Err() != nil {
		return leftOrEnded(p.left, l), context.Cause(parent)
	}
	l.Close() // what is still under way never arrives
	return ended(l), l.Err()
}

// ended returns the recording as it is when both sides have ended. A QUIC stack
// can still answer a packet that comes after that, which is no part of it.
func ended(l *link.Link) *transcript.Transcript {
	var t transcript.Transcript
	l.Transcript(func(live *transcript.Transcript) {
		t = *live
		t.Units, t.Facts = slices.Clone(live.Units), slices.Clone(live.Facts)
		for i := range t.Units { // a unit can still be released, and loses a mark then
			u := &t.Units[i]
			u.Marks, u.Deliveries = slices.Clone(u.Marks), slices.Clone(u.Deliveries)
		}
		t.ClientKeys, t.ServerKeys = live.ClientKeys.Clone(), live.ServerKeys.Clone()
	})
	return &t
}

// wire opens the carrier and taps both ends of it.
func (p pair) wire(l *link.Link) (*wire, error) {
	if p.cell.Transport == outcome.QUIC {
		client, server, err := p.carrier.udpPair()
		if err != nil {
			return nil, err
		}
		return &wire{link: l, packet: map[outcome.Role]*link.PacketEnd{
			outcome.Client: l.Packet(outcome.Client, client), outcome.Server: l.Packet(outcome.Server, server),
		}}, nil
	}
	client, server, err := p.carrier.tcpPair()
	if err != nil {
		return nil, err
	}
	return &wire{link: l, stream: map[outcome.Role]*link.StreamEnd{
		outcome.Client: l.Stream(outcome.Client, client), outcome.Server: l.Stream(outcome.Server, server),
	}}, nil
}

// run runs both endpoints to their ends.
func (p pair) run(ctx context.Context, l *link.Link, w *wire) error {
	p.listen(&p.client, outcome.Client, l)
	p.listen(&p.server, outcome.Server, l)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stream, costume := p.ends(l, w, cancel)
	if costume != nil {
		p.wear(costume)
	}
	defer context.AfterFunc(ctx, w.discard)() // one side cannot go on, and the other must not wait for it
	listening := make(chan struct{})
	attended, nobodyCame := context.WithCancelCause(ctx)
	defer nobodyCame(nil)
	var both ends
	both.start(func() outcome.Outcome {
		o, err := p.serve(attended, stream[outcome.Server], w, sync.OnceFunc(func() { close(listening) }))
		return both.outcomeOf(o, err, cancel)
	}, l)
	both.start(func() outcome.Outcome {
		if p.cell.Transport == outcome.QUIC {
			select {
			case <-listening:
			case <-ctx.Done():
			}
		}
		o, err := p.dial(ctx, stream[outcome.Client], w)
		o = both.outcomeOf(o, err, cancel)
		if p.cell.Transport == outcome.QUIC && !l.CanReach(outcome.Server) || o.Handshake != nil && o.Handshake.NoVersion {
			nobodyCame(endpoint.ErrNobodyCame) // no packet will ever begin a connection at the server
		}
		return o
	}, l)
	err := both.wait()
	if costume != nil {
		*p.unworn = costume.Unworn()
		err = errors.Join(err, costume.Err())
	}
	return err
}

// listen connects what an endpoint says of itself to the recording.
func (p pair) listen(c *endpoint.Config, role outcome.Role, l *link.Link) {
	c.KeyLog = l.KeyLog(role)
	c.Fact = func(kind outcome.FactKind, text string) { l.Fact(role, kind, text) }
	if p.hold {
		c.Changed = l.SetOutcome
	}
}

// ends are the goroutines of a pair. A panic in one is an error of the run, so
// that it never takes the screen with it.
type ends struct {
	group sync.WaitGroup
	mu    sync.Mutex
	errs  []error
}

func (e *ends) start(end func() outcome.Outcome, l *link.Link) {
	e.group.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				e.mu.Lock()
				defer e.mu.Unlock()
				e.errs = append(e.errs, fmt.Errorf("an endpoint panicked: %v\n%s", r, debug.Stack()))
			}
		}()
		l.SetOutcome(end())
	})
}

// outcomeOf returns what came of an endpoint. Where it could not run at all that is
// an error of the run, which ends.
func (e *ends) outcomeOf(o outcome.Outcome, err error, end func(error)) outcome.Outcome {
	if err != nil {
		e.mu.Lock()
		e.errs = append(e.errs, err)
		e.mu.Unlock()
		end(err)
	}
	return o
}

func (e *ends) wait() error {
	e.group.Wait()
	return errors.Join(e.errs...)
}

// noteWaiting records, when the deadline has come, what each of the sides was
// still waiting for.
func noteWaiting(l *link.Link, how string, roles ...outcome.Role) {
	for _, role := range roles {
		if l.Waiting(role) {
			l.Fact(role, outcome.Waiting, fmt.Sprintf("still waiting for the %s %s; %s", role.Peer(), how, l.LastSeen(role)))
		}
	}
}

// after says how long somebody has waited.
func after(limit time.Duration) string { return fmt.Sprintf("after %s", limit) }

// leftOrEnded returns the recording of a connection that was ended from outside.
func leftOrEnded(left func() (*transcript.Transcript, bool), l *link.Link) *transcript.Transcript {
	if left != nil {
		if t, is := left(); is {
			return t
		}
	}
	return ended(l)
}

// recorded makes a connection of a recording: the timeline, and why it ended so.
// before are the connections before it.
func recorded(t *transcript.Transcript, s *stage, before []*Connection) *Connection {
	c := &Connection{Transcript: t, Timeline: dissect.Transcript(t), Also: s.also}
	c.Book = crossref.New(crossref.Input{
		Timeline: c.Timeline, Transcript: t, Before: books(before), Memory: s.memory, Signatures: s.signatures,
	})
	c.Diagnosis = diagnose.Diagnose(diagnose.Input{
		Timeline: c.Timeline, Client: t.Client, Server: t.Server, Recorded: t.Start, Also: s.also, Signatures: s.signatures, Book: c.Book,
		Before: timelines(before),
	})
	return c
}

// timelines are those of connections.
func timelines(connections []*Connection) []*dissect.Timeline {
	list := make([]*dissect.Timeline, len(connections))
	for i, c := range connections {
		list[i] = c.Timeline
	}
	return list
}

// books are those of connections.
func books(connections []*Connection) []*crossref.Book {
	list := make([]*crossref.Book, len(connections))
	for i, c := range connections {
		list[i] = c.Book
	}
	return list
}
