package harness

import (
	"bytes"
	"context"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/capture"
	"shakedown/harness/dissect"
	"shakedown/harness/keylog"
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

// A tail is the rest of a file. It says when it is asked for.
type tail struct {
	io.Reader
	wanted func()
}

func (t tail) Read(b []byte) (int, error) {
	t.wanted()
	return t.Reader.Read(b)
}

// elsewhere is a datagram of somebody else's, some time after a sniffer's last packet.
func elsewhere(n *sniffer, after time.Duration) packet {
	return packet{
		at: n.at.Add(after), udp: true, payload: []byte{0},
		from: netip.MustParseAddrPort("203.0.113.1:5353"), to: netip.MustParseAddrPort("203.0.113.2:5353"),
	}
}

// Whatever closes a connection over QUIC, and however early: it is handed on before
// the rest of the file is read.
func TestClosedQUICConnectionsAreReadEarly(t *testing.T) {
	var closed int
	recordAll(t, func(name string, connections []*Connection) {
		for _, c := range connections {
			if c.Transcript.Transport != outcome.QUIC || len(c.Transcript.Units) == 0 {
				continue
			}
			n := newSniffer(clientAddr, serverAddr)
			n.record(c.Transcript)
			later := elsewhere(n, 2*time.Second)
			file, rest := pcapOf(append(n.packets, later)), pcapOf([]packet{later})[len(pcapOf(nil)):]
			keys := keysOf(c.Transcript)
			keys.Both.Add(keylog.ClientTraffic, keylog.Random{1}, make([]byte, 32)) // what is refused at once has none of its own
			handed, early := 0, 0
			from := io.MultiReader(bytes.NewReader(file), tail{bytes.NewReader(rest), func() { early = handed }})
			if _, err := capture.Read(t.Context(), from, capture.Options{Keys: keys}, func(*capture.Recording) error {
				handed++
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			steps := dissect.Transcript(wireOnly(c.Transcript)).Steps
			closes := slices.ContainsFunc(steps, func(s *dissect.Step) bool { return s.Name == "CONNECTION_CLOSE" })
			if (early == 1) != closes || handed != 1 {
				t.Errorf("%s: handed on early: %v, a CONNECTION_CLOSE can be read: %v; %d connections", name, early == 1, closes, handed)
			}
			if closes {
				closed++
			}
		}
	})
	if closed == 0 {
		t.Error("no connection was closed")
	}
}

// Who reads from a pipe sees a connection when it has ended, while the file goes on.
func TestOpenShowsQUICConnectionsOfALiveFile(t *testing.T) {
	rec := playYAML(t, outcome.Cell{Transport: outcome.QUIC, TLS: "1.3"}, "title: a healthy pair\n")[0].Transcript
	n := newSniffer(clientAddr, serverAddr)
	n.record(rec)
	later := elsewhere(n, 2*time.Second)
	shown := make(chan Captured, 1)
	var first *Captured
	live := tail{bytes.NewReader(nil), func() {
		select {
		case c := <-shown:
			first = &c
		case <-time.After(20 * time.Second):
		}
	}}
	from := io.MultiReader(bytes.NewReader(pcapOf(append(n.packets, later))), live)
	if _, err := OpenCapture(t.Context(), from, CaptureOptions{Keys: keysOf(rec)}, func(c Captured) error {
		shown <- c
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if first == nil {
		t.Fatal("nothing was shown while the file went on")
	}
	if diff := cmp.Diff(wireStory(dissect.Transcript(wireOnly(rec)).Steps), resultStory(first.Result.Steps)); diff != "" {
		t.Errorf("(-recorded +captured):\n%s", diff)
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
