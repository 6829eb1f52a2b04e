package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"shakedown/harness"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/tui/keymap"
	"shakedown/tui/pane"
	"shakedown/tui/scroll"
	"shakedown/tui/theme"
)

// A breakpointDialog lists what a Continue can stop before, the set ones
// marked. Space sets and clears.
type breakpointDialog struct {
	pane.Base
	dbg    Debugger
	state  harness.State
	points []harness.Breakpoint
}

// both lists a message that either side sends, once for each.
func both(name string) []harness.Breakpoint {
	return []harness.Breakpoint{{Message: name, From: outcome.Server}, {Message: name, From: outcome.Client}}
}

// breakable returns the messages of a version, in the order in which they come.
func breakable(tls string) []harness.Breakpoint {
	one := func(from outcome.Role, names ...string) []harness.Breakpoint {
		var b []harness.Breakpoint
		for _, n := range names {
			b = append(b, harness.Breakpoint{Message: n, From: from})
		}
		return b
	}
	points := []harness.Breakpoint{{Message: "alert"}}
	points = append(points, one(outcome.Client, "ClientHello")...)
	if tls == "1.2" {
		points = append(points, one(outcome.Server, "ServerHello")...)
		points = append(points, both("Certificate")...)
		points = append(points, one(outcome.Server, "ServerKeyExchange", "CertificateRequest", "ServerHelloDone")...)
		points = append(points, one(outcome.Client, "ClientKeyExchange", "CertificateVerify")...)
		return append(points, both("Finished")...)
	}
	points = append(points, one(outcome.Server, "HelloRetryRequest", "ServerHello", "EncryptedExtensions", "CertificateRequest")...)
	points = append(points, both("Certificate")...)
	points = append(points, both("CertificateVerify")...)
	points = append(points, both("Finished")...)
	return append(points, one(outcome.Server, "NewSessionTicket")...)
}

// newBreakpoints returns the dialog, on the message that is selected in the ladder.
func newBreakpoints(a *App) *breakpointDialog {
	d := &breakpointDialog{Base: pane.Base{Theme: a.theme, Keys: a.keys, On: keymap.OnBreakpoints}, dbg: a.session}
	d.SetState(a.session.state)
	if s := a.ladder.Step(); s != nil {
		for i, b := range d.points {
			if b.Message == s.Name && b.From == s.From || b.Message == "alert" && s.Kind == dissect.KindAlert {
				d.List.Select(i)
			}
		}
	}
	return d
}

// SetState shows which breakpoints are set. One that is not on the list, set
// from elsewhere, is added to it.
func (d *breakpointDialog) SetState(s harness.State) {
	d.state = s
	d.points = breakable(s.Cell.TLS)
	for _, b := range s.Breakpoints {
		if !slices.Contains(d.points, b) {
			d.points = append(d.points, b)
		}
	}
	d.List.SetItems(len(d.points), scroll.One)
}

func (d *breakpointDialog) title() string       { return "breakpoints: continue stops before" }
func (d *breakpointDialog) focus() keymap.Focus { return keymap.OnBreakpoints }

func (d *breakpointDialog) size(width, height int) (int, int) {
	return min(width, 48), min(height, len(d.points)+1)
}

func (d *breakpointDialog) update(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	switch a := d.Action(msg); a {
	case keymap.Close:
		return nil, true
	case keymap.Toggle, keymap.Choose:
		b := d.points[d.List.Selected()]
		on := !slices.Contains(d.state.Breakpoints, b)
		d.dbg.SetBreakpoint(b, on)
		d.SetState(d.dbg.State())
	default:
		if msg.String() == "b" {
			return nil, true
		}
		d.Move(a)
	}
	return nil, false
}

func (d *breakpointDialog) lines(width, height int) []string {
	d.Width, d.Height = width, height
	d.List.SetHeight(height - 1)
	r := d.Rows()
	d.List.Visible(func(_, i, _ int) {
		b := d.points[i]
		var l theme.Line
		if slices.Contains(d.state.Breakpoints, b) {
			l.Add(theme.Warn, " "+theme.Break+" ").Add(theme.Strong, words(b)).Right(theme.Warn, "set", width-1)
		} else {
			l.Add(theme.Text, "   "+words(b))
		}
		r.Add(l, i == d.List.Selected())
	})
	return fill(d.Theme, strings.Split(r.String(), "\n"), width, height)
}

func words(b harness.Breakpoint) string {
	switch {
	case b.Message == "alert" && b.From == "":
		return "any alert"
	case b.From == "":
		return b.Message
	}
	return b.Message + " from the " + string(b.From)
}
