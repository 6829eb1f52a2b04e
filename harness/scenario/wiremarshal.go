package scenario

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"shakedown/harness/fault"
	"shakedown/harness/outcome"
)

func (m *marshaler) wire() *node {
	l := &node{kind: listNode}
	for _, f := range m.sc.Wire {
		n := mapping()
		n.add("when", cellWhen(f.When), f.When != (outcome.Cell{}))
		on := onNode(f.On)
		n.add("on", on, len(on.entries) > 0)
		n.add("do", doNode(f.Do, f.On.From, f.Certificates), true)
		l.items = append(l.items, n)
	}
	return l
}

func onNode(on fault.On) *node {
	n := mapping()
	n.add("from", textOf(string(on.From)), on.From != "")
	n.add("message", textOf(on.Message), on.Message != "")
	n.add("larger", numberOf(on.Larger), on.Larger > 0)
	n.add("nth", numberOf(on.Nth), on.Nth > 0)
	n.add("nth", textOf(every), on.Nth == fault.Every)
	return n
}

func doNode(do fault.Do, from outcome.Role, certificates []string) *node {
	if i := slices.IndexFunc(shortFaults, func(w string) bool { return reflect.DeepEqual(shortDo(w), do) }); i >= 0 {
		return textOf(shortFaults[i])
	}
	n := mapping()
	if r := do.Rewrite; r != nil {
		n.add("rewrite", rewriteNode(r, certificates), true)
		n.add("mode", textOf(string(r.Mode)), r.Mode != fault.Tamper)
	}
	if c := do.Corrupt; c != nil {
		at := mapping()
		at.add("byte", numberOf(c.Byte), c.Byte != fault.Middle)
		at.add("bit", numberOf(c.Bit), c.Bit != 0)
		n.add("corrupt", at, true)
	}
	n.add("truncate", numberOf(do.Truncate), do.Truncate > 0)
	n.add("truncate", textOf(half), do.Truncate == fault.Half)
	n.add("drop", boolOf(true), do.Drop)
	n.add("delay", textOf(formatWait(do.Delay)), do.Delay > 0)
	n.add("duplicate", boolOf(true), do.Duplicate)
	n.add("reorder", boolOf(true), do.Reorder)
	n.add("split", numberOf(do.Split), do.Split > 0)
	if do.Inject != nil {
		n.add("inject", injectNode(do.Inject, from), true)
	}
	n.add("close", textOf(string(do.Close)), do.Close != fault.NoSide)
	n.add("reset", textOf(string(do.Reset)), do.Reset != fault.NoSide)
	n.add("blackhole", textOf(string(do.Blackhole)), do.Blackhole != fault.NoSide)
	if t := do.Throttle; t != nil {
		pace := mapping()
		pace.add("bytes", numberOf(t.Bytes), t.Bytes != 1)
		pace.add("every", textOf(formatWait(t.Every)), true)
		n.add("throttle", pace, true)
	}
	n.add("loss", textOf(formatRate(do.Loss)), do.Loss > 0)
	n.add("corruption", textOf(formatRate(do.Corruption)), do.Corruption > 0)
	return n
}

func injectNode(in *fault.Inject, from outcome.Role) *node {
	n := mapping()
	n.add("from", textOf(string(in.From)), in.From != from)
	n.add("alert", textOf(in.Alert), in.Alert != "")
	n.add("level", textOf("warning"), in.Warning)
	n.add("text", textOf(string(in.Bytes)), in.Text)
	n.add("hex", textOf(hexText(in.Bytes)), !in.Text && in.Alert == "")
	n.add("place", textOf("before"), in.Before)
	return n
}

func hexText(b []byte) string { return fmt.Sprintf("%x", b) }

// formatWait writes what shortSpan takes, in one unit.
func formatWait(d time.Duration) string {
	for _, unit := range []struct {
		name string
		span time.Duration
	}{{"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}, {"us", time.Microsecond}} {
		if d%unit.span == 0 {
			return strconv.FormatInt(int64(d/unit.span), 10) + unit.name
		}
	}
	return strconv.FormatFloat(float64(d)/float64(time.Microsecond), 'f', -1, 64) + "us"
}

func seedNode(seed uint64) *node {
	return &node{kind: integerNode, text: strconv.FormatUint(seed, 10)}
}
