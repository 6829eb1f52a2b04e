package scenario

import (
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
)

// Go counts how often each of its settings has made a difference, and so names
// those that it knows, but for the ones that it says nothing about: FIPS mode and
// the groups that are offered.
func TestGODEBUGKnowsWhatIsListed(t *testing.T) {
	const before, behind = "/godebug/non-default-behavior/", ":events"
	var known []string
	for _, m := range metrics.All() {
		if name, ok := strings.CutPrefix(m.Name, before); ok {
			known = append(known, strings.TrimSuffix(name, behind))
		}
	}
	if len(known) == 0 {
		t.Fatal("this toolchain names no setting")
	}
	quiet := []string{"fips140", "tlsmlkem", "tlssecpmlkem"}
	quiet = append(quiet, "fips140ems") // since Go 1.26.6
	for _, g := range godebugs {
		if !slices.Contains(known, g.name) && !slices.Contains(quiet, g.name) {
			t.Errorf("GODEBUG has no setting %s in this toolchain", g.name)
		}
	}
	// These have nothing to do with a handshake.
	others := []string{"tlsunsafeekm", "x509keypairleaf", "x509rsacrt", "x509sha256skid", "x509usefallbackroots", "x509usepolicies"}
	for _, name := range known {
		about := strings.HasPrefix(name, "tls") || strings.HasPrefix(name, "x509") || strings.HasPrefix(name, "rsa") || strings.HasPrefix(name, "fips")
		if about && !slices.Contains(others, name) && !slices.ContainsFunc(godebugs, func(g godebug) bool { return g.name == name }) {
			t.Errorf("the setting %s is listed nowhere: say whether a handshake heeds it", name)
		}
	}
}
