package scenario

import (
	"shakedown/harness/fault"
	"shakedown/harness/outcome"
)

// A Quirk is one message in which a side's stack is another one than Go's.
type Quirk struct {
	Message string
	Rewrite fault.Rewrite
	// Certificates names the entities whose certificates a Certificate holds; nil
	// where it keeps its own.
	Certificates []string
}

var quirkShape = &shape{
	kind: objectShape, doc: "One message that is another one than Go's.",
	keys: []key{
		{"message", &shape{words: fault.Rewritable(), noun: "handshake message", doc: "The message that its stack sends."}},
		{"rewrite", rewriteShape},
	},
}

func quirksOf(n *node) []Quirk {
	var list []Quirk
	for _, item := range n.items {
		rewrite, names := rewriteOf(item.get("rewrite"), nil)
		if rewrite == nil {
			rewrite = new(fault.Rewrite)
		}
		list = append(list, Quirk{Message: plain(item.get("message")), Rewrite: *rewrite, Certificates: names})
	}
	return list
}

// In returns the quirk as the fault that has it in a cell: in TLS 1.3 the messages
// behind it are made to fit.
func (q Quirk) In(role outcome.Role, cell outcome.Cell) Fault {
	rewrite := q.Rewrite
	rewrite.Mode = fault.Impersonate
	if cell.TLS == "1.2" {
		rewrite.Mode = fault.Tamper
	}
	f := Fault{Certificates: q.Certificates}
	f.On, f.Do = fault.On{From: role, Message: q.Message}, fault.Do{Rewrite: &rewrite}
	return f
}

// quirkReferences notes names that no entity has.
func (d *decoder) quirkReferences(n *node) {
	if n == nil {
		return
	}
	for _, item := range n.items {
		if certificates := item.get("rewrite").get("certificates"); certificates != nil {
			for _, name := range certificates.items {
				d.defined(name)
			}
		}
	}
}

// quirks notes what no stack can be made to send in a cell.
func (d *decoder) quirks(n *node, side string, e Endpoint) {
	list := n.get("quirks")
	if list == nil {
		return
	}
	if other := d.sc.Server; side == "client" && (len(other.Quirks) > 0 || other.LateRequest) {
		d.fail(n.keyAt("quirks"), "", "one side has quirks or the other, not both")
	}
	if d.resumes() {
		d.fail(n.keyAt("quirks"), "", "a session cannot be resumed beside quirks: each side has its secret from the messages that it has seen (RFC 8446 7.1)")
	}
	for i, q := range e.Quirks {
		item := list.items[i]
		if item.get("message") == nil || item.get("rewrite") == nil {
			d.fail(item.at, "", "a quirk has a message and a rewrite")
			continue
		}
		for _, cell := range d.sc.Cells {
			f := q.In(outcome.Role(side), cell)
			if why := f.On.Absent(cell); why != "" {
				d.fail(item.keyAt("message"), "", "the %s never sends it in the cell %s: %s", side, cell, why)
				break
			}
			if cell.TLS == "1.2" && q.Message != "ClientHello" {
				d.fail(item.keyAt("message"), "", "in the cell %s only a ClientHello can be another one: the Finished of TLS 1.2 cannot be made to fit", cell)
				break
			}
			if !d.cannotRewrite(item, f, cell) {
				break
			}
		}
	}
}

func quirkNodes(list []Quirk) *node {
	n := &node{kind: listNode}
	for _, q := range list {
		item := mapping()
		item.add("message", textOf(q.Message), true)
		item.add("rewrite", rewriteNode(&q.Rewrite, q.Certificates), true)
		n.items = append(n.items, item)
	}
	return n
}
