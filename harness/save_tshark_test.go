package harness

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/peertest"
	"shakedown/harness/tlswire"
)

// tshark runs tshark over a file, with every checksum checked, and returns the
// lines that it prints.
func tshark(t *testing.T, file []byte, args ...string) []string {
	t.Helper()
	program := peertest.Program(t, "tshark")
	name := filepath.Join(t.TempDir(), "saved.pcapng")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, append([]string{
		"-r", name, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
	}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("tshark: %v\n%s", err, stderr.String())
	}
	for line := range strings.Lines(stderr.String()) {
		if !strings.HasPrefix(line, "Running as user") {
			t.Errorf("tshark complains: %s", line)
		}
	}
	return strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
}

// said is what one connection says on the wire: handshake messages and alerts.
type said struct{ messages, alerts []string }

// ourWords are those of our timeline.
func ourWords(c *Connection) (w said) {
	for _, s := range c.Timeline.Steps {
		if m, ok := s.Message.(interface{ Type() tlswire.HandshakeType }); ok {
			w.messages = append(w.messages, fmt.Sprintf("%s %d", s.From, m.Type()))
		}
		if s.Alert != nil {
			w.alerts = append(w.alerts, fmt.Sprintf("%s %d", s.From, s.Alert.Code))
		}
	}
	return w
}

// theirWords are those that tshark reads, by connection in the order of the file.
func theirWords(t *testing.T, file []byte) []said {
	t.Helper()
	const wanted = "ip.src ip.dst tcp.srcport tcp.dstport udp.srcport udp.dstport tls.handshake.type tls.alert_message.desc quic.cc.error_code.tls_alert"
	args := []string{"-T", "fields"}
	for _, name := range strings.Fields(wanted) {
		args = append(args, "-e", name)
	}
	var all []said
	place := map[string]int{}
	for _, line := range tshark(t, file, args...) {
		f := strings.Split(line, "\t")
		if len(f) != 9 {
			t.Fatalf("tshark prints %q", line)
		}
		from, source, client := outcome.Client, f[2]+f[4], f[0]+":"+f[2]+f[4]
		if source == "4433" {
			from, client = outcome.Server, f[1]+":"+f[3]+f[5]
		}
		if _, known := place[client]; !known {
			place[client] = len(all)
			all = append(all, said{})
		}
		w := &all[place[client]]
		for _, m := range words(f[6]) {
			w.messages = append(w.messages, string(from)+" "+m)
		}
		for _, a := range append(words(f[7]), words(f[8])...) {
			w.alerts = append(w.alerts, string(from)+" "+a)
		}
	}
	return all
}

// words splits a field's values.
func words(field string) []string {
	return strings.FieldsFunc(field, func(r rune) bool { return r == ',' })
}

// beyondTshark says why tshark reads a connection otherwise than we do, and is
// not right; empty where it should read the same.
func beyondTshark(name string, c *Connection) string {
	switch {
	case strings.HasPrefix(name, "key/client-chain-huge "):
		return "tshark gives up reassembling a message of that size"
	case strings.HasPrefix(name, "resumption/early-data"):
		return "tshark has no key for 0-RTT, and loses the tickets behind it"
	}
	return ""
}

// damagedOnPurpose are the scenarios with a certificate that tshark calls malformed.
var damagedOnPurpose = []string{"key/client-certificate-damaged", "key/server-certificate-damaged"}

func TestTsharkReadsEveryScenarioAsWeDo(t *testing.T) {
	peertest.Program(t, "tshark")
	all := saved(t)
	file := all.file
	ours, names := wires(all.runs)
	theirs := theirWords(t, file)
	if len(ours) < 50 || len(theirs) != len(ours) {
		t.Fatalf("tshark finds %d connections, want %d", len(theirs), len(ours))
	}
	encrypted := 0
	for i, c := range ours {
		want := ourWords(c)
		if beyondTshark(names[i], c) != "" {
			continue
		}
		if !slices.Equal(theirs[i].messages, want.messages) {
			t.Errorf("%s: tshark reads the messages\n%q, want\n%q", names[i], theirs[i].messages, want.messages)
		}
		// Over QUIC a side closes at several levels, as it does not know which keys
		// its peer has (RFC 9000 10.2.3), and again when more packets come. Our
		// timeline has one step a datagram.
		if !slices.Equal(slices.Compact(theirs[i].alerts), slices.Compact(want.alerts)) {
			t.Errorf("%s: tshark reads the alerts %q, want %q", names[i], theirs[i].alerts, want.alerts)
		}
		for _, m := range want.messages {
			if m == "client 20" {
				encrypted++
			}
		}
	}
	if encrypted < 20 {
		t.Errorf("only %d connections have a Finished of the client that could be read", encrypted)
	}
	const bad = "_ws.malformed || tcp.analysis.flags || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 || !(tcp || udp) || (udp && !quic)"
	damaged := 0
	for _, name := range names {
		if id, _, _ := strings.Cut(name, " "); slices.Contains(damagedOnPurpose, id) {
			damaged++
		}
	}
	if got := tshark(t, file, "-Y", bad); got[0] != "" && len(got) > damaged {
		t.Errorf("tshark finds fault with %d packets, the first of them is\n%s", len(got), got[0])
	}
	if info := tshark(t, file, "-q", "-z", "expert,error"); strings.Contains(strings.Join(info, "\n"), "Errors (") {
		t.Errorf("tshark has errors:\n%s", strings.Join(info, "\n"))
	}
}
