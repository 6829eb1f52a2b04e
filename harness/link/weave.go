package link

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A weaver takes the units of a connection apart and puts them together again,
// with what a rewriter makes of their messages. It is used with the link's lock
// held.
type weaver interface {
	// learn reads a unit that waits, so that what waits before it can go on.
	learn(from outcome.Role, b []byte) error
	// unit returns what arrives in place of a unit that a side sent, or of the
	// rest of it. rest is what has to wait for a key, nil if nothing does. The error
	// is errNotYet if all of it has to wait; then nothing has happened.
	unit(from outcome.Role, b []byte) (as woven, rest []byte, err error)
}

// A woven thing is what arrives in a unit's place.
type woven struct {
	bytes []byte
	// rewrites are the messages in it that were changed, why says what else is
	// unlike what was sent.
	rewrites []transcript.Rewrite
	why      []string
	// changed says that a message is another one than was sent; else the bytes
	// differ only in their protection.
	changed bool
}

// errNotYet says that a key is still to come.
var errNotYet = errors.New("the key has not been logged yet")

func newWeaver(r *rewriter, transport outcome.Transport) weaver {
	if transport == outcome.QUIC {
		return newDatagramWeaver(r)
	}
	return streamWeaver{
		outcome.Client: &recordWeaver{rewriter: r, from: outcome.Client},
		outcome.Server: &recordWeaver{rewriter: r, from: outcome.Server},
	}
}

// weave sends a unit on its way as the weaver makes it, or lets it wait.
func (l *Link) weave(q queued) {
	from := l.transcript.Units[q.unit].From
	p := l.path(from)
	p.pending = append(p.pending, q)
	l.goOnWith(from)
	if l.transcript.Units[q.unit].Kind != transcript.Data && l.end(from.Peer()).finished {
		l.giveUp(from) // who would have logged the key has ended
	}
}

// goOnWith sends on what is pending in a direction, as far as it can be.
func (l *Link) goOnWith(from outcome.Role) {
	p := l.path(from)
	if len(p.pending) > 1 && l.transcript.Transport == outcome.QUIC {
		for _, q := range p.pending {
			if err := l.weaver.learn(from, l.stillToGo(q)); err != nil {
				l.cannotRewrite(from, err)
			}
		}
	}
	for i := 0; i < len(p.pending); {
		q := p.pending[i]
		u := &l.transcript.Units[q.unit]
		if u.Kind != transcript.Data {
			if i > 0 {
				return
			}
			p.pending = p.pending[1:]
			l.sail(q, woven{})
			continue
		}
		b := l.stillToGo(q)
		as, rest, err := l.weaver.unit(from, b)
		switch {
		case errors.Is(err, errNotYet):
			if l.transcript.Transport == outcome.TCP {
				return // a stream keeps its order
			}
			i++
			continue
		case err != nil:
			l.cannotRewrite(from, err)
			as, rest = woven{bytes: b}, nil
		}
		p.pending = slices.Delete(p.pending, i, i+1)
		l.sailAs(q, as)
		if rest != nil {
			p.pending = slices.Insert(p.pending, i, queued{unit: q.unit, move: q.move, rest: rest})
			i++
		}
	}
}

// stillToGo returns what of a unit waits.
func (l *Link) stillToGo(q queued) []byte {
	if q.rest != nil {
		return q.rest
	}
	return l.transcript.Units[q.unit].Sent
}

func (l *Link) cannotRewrite(from outcome.Role, err error) {
	l.fail(fmt.Errorf("carry out a rewrite on what the %s sent: %w", from, err))
}

// sailAs sends on what arrives in a unit's place.
func (l *Link) sailAs(q queued, as woven) {
	as.rewrites = slices.Compact(as.rewrites)
	switch {
	case bytes.Equal(as.bytes, l.transcript.Units[q.unit].Sent):
		as.bytes = nil
	case len(as.rewrites) == 0:
		as.why = []string{"protected again"}
	}
	l.sail(q, as)
}

// giveUp lets go what waits for a key that will not come, as it was sent.
func (l *Link) giveUp(from outcome.Role) {
	p := l.path(from)
	pending := p.pending
	p.pending = nil
	for _, q := range pending {
		l.sail(q, woven{bytes: q.rest})
	}
}

// fail notes that a fault cannot be carried out.
func (l *Link) fail(err error) {
	if l.err != nil {
		return
	}
	if l.err = err; l.options.Failed != nil {
		l.options.Failed(err)
	}
}

// Err returns why a fault could not be carried out, nil if all could.
func (l *Link) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// A streamWeaver weaves TLS over TCP: each direction by itself.
type streamWeaver map[outcome.Role]*recordWeaver

func (s streamWeaver) learn(outcome.Role, []byte) error { return nil }

func (s streamWeaver) unit(from outcome.Role, b []byte) (woven, []byte, error) {
	as, err := s[from].weave(b)
	return as, nil, err
}
