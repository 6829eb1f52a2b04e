package link

import (
	"slices"
	"time"

	"shakedown/harness/fault"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A path is one direction of a link that has faults: what has passed the gate
// goes along it, and arrives when it is due.
type path struct {
	// waiting are the parcels under way, in the order in which they were sent.
	waiting []*parcel
	// pending are units that cannot be rewritten yet.
	pending []queued
	// behind are the parcels of a reordered unit, which follow the next one.
	behind []*parcel
	// swallowed says that nothing arrives any more, ended that the link has
	// ended the stream there.
	swallowed, ended bool
	// pace slows the path down, nil if nothing does; free is when the next bytes
	// may pass.
	pace *fault.Throttle
	free time.Duration
	// loss and corruption are how likely a datagram is lost or damaged.
	loss, corruption fault.Rate

	timer *time.Timer
}

// A parcel is a unit, or a piece of one, on its way.
type parcel struct {
	unit  int
	bytes []byte
	// due is when it arrives, since the connection began.
	due  time.Duration
	move func([]byte)
	// delivery is that of all pieces of a unit together; last says that nothing
	// of it follows.
	delivery *delivery
	last     bool
}

// A delivery is recorded when its first piece moves.
type delivery struct {
	bytes    []byte // nil if they are those that were sent
	why      string
	rewrites []transcript.Rewrite
	seq      uint64 // 0 until then
}

// path returns the direction in which a side sends.
func (l *Link) path(from outcome.Role) *path {
	if from == outcome.Client {
		return &l.up
	}
	return &l.down
}

// take returns the next parcel that is due, nil if none is. A stream keeps its
// order; a datagram overtakes. It sets the timer for what is due later. The
// caller holds l.mu.
func (l *Link) take(from outcome.Role) *parcel {
	p, now := l.path(from), l.since()
	next := -1
	for i, waiting := range p.waiting {
		if next < 0 || waiting.due < p.waiting[next].due {
			next = i
		}
		if l.transcript.Transport == outcome.TCP {
			break
		}
	}
	if next < 0 {
		return nil
	}
	if wait := p.waiting[next].due - now; wait > 0 {
		l.wake(from, wait)
		return nil
	}
	taken := p.waiting[next]
	p.waiting = slices.Delete(p.waiting, next, next+1)
	l.arrive(taken)
	return taken
}

// wake moves what is due after that time.
func (l *Link) wake(from outcome.Role, after time.Duration) {
	p := l.path(from)
	if p.timer != nil {
		p.timer.Stop()
	}
	p.timer = time.AfterFunc(after, func() { l.flush(from) })
}

// arrive records that a parcel is about to reach the other side. The caller
// holds l.mu.
func (l *Link) arrive(p *parcel) {
	u := &l.transcript.Units[p.unit]
	d := p.delivery
	if d.seq == 0 {
		l.seq++
		d.seq = l.seq
		u.Deliveries = append(u.Deliveries, transcript.Delivery{Bytes: d.bytes, Seq: d.seq, At: l.since(), Why: d.why, Rewrites: d.rewrites})
		l.changedAt = l.options.Now()
	}
	a := arrival{left: len(p.bytes)}
	if p.last {
		a.seq = d.seq
	}
	to := l.end(u.From.Peer())
	to.arriving = append(to.arriving, a)
}

// flush moves everything of a direction that is due. It must be called without
// locks held.
func (l *Link) flush(from outcome.Role) {
	out := l.out[from]
	if out == nil {
		return
	}
	out.Lock()
	for {
		l.mu.Lock()
		p := l.take(from)
		l.mu.Unlock()
		if p == nil {
			break
		}
		p.move(p.bytes)
	}
	out.Unlock()
	l.changed()
}

// flushAll moves everything that is due in either direction.
func (l *Link) flushAll() {
	l.flush(outcome.Client)
	l.flush(outcome.Server)
}

// Close stops what is still under way: it never arrives.
func (l *Link) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range []*path{&l.up, &l.down} {
		if p.timer != nil {
			p.timer.Stop()
		}
		for _, lost := range slices.Concat(p.waiting, p.behind) {
			l.lose(lost.unit)
		}
		for _, q := range p.pending {
			l.lose(q.unit)
		}
		p.waiting, p.behind, p.pending, p.swallowed = nil, nil, nil, true
	}
}

// lose marks a unit of which nothing arrives. The caller holds l.mu.
func (l *Link) lose(unit int) {
	u := &l.transcript.Units[unit]
	if len(u.Deliveries) == 0 {
		mark(u, transcript.Dropped)
	}
}

// mark marks a unit, once.
func mark(u *transcript.Unit, m transcript.Mark) {
	if !slices.Contains(u.Marks, m) {
		u.Marks = append(u.Marks, m)
	}
}
