package report

import (
	"testing"

	"shakedown/harness"
)

func TestLine(t *testing.T) {
	refused := harness.ConnectionResult{
		Outcome: "refused", RefusedBy: "client", At: "Certificate",
		Alert: &harness.AlertResult{From: "client", Code: 42, Name: "bad_certificate"},
		Cause: "server-untrusted-ca", Causes: []harness.CauseResult{{ID: "server-untrusted-ca", Title: "Not \x1b[31mtrusted"}},
	}
	for _, test := range []struct {
		result harness.Result
		want   string
	}{
		{
			harness.Result{Scenario: "debug", Transport: "tcp", TLS: "1.3", Status: harness.Failed, ConnectionResult: refused},
			`debug (tcp 1.3): not as expected: refused by the client at Certificate, alert bad_certificate (42). Cause: server-untrusted-ca: Not \x1b[31mtrusted`,
		},
		{
			harness.Result{Scenario: "healthy/mutual", Transport: "quic", TLS: "1.3", Status: harness.Passed, ConnectionResult: harness.ConnectionResult{Outcome: "established"}},
			`healthy/mutual (quic 1.3): as expected: established`,
		},
		{
			harness.Result{Scenario: "a.yaml", Transport: "tcp", TLS: "1.2", Status: harness.Errored, Reason: "no socket:\nno room"},
			`a.yaml (tcp 1.2): could not run: no socket: no room`,
		},
	} {
		if got := Line(test.result); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

// A list leaves the steps out. That is not to say that there are none.
func TestHappenedWithoutSteps(t *testing.T) {
	for _, test := range []struct {
		result harness.ConnectionResult
		want   string
	}{
		{harness.ConnectionResult{}, "the recording does not show what became of it"},
		{
			harness.ConnectionResult{Likely: &harness.LikelyResult{Outcome: "refused", RefusedBy: "server", At: "Certificate"}},
			"the recording does not show what became of it, probably refused by the server at Certificate",
		},
		{harness.ConnectionResult{Outcome: "timeout"}, "timeout: the deadline came"},
	} {
		if got := Happened(test.result); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestApplicationDataSaysItsSizeOnce(t *testing.T) {
	for summary, want := range map[string]string{
		"5206 bytes":                    "server to client: application data, 5,206 bytes",
		`5206 bytes: "HTTP/1.0 200 ok"`: `server to client: application data, 5,206 bytes: "HTTP/1.0 200 ok"`,
		"valid for 2 hours":             "server to client: application data, 5,206 bytes: valid for 2 hours",
	} {
		s := harness.StepResult{From: "server", Kind: "application_data", Name: "application data", Bytes: 5206, Summary: summary}
		if got := stepLine(s); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
