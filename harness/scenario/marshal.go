package scenario

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"

	"shakedown/harness/outcome"
	"shakedown/harness/pki"
)

// Marshal writes a scenario as a file that [Parse] reads again: only what is
// different from the healthy pair. Files on disk are named relative to the
// folder of sc.Path, the file that it is written to; without a Path their names
// stay as they are.
func Marshal(sc *Scenario) ([]byte, error) {
	m := marshaler{sc: sc}
	root := m.root()
	return emit(root), errors.Join(m.errs...)
}

// A marshaler turns a scenario into nodes.
type marshaler struct {
	sc   *Scenario
	errs []error
}

func (m *marshaler) root() *node {
	sc := m.sc
	root := mapping()
	if sc.Title != sc.ID {
		root.add("title", textOf(sc.Title), sc.Title != "")
	}
	root.add("about", textOf(sc.About+"\n"), sc.About != "")
	root.add("see", listOf(sc.See), len(sc.See) > 0)
	root.add("requires", listOf(sc.Requires), len(sc.Requires) > 0)
	root.add("clock", textOf(formatWhen(sc.Clock)), sc.Clock.Set)
	entities := m.entities()
	root.add("pki", entities, len(entities.entries) > 0)
	server, client := m.endpoint(sc.Server, defaultServer()), m.endpoint(sc.Client, defaultClient())
	root.add("server", server, len(server.entries) > 0)
	root.add("client", client, len(client.entries) > 0)
	root.add("matrix", m.matrix(), !slices.Equal(sc.Cells, defaultCells()))
	root.add("wire", m.wire(), len(sc.Wire) > 0)
	if sc.Seed != nil {
		root.add("seed", seedNode(*sc.Seed), true)
	}
	root.add("timeout", textOf(formatWait(sc.Timeout)), sc.Timeout > 0)
	root.add("script", m.script(), !reflect.DeepEqual(sc.Script, Healthy().Script))
	root.add("expect", m.expect(), !m.expectsHealth())
	return root
}

// add appends a key if it is to be written.
func (n *node) add(key string, value *node, written bool) {
	if written {
		n.entries = append(n.entries, entry{key: key, value: value})
	}
}

func textOf(s string) *node { return &node{kind: textNode, text: s} }
func boolOf(b bool) *node   { return &node{kind: boolNode, text: strconv.FormatBool(b)} }
func numberOf(n int) *node  { return &node{kind: integerNode, text: strconv.Itoa(n)} }
func mapping() *node        { return &node{kind: mappingNode} }

func listOf(texts []string) *node {
	l := &node{kind: listNode}
	for _, t := range texts {
		l.items = append(l.items, textOf(t))
	}
	return l
}

// same says whether two lists mean the same in a file, where a list that is not
// there is not an empty one.
func same(a, b []string) bool { return (a == nil) == (b == nil) && slices.Equal(a, b) }

func (m *marshaler) entities() *node {
	n, healthy := mapping(), defaultPKI()
	for _, name := range entityNamesOf(m.sc.PKI) {
		base, inherited := healthy[name]
		fields := m.entity(m.sc.PKI[name], base)
		n.add(name, fields, !inherited || len(fields.entries) > 0)
	}
	return n
}

