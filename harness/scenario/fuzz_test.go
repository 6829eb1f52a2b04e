package scenario

import (
	"errors"
	"io/fs"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"shakedown/scenarios"
)

// FuzzParse holds that any text is a scenario or has errors with a place that
// exists, never both, and that a scenario which can be written reads back the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte(everything))
	f.Add(Template())
	for _, w := range wrong {
		f.Add([]byte(w.text))
	}
	err := fs.WalkDir(scenarios.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !isScenario(name) {
			return err
		}
		text, err := fs.ReadFile(scenarios.FS(), name)
		f.Add(text)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		sc, err := Parse("a.yaml", text)
		if err != nil {
			checkErrors(t, sc, err)
			return
		}
		for _, w := range Validate(sc) {
			_ = w.Error()
		}
		written, err := Marshal(sc)
		if err != nil {
			t.Fatalf("a scenario that was read cannot be written: %v", err)
		}
		if len(written) == 0 {
			written = []byte("{}\n")
		}
		back, err := Parse("a.yaml", written)
		if err != nil {
			t.Fatalf("what was written does not read back:\n%v\n%s", err, written)
		}
		if d := cmp.Diff(sc, back, ignoreSource); d != "" {
			t.Fatalf("(-read +read back):\n%s\n%s", d, written)
		}
	})
}

func checkErrors(t *testing.T, sc *Scenario, err error) {
	t.Helper()
	var errs Errors
	if !errors.As(err, &errs) || len(errs) == 0 || sc != nil {
		t.Fatalf("got scenario %v and %T %v", sc != nil, err, err)
	}
	for _, e := range errs {
		if e.File == "" || e.Message == "" || e.Line < 0 || (e.Line > 0) != (e.Column > 0) {
			t.Errorf("an error without a place: %+v", e)
		}
	}
	said := err.Error()
	if !utf8.ValidString(said) {
		t.Fatalf("the error is not UTF-8: %q", said)
	}
	for _, r := range said {
		if r < 0x20 && r != '\n' || r == 0x7f || r == '\u202e' {
			t.Fatalf("the error carries %U: %q", r, said)
		}
	}
}
