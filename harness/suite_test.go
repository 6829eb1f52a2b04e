package harness

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"shakedown/harness/scenario"
	"shakedown/scenarios"
)

func builtIn(t testing.TB) []*scenario.Scenario {
	t.Helper()
	list, err := scenario.LoadFS(scenarios.FS())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Every built-in scenario does what it says, over sockets and over memory.
func TestEveryBuiltInScenarioPasses(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, carrier := range []Carrier{Loopback, Memory} {
		t.Run(string(carrier), func(t *testing.T) {
			report, err := RunSuite(context.Background(), builtIn(t), SuiteOptions{Options: Options{Carrier: carrier}})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				if r.Status != Passed {
					t.Errorf("%s %s %s: %s %s", r.Scenario, r.Transport, r.TLS, r.Status, r.Reason)
				}
				for _, m := range r.Mismatches {
					t.Errorf("%s %s %s: %s: got %q, want %q (steps %v)", r.Scenario, r.Transport, r.TLS, m.Field, m.Got, m.Want, m.Steps)
				}
			}
		})
	}
}
