package fault

import (
	"fmt"
	"strings"
)

// String says in a sentence what happens to which unit: "the server's Certificate
// is dropped".
func (f Fault) String() string { return f.On.String() + " " + f.Do.String() }

// String names the unit that is meant.
func (o On) String() string {
	what := o.Message
	if what == "" {
		what = "unit"
	}
	if o.Larger > 0 {
		what += fmt.Sprintf(" of more than %d bytes", o.Larger)
	}
	switch {
	case o.Nth == Every:
		what = "every " + what
	case o.Nth > 1:
		what = fmt.Sprintf("%s number %d", what, o.Nth)
	case o.Message == "":
		what = "first " + what
	}
	switch {
	case o.From != "" && o.Nth == Every:
		return fmt.Sprintf("%s from the %s", what, o.From)
	case o.From != "":
		return fmt.Sprintf("the %s's %s", o.From, what)
	case o.Nth == Every:
		return what
	}
	return "the " + what
}

// String says what becomes of it.
func (d Do) String() string {
	var parts []string
	add := func(is bool, format string, args ...any) {
		if is {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(d.Rewrite != nil, "%v", d.Rewrite)
	add(d.Corrupt != nil, "has a bit flipped")
	add(d.Truncate == Half, "is cut in half")
	add(d.Truncate > 0, "is cut after %d bytes", d.Truncate)
	add(d.Drop, "is dropped")
	add(d.Delay > 0, "is delivered %s late", d.Delay)
	add(d.Duplicate, "is delivered twice")
	add(d.Reorder, "is delivered behind the next unit")
	add(d.Split > 0, "arrives in pieces of %d bytes", d.Split)
	if in := d.Inject; in != nil {
		what, place := fmt.Sprintf("%d bytes", len(in.Bytes)), "is followed by"
		if in.Alert != "" {
			what = "the alert " + in.Alert
		}
		if in.Before {
			place = "is preceded by"
		}
		add(true, "%s %s as if from the %s", place, what, in.From)
	}
	add(d.Close != NoSide, "is the last before the stream ends for %s", d.Close.words())
	add(d.Reset != NoSide, "is the last before the connection is reset for %s", d.Reset.words())
	add(d.Blackhole != NoSide, "and all that %s after it vanishes", d.Blackhole.sends())
	add(d.Throttle != nil, "and what follows it is slowed down")
	add(d.Loss > 0, "begins a loss of %.1f%%", float64(d.Loss)/10)
	add(d.Corruption > 0, "begins a corruption of %.1f%%", float64(d.Corruption)/10)
	last := len(parts) - 1
	if last < 1 || strings.HasPrefix(parts[last], "and ") {
		return strings.Join(parts, ", ")
	}
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

func (s Sides) words() string {
	if s == BothOfThem {
		return "both sides"
	}
	return "the " + string(s)
}

func (s Sides) sends() string {
	if s == BothOfThem {
		return "both sides send"
	}
	return "the " + string(s) + " sends"
}
