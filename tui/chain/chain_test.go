package chain

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"shakedown/harness"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
	"shakedown/tui/keymap"
	"shakedown/tui/theme"
)

// certificate makes a self-signed certificate for server.test.
func certificate(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "server.test"}, DNSNames: []string{"server.test"},
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// state has a server chain of two: one expired, one that nothing can read.
func state(der []byte) harness.State {
	s := harness.State{
		ID: "validity/server-expired",
		Diagnosis: &diagnose.Diagnosis{ServerChain: []diagnose.ChainCertificate{
			{Raw: der, Subject: "CN=server.test", Issuer: "CN=server.test", Role: "end-entity", Problems: []diagnose.Problem{{ID: "server-expired", Detail: "expired on 2026-02-01"}, {ID: "san-mismatch"}}},
			{Raw: []byte{0x30, 0}, Subject: "CN=evil \x1b[2J", Role: "intermediate"},
		}},
	}
	s.Client = transcript.Side{Settings: outcome.Settings{Known: true, TrustSource: "server-root", ServerName: "server.test"}}
	s.Server = transcript.Side{Settings: outcome.Settings{Known: true, ClientAuth: outcome.AuthNone}}
	return s
}

func TestView(t *testing.T) {
	p := New(theme.Default(), keymap.Default())
	p.SetFocus(true)
	p.SetState(state(certificate(t)))
	for _, width := range []int{34, 58, 100} {
		p.SetSize(width, 40)
		view := ansi.Strip(p.View())
		for i, row := range strings.Split(view, "\n") {
			if w := ansi.StringWidth(row); w != width {
				t.Errorf("row %d is %d cells wide, want %d", i, w, width)
			}
		}
		words := strings.Join(strings.Fields(view), " ")
		for _, want := range []string{
			"server · 2 certificates", "the client trusts server-root for the name server.test",
			"✗ 1 CN=server.test", "end-entity", "issued by itself", "2026-01-01 00:00 to 2026-02-01 00:00 UTC, ECDSA P-256, serverAuth",
			"for server.test", "✗ server-expired: expired on 2026-02-01", "✗ san-mismatch",
			"✓ 2 CN=evil", "crypto/x509 cannot read it", "client · has no certificate to present", "the server asks for none",
		} {
			if !strings.Contains(words, want) {
				t.Errorf("at %d cells it lacks %q:\n%s", width, want, view)
			}
		}
	}
}

// TestTolerated shows what Go's verifier does not mind as a remark, which takes
// nothing from a chain that is accepted.
func TestTolerated(t *testing.T) {
	s := state(certificate(t))
	p := New(theme.Default(), keymap.Default())
	p.SetSize(58, 40)
	extra := diagnose.Problem{ID: "chain-extra", Detail: "it is no part of the path", Tolerated: true}
	for _, tt := range []struct {
		problems []diagnose.Problem
		head     string
	}{
		{[]diagnose.Problem{extra}, "· 1 CN=server.test"},
		{[]diagnose.Problem{{ID: "server-expired"}, extra}, "✗ 1 CN=server.test"},
	} {
		s.Diagnosis.ServerChain[0].Problems = tt.problems
		p.SetState(s)
		words := strings.Join(strings.Fields(ansi.Strip(p.View())), " ")
		if !strings.Contains(words, tt.head) || !strings.Contains(words, "· chain-extra: it is no part of the path") {
			t.Errorf("%v:\n%s", tt.problems, p.View())
		}
	}
}

// TestPaths shows the ways up where there are several: the one that was used, and
// why the other one fails.
func TestPaths(t *testing.T) {
	s := state(certificate(t))
	p := New(theme.Default(), keymap.Default())
	p.SetFocus(true)
	p.SetSize(58, 40)
	s.Diagnosis.ServerPaths = []diagnose.ChainPath{{Subjects: []string{"CN=server.test", "CN=Root"}, Anchored: true}}
	p.SetState(s)
	if view := ansi.Strip(p.View()); strings.Contains(view, "paths") {
		t.Errorf("one path is told at length:\n%s", view)
	}
	s.Diagnosis.ServerPaths = append(s.Diagnosis.ServerPaths, diagnose.ChainPath{Subjects: []string{"CN=server.test", "CN=Old \x1b[2J"}, Fails: "CN=Old: expired on 2026-02-01"})
	p.SetState(s)
	words := strings.Join(strings.Fields(ansi.Strip(p.View())), " ")
	for _, want := range []string{"2 paths, from below", "✓ CN=server.test, CN=Root", "✗ CN=server.test, CN=Old", "expired on 2026-02-01"} {
		if !strings.Contains(words, want) {
			t.Errorf("it lacks %q:\n%s", want, p.View())
		}
	}
	if strings.Contains(p.View(), "\x1b[2J") {
		t.Error("a name reaches the terminal as it is")
	}
}

