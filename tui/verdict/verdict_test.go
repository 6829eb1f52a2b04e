package verdict

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	tea "charm.land/bubbletea/v2"

	"shakedown/harness"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

// refusedLate is a server's late refusal: the client is complete.
func refusedLate() harness.State {
	s := harness.State{
		ID: "clientauth/no-client-certificate", Title: "The scenario's title", Phase: harness.PhaseHeld,
		Timeline: &dissect.Timeline{Steps: []*dissect.Step{{N: 1, Kind: dissect.KindHandshake, Name: "ClientHello", From: outcome.Client}}},
	}
	s.Client.Outcome = outcome.Outcome{Role: outcome.Client, Known: true, Complete: true}
	s.Server.Outcome = outcome.Outcome{Role: outcome.Server, Known: true, Handshake: &outcome.Failure{
		Text: "tls: client didn't provide a certificate", Op: outcome.OpHandshake, Local: &outcome.LocalAlert{Code: 116, HasCode: true},
	}}
	return s
}

func ended(s harness.State) harness.State {
	s.Phase = harness.PhaseEnded
	s.Client.Outcome.Late = &outcome.Failure{Text: "remote error: tls: certificate required", Peer: &outcome.PeerAlert{Code: 116}}
	s.Diagnosis = &diagnose.Diagnosis{
		Happening: diagnose.Happening{Outcome: diagnose.Refused, RefusedBy: outcome.Server, At: "Certificate"},
		Causes: []diagnose.Cause{{
			ID: "client-no-cert", Certain: true, Remedy: "Run this: openssl x509 -in a", Try: "openssl x509 -in a",
			Evidence: []diagnose.Evidence{
				{Step: 1, Text: "step 1: the list is empty"},
				{Step: 4, Text: `step 4: the server says "tls: client didn't provide a certificate"`},
				{Text: "the client has no certificate configured", Step: 7},
			},
		}},
	}
	return s
}

func texts(s harness.State) []string {
	var all []string
	for _, st := range Statements(s) {
		text := st.Head + ": " + st.Text
		if w := st.Where(); w != "" {
			text += " (" + w + ")"
		}
		all = append(all, text)
	}
	return all
}

func TestStatements(t *testing.T) {
	file := ended(refusedLate())
	file.ID = "debug"
	file.Result = &harness.Result{Status: harness.Failed, Mismatches: []harness.Mismatch{{Field: "outcome", Want: "established", Got: "refused"}}}
	scenario := file
	scenario.ID = "clientauth/no-client-certificate"
	unloadable := harness.State{ID: "debug", Phase: harness.PhaseEnded, Timeline: &dissect.Timeline{}}
	unloadable.Client.Outcome = outcome.Outcome{Role: outcome.Client, Known: true}
	unloadable.Server.Outcome = outcome.Outcome{Role: outcome.Server, Known: true, Unloadable: &outcome.Failure{Text: "no PEM data"}}
	noted := refusedLate()
	noted.Notes = []string{"the client trusts what the server presents"}
	tests := []struct {
		name    string
		state   harness.State
		want    []string
		without []string
	}{
		{
			"a refusal that its peer does not know of", refusedLate(),
			[]string{"client: handshake complete", "server: tls: client didn't provide a certificate", "verdict: refused by the server; the client, which is complete, does not know it yet"},
			nil,
		},
		{
			"the end says why, and nothing twice", ended(refusedLate()),
			[]string{
				"client: then, on its first read: remote error: tls: certificate required", "cause: client-no-cert",
				"evidence: step 1: the list is empty", "evidence: the client has no certificate configured (step 7)", "fix: Run this: openssl x509 -in a",
			},
			[]string{"the server says", "try:", "verdict:"},
		},
		{"a scenario that differs", scenario, []string{`expected: outcome established, but got refused`}, nil},
		{"a person's own files expect nothing more than that they work", file, nil, []string{"expected:"}},
		{"a side that was not reached", unloadable, []string{"client: not reached: nothing was sent", "server: could not be set up: no PEM data"}, nil},
		{"what was made to fit", noted, []string{"note: the client trusts what the server presents"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := texts(tt.state)
			for _, want := range tt.want {
				if !slices.Contains(got, want) {
					t.Errorf("it lacks %q:\n%s", want, strings.Join(got, "\n"))
				}
			}
			for _, not := range tt.without {
				if strings.Contains(strings.Join(got, "\n"), not) {
					t.Errorf("it says %q:\n%s", not, strings.Join(got, "\n"))
				}
			}
		})
	}
}

