package nearest

import (
	"strings"
	"testing"
)

func TestWord(t *testing.T) {
	words := []string{"server-root", "server-ca", "server", "client_auth", "bad_certificate", "run", "list", "trust/unknown-client-ca", ""}
	for word, want := range map[string]string{
		"sever": "server", "server-rot": "server-root", "servre": "server", "SERVER": "server", "client-auth": "client_auth",
		"bad_cert": "bad_certificate", "certificate": "bad_certificate", "unknown-client": "trust/unknown-client-ca",
		"rnu": "run", "lits": "list", "x": "", "": "", "quux": "", strings.Repeat("server", 20): "",
	} {
		if got := Word(word, words); got != want {
			t.Errorf("Word(%q) = %q, want %q", word, got, want)
		}
	}
	if got := Word("b", []string{"a"}); got != "" {
		t.Errorf("Word(b) = %q: no letter of it is left", got)
	}
}
