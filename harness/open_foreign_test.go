package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shakedown/harness/capture"
)

// What other stacks said to one another reads the same each time, word for word,
// with their key log and without.
func TestGoldenCapturesOfOthers(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "fixtures", "captures", "*.pcap"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d captures, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".pcap")
		t.Run(name, func(t *testing.T) {
			packets, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "captures", name+"-no-keys.txt"), told(openAll(t, packets, CaptureOptions{All: true})))
			log, err := os.Open(strings.TrimSuffix(file, ".pcap") + ".keys")
			if os.IsNotExist(err) {
				return // there is nothing in it to open
			}
			if err != nil {
				t.Fatal(err)
			}
			defer log.Close()
			keys := new(capture.Keys)
			if damaged, err := keys.Both.Read(log); err != nil || len(damaged) > 0 {
				t.Fatalf("read the key log: %v, %v", damaged, err)
			}
			golden(t, filepath.Join("testdata", "captures", name+".txt"), told(openAll(t, packets, CaptureOptions{All: true, Keys: keys})))
			if !keys.Used() {
				t.Error("no secret is of a connection in the capture")
			}
		})
	}
}

// told writes what became of each connection, its steps, and what is said of it.
func told(results []Captured) string {
	var b strings.Builder
	for _, c := range results {
		for _, r := range c.Result.Connections {
			fmt.Fprintf(&b, "%s %s: %q by %q at %q, cause %q\n", c.Result.Transport, r.Negotiated.Version, r.Outcome, r.RefusedBy, r.At, r.Cause)
			if l := r.Likely; l != nil {
				fmt.Fprintf(&b, "probably %q by %q at %q\n", l.Outcome, l.RefusedBy, l.At)
			}
			for _, note := range r.Notes {
				fmt.Fprintf(&b, "note: %s\n", note)
			}
			for _, s := range r.Steps {
				fmt.Fprintf(&b, "%3d %-6s %-11s %s, %d bytes: %s\n", s.N, s.From, s.Level, s.Name, s.Bytes, s.Summary)
			}
			for _, cause := range append(r.Causes, r.Further...) {
				fmt.Fprintf(&b, "%s (certain: %t)\n", cause.ID, cause.Certain)
			}
			for _, m := range r.Missing {
				fmt.Fprintf(&b, "missing: %s\n", m.What)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
