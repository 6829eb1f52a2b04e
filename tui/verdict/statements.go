package verdict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shakedown/harness"
	"shakedown/harness/causes"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

// The sections, top to bottom.
const (
	sectionSides = iota
	sectionCause
	sectionOther
	sectionMissing
	sectionFurther
	sectionExpected
	sectionNotes
)

// A Statement is one thing that is known of a connection's outcome.
type Statement struct {
	// Section counts the parts that statements belong to, from the top.
	Section int
	// Head is the word that says what it is: "client", "cause", "fix".
	Head string
	Role theme.Role
	// Glyph says at a glance whether it is good or bad, empty where it is neither.
	Glyph string
	// Text is not escaped: it can hold text from a peer.
	Text string
	// Step is the step that shows it, 0 if none does.
	Step int
}

// Where names the step that shows it, empty if none does or if the text names
// it already.
func (s Statement) Where() string {
	where := fmt.Sprintf("step %d", s.Step)
	if s.Step == 0 || strings.HasPrefix(s.Text, where) || strings.Contains(s.Text, " "+where) {
		return ""
	}
	return where
}

// Statements says everything that is known, the most wanted first.
func Statements(s harness.State) []Statement {
	p := &list{phase: s.Phase, recording: s.Recording != nil, said: []string{words(s.Client.Outcome), words(s.Server.Outcome)}}
	if s.Timeline != nil {
		p.sent = slices.ContainsFunc(s.Timeline.Steps, func(s *dissect.Step) bool { return s.Kind != dissect.KindLocal })
	}
	if s.Err != nil {
		p.mark(sectionSides, "error", theme.Bad, theme.Cross, s.Err.Error(), 0)
	}
	if s.Err == nil || p.sent { // what never began says nothing of either side
		p.side("client", s.Client)
		p.side("server", s.Server)
	}
	if d := s.Diagnosis; d != nil {
		p.diagnosis(*d)
	} else if s.Phase != harness.PhaseEnded && s.Err == nil {
		p.open(s)
	}
	if r := s.Result; r != nil && (r.Status != harness.Failed || pane.Differs(s)) {
		p.expectations(*r)
	}
	for _, n := range s.Notes {
		p.add(sectionNotes, "note", theme.Dim, n, 0)
	}
	return p.all
}

// A list collects statements.
type list struct {
	phase     harness.Phase
	recording bool
	sent      bool // something was on the wire
	// said are both sides' own words, which evidence need not repeat.
	said []string
	all  []Statement
}

func (p *list) add(section int, head string, role theme.Role, text string, step int) {
	p.mark(section, head, role, "", text, step)
}

func (p *list) mark(section int, head string, role theme.Role, glyph, text string, step int) {
	p.all = append(p.all, Statement{section, head, role, glyph, text, step})
}

// side says what one side reports, in its own words.
func (p *list) side(name string, side transcript.Side) {
	o := side.Outcome
	switch {
	case o.Unloadable != nil:
		p.mark(sectionSides, name, theme.Bad, theme.Cross, "could not be set up: "+o.Unloadable.Text, 0)
	case o.Handshake != nil:
		p.mark(sectionSides, name, theme.Bad, theme.Cross, o.Handshake.Text, 0)
	case o.Complete:
		p.mark(sectionSides, name, theme.Good, theme.Check, "handshake complete"+agreed(o), 0)
	case !o.Known && p.recording:
		p.add(sectionSides, name, theme.Dim, "nobody recorded what it reports", 0)
	case !o.Known && p.phase == harness.PhaseEnded:
		p.add(sectionSides, name, theme.Dim, "not ours: nobody recorded what it reports", 0)
	case p.phase == harness.PhaseEnded && !p.sent:
		p.add(sectionSides, name, theme.Dim, "not reached: nothing was sent", 0)
	case p.phase == harness.PhaseEnded:
		p.add(sectionSides, name, theme.Dim, "reports nothing", 0)
	default:
		p.add(sectionSides, name, theme.Dim, "in the handshake", 0)
	}
	if o.Late != nil {
		p.mark(sectionSides, name, theme.Bad, theme.Cross, "then, on its first read: "+o.Late.Text, 0)
	}
}

// open says where a connection stands that has not ended.
func (p *list) open(s harness.State) {
	h, settled := pane.Decision(s)
	if !settled {
		p.add(sectionCause, "verdict", theme.Dim, "open: the handshake is still going", 0)
		return
	}
	text := "refused by the " + string(h.RefusedBy)
	peer := s.Client.Outcome
	if h.RefusedBy == outcome.Client {
		peer = s.Server.Outcome
	}
	switch {
	case !peer.Known, peer.Failure() != nil:
		text += "; the connection is still open"
	case peer.Complete:
		text += "; the " + string(peer.Role) + ", which is complete, does not know it yet"
	default:
		text += "; the " + string(peer.Role) + " does not know it yet"
	}
	p.add(sectionCause, "verdict", theme.Warn, text, 0)
}

