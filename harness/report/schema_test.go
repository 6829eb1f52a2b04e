package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"shakedown/harness"

	"github.com/google/go-cmp/cmp"
)

// A shape describes JSON: an object's keys, a list's element, or a kind of value.
type shape any

type (
	object map[string]shape
	each   struct{ of shape }
	maybe  struct{ of shape } // null is allowed
)

// contract is the JSON result, key by key.
func contract() object {
	causes := each{object{"id": "", "certain": true, "evidence": each{""}, "remedy": "", "title": "", "try": "", "scenario": ""}}
	side := object{"handshake_error": "", "late_error": "", "verified_chains": 0.0, "peer_certificates": 0.0, "known": true}
	chain := each{object{"subject": "", "issuer": "", "role": "", "problems": each{object{"id": "", "detail": ""}}}}
	paths := each{object{"subjects": each{""}, "anchored": true, "fails": ""}}
	connection := object{
		"mode": "", "outcome": "", "side": "", "refused_by": "", "at": "",
		"alert":  maybe{object{"from": "", "code": 0.0, "name": ""}},
		"close":  maybe{object{"from": "", "code": 0.0, "name": "", "reason": ""}},
		"likely": maybe{object{"outcome": "", "refused_by": "", "at": "", "evidence": each{""}}},
		"cause":  "", "causes": causes, "further": causes,
		"missing": each{object{"what": "", "settles": "", "try": ""}}, "unexplained": each{""},
		"client": side, "server": side,
		"negotiated": object{"version": "", "cipher_suite": "", "group": "", "alpn": "", "resumed": true},
		"chains":     object{"server": chain, "client": chain, "server_paths?": paths, "client_paths?": paths},
		"steps": each{object{
			"n": 0.0, "time_us": 0.0, "from": "", "level": "", "flight": 0.0, "kind": "", "name": "", "bytes": 0.0, "summary": "", "marks": each{""},
			"fields?": each{object{"label": "", "buffer": "", "start": 0.0, "end": 0.0, "value": "", "meaning": "", "section": "", "bits?": ""}},
		}},
	}
	result := object{
		"scenario": "", "title": "", "file": "", "transport": "", "tls": "", "status": "", "reason": "",
		"mismatches":  each{object{"connection": 0.0, "field": "", "want": "", "got": "", "steps": each{0.0}}},
		"connections": each{connection}, "duration_us": 0.0,
	}
	for key, s := range connection {
		result[key] = s
	}
	return result
}

// conform returns where v differs from s.
func conform(path string, s shape, v any) []string {
	switch s := s.(type) {
	case maybe:
		if v == nil {
			return nil
		}
		return conform(path, s.of, v)
	case each:
		values, ok := v.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %T, want a list", path, v)}
		}
		var wrong []string
		for i, v := range values {
			wrong = append(wrong, conform(fmt.Sprintf("%s[%d]", path, i), s.of, v)...)
		}
		return wrong
	case object:
		values, ok := v.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %T, want an object", path, v)}
		}
		var wrong []string
		for key, s := range s {
			name, optional := strings.CutSuffix(key, "?")
			v, there := values[name]
			if there {
				wrong = append(wrong, conform(path+"."+name, s, v)...)
			} else if !optional {
				wrong = append(wrong, path+"."+name+" is missing")
			}
		}
		for key := range values {
			if s[key] == nil && s[key+"?"] == nil {
				wrong = append(wrong, path+"."+key+" is no part of the contract")
			}
		}
		return wrong
	}
	if fmt.Sprintf("%T", s) != fmt.Sprintf("%T", v) {
		return []string{fmt.Sprintf("%s is %T, want %T", path, v, s)}
	}
	return nil
}

func TestJSONContract(t *testing.T) {
	document := object{
		"version": 0.0,
		"results": each{contract()},
		"summary": object{"total": 0.0, "passed": 0.0, "failed": 0.0, "errors": 0.0, "skipped": 0.0, "duration_ms": 0.0},
	}
	for name, r := range map[string]harness.Report{
		"everything":    sample(),
		"nothing":       {},
		"a zero result": {Results: []harness.Result{{Connections: make([]harness.ConnectionResult, 1), Mismatches: make([]harness.Mismatch, 1)}}},
	} {
		var got any
		if err := json.Unmarshal(render(t, "json", Options{}, r), &got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if wrong := conform("report", document, got); wrong != nil {
			slices.Sort(wrong)
			t.Errorf("%s:\n%s", name, strings.Join(wrong, "\n"))
		}
	}
}

// TestJSONKeepsText reads back what was escaped: escaping loses nothing but
// bytes that are no UTF-8.
func TestJSONKeepsText(t *testing.T) {
	want := awkward()
	var got harness.Report
	if err := json.Unmarshal(render(t, "json", Options{}, harness.Report{Results: []harness.Result{want}}), &got); err != nil {
		t.Fatal(err)
	}
	text := strings.ToValidUTF8(want.Client.HandshakeError, "\ufffd")
	if diff := cmp.Diff(text, got.Results[0].Client.HandshakeError); diff != "" {
		t.Errorf("client.handshake_error (-want +got):\n%s", diff)
	}
}

func TestJSONLIsTheResultsOfJSON(t *testing.T) {
	var whole struct{ Results []any }
	if err := json.Unmarshal(render(t, "json", Options{}, sample()), &whole); err != nil {
		t.Fatal(err)
	}
	var lines []any
	d := json.NewDecoder(bytes.NewReader(render(t, "jsonl", Options{}, sample())))
	for {
		var v any
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, v)
	}
	if diff := cmp.Diff(whole.Results, lines); diff != "" {
		t.Errorf("jsonl differs from json's results (-json +jsonl):\n%s", diff)
	}
}

