package diagnose

import (
	"slices"
	"strings"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// cut returns the recording up to a step of that name from that side, that step
// included or not.
func cut(t *testing.T, rec *transcript.Transcript, from outcome.Role, name string, included bool) *transcript.Transcript {
	t.Helper()
	for _, s := range dissect.Transcript(rec).Steps {
		if s.From != from || s.Name != name {
			continue
		}
		c := *rec
		end := s.Unit
		if included {
			end++
		}
		c.Units = rec.Units[:end]
		return &c
	}
	t.Fatalf("the recording has no %s from the %s", name, from)
	return nil
}

// TestCapturesThatStop takes healthy handshakes and stops the recording at each
// unit: nothing is ever called broken, timed out or refused, and no cause is
// named that is more than a guess. Where the outcome is not shown, what is
// missing is said.
func TestCapturesThatStop(t *testing.T) {
	for _, cell := range cells {
		for _, keys := range []bool{true, false} {
			rec := captured(newSetup(t, cell).record(), outcome.Client)
			if !keys {
				rec = rec.WithoutKeys()
			}
			for n := range len(rec.Units) {
				if slices.ContainsFunc(rec.Units[:n], func(u transcript.Unit) bool { return u.Kind != transcript.Data }) {
					break // a direction has ended
				}
				c := *rec
				c.Units = rec.Units[:n]
				d, timeline := diagnosed(&c, nil)
				if d.Outcome != Established && d.Outcome != Unknown {
					t.Errorf("%s, keys %t, %d units: outcome %s\n%s", cell, keys, n, d.Outcome, wireStory(timeline))
				}
				if l := d.Likely; l != nil && l.Outcome == Broken {
					t.Errorf("%s, keys %t, %d units: likely %+v\n%s", cell, keys, n, l, wireStory(timeline))
				}
				for _, cause := range d.Causes {
					if cause.Certain {
						t.Errorf("%s, keys %t, %d units: %s is certain\n%s", cell, keys, n, cause.ID, wireStory(timeline))
					}
				}
				if d.Outcome == Unknown && len(d.Missing) == 0 {
					t.Errorf("%s, keys %t, %d units: nothing is said to be missing", cell, keys, n)
				}
				wellSaid(t, d)
			}
		}
	}
}

// TestCapturesThatBeginLate takes the beginning away: nothing is claimed.
func TestCapturesThatBeginLate(t *testing.T) {
	for _, cell := range cells {
		rec := captured(newSetup(t, cell).record(), outcome.Client)
		for n := 3; n < len(rec.Units); n++ {
			c := *rec
			c.Units = nil
			for _, u := range rec.Units[n:] {
				u.Index = len(c.Units)
				c.Units = append(c.Units, u)
			}
			d, timeline := diagnosed(&c, nil)
			if len(d.Causes) > 0 && d.Causes[0].Certain && slices.ContainsFunc(c.Units, func(u transcript.Unit) bool { return u.Kind == transcript.Data }) {
				t.Errorf("%s from unit %d: %v\n%s", cell, n, said(d), wireStory(timeline))
			}
			if d.Outcome == Refused {
				t.Errorf("%s from unit %d: %v\n%s", cell, n, said(d), wireStory(timeline))
			}
		}
	}
}

func finishedStep(from outcome.Role) *dissect.Step {
	return handStep(from, dissect.KindHandshake, "Finished", func(s *dissect.Step) { s.Message = &tlswire.Finished{} })
}

func again(s *dissect.Step) *dissect.Step {
	s.Marks = append(s.Marks, transcript.Retransmission)
	return s
}

func requestStep() *dissect.Step {
	return handStep(outcome.Server, dissect.KindHandshake, "CertificateRequest", func(s *dissect.Step) { s.Message = &tlswire.CertificateRequest{} })
}

func dataStep(from outcome.Role) *dissect.Step {
	return handStep(from, dissect.KindApplicationData, "application data", nil)
}

// TestShown are the ends of a connection as nothing but the wire shows them.
func TestShown(t *testing.T) {
	client, server := outcome.Client, outcome.Server
	fin, rst := func(r outcome.Role) *dissect.Step { return transportStep(r, "FIN") }, func(r outcome.Role) *dissect.Step { return transportStep(r, "RST") }
	handshake := func(more ...*dissect.Step) []*dissect.Step {
		return append([]*dissect.Step{clientHello(250), serverHello(), requestStep(), finishedStep(server), finishedStep(client)}, more...)
	}
	tests := []struct {
		name      string
		transport outcome.Transport
		steps     []*dissect.Step
		outcome   Kind
		likely    Kind
		causes    []string
		missing   string // what the first missing piece begins with
	}{
		{"nobody listens", outcome.TCP, []*dissect.Step{rst(server)}, Broken, "", one("connection-refused"), ""},
		{"a health check", outcome.TCP, []*dissect.Step{fin(client), fin(server)}, Broken, "", one("client-gone"), ""},
		{"closed after the ClientHello", outcome.TCP, []*dissect.Step{clientHello(250), fin(server), fin(client)}, Broken, "", one("fin-after-hello"), ""},
		{"reset after the ClientHello", outcome.TCP, []*dissect.Step{clientHello(250), rst(server)}, Broken, "", one("rst-after-hello"), ""},
		{"the client gives up waiting", outcome.TCP, []*dissect.Step{clientHello(250), fin(client)}, TimedOut, "", one("blackhole"), ""},
		{"the client gives up waiting for an answer to a large ClientHello", outcome.TCP, []*dissect.Step{clientHello(1480), again(handStep(client, dissect.KindTransport, "unknown bytes", nil)), rst(client)}, TimedOut, "", []string{"large-hello-dropped?", "blackhole?"}, ""},
		{"no answer yet", outcome.TCP, []*dissect.Step{clientHello(250)}, Unknown, TimedOut, one("blackhole?"), "the end of the connection: the last that the recording has is step 1, ClientHello from the client"},
		{"no answer yet over UDP", outcome.QUIC, []*dissect.Step{clientHello(1200), again(clientHello(1200))}, Unknown, TimedOut, one("quic-silence?"), "the end"},
		{"cut in the server's flight", outcome.TCP, []*dissect.Step{clientHello(250), serverHello(), fin(server)}, Broken, "", one("cut-mid-flight"), ""},
		{"still in the server's flight", outcome.TCP, []*dissect.Step{clientHello(250), serverHello(), requestStep()}, Unknown, "", nil, "the end"},
		{"the client is done, and that is all", outcome.TCP, handshake(), Unknown, Established, nil, "the end"},
		{"the client is done and closes", outcome.TCP, handshake(fin(client)), Unknown, Established, nil, ""},
		{"the server resets when the client is done", outcome.TCP, handshake(rst(server)), Broken, "", one("reset-hides-alert?"), "the server's log"},
		{"the server closes when the client is done", outcome.TCP, handshake(fin(server), fin(client)), Unknown, "", one("app-close?"), "the server's log"},
		{"the server goes on", outcome.TCP, handshake(dataStep(server)), Established, "", nil, ""},
		{"the server goes on, and the client resets in the end", outcome.TCP, handshake(dataStep(server), rst(client)), Established, "", nil, ""},
		{"the client's data are no word of the server's", outcome.TCP, handshake(dataStep(client)), Unknown, Established, nil, "the end"},
		{"the server closes with a close_notify", outcome.TCP, handshake(alert(server, 1, 0, false), fin(server)), Established, "", nil, ""},
		{"plain HTTP, and the recording stops", outcome.TCP, []*dissect.Step{clientHello(250), transportStep(server, "HTTP response")}, Unknown, "", nil, "the end"},
		{"TLS behind a PROXY header", outcome.TCP, append([]*dissect.Step{transportStep(client, "PROXY protocol")}, handshake(dataStep(server))...), Established, "", nil, ""},
		{"STARTTLS, and cut", outcome.TCP, []*dissect.Step{transportStep(server, "SMTP banner"), transportStep(client, "cleartext"), clientHello(250), serverHello(), fin(server)}, Broken, "", one("cut-mid-flight"), ""},
		{"something is lost", outcome.TCP, []*dissect.Step{clientHello(250), serverHello(), transportStep(server, "gap"), finishedStep(server), fin(server)}, Unknown, "", nil, "what the recording has lost at step 3, from the server"},
		{"nothing at all", outcome.TCP, nil, Unknown, "", nil, "every packet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			version := uint16(0)
			if slices.ContainsFunc(tt.steps, func(s *dissect.Step) bool { return s.Name == "ServerHello" }) {
				version = tls13
			}
			d := Diagnose(Input{Timeline: timeline(tt.transport, version, tt.steps...), Recorded: testClock})
			likely := Kind("")
			if d.Likely != nil {
				likely = d.Likely.Outcome
			}
			if d.Outcome != tt.outcome || likely != tt.likely {
				t.Errorf("got %q, likely %q, want %q, likely %q", d.Outcome, likely, tt.outcome, tt.likely)
			}
			if got := said(d).causes; !slices.Equal(got, tt.causes) {
				t.Errorf("got causes %v, want %v\n%s", got, tt.causes, story(d))
			}
			first := ""
			if len(d.Missing) > 0 {
				first = d.Missing[0].What
			}
			if !strings.HasPrefix(first, tt.missing) || tt.missing == "" && d.Outcome != Unknown && first != "" && len(d.Causes) < 2 {
				t.Errorf("got missing %q, want %q", first, tt.missing)
			}
			wellSaid(t, d)
		})
	}
}

