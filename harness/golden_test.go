package harness

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenNow is the wall clock of golden timelines: certificate errors quote it.
var goldenNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Every scenario in every cell tells the same story each time, line for line.
func TestGoldenTimelines(t *testing.T) {
	for _, sc := range builtIn(t) {
		ready, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range sc.Cells {
			if cell.Transport == outcome.QUIC && len(sc.Faults(cell)) > 0 {
				continue // when a stack repeats what was lost depends on its timers
			}
			t.Run(sc.ID+"/"+cell.String(), func(t *testing.T) {
				if why := races[sc.ID+" "+string(cell.Transport)]; why != "" {
					t.Skip(why)
				}
				story := func() string {
					connections, err := newPlay(ready, cell, Options{Carrier: Memory}).run(context.Background())
					if err != nil {
						t.Fatal(err)
					}
					var text strings.Builder
					for i, c := range connections {
						if len(connections) > 1 {
							fmt.Fprintf(&text, "=== connection %d\n", i+1)
						}
						writeTimeline(&text, c.Timeline)
					}
					return text.String()
				}
				file := filepath.Join("testdata", "timelines", sc.ID, goldenName(cell))
				golden(t, file, usual(file, story))
			})
		}
	}
}

// usual plays a story again where it is not the golden one, a few times. The two
// ends run at once: on a busy machine one now and then refuses before the other
// has written the rest of its flight, which is as true as the usual order. A
// story that has changed is another one each time.
func usual(file string, story func() string) string {
	want, err := os.ReadFile(file)
	got := story()
	for range 4 {
		if err != nil || *update || got == string(want) {
			break
		}
		got = story()
	}
	return got
}

// races are scenarios, by transport, in which two things happen at once.
var races = map[string]string{
	"quic/client-chain-over-16k quic": "the server refuses while the client still sends a dozen datagrams, and how far it gets is a race",
	"quic/server-chain-over-16k quic": "the client refuses while the server still sends a dozen datagrams, and how far it gets is a race",
	"quic/application-closes quic":    "the application closes while the stack still confirms the handshake",
	"clientauth/ech-rejected tcp":     "both sides refuse, and which ends its direction first is a race",
	"wire/client-random-changed tcp":  "both sides refuse, and which ends its direction first is a race",
	"resumption/rule-holds tcp":       "the server refuses what it has resumed while the client finishes, and which is written first is a race",
}

func goldenName(cell outcome.Cell) string {
	return strings.ReplaceAll(cell.String(), " ", "-") + ".txt"
}

// writeTimeline writes what is the same each time: no times, no sizes (they move
// with the length of a signature), and of QUIC no datagram without news (how
// often a stack acknowledges depends on its timers).
func writeTimeline(w *strings.Builder, t *dissect.Timeline) {
	n, flow, sender := 0, 0, outcome.Role("")
	for _, s := range inOrder(t.Steps) {
		if isChatter(s) || s.Kind == dissect.KindChangeCipherSpec && retried(t) {
			continue
		}
		n++
		if s.Kind == dissect.KindLocal {
			fmt.Fprintf(w, "%3d  %s: %s\n", n, s.From, steady(s.Summary))
			continue
		}
		if s.Kind != dissect.KindTransport && s.From != sender {
			flow, sender = flow+1, s.From
			fmt.Fprintf(w, ">>> Flow %d (%s to %s)\n", flow, s.From, s.From.Peer())
		}
		fmt.Fprintf(w, "%3d  %-6s  %-11s  %s", n, s.From, s.Level, s.Name)
		// How a ClientHello is cut into datagrams is drawn by lot.
		if s.Summary != "" && s.Summary != s.Name && s.Name != "CRYPTO" {
			fmt.Fprintf(w, "  | %s", steady(s.Summary))
		}
		fmt.Fprintln(w)
	}
}

// unsteady are the parts of a summary that are drawn by lot or move with the
// length of a signature, and what stands for them.
var unsteady = []struct {
	part *regexp.Regexp
	text string
}{
	{regexp.MustCompile(`(invalid offset|message of length|OCSP response,|a token of) [0-9]+`), "$1 N"},
	{regexp.MustCompile(`server offered \[[^]]*\]`), "server offered […]"},
	{regexp.MustCompile(`0x[0-9a-f]a[0-9a-f]a[0-9a-f]a[0-9a-f]a`), "0x?a?a?a?a"}, // a reserved version (RFC 9000 15)
	{regexp.MustCompile(`sha256/[A-Za-z0-9+/=]{44}`), "sha256/…"},
	{regexp.MustCompile(`\(serial [0-9a-f]+\)`), "(serial …)"},
}

func steady(summary string) string {
	for _, u := range unsteady {
		summary = u.part.ReplaceAllString(summary, u.text)
	}
	return summary
}

// retried says that there is a HelloRetryRequest. Both sides write a
// ChangeCipherSpec around it, at the same time.
func retried(t *dissect.Timeline) bool {
	return slices.ContainsFunc(t.Steps, func(s *dissect.Step) bool { return s.Name == "HelloRetryRequest" })
}

// inOrder sorts the frames of one datagram, which quic-go shuffles, and the
// tickets among them.
func inOrder(steps []*dissect.Step) []*dissect.Step {
	sorted := slices.Clone(steps)
	for i := 0; i < len(sorted); {
		end := i + 1
		for end < len(sorted) && shuffled(sorted[i]) && shuffled(sorted[end]) && sorted[end].Unit == sorted[i].Unit {
			end++
		}
		slices.SortFunc(sorted[i:end], func(a, b *dissect.Step) int { return strings.Compare(a.Name, b.Name) })
		i = end
	}
	return sorted
}

func shuffled(s *dissect.Step) bool {
	return s.Kind == dissect.KindQUICFrame || s.Kind == dissect.KindHandshake && s.Name == "NewSessionTicket"
}

// isChatter says that when and whether the step comes depends on a stack's
// timers, or on where a flight is cut into datagrams: a certificate's size moves
// with the length of its signatures. A ClientHello is always cut.
func isChatter(s *dissect.Step) bool {
	cut := s.Name == "CRYPTO" && s.Level != dissect.Initial
	early := s.Level == dissect.Early // how many packets is up to the stack, and no key log has their keys
	return s.Chatter() || cut || early || slices.Contains(s.Marks, transcript.Retransmission)
}

// golden compares got with a file, or writes it under -update.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\nwrite it with: go test ./harness -run %s -update", err, t.Name())
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s\nif that is right: go test ./harness -run TestGolden -update", file, diff)
	}
}
