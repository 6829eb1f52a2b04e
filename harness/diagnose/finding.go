package diagnose

import (
	"bytes"
	"slices"

	"shakedown/harness/causes"
	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// A finding is one thing that is wrong, with what it leads to. What it leads to
// decides whether it is a cause of what happened or would bite next.
type finding struct {
	Cause
	// leads is the outcome that it leads to, by the side that then decides, if
	// one does, and at the messages that it can reject (none: any message).
	leads Kind
	by    outcome.Role
	at    []string
	// kinds are the typed errors and alerts the alerts that it shows up as;
	// none: any.
	kinds  []outcome.VerifyKind
	alerts []uint8
	// about is the certificate at fault, nil if there is none.
	about []byte
	// unseen says that nothing on the wire shows it: it is named because it would
	// look just like this.
	unseen bool
}

// explains says that the finding accounts for what happened.
func (f *finding) explains(r *reading) bool {
	h := r.h
	if f.leads != h.Outcome && (f.leads != anyEnd || h.Outcome == Established) {
		return false
	}
	if h.Outcome != Refused {
		return true
	}
	if f.by != "" && f.by != h.RefusedBy || len(f.at) > 0 && h.At != "" && !slices.Contains(f.at, h.At) {
		return false
	}
	if kind := r.verifyKind(); kind != "" {
		return len(f.kinds) == 0 && f.about == nil || slices.Contains(f.kinds, kind)
	}
	if code, ok := alertCode(&r.in, r.w, h.RefusedBy); ok && len(f.alerts) > 0 {
		return slices.Contains(f.alerts, code)
	}
	return true
}

// anyEnd is no outcome: what leads to it accounts for any end but a good one.
const anyEnd Kind = "any"

// names says that the deciding side's error names the finding's certificate as
// the one that has expired, or is not valid yet.
func (f *finding) names(r *reading) bool {
	said := r.failure(r.h.RefusedBy)
	return r.verifyKind() == outcome.Expired && said != nil && said.Verify != nil && len(said.Verify.Certificate) > 0 && bytes.Equal(said.Verify.Certificate, f.about)
}

// A rule is one row: the id of a cause, and how it is found.
type rule struct {
	id   string
	find func(*reading) *finding
}

func (r *reading) apply(rules []rule) []finding {
	var found []finding
	for _, rule := range rules {
		f := rule.find(r)
		if f == nil {
			continue
		}
		f.ID = rule.id
		if f.leads == "" {
			f.leads = Refused
		}
		found = append(found, *f)
	}
	return found
}

// found makes a finding of what was seen, certain until said otherwise.
func found(evidence ...Evidence) *finding {
	return &finding{Cause: Cause{Certain: true, Evidence: evidence}}
}

func (f *finding) refusedBy(by outcome.Role, at ...string) *finding {
	f.leads, f.by, f.at = Refused, by, at
	return f
}

func (f *finding) leadsTo(k Kind) *finding {
	f.leads = k
	return f
}

func (f *finding) as(kinds ...outcome.VerifyKind) *finding {
	f.kinds = kinds
	return f
}

func (f *finding) alert(codes ...uint8) *finding {
	f.alerts = codes
	return f
}

func (f *finding) mend(remedy, try string) *finding {
	f.Remedy, f.Try = remedy, try
	return f
}

func (f *finding) certainIf(certain bool) *finding {
	f.Certain = certain
	return f
}

func (f *finding) notSeen() *finding {
	f.unseen = true
	return f
}

// sort divides the findings, which stand in the order in which they would bite,
// into the causes of what happened and the rest.
func (r *reading) sort(all []finding) (causes, further []Cause) {
	var explaining []int
	first := -1
	for i := range all {
		if !all[i].explains(r) {
			continue
		}
		if first < 0 || all[i].names(r) && !all[first].names(r) {
			first = i
		}
		explaining = append(explaining, i)
	}
	// A side that only sent an alert leaves everything open that the alert fits.
	if first >= 0 && r.h.Outcome == Refused && r.untold() && len(explaining) > 1 {
		for _, i := range explaining {
			all[i].Certain = false
		}
	}
	if first >= 0 && r.untold() {
		seen := func(i int) bool { return !all[i].unseen }
		if at := slices.IndexFunc(explaining, seen); at >= 0 && all[first].unseen {
			first = explaining[at]
		}
		slices.SortStableFunc(explaining, func(a, b int) int { return order(all[a].unseen, all[b].unseen) })
	}
	if r.guessed {
		for i := range all {
			all[i].Certain = all[i].Certain && !slices.Contains(explaining, i)
		}
	}
	if first >= 0 {
		causes = append(causes, all[first].Cause)
		for _, i := range explaining {
			if i != first && !all[first].Certain && !all[i].Certain && !has(causes, all[i].ID) {
				causes = append(causes, all[i].Cause)
			}
		}
	}
	for i := range all {
		// What nothing shows is no more than an explanation of this end.
		if !all[i].unseen && !has(causes, all[i].ID) && !has(further, all[i].ID) {
			further = append(further, all[i].Cause)
		}
	}
	if len(causes) > 0 {
		causes[0].Evidence = append(causes[0].Evidence, r.words()...)
	}
	return finish(causes), finish(further)
}

// untold says that nobody recorded the deciding side's view.
func (r *reading) untold() bool { return !r.outcome(r.h.RefusedBy).Known }

// captured says that nobody recorded either side's view.
func (r *reading) captured() bool {
	return !r.in.Client.Outcome.Known && !r.in.Server.Outcome.Known
}

// order puts false before true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func has(list []Cause, id string) bool {
	return slices.ContainsFunc(list, func(c Cause) bool { return c.ID == id })
}

// finish fills in what the catalogue says where a rule has nothing to add.
// Where no command shows more, the catalogue's own words are next.
func finish(list []Cause) []Cause {
	for i := range list {
		if list[i].Remedy == "" {
			if c, ok := causes.Lookup(list[i].ID); ok {
				list[i].Remedy = c.Remedy
			}
		}
		if list[i].Try == "" {
			list[i].Try = "shakedown explain " + list[i].ID
		}
	}
	return list
}

// words are the sides' own words, as the last evidence: what the deciding side
// says, and what the other side is left with.
func (r *reading) words() []Evidence {
	if r.h.Outcome == Established || r.h.Outcome == Unloadable {
		return nil
	}
	var list []Evidence
	order := roles[:]
	if r.h.RefusedBy == outcome.Client {
		order = []outcome.Role{outcome.Client, outcome.Server}
	}
	for _, role := range order {
		f := r.failure(role)
		if f == nil || f.Text == "" {
			continue
		}
		about := ""
		if r.h.RefusedBy == outcome.Client && role == outcome.Server && r.h.At == "Certificate" && f.Peer != nil {
			about = ", which is about its own certificate"
		}
		step := r.said(role)
		list = append(list, saw(step, "the %s says %s%s", role, sentence(f.Text), about))
	}
	return list
}

// said returns the local step in which the side reports its error.
func (r *reading) said(role outcome.Role) *dissect.Step {
	for _, s := range r.w.timeline.Steps {
		if s.Fact != nil && s.From == role && (s.Fact.Kind == outcome.HandshakeFailed || s.Fact.Kind == outcome.LateError) {
			return s
		}
	}
	return nil
}

// sentence quotes an error's text.
func sentence(s string) string { return `"` + field.Shorten(s, 300) + `"` }
