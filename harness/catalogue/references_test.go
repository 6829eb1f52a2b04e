package catalogue

import (
	"regexp"
	"testing"

	"shakedown/harness/scenario"
	"shakedown/scenarios"
)

func TestReferences(t *testing.T) {
	for see, want := range map[string]string{
		"RFC 8446":                 "[RFC 8446](https://www.rfc-editor.org/rfc/rfc8446)",
		"RFC 8446 4.4.2.4":         "[RFC 8446 4.4.2.4](https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2.4)",
		"RFC 8446 E.1":             "[RFC 8446 E.1](https://www.rfc-editor.org/rfc/rfc8446#appendix-E.1)",
		"golang/go#28779":          "[golang/go#28779](https://github.com/golang/go/issues/28779)",
		"https://example.test/a":   "<https://example.test/a>",
		"draft-ietf-tls-esni":      "[draft-ietf-tls-esni](https://datatracker.ietf.org/doc/draft-ietf-tls-esni/)",
		"SPIFFE X509-SVID 2":       "SPIFFE X509-SVID 2",
		"RFC 8446 [x](javascript:": `RFC 8446 \[x\](javascript:`,
	} {
		if got := reference(see); got != want {
			t.Errorf("%q: got %s, want %s", see, got, want)
		}
	}
}

// mentioned finds what reads like the id of a scenario, also where it is misspelt.
var mentioned = regexp.MustCompile(`\b([a-z]+)/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?`)

// A scenario that a text names exists, and becomes a link.
func TestTextsNameScenariosThatExist(t *testing.T) {
	list, err := scenario.LoadFS(scenarios.FS())
	if err != nil {
		t.Fatal(err)
	}
	ids, groups := known(list), map[string]bool{}
	for _, sc := range list {
		groups[sc.Group] = true
	}
	for _, sc := range list {
		for _, m := range mentioned.FindAllStringSubmatch(sc.About, -1) {
			if groups[m[1]] && !ids[m[0]] {
				t.Errorf("%s names %s, which does not exist", sc.ID, m[0])
			}
		}
	}
}
