package harness

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/quic-go/quic-go"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/link"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
	"shakedown/harness/transcript"
)

// referenceScenarios are those whose references are kept as golden files: each
// shows some that the others do not.
var referenceScenarios = []string{
	"healthy/mutual",
	"healthy/hello-retry-request",
	"clientauth/no-client-certificate",
	"clientauth/client-key-mismatch",
	"trust/unknown-client-ca-filtered",
	"trust/unknown-server-ca",
	"trust/client-ca-rotated",
	"identity/ip-without-ip-san",
	"validity/client-expired",
	"negotiation/alpn-mismatch",
	"negotiation/version-mismatch",
}

// What the whole of a connection tells of each step is the same each time, word
// for word.
func TestGoldenReferences(t *testing.T) {
	var list []*scenario.Scenario
	for _, sc := range builtIn(t) {
		if slices.Contains(referenceScenarios, sc.ID) {
			list = append(list, sc)
		}
	}
	if len(list) != len(referenceScenarios) {
		t.Fatalf("%d of %d scenarios are built in", len(list), len(referenceScenarios))
	}
	resumed := parse(t, resumption)
	resumed.ID = "resumption"
	for _, sc := range append(list, resumed) {
		for cell, connections := range playAll(t, sc) {
			t.Run(sc.ID+"/"+cell.String(), func(t *testing.T) {
				golden(t, filepath.Join("testdata", "references", sc.ID, goldenName(cell)), references(connections...))
			})
		}
	}
}

