package diagnose

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/outcome"
)

// policySpec is what a test certificate says of policies. Policy 0 is anyPolicy;
// a number below zero leaves a constraint out.
type policySpec struct {
	policies                     []int
	mappings                     [][2]int
	require, inhibit, inhibitAny int
}

var noPolicies = policySpec{require: -1, inhibit: -1, inhibitAny: -1}

func testPolicy(n int) asn1.ObjectIdentifier {
	if n == 0 {
		return asn1.ObjectIdentifier{2, 5, 29, 32, 0}
	}
	return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 7, n}
}

// policies adds the extensions to a template.
func (s policySpec) option() option {
	return func(c *x509.Certificate) {
		add := func(id int, value any, parameters string) {
			der, err := asn1.MarshalWithParams(value, parameters)
			if err != nil {
				panic(err)
			}
			c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, id}, Value: der})
		}
		if len(s.policies) > 0 {
			var list []struct{ ID asn1.ObjectIdentifier }
			for _, p := range s.policies {
				list = append(list, struct{ ID asn1.ObjectIdentifier }{testPolicy(p)})
			}
			add(32, list, "")
		}
		if len(s.mappings) > 0 {
			var list []struct{ Issuer, Subject asn1.ObjectIdentifier }
			for _, m := range s.mappings {
				list = append(list, struct{ Issuer, Subject asn1.ObjectIdentifier }{testPolicy(m[0]), testPolicy(m[1])})
			}
			add(33, list, "")
		}
		if s.require >= 0 || s.inhibit >= 0 {
			add(36, struct {
				Require int `asn1:"optional,tag:0,default:-1"`
				Inhibit int `asn1:"optional,tag:1,default:-1"`
			}{s.require, s.inhibit}, "")
		}
		if s.inhibitAny >= 0 {
			add(54, s.inhibitAny, "")
		}
	}
}

// TestPolicyFaults says for each way in which policies fail what is said of it,
// and of which certificate.
func TestPolicyFaults(t *testing.T) {
	with := func(change func(*policySpec)) policySpec {
		s := noPolicies
		change(&s)
		return s
	}
	named := func(policies ...int) policySpec { return with(func(s *policySpec) { s.policies = policies }) }
	tests := []struct {
		name string
		// specs are those of the end entity, the CAs above it, and last the one
		// below the trust anchor.
		specs []policySpec
		on    int // -1: nothing is wrong
		want  string
	}{
		{"nobody demands a policy", []policySpec{named(1), named(2)}, -1, ""},
		{"a policy that holds", []policySpec{named(1), with(func(s *policySpec) { s.policies, s.require = []int{1, 2}, 0 })}, -1, ""},
		{"the end entity names none", []policySpec{noPolicies, with(func(s *policySpec) { s.policies, s.require = []int{1}, 0 })}, 0, "it names no certificate policy; CA 1"},
		{"an intermediate names none", []policySpec{named(1), noPolicies, with(func(s *policySpec) { s.policies, s.require = []int{1}, 0 })}, 1, "it names no certificate policy; CA 2"},
		{"another policy", []policySpec{named(2), with(func(s *policySpec) { s.policies, s.require = []int{1}, 0 })}, 0, "its policy 1.3.6.1.4.1.32473.7.2 is not what holds above it (1.3.6.1.4.1.32473.7.1); CA 1"},
		{"anyPolicy stands for it", []policySpec{named(2), with(func(s *policySpec) { s.policies, s.require = []int{0}, 0 })}, -1, ""},
		{"anyPolicy is inhibited", []policySpec{named(0), with(func(s *policySpec) { s.policies, s.require, s.inhibitAny = []int{1}, 0, 0 })}, 0, "it names no policy but anyPolicy, and its anyPolicy does not count: CA 1"},
		{"a mapping", []policySpec{named(2), with(func(s *policySpec) { s.policies, s.mappings, s.require = []int{1}, [][2]int{{1, 2}}, 0 })}, -1, ""},
		{"a mapping that is inhibited", []policySpec{
			named(2), with(func(s *policySpec) { s.policies, s.mappings = []int{1}, [][2]int{{1, 2}} }),
			with(func(s *policySpec) { s.policies, s.require, s.inhibit = []int{1}, 0, 0 }),
		}, 1, "it maps 1.3.6.1.4.1.32473.7.1, and policies must not be mapped any more: CA 2"},
		{"a mapping to anyPolicy", []policySpec{named(2), with(func(s *policySpec) { s.policies, s.mappings = []int{1}, [][2]int{{1, 0}} })}, 1, "it maps 1.3.6.1.4.1.32473.7.1 to anyPolicy (2.5.29.32.0), and nothing may be mapped"},
		{"the end entity demands one itself", []policySpec{with(func(s *policySpec) { s.require = 0 }), noPolicies}, 1, "it names no certificate policy; server.test demands"},
	}
	root := issue(t, nil, ca("Root"))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := policyChain(t, root, tt.specs, false)
			v := h.analyse(t, outcome.Server)
			if err := h.verify(outcome.Server); (err == nil) != (tt.on < 0) {
				t.Errorf("crypto/x509 says %v", err)
			}
			switch {
			case tt.on < 0 && len(v.faults) > 0:
				t.Errorf("got %v, want nothing", ids(v))
			case tt.on < 0:
			case len(v.faults) != 1 || v.faults[0].id != "server-certificate-policy":
				t.Errorf("got %v, want server-certificate-policy", ids(v))
			default:
				detail := strings.ReplaceAll(v.faults[0].detail, salt, "")
				if v.faults[0].on != v.path.certs[tt.on] || !strings.HasPrefix(strings.ReplaceAll(detail, "CN=", ""), tt.want) {
					t.Errorf("got %q on %s, want %q on %s", detail, v.faults[0].on.name(), tt.want, v.path.certs[tt.on].name())
				}
			}
		})
	}
}

