package link

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"shakedown/harness/fault"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A voyage is what the faults make of one unit that has passed the gate.
type voyage struct {
	unit int
	from outcome.Role
	move func([]byte)
	// changed says that the bytes are more than protected again.
	changed bool
	// own says that the link has made it up: it is past whatever swallows.
	own bool
	// bytes are what arrives, nil for what was sent. why says in what ways the
	// voyage is unlike an ordinary one.
	bytes []byte
	why   []string
	// rewrites are the messages in it that arrive as others.
	rewrites []transcript.Rewrite

	drop, duplicate, reorder bool
	delay                    time.Duration
	piece                    int
}

// travel sends a unit along its path, with what the faults that it sets off
// make of it. The caller holds l.mu, and flushes both directions when it has let
// it go.
func (l *Link) travel(q queued) {
	if l.weaver != nil {
		l.weave(q)
		return
	}
	l.sail(q, woven{})
}

// sail sends on a unit, with what arrives in its place if that is another thing.
func (l *Link) sail(q queued, as woven) {
	u := &l.transcript.Units[q.unit]
	v := &voyage{unit: q.unit, from: u.From, move: q.move, bytes: as.bytes, why: as.why, rewrites: as.rewrites, changed: as.changed}
	var faults []fault.Do
	for _, i := range q.faults {
		faults = append(faults, l.options.Faults[i].Do)
	}
	for _, do := range faults {
		l.begin(do, v.from)
	}
	l.change(v, faults)
	if !q.spared {
		l.chance(v)
	}
	for _, do := range faults {
		if do.Inject != nil && do.Inject.Before {
			l.inject(do.Inject)
		}
	}
	l.depart(v)
	for _, do := range faults {
		if do.Inject != nil && !do.Inject.Before {
			l.inject(do.Inject)
		}
	}
	for _, do := range faults {
		l.endStreams(do)
	}
}

// begin puts in force what lasts from this unit on.
func (l *Link) begin(do fault.Do, from outcome.Role) {
	for _, role := range []outcome.Role{outcome.Client, outcome.Server} {
		if do.Blackhole.Has(role) {
			l.path(role).swallowed = true
		}
	}
	p := l.path(from)
	if do.Throttle != nil {
		p.pace = do.Throttle
	}
	p.loss, p.corruption = max(p.loss, do.Loss), max(p.corruption, do.Corruption)
}

// change does to a unit what its faults say of its bytes and of its delivery.
func (l *Link) change(v *voyage, faults []fault.Do) {
	for _, do := range faults {
		if do.Corrupt != nil {
			l.corrupt(v, *do.Corrupt)
		}
		if do.Truncate != 0 {
			l.truncate(v, do.Truncate)
		}
		v.drop = v.drop || do.Drop
		v.duplicate = v.duplicate || do.Duplicate
		v.reorder = v.reorder || do.Reorder
		v.delay += do.Delay
		if do.Split > 0 {
			v.piece = do.Split
		}
	}
}

// depart puts a unit on its path.
func (l *Link) depart(v *voyage) {
	u, p := &l.transcript.Units[v.unit], l.path(v.from)
	if v.drop || p.swallowed && !v.own || p.ended || l.expired {
		mark(u, transcript.Dropped)
		return
	}
	if v.changed {
		mark(u, transcript.Rewritten)
	}
	if v.bytes != nil && len(v.bytes) == 0 && len(u.Sent) > 0 { // it was taken out
		mark(u, transcript.Dropped)
		return
	}
	if v.delay > 0 {
		v.why = append(v.why, fmt.Sprintf("%s late", v.delay))
	}
	copies := 1
	if v.duplicate {
		copies = 2
		mark(u, transcript.Duplicated)
		v.why = append(v.why, "delivered twice")
	}
	if v.reorder {
		mark(u, transcript.Reordered)
		v.why = append(v.why, "behind the unit that was sent after it")
	}
	var parcels []*parcel
	for range copies {
		parcels = append(parcels, l.pack(v, u)...)
	}
	if v.reorder {
		p.behind = append(p.behind, parcels...)
		return
	}
	p.waiting = slices.Concat(p.waiting, parcels, p.behind)
	p.behind = nil
}

// pack cuts what arrives of a unit into the pieces that it arrives in.
func (l *Link) pack(v *voyage, u *transcript.Unit) []*parcel {
	bytes := u.Sent
	if v.bytes != nil {
		bytes = v.bytes
	}
	p, piece, due := l.path(v.from), len(bytes), l.since()+v.delay
	why := v.why
	switch {
	case len(bytes) == 0:
	case v.piece > 0:
		piece = v.piece
		why = append(why, fmt.Sprintf("in pieces of %s", plural(piece, "byte")))
	case p.pace != nil && l.transcript.Transport == outcome.TCP:
		piece = p.pace.Bytes
		why = append(why, fmt.Sprintf("%s every %s", plural(piece, "byte"), p.pace.Every))
	}
	d := &delivery{bytes: v.bytes, why: strings.Join(why, "; "), rewrites: v.rewrites}
	var parcels []*parcel
	for start := 0; ; start += piece {
		end := min(start+piece, len(bytes))
		due = l.paced(p, end-start, due)
		parcels = append(parcels, &parcel{unit: v.unit, bytes: bytes[start:end], due: due, move: v.move, delivery: d, last: end == len(bytes)})
		if end == len(bytes) {
			return parcels
		}
	}
}

// paced returns when so many bytes that are due then have passed a path that is
// slowed down.
func (l *Link) paced(p *path, n int, due time.Duration) time.Duration {
	if p.pace == nil || n == 0 {
		return due
	}
	turns := (n + p.pace.Bytes - 1) / p.pace.Bytes
	p.free = max(p.free, due) + time.Duration(turns)*p.pace.Every
	return p.free
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
