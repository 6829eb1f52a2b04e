package scenarios_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/causes"
	"shakedown/harness/scenario"
	"shakedown/scenarios"
)

func load(t *testing.T) []*scenario.Scenario {
	t.Helper()
	all, err := scenario.LoadFS(scenarios.FS())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// These ids stand in other people's scripts.
func TestIDsStay(t *testing.T) {
	want := []string{
		"healthy/mutual", "healthy/server-only", "healthy/hello-retry-request",
		"trust/unknown-server-ca", "trust/server-missing-intermediate", "trust/server-ca-rotated",
		"trust/unknown-client-ca", "trust/unknown-client-ca-filtered",
		"trust/client-missing-intermediate", "trust/client-missing-intermediate-filtered", "trust/client-ca-rotated",
		"validity/server-expired", "validity/server-intermediate-expired", "validity/client-expired",
		"validity/client-intermediate-expired", "validity/client-not-yet-valid", "validity/renewal",
		"identity/san-mismatch", "identity/ip-without-ip-san", "usage/client-eku-server-only",
		"clientauth/no-client-certificate", "clientauth/client-key-mismatch", "clientauth/request-only",
		"negotiation/alpn-mismatch", "negotiation/version-mismatch",
	}
	var got []string
	for _, sc := range load(t) {
		got = append(got, sc.ID)
	}
	for _, id := range want {
		if !slices.Contains(got, id) {
			t.Errorf("%s is gone", id)
		}
	}
}

// catalogue.txt is the order of the catalogue, so every scenario has its place.
func TestTheCatalogueListsEveryScenarioOnce(t *testing.T) {
	text, err := fs.ReadFile(scenarios.FS(), "catalogue.txt")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			listed = append(listed, line)
		}
	}
	var loaded []string
	for _, sc := range load(t) {
		loaded = append(loaded, sc.ID)
	}
	if !slices.Equal(listed, loaded) {
		t.Errorf("catalogue.txt lists\n%v\nand there are\n%v", listed, loaded)
	}
}

func TestEveryScenarioTeachesAndStatesAll(t *testing.T) {
	for _, sc := range load(t) {
		if sc.Title == sc.ID || strings.HasSuffix(sc.Title, ".") || len(sc.Title) > 120 {
			t.Errorf("%s: title %q is not one short sentence without its full stop", sc.ID, sc.Title)
		}
		if n := len(sc.About); n < 150 || n > 900 || !strings.HasSuffix(sc.About, ".") {
			t.Errorf("%s: about is not a paragraph (%d bytes)", sc.ID, n)
		}
		if len(sc.See) == 0 {
			t.Errorf("%s: see is empty", sc.ID)
		}
		for _, w := range scenario.Validate(sc) {
			t.Error(w)
		}
		for i, e := range sc.Expect {
			for _, cell := range sc.Cells {
				if r := e.In(cell); r.Alert == nil || r.Cause == nil || r.ClientError == nil || r.ServerError == nil {
					t.Errorf("%s, connect %d in %s leaves something open", sc.ID, i+1, cell)
				}
			}
		}
	}
}

// A cause that names a scenario is what that scenario shows.
func TestCausesNameScenariosThatShowThem(t *testing.T) {
	shown := map[string][]string{}
	for _, sc := range load(t) {
		shown[sc.ID] = nil
		for _, e := range sc.Expect {
			for _, cell := range sc.Cells {
				r := e.In(cell)
				shown[sc.ID] = append(shown[sc.ID], *r.Cause)
				if r.Further != nil {
					shown[sc.ID] = append(shown[sc.ID], *r.Further...)
				}
			}
		}
	}
	for _, c := range causes.All() {
		if c.Scenario == "" {
			continue
		}
		list, ok := shown[c.Scenario]
		switch {
		case !ok:
			t.Errorf("%s names the scenario %s, which does not exist", c.ID, c.Scenario)
		case c.ID == "hrr":
			// Nothing is wrong in a handshake with HelloRetryRequest, so no cause is expected.
		case !slices.Contains(list, c.ID):
			t.Errorf("%s names the scenario %s, which shows %v", c.ID, c.Scenario, list)
		}
	}
}

func TestEveryExpectedCauseNamesAScenario(t *testing.T) {
	for _, sc := range load(t) {
		for _, e := range sc.Expect {
			id := *e.In(sc.Cells[0]).Cause
			if c, ok := causes.Lookup(id); id != "" && (!ok || c.Scenario == "") {
				t.Errorf("%s shows %s, which names no scenario", sc.ID, id)
			}
		}
	}
}

func TestText(t *testing.T) {
	text, err := scenarios.Text("trust/unknown-server-ca")
	if err != nil || !strings.Contains(string(text), "rogue-root: {ca: true}") {
		t.Errorf("got %q, %v", text, err)
	}
	for _, id := range []string{"trust/nonesuch", "", "../go", "catalogue.txt", "trust"} {
		if _, err := scenarios.Text(id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Text(%q): got %v, want it to be fs.ErrNotExist", id, err)
		}
	}
}

// A text that sends the reader to another scenario names one that exists.
func TestTextsNameScenariosThatExist(t *testing.T) {
	known, groups := map[string]bool{}, map[string]bool{}
	all := load(t)
	for _, sc := range all {
		known[sc.ID], groups[sc.Group] = true, true
	}
	for _, sc := range all {
		for _, word := range strings.FieldsFunc(sc.About, notInID) {
			group, name, is := strings.Cut(word, "/")
			if is && groups[group] && name != "" && !known[word] {
				t.Errorf("%s names the scenario %s, which does not exist", sc.ID, word)
			}
		}
	}
}