// A capture that stops says no more than it has seen, whatever was coming.
func TestARefusalThatIsNotInTheCapture(t *testing.T) {
	for _, cell := range []outcome.Cell{tcp12, tcp13} {
		s := newSetup(t, cell)
		s.present(outcome.Client, issue(t, s.clientCA, clientLeaf(expired)), s.clientCA)
		rec := cut(t, captured(s.record(), outcome.Client), outcome.Server, "alert certificate_expired", false)
		d, _ := diagnosed(rec, nil)
		if d.Outcome != Unknown || len(d.Causes) > 0 || !has(d.Further, "client-expired") {
			t.Errorf("%s: got %v, want an unknown outcome, no cause, and that the client's certificate has expired\n%s", cell, said(d), story(d))
		}
	}
}

// What is missing is named with what it would settle and how to get it.
func TestMissingNamesWhatWouldSettleIt(t *testing.T) {
	tests := []struct {
		name  string
		cell  outcome.Cell
		build func(*setup)
		keys  bool
		want  []string
	}{
		{"a server that the client does not trust", tcp13, func(s *setup) { s.client.Trust = raws(issue(s.t, nil, ca("Rogue"))) }, true, []string{
			"the client's trust store: which CAs it holds, and with which keys",
			"whether it is server-untrusted-ca, server-missing-intermediate",
			"shakedown debug --server-cert SERVER-CERTIFICATE.pem --server-key SERVER-KEY.pem --client-trust CLIENT-TRUST.pem --server-name server.test",
			"the client's clock when the recording began",
			`the name that the client verifies the server's certificate for; "server.test" is assumed, from server_name in its ClientHello`,
		}},
		{"a server that the client does not trust, without keys", tcp13, func(s *setup) { s.client.Trust = raws(issue(s.t, nil, ca("Rogue"))) }, false, []string{
			"the session keys: 6 records are encrypted", "the certificates, and the alert if there is one", "shakedown open FILE --keylog keys.log",
		}},
		{"a client that sends no certificate", tcp13, func(s *setup) { s.client.Credentials = nil }, true, []string{
			"what certificate the client is configured with", "whether it is client-no-cert, client-ca-hint-mismatch, client-key-unsupported, client-sigalg-mismatch or proxy-reoriginates", "shakedown debug --client-cert CLIENT-CERTIFICATE.pem",
		}},
		{"a client that signs with another key", tcp12, func(s *setup) { s.sign(outcome.Client, issue(s.t, nil, clientLeaf())) }, true, []string{
			"the key that the client signs with", "whether it belongs to the first certificate",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSetup(t, tt.cell)
			tt.build(s)
			rec := captured(s.record(), outcome.Client)
			if !tt.keys {
				rec = rec.WithoutKeys()
			}
			d, _ := diagnosed(rec, nil)
			var all strings.Builder
			for _, m := range d.Missing {
				all.WriteString(m.What + "\n" + m.Settles + "\n" + m.Try + "\n")
			}
			for _, w := range tt.want {
				if !strings.Contains(all.String(), w) {
					t.Errorf("%q is not in\n%s", w, all.String())
				}
			}
		})
	}
}

