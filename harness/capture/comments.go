package capture

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"shakedown/harness/field"
	"shakedown/harness/transcript"
)

// Comments are what is said of the packets of one connection: of each unit the
// steps that it completes and what became of it.
type comments struct {
	t     *transcript.Transcript
	run   Run
	steps map[int][]string // by unit
	first int              // the unit with which a connection without a SYN begins
}

// maxComment bounds what is said of a packet.
const maxComment = 400

func newComments(e Entry) comments {
	c := comments{t: e.Transcript, run: e.Run, steps: map[int][]string{}, first: -1}
	if e.Timeline != nil {
		for _, s := range e.Timeline.Steps {
			if s.Unit >= 0 && !slices.Contains(c.steps[s.Unit], s.Name) {
				c.steps[s.Unit] = append(c.steps[s.Unit], s.Name)
			}
		}
	}
	return c
}

// opening says which connection begins.
func (c comments) opening() []string {
	text := fmt.Sprintf("%s, %s %s", c.run.Scenario, c.t.Transport, c.run.TLS)
	if c.run.Connections > 1 {
		text += fmt.Sprintf(", connection %d of %d", c.run.Connection, c.run.Connections)
	}
	if c.run.Title != "" {
		text += ": " + c.run.Title
	}
	return []string{field.Shorten(text, maxComment)}
}

// of says what a unit is: "server: Certificate, CertificateVerify; held for 2s".
func (c comments) of(unit int) []string {
	var all []string
	if unit == c.first {
		all = c.opening()
	}
	u := &c.t.Units[unit]
	fate := fateOf(u)
	if u.Kind != transcript.Data && len(fate) == 0 {
		return all // the flags say it
	}
	names := c.steps[unit]
	if len(names) == 0 && len(fate) == 0 {
		return all
	}
	text := string(u.From) + ": " + strings.Join(names, ", ")
	if len(names) == 0 {
		text = string(u.From)
	}
	return append(all, field.Shorten(strings.Join(append([]string{text}, fate...), "; "), maxComment))
}

// fateOf says what the gate did with a unit, as far as the packet does not show it.
func fateOf(u *transcript.Unit) []string {
	var says []string
	for _, m := range u.Marks {
		switch m {
		case transcript.Held:
			if len(u.Deliveries) > 0 {
				says = append(says, fmt.Sprintf("held for %s", (u.Deliveries[0].At-u.At).Round(time.Millisecond)))
			}
		case transcript.Dropped:
			says = append(says, "dropped by the gate")
		default:
			says = append(says, string(m))
		}
	}
	if len(u.Deliveries) == 0 && !slices.Contains(u.Marks, transcript.Dropped) {
		says = append(says, "not delivered")
	}
	for _, d := range u.Deliveries {
		if d.Bytes != nil {
			says = append(says, "delivered with other bytes: "+d.Says())
		}
	}
	return says
}
