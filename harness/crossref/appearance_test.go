package crossref

import (
	"bytes"
	"crypto/x509"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// TestAppearancesAreToldApart has connections that differ in one thing each, and a
// memory of all others: what is told of each is what is told of it alone.
func TestAppearancesAreToldApart(t *testing.T) {
	root := mint("Root", nil, nil)
	inter := mint("Inter", root, nil)
	forServers := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }
	leaf, other := mint("leaf", inter, forServers), mint("other", inter, forServers)
	shows := func(change func(*Input), from outcome.Role, list ...*authority) Input {
		in := showing(t, from, list...)
		if change != nil {
			change(&in)
		}
		return in
	}
	without := func(names ...string) func(*Input) {
		return func(in *Input) {
			in.Timeline.Steps = slices.DeleteFunc(in.Timeline.Steps, func(s *dissect.Step) bool { return slices.Contains(names, s.Name) })
		}
	}
	later := func(name string) func(*Input) {
		return func(in *Input) {
			for i, s := range in.Timeline.Steps {
				if s.Name == name {
					c := *s
					c.N += 100
					in.Timeline.Steps[i] = &c
				}
			}
		}
	}
	server, client := outcome.Server, outcome.Client
	connections := map[string]Input{
		"a chain":                   shows(nil, server, leaf, inter),
		"another one":               shows(nil, server, other, inter),
		"a shorter one":             shows(nil, server, leaf),
		"a longer one":              shows(nil, server, leaf, inter, root),
		"in another order":          shows(nil, server, leaf, root, inter),
		"as long as is remembered":  shows(nil, server, leaf, inter, inter, inter),
		"longer than is remembered": shows(nil, server, leaf, inter, inter, inter, root),
		"of a known verifier": shows(func(in *Input) {
			in.Transcript.Client.Settings = outcome.Settings{Known: true, Trust: [][]byte{root.cert.Raw}, ServerName: "verified.test"}
		}, server, leaf, inter),
		"another name": edited(t, shows(nil, server, leaf, inter), "ClientHello", func(raw []byte) []byte {
			return bytes.Replace(raw, []byte("server"), []byte("sorver"), 1)
		}),
		"no name": edited(t, shows(nil, server, leaf, inter), "ClientHello", func(raw []byte) []byte {
			at := bytes.Index(raw, []byte("\x00\x00\x00\x0b\x00\x09\x00\x00\x06server"))
			raw[at], raw[at+1] = 0x42, 0x42 // an extension that nobody knows
			return raw
		}),
		"asked for in another step": shows(later("ClientHello"), server, leaf, inter),
		"signed in another step":    shows(later("CertificateVerify"), server, leaf, inter),
		"of an unknown version":     shows(without("ClientHello", "ServerHello", "CertificateVerify"), server, leaf, inter),
		"of nothing else":           shows(without("ClientHello", "CertificateVerify"), server, leaf, inter),
		"of the client":             shows(without("ClientHello", "CertificateVerify"), client, leaf, inter),
		"a signature that holds":    reference(t, "client-authentication.txt"),
		"one that does not": edited(t, reference(t, "client-authentication.txt"), "CertificateVerify", func(raw []byte) []byte {
			raw[len(raw)-1] ^= 1
			return raw
		}),
	}
	alone := map[string]string{}
	for name, in := range connections {
		alone[name] = told(in, "Certificate")
		if alone[name] == "" {
			t.Errorf("nothing is told of %s", name)
		}
	}
	memory := new(Memory)
	for range 2 {
		for name, in := range connections {
			in.Memory = memory
			if diff := cmp.Diff(alone[name], told(in, "Certificate")); diff != "" {
				t.Errorf("%s (-alone +among others):\n%s", name, diff)
			}
		}
	}
	page := func(name string) *page {
		in := connections[name]
		in.Memory = memory
		i := slices.IndexFunc(in.Timeline.Steps, func(s *dissect.Step) bool { return s.Name == "Certificate" })
		return New(in).page(in.Timeline.Steps[i], nil)
	}
	if a, b := page("a chain").shared, page("a chain").shared; a == nil || a != b {
		t.Error("the same is told of the same chain, and it is not written once")
	}
	if page("of a known verifier").shared != nil {
		t.Error("what is told to a verifier that is known is told to others")
	}
}

// TestWrittenForSeveralTrees puts the same notes into two messages that share their
// fields, and into one that does not.
func TestWrittenForSeveralTrees(t *testing.T) {
	shared := tree()[1].Fields
	message := func(fields []field.Field, shared bool) []field.Field {
		return []field.Field{{Label: "record"}, {Label: "Message", Meaning: "A message.", Fields: fields, Shared: shared}}
	}
	what := &written{}
	what.note(place{root: true}.to("Message").nth("entry", 1).to("name"), "One.")
	what.note(place{root: true}.to("Message", "type"), "Two.")
	what.note(place{root: true}.to("Message", "absent"), "Three.")
	want := meanings(message(tree()[1].Fields, false), "")
	want["Message/list/entry/wrapped/name"], want["Message/type"] = "One. A name.", "Two."
	known := new(editions)
	first, second := known.annotate(message(shared, true), what), known.annotate(message(shared, true), what)
	own := known.annotate(message(tree()[1].Fields, false), what)
	for name, got := range map[string][]field.Field{"the first": first, "the second": second, "its own": own} {
		if diff := cmp.Diff(want, meanings(got, "")); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	if &first[1].Fields[0] != &second[1].Fields[0] {
		t.Error("the same is written into the same message, and it is not the same tree")
	}
	if diff := cmp.Diff(tree()[1].Fields, shared); diff != "" {
		t.Errorf("what other messages hold has changed:\n%s", diff)
	}
	other := &written{}
	other.note(place{root: true}.to("Message", "type"), "Four.")
	want["Message/list/entry/wrapped/name"], want["Message/type"] = "A name.", "Four."
	if diff := cmp.Diff(want, meanings(known.annotate(message(shared, true), other), "")); diff != "" {
		t.Errorf("other notes: -want +got:\n%s", diff)
	}
	for _, nothing := range []*written{nil, {}, other} {
		record := []field.Field{{Label: "record"}}
		if diff := cmp.Diff(record, known.annotate([]field.Field{{Label: "record"}}, nothing)); diff != "" {
			t.Errorf("a tree without the message has changed:\n%s", diff)
		}
	}
}