// FuzzCapture feeds arbitrary bytes as a capture, in units that come from either side in
// turn. Whatever they are, what is said of them is well said, and
// nothing inferred is certain.
func FuzzCapture(f *testing.F) {
	for _, cell := range cells {
		rec := captured(newSetup(f, cell).record(), outcome.Client).WithoutKeys()
		var client, server []byte
		for _, u := range rec.Units {
			if u.From == outcome.Client {
				client = append(client, u.Sent...)
			} else {
				server = append(server, u.Sent...)
			}
		}
		f.Add(client, server, cell.Transport == outcome.QUIC, uint16(200))
	}
	f.Fuzz(func(t *testing.T, client, server []byte, quic bool, size uint16) {
		rec := &transcript.Transcript{Transport: outcome.TCP, Start: testClock}
		if quic {
			rec.Transport = outcome.QUIC
		}
		sent := map[outcome.Role][]byte{outcome.Client: client, outcome.Server: server}
		for from := outcome.Client; len(sent[outcome.Client])+len(sent[outcome.Server]) > 0; from = from.Peer() {
			n := min(len(sent[from]), int(size)+1)
			seq := uint64(len(rec.Units) + 1)
			rec.Units = append(rec.Units, transcript.Unit{Index: len(rec.Units), From: from, Sent: sent[from][:n:n], Seq: seq, Deliveries: []transcript.Delivery{{Seq: seq}}})
			if sent[from] = sent[from][n:]; len(rec.Units) > 200 {
				break
			}
		}
		d, timeline := diagnosed(rec, nil)
		wellSaid(t, d)
		for _, i := range timeline.Inferences {
			if len(i.Steps) == 0 || !strings.Contains(i.Text, "probably") {
				t.Errorf("%+v", i)
			}
		}
		if d.Likely != nil && slices.ContainsFunc(d.Causes, func(c Cause) bool { return c.Certain }) {
			t.Errorf("the outcome is only likely, and a cause is certain: %v", said(d))
		}
	})
}

// A signature that does not verify is checked again over what was recorded, so
// that a capture with its keys shows what the alert only hints at. Whether the key
// is another one or a message before it was changed, only the other end's
// recording shows.
func TestASignatureIsCheckedOnACapture(t *testing.T) {
	mismatch := []string{"client-key-mismatch?", "altered-on-path?"}
	for cell, want := range map[outcome.Cell][]string{tcp12: mismatch, tcp13: mismatch, quic13: mismatch} {
		s := newSetup(t, cell)
		s.sign(outcome.Client, issue(t, nil, clientLeaf()))
		d, _ := diagnosed(captured(s.record(), outcome.Server), nil)
		if got := said(d).causes; !slices.Equal(got, want) || !strings.Contains(story(d), "checked here as well") {
			t.Errorf("%s: got %v, want %v\n%s", cell, got, want, story(d))
		}
	}
}
