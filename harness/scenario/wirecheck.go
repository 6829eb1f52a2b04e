package scenario

import (
	"cmp"
	"fmt"
	"slices"

	"shakedown/harness/fault"
	"shakedown/harness/outcome"
)

// judge notes what makes a fault impossible: keys that contradict each other, and
// cells in which its message is never sent, or in which nothing can do that to
// it. A fault is never ignored.
func (d *decoder) judge(n *node, f Fault) {
	do := n.get("do")
	if do.kind == mappingNode && len(do.entries) == 0 {
		d.fail(do.at, "", "do says nothing; write what becomes of the unit, such as drop")
		return
	}
	d.judgeKeys(do, f.Do)
	if d.broken["matrix"] {
		return
	}
	cells := slices.DeleteFunc(slices.Clone(d.sc.Cells), func(c outcome.Cell) bool { return !matches(f.When, c) })
	if len(cells) == 0 {
		d.fail(n.keyAt("when"), "", "this matches no cell of the matrix")
		return
	}
	for _, cell := range cells {
		if why := cmp.Or(f.On.Absent(cell), d.unsent(f.On, cell)); why != "" {
			on := n.get("on")
			d.fail(on.keyAt("message"), "", "no unit of the cell %s can be meant: %s; give the fault a when, or change the matrix", cell, why)
			return
		}
		if !d.cannotRewrite(do, f, cell) {
			return
		}
		if key, why := impossible(f.Do, cell); why != "" {
			at := do.keyAt(key)
			d.fail(at, "", "%s cannot happen in the cell %s: %s; give the fault a when, or change the matrix", key, cell, why)
			return
		}
	}
}

// judgeKeys notes keys that need others, or contradict them.
func (d *decoder) judgeKeys(n *node, do fault.Do) {
	if do.Drop {
		for _, key := range []string{"rewrite", "corrupt", "truncate", "delay", "duplicate", "reorder", "split"} {
			if n.get(key) != nil {
				d.fail(n.keyAt(key), "", "%s has no effect on a unit that is dropped", key)
			}
		}
	}
	if do.Throttle != nil && do.Throttle.Every == 0 {
		d.fail(n.get("throttle").at, "", "throttle needs an every, such as every: 5ms")
	}
	for _, to := range roles {
		if do.Close.Has(outcome.Role(to)) && do.Reset.Has(outcome.Role(to)) {
			d.fail(n.keyAt("reset"), "", "close and reset both end the stream towards the %s; it takes one of them", to)
			break
		}
	}
	d.judgeInject(n.get("inject"), do.Inject)
	d.judgeRewrite(n, do)
}

func (d *decoder) judgeInject(n *node, in *fault.Inject) {
	if in == nil {
		return
	}
	kinds := 0
	for _, key := range []string{"alert", "text", "hex"} {
		if n.get(key) != nil {
			kinds++
		}
	}
	if kinds != 1 {
		d.fail(n.at, "", "inject has one of alert, text and hex; this has %d", kinds)
	}
	if n.get("level") != nil && in.Alert == "" {
		d.fail(n.keyAt("level"), "", "level belongs to an alert")
	}
	if in.From == "" {
		d.fail(n.at, "", "inject needs a from: on names no side whose it could seem to be")
	}
}

// impossible returns the key of what cannot be done in a cell, and why.
func impossible(do fault.Do, cell outcome.Cell) (key, why string) {
	if cell.Transport == outcome.TCP {
		switch {
		case do.Loss > 0:
			return "loss", "TCP sends again what is lost, and TLS never hears of it"
		case do.Corruption > 0:
			return "corruption", "TCP sends again what is damaged, and TLS never hears of it"
		}
		return "", ""
	}
	switch {
	case do.Split > 0:
		return "split", "a datagram arrives whole or not at all"
	case do.Close != fault.NoSide:
		return "close", "UDP has no end of a stream"
	case do.Reset != fault.NoSide:
		return "reset", "UDP has no reset"
	case do.Inject != nil && do.Inject.Alert != "":
		return "inject", "an alert is a CONNECTION_CLOSE in a protected packet there; inject bytes"
	}
	return "", ""
}

// unsent says why the two sides' settings leave no unit to be meant, empty if
// they leave one.
func (d *decoder) unsent(on fault.On, cell outcome.Cell) string {
	s, c := d.sc.Server, d.sc.Client
	asks := s.ClientAuth != outcome.AuthNone
	mine := on.From == outcome.Client
	switch on.Message {
	case "CertificateRequest":
		if !asks {
			return "the server's client_auth is none, so it asks for no certificate"
		}
	case "Certificate":
		if mine && !asks {
			return "the server's client_auth is none, so the client sends no Certificate"
		}
	case "CertificateVerify":
		switch {
		case (mine || cell.TLS == "1.2") && !asks:
			return "the server's client_auth is none, so the client proves nothing"
		case (mine || cell.TLS == "1.2") && len(c.Present) == 0:
			return "the client presents no certificate, so it proves nothing"
		}
	case "HelloRetryRequest":
		if s.Groups == nil && c.Groups == nil {
			return "both sides agree on the client's first group; set groups"
		}
	case "NewSessionTicket":
		if cell.Transport == outcome.TCP && (!s.Tickets || !c.Tickets) {
			return "there are no tickets; set tickets: true at the client and at the server"
		}
	}
	return ""
}

// chance notes a seed without anything that it could decide.
func (d *decoder) chance(root *node) {
	if root.get("seed") == nil || d.broken["wire"] {
		return
	}
	if !slices.ContainsFunc(d.sc.Wire, func(f Fault) bool { return f.Do.Random() }) {
		d.fail(root.keyAt("seed"), "", "nothing is left to chance: seed is for loss and corruption")
	}
}

// neverAt says why no side can have rejected that message in a cell, empty if
// one can.
func neverAt(at *string, cell outcome.Cell) string {
	if at == nil || *at == "" {
		return ""
	}
	if why := (fault.On{Message: *at}).Absent(cell); why != "" {
		return fmt.Sprintf("nobody rejects it there: %s", why)
	}
	return ""
}
