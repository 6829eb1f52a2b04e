package diagnose

import (
	"strings"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// The mode may stand behind other settings, and all of them are said.
func TestFIPSModeAmongOtherSettings(t *testing.T) {
	mode := func(settings ...string) []Evidence {
		r := read(Input{Server: transcript.Side{Settings: outcome.Settings{Known: true, GODEBUG: settings}}})
		return r.fipsEvidence(outcome.Server)
	}
	if got := mode("tlsrsakex=1", "fips140=on"); len(got) != 1 || !strings.Contains(got[0].Text, "GODEBUG=tlsrsakex=1,fips140=on") {
		t.Errorf("got %v", got)
	}
	if got := mode("tlsrsakex=1", "fips140=off"); len(got) != 0 {
		t.Errorf("without the mode: %v", got)
	}
}
