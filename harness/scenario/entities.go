package scenario

import (
	"fmt"
	"slices"
	"strconv"

	"shakedown/harness/nearest"
	"shakedown/harness/pki"
)

// maxEntities is how many certificates a file can describe.
const maxEntities = 200

// entities lays the file's certificates over the healthy pair's.
func (d *decoder) entities(n *node) {
	if n == nil || n.kind != mappingNode {
		return
	}
	d.sc.source.pki = n
	for _, entry := range n.entries {
		d.sc.PKI[entry.key] = d.entity(d.sc.PKI[entry.key], entry.value, "pki."+entry.key)
	}
	if len(n.entries) > maxEntities {
		d.fail(n.entries[maxEntities].at, "", "pki has more than %d entities", maxEntities)
		return
	}
	d.names(n)
	d.cycles(n, "issuer", func(e pki.Entity) string { return e.Issuer })
	d.cycles(n, "same_key_as", func(e pki.Entity) string { return e.SameKeyAs })
}

// entity overrides the fields that n names. A certificate from disk is what the
// file on disk says, so it inherits nothing and has no other fields.
func (d *decoder) entity(e pki.Entity, n *node, path string) pki.Entity {
	if n.get("cert") != nil || n.get("bundle") != nil {
		return d.fromDisk(n, path)
	}
	for _, entry := range n.entries {
		v := entry.value
		switch entry.key {
		case "ca":
			e.CA = yes(v)
		case "issuer":
			e.Issuer = plain(v)
		case "self_signed":
			e.SelfSigned = yes(v)
		case "subject":
			e.Subject = plain(v)
		case "usage":
			e.Usage = texts(v)
		case "key_usage":
			e.KeyUsage = texts(v)
		case "dns":
			e.DNS = texts(v)
		case "ip":
			e.IP = texts(v)
		case "uri":
			e.URI = texts(v)
		case "email":
			e.Email = texts(v)
		case "key":
			e.Key = d.keyKind(v)
		case "same_key_as":
			e.SameKeyAs = plain(v)
		case "not_before":
			e.NotBefore = whenOf(v)
		case "not_after":
			e.NotAfter = whenOf(v)
		case "path_len":
			e.PathLen = count(v)
		case "name_constraints":
			e.Constraints = constraintsOf(v)
		case "policies":
			e.Policies.IDs = texts(v)
		case "policy_mappings":
			e.Policies.Mappings = d.policyMappings(v)
		case "require_explicit_policy":
			e.Policies.RequireExplicit = count(v)
		case "inhibit_policy_mapping":
			e.Policies.InhibitMapping = count(v)
		case "inhibit_any_policy":
			e.Policies.InhibitAny = count(v)
		case "serial":
			e.Serial = plain(v)
		case "signature":
			e.Signature = plain(v)
		case "flaws":
			e.Flaws = texts(v)
		case "pick":
			d.fail(entry.at, "", "%s has pick but no bundle to pick from", path)
		}
	}
	return e
}

func constraintsOf(n *node) pki.Constraints {
	return pki.Constraints{
		PermittedDNS: texts(n.get("permitted_dns")), ExcludedDNS: texts(n.get("excluded_dns")),
		PermittedIP: texts(n.get("permitted_ip")), ExcludedIP: texts(n.get("excluded_ip")),
		PermittedEmail: texts(n.get("permitted_email")), ExcludedEmail: texts(n.get("excluded_email")),
		PermittedURI: texts(n.get("permitted_uri")), ExcludedURI: texts(n.get("excluded_uri")),
		PermittedOrganization: texts(n.get("permitted_organization")),
	}
}

func (d *decoder) policyMappings(n *node) []pki.PolicyMapping {
	list := make([]pki.PolicyMapping, len(n.items))
	for i, item := range n.items {
		if item.kind == mappingNode && (item.get("issuer_domain") == nil || item.get("subject_domain") == nil) {
			d.fail(item.at, "", "a policy mapping has two policies, issuer_domain and subject_domain")
		}
		list[i] = pki.PolicyMapping{IssuerDomain: plain(item.get("issuer_domain")), SubjectDomain: plain(item.get("subject_domain"))}
	}
	return list
}

