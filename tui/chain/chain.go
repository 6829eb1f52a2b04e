// Package chain is the pane that shows both sides' certificates, one by one,
// with the problems of each.
package chain

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"shakedown/harness"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/theme"
)

// A Pane shows the two chains.
type Pane struct {
	pane.Base
	state  harness.State
	items  []item
	search pane.Search
	// parsed remembers certificates by their DER, so that a step costs no parsing.
	parsed map[string]*x509.Certificate
}

// An item is a heading or a certificate.
type item struct {
	side  outcome.Role
	head  bool
	raw   []byte
	lines []theme.Line
	text  string
}

// New returns an empty pane.
func New(t *theme.Theme, k *keymap.Map) *Pane {
	return &Pane{Base: pane.Base{Theme: t, Keys: k, On: keymap.OnChains}, parsed: map[string]*x509.Certificate{}}
}

// SetSize lays the pane out.
func (p *Pane) SetSize(width, height int) {
	p.Width, p.Height = width, height
	p.List.SetHeight(height)
	p.build()
}

// SetState shows a session's state.
func (p *Pane) SetState(s harness.State) {
	if s.ID != p.state.ID {
		p.List.Reset()
		p.parsed = map[string]*x509.Certificate{}
	}
	p.state = s
	p.build()
}

// Update moves the selection; left and right go to the other side's chain.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch a := p.Action(msg); a {
	case keymap.Left:
		p.toSide(outcome.Server)
	case keymap.Right:
		p.toSide(outcome.Client)
	default:
		p.Move(a)
	}
	return nil
}

func (p *Pane) toSide(r outcome.Role) {
	for i, it := range p.items {
		if it.side == r {
			p.List.Select(i)
			return
		}
	}
}

// Search looks for a query and returns how many certificates match.
func (p *Pane) Search(query string) int {
	p.search.Set(query, len(p.items), p.text, &p.List)
	return p.search.Found()
}

// Match selects the next or previous match.
func (p *Pane) Match(by int) { p.search.Step(by, &p.List) }

func (p *Pane) text(i int) string { return p.items[i].text }

// Copy returns the selected certificate as PEM, text and hex, then its side's chain.
func (p *Pane) Copy() []pane.Clip {
	i := p.List.Selected()
	if i >= len(p.items) {
		return nil
	}
	it := p.items[i]
	var clips []pane.Clip
	if it.raw != nil {
		clips = append(clips,
			pane.Clip{Label: "certificate as PEM", Ext: "pem", Text: toPEM(it.raw)},
			pane.Clip{Label: "certificate as text", Ext: "txt", Text: it.text},
			pane.Clip{Label: "certificate as hex", Ext: "hex", Text: hex.EncodeToString(it.raw)})
	}
	var chain strings.Builder
	for _, other := range p.items {
		if other.side == it.side && other.raw != nil {
			chain.WriteString(toPEM(other.raw))
		}
	}
	if chain.Len() > 0 {
		clips = append(clips, pane.Clip{Label: "the " + string(it.side) + "'s chain as PEM", Ext: "pem", Text: chain.String()})
	}
	return clips
}

func toPEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func (p *Pane) build() {
	p.items = p.items[:0]
	if p.state.ID != "" || p.state.Timeline != nil {
		p.side(outcome.Server, p.state.Server, p.state.Client)
		p.side(outcome.Client, p.state.Client, p.state.Server)
	}
	p.List.SetItems(len(p.items), func(i int) int { return len(p.items[i].lines) })
	p.search.Refresh(len(p.items), p.text)
}

// side adds one side's heading and certificates.
func (p *Pane) side(r outcome.Role, side, peer transcript.Side) {
	chain := p.chain(r, side)
	head := item{side: r, head: true}
	if len(p.items) > 0 {
		head.lines = append(head.lines, theme.Line{})
	}
	for i, s := range theme.Wrap(string(r)+p.presents(len(chain), side), p.Width-2) {
		var l theme.Line
		if rest, ok := strings.CutPrefix(s, string(r)); ok && i == 0 {
			l.Add(theme.Strong, " "+string(r)).Add(theme.Dim, rest)
		} else {
			l.Add(theme.Dim, " "+s)
		}
		head.lines = append(head.lines, l)
	}
	head.text = string(r) + p.presents(len(chain), side)
	for _, t := range []string{p.judge(r, peer), p.exchanged(r, chain, peer)} {
		if t == "" {
			continue
		}
		head.text += "\n" + t
		for _, s := range theme.Wrap(t, p.Width-2) {
			var l theme.Line
			head.lines = append(head.lines, *l.Add(theme.Dim, " "+s))
		}
	}
	p.items = append(p.items, head)
	for i, c := range chain {
		p.items = append(p.items, p.certificate(r, i, c))
	}
	if it, ok := p.paths(r); ok {
		p.items = append(p.items, it)
	}
}

