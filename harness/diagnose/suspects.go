package diagnose

import (
	"shakedown/harness/explain"
	"shakedown/harness/outcome"
)

// suspects are what the one error that there is can mean, the likeliest first,
// short of what the side's own configuration rules out. They are all that is
// left where nothing was recorded; none is certain.
func (r *reading) suspects() []finding {
	side := r.own()
	f := r.failure(side)
	if f == nil {
		return nil
	}
	var list []finding
	for _, id := range explain.Reported(f.Text, string(side)) {
		if r.ruledOut(side, id) {
			continue
		}
		s := found().certainIf(false).notSeen()
		s.ID, s.leads = id, r.h.Outcome
		list = append(list, *s)
	}
	return list
}

// own returns the side whose errors they are.
func (r *reading) own() outcome.Role {
	if r.in.Client.Outcome.Known {
		return outcome.Client
	}
	return outcome.Server
}

func (r *reading) ruledOut(side outcome.Role, id string) bool { return false }