func agreed(o outcome.Outcome) string {
	text := ""
	if o.Negotiated.ALPN != "" {
		text += ", ALPN " + o.Negotiated.ALPN
	}
	if o.Negotiated.Resumed {
		text += ", resumed"
	}
	return text
}

// diagnosis says why.
func (p *list) diagnosis(d diagnose.Diagnosis) {
	if d.Outcome == diagnose.Unknown {
		p.unknown(d)
	}
	for i, c := range d.Causes {
		section, head := sectionCause, "cause"
		if i > 0 {
			section, head = sectionOther, "or"
		} else if !c.Certain {
			head = "perhaps"
		}
		p.cause(section, head, c)
	}
	if len(d.Causes) == 0 {
		switch d.Outcome {
		case diagnose.Unknown:
		case diagnose.Established:
			p.add(sectionCause, "cause", theme.Good, "nothing is wrong", 0)
		default:
			p.add(sectionCause, "cause", theme.Warn, "none that the recording shows; both sides' words are above", 0)
		}
	}
	for _, m := range d.Missing {
		p.add(sectionMissing, "missing", theme.Warn, m.What, 0)
		if m.Settles != "" {
			p.add(sectionMissing, "settles", theme.Text, m.Settles, 0)
		}
		if m.Try != "" {
			p.add(sectionMissing, "try", theme.Accent, m.Try, 0)
		}
	}
	for _, c := range d.Further {
		text := c.ID + ": " + title(c.ID)
		if !c.Certain {
			text = "perhaps " + text
		}
		p.add(sectionFurther, "further", theme.Warn, text, firstStep(c))
	}
}

// unknown says that the recording does not show what became of the connection,
// and what is probable.
func (p *list) unknown(d diagnose.Diagnosis) {
	text := "not shown by the recording"
	if l := d.Likely; l != nil {
		text += ", probably " + string(l.Outcome)
		if l.RefusedBy != "" {
			text += " by the " + string(l.RefusedBy)
		}
		if l.At != "" {
			text += " at " + l.At
		}
	}
	p.add(sectionCause, "verdict", theme.Warn, text, 0)
	if d.Likely != nil {
		for _, e := range d.Likely.Evidence {
			p.add(sectionCause, "evidence", theme.Text, e.Text, e.Step)
		}
	}
}

func (p *list) cause(section int, head string, c diagnose.Cause) {
	p.add(section, head, theme.Strong, c.ID, 0)
	if t := title(c.ID); t != "" {
		p.add(section, head, theme.Text, t, 0)
	}
	for _, e := range c.Evidence {
		if len(c.Evidence) > 1 && p.repeats(e.Text) {
			continue
		}
		p.add(section, "evidence", theme.Text, e.Text, e.Step)
	}
	if c.Remedy != "" {
		p.add(section, "fix", theme.Text, c.Remedy, 0)
	}
	if c.Try != "" && !strings.Contains(c.Remedy, c.Try) {
		p.add(section, "try", theme.Accent, c.Try, 0)
	}
}

func words(o outcome.Outcome) string {
	f := o.Failure()
	if f == nil {
		f = o.Unloadable
	}
	if f == nil {
		return ""
	}
	return f.Text
}

// repeats says whether evidence is no more than what a side says, which stands above.
func (p *list) repeats(evidence string) bool {
	for _, words := range p.said {
		if words != "" && strings.Contains(evidence, strconv.Quote(words)) {
			return true
		}
	}
	return false
}

// expectations says what differed from what the scenario states.
func (p *list) expectations(r harness.Result) {
	switch r.Status {
	case harness.Passed:
		p.mark(sectionExpected, "expected", theme.Good, theme.Check, "all of it: this is what the scenario states", 0)
	case harness.Errored, harness.Skipped:
		p.add(sectionExpected, string(r.Status), theme.Warn, r.Reason, 0)
	}
	for _, m := range r.Mismatches {
		step := 0
		if len(m.Steps) > 0 {
			step = m.Steps[0]
		}
		p.mark(sectionExpected, "expected", theme.Bad, theme.Cross, m.Field+" "+quoted(m.Want)+", but got "+quoted(m.Got), step)
	}
}

func quoted(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func title(id string) string {
	c, _ := causes.Lookup(id)
	return c.Title
}

func firstStep(c diagnose.Cause) int {
	for _, e := range c.Evidence {
		if e.Step > 0 {
			return e.Step
		}
	}
	return 0
}
