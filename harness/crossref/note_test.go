package crossref

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/field"
	"shakedown/harness/tlswire"
)

func tree() []field.Field {
	return []field.Field{
		{Label: "record", Fields: []field.Field{{Label: "type"}}},
		{Label: "Message", Meaning: "A message.", Fields: []field.Field{
			{Label: "type"},
			{Label: "list", Fields: []field.Field{
				{Label: "entry", Fields: []field.Field{{Label: "name"}}},
				{Label: "entry", Fields: []field.Field{{Label: "wrapped", Fields: []field.Field{{Label: "name", Meaning: "A name."}}}}},
			}},
		}},
	}
}

// meanings writes out what the fields mean, each with its way.
func meanings(fields []field.Field, way string) map[string]string {
	all := map[string]string{}
	for _, f := range fields {
		if f.Meaning != "" {
			all[way+f.Label] += f.Meaning
		}
		for k, v := range meanings(f.Fields, way+f.Label+"/") {
			all[k] += v
		}
	}
	return all
}

func TestAnnotate(t *testing.T) {
	root := place{root: true}.to("Message")
	tests := []struct {
		name string
		at   place
		want map[string]string
	}{
		{"the root", root, map[string]string{"Message": "Note. A message."}},
		{"not the record's", root.to("type"), map[string]string{"Message/type": "Note."}},
		{"anywhere", place{}.to("type"), map[string]string{"record/type": "Note."}},
		{"the second anywhere", place{}.nth("type", 1), map[string]string{"Message/type": "Note."}},
		{"below something", root.nth("entry", 1).to("name"), map[string]string{"Message/list/entry/wrapped/name": "Note. A name."}},
		{"a part", root.part("list").to("name"), map[string]string{"Message/list/entry/name": "Note."}},
		{"below a part", root.part("list", "entry", "name"), map[string]string{"Message/list/entry/name": "Note."}},
		{"no part, but below one", root.part("entry"), nil},
		{"what is not there", root.to("absent"), nil},
		{"too far on", root.nth("entry", 2), nil},
		{"no root of that name", place{root: true}.to("entry"), nil},
		{"nowhere", place{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := annotate(tree(), []note{{tt.at, "Note."}}, new(editions), new(field.Room))
			want := meanings(tree(), "")
			for k, v := range tt.want {
				want[k] = v
			}
			if diff := cmp.Diff(want, meanings(got, "")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestAnnotateSharesCertificates has two messages with the same certificate, whose
// tree they share: what is said of one is not said of the other.
func TestAnnotateSharesCertificates(t *testing.T) {
	certificate := tree()
	message := func() []field.Field {
		return []field.Field{{Label: "Message", Fields: []field.Field{{Label: tlswire.LabelCertificate, Fields: certificate, Shared: true}}}}
	}
	name := place{root: true}.to("Message", tlswire.LabelCertificate, "wrapped", "name")
	entry := place{}.nth("entry", 1)
	known := new(editions)
	got := annotate(message(), []note{{name, "One."}, {entry, "Two."}, {name, "Three."}}, known, new(field.Room))
	want := meanings(message(), "")
	const way = "Message/certificate/Message/list/entry"
	want[way], want[way+"/wrapped/name"] = "Two.", "One. Three. A name."
	if diff := cmp.Diff(want, meanings(got, "")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(tree(), certificate); diff != "" {
		t.Errorf("the certificate of the other message has changed:\n%s", diff)
	}
	again := annotate(message(), []note{{name, "One."}, {entry, "Two."}, {name, "Three."}}, known, new(field.Room))
	if a, b := got[0].Fields[0].Fields, again[0].Fields[0].Fields; &a[0] != &b[0] {
		t.Error("the same is said of the same certificate, and it is not the same tree")
	}
}

// TestAnnotateCountsInCertificates counts fields over two certificates, which are
// the same one: what is passed by in the first counts, also where it is remembered.
func TestAnnotateCountsInCertificates(t *testing.T) {
	certificate := field.Field{Label: tlswire.LabelCertificate, Fields: tree(), Shared: true}
	known := new(editions)
	for range 2 {
		message := []field.Field{{Label: "1", Fields: []field.Field{certificate}}, {Label: "2", Fields: []field.Field{certificate}}}
		want := meanings(message, "")
		got := annotate(message, []note{{place{}.nth("entry", 3), "Note."}, {place{}.nth("entry", 4), "Beyond."}}, known, nil)
		want["2/certificate/Message/list/entry"] = "Note."
		if diff := cmp.Diff(want, meanings(got, "")); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

// TestTwoNotes adds two sentences to one field, and one beside it.
func TestTwoNotes(t *testing.T) {
	root := place{root: true}.to("Message")
	got := annotate(tree(), []note{
		{root.to("name"), "One."}, {root.to("name"), "Two."}, {root.nth("entry", 1).to("name"), "Three."},
	}, new(editions), nil)
	want := map[string]string{
		"Message": "A message.", "Message/list/entry/name": "One. Two.", "Message/list/entry/wrapped/name": "Three. A name.",
	}
	if diff := cmp.Diff(want, meanings(got, "")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
