package harness

import (
	"fmt"
	"strings"

	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
)

// compare checks what was expected of a connection field by field. A field that
// the expectation does not name is not checked.
func compare(want scenario.Result, c *Connection, number int) []Mismatch {
	v := verdict{connection: c, number: number}
	d := c.Diagnosis
	v.check("outcome", want.Outcome, string(d.Outcome), ending)
	v.check("side", want.Side, string(d.Side), nil)
	v.check("refused_by", want.RefusedBy, string(d.RefusedBy), ending)
	v.check("at", want.At, d.At, named(d.At))
	v.check("alert", want.Alert, alertName(d), isAlert)
	v.checkCause(want.Cause, d)
	v.checkFurther(want.Further, d)
	v.checkError("client_error", want.ClientError, c.Transcript.Client.Outcome)
	v.checkError("server_error", want.ServerError, c.Transcript.Server.Outcome)
	if want.Resumed != nil && *want.Resumed != negotiated(c).Resumed {
		v.differs("resumed", fmt.Sprint(*want.Resumed), fmt.Sprint(negotiated(c).Resumed), named("ServerHello"))
	}
	return v.mismatches
}

// A verdict gathers the differences of one connection.
type verdict struct {
	connection *Connection
	number     int
	mismatches []Mismatch
}

// shows says whether a step bears on a difference.
type shows func(*dissect.Step) bool

func (v *verdict) check(name string, want *string, got string, on shows) {
	if want == nil || *want == got {
		return
	}
	v.differs(name, *want, got, on)
}

func (v *verdict) differs(name, want, got string, on shows) {
	m := Mismatch{Connection: v.number, Field: name, Want: want, Got: got, Steps: []int{}}
	for _, s := range v.connection.Timeline.Steps {
		if on != nil && on(s) {
			m.Steps = append(m.Steps, s.N)
		}
	}
	v.mismatches = append(v.mismatches, m)
}

func (v *verdict) checkCause(want *string, d diagnose.Diagnosis) {
	got, evidence := "", map[int]bool{}
	if len(d.Causes) > 0 {
		got = d.Causes[0].ID
		for _, e := range d.Causes[0].Evidence {
			evidence[e.Step] = true
		}
	}
	if want != nil && *want == "none" {
		want = new(string)
	}
	v.check("cause", want, got, func(s *dissect.Step) bool { return evidence[s.N] || ending(s) })
}

func (v *verdict) checkFurther(want *[]string, d diagnose.Diagnosis) {
	if want == nil {
		return
	}
	var got []string
	for _, c := range d.Further {
		got = append(got, c.ID)
	}
	if w, g := strings.Join(*want, ", "), strings.Join(got, ", "); w != g {
		v.differs("further", w, g, nil)
	}
}

// checkError looks in the handshake error and the late error. An expectation of
// the empty string wants neither.
func (v *verdict) checkError(name string, want *string, o outcome.Outcome) {
	if want == nil {
		return
	}
	var texts []string
	for _, f := range []*outcome.Failure{o.Unloadable, o.Handshake, o.Late} {
		if f != nil {
			texts = append(texts, f.Text)
		}
	}
	if scenario.MatchText(*want, texts...) {
		return
	}
	v.differs(name, *want, strings.Join(texts, "; later: "), func(s *dissect.Step) bool {
		return s.Kind == dissect.KindLocal && s.From == o.Role
	})
}

func alertName(d diagnose.Diagnosis) string {
	if d.Alert == nil {
		return "none"
	}
	return d.Alert.Name
}

func isAlert(s *dissect.Step) bool { return s.Alert != nil }

// ending says that a step ends a connection.
func ending(s *dissect.Step) bool {
	return s.Alert != nil || s.Close != nil || s.Kind == dissect.KindTransport
}

func named(name string) shows {
	return func(s *dissect.Step) bool { return name != "" && s.Name == name || ending(s) }
}
