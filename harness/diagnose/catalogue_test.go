package diagnose

import (
	"testing"

	"shakedown/harness/causes"
)

// TestIDsAreInCatalogue holds the ids of all rules against the catalogue, from
// which titles and default remedies come.
func TestIDsAreInCatalogue(t *testing.T) {
	var ids []string
	for _, r := range chainRules {
		ids = append(ids, r.server, r.client)
	}
	for _, r := range parseRules {
		ids = append(ids, r.client)
	}
	for _, table := range [][]rule{connectionRules, helloRules, answerRules, enforcementRules, lastRules} {
		for _, r := range table {
			ids = append(ids, r.id)
		}
	}
	for _, w := range ownWords {
		ids = append(ids, w.client, w.server)
	}
	for _, w := range loadWords {
		ids = append(ids, w.id)
	}
	for _, side := range []string{"server", "client"} {
		ids = append(ids, side+"-key-mismatch", side+"-key-type-mismatch", side+"-chain-wrong-order")
	}
	ids = append(ids, "client-ca-hint-mismatch", "altered-on-path")
	for _, id := range ids {
		if id == "" {
			continue // the side has no such fault
		}
		if c, ok := causes.Lookup(id); !ok || c.Remedy == "" {
			t.Errorf("%s is not in the catalogue, or has no remedy there", id)
		}
	}
}
