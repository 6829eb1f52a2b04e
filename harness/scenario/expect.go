package scenario

import (
	"fmt"
	"slices"

	"shakedown/harness/outcome"
)

// expectations reads what is expected, one entry for each connect.
func (d *decoder) expectations(n *node) {
	connects := 0
	for _, action := range d.sc.Script {
		if action.Connect != nil {
			connects++
		}
	}
	if connects == 0 && !d.broken["script"] {
		d.fail(d.scriptAt, "", "the script never connects")
	}
	d.sc.Expect = nil
	items := []*node{n}
	switch {
	case n == nil:
		for range connects {
			d.sc.Expect = append(d.sc.Expect, defaultExpectation())
		}
		return
	case n.kind == listNode:
		items = n.items
		if len(items) != connects && connects > 0 && !d.broken["script"] {
			d.fail(n.at, "", "expect has %s and the script %s; it takes one entry for each", counted(len(items), "entry", "entries"), connectsTimes(connects))
		}
	case connects > 1:
		d.fail(n.at, "", "the script %s: expect takes a list with one entry for each", connectsTimes(connects))
	}
	for _, item := range items {
		e := d.expectation(item)
		d.sc.Expect = append(d.sc.Expect, e)
		d.sc.source.expect = append(d.sc.source.expect, item)
		if !d.broken["expect"] && !d.broken["matrix"] {
			d.reached(item, e)
			d.possible(item, e)
		}
	}
}

func (d *decoder) expectation(n *node) Expectation {
	e := defaultExpectation()
	e.Result = e.override(resultOf(n))
	if cells := n.get("cells"); cells != nil {
		for _, item := range cells.items {
			when := item.get("when")
			if when == nil {
				d.fail(item.at, "", "an entry of cells needs a when, such as {transport: quic}")
			}
			e.Cells = append(e.Cells, CellExpectation{
				When:   outcome.Cell{Transport: outcome.Transport(plain(when.get("transport"))), TLS: plain(when.get("tls"))},
				Result: resultOf(item),
			})
		}
	}
	return e
}

// resultOf reads what n states. Where a result may be absent, none and "" are
// the same; an alert that is absent is none.
func resultOf(n *node) Result {
	var r Result
	for _, entry := range n.entries {
		text := plain(entry.value)
		value := &text
		gone := text == none || text == ""
		switch entry.key {
		case "outcome":
			r.Outcome = value
		case "side":
			r.Side = absentAs(gone, value, "")
		case "refused_by":
			r.RefusedBy = absentAs(gone, value, "")
		case "at":
			r.At = absentAs(gone, value, "")
		case "alert":
			r.Alert = absentAs(gone, value, none)
		case "cause":
			r.Cause = absentAs(gone, value, "")
		case "further":
			if list := texts(entry.value); list != nil {
				r.Further = &list
			}
		case "client_error":
			r.ClientError = value
		case "server_error":
			r.ServerError = value
		case "resumed":
			resumed := yes(entry.value)
			r.Resumed = &resumed
		}
	}
	return r
}

func absentAs(gone bool, value *string, absent string) *string {
	if gone {
		return &absent
	}
	return value
}

// reached notes entries of cells that are the first match of no cell.
func (d *decoder) reached(n *node, e Expectation) {
	for i, c := range e.Cells {
		matching := slices.DeleteFunc(slices.Clone(d.sc.Cells), func(cell outcome.Cell) bool { return !matches(c.When, cell) })
		item := n.get("cells").items[i]
		at := item.keyAt("when")
		if len(matching) == 0 {
			d.fail(at, "", "this matches no cell of the matrix")
			continue
		}
		taken := func(cell outcome.Cell) bool {
			return slices.ContainsFunc(e.Cells[:i], func(before CellExpectation) bool { return matches(before.When, cell) })
		}
		if !slices.ContainsFunc(matching, func(cell outcome.Cell) bool { return !taken(cell) }) {
			d.fail(at, "", "this is never used: entries before it match the same cells")
		}
	}
}

// possible notes results that contradict the outcome of some cell.
func (d *decoder) possible(n *node, e Expectation) {
	said := map[position]bool{} // one cell is enough to say it
	for _, cell := range d.sc.Cells {
		r := e.In(cell)
		from := n
		for i, c := range e.Cells {
			if matches(c.When, cell) {
				from = n.get("cells").items[i]
				break
			}
		}
		found := contradictions(r)
		if why := neverAt(r.At, cell); why != "" {
			found = append(found, contradiction{"at", why})
		}
		for _, c := range found {
			holder := n
			if from.get(c.key) != nil {
				holder = from
			}
			at := holder.keyAt(c.key)
			if said[at] {
				continue
			}
			said[at] = true
			d.fail(at, "", "%s cannot be expected in the cell %s: %s", c.key, cell, c.why)
		}
	}
}

// harmless are the alerts that a connection survives: those that close it in
// order, and those that TLS 1.2 lets a side send as a warning.
var harmless = []string{none, "close_notify", "user_canceled", "no_renegotiation", "unrecognized_name"}

// A contradiction is a key that cannot go with the outcome.
type contradiction struct{ key, why string }

func contradictions(r Result) []contradiction {
	var list []contradiction
	object := func(key string, stated *string, absent, why string) {
		if stated != nil && *stated != absent {
			list = append(list, contradiction{key, why})
		}
	}
	result := *r.Outcome
	if result != "refused" {
		object("refused_by", r.RefusedBy, "", "the outcome is "+result+", so no side refused")
		object("at", r.At, "", "the outcome is "+result+", so no message was rejected")
	}
	if result == "established" && r.Alert != nil && !slices.Contains(harmless, *r.Alert) {
		list = append(list, contradiction{"alert", "the outcome is established; a side that sends this alert has refused"})
	}
	if result != "unloadable" {
		object("side", r.Side, "", "the outcome is "+result+"; side names the one that is unloadable")
		return list
	}
	object("alert", r.Alert, none, "the outcome is unloadable, so nothing was sent")
	if r.Resumed != nil && *r.Resumed {
		list = append(list, contradiction{"resumed", "the outcome is unloadable, so nothing was sent"})
	}
	return list
}

func connectsTimes(n int) string {
	switch n {
	case 1:
		return "connects once"
	case 2:
		return "connects twice"
	}
	return "connects " + counted(n, "time", "times")
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