// entity writes the fields in which e differs from what it is laid over.
func (m *marshaler) entity(e, base pki.Entity) *node {
	n := mapping()
	if e.FromDisk() {
		n.add("cert", textOf(m.file(e.Cert)), e.Cert != "")
		n.add("key", textOf(m.file(e.KeyFile)), e.KeyFile != "")
		n.add("bundle", textOf(m.file(e.Bundle)), e.Bundle != "")
		n.add("pick", textOf(string(e.Pick)), e.Pick != "")
		return n
	}
	n.add("ca", boolOf(e.CA), e.CA != base.CA)
	n.add("issuer", textOf(e.Issuer), e.Issuer != base.Issuer)
	n.add("self_signed", boolOf(e.SelfSigned), e.SelfSigned != base.SelfSigned)
	n.add("subject", textOf(e.Subject), e.Subject != base.Subject)
	n.add("usage", listOf(e.Usage), !same(e.Usage, base.Usage))
	n.add("key_usage", listOf(e.KeyUsage), !same(e.KeyUsage, base.KeyUsage))
	n.add("dns", listOf(e.DNS), !same(e.DNS, base.DNS))
	n.add("ip", listOf(e.IP), !same(e.IP, base.IP))
	n.add("uri", listOf(e.URI), !same(e.URI, base.URI))
	n.add("email", listOf(e.Email), !same(e.Email, base.Email))
	n.add("key", textOf(e.Key), e.Key != base.Key)
	n.add("same_key_as", textOf(e.SameKeyAs), e.SameKeyAs != base.SameKeyAs)
	n.add("not_before", textOf(formatWhen(e.NotBefore)), e.NotBefore != base.NotBefore)
	n.add("not_after", textOf(formatWhen(e.NotAfter)), e.NotAfter != base.NotAfter)
	if e.PathLen != nil {
		n.add("path_len", numberOf(*e.PathLen), true)
	}
	constraints := mapping()
	c := e.Constraints
	for _, list := range []struct {
		key   string
		names []string
	}{
		{"permitted_dns", c.PermittedDNS},
		{"excluded_dns", c.ExcludedDNS},
		{"permitted_ip", c.PermittedIP},
		{"excluded_ip", c.ExcludedIP},
		{"permitted_email", c.PermittedEmail},
		{"excluded_email", c.ExcludedEmail},
		{"permitted_uri", c.PermittedURI},
		{"excluded_uri", c.ExcludedURI},
		{"permitted_organization", c.PermittedOrganization},
	} {
		constraints.add(list.key, listOf(list.names), list.names != nil)
	}
	n.add("name_constraints", constraints, len(constraints.entries) > 0)
	policies(n, e.Policies)
	n.add("serial", textOf(e.Serial), e.Serial != base.Serial)
	n.add("signature", textOf(e.Signature), e.Signature != base.Signature)
	n.add("flaws", listOf(e.Flaws), !same(e.Flaws, base.Flaws))
	return n
}

func policies(n *node, p pki.Policies) {
	n.add("policies", listOf(p.IDs), p.IDs != nil)
	mappings := &node{kind: listNode}
	for _, m := range p.Mappings {
		one := mapping()
		one.add("issuer_domain", textOf(m.IssuerDomain), true)
		one.add("subject_domain", textOf(m.SubjectDomain), true)
		mappings.items = append(mappings.items, one)
	}
	n.add("policy_mappings", mappings, p.Mappings != nil)
	for _, constraint := range []struct {
		key   string
		after *int
	}{
		{"require_explicit_policy", p.RequireExplicit},
		{"inhibit_policy_mapping", p.InhibitMapping},
		{"inhibit_any_policy", p.InhibitAny},
	} {
		if constraint.after != nil {
			n.add(constraint.key, numberOf(*constraint.after), true)
		}
	}
}

// file returns a file's name relative to the folder of the file that is written.
func (m *marshaler) file(name string) string {
	if name == "" || m.sc.Path == "" {
		return filepath.ToSlash(name)
	}
	folder, err := filepath.Abs(filepath.Dir(m.sc.Path))
	if err != nil {
		m.errs = append(m.errs, err)
		return name
	}
	full, err := filepath.Abs(name)
	if err != nil {
		m.errs = append(m.errs, err)
		return name
	}
	relative, err := filepath.Rel(folder, full)
	if err != nil { // another volume: only the whole name leads there
		return filepath.ToSlash(full)
	}
	return filepath.ToSlash(relative)
}

func (m *marshaler) endpoint(e, base Endpoint) *node {
	n := mapping()
	n.add("present", listOf(e.Present), !same(e.Present, base.Present))
	n.add("trust", listOf(e.Trust), !same(e.Trust, base.Trust))
	n.add("client_auth", textOf(string(e.ClientAuth)), e.ClientAuth != base.ClientAuth)
	n.add("server_name", textOf(e.ServerName), e.ServerName != base.ServerName)
	n.add("send", textOf("forced"), e.SendForced)
	n.add("verify", textOf("none"), e.VerifyNone)
	limits := mapping()
	limits.add("min", textOf(versionName(e.MinVersion)), e.MinVersion != 0)
	limits.add("max", textOf(versionName(e.MaxVersion)), e.MaxVersion != 0)
	n.add("tls", limits, len(limits.entries) > 0)
	n.add("suites", listOf(m.words(e.Suites, suiteName)), len(e.Suites) > 0)
	n.add("groups", listOf(m.words(e.Groups, groupName)), len(e.Groups) > 0)
	n.add("alpn", listOf(e.ALPN), e.ALPN != nil)
	n.add("tickets", boolOf(true), e.Tickets)
	n.add("clock", textOf(formatWhen(e.Clock)), e.Clock.Set)
	m.behaviour(n, e.Behaviour)
	return n
}