func (p *Pane) presents(n int, side transcript.Side) string {
	switch {
	case n == 1:
		return " " + theme.Dot + " 1 certificate"
	case n > 1:
		return fmt.Sprintf(" %s %d certificates", theme.Dot, n)
	case !side.Settings.Known && p.state.Recording != nil:
		return " " + theme.Dot + " no certificate of it is recorded where it can be read"
	case !side.Settings.Known:
		return " " + theme.Dot + " not ours: its certificates show when it sends them"
	}
	return " " + theme.Dot + " has no certificate to present"
}

// judge says who looks at this chain, and what that side trusts.
func (p *Pane) judge(r outcome.Role, peer transcript.Side) string {
	s := peer.Settings
	other := string(r.Peer())
	switch {
	case !s.Known:
		return ""
	case s.VerifyNone:
		return "the " + other + " verifies nothing"
	case r == outcome.Client && (s.ClientAuth == outcome.AuthNone || s.ClientAuth == ""):
		return "the server asks for none"
	}
	text := "the " + other + " trusts "
	switch {
	case s.TrustSource != "":
		text += s.TrustSource
	case s.SystemTrust:
		text += "the system's trust anchors"
	case len(s.Trust) == 0:
		text += "nobody: it has no trust anchor"
	default:
		text += fmt.Sprintf("%d trust anchors", len(s.Trust))
	}
	if r == outcome.Client {
		text += ", client_auth " + string(s.ClientAuth)
	} else if s.ServerName != "" {
		text += " for the name " + s.ServerName
	}
	return text
}

// maxName is how much of a name from the wire stands in a heading.
const maxName = 120

// exchanged says that the other side has received another chain than the one
// that is shown, which is the one that was sent: somebody on the path put it in.
func (p *Pane) exchanged(r outcome.Role, sent []diagnose.ChainCertificate, peer transcript.Side) string {
	got := peer.Outcome.PeerCertificates
	if len(sent) == 0 || len(got) == 0 || bytes.Equal(got[0], sent[0].Raw) || peer.Outcome.Negotiated.Resumed || !p.rewritten(r) {
		return ""
	}
	text := fmt.Sprintf("the %s has received another chain, which is not shown here", r.Peer())
	if leaf := p.parse(got[0]); leaf != nil {
		text += fmt.Sprintf(": %s, issued by %s", field.Shorten(leaf.Subject.String(), maxName), field.Shorten(leaf.Issuer.String(), maxName))
	}
	return text
}

// rewritten says that a side's Certificate was changed on the path.
func (p *Pane) rewritten(r outcome.Role) bool {
	t := p.state.Timeline
	return t != nil && slices.ContainsFunc(t.Steps, func(s *dissect.Step) bool {
		return s.From == r && s.Name == "Certificate" && slices.Contains(s.Marks, transcript.Rewritten)
	})
}

// chain returns a side's certificates: as diagnosed, else as configured, else
// as the peer received them.
func (p *Pane) chain(r outcome.Role, side transcript.Side) []diagnose.ChainCertificate {
	if d := p.state.Diagnosis; d != nil {
		if r == outcome.Server {
			return d.ServerChain
		}
		return d.ClientChain
	}
	var ders [][]byte
	peer := p.state.Client
	if r == outcome.Client {
		peer = p.state.Server
	}
	switch {
	case len(peer.Outcome.PeerCertificates) > 0:
		ders = peer.Outcome.PeerCertificates
	case len(side.Settings.Credentials) > 0:
		ders = side.Settings.Credentials[0].Chain
	}
	var chain []diagnose.ChainCertificate
	for i, der := range ders {
		c := diagnose.ChainCertificate{Raw: der, Role: "intermediate"}
		if i == 0 {
			c.Role = "end-entity"
		}
		if parsed := p.parse(der); parsed != nil {
			c.Subject, c.Issuer = parsed.Subject.String(), parsed.Issuer.String()
		}
		chain = append(chain, c)
	}
	return chain
}

// parse reads a certificate, nil where crypto/x509 refuses it.
func (p *Pane) parse(der []byte) *x509.Certificate {
	if c, ok := p.parsed[string(der)]; ok {
		return c
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		c = nil
	}
	p.parsed[string(der)] = c
	return c
}

// Text returns both sides' chains as text, a paragraph for each certificate.
func Text(s harness.State) []string {
	p := New(&theme.Theme{}, nil)
	p.SetState(s)
	var paragraphs []string
	for _, it := range p.items {
		paragraphs = append(paragraphs, it.text)
	}
	return paragraphs
}

// View draws the visible rows.
func (p *Pane) View() string {
	if len(p.items) == 0 {
		return p.Empty("No certificates yet.", "They show as soon as a session is open.")
	}
	r := p.Rows()
	p.List.Visible(func(_, i, sub int) {
		it := p.items[i]
		selected := i == p.List.Selected()
		blank := it.head && sub == 0 && i > 0
		r.Add(it.lines[sub], selected && p.Focused && !blank)
	})
	return r.String()
}
