package plain_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/outcome"
	"shakedown/tui"
	"shakedown/tui/plain"
	"shakedown/tui/tuitest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var tcp13 = outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}

func open(t *testing.T, id string) tui.Debugger {
	t.Helper()
	dbg, err := tuitest.Open(id, tcp13)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dbg.Close)
	return dbg
}

// TestSessions types commands and compares all that is said.
func TestSessions(t *testing.T) {
	tests := []struct{ name, id, typed string }{
		{"refused", "clientauth/no-client-certificate", "s\n\nn\nnext\nfinish\nstep\nback\nverdict\nchain\nquit\n"},
		{"breakpoints", "healthy/mutual", "b\nb server Certificate\nbreak alert\nb\nc\nclear alert\nclear alert\nbreak a b\nc\n"},
		{"inspect", "clientauth/no-client-certificate", "inspect\nn\ni 4\ni 99\ni x\nhex 4\nhex x\nlist\nhelp\nleap\n"},
		{"restart", "clientauth/no-client-certificate", "f\nrestart quic\nn\nf\nr tcp 1.2\nf\nr quic 1.2\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			in := strings.NewReader(tt.typed)
			if err := plain.Run(context.Background(), open(t, tt.id), in, &out, plain.Options{Interactive: true, Tree: tuitest.Tree}); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, out.String())
		})
	}
}

func TestWithoutTerminal(t *testing.T) {
	var out bytes.Buffer
	if err := plain.Run(context.Background(), open(t, "clientauth/no-client-certificate"), nil, &out, plain.Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "no-terminal", out.String())
	for _, r := range out.String() {
		if r != '\n' && (r < 0x20 || r > 0x7e) {
			t.Errorf("the output holds %q: no box, no glyph, no control character belongs there", r)
		}
	}
}

func TestEndOfContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	defer writer.Close()
	done := make(chan error)
	go func() {
		done <- plain.Run(ctx, open(t, "healthy/mutual"), reader, io.Discard, plain.Options{Interactive: true})
	}()
	if _, err := io.WriteString(writer, "s\n"); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run returns %v, want that the context was canceled", err)
	}
}

func TestOutputThatFails(t *testing.T) {
	reader, writer := io.Pipe()
	reader.Close()
	err := plain.Run(context.Background(), open(t, "healthy/mutual"), strings.NewReader("s\n"), writer, plain.Options{Interactive: true})
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Run returns %v, want the writer's error", err)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); go test ./tui/plain -update rewrites it:\n%s", path, diff)
	}
}
