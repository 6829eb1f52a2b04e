package scenario

import (
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"shakedown/harness/outcome"
	"shakedown/harness/pki"
)

// A decoder turns the checked nodes of a file into a Scenario, on top of the
// healthy pair, and then judges what single values cannot tell: names, cycles,
// cells, expectations.
type decoder struct {
	*reader
	sc *Scenario
	// base is the folder that file names are relative to.
	base string
	// broken are the parts of the file in which check found something; what
	// depends on them is not judged.
	broken map[string]bool
	// scriptAt is where the script stands.
	scriptAt position
}

func (d *decoder) decode(root *node) {
	d.sc.Title = plain(root.get("title"))
	d.sc.About = strings.TrimRight(plain(root.get("about")), "\n")
	// No reference and an empty list of them are the same.
	d.sc.See = append([]string(nil), texts(root.get("see"))...)
	d.sc.Requires = append([]string(nil), texts(root.get("requires"))...)
	d.sc.Clock = whenOf(root.get("clock"))
	d.entities(root.get("pki"))
	d.endpoint(&d.sc.Server, root.get("server"))
	d.endpoint(&d.sc.Client, root.get("client"))
	d.matrix(root.get("matrix"))
	if seed, err := strconv.ParseUint(plain(root.get("seed")), 10, 64); err == nil {
		d.sc.Seed = &seed
	}
	d.sc.Timeout = waitOf(root.get("timeout"))
	d.script(root.get("script"))
	d.wire(root.get("wire"))
	d.chance(root)
	d.references(root)
	d.settings(root)
	d.expectations(root.get("expect"))
}

// The functions below read nodes that check has accepted. Of a node that it has
// not, or that is not there, they return the zero value.

func plain(n *node) string {
	if n == nil || n.kind == listNode || n.kind == mappingNode {
		return ""
	}
	return n.text
}

// texts returns nil for a list that is not there, and an empty one for an empty one.
func texts(n *node) []string {
	if n == nil || n.kind != listNode {
		return nil
	}
	list := make([]string, len(n.items))
	for i, item := range n.items {
		list[i] = plain(item)
	}
	return list
}

func yes(n *node) bool { return plain(n) == "true" }

func whenOf(n *node) pki.When {
	w, err := parseWhen(plain(n))
	if err != nil {
		return pki.When{}
	}
	return w
}

// endpoint overrides what the file names of one side.
func (d *decoder) endpoint(e *Endpoint, n *node) {
	if n == nil {
		return
	}
	for _, entry := range n.entries {
		v := entry.value
		switch entry.key {
		case "present":
			e.Present = texts(v)
		case "trust":
			e.Trust = texts(v)
		case "client_auth":
			e.ClientAuth = outcome.ClientAuth(plain(v))
		case "server_name":
			e.ServerName = plain(v)
		case "send":
			e.SendForced = plain(v) == "forced"
		case "verify":
			e.VerifyNone = plain(v) == "none"
		case "tls":
			e.MinVersion, e.MaxVersion = versionID(plain(v.get("min"))), versionID(plain(v.get("max")))
		case "suites":
			e.Suites = ids(texts(v), suiteID)
		case "groups":
			e.Groups = ids(texts(v), groupID)
		case "alpn":
			e.ALPN = texts(v)
		case "tickets":
			e.Tickets = yes(v)
		case "clock":
			e.Clock = whenOf(v)
		default:
			d.behaviour(&e.Behaviour, entry)
		}
	}
}

func ids(names []string, id func(string) uint16) []uint16 {
	list := make([]uint16, len(names))
	for i, name := range names {
		list[i] = id(name)
	}
	return list
}

func (d *decoder) matrix(n *node) {
	d.sc.Cells = defaultCells()
	if n == nil || d.broken["matrix"] {
		return
	}
	t, v := transports, versions
	if list := n.get("transport"); list != nil {
		t = d.distinct(list)
	}
	if list := n.get("tls"); list != nil {
		v = d.distinct(list)
	}
	cells := cellsOf(t, v)
	if len(cells) == 0 {
		d.fail(n.at, "", "the matrix has no cell: QUIC needs TLS 1.3 (RFC 9001 4.2)")
		d.broken["matrix"] = true
		return
	}
	d.sc.Cells = cells
}

// distinct returns a list's texts and notes those that are in it twice.
func (d *decoder) distinct(n *node) []string {
	var list []string
	seen := map[string]bool{}
	for _, item := range n.items {
		if seen[item.text] {
			d.fail(item.at, "", "%q is in the list twice", item.text)
			continue
		}
		seen[item.text] = true
		list = append(list, item.text)
	}
	return list
}

func (d *decoder) script(n *node) {
	if n == nil || d.broken["script"] {
		return
	}
	d.sc.Script, d.scriptAt = nil, n.at
	for _, item := range n.items {
		if action, ok := d.action(item); ok {
			d.sc.Script = append(d.sc.Script, action)
		} else {
			d.broken["script"] = true
		}
	}
}

func (d *decoder) action(n *node) (Action, bool) {
	if n.kind == textNode { // a bare connect
		return Action{Connect: &Connect{}}, true
	}
	if len(n.entries) != 1 {
		d.fail(n.at, "", "an entry of script has one of connect, advance and reload; this has %d", len(n.entries))
		return Action{}, false
	}
	v := n.entries[0].value
	switch n.entries[0].key {
	case "connect":
		return Action{Connect: &Connect{Resume: yes(v.get("resume"))}}, true
	case "advance":
		span, err := parseAdvance(plain(v))
		return Action{Advance: span}, err == nil
	}
	reload := &Reload{}
	for _, side := range v.entries {
		r := reloadSideOf(side.value)
		if side.key == "server" {
			reload.Server = r
		} else {
			reload.Client = r
		}
	}
	return Action{Reload: reload}, true
}

func reloadSideOf(n *node) ReloadSide {
	r := ReloadSide{
		Present: texts(n.get("present")), Trust: texts(n.get("trust")),
		ClientAuth: outcome.ClientAuth(plain(n.get("client_auth"))), NewTicketKey: plain(n.get("ticket_key")) == "new",
	}
	if p := n.get("policy"); p != nil {
		policy := policyOf(p)
		r.Policy = &policy
	}
	return r
}

// integer returns a number that check has accepted.
func integer(n *node) uint64 {
	number, err := strconv.ParseUint(plain(n), 10, 62)
	if err != nil {
		return 0
	}
	return number
}

// file returns the path of a file that the scenario names.
func (d *decoder) file(name string) string {
	switch {
	case name == "" || filepath.IsAbs(name) || path.IsAbs(name):
		return name
	case d.base == "" || d.base == ".":
		return filepath.Clean(filepath.FromSlash(name))
	}
	return filepath.Join(d.base, filepath.FromSlash(name))
}
