package scenario

import (
	"crypto/tls"
	"slices"
	"strings"

	"shakedown/harness/outcome"
)

// references notes names in present and trust that no entity has.
func (d *decoder) references(root *node) {
	for _, side := range roles {
		d.sideReferences(root.get(side))
	}
	script := root.get("script")
	if script == nil {
		return
	}
	for _, action := range script.items {
		for _, side := range roles {
			d.sideReferences(action.get("reload").get(side))
		}
	}
}

func (d *decoder) sideReferences(n *node) {
	for _, key := range []string{"present", "trust"} {
		if list := n.get(key); list != nil {
			for _, item := range list.items {
				d.defined(item)
			}
		}
	}
	d.behaviourReferences(n)
}

// settings notes what a side cannot be set to, by itself or in a cell of the
// matrix. A setting is never ignored.
func (d *decoder) settings(root *node) {
	for side, e := range map[string]Endpoint{"server": d.sc.Server, "client": d.sc.Client} {
		n := root.get(side)
		if n == nil || d.broken[side] {
			continue
		}
		d.versions(n, side, e)
		if side == "client" && len(e.GODEBUG) > 0 && e.Tickets {
			d.fail(n.keyAt("godebug"), "", "a client in a process of its own keeps no tickets for the next connection; leave tickets or godebug out")
		}
		if !d.broken["matrix"] {
			d.suites(n, side, e)
			d.groups(n, side, e)
			d.cellsOfBehaviour(n, side)
			d.quirks(n, side, e)
		}
	}
	d.resumption(root)
}

func (d *decoder) versions(n *node, side string, e Endpoint) {
	if e.MinVersion != 0 && e.MaxVersion != 0 && e.MinVersion > e.MaxVersion {
		d.fail(n.get("tls").keyAt("min"), "", "%s.tls: the lowest version %s is above the highest, %s", side,
			versionName(e.MinVersion), versionName(e.MaxVersion))
	}
}

// suites notes cipher suites where TLS 1.3 can come of it: crypto/tls has no
// setting for the suites of TLS 1.3, and would leave these out without a word.
func (d *decoder) suites(n *node, side string, e Endpoint) {
	list := n.get("suites")
	if list == nil {
		return
	}
	for _, cell := range d.sc.Cells {
		if cell.TLS == "1.2" {
			continue
		}
		d.fail(n.keyAt("suites"), "", "%s.suites cannot be set in the cell %s: no one can choose the suites of TLS 1.3; write matrix: {transport: [tcp], tls: [\"1.2\"]}", side, cell)
		return
	}
	if n.get("tls") != nil && e.MaxVersion != tls.VersionTLS12 {
		d.fail(n.keyAt("suites"), "", "%s.suites cannot be set beside tls limits that leave TLS 1.3 open; write tls: {max: \"1.2\"}", side)
	}
}

// groups notes a list of which nothing is left in a cell of TLS 1.2: the
// post-quantum groups are of TLS 1.3 only.
func (d *decoder) groups(n *node, side string, e Endpoint) {
	if n.get("groups") == nil || slices.ContainsFunc(e.Groups, classical) {
		return
	}
	for _, cell := range d.sc.Cells {
		if cell.TLS == "1.2" {
			d.fail(n.keyAt("groups"), "", "%s.groups cannot be set in the cell %s: all of these groups need TLS 1.3", side, cell)
			return
		}
	}
}

func classical(group uint16) bool { return !strings.Contains(groupName(group), "MLKEM") }

// resumption notes a connect that offers a session that nobody can have.
func (d *decoder) resumption(root *node) {
	script := root.get("script")
	if script == nil || d.broken["script"] {
		return
	}
	connected := false
	for i, action := range d.sc.Script {
		if action.Connect == nil {
			continue
		}
		if action.Connect.Resume {
			at := script.items[i].get("connect").keyAt("resume")
			switch {
			case !connected:
				d.fail(at, "", "the first connect has no session to resume")
			case !d.sc.Client.Tickets || !d.sc.Server.Tickets:
				d.fail(at, "", "there is no session to resume: set tickets: true at the client and at the server")
			}
		}
		connected = true
	}
}

func versionID(name string) uint16 {
	switch name {
	case "1.0":
		return tls.VersionTLS10
	case "1.1":
		return tls.VersionTLS11
	case "1.2":
		return tls.VersionTLS12
	case "1.3":
		return tls.VersionTLS13
	}
	return 0
}

func versionName(id uint16) string {
	switch id {
	case tls.VersionTLS10:
		return "1.0"
	case tls.VersionTLS11:
		return "1.1"
	case tls.VersionTLS12:
		return "1.2"
	case tls.VersionTLS13:
		return "1.3"
	}
	return ""
}

// matches says whether a cell is one of those that when names.
func matches(when, cell outcome.Cell) bool {
	return (when.Transport == "" || when.Transport == cell.Transport) && (when.TLS == "" || when.TLS == cell.TLS)
}
