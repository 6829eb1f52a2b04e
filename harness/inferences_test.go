package harness

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// A tally counts how often something was inferred, how often that was right,
// and how often it would have been right to infer it.
type tally struct{ said, right, there int }

// inferences holds what is inferred without keys against what the keys show.
type inferences struct {
	kinds map[dissect.InferenceKind]*tally
	notes map[string]*tally
}

func newInferences() *inferences {
	return &inferences{kinds: map[dissect.InferenceKind]*tally{}, notes: map[string]*tally{}}
}

var inferenceKinds = []dissect.InferenceKind{
	dissect.ServerAsks, dissect.ServerDoesNotAsk, dissect.CertificateSent, dissect.NoCertificateSent,
	dissect.ClientRefuses, dissect.ServerRefuses, dissect.ServerAccepts, dissect.ClosesCleanly,
}

// compare strips a recording of its keys and compares.
func (n *inferences) compare(t *testing.T, name string, rec *transcript.Transcript) {
	t.Helper()
	rec = rec.Captured(outcome.Client)
	keyed, bare := dissect.Transcript(rec), dissect.Transcript(rec.WithoutKeys())
	if bare.Unread == 0 {
		if len(bare.Inferences) > 0 {
			t.Errorf("%s: all can be read, and %v is inferred", name, bare.Inferences)
		}
		return
	}
	for _, kind := range inferenceKinds {
		c := counted(n.kinds, kind)
		truth, known := isTrue(kind, keyed)
		if known && truth {
			c.there++
		}
		i := bare.Inferred(kind)
		if i == nil {
			continue
		}
		if kind == dissect.ServerRefuses && strings.HasPrefix(name, "quic/application-closes/") {
			continue // it names a server that says goodbye at once as what else it can be
		}
		c.said++
		if truth {
			c.right++
		} else {
			t.Errorf("%s: %s is inferred and wrong: %s", name, kind, i.Text)
		}
		if !strings.Contains(i.Text, "probably") {
			t.Errorf("%s: %s is said as a fact: %s", name, kind, i.Text)
		}
		for _, step := range i.Steps {
			if s := bare.Steps[step-1]; !s.Sealed() {
				t.Errorf("%s: %s is inferred from step %d, %s, which is no protected one", name, kind, step, s.Name)
			}
		}
	}
	for _, s := range bare.Steps {
		n.note(t, name, s, keyed)
	}
}

// note compares what is said of one step.
func (n *inferences) note(t *testing.T, name string, s *dissect.Step, keyed *dissect.Timeline) {
	t.Helper()
	_, said, ok := strings.Cut(s.Summary, "; probably ")
	if !ok {
		return
	}
	word := strings.TrimRight(strings.Fields(strings.TrimPrefix(strings.TrimPrefix(said, "an "), "a "))[0], ",:")
	var truth []string
	for _, k := range keyed.Steps {
		if k.Unit == s.Unit || slices.Contains(k.Units, s.Unit) {
			truth = append(truth, k.Name)
		}
	}
	c := counted(n.notes, word)
	c.said++
	if slices.ContainsFunc(truth, func(name string) bool { return strings.Contains(name, word) }) {
		c.right++
	} else {
		t.Errorf("%s: step %d is said to be probably %s, and is %q", name, s.N, word, truth)
	}
}

func counted[K comparable](m map[K]*tally, key K) *tally {
	if m[key] == nil {
		m[key] = &tally{}
	}
	return m[key]
}

// isTrue says whether an inference of that kind is true of a timeline that can be
// read, and whether one would be due.
func isTrue(kind dissect.InferenceKind, t *dissect.Timeline) (truth, due bool) {
	var asked, certificates, sent, shown bool
	var refused outcome.Role
	finished, closed := map[outcome.Role]bool{}, false
	for _, s := range t.Steps {
		switch m := s.Message.(type) {
		case *tlswire.CertificateRequest:
			asked = true
		case *tlswire.Certificate:
			shown = true // the session is no resumed one
			if s.From == outcome.Client {
				sent, certificates = true, len(m.Entries) > 0
			}
		case *tlswire.Finished:
			finished[s.From] = true
		}
		if s.Alert != nil && s.Alert.Code == 0 {
			closed = true
		}
		if refused == "" && (s.Alert != nil && s.Alert.Code != 0 || s.Close != nil && s.Close.Code != 0 && !s.Close.Application) {
			refused = s.From
		}
	}
	quic, old := t.Transport == outcome.QUIC, t.Version == tls.VersionTLS12
	flight := finished[outcome.Server] && !old
	switch kind {
	case dissect.ServerAsks:
		return asked, flight && !quic
	case dissect.ServerDoesNotAsk:
		return !asked, flight && !quic && shown
	case dissect.CertificateSent:
		return certificates, flight && finished[outcome.Client]
	case dissect.NoCertificateSent:
		return !certificates && (sent || quic), flight && finished[outcome.Client] && shown && (sent || quic)
	case dissect.ClientRefuses:
		return refused == outcome.Client, flight
	case dissect.ServerRefuses:
		return refused == outcome.Server, flight
	case dissect.ServerAccepts:
		return refused == "", flight
	case dissect.ClosesCleanly:
		return closed, closed
	}
	return false, false
}

