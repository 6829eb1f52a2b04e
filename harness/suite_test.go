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

// sampled are the built-in scenarios, or under -short, as the race detector runs
// with, every sixth of them: for tests that ask much of each.
func sampled(t testing.TB) []*scenario.Scenario {
	t.Helper()
	list := builtIn(t)
	if !testing.Short() {
		return list
	}
	var some []*scenario.Scenario
	for i := 0; i < len(list); i += 6 {
		some = append(some, list[i])
	}
	return some
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
