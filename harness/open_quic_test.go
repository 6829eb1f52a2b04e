package harness

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
	"shakedown/harness/transcript"
)

// playYAML runs a scenario given as YAML.
func playYAML(t *testing.T, cell outcome.Cell, yaml string) []*Connection {
	t.Helper()
	sc, err := scenario.Parse("test", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	ready, err := newStage(sc, goldenNow, nil)
	if err != nil {
		t.Fatal(err)
	}
	connections, err := newPlay(ready, cell, Options{Carrier: Memory}).run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return connections
}

// Two clients share a socket, a third one moves while it shakes hands: each
// connection tells its own story.
func TestOpenTellsQUICConnectionsApart(t *testing.T) {
	cell := outcome.Cell{Transport: outcome.QUIC, TLS: "1.3"}
	var recordings []*transcript.Transcript
	var sniffers []*sniffer
	for i := range 3 {
		rec := playYAML(t, cell, "title: a healthy pair\n")[0].Transcript
		n := newSniffer(clientAddr, serverAddr)
		if i == 2 {
			n.client = netip.MustParseAddrPort("192.0.2.1:50001")
		}
		n.record(rec)
		recordings, sniffers = append(recordings, rec), append(sniffers, n)
	}
	moved := netip.MustParseAddrPort("198.51.100.9:61000")
	for i := len(sniffers[2].packets) / 2; i < len(sniffers[2].packets); i++ {
		p := &sniffers[2].packets[i]
		if p.from == serverAddr {
			p.to = moved
		} else {
			p.from = moved
		}
	}
	var packets []packet
	for i := 0; ; i++ {
		before := len(packets)
		for _, n := range sniffers {
			if i < len(n.packets) {
				packets = append(packets, n.packets[i])
			}
		}
		if len(packets) == before {
			break
		}
	}
	opened := openAll(t, pcapOf(packets), CaptureOptions{Keys: keysOf(recordings...)})
	if len(opened) != len(recordings) {
		for _, c := range opened {
			t.Logf("%+v\n%s", c.Connections, resultStory(c.Result.Steps))
		}
		t.Fatalf("%d connections", len(opened))
	}
	for i, c := range opened {
		want := wireStory(dissect.Transcript(wireOnly(recordings[i])).Steps)
		if diff := cmp.Diff(want, resultStory(c.Result.Steps)); diff != "" {
			t.Errorf("connection %d (-recorded +captured):\n%s", i+1, diff)
		}
		if notes := strings.Join(c.Result.Notes, "; "); (i == 2) != strings.Contains(notes, "the client sends from 198.51.100.9:61000") {
			t.Errorf("connection %d has the notes %q", i+1, notes)
		}
	}
}

// A session of TLS 1.2 is resumed without a secret of its own: of the two
// hundred others in the key log it is known which one is meant.
func TestOpenFindsTheSecretOfAResumedSession(t *testing.T) {
	cell := outcome.Cell{Transport: outcome.TCP, TLS: "1.2"}
	const yaml = `title: a session is resumed
client: {tickets: true}
server: {tickets: true}
script: [connect, {connect: {resume: true}}]
expect: [{outcome: established}, {outcome: established}]
`
	var recordings []*transcript.Transcript
	var packets []packet
	for i := range 3 {
		for j, c := range playYAML(t, cell, yaml) {
			if j == 1 && !negotiated(c).Resumed {
				t.Fatal("the session was not resumed")
			}
			n := newSniffer(netip.AddrPortFrom(clientAddr.Addr(), uint16(40000+2*i+j)), serverAddr)
			n.record(c.Transcript)
			recordings, packets = append(recordings, c.Transcript), append(packets, n.packets...)
		}
	}
	keys := keysOf(recordings...)
	for i := range 300 { // later ones, as a busy server's log has them
		keys.Both.Add("CLIENT_RANDOM", [32]byte{1, byte(i), byte(i >> 8)}, make([]byte, 48))
	}
	for i, c := range openAll(t, pcapOf(packets), CaptureOptions{Keys: keys}) {
		for _, s := range c.Result.Steps {
			if strings.Contains(s.Summary, "encrypted") {
				t.Errorf("connection %d: %s stays closed: %s", i+1, s.Name, s.Summary)
			}
		}
	}
}