// playAll plays a scenario in each of its cells.
func playAll(t *testing.T, sc *scenario.Scenario) map[outcome.Cell][]*Connection {
	t.Helper()
	ready, err := newStage(sc, goldenNow, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := map[outcome.Cell][]*Connection{}
	for _, cell := range sc.Cells {
		if all[cell], err = newPlay(ready, cell, Options{Carrier: Memory}).run(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// references writes what the Books of connections add to their steps.
func references(connections ...*Connection) string {
	var text strings.Builder
	var numbers []map[string]string
	for i, c := range connections {
		if len(connections) > 1 {
			fmt.Fprintf(&text, "=== connection %d\n", i+1)
		}
		var body strings.Builder
		numbers = append(numbers, writeReferences(&body, c))
		text.WriteString(stepNumber.ReplaceAllStringFunc(body.String(), func(found string) string {
			of := i
			step := found
			if before, after, ok := strings.Cut(found, ", "); ok {
				of, step = int(before[len("connection ")]-'1'), after
				found = before + ", "
			} else {
				found = ""
			}
			return found + anyNumber.ReplaceAllStringFunc(step, func(n string) string { return numbers[of][n] })
		}))
	}
	return varies.ReplaceAllString(text.String(), "$1 …")
}

var (
	stepNumber = regexp.MustCompile(`(?m)^#\d+|(connection \d, )?\bsteps? \d+( and \d+)?`)
	anyNumber  = regexp.MustCompile(`\d+`)
	// varies is what depends on a stack's timers: a ticket's age, and whether a
	// server acknowledges the first part of a ClientHello before it answers.
	varies = regexp.MustCompile(`(the ticket is|the server's first Initial packet) (\(step \d+\)|\S+)`)
)

// writeReferences writes what is told of each step of a connection, and returns
// the numbers that its steps have in the golden timelines. One that is not in
// them has that of the next one that is.
func writeReferences(w *strings.Builder, c *Connection) map[string]string {
	numbers := map[string]string{}
	n := 1
	for _, s := range inOrder(c.Timeline.Steps) {
		numbers[strconv.Itoa(s.N)] = strconv.Itoa(n)
		if isChatter(s) || s.Kind == dissect.KindLocal || s.Kind == dissect.KindChangeCipherSpec && retried(c.Timeline) {
			continue
		}
		n++
		fmt.Fprintf(w, "#%d  %s %s\n", s.N, s.From, s.Name)
		for _, text := range c.Book.Says(s) {
			fmt.Fprintf(w, "    %s\n", text)
		}
		for _, p := range c.Book.Checks(s) {
			fmt.Fprintf(w, "    %s %s: %s\n", p.Result, p.Of, p.Text)
		}
		writeAdded(w, s.Tree().Fields, c.Book.Tree(s).Fields, "")
	}
	return numbers
}

// writeAdded writes the sentences that one tree has and the other has not.
func writeAdded(w *strings.Builder, own, completed []field.Field, way string) {
	for i := range own {
		at := way + "/" + own[i].Label
		if own[i].Label == "ACK" {
			continue // when a stack acknowledges what depends on its timers
		}
		if added := strings.TrimSpace(strings.TrimSuffix(completed[i].Meaning, own[i].Meaning)); added != "" {
			fmt.Fprintf(w, "    %s: %s\n", strings.TrimPrefix(at, "/"), added)
		}
		writeAdded(w, own[i].Fields, completed[i].Fields, at)
	}
}

// rewrites says that a scenario's link changes messages, so that its two sides
// have seen different ones, and hold different secrets under one name.
func rewrites(sc *scenario.Scenario) bool {
	return slices.ContainsFunc(sc.Wire, func(f scenario.Fault) bool { return f.Do.Rewrite != nil })
}

// In every scenario in every cell each signature and each MAC holds, but for
// those that the scenario breaks.
func TestEveryProofOfEveryScenario(t *testing.T) {
	broken := map[string][]string{
		"tolerated/path-with-backtracking":  {"server certificate 1"}, // the next in the file is not its issuer
		"clientauth/client-key-mismatch":    {"client CertificateVerify"},
		"trust/server-ca-rotated":           {"server certificate 2"},
		"trust/client-ca-rotated":           {"client certificate 2"},
		"trust/client-ca-rotated-rsa":       {"client certificate 1"},
		"trust/server-intermediate-rekeyed": {"server certificate 1"},
		"trust/server-broken-signature":     {"server certificate 1"},
		"trust/client-broken-signature":     {"client certificate 1"},
		"key/client-chain-wrong-order":      {"client CertificateVerify"},
		"key/client-key-type-mismatch":      {"client CertificateVerify"},
		"key/client-certificate-damaged":    {"client certificate 1"},
		"key/server-key-mismatch":           {"server CertificateVerify", "server ServerKeyExchange"},
		"key/server-chain-wrong-order":      {"server CertificateVerify", "server ServerKeyExchange"},
		"key/server-key-type-mismatch":      {"server CertificateVerify", "server ServerKeyExchange"},
		"key/server-certificate-damaged":    {"server certificate 1"},
	}
	for _, sc := range append(sampled(t), parse(t, resumption)) {
		if rewrites(sc) {
			continue // each side proves something about what it has seen itself
		}
		for cell, connections := range playAll(t, sc) {
			proven := map[string]int{}
			for i, c := range connections {
				for _, s := range c.Timeline.Steps {
					for _, p := range c.Book.Checks(s) {
						of := string(s.From) + " " + p.Of
						proven[of]++
						want := crossref.Verified
						switch {
						case slices.Contains(broken[sc.ID], of):
							want = crossref.Failed
						case of == "client binder":
							want = crossref.NotChecked // no key log has the key
						case sc.ID == "trust/client-unknown-signature" && of == "client certificate 1":
							want = crossref.NotChecked // nobody here knows the algorithm
						}
						if p.Result != want {
							t.Errorf("%s %s, connection %d, step %d: %s is %s, want %s: %s", sc.ID, cell, i+1, s.N, of, p.Result, want, p.Text)
						}
					}
				}
			}
			if list, ok := broken[sc.ID]; ok && !slices.ContainsFunc(list, func(of string) bool { return proven[of] > 0 }) {
				t.Errorf("%s %s: %v was not checked", sc.ID, cell, list)
			}
			if sc.ID == "healthy/mutual" && (proven["client Finished"] != 1 || proven["server Finished"] != 1 || proven["client CertificateVerify"] != 1 ||
				proven["server CertificateVerify"]+proven["server ServerKeyExchange"] != 1 || proven["client certificate 2"] != 1) {
				t.Errorf("%s %s proves %v", sc.ID, cell, proven)
			}
		}
	}
}

// A Retry packet, what answers it, and the connection IDs that the transport
// parameters repeat.
func TestReferencesOfRetry(t *testing.T) {
	c := &Connection{Transcript: recordRetry(t)}
	c.Timeline = dissect.Transcript(c.Transcript)
	c.Book = crossref.New(crossref.Input{Timeline: c.Timeline, Transcript: c.Transcript})
	begin, _, _ := strings.Cut(references(c), "server CertificateRequest")
	golden(t, filepath.Join("testdata", "references", "retry.txt"), begin[:strings.LastIndex(begin, "#")])

	t.Run("with one bit of the Retry packet flipped", func(t *testing.T) {
		changed := *c.Transcript
		changed.Units = slices.Clone(changed.Units)
		for i, u := range changed.Units {
			if changed.Units[i].Sent = slices.Clone(u.Sent); i == 1 {
				changed.Units[i].Sent[len(u.Sent)-1] ^= 1 // the Retry packet is all that the server sends first
			}
		}
		timeline := dissect.Transcript(&changed)
		book := crossref.New(crossref.Input{Timeline: timeline, Transcript: &changed})
		if p := book.Checks(timeline.Steps[1]); len(p) != 1 || p[0].Result != crossref.Failed {
			t.Errorf("the tag of %s: %+v", timeline.Steps[1].Name, p)
		}
	})
}

// recordRetry records a pair whose server wants the client's address proven.
func recordRetry(t *testing.T) *transcript.Transcript {
	t.Helper()
	bench := newBench(t, outcome.Cell{Transport: outcome.QUIC, TLS: "1.3"})
	client, server := bench.bareConfigs()
	client.CurvePreferences = server.CurvePreferences[:0]
	client.CurvePreferences = append(client.CurvePreferences, 0x001d) // one datagram, so that there is one Retry packet
	rec := &transcript.Transcript{Transport: outcome.QUIC}
	l := link.New(rec, link.Options{})
	client.KeyLogWriter, server.KeyLogWriter = l.KeyLog(outcome.Client), l.KeyLog(outcome.Server)
	c, s, err := Loopback.udpPair()
	if err != nil {
		t.Fatal(err)
	}
	near := &quic.Transport{Conn: l.Packet(outcome.Client, c)}
	far := &quic.Transport{Conn: l.Packet(outcome.Server, s), VerifySourceAddress: func(net.Addr) bool { return true }}
	shakeQUIC(t, near, far, client, server)
	return rec
}

// An ACK names the steps of the other side that it acknowledges, all of them
// sent before it.
func TestReferencesOfACK(t *testing.T) {
	sc := parse(t, "title: a healthy pair\n")
	named := 0
	for cell, connections := range playAll(t, sc) {
		if cell.Transport != outcome.QUIC {
			continue
		}
		c := connections[0]
		for _, s := range c.Timeline.Steps {
			for _, packet := range c.Book.Tree(s).Fields {
				for _, f := range packet.Fields {
					text, ok := strings.CutPrefix(f.Meaning, "It acknowledges the packets of ")
					if f.Label != "ACK" || !ok {
						continue
					}
					text, _, _ = strings.Cut(text, ".")
					if _, span, many := strings.Cut(text, " steps, from "); many {
						text = span
					}
					for _, number := range anyNumber.FindAllString(text, -1) {
						n, _ := strconv.Atoi(number)
						if of := c.Timeline.Steps[n-1]; of.From == s.From || of.N >= s.N {
							t.Errorf("step %d, from the %s, acknowledges step %d, from the %s", s.N, s.From, of.N, of.From)
						}
						named++
					}
				}
			}
		}
	}
	if named < 4 {
		t.Errorf("%d steps are acknowledged", named)
	}
}

// The binder of a resumed session holds with the session's own key, and proves
// nothing with another one.
func TestBinderOfAResumedSession(t *testing.T) {
	ready, err := newStage(parse(t, resumption), goldenNow, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range []outcome.Cell{{Transport: outcome.TCP, TLS: "1.3"}, {Transport: outcome.QUIC, TLS: "1.3"}} {
		p := newPlay(ready, cell, Options{Carrier: Memory})
		var psk []byte
		p.hooks.between = func(_ context.Context, _ *Connection) error {
			if psk == nil {
				psk = sessionKey(t, p.sessions)
			}
			return nil
		}
		connections, err := p.run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		c := connections[1]
		for _, tt := range []struct {
			key  []byte
			want crossref.Result
		}{{psk, crossref.Verified}, {make([]byte, len(psk)), crossref.NotChecked}, {nil, crossref.NotChecked}} {
			in := crossref.Input{Timeline: c.Timeline, Transcript: c.Transcript}
			if tt.key != nil {
				in.PreSharedKeys = [][]byte{tt.key}
			}
			book, found := crossref.New(in), 0
			for _, s := range c.Timeline.Steps {
				for _, proof := range book.Checks(s) {
					if proof.Of != "binder" {
						continue
					}
					if found++; proof.Result != tt.want {
						t.Errorf("%s: with a key of %d bytes the binder is %s, want %s: %s", cell, len(tt.key), proof.Result, tt.want, proof.Text)
					}
				}
			}
			if found != 1 {
				t.Errorf("%s: %d binders", cell, found)
			}
		}
	}
}

// sessionKey takes the pre-shared key out of a client's session, in whose
// encoding it stands behind the version, the type, the suite and the time.
func sessionKey(t *testing.T, of *sessions) []byte {
	t.Helper()
	session, ok := of.ClientSessionCache.Get("server.test")
	if !ok {
		t.Fatal("no session is kept")
	}
	_, state, err := session.ResumptionState()
	if err != nil {
		t.Fatal(err)
	}
	b, err := state.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	const at = 2 + 1 + 2 + 8
	return b[at+1 : at+1+int(b[at])]
}

// Many readers of one Book get the same answers.
func TestBookIsSharedByGoroutines(t *testing.T) {
	c := playAll(t, parse(t, "title: a healthy pair\nmatrix: {transport: [tcp], tls: [\"1.3\"]}\n"))[outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}][0]
	book := crossref.New(crossref.Input{Timeline: c.Timeline, Transcript: c.Transcript})
	var readers sync.WaitGroup
	texts := make([]string, 8)
	for i := range texts {
		readers.Go(func() {
			var text strings.Builder
			for _, s := range c.Timeline.Steps {
				fmt.Fprint(&text, book.Says(s), book.Checks(s))
				writeAdded(&text, s.Tree().Fields, book.Tree(s).Fields, "")
			}
			texts[i] = text.String()
		})
	}
	readers.Wait()
	for _, text := range texts {
		if text != texts[0] || !strings.Contains(text, "verifies with the key in step") {
			t.Errorf("readers differ:\n%s\n%s", texts[0], text)
		}
	}
}
