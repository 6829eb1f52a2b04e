package diagnose

import "crypto/x509"

// A policyGraph is the valid policy graph of a path, from its trust anchor down
// to the certificate that was looked at last.
//
// RFC 5280 makes it a tree, in which a policy stands once for each way that
// mappings lead to it: a chain of a few kilobytes makes it grow without end.
// RFC 9618 has each policy once at each depth: "The size of this graph is bounded
// linearly by the total number of certificate policies and policy mappings"
// (https://www.rfc-editor.org/rfc/rfc9618#section-4.1).
type policyGraph struct {
	// level are the nodes of the lowest depth, by policy and in their order.
	level map[string]*policyNode
	order []*policyNode
	// made are all nodes there ever were.
	made []*policyNode
}

// A policyNode is one policy at one depth. Policies are the DER of their OIDs.
type policyNode struct {
	policy string
	// expected are the policies by which it goes on one depth below.
	expected []string
	parents  []*policyNode
	children int
	gone     bool
}

// anyPolicy is { 2 5 29 32 0 } (RFC 5280 4.2.1.4).
const anyPolicy = "\x55\x1d\x20\x00"

// newPolicyGraph returns the graph above all certificates, where every policy holds.
func newPolicyGraph() *policyGraph {
	g := &policyGraph{level: make(map[string]*policyNode, 1)}
	g.add(anyPolicy, nil)
	return g
}

func (g *policyGraph) add(policy string, parents []*policyNode) *policyNode {
	n := &policyNode{policy: policy, expected: []string{policy}, parents: parents}
	for _, p := range parents {
		p.children++
	}
	g.level[policy] = n
	g.order = append(g.order, n)
	g.made = append(g.made, n)
	return n
}

// remove deletes a node, and what is above it and leads nowhere else.
func (g *policyGraph) remove(n *policyNode) {
	n.gone = true
	for _, p := range n.parents {
		if p.children--; p.children == 0 && !p.gone {
			g.remove(p)
		}
	}
}

// leaf returns the node of a policy at the lowest depth, nil if it holds there no more.
func (g *policyGraph) leaf(policy string) *policyNode {
	if n := g.level[policy]; n != nil && !n.gone {
		return n
	}
	return nil
}

// empty says that no policy holds for the path any more.
func (g *policyGraph) empty() bool {
	for _, n := range g.order {
		if !n.gone {
			return false
		}
	}
	return true
}

// grow adds the depth of a certificate with those policies. Where anyPolicy counts,
// it stands for each that is expected and not named (RFC 9618 5.2, steps (d) (1)
// to (d) (3)).
func (g *policyGraph) grow(policies []string, anyCounts bool) {
	above := g.order
	var expected []string
	expects := make(map[string][]*policyNode)
	for _, n := range above {
		if n.gone {
			continue
		}
		for _, p := range n.expected {
			if expects[p] == nil {
				expected = append(expected, p)
			}
			expects[p] = append(expects[p], n)
		}
	}
	anyAbove := g.leaf(anyPolicy)
	g.level, g.order = make(map[string]*policyNode, len(policies)), nil
	for _, p := range policies {
		switch {
		case p == anyPolicy:
		case len(expects[p]) > 0:
			g.add(p, expects[p])
		case anyAbove != nil:
			g.add(p, []*policyNode{anyAbove})
		}
	}
	if anyCounts {
		for _, p := range expected {
			if g.level[p] == nil {
				g.add(p, expects[p])
			}
		}
	}
	for _, n := range above {
		if n.children == 0 && !n.gone {
			g.remove(n)
		}
	}
}

// mapTo has a policy go on below by others: "If no node of depth i in the
// valid_policy_graph has a valid_policy of ID-P but there is a node of depth i
// with a valid_policy of anyPolicy, then generate a child node of the node of
// depth i-1 that has a valid_policy of anyPolicy"
// (https://www.rfc-editor.org/rfc/rfc9618#section-5.3).
func (g *policyGraph) mapTo(policy string, subjects []string) {
	if n := g.leaf(policy); n != nil {
		n.expected = subjects
		return
	}
	if all := g.leaf(anyPolicy); all != nil {
		g.add(policy, all.parents).expected = subjects
	}
}

// drop deletes a policy of the lowest depth, which is mapped where mapping is not
// allowed any more.
func (g *policyGraph) drop(policy string) {
	if n := g.leaf(policy); n != nil {
		g.remove(n)
	}
}

// authorized returns the policies that hold for the whole path, by the names that
// the trust anchor has for them: "the authority-constrained-policy-set"
// (https://www.rfc-editor.org/rfc/rfc9618#section-5.4). anyPolicy is among them
// where every policy holds.
func (g *policyGraph) authorized() []string {
	var list []string
	seen := make(map[string]bool)
	for _, n := range g.made {
		if n.gone || seen[n.policy] || n.policy == anyPolicy || len(n.parents) != 1 || n.parents[0].policy != anyPolicy {
			continue
		}
		seen[n.policy] = true
		list = append(list, n.policy)
	}
	if g.leaf(anyPolicy) != nil {
		list = append(list, anyPolicy)
	}
	return list
}

// holding returns the policies by which those of the lowest depth go on.
func (g *policyGraph) holding() []string {
	var list []string
	seen := make(map[string]bool)
	for _, n := range g.order {
		if n.gone {
			continue
		}
		for _, p := range n.expected {
			if !seen[p] {
				seen[p] = true
				list = append(list, p)
			}
		}
	}
	return list
}

// policyIDs returns the DER of OIDs.
func policyIDs(oids []x509.OID) []string {
	list := make([]string, len(oids))
	for i, o := range oids {
		list[i] = policyID(o)
	}
	return list
}

func policyID(o x509.OID) string {
	der, _ := o.MarshalBinary() // an OID that was parsed has its DER
	return string(der)
}