// TestExchanged tells of a chain that somebody on the path has put in: the one
// that is shown is the one that was sent.
func TestExchanged(t *testing.T) {
	s := state(certificate(t))
	s.Client.Outcome.PeerCertificates = [][]byte{certificate(t)}
	step := &dissect.Step{From: outcome.Server, Name: "Certificate"}
	s.Timeline = &dissect.Timeline{Steps: []*dissect.Step{step}}
	p := New(theme.Default(), keymap.Default())
	p.SetSize(58, 40)
	for _, rewritten := range []bool{false, true} {
		step.Marks = nil
		if rewritten {
			step.Marks = []transcript.Mark{transcript.Rewritten}
		}
		p.SetState(s)
		words := strings.Join(strings.Fields(ansi.Strip(p.View())), " ")
		want := "the client has received another chain, which is not shown here: CN=server.test, issued by CN=server.test"
		if strings.Contains(words, want) != rewritten {
			t.Errorf("rewritten %v:\n%s", rewritten, p.View())
		}
	}
	s.Client.Outcome.PeerCertificates = [][]byte{s.Diagnosis.ServerChain[0].Raw}
	p.SetState(s)
	if strings.Contains(p.View(), "another chain") {
		t.Errorf("the chain that arrived is the one that was sent:\n%s", p.View())
	}
}

// TestBeforeTheEnd shows the chains as configured, and judges nothing yet.
func TestBeforeTheEnd(t *testing.T) {
	s := harness.State{ID: "healthy/mutual"}
	s.Server = transcript.Side{Settings: outcome.Settings{Known: true, ClientAuth: outcome.AuthRequire, Credentials: []outcome.Credential{{Chain: [][]byte{certificate(t)}}}}}
	s.Client = transcript.Side{Settings: outcome.Settings{Known: true, VerifyNone: true}}
	p := New(theme.Default(), keymap.Default())
	p.SetSize(60, 20)
	if !strings.Contains(ansi.Strip(p.View()), "No certificates yet.") {
		t.Errorf("an empty pane says\n%s", ansi.Strip(p.View()))
	}
	p.SetState(s)
	view := ansi.Strip(p.View())
	for _, want := range []string{"· 1 CN=server.test", "the client verifies nothing", "the server trusts nobody: it has no trust anchor,", "client_auth require"} {
		if !strings.Contains(view, want) {
			t.Errorf("it lacks %q:\n%s", want, view)
		}
	}
	if strings.ContainsAny(view, "✓✗") {
		t.Errorf("it judges:\n%s", view)
	}
}

func TestCopy(t *testing.T) {
	der := certificate(t)
	p := New(theme.Default(), keymap.Default())
	p.SetSize(60, 40)
	p.SetState(state(der))
	p.Update(tea.KeyPressMsg{Code: tea.KeyDown})
	clips := p.Copy()
	if len(clips) != 4 {
		t.Fatalf("%d clips, want PEM, text, hex and the chain", len(clips))
	}
	block, _ := pem.Decode([]byte(clips[0].Text))
	if block == nil || string(block.Bytes) != string(der) {
		t.Errorf("the PEM is not the certificate's:\n%s", clips[0].Text)
	}
	if n := strings.Count(clips[3].Text, "BEGIN CERTIFICATE"); n != 2 {
		t.Errorf("the chain has %d certificates, want 2", n)
	}
}

func TestText(t *testing.T) {
	text := strings.Join(Text(state(certificate(t))), "\n\n")
	for _, want := range []string{"server · 2 certificates", "CN=server.test\nend-entity", "server-expired: expired on 2026-02-01"} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
}
