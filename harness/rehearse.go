package harness

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shakedown/harness/fault"
	"shakedown/harness/link"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
)

// rehearsalLimit is how long one connection of a rehearsal may take. It takes a few
// milliseconds, unless a rewrite has silenced both sides; what was to be seen has
// been seen then.
const rehearsalLimit = 2 * time.Second

// Rehearse says whether the datagrams arrive in which a scenario rewrites messages
// on QUIC. How long they get shows only when the certificates are there and the
// two sides have spoken, so that this plays what is needed of the scenario, in
// memory, with nothing going wrong on the wire but the rewrites. What does not fit
// comes back as [scenario.Errors]; scenarios in which nothing can get longer cost
// nothing. An error of the machine is none of Rehearse's: whoever runs the scenario
// will meet it. A ctx that ends is the only other error.
func Rehearse(ctx context.Context, sc *scenario.Scenario) error {
	for _, cell := range sc.Cells {
		if cell.Transport != outcome.QUIC {
			continue
		}
		r := newRehearsal(sc, cell)
		if r.longer == 0 {
			continue
		}
		if err := r.play(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// A rehearsal is one cell of a scenario, played for the sake of its rewrites.
type rehearsal struct {
	scenario *scenario.Scenario
	cell     outcome.Cell
	// rewrites are the entries of the scenario's wire that rewrite something here;
	// longer is how many of them may make a message longer.
	rewrites []int
	longer   int
	// link is that of the connection under way.
	link *link.Link
}

func newRehearsal(sc *scenario.Scenario, cell outcome.Cell) *rehearsal {
	r := &rehearsal{scenario: sc, cell: cell}
	for _, i := range sc.FaultsIn(cell) {
		if sc.Wire[i].Do.Rewrite == nil {
			continue
		}
		r.rewrites = append(r.rewrites, i)
		if r.lengthens(i) {
			r.longer++
		}
	}
	return r
}

func (r *rehearsal) lengthens(i int) bool {
	f := r.scenario.Wire[i]
	return len(f.Certificates) > 0 || f.Do.Rewrite.Lengthens()
}

// play plays the scenario and judges every connection of it.
func (r *rehearsal) play(ctx context.Context) error {
	inner, stop := context.WithCancel(ctx)
	defer stop()
	ready, err := newStage(r.scenario, time.Now(), nil)
	if err != nil {
		return ctx.Err()
	}
	p := newPlay(ready, r.cell, Options{Carrier: Memory, Timeout: rehearsalLimit})
	for _, i := range r.rewrites {
		f, err := ready.withCertificates(r.scenario.Wire[i])
		if err != nil {
			return ctx.Err()
		}
		f.Do = fault.Do{Rewrite: f.Do.Rewrite}
		p.faults = append(p.faults, f)
	}
	p.met = make([]bool, len(p.faults))
	var wrong error
	judge := func() {
		if r.link != nil && wrong == nil {
			wrong = r.judge(r.link)
		}
	}
	p.hooks.opened = func(l *link.Link) {
		judge()
		r.link = l
	}
	if len(r.scenario.Script) == 1 {
		p.hooks.changed = func() {
			if l := r.link; l != nil && r.seen(l.Passages()) {
				stop()
			}
		}
	}
	_, _ = p.run(inner)
	judge()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return wrong
}

// seen says that everything that can get longer has, with all that is sent
// together with it: what follows can be left out.
func (r *rehearsal) seen(passages []link.Passage) bool {
	met := map[int]bool{}
	for i, m := range passages {
		for _, by := range m.Rewrites {
			if r.lengthens(r.rewrites[by]) {
				met[by] = true
			}
		}
		if len(met) < r.longer || m.Name == "HelloRetryRequest" { // a second hello is still to come
			continue
		}
		if m.Name == "Finished" || i > 0 && passages[i-1].From != m.From {
			return true
		}
	}
	return false
}

// judge says what of a connection does not fit.
func (r *rehearsal) judge(l *link.Link) error {
	var long *link.OverlongError
	if err := link.Fit(l.Passages()); !errors.As(err, &long) || long.Rewrite < 0 {
		return nil
	}
	i := r.rewrites[long.Rewrite]
	message := fmt.Sprintf("%s cannot be rewritten so in the cell %s: %v; rewrite less, or do it over TCP", r.scenario.Wire[i].On.Message, r.cell, long)
	return scenario.Errors{r.scenario.WireError(i, message)}
}
