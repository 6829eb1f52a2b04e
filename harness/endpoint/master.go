package endpoint

import (
	"context"
	"encoding/gob"
	"errors"
	"io"
	"sync"

	"shakedown/harness/outcome"
)

// A master answers the requests of one process.
type master struct {
	config  Config
	servant servant
	ready   func()
	calls   sync.WaitGroup

	mu   sync.Mutex
	out  *gob.Encoder
	last outcome.Outcome // what the process has said of itself so far
}

// serve gives the order and answers until it is carried out.
func (m *master) serve(o order, from io.Reader) (outcome.Outcome, error) {
	if err := m.out.Encode(o); err != nil {
		return outcome.Outcome{}, err
	}
	requests := gob.NewDecoder(from)
	for {
		var r request
		if err := requests.Decode(&r); err != nil {
			return outcome.Outcome{}, err
		}
		switch r.Verb {
		case doDone:
			m.say(answer{ID: r.ID})
			if r.Failed != "" {
				return r.Outcome, orderRefused(r.Failed)
			}
			return r.Outcome, nil
		case doRead, doDrain: // they can wait for long, and others must not wait for them
			m.calls.Go(func() { m.say(m.servant.serve(r)) })
		default:
			m.say(m.do(r))
		}
	}
}

// do carries out a request that does not wait.
func (m *master) do(r request) answer {
	a := answer{ID: r.ID}
	switch r.Verb {
	case doFact:
		m.config.Fact(r.Kind, r.Text)
	case doKeyLog:
		if m.config.KeyLog != nil {
			_, err := m.config.KeyLog.Write(r.Data)
			a.Err = toRemoteError(err)
		}
	case doChanged:
		m.mu.Lock()
		m.last = r.Outcome
		m.mu.Unlock()
		if m.config.Changed != nil {
			m.config.Changed(r.Outcome)
		}
	case doReady:
		if m.ready != nil {
			m.ready()
		}
	default:
		return m.servant.serve(r)
	}
	return a
}

func (m *master) say(a answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.out.Encode(a) // a process that has ended asks for nothing more
}

// cutOff is the outcome of a process that was ended from outside.
func (m *master) cutOff(ctx context.Context) outcome.Outcome {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.last
	if errors.Is(context.Cause(ctx), ErrNobodyCame) {
		return o
	}
	if f := failureOf(context.Cause(ctx), outcome.OpHandshake); o.Complete {
		o.Late = f
	} else {
		o.Handshake = f
	}
	return o
}