// count reads a number of certificates, nil if it is none.
func count(n *node) *int {
	if c, err := strconv.Atoi(plain(n)); err == nil {
		return &c
	}
	return nil
}

func (d *decoder) keyKind(n *node) string {
	kind := plain(n)
	if n.kind == textNode && !slices.Contains(keyKinds, kind) {
		near := nearest.Word(kind, keyKinds)
		if near == "" {
			d.fail(n.at, "", "unknown kind of key %q; a file with a key stands beside cert, the file with its certificate", kind)
		} else {
			d.fail(n.at, near, "unknown kind of key %q", kind)
		}
	}
	return kind
}

// diskKeys are the keys of an entity that is taken from disk.
var diskKeys = []string{"cert", "key", "bundle", "pick"}

func (d *decoder) fromDisk(n *node, path string) pki.Entity {
	for _, entry := range n.entries {
		switch {
		case slices.Contains(diskKeys, entry.key):
		case entityShape.named(entry.key) != nil:
			d.fail(entry.at, "", "%s comes from disk, so %q does not apply", path, entry.key)
		}
	}
	if n.get("cert") != nil && n.get("bundle") != nil {
		d.fail(n.keyAt("bundle"), "", "%s has cert and bundle; it takes one of them", path)
	}
	if n.get("pick") != nil && n.get("bundle") == nil {
		d.fail(n.keyAt("pick"), "", "%s has pick but no bundle to pick from", path)
	}
	if key := n.get("key"); key != nil {
		if n.get("cert") == nil {
			d.fail(n.keyAt("key"), "", "%s has a key but no cert; a bundle holds certificates of others", path)
		} else if err := filePath(plain(key)); err != nil && key.kind == textNode {
			d.fail(key.at, "", "%v", err)
		}
	}
	return pki.Entity{
		Cert: d.file(plain(n.get("cert"))), KeyFile: d.file(plain(n.get("key"))), Bundle: d.file(plain(n.get("bundle"))),
		Pick: pki.Pick(plain(n.get("pick"))),
	}
}

// names notes entities that refer to others that are not defined.
func (d *decoder) names(n *node) {
	for _, entry := range n.entries {
		for _, key := range []string{"issuer", "same_key_as"} {
			if ref := entry.value.get(key); ref != nil && ref.kind == textNode && ref.text != "" {
				d.defined(ref)
			}
		}
	}
}

// defined notes a name that no entity has.
func (d *decoder) defined(n *node) {
	if _, ok := d.sc.PKI[n.text]; ok || n.kind != textNode || entityName(n.text) != nil {
		return
	}
	known := entityNamesOf(d.sc.PKI)
	if near := nearest.Word(n.text, known); near != "" {
		d.fail(n.at, near, "pki has no entity %q", n.text)
		return
	}
	d.fail(n.at, "", "pki has no entity %q", n.text)
}

// cycles follows a reference from every entity of the file, and notes one that
// leads back to itself at the entry with which it can be mended.
func (d *decoder) cycles(n *node, key string, next func(pki.Entity) string) {
	inCycle := map[string]bool{}
	for _, entry := range n.entries {
		if inCycle[entry.key] || entry.value.get(key) == nil {
			continue
		}
		way, name := []string{entry.key}, next(d.sc.PKI[entry.key])
		for name != "" && !slices.Contains(way, name) {
			way, name = append(way, name), next(d.sc.PKI[name])
		}
		if name != entry.key {
			continue
		}
		for _, member := range way {
			inCycle[member] = true
		}
		d.fail(entry.value.get(key).at, "", "%s", cycleMessage(key, way))
	}
}

func cycleMessage(key string, way []string) string {
	if len(way) == 1 {
		if key == "issuer" {
			return fmt.Sprintf("%q names itself as its issuer; leave issuer out for a certificate that signs itself", way[0])
		}
		return fmt.Sprintf("%q has its own key already", way[0])
	}
	round := ""
	for _, name := range append(way, way[0]) {
		if round != "" {
			round += " → "
		}
		round += name
	}
	return fmt.Sprintf("%s goes round in a circle: %s", key, round)
}
