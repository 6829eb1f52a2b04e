package scenario

import (
	"cmp"
	"slices"

	"shakedown/harness/fault"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// rewriteOf reads what is changed in a message, and the names of the entities
// whose certificates stand in it then: nil where the list is kept.
func rewriteOf(n, mode *node) (*fault.Rewrite, []string) {
	if n == nil {
		return nil, nil
	}
	r := &fault.Rewrite{Mode: fault.Tamper}
	if mode != nil {
		r.Mode = fault.Mode(plain(mode))
	}
	var names []string
	for _, e := range n.entries {
		v := e.value
		switch e.key {
		case "certificates":
			if r.Reverse = v.kind == textNode; !r.Reverse {
				names = texts(v)
			}
		case "signature":
			r.Damage = true
		case "random":
			r.Random, _ = parseHex(plain(v))
		case "session_id":
			id, _ := parseHex(plain(v))
			r.SessionID = &id
		case "suites":
			r.Suites = ids(texts(v), func(name string) uint16 { id, _ := tlswire.CipherSuiteByName(name); return id })
		case "groups":
			r.Groups = ids(texts(v), groupID)
		case "schemes":
			r.Schemes = ids(texts(v), func(name string) uint16 { id, _ := tlswire.SignatureSchemeByName(name); return id })
		case "server_name":
			name := plain(v)
			r.ServerName = &name
		case "alpn":
			r.ALPN = texts(v)
		case "extension":
			data, _ := parseHex(plain(v.get("data")))
			r.Extension = &fault.Extension{Type: uint16(number(v.get("type"))), Data: data, Remove: v.get("remove") != nil}
		case "append":
			r.Append, _ = parseHex(plain(v))
		case "insert":
			r.Insert, _ = parseHex(plain(v))
		case "remove":
			r.Remove = true
		case "duplicate":
			r.Duplicate = true
		}
	}
	return r, names
}

// judgeRewrite notes what makes a rewrite impossible by itself.
func (d *decoder) judgeRewrite(n *node, do fault.Do) {
	rewrite := n.get("rewrite")
	if rewrite == nil {
		if n.get("mode") != nil {
			d.fail(n.keyAt("mode"), "", "mode belongs to a rewrite")
		}
		return
	}
	if len(rewrite.entries) == 0 {
		d.fail(rewrite.at, "", "rewrite says nothing; write what is changed, such as certificates: []")
	}
	if certificates := rewrite.get("certificates"); certificates != nil {
		for _, item := range certificates.items {
			d.defined(item)
		}
	}
	if x := rewrite.get("extension"); x != nil {
		switch {
		case x.get("type") == nil:
			d.fail(x.at, "", "extension needs a type, its number in the registry")
		case (x.get("data") == nil) == (x.get("remove") == nil):
			d.fail(x.at, "", "extension has one of data and remove")
		}
	}
	if do.Rewrite.Remove && len(rewrite.entries) > 1 {
		d.fail(rewrite.keyAt("remove"), "", "a message that is taken out has nothing else to change")
	}
}

// cannotRewrite notes what a message of a cell cannot be made into. It returns
// false if it has noted something.
func (d *decoder) cannotRewrite(n *node, f Fault, cell outcome.Cell) bool {
	if f.Do.Rewrite == nil {
		return true
	}
	r := *f.Do.Rewrite
	if f.Certificates != nil {
		r.Certificates = [][]byte{}
	}
	key, why := r.CannotRewrite(f.On, cell)
	if why == "" && r.Mode == fault.Impersonate && f.On.Message == "ClientHello" && d.resumes() {
		key, why = "mode", "a hello that resumes a session is bound to it, and the link has no key to bind it again (RFC 8446 4.2.11.2)"
	}
	if why == "" {
		return true
	}
	at := n.keyAt(key)
	if key != "rewrite" && key != "mode" {
		at = n.get("rewrite").keyAt(key)
	}
	d.fail(at, "", "%s cannot be rewritten so in the cell %s: %s", cmp.Or(f.On.Message, f.On.String()), cell, why)
	return false
}

func (d *decoder) resumes() bool {
	return slices.ContainsFunc(d.sc.Script, func(a Action) bool { return a.Connect != nil && a.Connect.Resume })
}

// oneMode notes rewrites of both modes in one cell: what is made whole again for
// one would be made whole for the other.
func (d *decoder) oneMode(n *node) {
	for _, cell := range d.sc.Cells {
		var mode fault.Mode
		for i, f := range d.sc.Wire {
			if f.Do.Rewrite == nil || !matches(f.When, cell) {
				continue
			}
			if mode != "" && mode != f.Do.Rewrite.Mode {
				d.fail(n.items[i].at, "", "the rewrites of the cell %s have two modes; it takes one", cell)
				return
			}
			mode = f.Do.Rewrite.Mode
		}
	}
}

func rewriteNode(r *fault.Rewrite, names []string) *node {
	n := mapping()
	n.add("certificates", listOf(names), names != nil)
	n.add("certificates", textOf(reversed), r.Reverse)
	n.add("signature", textOf(damaged), r.Damage)
	n.add("random", textOf(hexText(r.Random)), r.Random != nil)
	if r.SessionID != nil {
		n.add("session_id", textOf(hexText(*r.SessionID)), true)
	}
	n.add("suites", listOf(namesOf(r.Suites, tlswire.CipherSuiteName)), r.Suites != nil)
	n.add("groups", listOf(namesOf(r.Groups, groupName)), r.Groups != nil)
	n.add("schemes", listOf(namesOf(r.Schemes, func(id uint16) string { return tlswire.SignatureScheme(id).String() })), r.Schemes != nil)
	if r.ServerName != nil {
		n.add("server_name", textOf(*r.ServerName), true)
	}
	n.add("alpn", listOf(r.ALPN), r.ALPN != nil)
	if x := r.Extension; x != nil {
		extension := mapping()
		extension.add("type", numberOf(int(x.Type)), true)
		extension.add("data", textOf(hexText(x.Data)), !x.Remove)
		extension.add("remove", boolOf(true), x.Remove)
		n.add("extension", extension, true)
	}
	n.add("append", textOf(hexText(r.Append)), r.Append != nil)
	n.add("insert", textOf(hexText(r.Insert)), r.Insert != nil)
	n.add("remove", boolOf(true), r.Remove)
	n.add("duplicate", boolOf(true), r.Duplicate)
	return n
}

func namesOf(list []uint16, name func(uint16) string) []string {
	names := make([]string, len(list))
	for i, id := range list {
		names[i] = name(id)
	}
	return names
}