func (n *inferences) String() string {
	var b strings.Builder
	for _, kind := range inferenceKinds {
		c := counted(n.kinds, kind)
		fmt.Fprintf(&b, "\n  %-26s said %3d, right %3d, of %3d that there were", kind, c.said, c.right, c.there)
	}
	b.WriteString("\n  of single steps:")
	for _, word := range slices.Sorted(func(yield func(string) bool) {
		for word := range n.notes {
			if !yield(word) {
				return
			}
		}
	}) {
		fmt.Fprintf(&b, "\n  %-26s said %3d, right %3d", word, n.notes[word].said, n.notes[word].right)
	}
	return b.String()
}

// enough asserts that an inference is drawn where it could be: one that is never
// drawn is never wrong.
func (n *inferences) enough(t *testing.T, share float64, kinds ...dissect.InferenceKind) {
	t.Helper()
	for _, kind := range kinds {
		if c := counted(n.kinds, kind); c.there == 0 || float64(c.right) < share*float64(c.there) {
			t.Errorf("%s is drawn %d times of %d, want %.0f%%", kind, c.right, c.there, 100*share)
		}
	}
}

// What sizes and order are said to give away is what the keys then show, over
// every built-in scenario.
func TestInferencesWithoutKeys(t *testing.T) {
	n := newInferences()
	played(t, func(name string, tampered bool, c *Connection) {
		if tampered || strings.HasPrefix(name, "clientauth/asked-too-late/") {
			return // the one client that sends an alert behind a finished handshake and does not mean goodbye
		}
		n.compare(t, name, c.Transcript)
	})
	n.enough(t, 0.9, inferenceKinds...)
	t.Log(n)
}

// Where only the client's secrets are known, what the server says last stays sealed,
// and is given away as it is without any.
func TestInferencesWithTheClientsKeys(t *testing.T) {
	n := newInferences()
	played(t, func(name string, tampered bool, c *Connection) {
		if tampered || strings.HasPrefix(name, "clientauth/asked-too-late/") || c.Transcript.Transport == outcome.TCP && c.Timeline.Version != tlswire.VersionTLS13 {
			return
		}
		rec := c.Transcript.Captured(outcome.Client)
		keyed := dissect.Transcript(rec)
		half := rec.WithoutKeys()
		for line := range strings.Lines(rec.ClientKeys.String()) {
			if strings.HasPrefix(line, "CLIENT_") {
				if err := half.ClientKeys.Parse([]byte(line)); err != nil {
					t.Fatal(err)
				}
			}
		}
		one := dissect.Transcript(half)
		if one.Unread == 0 {
			return
		}
		for _, kind := range []dissect.InferenceKind{dissect.ServerRefuses, dissect.ServerAccepts} {
			c := counted(n.kinds, kind)
			truth, due := isTrue(kind, keyed)
			if due = due && slices.ContainsFunc(one.Steps, func(s *dissect.Step) bool { return s.From == outcome.Client && s.Name == "Finished" }); due && truth {
				c.there++
			}
			i := one.Inferred(kind)
			if i == nil || kind == dissect.ServerRefuses && strings.HasPrefix(name, "quic/application-closes/") {
				continue
			}
			c.said++
			if truth {
				c.right++
			} else {
				t.Errorf("%s: %s is inferred and wrong: %s", name, kind, i.Text)
			}
		}
		if likely := diagnose.Diagnose(diagnose.Input{Timeline: one, Recorded: half.Start}).Likely; likely != nil && likely.Outcome == diagnose.Established {
			if truth, _ := isTrue(dissect.ServerAccepts, keyed); !truth {
				t.Errorf("%s: it is probably established, and was refused: %v", name, likely.Evidence)
			}
		}
	})
	n.enough(t, 0.9, dissect.ServerRefuses, dissect.ServerAccepts)
	t.Log(n)
}

