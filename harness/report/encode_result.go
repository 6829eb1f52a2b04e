package report

import (
	"io"
	"strconv"

	"shakedown/harness"
	"shakedown/harness/field"
)

// A resultEncoder writes results. Every list is written as one, also where it is
// nil: readers need not tell null from empty.
type resultEncoder struct {
	encoder
	// steps is the list of steps that was written last, and from and to are where
	// that is: a result repeats one of its connections, fields and all.
	steps    []harness.StepResult
	from, to int
}

// writeResults writes what add encodes, and a newline.
func writeResults(w io.Writer, e *resultEncoder, add func(e *resultEncoder)) error {
	e.b, e.depth, e.first, e.steps = e.b[:0], 0, true, nil
	add(e)
	e.b = append(e.b, '\n')
	_, err := w.Write(e.b)
	return err
}

func (e *resultEncoder) report(r harness.Report) {
	e.begin('{')
	e.number("version", int64(r.Version))
	e.key("results")
	e.begin('[')
	for i := range r.Results {
		e.next()
		e.result(&r.Results[i])
	}
	e.end(']')
	e.key("summary")
	e.begin('{')
	e.number("total", int64(r.Summary.Total))
	e.number("passed", int64(r.Summary.Passed))
	e.number("failed", int64(r.Summary.Failed))
	e.number("errors", int64(r.Summary.Errors))
	e.number("skipped", int64(r.Summary.Skipped))
	e.number("duration_ms", r.Summary.DurationMS)
	e.end('}')
	e.end('}')
}

func (e *resultEncoder) result(r *harness.Result) {
	e.begin('{')
	e.text("scenario", r.Scenario)
	e.text("title", r.Title)
	e.text("file", r.File)
	e.text("transport", r.Transport)
	e.text("tls", r.TLS)
	e.text("status", string(r.Status))
	e.text("reason", r.Reason)
	e.key("mismatches")
	e.begin('[')
	for i := range r.Mismatches {
		e.next()
		e.mismatch(&r.Mismatches[i])
	}
	e.end(']')
	e.connection(&r.ConnectionResult)
	e.key("connections")
	e.begin('[')
	for i := range r.Connections {
		e.next()
		e.begin('{')
		e.connection(&r.Connections[i])
		e.end('}')
	}
	e.end(']')
	e.number("duration_us", r.DurationUS)
	e.end('}')
}

func (e *resultEncoder) mismatch(m *harness.Mismatch) {
	e.begin('{')
	e.number("connection", int64(m.Connection))
	e.text("field", m.Field)
	e.text("want", m.Want)
	e.text("got", m.Got)
	e.key("steps")
	e.begin('[')
	for _, n := range m.Steps {
		e.next()
		e.b = strconv.AppendInt(e.b, int64(n), 10)
	}
	e.end(']')
	e.end('}')
}

// connection writes the members of a connection.
func (e *resultEncoder) connection(c *harness.ConnectionResult) {
	e.text("outcome", c.Outcome)
	e.text("side", c.Side)
	e.text("refused_by", c.RefusedBy)
	e.text("at", c.At)
	e.key("alert")
	if a := c.Alert; a == nil {
		e.b = append(e.b, "null"...)
	} else {
		e.begin('{')
		e.text("from", a.From)
		e.number("code", int64(a.Code))
		e.text("name", a.Name)
		e.end('}')
	}
	e.key("close")
	if s := c.Close; s == nil {
		e.b = append(e.b, "null"...)
	} else {
		e.begin('{')
		e.text("from", s.From)
		e.key("code")
		e.b = strconv.AppendUint(e.b, s.Code, 10)
		e.text("name", s.Name)
		e.text("reason", s.Reason)
		e.end('}')
	}
	e.text("cause", c.Cause)
	e.causes("causes", c.Causes)
	e.causes("further", c.Further)
	e.side("client", &c.Client)
	e.side("server", &c.Server)
	e.key("negotiated")
	e.begin('{')
	e.text("version", c.Negotiated.Version)
	e.text("cipher_suite", c.Negotiated.CipherSuite)
	e.text("group", c.Negotiated.Group)
	e.text("alpn", c.Negotiated.ALPN)
	e.truth("resumed", c.Negotiated.Resumed)
	e.end('}')
	e.key("chains")
	e.begin('{')
	e.chain("server", c.Chains.Server)
	e.chain("client", c.Chains.Client)
	e.end('}')
	e.key("steps")
	e.stepList(c.Steps)
}

