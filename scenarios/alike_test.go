package scenarios_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/scenario"
)

// Two faults with the same cause, at the same message and with the same words on
// both sides are one fault shown twice, unless about says what the difference
// between the two teaches: then it names the other one.
func TestScenariosThatLookAlikeSayWhatIsDifferent(t *testing.T) {
	alike := map[string][]*scenario.Scenario{}
	for _, sc := range load(t) {
		if looks := appearance(sc); looks != "" {
			alike[looks] = append(alike[looks], sc)
		}
	}
	for _, looks := range slices.Sorted(maps.Keys(alike)) {
		list := alike[looks]
		if together := compared(list); len(together) < len(list) {
			t.Errorf("%v look alike in every cell (%s), and their texts tie only %v together", ids(list), looks, ids(together))
		}
	}
}

// compared returns the first of the list with those that it names or that name
// it, directly or over others of the list.
func compared(list []*scenario.Scenario) []*scenario.Scenario {
	together := list[:1:1]
	for i := 0; i < len(together); i++ {
		for _, sc := range list {
			if !slices.Contains(together, sc) && (names(sc, together[i]) || names(together[i], sc)) {
				together = append(together, sc)
			}
		}
	}
	return together
}

func names(sc, other *scenario.Scenario) bool {
	return slices.Contains(strings.FieldsFunc(sc.About, notInID), other.ID)
}

// notInID says that a rune ends the id of a scenario within a text.
func notInID(r rune) bool {
	return r != '/' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
}

func ids(list []*scenario.Scenario) (ids []string) {
	for _, sc := range list {
		ids = append(ids, sc.ID)
	}
	return ids
}

// appearance is what a person sees of a fault, in every cell of every connect;
// empty where nothing is wrong.
func appearance(sc *scenario.Scenario) string {
	var looks []string
	faulty := false
	for _, e := range sc.Expect {
		for _, cell := range sc.Cells {
			r := e.In(cell)
			faulty = faulty || *r.Cause != ""
			at := ""
			if r.At != nil {
				at = *r.At
			}
			looks = append(looks, fmt.Sprintf("%s at %s: %q, %q", *r.Cause, at, *r.ClientError, *r.ServerError))
		}
	}
	if !faulty {
		return ""
	}
	return strings.Join(slices.Compact(looks), "; ")
}
