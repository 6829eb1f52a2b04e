package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strings"

	"shakedown/harness"
)

// JUnit writes the XML that CI systems read: a suite for each group, a case for
// each result. It keeps to what the schema of the Jenkins JUnit plugin allows.
// It writes at End, because a suite begins with its counts.
type JUnit struct {
	w      io.Writer
	suites []junitSuite
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
	us       int64
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	Classname string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Skipped   *junitMessage `xml:"skipped,omitempty"`
	Error     *junitMessage `xml:"error,omitempty"`
	Failure   *junitMessage `xml:"failure,omitempty"`
	SystemOut *junitText    `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

type junitText struct {
	Text string `xml:",chardata"`
}

// NewJUnit returns a JUnit writer.
func NewJUnit(w io.Writer) *JUnit { return &JUnit{w: w} }

// Begin does nothing.
func (j *JUnit) Begin(int) error { return nil }

// Result adds a case to the suite of its group.
func (j *JUnit) Result(r harness.Result) error {
	group := path.Dir(r.Scenario)
	if group == "." {
		group = "shakedown"
	}
	suite := j.suite(clean(group))
	c := junitCase{
		Name:      clean(path.Base(r.Scenario)),
		Classname: suite.Name,
		Time:      seconds(r.DurationUS),
	}
	if in := cell(r); in != "" {
		c.Name += " (" + clean(in) + ")"
	}
	suite.Tests++
	suite.us += r.DurationUS
	switch r.Status {
	case harness.Failed:
		suite.Failures++
		c.Failure = &junitMessage{Type: "mismatch", Message: summary(r), Text: differenceText(r)}
	case harness.Errored:
		suite.Errors++
		c.Error = &junitMessage{Type: "error", Message: summary(r), Text: differenceText(r)}
	case harness.Skipped:
		suite.Skipped++
		c.Skipped = &junitMessage{Message: summary(r)}
	default:
		c.SystemOut = &junitText{Text: happened(r.ConnectionResult) + "\n"}
	}
	suite.Cases = append(suite.Cases, c)
	return nil
}

func (j *JUnit) suite(name string) *junitSuite {
	for i := range j.suites {
		if j.suites[i].Name == name {
			return &j.suites[i]
		}
	}
	j.suites = append(j.suites, junitSuite{Name: name})
	return &j.suites[len(j.suites)-1]
}

// End writes the document.
func (j *JUnit) End(s harness.Summary) error {
	for i := range j.suites {
		j.suites[i].Time = seconds(j.suites[i].us)
	}
	text, err := xml.MarshalIndent(junitSuites{
		Name:     "shakedown",
		Tests:    s.Total,
		Failures: s.Failed,
		Errors:   s.Errors,
		Time:     seconds(s.DurationMS * 1000),
		Suites:   j.suites,
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode JUnit: %w", err)
	}
	// encoding/xml writes a line's end as a reference, which XML asks for in
	// attributes alone; no attribute here has one.
	text = bytes.ReplaceAll(text, []byte("&#xA;"), []byte("\n"))
	_, err = fmt.Fprintf(j.w, "%s%s\n", xml.Header, text)
	return err
}

// differenceText tells in full, without colour, why r did not pass.
func differenceText(r harness.Result) string {
	var b strings.Builder
	t := NewText(&b, Options{Story: true})
	// A strings.Builder takes every write.
	_ = t.Result(r)
	_ = t.End(harness.Summary{})
	return b.String()
}

// summary is a result that did not pass in one line.
func summary(r harness.Result) string {
	if len(r.Mismatches) == 0 {
		return strings.Join(cleanLines(r.Reason), " ")
	}
	parts := make([]string, 0, len(r.Mismatches))
	for _, m := range r.Mismatches {
		parts = append(parts, wanted(m, len(r.Connections)))
	}
	return strings.Join(parts, "; ")
}

// seconds is a duration as JUnit has it.
func seconds(us int64) string { return fmt.Sprintf("%.6f", float64(us)/1e6) }
