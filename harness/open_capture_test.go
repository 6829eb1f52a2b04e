package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
)

// several is a file of n handshakes that go on at the same time.
func several(t testing.TB, n int) []byte {
	t.Helper()
	file, _ := handshakes(t, outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}, n)
	return file
}

func opener(file []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file)), nil }
}

func TestCaptureListsAndOpens(t *testing.T) {
	c, err := LoadCapture(t.Context(), opener(several(t, 3)), CaptureOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range c.Entries {
		list = append(list, fmt.Sprintf("%d %s → %s %s %s %q", e.Number, e.Client, e.Server, e.Transport, e.TLS, e.ServerName))
	}
	want := []string{
		`1 192.0.2.1:10000 → 192.0.2.2:8443 tcp 1.3 "server.test"`,
		`2 192.0.2.1:10001 → 192.0.2.2:8443 tcp 1.3 "server.test"`,
		`3 192.0.2.1:10002 → 192.0.2.2:8443 tcp 1.3 "server.test"`,
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	connections, captured, err := c.Open(t.Context(), 2)
	if err != nil || len(connections) != 1 || captured.Connections[0].Client.Port() != 10001 {
		t.Errorf("opened %d connections, %+v, %v", len(connections), captured.Connections, err)
	}
	if _, _, err := c.Open(t.Context(), 4); err == nil || err.Error() != "no connection 4 in this capture" {
		t.Errorf("opened what is not there: %v", err)
	}
}

// The connections of one run are opened together, whichever is chosen.
func TestCaptureOpensARunWhole(t *testing.T) {
	var file bytes.Buffer
	saver := NewSaver(SaveTo{Capture: &file})
	for _, id := range []string{"healthy/mutual", "validity/renewal"} {
		for _, sc := range builtIn(t) {
			if sc.ID != id {
				continue
			}
			ready, err := newStage(sc, goldenNow, nil)
			if err != nil {
				t.Fatal(err)
			}
			connections, result, err := ready.play(context.Background(), sc.Cells[0], Options{Carrier: Memory}, hooks{})
			if err != nil {
				t.Fatal(err)
			}
			saver.Record(result, connections)
		}
	}
	if err := saver.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := LoadCapture(t.Context(), opener(file.Bytes()), CaptureOptions{})
	if err != nil {
		t.Fatal(err)
	}
	last := c.Entries[len(c.Entries)-1]
	if len(c.Entries) < 3 || !strings.HasPrefix(last.Run, "validity/renewal (tcp") {
		t.Fatalf("the list is %+v", c.Entries)
	}
	connections, captured, err := c.Open(t.Context(), last.Number)
	if err != nil || len(connections) != len(c.Entries)-1 || captured.Result.Scenario != "validity/renewal" {
		t.Errorf("opened %d connections of %q, %v", len(connections), captured.Result.Scenario, err)
	}
}

// Results come in the order of the file, however many are made at a time.
func TestCaptureKeepsTheOrder(t *testing.T) {
	file := several(t, 40)
	for _, parallel := range []int{1, 7} {
		next := uint16(10000)
		_, err := OpenCapture(t.Context(), bytes.NewReader(file), CaptureOptions{Parallel: parallel}, func(c Captured) error {
			if got := c.Connections[0].Client.Port(); got != next {
				t.Errorf("%d at a time: port %d comes where %d should", parallel, got, next)
			}
			next++
			return nil
		})
		if err != nil || next != 10040 {
			t.Errorf("%d at a time: %d results, %v", parallel, next-10000, err)
		}
	}
}

// Whoever takes the results can end it, and so can the context.
func TestCaptureEnds(t *testing.T) {
	file := several(t, 20)
	enough := errors.New("enough")
	n := 0
	_, err := OpenCapture(t.Context(), bytes.NewReader(file), CaptureOptions{}, func(Captured) error {
		if n++; n == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || n != 3 {
		t.Errorf("%v after %d results", err, n)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(enough)
	if _, err := OpenCapture(ctx, bytes.NewReader(file), CaptureOptions{}, func(Captured) error { return nil }); !errors.Is(err, enough) {
		t.Errorf("with a context that is over: %v", err)
	}
}

// A file that is cut off loses nothing that stands before.
func TestCaptureThatIsCutOff(t *testing.T) {
	file := several(t, 3)
	n := 0
	summary, err := OpenCapture(t.Context(), bytes.NewReader(file[:len(file)-1]), CaptureOptions{}, func(Captured) error {
		n++
		return nil
	})
	if err != nil || n != 3 || len(summary.Notes) != 1 || !strings.Contains(summary.Notes[0], "cut off") {
		t.Errorf("%d results, %+v, %v", n, summary, err)
	}
	_, err = OpenCapture(t.Context(), strings.NewReader("-----BEGIN CERTIFICATE-----"), CaptureOptions{}, func(Captured) error { return nil })
	if format := (*pcapng.FormatError)(nil); !errors.As(err, &format) {
		t.Errorf("a certificate is read as a capture: %v", err)
	}
}

// What is no TLS is counted, and shown where it is asked for.
func TestCaptureCountsWhatIsNoTLS(t *testing.T) {
	n := newSniffer(netip.MustParseAddrPort("192.0.2.7:40000"), netip.MustParseAddrPort("192.0.2.2:22"))
	n.send(outcome.Client, flagSYN, nil)
	n.send(outcome.Server, flagSYN|flagACK, nil)
	n.send(outcome.Server, flagACK, []byte("SSH-2.0-test\r\n"))
	file := append(several(t, 1), pcapOf(n.packets)[24:]...)
	for _, all := range []bool{false, true} {
		shown := 0
		summary, err := OpenCapture(t.Context(), bytes.NewReader(file), CaptureOptions{All: all}, func(Captured) error {
			shown++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		others := strings.Join(summary.Others, "; ")
		if all && (shown != 2 || others != "") || !all && (shown != 1 || others != "1 TCP connection without TLS: SSH banner") {
			t.Errorf("all=%v: %d shown, others %q", all, shown, others)
		}
	}
}
