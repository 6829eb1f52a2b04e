package diagnose

import (
	"strings"
	"testing"

	"shakedown/harness/outcome"
)

// TestPathsAreShownWithWhyTheyFail has several ways up from a server's certificate.
func TestPathsAreShownWithWhyTheyFail(t *testing.T) {
	root, old, other := issue(t, nil, ca("Root")), issue(t, nil, ca("Old Root")), issue(t, nil, ca("Other Root"))
	issuing := issue(t, root, ca("Issuing CA"))
	deadEnd := issueWithKey(t, other, issuing.key, ca("Issuing CA"))
	outOfDate := issueWithKey(t, old, issuing.key, ca("Issuing CA", expired))
	namesake := issue(t, root, ca("Issuing CA"))
	leaf := issue(t, issuing, serverLeaf())
	tests := []struct {
		name  string
		sent  []*entity
		trust []*entity
		cause string // empty: the chain is accepted
		// paths are the subjects, from below, and why they fail.
		paths []string
		// evidence stands among that of the cause.
		evidence string
	}{
		{
			"one of two has expired",
			[]*entity{leaf, outOfDate, issuing},
			[]*entity{root, old},
			"",
			[]string{"server.test, Issuing CA, Root", "server.test, Issuing CA, Old Root: Issuing CA: expired on"},
			"",
		},
		{
			"neither holds",
			[]*entity{leaf, outOfDate, deadEnd},
			[]*entity{old},
			"server-untrusted-ca",
			[]string{
				"server.test, Issuing CA: Issuing CA is issued by Other Root, of which there is no certificate that signed it",
				"server.test, Issuing CA, Old Root: Issuing CA: expired on",
			},
			"another path, server.test ← Issuing CA ← Old Root, fails as well: Issuing CA: expired on",
		},
		{
			"a namesake with another key",
			[]*entity{leaf, namesake, deadEnd, issuing},
			[]*entity{root},
			"",
			[]string{
				"server.test, Issuing CA, Root",
				"server.test, Issuing CA: Issuing CA is issued by Other Root, of which there is no certificate that signed it",
				"server.test, Issuing CA: Issuing CA has the name of the issuer of server.test, but another key signed it",
			},
			"",
		},
		{"only one", []*entity{leaf, issuing}, []*entity{root}, "", []string{"server.test, Issuing CA, Root"}, ""},
	}
	plain := strings.NewReplacer(salt, "", "CN=", "")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := hierarchy{presented: tt.sent, trust: tt.trust, name: "server.test", clock: testClock, other: testClock}
			in := h.input(outcome.Server)
			d := Diagnose(in)
			if len(d.ServerPaths) != len(tt.paths) {
				t.Fatalf("got %d paths, want %d: %+v", len(d.ServerPaths), len(tt.paths), d.ServerPaths)
			}
			for i, p := range d.ServerPaths {
				got := strings.Join(p.Subjects, ", ")
				if p.Fails != "" {
					got += ": " + p.Fails
				}
				if got = plain.Replace(got); got != tt.paths[i] && (p.Fails == "" || !strings.HasPrefix(got, tt.paths[i])) {
					t.Errorf("path %d is %q, want %q", i, got, tt.paths[i])
				}
			}
			found := d.Further
			if tt.cause == "" {
				if len(found) > 0 {
					t.Errorf("got %v, want nothing", found)
				}
				return
			}
			if len(found) == 0 || found[0].ID != tt.cause {
				t.Fatalf("got %v, want %s", found, tt.cause)
			}
			var said []string
			for _, e := range found[0].Evidence {
				said = append(said, plain.Replace(e.Text))
			}
			if !strings.Contains(strings.Join(said, "\n"), tt.evidence) {
				t.Errorf("got evidence\n%s\nwant %q in it", strings.Join(said, "\n"), tt.evidence)
			}
		})
	}
}
