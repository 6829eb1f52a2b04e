package scenario

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"shakedown/harness/fault"
	"shakedown/harness/outcome"
)

// A Fault is one thing that happens on the wire, in the cells that When matches.
type Fault struct {
	When outcome.Cell
	fault.Fault
	// Certificates names the entities whose certificates a rewritten Certificate
	// holds; nil where it keeps its own.
	Certificates []string
}

// String says in a sentence what happens to which unit, and which certificates a
// rewritten Certificate gets.
func (f Fault) String() string {
	if f.Certificates == nil {
		return f.Fault.String()
	}
	rewrite := *f.Do.Rewrite
	rewrite.Certificates = [][]byte{}
	f.Do.Rewrite = &rewrite
	if len(f.Certificates) == 0 {
		return f.Fault.String() + ", and holds none"
	}
	return f.Fault.String() + ", and holds those of " + strings.Join(f.Certificates, ", ")
}

// Faults returns what happens on the wire in that cell.
func (s *Scenario) Faults(cell outcome.Cell) []Fault {
	var list []Fault
	for _, i := range s.FaultsIn(cell) {
		list = append(list, s.Wire[i])
	}
	return list
}

// FaultsIn returns which entries of Wire happen in that cell.
func (s *Scenario) FaultsIn(cell outcome.Cell) []int {
	var list []int
	for i, f := range s.Wire {
		if matches(f.When, cell) {
			list = append(list, i)
		}
	}
	return list
}

// WireError says that an entry of Wire cannot be carried out, at its place in the
// file if there is one. It is for what turns out only when the certificates are
// there; [Parse] has found the rest.
func (s *Scenario) WireError(i int, message string) *Error {
	if s.source == nil || i < 0 || i >= len(s.source.wire) {
		return s.errorAt(position{}, message)
	}
	return s.errorAt(s.source.wire[i], message)
}

// wire reads the faults and judges whether they can happen.
func (d *decoder) wire(n *node) {
	if n == nil || d.broken["wire"] {
		return
	}
	if len(n.items) > maxFaults {
		d.fail(n.items[maxFaults].at, "", "wire has more than %d faults", maxFaults)
		return
	}
	for _, item := range n.items {
		f := Fault{When: cellOf(item.get("when"))}
		f.On = onOf(item.get("on"))
		if do := item.get("do"); do == nil {
			d.fail(item.at, "", "an entry of wire needs a do, such as do: drop")
			continue
		} else {
			f.Do = doOf(do, f.On.From)
			f.Do.Rewrite, f.Certificates = rewriteOf(do.get("rewrite"), do.get("mode"))
		}
		d.sc.Wire = append(d.sc.Wire, f)
		d.sc.source.wire = append(d.sc.source.wire, placeOf(item.get("do")))
		d.judge(item, f)
	}
	if !d.broken["matrix"] {
		d.oneMode(n)
	}
}

// placeOf returns where a fault says what it does: at the rewrite, if it is one.
func placeOf(do *node) position {
	if do.get("rewrite") != nil {
		return do.keyAt("rewrite")
	}
	return do.at
}

// maxFaults is how many faults a file can state.
const maxFaults = 50

func cellOf(n *node) outcome.Cell {
	return outcome.Cell{Transport: outcome.Transport(plain(n.get("transport"))), TLS: plain(n.get("tls"))}
}

func onOf(n *node) fault.On {
	return fault.On{
		From:    outcome.Role(plain(n.get("from"))),
		Message: plain(n.get("message")),
		Larger:  number(n.get("larger")),
		Nth:     nthOf(n.get("nth")),
	}
}

func nthOf(n *node) int {
	if plain(n) == every {
		return fault.Every
	}
	return number(n)
}

// number returns a whole number that check has accepted, 0 where there is none.
func number(n *node) int {
	value, _ := strconv.Atoi(plain(n))
	return value
}

// doOf reads what becomes of a unit from that side.
func doOf(n *node, from outcome.Role) fault.Do {
	if n.kind == textNode {
		return shortDo(n.text)
	}
	var do fault.Do
	for _, e := range n.entries {
		v := e.value
		switch e.key {
		case "corrupt":
			c := corruptOf(v)
			do.Corrupt = &c
		case "truncate":
			do.Truncate = number(v)
			if plain(v) == half {
				do.Truncate = fault.Half
			}
		case "drop":
			do.Drop = true
		case "delay":
			do.Delay = waitOf(v)
		case "duplicate":
			do.Duplicate = true
		case "reorder":
			do.Reorder = true
		case "split":
			do.Split = number(v)
		case "inject":
			do.Inject = injectOf(v, from)
		case "close":
			do.Close = fault.Sides(plain(v))
		case "reset":
			do.Reset = fault.Sides(plain(v))
		case "blackhole":
			do.Blackhole = fault.Sides(plain(v))
		case "throttle":
			do.Throttle = &fault.Throttle{Bytes: cmp.Or(number(v.get("bytes")), 1), Every: waitOf(v.get("every"))}
		case "loss":
			do.Loss, _ = parseRate(plain(v))
		case "corruption":
			do.Corruption, _ = parseRate(plain(v))
		}
	}
	return do
}

// shortDo returns what one word alone stands for.
func shortDo(word string) fault.Do {
	switch word {
	case "drop":
		return fault.Do{Drop: true}
	case "duplicate":
		return fault.Do{Duplicate: true}
	case "reorder":
		return fault.Do{Reorder: true}
	case "corrupt":
		return fault.Do{Corrupt: &fault.Corrupt{Byte: fault.Middle}}
	case "truncate":
		return fault.Do{Truncate: fault.Half}
	case "close":
		return fault.Do{Close: fault.BothOfThem}
	case "reset":
		return fault.Do{Reset: fault.BothOfThem}
	case "blackhole":
		return fault.Do{Blackhole: fault.BothOfThem}
	}
	return fault.Do{}
}

func corruptOf(n *node) fault.Corrupt {
	c := fault.Corrupt{Byte: fault.Middle, Bit: number(n.get("bit"))}
	if at := n.get("byte"); at != nil {
		c.Byte = number(at)
	}
	return c
}

func waitOf(n *node) time.Duration {
	wait, _ := time.ParseDuration(plain(n))
	return wait
}

func injectOf(n *node, from outcome.Role) *fault.Inject {
	in := &fault.Inject{
		From:    cmp.Or(outcome.Role(plain(n.get("from"))), from),
		Alert:   plain(n.get("alert")),
		Warning: plain(n.get("level")) == "warning",
		Before:  plain(n.get("place")) == "before",
	}
	if text := n.get("text"); text != nil {
		in.Bytes, in.Text = []byte(plain(text)), true
	} else if digits := n.get("hex"); digits != nil {
		in.Bytes, _ = parseHex(plain(digits))
	}
	return in
}
