package link

import (
	"slices"

	"shakedown/harness/dissect"
	"shakedown/harness/fault"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// meet returns the faults that a unit sets off, which completes those steps, by
// their places in Options.Faults. The caller holds l.mu.
func (l *Link) meet(u *transcript.Unit, steps []*dissect.Step) []int {
	var met []int
	for i := range l.options.Faults {
		on := l.options.Faults[i].On
		if !fits(on, u, steps) {
			continue
		}
		l.met[i]++
		if on.Nth == fault.Every || l.met[i] == max(on.Nth, 1) {
			met = append(met, i)
		}
	}
	return met
}

// Met sets in met which faults have found their unit.
func (l *Link) Met(met []bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, n := range l.met {
		nth := max(l.options.Faults[i].On.Nth, 1)
		met[i] = met[i] || n >= nth
	}
}

// fits says that a unit is of those that are meant.
func fits(on fault.On, u *transcript.Unit, steps []*dissect.Step) bool {
	if on.From != "" && on.From != u.From || on.Larger > 0 && len(u.Sent) <= on.Larger {
		return false
	}
	switch name := on.Message; name {
	case "":
		return u.Kind == transcript.Data
	case fault.FIN:
		return u.Kind == transcript.FIN
	case fault.Alert:
		return slices.ContainsFunc(steps, func(s *dissect.Step) bool { return s.Alert != nil })
	default:
		alert := fault.AlertName(name)
		return slices.ContainsFunc(steps, func(s *dissect.Step) bool {
			if alert != "" {
				return s.Alert != nil && tlswire.AlertName(s.Alert.Code) == alert
			}
			return s.Name == name
		})
	}
}