// TestJSONLeavesTheResultAlone: making lists whole must not reach into what the caller holds.
func TestJSONLeavesTheResultAlone(t *testing.T) {
	r := sample()
	render(t, "json", Options{}, r)
	if diff := cmp.Diff(sample(), r); diff != "" {
		t.Errorf("writing changed the report (-want +got):\n%s", diff)
	}
}

// A rule is what the schema of the Jenkins JUnit plugin (junit-10.xsd) says of an element.
type rule struct{ required, optional, children []string }

var junitSchema = map[string]rule{
	"testsuites": {optional: []string{"name", "time", "tests", "failures", "errors"}, children: []string{"testsuite"}},
	"testsuite": {
		required: []string{"name", "tests", "failures", "errors"},
		optional: []string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		children: []string{"testsuite", "properties", "testcase", "system-out", "system-err"},
	},
	"testcase": {
		required: []string{"name"}, optional: []string{"time", "classname", "group"},
		children: []string{"skipped", "error", "failure", "system-out", "system-err"},
	},
	"failure":    {optional: []string{"type", "message"}},
	"error":      {optional: []string{"type", "message"}},
	"skipped":    {optional: []string{"type", "message"}},
	"system-out": {},
}

func TestJUnitSchema(t *testing.T) {
	text := render(t, "junit", options(), sample())
	d := xml.NewDecoder(bytes.NewReader(text))
	var open []string
	count := map[string]int{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("no well-formed XML: %v", err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			parent := "the document"
			if len(open) > 0 {
				parent = open[len(open)-1]
				if !slices.Contains(junitSchema[parent].children, e.Name.Local) {
					t.Errorf("<%s> in <%s>", e.Name.Local, parent)
				}
			} else if e.Name.Local != "testsuites" {
				t.Errorf("the document is a <%s>", e.Name.Local)
			}
			open = append(open, e.Name.Local)
			count[e.Name.Local]++
			checkAttributes(t, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 && len(junitSchema[open[len(open)-1]].children) > 0 && strings.TrimSpace(string(e)) != "" {
				t.Errorf("text %q in <%s>", e, open[len(open)-1])
			}
		}
	}
	want := map[string]int{"testsuites": 1, "testsuite": 6, "testcase": 8, "failure": 2, "error": 1, "skipped": 1, "system-out": 4}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("elements (-want +got):\n%s", diff)
	}
}

// surefireTime is the schema's SUREFIRE_TIME.
var surefireTime = regexp.MustCompile(`^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$`)

func checkAttributes(t *testing.T, e xml.StartElement) {
	t.Helper()
	r := junitSchema[e.Name.Local]
	have := map[string]bool{}
	for _, a := range e.Attr {
		have[a.Name.Local] = true
		if a.Name.Local == "time" && !surefireTime.MatchString(a.Value) {
			t.Errorf("<%s time=%q>", e.Name.Local, a.Value)
		}
		if !slices.Contains(r.required, a.Name.Local) && !slices.Contains(r.optional, a.Name.Local) {
			t.Errorf("<%s %s=…> is not in the schema", e.Name.Local, a.Name.Local)
		}
	}
	for _, name := range r.required {
		if !have[name] {
			t.Errorf("<%s> without %s", e.Name.Local, name)
		}
	}
}

// TestGitHubOneCommandALine: whatever a message holds, each line is one whole
// command, or the counts at the end.
func TestGitHubOneCommandALine(t *testing.T) {
	lines := strings.Split(strings.TrimRight(string(render(t, "github", options(), sample())), "\n"), "\n")
	if len(lines) != 5 {
		t.Fatalf("%d lines, want 3 errors, 1 notice and the counts:\n%s", len(lines), strings.Join(lines, "\n"))
	}
	for i, kind := range []string{"::error title=", "::error file=scenarios/session/resumed%2C 100%25.yaml,line=7,title=", "::notice title=", "::error title=", "shakedown: "} {
		if !strings.HasPrefix(lines[i], kind) {
			t.Errorf("line %d begins %.60q, want %q", i+1, lines[i], kind)
		}
	}
}

// TestMarkdownTable counts the columns of every row as a Markdown reader does.
func TestMarkdownTable(t *testing.T) {
	rows := 0
	for _, line := range strings.Split(string(render(t, "markdown", options(), sample())), "\n") {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		rows++
		bars := strings.Count(line, "|") - strings.Count(line, `\|`)
		if bars != 6 {
			t.Errorf("%d columns, want 5: %s", bars-1, line)
		}
	}
	if rows != 2+8 {
		t.Errorf("%d rows, want a head of 2 and 8 results", rows)
	}
}
