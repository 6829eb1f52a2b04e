package pcapng

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shakedown/harness/peertest"
)

// run runs another program and returns what it printed. It is to have nothing to
// complain about.
func run(t testing.TB, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(args, " "), err, stderr.String())
	}
	for line := range strings.Lines(stderr.String()) {
		if !strings.HasPrefix(line, "Running as user") {
			t.Errorf("%s %s: %s", filepath.Base(program), strings.Join(args, " "), line)
		}
	}
	return stdout.String()
}

// editcap writes capture files in many forms. What it writes reads the same here.
func TestFilesOfEditcap(t *testing.T) {
	editcap := peertest.Program(t, "editcap")
	dir := t.TempDir()
	f := frame{payload: []byte("ClientHello")}
	tests := []struct {
		form  string // editcap -F
		encap string // editcap -T, empty for Ethernet
		frame []byte
		unit  time.Duration
	}{
		{"pcap", "", f.ethernet(t), time.Microsecond},
		{"nsecpcap", "", f.ethernet(t), time.Nanosecond},
		{"modpcap", "", f.ethernet(t), time.Microsecond},
		{"pcapng", "", f.ethernet(t), time.Nanosecond},
		{"pcapng", "linux-sll", around(t, f)["SLL"].Data, time.Nanosecond},
		{"pcapng", "linux-sll2", around(t, f)["SLL2"].Data, time.Nanosecond},
		{"pcap", "null", around(t, f)["NULL"].Data, time.Microsecond},
		{"pcap", "loop", around(t, f)["LOOP"].Data, time.Microsecond},
		{"pcapng", "rawip", f.packet(t), time.Nanosecond},
		{"nsecpcap", "rawip4", f.packet(t), time.Nanosecond},
	}
	for _, tt := range tests {
		t.Run(tt.form+" "+tt.encap, func(t *testing.T) {
			from, to := filepath.Join(dir, "from.pcapng"), filepath.Join(dir, "to")
			if err := os.WriteFile(from, modern(t, tt.frame, tt.frame), 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"-F", tt.form}
			if tt.encap != "" {
				args = append(args, "-T", tt.encap)
			}
			run(t, editcap, append(args, from, to)...)
			data, err := os.ReadFile(to)
			if err != nil {
				t.Fatal(err)
			}
			got := read(t, bytes.NewReader(data))
			if got.err != nil || len(got.packets) != 2 {
				t.Fatalf("got %d packets, %v", len(got.packets), got.err)
			}
			for i, p := range got.packets {
				if want := moment.Add(time.Duration(i) * time.Second).Truncate(tt.unit); !p.At.Equal(want) {
					t.Errorf("packet %d was captured at %s, want %s", i+1, p.At, want)
				}
				s, err := p.Segment()
				if err != nil {
					t.Fatalf("packet %d, link type %d: %v", i+1, p.Link, err)
				}
				same(t, fmt.Sprintf("link type %d", p.Link), s, f.want())
			}
		})
	}
}

// editcap -s cuts packets short.
func TestASnapshotLengthOfEditcap(t *testing.T) {
	editcap := peertest.Program(t, "editcap")
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from.pcapng"), filepath.Join(dir, "to.pcapng")
	f := frame{payload: bytes.Repeat([]byte("x"), 1000)}
	if err := os.WriteFile(from, modern(t, f.ethernet(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, editcap, "-s", "96", from, to)
	data, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	p := read(t, bytes.NewReader(data)).packets[0]
	s, err := p.Segment()
	if err != nil || len(s.Payload) != 96-54 || s.Missing != 1000-(96-54) {
		t.Errorf("got %d bytes and %d missing, %v; want %d and %d", len(s.Payload), s.Missing, err, 96-54, 1000-(96-54))
	}
}
