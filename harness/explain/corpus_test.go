package explain

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"shakedown/harness/causes"
)

// A specimen is an entry of the corpus: lines that stacks write, and what an
// explanation of them has to say.
type specimen struct {
	where, line string
	// causes must be among the candidates, absent must not; first is the likeliest.
	causes, absent []string
	first          string
	decided        Decider
	// reporter and alert count where they are said.
	reporter string
	alert    int
}

var specimenKeys = []string{"row", "cause", "first", "not", "by", "log", "alert"}

// corpus reads the specimens of every stack. A row of the table of measured
// faults stands for the causes that have it.
func corpus(t testing.TB) []specimen {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "corpus", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	byRow := map[string][]string{}
	for _, c := range causes.All() {
		for _, row := range c.Rows {
			byRow[row] = append(byRow[row], c.ID)
		}
	}
	var list []specimen
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		blocks, err := parseBlocks(filepath.Base(file), string(text), specimenKeys...)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks {
			s := specimen{where: b.where, first: b.one("first"), decided: Decider(b.one("by")), reporter: b.one("log"), alert: -1}
			s.causes, s.absent = strings.Fields(b.one("cause")), strings.Fields(b.one("not"))
			for row := range strings.FieldsSeq(b.one("row")) {
				if byRow[row] == nil {
					t.Fatalf("%s: no cause has the row %q", b.where, row)
				}
				s.causes = append(s.causes, byRow[row]...)
			}
			if text := b.one("alert"); text != "" {
				if s.alert, err = strconv.Atoi(text); err != nil {
					t.Fatalf("%s: %v", b.where, err)
				}
			}
			for _, head := range b.heads {
				s.line = head
				list = append(list, s)
			}
		}
	}
	return list
}

func ids(e Explanation) []string {
	var list []string
	for _, c := range e.Candidates {
		list = append(list, c.ID)
	}
	return list
}

// Every text of the measured stacks is recognised, says who decided, and has the
// causes that were behind it among the candidates. What that comes to is printed:
//
//	go test ./harness/explain -run TestCorpus -v
func TestCorpus(t *testing.T) {
	var lines, expected, found, size, ranks, told int
	for _, s := range corpus(t) {
		lines++
		e, ok := Explain(s.line)
		if !ok {
			t.Errorf("%s: nothing is recognised in %q; nearest %q", s.where, s.line, e.Nearest)
			continue
		}
		got := ids(e)
		size += len(got)
		for _, id := range s.causes {
			expected++
			rank := slices.Index(got, id) + 1
			if rank == 0 {
				t.Errorf("%s: %q: got candidates %v, want %s among them", s.where, s.line, got, id)
				continue
			}
			found++
			ranks += rank
			if rank <= 5 {
				told++
			}
		}
		for _, id := range s.absent {
			if slices.Contains(got, id) {
				t.Errorf("%s: %q: got %s among the candidates, which it cannot be", s.where, s.line, id)
			}
		}
		if s.first != "" && (len(got) == 0 || got[0] != s.first) {
			t.Errorf("%s: %q: got candidates %v, want %s first", s.where, s.line, got, s.first)
		}
		if e.Decided != s.decided {
			t.Errorf("%s: %q: got decided by %q, want %q", s.where, s.line, e.Decided, s.decided)
		}
		if s.reporter != "" && e.Reporter != s.reporter {
			t.Errorf("%s: %q: got the log of %q, want the %s's", s.where, s.line, e.Reporter, s.reporter)
		}
		if s.alert >= 0 && (e.Alert == nil || int(e.Alert.Code) != s.alert) {
			t.Errorf("%s: %q: got alert %+v, want %d", s.where, s.line, e.Alert, s.alert)
		}
		if len(got) > 1 && len(e.Separate) == 0 {
			t.Errorf("%s: %q: nothing separates %v", s.where, s.line, got)
		}
	}
	t.Logf("%d texts, %d of %d causes among the candidates, %d of them told in full; on average %.1f candidates, the right one at place %.1f",
		lines, found, expected, told, float64(size)/float64(lines), float64(ranks)/float64(max(found, 1)))
}

// wrappings are what loggers, terminals and people put around a line.
var wrappings = []struct {
	name string
	wrap func(string) string
}{
	{"a timestamp and a level", func(s string) string { return "2026-03-01T12:00:00.000Z  ERROR  [http-nio-8443] c.e.Client - " + s }},
	{"JSON", func(s string) string {
		return fmt.Sprintf(`{"level":"error","ts":1772366400.1,"msg":"connection failed","attempt":42,"err":%s}`, strconv.Quote(s))
	}},
	{"JSON in JSON", func(s string) string {
		return fmt.Sprintf(`{"log":%s,"stream":"stderr","time":"2026-03-01T12:00:00Z"}`, strconv.Quote(fmt.Sprintf(`{"level":"error","error":%s}`+"\n", strconv.Quote(s))))
	}},
	{"logfmt", func(s string) string {
		return `time=2026-03-01T12:00:00Z level=ERROR msg="dial" err=` + strconv.Quote(s)
	}},
	{"zap's console", func(s string) string { return "2026-03-01T12:00:00.000+0100\tERROR\tmain.go:42\t" + s }},
	{"klog", func(s string) string { return "E0301 12:00:00.000000       1 leaderelection.go:330] " + s }},
	{"journald", func(s string) string { return "Mar 01 12:00:00 node-1 app[4242]: " + s }},
	{"kubectl", func(s string) string { return "[pod/app-7d4f9c-x2x7k/app] " + s }},
	{"docker compose", func(s string) string { return "app-1  | " + s }},
	{"colours", func(s string) string { return "\x1b[31mERRO\x1b[0m[0042] \x1b[1m" + s + "\x1b[0m" }},
	{"colours written out", func(s string) string { return `#033[31mERROR#033[0m ` + s + `\u001b[0m` }},
	{"Windows line ends", func(s string) string { return "starting\r\n" + s + "\r\nstopping\r\n" }},
	{"capitals", strings.ToUpper},
	{"quotes", func(s string) string { return `"` + s + `"` }},
	{"backquotes", func(s string) string { return "`" + s + "`" }},
	{"smart quotes", func(s string) string { return "“" + strings.ReplaceAll(s, "'", "’") + "”" }},
	{"odd spaces", func(s string) string { return "\t" + strings.ReplaceAll(s, " ", "\u00a0 ") + "\u200b  " }},
	{"other lines", func(s string) string { return "listening on :8443\nretrying in 5s\n" + s + "\nexit status 1\n" }},
}

// What is around a line does not change what it says. Under -short, as the race
// detector runs with, every sixth line is tried.
func TestWrapped(t *testing.T) {
	for i, s := range corpus(t) {
		if testing.Short() && i%6 != 0 {
			continue
		}
		want, _ := Explain(s.line)
		for _, w := range wrappings {
			got, ok := Explain(w.wrap(s.line))
			if !ok {
				t.Errorf("%s: nothing is recognised in %q, with %s", s.where, w.wrap(s.line), w.name)
				continue
			}
			if got.Means != want.Means || got.Decided != want.Decided || !slices.Equal(ids(got), ids(want)) {
				t.Errorf("%s: %q with %s: got %q by %q in the log of %q\n\t%v\nwant %q by %q in the log of %q\n\t%v", s.where, s.line, w.name,
					got.Means, got.Decided, got.Reporter, ids(got), want.Means, want.Decided, want.Reporter, ids(want))
			}
		}
	}
}