// words returns the names of suites or groups. One without a name cannot be written.
func (m *marshaler) words(ids []uint16, name func(uint16) string) []string {
	words := make([]string, len(ids))
	for i, id := range ids {
		if words[i] = name(id); words[i] == "" {
			m.errs = append(m.errs, fmt.Errorf("write %s: 0x%04x has no name that a scenario file knows", m.sc.ID, id))
		}
	}
	return words
}

// matrix writes the transports and versions that make up the cells.
func (m *marshaler) matrix() *node {
	var t, v []string
	for _, cell := range m.sc.Cells {
		if !slices.Contains(t, string(cell.Transport)) {
			t = append(t, string(cell.Transport))
		}
		if !slices.Contains(v, cell.TLS) {
			v = append(v, cell.TLS)
		}
	}
	if !slices.Equal(cellsOf(t, v), m.sc.Cells) {
		m.errs = append(m.errs, fmt.Errorf("write %s: its cells %v are no matrix of transports and versions", m.sc.ID, m.sc.Cells))
	}
	n := mapping()
	n.add("transport", listOf(t), !slices.Equal(t, transports))
	n.add("tls", listOf(v), !slices.Equal(v, versions))
	return n
}

func (m *marshaler) script() *node {
	script := &node{kind: listNode}
	for _, a := range m.sc.Script {
		action := mapping()
		switch {
		case a.Connect != nil && !a.Connect.Resume:
			action = textOf("connect")
		case a.Connect != nil:
			connect := mapping()
			connect.add("resume", boolOf(true), true)
			action.add("connect", connect, true)
		case a.Reload != nil:
			reload := mapping()
			server, client := reloadSide(a.Reload.Server), reloadSide(a.Reload.Client)
			reload.add("server", server, len(server.entries) > 0)
			reload.add("client", client, len(client.entries) > 0)
			action.add("reload", reload, true)
		default:
			action.add("advance", textOf(formatSpan(a.Advance)[1:]), true)
		}
		script.items = append(script.items, action)
	}
	return script
}

func reloadSide(r ReloadSide) *node {
	n := mapping()
	n.add("present", listOf(r.Present), r.Present != nil)
	n.add("trust", listOf(r.Trust), r.Trust != nil)
	n.add("client_auth", textOf(string(r.ClientAuth)), r.ClientAuth != "")
	n.add("ticket_key", textOf("new"), r.NewTicketKey)
	if r.Policy != nil {
		n.add("policy", policy(*r.Policy), true)
	}
	return n
}

// expectsHealth says that nothing is expected beyond what an empty file expects.
func (m *marshaler) expectsHealth() bool {
	for _, e := range m.sc.Expect {
		if !reflect.DeepEqual(e, defaultExpectation()) {
			return false
		}
	}
	return true
}

func (m *marshaler) expect() *node {
	list := &node{kind: listNode}
	for _, e := range m.sc.Expect {
		n := result(e.Result)
		cells := &node{kind: listNode}
		for _, c := range e.Cells {
			item := mapping()
			item.add("when", cellWhen(c.When), true)
			item.entries = append(item.entries, result(c.Result).entries...)
			cells.items = append(cells.items, item)
		}
		n.add("cells", cells, len(e.Cells) > 0)
		list.items = append(list.items, n)
	}
	if len(list.items) == 1 {
		return list.items[0]
	}
	return list
}

func cellWhen(cell outcome.Cell) *node {
	n := mapping()
	n.add("transport", textOf(string(cell.Transport)), cell.Transport != "")
	n.add("tls", textOf(cell.TLS), cell.TLS != "")
	return n
}

func result(r Result) *node {
	n := mapping()
	for _, field := range []struct {
		key   string
		value *string
	}{
		{"outcome", r.Outcome},
		{"side", r.Side},
		{"refused_by", r.RefusedBy},
		{"at", r.At},
		{"alert", r.Alert},
		{"cause", r.Cause},
		{"client_error", r.ClientError},
		{"server_error", r.ServerError},
	} {
		if field.value == nil {
			continue
		}
		text := *field.value
		if text == "" && field.key != "client_error" && field.key != "server_error" {
			text = none
		}
		n.add(field.key, textOf(text), true)
	}
	if r.Further != nil {
		n.add("further", listOf(*r.Further), true)
	}
	if r.Resumed != nil {
		n.add("resumed", boolOf(*r.Resumed), true)
	}
	return n
}
