package explain

import (
	"strings"
	"testing"
)

func TestReadDates(t *testing.T) {
	const expired = "x509: certificate has expired or is not yet valid: current time "
	tests := []struct{ line, says, first string }{
		{expired + "2026-03-01T12:00:00Z is after 2026-02-19T12:00:00Z", "expired 10 days before", "server-expired"},
		{expired + "2026-03-01T12:00:00+01:00 is after 2026-03-01T10:59:59Z", "expired 1s before", "server-expired"},
		{expired + "1970-01-01T00:00:09Z is before 2026-02-19T12:00:00Z", "becomes valid 56 years after the time that the side with this log takes for now, 1970-01-01 00:00:09. That far apart, the clock is the first suspect.", "client-clock-behind"},
		{expired + "2126-03-01T12:00:00Z is after 2026-02-19T12:00:00Z", "the clock is the first suspect", "client-clock-ahead"},
		{expired + "9999-03-01T12:00:00Z is after 2026-02-19T12:00:00Z", "expired centuries before", "client-clock-ahead"},
		{expired + "yesterday is after today", "", "server-expired"},
		{expired + "2020-03-01T12:00:00Z is after 2026-02-19T12:00:00Z", "", "server-expired"},
	}
	for _, tt := range tests {
		e, ok := Explain(tt.line)
		if !ok || len(e.Candidates) == 0 || e.Candidates[0].ID != tt.first {
			t.Errorf("%s: got %v, want %s first", tt.line, ids(e), tt.first)
		}
		if got := strings.Join(e.Remarks, " "); !strings.Contains(got, tt.says) || tt.says == "" && got != "" {
			t.Errorf("%s: got the remark %q, want %q in it", tt.line, got, tt.says)
		}
	}
}
