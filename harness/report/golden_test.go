package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"shakedown/harness"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// What else would go wrong is not told as certain where it is not.
func TestFurtherCausesThatAreNotCertain(t *testing.T) {
	o, result := options(), refused(harness.Passed)
	o.Story = true
	further := []harness.CauseResult{{ID: "server-missing-intermediate", Title: "It lacks one"}}
	result.Further = further
	for i := range result.Connections {
		result.Connections[i].Further = further
	}
	text := string(render(t, "text", o, harness.Report{Results: []harness.Result{result}, Summary: harness.Summary{Total: 1, Failed: 1}}))
	if !strings.Contains(text, "further, perhaps: server-missing-intermediate: It lacks one") {
		t.Errorf("got\n%s", text)
	}
}

// render writes a report in that format.
func render(t *testing.T, format string, o Options, r harness.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := New(format, &b, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(w, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s\nupdate it with: go test ./harness/report -update", file, diff)
	}
}

func TestFormats(t *testing.T) {
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) {
			golden(t, "run."+format, render(t, format, options(), sample()))
		})
	}
}

func TestColor(t *testing.T) {
	o := options()
	o.Color = true
	colored := render(t, "text", o, sample())
	golden(t, "color.text", colored)
	for _, color := range []string{"0", bold, red, green, yellow} {
		colored = bytes.ReplaceAll(colored, []byte("\x1b["+color+"m"), nil)
	}
	if diff := cmp.Diff(string(render(t, "text", options(), sample())), string(colored)); diff != "" {
		t.Errorf("colour changes more than colour (-plain +colour without its codes):\n%s", diff)
	}
}

func TestStory(t *testing.T) {
	unloadable := harness.Result{Scenario: "debug", Transport: "tcp", TLS: "1.3", Status: harness.Failed, ConnectionResult: harness.ConnectionResult{
		Outcome: "unloadable", Side: "server", Cause: "wrong-key",
		Causes: []harness.CauseResult{{ID: "wrong-key", Certain: true, Title: "The key does not belong to the certificate", Evidence: []string{"server.key is of another key pair than server.pem"}}},
		Client: harness.SideResult{Known: true},
		Server: harness.SideResult{Known: true, HandshakeError: "tls: private key does not match public key"},
	}}
	foreign := passed("connect example.test:443", "tcp", "1.3")
	foreign.ConnectionResult.Server.Known = false
	foreign.Connections = []harness.ConnectionResult{foreign.ConnectionResult}
	tests := []struct {
		name    string
		results []harness.Result
	}{
		{"refused", []harness.Result{refused(harness.Passed)}},
		{"unloadable", []harness.Result{unloadable}},
		{"established", []harness.Result{foreign}},
		{"unknown", []harness.Result{captured()}},
		{"one-side", []harness.Result{fromOneSide()}},
		{"unexplained", []harness.Result{contradicted()}},
		{"two-cells", []harness.Result{refused(harness.Passed), overTCP(refused(harness.Passed))}},
		{"different", []harness.Result{awkward(), twoConnections()}},
		{"not-run", sample().Results[5:7]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options()
			o.Story = true
			r := harness.Report{Results: tt.results, Summary: harness.Summary{Total: len(tt.results), Failed: len(tt.results)}}
			golden(t, "story-"+tt.name+".text", render(t, "text", o, r))
		})
	}
}

// TestNothingRaw holds every format to the rule that no control and no
// bidirectional character of a stranger's reaches the output.
func TestNothingRaw(t *testing.T) {
	for _, format := range Formats() {
		for _, story := range []bool{false, true} {
			o := options()
			o.Story = story
			got := render(t, format, o, sample())
			if !utf8.Valid(got) {
				t.Errorf("%s (story %v) is no UTF-8", format, story)
			}
			for line, text := range bytes.Split(got, []byte("\n")) {
				for _, r := range string(text) {
					if !unicode.IsPrint(r) {
						t.Errorf("%s (story %v) line %d: raw %U in %q", format, story, line+1, r, text)
					}
				}
			}
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	_, err := New("xml", &bytes.Buffer{}, Options{})
	want := `unknown format "xml" (known are text, json, jsonl, junit, tap, github, markdown)`
	if err == nil || err.Error() != want {
		t.Errorf("New(xml) = %v, want %s", err, want)
	}
}

// TestEmptyRun writes a run in which nothing came.
func TestEmptyRun(t *testing.T) {
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) { golden(t, "empty."+format, render(t, format, options(), harness.Report{})) })
	}
}

// TestShort checks that a text of any length is cut before it is shown.
func TestShort(t *testing.T) {
	r := refused(harness.Failed)
	r.Client.HandshakeError = string(bytes.Repeat([]byte("x"), 1<<20))
	r.Connections = []harness.ConnectionResult{r.ConnectionResult}
	for _, format := range []string{"text", "tap", "github", "markdown", "junit"} {
		if got := render(t, format, options(), harness.Report{Results: []harness.Result{r}}); len(got) > 1<<14 {
			t.Errorf("%s writes %d bytes for an error of a megabyte", format, len(got))
		}
	}
}

// overTCP is the same result in another cell.
func overTCP(r harness.Result) harness.Result {
	r.Transport = "tcp"
	return r
}
