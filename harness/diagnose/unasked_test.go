package diagnose

import (
	"slices"
	"testing"
)

// nothingMissed asks the rules that a diagnosis spares itself: none of them finds
// anything.
func nothingMissed(t *testing.T, in Input) {
	t.Helper()
	r := read(in)
	unasked := map[string][]rule{}
	if r.mode != OneSide {
		unasked["half heard"], unasked["asked wrongly"] = halfHeardRules, askedWronglyRules
	}
	if r.h.Outcome == Established {
		open := func(r rule) bool {
			return slices.ContainsFunc(stillOpenRules, func(o rule) bool { return o.id == r.id })
		}
		unasked["unseen"], unasked["own reason"], unasked["unread"] = unseenRules, ownReasonRules, unreadRules()
		unasked["perhaps"] = slices.DeleteFunc(slices.Clone(perhapsRules()), open)
	}
	if r.mode != ErrorsOnly {
		for name, rules := range unasked {
			for _, f := range r.apply(rules) {
				t.Errorf("a rule that nobody asks, %s, finds %s: %v", name, f.ID, f.Evidence)
			}
		}
	}
	for _, v := range []*verification{r.server, r.client} {
		if v == nil || v.path == nil {
			continue
		}
		for _, p := range append([]*path{v.path}, v.others...) {
			sound := v.sound(p.certs)
			for i := range chainRules {
				rule := &chainRules[i]
				if hits := rule.hits(v, p.certs); sound[rule.about] && rule.id(v.of) != "" && len(hits) > 0 {
					t.Errorf("a rule that nobody asks finds %s: %v", rule.id(v.of), hits)
				}
			}
		}
	}
}