func (e *resultEncoder) causes(name string, causes []harness.CauseResult) {
	e.key(name)
	e.begin('[')
	for i := range causes {
		c := &causes[i]
		e.next()
		e.begin('{')
		e.text("id", c.ID)
		e.truth("certain", c.Certain)
		e.texts("evidence", c.Evidence)
		e.text("remedy", c.Remedy)
		e.text("title", c.Title)
		e.text("try", c.Try)
		e.text("scenario", c.Scenario)
		e.end('}')
	}
	e.end(']')
}

func (e *resultEncoder) side(name string, s *harness.SideResult) {
	e.key(name)
	e.begin('{')
	e.text("handshake_error", s.HandshakeError)
	e.text("late_error", s.LateError)
	e.number("verified_chains", int64(s.VerifiedChains))
	e.number("peer_certificates", int64(s.PeerCertificates))
	e.truth("known", s.Known)
	e.end('}')
}

func (e *resultEncoder) chain(name string, chain []harness.CertificateResult) {
	e.key(name)
	e.begin('[')
	for i := range chain {
		c := &chain[i]
		e.next()
		e.begin('{')
		e.text("subject", c.Subject)
		e.text("issuer", c.Issuer)
		e.text("role", c.Role)
		e.key("problems")
		e.begin('[')
		for _, p := range c.Problems {
			e.next()
			e.begin('{')
			e.text("id", p.ID)
			e.text("detail", p.Detail)
			e.end('}')
		}
		e.end(']')
		e.end('}')
	}
	e.end(']')
}

// stepList writes steps, or repeats what was written of the same list. On lines
// the two differ by their indentation.
func (e *resultEncoder) stepList(steps []harness.StepResult) {
	if e.indent == "" && len(steps) > 0 && len(steps) == len(e.steps) && &steps[0] == &e.steps[0] {
		e.b = append(e.b, e.b[e.from:e.to]...)
		return
	}
	e.from = len(e.b)
	e.begin('[')
	for i := range steps {
		e.next()
		e.step(&steps[i])
	}
	e.end(']')
	e.steps, e.to = steps, len(e.b)
}

func (e *resultEncoder) step(s *harness.StepResult) {
	e.begin('{')
	e.number("n", int64(s.N))
	e.number("time_us", s.TimeUS)
	e.text("from", s.From)
	e.text("level", string(s.Level))
	e.number("flight", int64(s.Flight))
	e.text("kind", string(s.Kind))
	e.text("name", s.Name)
	e.number("bytes", int64(s.Bytes))
	e.text("summary", s.Summary)
	e.texts("marks", s.Marks)
	if len(s.Fields) > 0 {
		e.key("fields")
		e.fields(s.Fields)
	}
	if len(s.Says) > 0 {
		e.texts("says", s.Says)
	}
	if len(s.Checks) > 0 {
		e.checks(s.Checks)
	}
	e.end('}')
}

func (e *encoder) checks(checks []harness.CheckResult) {
	e.key("checks")
	e.begin('[')
	for i := range checks {
		c := &checks[i]
		e.next()
		e.begin('{')
		e.text("of", c.Of)
		e.text("result", c.Result)
		e.text("text", c.Text)
		if c.Key != 0 {
			e.number("key", int64(c.Key))
		}
		e.end('}')
	}
	e.end(']')
}

func (e *encoder) fields(fields []field.Field) {
	e.begin('[')
	for i := range fields {
		f := &fields[i]
		e.next()
		e.begin('{')
		e.text("label", f.Label)
		e.text("buffer", f.Buffer)
		e.number("start", int64(f.Start))
		e.number("end", int64(f.End))
		e.text("value", f.Value)
		e.text("meaning", f.Meaning)
		e.text("section", f.Section)
		if f.Bits != "" {
			e.text("bits", f.Bits)
		}
		if len(f.Fields) > 0 {
			e.key("fields")
			e.fields(f.Fields)
		}
		e.end('}')
	}
	e.end(']')
}
