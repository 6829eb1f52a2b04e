package crossref

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/field"
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
		{"what is not there", root.to("absent"), nil},
		{"too far on", root.nth("entry", 2), nil},
		{"no root of that name", place{root: true}.to("entry"), nil},
		{"nowhere", place{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fields := tree()
			got := annotate(fields, []note{{tt.at, "Note."}})
			want := meanings(tree(), "")
			for k, v := range tt.want {
				want[k] = v
			}
			if diff := cmp.Diff(want, meanings(got, "")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(tree(), fields); diff != "" {
				t.Errorf("the tree that was given has changed:\n%s", diff)
			}
		})
	}
}

// TestTwoNotes adds two sentences to one field, and one beside it.
func TestTwoNotes(t *testing.T) {
	root := place{root: true}.to("Message")
	got := annotate(tree(), []note{
		{root.to("name"), "One."}, {root.to("name"), "Two."}, {root.nth("entry", 1).to("name"), "Three."},
	})
	want := map[string]string{
		"Message": "A message.", "Message/list/entry/name": "One. Two.", "Message/list/entry/wrapped/name": "Three. A name.",
	}
	if diff := cmp.Diff(want, meanings(got, "")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
