package harness

import (
	"context"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/scenario"
)

const resumption = `
title: the second connection resumes the first one's session
server: {tickets: true}
client: {tickets: true}
script: [{connect: {}}, {connect: {resume: true}}, {connect: {}}]
expect:
  - {outcome: established, resumed: false}
  - {outcome: established, resumed: true}
  - {outcome: established, resumed: false}
`

// A resumed handshake is read to its end too, although Go logs no secret for a
// TLS 1.2 session that it resumes.
func TestAScriptResumesWhereItSaysSo(t *testing.T) {
	report, err := RunSuite(context.Background(), []*scenario.Scenario{parse(t, resumption)}, SuiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Results) != 3 {
		t.Fatalf("%d cells, want 3", len(report.Results))
	}
	for _, r := range report.Results {
		if r.Status != Passed || len(r.Connections) != 3 {
			t.Errorf("%s %s: %s %s %v", r.Transport, r.TLS, r.Status, r.Reason, r.Mismatches)
		}
		for i, c := range r.Connections {
			for _, s := range c.Steps {
				if s.Kind == dissect.KindHandshake && s.Name == "Certificate" && i == 1 {
					t.Errorf("%s %s: a resumed handshake has a Certificate", r.Transport, r.TLS)
				}
			}
		}
	}
}

// cutOff says that a step is the part that was sent of a message, when a QUIC
// stack ended the connection: the rest never left the other, and how much that is
// depends on both.
func cutOff(c *Connection, s *dissect.Step) bool {
	closed := func(s *dissect.Step) bool { return s.Close != nil && s.Close.Code != 0 }
	return strings.Contains(s.Summary, "part of ") && slices.ContainsFunc(c.Timeline.Steps, closed)
}

func TestEveryByteOfEveryScenarioIsRead(t *testing.T) {
	for _, sc := range append(sampled(t), parse(t, resumption)) {
		ready, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range sc.Cells {
			connections, err := newPlay(ready, cell, Options{Carrier: Memory}).run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range connections {
				// Without a ServerHello nobody knows the cipher suite.
				if c.Timeline.Unread > early(c) && answered(c) {
					t.Errorf("%s %s, connection %d: %d protected units could not be read", sc.ID, cell, i+1, c.Timeline.Unread)
				}
				for _, s := range c.Timeline.Steps {
					if s.Err != nil && answered(c) && s.Level != dissect.Early && !cutOff(c, s) {
						t.Errorf("%s %s, connection %d, step %d %s: %v", sc.ID, cell, i+1, s.N, s.Name, s.Err)
					}
				}
			}
		}
	}
}

// early counts the 0-RTT packets: crypto/tls logs no secret for them.
func early(c *Connection) (n int) {
	for _, s := range c.Timeline.Steps {
		if s.Level == dissect.Early {
			n++
		}
	}
	return n
}

func answered(c *Connection) bool {
	return slices.ContainsFunc(c.Timeline.Steps, func(s *dissect.Step) bool { return s.Name == "ServerHello" })
}

// A difference names what was wanted, what came, and the steps that show it.
func TestAWrongExpectationIsADifferenceWithItsSteps(t *testing.T) {
	const wrong = `
title: the wrong alert is expected
client: {present: []}
matrix: {transport: [tcp], tls: ["1.3"]}
expect: {outcome: refused, refused_by: client, at: Certificate, alert: bad_certificate, cause: client-expired, server_error: "/provide .* certificate/", client_error: nonsense}
`
	report, err := RunSuite(context.Background(), []*scenario.Scenario{parse(t, wrong)}, SuiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r := report.Results[0]
	if r.Status != Failed || report.Summary.Failed != 1 {
		t.Fatalf("status %s, want failed", r.Status)
	}
	got := map[string]Mismatch{}
	for _, m := range r.Mismatches {
		got[m.Field] = m
	}
	for field, want := range map[string][2]string{
		"refused_by":   {"client", "server"},
		"alert":        {"bad_certificate", "certificate_required"},
		"cause":        {"client-expired", "client-no-cert"},
		"client_error": {"nonsense", "remote error: tls: certificate required"},
	} {
		m, ok := got[field]
		if !ok || m.Want != want[0] || m.Got != want[1] || len(m.Steps) == 0 {
			t.Errorf("%s: got %+v, want %v with steps", field, m, want)
		}
		delete(got, field)
	}
	if len(got) > 0 {
		t.Errorf("unexpected differences: %v", got)
	}
}

func TestShardsTogetherCoverEverythingOnce(t *testing.T) {
	list := builtIn(t)
	whole, err := SuiteOptions{}.jobs(list)
	if err != nil {
		t.Fatal(err)
	}
	for _, shards := range []int{1, 2, 3, 7, 100} {
		seen := map[string]int{}
		for i := 1; i <= shards; i++ {
			part, err := SuiteOptions{ShardIndex: i, ShardCount: shards}.jobs(list)
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range part {
				seen[j.sc.ID+" "+j.cell.String()]++
			}
			if spread := len(whole)/shards + 1; len(part) > spread {
				t.Errorf("shard %d/%d has %d cells, want at most %d", i, shards, len(part), spread)
			}
		}
		if len(seen) != len(whole) {
			t.Errorf("%d shards cover %d cells, want %d", shards, len(seen), len(whole))
		}
		for cell, n := range seen {
			if n != 1 {
				t.Errorf("%d shards run %s %d times", shards, cell, n)
			}
		}
	}
}

// Ending a run from outside leaves nothing behind and is told as such.
func TestARunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := RunSuite(ctx, builtIn(t), SuiteOptions{}); err == nil {
		t.Error("a run whose context has ended reports no error")
	}
}
