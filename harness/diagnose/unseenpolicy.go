package diagnose

import "shakedown/harness/outcome"

// unseenPolicy is a chain whose CA demands a policy that does not hold below it.
// The verifier's trust anchor is not known, but a policy that is lost on the way
// down from the last certificate that was sent is lost whatever stands above.
func unseenPolicy(of outcome.Role) func(*reading) *finding {
	return func(r *reading) *finding {
		v := r.unexplained(of)
		if v == nil || v.anchorsKnown || v.path.anchored {
			return nil
		}
		// The last one is judged too: an anchor stands for itself, so it is put in
		// twice, as if it were issued by one with its name.
		certs := append(append([]*certificate(nil), v.path.certs...), v.path.top())
		if !policiesMatter(certs, v.demand) {
			return nil
		}
		fault := judgePolicies(certs, v.demand)
		if fault == nil {
			return nil
		}
		f := r.unseenCause(v, outcome.InvalidPolicy, saw(v.sent, "%s: %s", certs[fault.at].name(), fault.detail))
		f.unseen = false
		return f
	}
}