// policyChain mints a chain of those specs, the end entity's first.
func policyChain(t testing.TB, root *entity, specs []policySpec, selfIssued bool) hierarchy {
	t.Helper()
	h := hierarchy{trust: []*entity{root}, name: "server.test", clock: testClock, other: testClock}
	above := root
	for i := len(specs) - 1; i > 0; i-- {
		o := ca(fmt.Sprintf("CA %d", i), specs[i].option())
		if selfIssued && i < len(specs)-1 && i%2 == 1 {
			o = append(o, func(c *x509.Certificate) { c.Subject = above.cert.Subject })
		}
		above = issue(t, above, o)
		h.presented = append(h.presented, above)
	}
	h.presented = append(h.presented, issue(t, above, serverLeaf(specs[0].option())))
	slices.Reverse(h.presented)
	return h
}

// TestPoliciesAgreeWithVerify holds random policies, mappings and demands against
// crypto/x509's own walk.
func TestPoliciesAgreeWithVerify(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	root := issue(t, nil, ca("Root"))
	maybe := func(chance float64, below int) int {
		if rng.Float64() < chance {
			return rng.IntN(below)
		}
		return -1
	}
	refused := 0
	for n := range 600 {
		specs := make([]policySpec, 2+rng.IntN(4))
		for i := range specs {
			s := policySpec{require: maybe(0.3, 3), inhibit: maybe(0.2, 2), inhibitAny: maybe(0.2, 2)}
			for p := range 4 {
				if rng.Float64() < 0.55 {
					s.policies = append(s.policies, p)
				}
			}
			for range rng.IntN(3) * rng.IntN(2) {
				s.mappings = append(s.mappings, [2]int{rng.IntN(15) % 4, rng.IntN(15) % 4})
			}
			specs[i] = s
		}
		h := policyChain(t, root, specs, n%3 == 0)
		v := h.analyse(t, outcome.Server)
		err := h.verify(outcome.Server)
		if err != nil {
			refused++
		}
		if (err == nil) != (len(ids(v)) == 0) || err != nil && !agrees(err, v) {
			t.Fatalf("chain %d %+v: crypto/x509 says %v, the analysis found %v", n, specs, err, ids(v))
		}
	}
	t.Logf("%d of 600 chains are refused", refused)
	if refused < 100 || refused > 500 {
		t.Errorf("%d of 600 chains are refused, want a mixture", refused)
	}
}
