package diagnose

import (
	"fmt"
	"slices"
)

// A policyDemand is what a verifier asks of the policies of a path (RFC 5280
// 6.1.1 (c), (e), (f) and (g)). The zero value is what crypto/tls asks: nothing
// beyond what the CAs of the path themselves demand.
type policyDemand struct {
	// acceptable are the DER of the policies that will do, nil for any.
	acceptable []string
	// explicit demands one, whatever the CAs say; noMapping and noAny let neither
	// mappings nor anyPolicy count.
	explicit, noMapping, noAny bool
}

// A policyFault says where the last policy of a path is lost, though one is
// demanded, or which certificate makes a path invalid by its mapping alone.
type policyFault struct {
	// at is the certificate's place on the path.
	at     int
	detail string
	// forbidden says that it is a mapping that RFC 5280 forbids: then nobody has
	// to demand a policy.
	forbidden bool
	// by demands a policy, nil if the verifier does.
	by *certificate
}

// judgePolicies walks a path from its trust anchor down and returns what is wrong
// with its policies, nil if nothing is. It follows RFC 5280 6.1.3 to 6.1.5 as RFC
// 9618 mends them, which is what crypto/x509 does.
func judgePolicies(certs []*certificate, want policyDemand) *policyFault {
	n := len(certs) - 1
	if n < 1 {
		return nil // a trust anchor stands for itself
	}
	w := policyWalk{certs: certs, want: want, graph: newPolicyGraph()}
	w.explicit = countdown(want.explicit, n)
	w.mapping = countdown(want.noMapping, n)
	w.all = countdown(want.noAny, n)
	for i := n - 1; i >= 0; i-- {
		w.enter(i)
		if i > 0 {
			w.pass(i)
		}
		if w.fault != nil {
			return w.fault
		}
	}
	return w.end()
}

// policiesMatter says that a path can have a fault of its policies at all: where
// nobody demands one and nothing is mapped, whatever it names is right.
func policiesMatter(certs []*certificate, want policyDemand) bool {
	return want.explicit || slices.ContainsFunc(certs[:len(certs)-1], func(c *certificate) bool {
		return c.std.RequireExplicitPolicy > 0 || c.std.RequireExplicitPolicyZero || len(c.std.PolicyMappings) > 0
	})
}

// A policyWalk is the state of RFC 5280 6.1.2 that is about policies.
type policyWalk struct {
	certs []*certificate
	want  policyDemand
	graph *policyGraph
	// explicit, mapping and all are explicit_policy, policy_mapping and
	// inhibit_anyPolicy.
	explicit, mapping, all policyCount
	// lost says where the graph became empty; unnamed is set below a certificate
	// that names no policy at all, where Go looks at mappings no more.
	lost    *policyFault
	unnamed bool
	fault   *policyFault
}

// A policyCount is a number of certificates after which a demand holds, and the
// CA that set it, nil for the verifier.
type policyCount struct {
	left int
	by   *certificate
}

func countdown(now bool, n int) policyCount {
	if now {
		return policyCount{}
	}
	return policyCount{left: n + 1}
}

func (c *policyCount) down() {
	if c.left > 0 {
		c.left--
	}
}

// lower takes the number of an extension, if there is one and it is less.
func (c *policyCount) lower(n int, zero bool, by *certificate) {
	if (n > 0 || zero) && n < c.left {
		c.left, c.by = n, by
	}
}

// enter is RFC 5280 6.1.3 (d) to (f).
func (w *policyWalk) enter(i int) {
	c := w.certs[i]
	policies := policyIDs(c.std.Policies)
	w.unnamed = w.unnamed || len(policies) == 0
	if w.lost == nil {
		above := w.graph.holding()
		hasAny := slices.Contains(policies, anyPolicy)
		anyCounts := hasAny && (w.all.left > 0 || i > 0 && c.selfIssued())
		w.graph.grow(policies, anyCounts)
		if w.graph.empty() {
			w.lost = &policyFault{at: i, detail: w.unlike(policies, above, hasAny && !anyCounts)}
		}
	}
	if w.explicit.left == 0 && w.lost != nil {
		w.demanded(w.explicit.by)
	}
}

