package harness

import (
	"fmt"
	"strings"
	"time"

	"shakedown/harness/causes"
	"shakedown/harness/crossref"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// present writes a connection as the JSON contract has it.
func present(c *Connection, fields bool) ConnectionResult { return presentIn(nil, c, fields) }

// presentIn is present with the steps in the memory of a list, if it has room for them.
func presentIn(list []StepResult, c *Connection, fields bool) ConnectionResult {
	d := c.Diagnosis
	r := ConnectionResult{
		Mode: string(d.Mode), Outcome: string(d.Outcome), Side: string(d.Side), RefusedBy: string(d.RefusedBy), At: d.At,
		Likely: presentLikely(d.Likely),
		Causes: presentCauses(d.Causes), Further: presentCauses(d.Further), Missing: presentMissing(d.Missing), Unexplained: presentFacts(d.Unexplained),
		Client: presentSide(c.Transcript.Client.Outcome), Server: presentSide(c.Transcript.Server.Outcome),
		Negotiated: negotiated(c),
		Chains: ChainsResult{
			Server: presentChain(d.ServerChain), Client: presentChain(d.ClientChain),
			ServerPaths: presentPaths(d.ServerPaths), ClientPaths: presentPaths(d.ClientPaths),
		},
		Steps: presentSteps(list, c, fields), Notes: c.Notes,
	}
	if len(d.Causes) > 0 {
		r.Cause = d.Causes[0].ID
	}
	if d.Alert != nil {
		r.Alert = &AlertResult{From: string(d.Alert.From), Code: d.Alert.Code, Name: d.Alert.Name}
	}
	if d.Close != nil {
		r.Close = &CloseResult{From: string(d.Close.From), Code: d.Close.Code, Name: d.Close.Name, Reason: field.Printable(d.Close.Reason)}
	}
	return r
}

func presentCauses(list []diagnose.Cause) []CauseResult {
	out := make([]CauseResult, 0, len(list))
	for _, c := range list {
		known, _ := causes.Lookup(c.ID)
		r := CauseResult{ID: c.ID, Certain: c.Certain, Evidence: []string{}, Remedy: c.Remedy, Title: known.Title, Try: c.Try, Scenario: known.Scenario}
		for _, e := range c.Evidence {
			r.Evidence = append(r.Evidence, presentEvidence(e))
		}
		out = append(out, r)
	}
	return out
}

func presentLikely(l *diagnose.Likely) *LikelyResult {
	if l == nil {
		return nil
	}
	r := &LikelyResult{Outcome: string(l.Outcome), RefusedBy: string(l.RefusedBy), At: l.At, Evidence: []string{}}
	for _, e := range l.Evidence {
		r.Evidence = append(r.Evidence, presentEvidence(e))
	}
	return r
}

func presentMissing(list []diagnose.Missing) []MissingResult {
	out := make([]MissingResult, 0, len(list))
	for _, m := range list {
		out = append(out, MissingResult{What: m.What, Settles: m.Settles, Try: m.Try})
	}
	return out
}

func presentFacts(list []diagnose.Evidence) []string {
	out := make([]string, 0, len(list))
	for _, e := range list {
		out = append(out, presentEvidence(e))
	}
	return out
}

// presentEvidence puts the number of the step that shows it in front.
func presentEvidence(e diagnose.Evidence) string {
	if e.Step == 0 || strings.HasPrefix(e.Text, "step ") {
		return e.Text
	}
	return fmt.Sprintf("step %d: %s", e.Step, e.Text)
}

func presentSide(o outcome.Outcome) SideResult {
	r := SideResult{VerifiedChains: len(o.VerifiedChains), PeerCertificates: len(o.PeerCertificates), Known: o.Known}
	for _, f := range []*outcome.Failure{o.Unloadable, o.Handshake} {
		if f != nil {
			r.HandshakeError = field.Printable(f.Text)
			break
		}
	}
	if o.Late != nil {
		r.LateError = field.Printable(o.Late.Text)
	}
	return r
}

// negotiated says what both sides settled on: an endpoint's word where there is
// one, else what the wire shows.
func negotiated(c *Connection) NegotiatedResult {
	n := c.Transcript.Client.Outcome.Negotiated
	if n.Version == 0 {
		n = c.Transcript.Server.Outcome.Negotiated
	}
	if n.Version == 0 {
		t := c.Timeline
		n = outcome.Negotiated{Version: t.Version, CipherSuite: t.CipherSuite, Group: t.Group, ALPN: t.ALPN}
	}
	r := NegotiatedResult{ALPN: field.Printable(n.ALPN), Resumed: n.Resumed}
	if n.Version != 0 {
		r.Version = tlswire.VersionName(n.Version)
		r.CipherSuite = tlswire.CipherSuiteName(n.CipherSuite)
	}
	if n.Group != 0 {
		r.Group = tlswire.GroupName(n.Group)
	}
	return r
}

func presentChain(chain []diagnose.ChainCertificate) []CertificateResult {
	out := make([]CertificateResult, 0, len(chain))
	for _, c := range chain {
		r := CertificateResult{Subject: field.Printable(c.Subject), Issuer: field.Printable(c.Issuer), Role: c.Role, Problems: []ProblemResult{}}
		for _, p := range c.Problems {
			r.Problems = append(r.Problems, ProblemResult{ID: p.ID, Detail: field.Printable(p.Detail)})
		}
		out = append(out, r)
	}
	return out
}

func presentPaths(paths []diagnose.ChainPath) []PathResult {
	if len(paths) < 2 {
		return nil
	}
	var out []PathResult
	for _, p := range paths {
		r := PathResult{Anchored: p.Anchored, Fails: field.Printable(p.Fails)}
		for _, s := range p.Subjects {
			r.Subjects = append(r.Subjects, field.Printable(s))
		}
		out = append(out, r)
	}
	return out
}

func presentSteps(list []StepResult, c *Connection, fields bool) []StepResult {
	out := list[:0]
	if n := len(c.Timeline.Steps); out == nil || cap(out) < n {
		out = make([]StepResult, 0, n)
	}
	for _, s := range c.Timeline.Steps {
		out = append(out, StepResult{
			N: s.N, TimeUS: s.At.Microseconds(), From: string(s.From), Level: s.Level, Flight: s.Flight,
			Kind: s.Kind, Name: s.Name, Bytes: s.Bytes, Summary: s.Summary, Marks: presentMarks(s.Marks),
		})
	}
	if fields {
		telling := newTelling(c, nil)
		for i := range out {
			telling.complete(i, &out[i])
		}
	}
	return out
}

// A telling adds to the steps of a connection, one after the other, what comes
// with their fields.
type telling struct {
	steps []*dissect.Step
	book  *crossref.Book
	told  dissect.Told
}

// newTelling begins with the first step. Fields are made in room, or for ever if
// that is nil.
func newTelling(c *Connection, room *field.Room) *telling {
	return &telling{steps: c.Timeline.Steps, book: c.references(), told: dissect.Told{Room: room}}
}

// complete adds to the step of that index. What it has added to the step before
// is not valid any more where there is a room.
func (t *telling) complete(i int, r *StepResult) {
	if t.told.Room != nil {
		t.told.Room.Reset()
	}
	s := t.steps[i]
	tree, in := t.book.TreeAfter(s, &t.told)
	r.Fields, r.FieldsIn, r.Says, r.Checks = tree.Fields, in, t.book.Says(s), presentChecks(t.book.Checks(s))
}

func presentChecks(proofs []crossref.Proof) []CheckResult {
	if len(proofs) == 0 {
		return nil
	}
	out := make([]CheckResult, 0, len(proofs))
	for _, p := range proofs {
		out = append(out, CheckResult{Of: p.Of, Result: string(p.Result), Text: p.Text, Key: p.Key})
	}
	return out
}

func presentMarks(marks []transcript.Mark) []string {
	out := []string{}
	for _, m := range marks {
		out = append(out, string(m))
	}
	return out
}

// result puts the connections of one cell together and checks what was expected.
func (p *play) result(connections []*Connection, err error, took time.Duration) Result {
	sc := p.stage.scenario
	r := Result{
		Scenario: sc.ID, Title: sc.Title, File: sc.Path, Transport: string(p.cell.Transport), TLS: p.cell.TLS,
		Mismatches: []Mismatch{}, Connections: []ConnectionResult{}, DurationUS: took.Microseconds(),
		ConnectionResult: emptyConnection(),
	}
	for _, c := range connections {
		r.Connections = append(r.Connections, present(c, p.options.Fields))
	}
	if err != nil {
		r.Status, r.Reason = Errored, err.Error()
		return r
	}
	r.Status, r.Reason = Passed, p.luck()
	shown := len(connections) - 1
	for i, c := range connections {
		differences := compare(sc.Expect[i].In(p.cell), c, i+1)
		if len(differences) > 0 && r.Status == Passed {
			r.Status, shown = Failed, i
		}
		for _, m := range differences {
			m.Line = sc.ExpectLine(m.Connection, p.cell, m.Field)
			r.Mismatches = append(r.Mismatches, m)
		}
	}
	if missed := p.missed(connections); len(missed) > 0 {
		r.Status = Failed
		r.Mismatches = append(r.Mismatches, missed...)
	}
	r.ConnectionResult = r.Connections[shown]
	return r
}

// emptyConnection has every list present, as the contract wants.
func emptyConnection() ConnectionResult {
	return ConnectionResult{
		Causes: []CauseResult{}, Further: []CauseResult{}, Missing: []MissingResult{}, Unexplained: []string{}, Steps: []StepResult{},
		Chains: ChainsResult{Server: []CertificateResult{}, Client: []CertificateResult{}},
	}
}
