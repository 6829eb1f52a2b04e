package report

import (
	"fmt"
	"strings"
	"testing"

	"shakedown/harness"
)

func TestAbridged(t *testing.T) {
	names := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("n%d.test", i)
		}
		return strings.Join(list, ", ")
	}
	const before = "tls: failed to verify certificate: x509: certificate is valid for "
	for _, tt := range []struct{ name, text, want string }{
		{"another error", "EOF", "EOF"},
		{"few names", before + names(6) + ", not api.test", before + names(6) + ", not api.test"},
		{"many names", before + names(50) + ", not api.test", before + names(5) + " and 45 more, not api.test"},
		{"many that were cut", `the client says "` + before + names(12) + `, n12.te…"`, `the client says "` + before + names(5) + ` and more"`},
		{"no names", before, before},
		{"a name that looks like the end", before + "a, not b, " + names(9) + ", not api.test", before + "a, not b, n0.test, n1.test, n2.test and 6 more, not api.test"},
	} {
		if got := abridged(tt.text); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}

	r := refused(harness.Passed)
	r.Client.HandshakeError = before + names(50) + ", not api.test"
	r.Connections = []harness.ConnectionResult{r.ConnectionResult}
	o := options()
	o.Story = true
	report := harness.Report{Results: []harness.Result{r}, Summary: harness.Summary{Total: 1, Passed: 1}}
	if text := string(render(t, "text", o, report)); !strings.Contains(text, "n4.test and 45 more, not api.test") || strings.Contains(text, "n5.test") {
		t.Errorf("the text has all names:\n%s", text)
	}
	if text := string(render(t, "json", o, report)); !strings.Contains(text, "n49.test, not api.test") {
		t.Errorf("the JSON has not all names:\n%s", text)
	}
}
