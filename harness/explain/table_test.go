package explain

import (
	"slices"
	"strings"
	"testing"

	"shakedown/harness/causes"
)

func TestParseBlocks(t *testing.T) {
	blocks, err := parseBlocks("a.txt", "# what it is\none\nanother way\n  means it goes on\n    over two lines\n  client a b\n\ntwo\n\nthree\n  means x\n", "means", "client")
	if err != nil {
		t.Fatal(err)
	}
	if len(blocks) != 3 || !slices.Equal(blocks[0].heads, []string{"one", "another way"}) || blocks[0].one("means") != "it goes on over two lines" || blocks[2].where != "a.txt:10" {
		t.Errorf("got %+v", blocks)
	}
	for _, tt := range []struct{ text, want string }{
		{"one\n  meanz x\n", `a.txt:2: unknown key "meanz", want one of means, client`},
		{"  means x\n", `a.txt:1: "means x" stands under no entry`},
		{"one\n    goes on\n", `a.txt:2: "goes on" goes on with nothing`},
	} {
		if _, err := parseBlocks("a.txt", tt.text, "means", "client"); err == nil || err.Error() != tt.want {
			t.Errorf("%q: got error %v, want %s", tt.text, err, tt.want)
		}
	}
}

func TestTablesRefuse(t *testing.T) {
	fresh := func() *tables {
		return &tables{sets: map[string][]string{"@known": {"client-no-cert"}}, likelihoods: map[string]likelihood{"client-no-cert": {1, 1}}}
	}
	phrase := func(t *tables, b *block) error { return t.takePhrase("go", b) }
	tests := []struct {
		name, text, want string
		keys             []string
		take             func(*tables, *block) error
	}{
		{"a cause that does not exist", "x\n  means y\n  client client-expird\n", "neither a cause nor a set", phraseKeys, phrase},
		{"a phrase without a meaning", "x\n  client client-no-cert\n", "has no meaning", phraseKeys, phrase},
		{"a log of nobody", "x\n  means y\n  log middle\n", "no side", phraseKeys, phrase},
		{"a decider that decides nothing", "x\n  means y\n  by chance\n", "decides nothing", phraseKeys, phrase},
		{"an unknown kind", "x\n  means y\n  kind odd\n", "unknown kind", phraseKeys, phrase},
		{"an alert that does not exist", "x\n  name y\n", "no alert", alertKeys, (*tables).takeAlert},
		{"a set twice", "@known\n  is client-no-cert\n", "no new name", setKeys, (*tables).takeSet},
		{"a frequency out of range", "client-expired\n  frequency 6\n  misleading 1\n", "no number from 1 to 5", likelihoodKeys, (*tables).takeLikelihood},
		{"a cause that is ranked twice", "client-no-cert\n  frequency 1\n  misleading 1\n", "stands twice", likelihoodKeys, (*tables).takeLikelihood},
		{"a question without an answer", "x\n  ask y?\n", "no answer", evidenceKeys, (*tables).takeEvidence},
		{"an answer without causes", "x\n  ask y?\n  answer z\n", "leaves no causes", evidenceKeys, (*tables).takeEvidence},
		{"two numbers at once", "1\n2\n  verify x\n", "one number at a time", numberKeys, (*tables).takeNumber},
	}
	for _, tt := range tests {
		blocks, err := parseBlocks("a.txt", tt.text, tt.keys...)
		if err != nil {
			t.Fatal(err)
		}
		if err := tt.take(fresh(), blocks[0]); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want %q in it", tt.name, err, tt.want)
		}
	}
}

// Every text of the tables is recognised, as what it is: one that another hides
// is never explained.
func TestPhrasesAreReachable(t *testing.T) {
	seen := map[string]string{}
	for _, p := range known().phrases {
		for i, pieces := range p.texts {
			text := strings.Join(pieces, " ... ")
			if text == "" {
				t.Errorf("%s: %q has no letters", p.stack, p.shown)
				continue
			}
			if p.kind == marking {
				continue
			}
			if other, twice := seen[text]; twice {
				t.Errorf("%q stands in the table of %s and in that of %s", p.text(i), other, p.stack)
			}
			seen[text] = p.stack
			r, ok := known().readLine(newLine(text))
			if !ok || r.means != p.means && r.kind != alerted {
				t.Errorf("%s: %q is explained as %q", p.stack, p.text(i), r.means)
			}
		}
	}
}

// The numbers stand for words that are known.
func TestNumbersHaveWords(t *testing.T) {
	for _, n := range known().numbers {
		for _, a := range n.means {
			if r, ok := known().readLine(newLine(a.value)); a.key != "http" && (!ok || len(r.client)+len(r.server) == 0) {
				t.Errorf("%s: %s %q is not known", n.numeral, a.key, a.value)
			}
		}
	}
}

// Every question is asked of something, and each of its answers is given: what
// never shows is dead.
func TestEvidenceIsAsked(t *testing.T) {
	asked := map[string]bool{}
	answered := map[string]bool{}
	note := func(e Explanation) {
		for _, q := range e.Evidence {
			asked[q.Ask] = true
			for _, a := range q.Answers {
				answered[q.Ask+a.Answer] = true
			}
		}
	}
	var texts []string
	for _, s := range corpus(t) {
		texts = append(texts, s.line)
	}
	for _, p := range known().phrases {
		texts = append(texts, strings.Join(p.texts[0], " "))
	}
	for _, a := range known().alerts {
		texts = append(texts, "remote error: tls: "+strings.ReplaceAll(describe(a.code).Name, "_", " "), describe(a.code).Name)
	}
	for _, text := range texts {
		for _, side := range []string{"", "client", "server"} {
			e, _ := ExplainFrom(side, text)
			note(e)
		}
	}
	for _, e := range known().evidence {
		if !asked[e.ask] {
			t.Errorf("%q is never asked", e.ask)
			continue
		}
		for _, a := range e.answers {
			if !answered[e.ask+a.text] {
				t.Errorf("%q is never answered with %q", e.ask, a.text)
			}
		}
	}
}

// What is left out of every set is a cause that no text leads to: those that no
// log shows.
func TestEveryCauseIsExplained(t *testing.T) {
	silent := []string{"hrr", "server-requires-any", "policy-skipped-on-resume", "chain-extra"}
	led := map[string]bool{}
	for _, p := range known().phrases {
		for _, id := range slices.Concat(p.client, p.server) {
			led[id] = true
		}
	}
	for _, a := range known().alerts {
		for _, id := range slices.Concat(a.fromClient, a.fromServer) {
			led[id] = true
		}
	}
	for _, c := range causes.All() {
		switch {
		case !led[c.ID] && !slices.Contains(silent, c.ID):
			t.Errorf("no text leads to %s", c.ID)
		case led[c.ID] && slices.Contains(silent, c.ID):
			t.Errorf("a text leads to %s, which is listed as silent", c.ID)
		}
	}
}

func BenchmarkExplain(b *testing.B) {
	for _, bm := range []struct{ name, text string }{
		{"line", "2026/03/01 12:00:00 http: TLS handshake error from 10.0.0.9:41234: remote error: tls: bad certificate"},
		{"unknown", "the quick brown fox jumps over the lazy dog and listens on port 8443"},
		{"paste", strings.Repeat("2026-03-01T12:00:00Z INFO request served in 4.2 ms status=200\n", 500)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Explain(bm.text)
			}
		})
	}
}
