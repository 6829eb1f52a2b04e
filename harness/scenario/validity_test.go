package scenario

import (
	"strings"
	"testing"
	"time"
)

func TestACertificateThatIsNeverValidIsWarnedOf(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct{ name, text, want string }{
		{"the healthy pair", "title: a\n", ""},
		{
			"not_after alone", "pki:\n  server:\n    not_after: -1d\n",
			"a.yaml:3:5: the certificate of server is never valid: it ends at -1d, and begins an hour before the clock; state both dates, or write flaws: [inverted-validity] if that is meant",
		},
		{"both dates", "pki: {server: {not_before: -2d, not_after: -1d}}\n", ""},
		{
			"both dates, the other way round", "pki: {ca: {ca: true, not_before: +2d, not_after: +1d}}\n",
			"a.yaml:1:39: the certificate of ca is never valid: it ends at +1d, and begins at +2d; state both dates, or write flaws: [inverted-validity] if that is meant",
		},
		{"one second", "pki: {server: {not_before: -1d, not_after: -1d}}\n", ""},
		{
			"a day of long ago", "pki: {server: {not_after: 2020-01-01T00:00:00Z}}\n",
			"a.yaml:1:16: the certificate of server is never valid: it ends at 2020-01-01T00:00:00Z, and begins an hour before the clock; state both dates, or write flaws: [inverted-validity] if that is meant",
		},
		{"a day that the scenario's clock has not reached", "clock: 2019-06-01T00:00:00Z\npki: {server: {not_after: 2020-01-01T00:00:00Z}}\n", ""},
		{
			"it begins when it has ended", "pki: {server: {not_before: +100d}}\n",
			"a.yaml:1:16: the certificate of server is never valid: it ends 90 days after the clock, and begins at +100d; state both dates, or write flaws: [inverted-validity] if that is meant",
		},
		{"it is meant", "pki: {server: {not_after: -1d, flaws: [inverted-validity]}}\n", ""},
		{"a flaw replaces the dates", "pki: {server: {not_after: -1d, flaws: [expired]}}\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, w := range NeverValid(mustParse(t, "a.yaml", test.text), now) {
				head, _, _ := strings.Cut(w.Error(), "\n")
				got = append(got, head)
			}
			if g := strings.Join(got, "\n"); g != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", g, test.want)
			}
		})
	}
}