// A capture that does not show how it ended says what is likely, which causes
// fit, and what is missing to tell them apart.
func TestStatementsOfACapture(t *testing.T) {
	s := harness.State{
		Phase:    harness.PhaseEnded,
		Timeline: &dissect.Timeline{Steps: []*dissect.Step{{N: 1, Kind: dissect.KindHandshake, Name: "ClientHello", From: outcome.Client}}},
		Diagnosis: &diagnose.Diagnosis{
			Happening: diagnose.Happening{Likely: &diagnose.Likely{
				Outcome: diagnose.Refused, RefusedBy: outcome.Server, At: "Certificate",
				Evidence: []diagnose.Evidence{{Text: "step 9: it probably refuses", Step: 9}},
			}},
			Causes:  []diagnose.Cause{{ID: "client-no-cert", Evidence: []diagnose.Evidence{{Text: "it may have none"}}}},
			Further: []diagnose.Cause{{ID: "server-untrusted-ca"}, {ID: "server-expired", Certain: true}},
			Missing: []diagnose.Missing{{What: "the session keys", Settles: "the alert", Try: "shakedown open FILE --keylog KEYS"}, {What: "the server's log"}},
		},
	}
	got := strings.Join(texts(s), "\n")
	for _, want := range []string{
		"client: not ours: nobody recorded what it reports",
		"verdict: not shown by the recording, probably refused by the server at Certificate\nevidence: step 9: it probably refuses",
		"perhaps: client-no-cert",
		"further: perhaps server-untrusted-ca: ", "further: server-expired: ",
		"missing: the session keys\nsettles: the alert\ntry: shakedown open FILE --keylog KEYS\nmissing: the server's log",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant in it\n%s", got, want)
		}
	}
}

func TestView(t *testing.T) {
	p := New(theme.Default(), keymap.Default())
	p.SetFocus(true)
	p.SetState(ended(refusedLate()))
	for _, tt := range []struct {
		name  string
		width int
		want  []string
	}{
		{"words on the left", 60, []string{"client   ✓ handshake complete", "evidence step 1: the list is empty", "the client has no certificate configured (step"}},
		{"words above where it is narrow", 34, []string{"client        ", "  ✓ handshake complete", "  client-no-cert"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p.SetSize(tt.width, 30)
			view := ansi.Strip(p.View())
			for _, want := range tt.want {
				if !strings.Contains(view, want) {
					t.Errorf("it lacks %q:\n%s", want, view)
				}
			}
			for i, row := range strings.Split(view, "\n") {
				if w := ansi.StringWidth(row); w != tt.width {
					t.Errorf("row %d is %d cells wide, want %d", i, w, tt.width)
				}
			}
		})
	}
}

func TestGoToStep(t *testing.T) {
	p := New(theme.Default(), keymap.Default())
	p.SetSize(60, 30)
	p.SetState(ended(refusedLate()))
	p.Search("no certificate configured")
	cmd := p.Update(tea.KeyPressMsg{Code: tea.KeyEnter})
	if cmd == nil {
		t.Fatal("enter on evidence does nothing")
	}
	if got := cmd(); got != (pane.GoToStep{N: 7}) {
		t.Errorf("enter on evidence sends %v, want step 7", got)
	}
}

func TestCopy(t *testing.T) {
	p := New(theme.Default(), keymap.Default())
	p.SetSize(60, 30)
	if p.Copy() != nil {
		t.Error("an empty pane copies something")
	}
	s := ended(refusedLate())
	s.Server = transcript.Side{Outcome: outcome.Outcome{Known: true, Handshake: &outcome.Failure{Text: "bad \x1b[2J"}}}
	p.SetState(s)
	all := p.Copy()[1].Text
	if strings.Contains(all, "\x1b") || !strings.Contains(all, `server: bad \x1b[2J`) {
		t.Errorf("the copy is %q, want it escaped", all)
	}
}