// A server that resumes a session can refuse the client before the client's Finished
// has come: nothing is probable then of a handshake whose alert stays sealed.
func TestAnObjectionBeforeTheClientsFinished(t *testing.T) {
	connections := playYAML(t, outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}, `
server: {tickets: true}
client: {tickets: true}
script:
  - connect
  - reload: {server: {policy: {verify_connection: "not welcome any more"}}}
  - connect: {resume: true}
`)
	rec := connections[1].Transcript.Captured(outcome.Client)
	keyed := dissect.Transcript(rec)
	unit := func(from outcome.Role, name string) int {
		i := slices.IndexFunc(keyed.Steps, func(s *dissect.Step) bool { return s.From == from && s.Name == name })
		if i < 0 {
			t.Fatalf("the %s has sent no %s", from, name)
		}
		return keyed.Steps[i].Unit
	}
	// Which of them comes first depends on who is faster.
	finished := unit(outcome.Client, "Finished")
	orders := [][]transcript.Unit{rec.Units}
	for _, other := range []int{unit(outcome.Server, "alert bad_certificate"), unit(outcome.Server, "FIN")} {
		turned := slices.Clone(rec.Units)
		for _, of := range [][2]int{{finished, other}, {other, finished}} {
			from := rec.Units[of[1]]
			turned[of[0]].From, turned[of[0]].Kind, turned[of[0]].Sent = from.From, from.Kind, from.Sent
		}
		orders = append(orders, turned)
	}
	for _, units := range orders {
		half := rec.WithoutKeys()
		half.Units = units
		for line := range strings.Lines(rec.ClientKeys.String()) {
			if strings.HasPrefix(line, "CLIENT_") {
				if err := half.ClientKeys.Parse([]byte(line)); err != nil {
					t.Fatal(err)
				}
			}
		}
		timeline := dissect.Transcript(half)
		if timeline.Unread == 0 {
			t.Error("the alert can be read")
		}
		if likely := diagnose.Diagnose(diagnose.Input{Timeline: timeline, Recorded: half.Start}).Likely; likely != nil && likely.Outcome == diagnose.Established {
			t.Errorf("it is probably established: %v", likely.Evidence)
		}
	}
}

// The same against servers of other stacks.
func TestInferencesWithoutKeysOfOtherStacks(t *testing.T) {
	b := workshop(t)
	b.issue("expired", "client.test", "client-ca", "-1", asClient)
	b.cat("expired-chain.pem", "expired.crt", "client-ca.crt")
	servers := map[string]func(version string) string{
		"openssl": func(version string) string {
			return b.serve("-Verify", "3", "-verify_return_error", "-tls"+strings.ReplaceAll(version, ".", "_"))
		},
		"openssl that does not ask": func(version string) string {
			return b.serve("-tls" + strings.ReplaceAll(version, ".", "_"))
		},
		"gnutls": func(version string) string { return b.serveGnuTLS("NORMAL:-VERS-ALL:+VERS-TLS" + version) },
	}
	n := newInferences()
	for server, serve := range servers {
		for _, version := range []string{"1.2", "1.3"} {
			address := serve(version)
			for name, target := range map[string]Target{
				"a good certificate": {CertFile: b.path("client-chain.pem"), KeyFile: b.path("client.key"), TrustFile: b.path("server-root.crt")},
				"expired":            {CertFile: b.path("expired-chain.pem"), KeyFile: b.path("expired.key"), TrustFile: b.path("server-root.crt")},
				"none":               {TrustFile: b.path("server-root.crt")},
				"not trusted":        {TrustFile: b.path("other-root.crt")},
			} {
				target.Address, target.ServerName, target.TLS = address, "server.test", version
				c, err := newConnector(target, Options{})
				if err != nil {
					t.Fatal(err)
				}
				connections, _, err := c.play(context.Background(), c.cell(), Options{}, hooks{})
				if err != nil {
					t.Fatal(err)
				}
				n.compare(t, server+" "+version+" "+name, connections[0].Transcript)
			}
		}
	}
	t.Log(n)
}