// unlike says how the policies of a certificate miss those that hold above it.
func (w *policyWalk) unlike(policies, above []string, inhibited bool) string {
	named := slices.DeleteFunc(slices.Clone(policies), func(p string) bool { return p == anyPolicy })
	s := "it names no certificate policy"
	switch {
	case len(named) == 1:
		s = fmt.Sprintf("its policy %s is not what holds above it (%s)", policyNames(named), policyNames(above))
	case len(named) > 1:
		s = fmt.Sprintf("its policies %s are none of what holds above it (%s)", policyNames(named), policyNames(above))
	case inhibited:
		s = "it names no policy but anyPolicy"
	}
	if inhibited {
		s += fmt.Sprintf(", and its anyPolicy does not count: %s (inhibitAnyPolicy)", w.forbids(w.all.by))
	}
	return s
}

// pass is RFC 5280 6.1.4 (a) and (b), and (h) to (j).
func (w *policyWalk) pass(i int) {
	c := w.certs[i]
	if w.fault == nil && !w.unnamed {
		w.translate(i)
	}
	if !c.selfIssued() {
		w.explicit.down()
		w.mapping.down()
		w.all.down()
	}
	w.explicit.lower(c.std.RequireExplicitPolicy, c.std.RequireExplicitPolicyZero, c)
	w.mapping.lower(c.std.InhibitPolicyMapping, c.std.InhibitPolicyMappingZero, c)
	w.all.lower(c.std.InhibitAnyPolicy, c.std.InhibitAnyPolicyZero, c)
}

// translate applies the policy mappings of a CA, or drops what it maps where
// nothing may be mapped any more.
func (w *policyWalk) translate(i int) {
	var from []string
	to := make(map[string][]string)
	for _, m := range w.certs[i].std.PolicyMappings {
		issuer, subject := policyID(m.IssuerDomainPolicy), policyID(m.SubjectDomainPolicy)
		// "Policies MUST NOT be mapped either to or from the special value
		// anyPolicy" (https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.5).
		if w.mapping.left > 0 && (issuer == anyPolicy || subject == anyPolicy) {
			w.fault = &policyFault{at: i, forbidden: true, detail: fmt.Sprintf("it maps %s to %s, and nothing may be mapped from or to anyPolicy", policyName(issuer), policyName(subject))}
			return
		}
		if to[issuer] == nil {
			from = append(from, issuer)
		}
		to[issuer] = append(to[issuer], subject)
	}
	if w.lost != nil {
		return
	}
	for _, policy := range from {
		if w.mapping.left > 0 {
			slices.Sort(to[policy])
			w.graph.mapTo(policy, slices.Compact(to[policy]))
		} else {
			w.graph.drop(policy)
		}
	}
	if w.graph.empty() {
		w.lost = &policyFault{at: i, detail: fmt.Sprintf("it maps %s, and policies must not be mapped any more: %s (inhibitPolicyMapping), so that none is left", policyNames(from), w.forbids(w.mapping.by))}
	}
}

// end is RFC 5280 6.1.5 (a), (b) and (g).
func (w *policyWalk) end() *policyFault {
	leaf := w.certs[0]
	w.explicit.down()
	if leaf.std.RequireExplicitPolicyZero && w.explicit.left > 0 {
		w.explicit = policyCount{by: leaf}
	}
	if w.explicit.left > 0 {
		return nil
	}
	if w.lost != nil {
		w.demanded(w.explicit.by)
		return w.fault
	}
	authorized := w.graph.authorized()
	if len(w.want.acceptable) == 0 || slices.Contains(w.want.acceptable, anyPolicy) || slices.Contains(authorized, anyPolicy) ||
		slices.ContainsFunc(w.want.acceptable, func(p string) bool { return slices.Contains(authorized, p) }) {
		return nil
	}
	return &policyFault{detail: fmt.Sprintf("the policies of its path are %s, and only %s will do", policyNames(authorized), policyNames(w.want.acceptable)), by: w.explicit.by}
}

// demanded makes a fault of the place where the last policy was lost.
func (w *policyWalk) demanded(by *certificate) {
	if w.fault == nil {
		w.lost.by = by
		w.fault = w.lost
	}
}

// forbids says who forbids something.
func (w *policyWalk) forbids(by *certificate) string {
	if by == nil {
		return "the verifier forbids it"
	}
	return by.name() + " forbids it"
}
