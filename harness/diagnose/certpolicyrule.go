package diagnose

import (
	"fmt"
	"strings"

	"shakedown/harness/x509wire"
)

// policyNames lists policies, safe to show.
func policyNames(ids []string) string {
	var list []string
	for _, id := range ids[:min(len(ids), maxNames)] {
		list = append(list, policyName(id))
	}
	if len(ids) > len(list) {
		return strings.Join(list, ", ") + fmt.Sprintf(" and %d more", len(ids)-len(list))
	}
	return strings.Join(list, ", ")
}

// policyName names a policy, safe to show: an OID can be as long as a certificate.
func policyName(id string) string {
	const long = 40
	if len(id) > long {
		return fmt.Sprintf("an OID of %d bytes", len(id))
	}
	return x509wire.PolicyName([]byte(id))
}

// badPolicies is the rule. crypto/x509 says only that no chain has valid policies.
func badPolicies(v *verification, certs []*certificate) []hit {
	if !policiesMatter(certs, v.demand) || !v.shelf.affordPolicies(certs) {
		return nil
	}
	f := judgePolicies(certs, v.demand)
	switch {
	case f == nil:
		return nil
	case f.forbidden:
		return []hit{{at: f.at, detail: f.detail}}
	}
	return []hit{{at: f.at, detail: f.detail + "; " + v.demander(f.by)}}
}

// maxPolicies is how many policies and mappings are followed, on all paths
// together: more than fit into a Certificate message, a few times over.
const maxPolicies = 40_000

// affordPolicies says that the walk down the path is not too much, with those that
// were before it.
func (s *shelf) affordPolicies(certs []*certificate) bool {
	for _, c := range certs {
		s.policies += len(c.std.Policies) + len(c.std.PolicyMappings)
	}
	return s.policies <= maxPolicies
}

// demander says who wants a policy to hold for the whole path.
func (v *verification) demander(by *certificate) string {
	const demand = " demands a policy that holds for the whole path"
	if by == nil {
		return "the " + string(v.by) + demand
	}
	return by.name() + demand + " (requireExplicitPolicy)"
}

// policiesNamed says which policies the certificates of the path have.
func policiesNamed(v *verification, _ *fault) []string {
	var list []string
	for _, c := range v.path.certs[:len(v.path.certs)-1] {
		s := c.name() + " names no certificate policy"
		if len(c.std.Policies) > 0 {
			s = fmt.Sprintf("%s names %s", c.name(), policyNames(policyIDs(c.std.Policies)))
		}
		list = append(list, s)
	}
	return list
}

func remedyPolicy(_ *verification, f *fault) string {
	for _, m := range f.on.std.PolicyMappings {
		if policyID(m.IssuerDomainPolicy) == anyPolicy || policyID(m.SubjectDomainPolicy) == anyPolicy {
			return fmt.Sprintf("Issue %s anew without the mapping of anyPolicy.", f.on.name())
		}
	}
	return fmt.Sprintf("Have %s issued under a policy that every certificate of the path names, or use a CA that demands none.", f.on.name())
}
