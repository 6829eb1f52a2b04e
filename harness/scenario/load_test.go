package scenario

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func idsOf(all []*Scenario) string {
	var ids []string
	for _, sc := range all {
		ids = append(ids, filepath.ToSlash(sc.ID))
	}
	return strings.Join(ids, " ")
}

func TestLoadFSFollowsTheCatalogue(t *testing.T) {
	healthy := &fstest.MapFile{Data: []byte("title: A\n")}
	fsys := fstest.MapFS{
		"catalogue.txt": {Data: []byte("# order\nzoo/b\n\n  zoo/a \nnot/there\n")},
		"zoo/a.yaml":    healthy, "zoo/b.yaml": healthy, "zoo/c.yml": healthy, "ark/a.yaml": healthy, "zoo/readme.md": {Data: []byte("[")},
	}
	all, err := LoadFS(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := idsOf(all), "zoo/b zoo/a ark/a zoo/c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	delete(fsys, "catalogue.txt")
	all, err = LoadFS(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := idsOf(all), "ark/a zoo/a zoo/b zoo/c"; got != want {
		t.Errorf("without a catalogue got %s, want %s", got, want)
	}
}

func TestLoadingManyReportsEveryFile(t *testing.T) {
	_, err := LoadFS(fstest.MapFS{
		"a/x.yaml": {Data: []byte("titel: A\n")}, "a/y.yaml": {Data: []byte("title: A\n")}, "b/z.yaml": {Data: []byte("[")},
	})
	for _, want := range []string{`scenarios/a/x.yaml:1:1: unknown key "titel"`, "scenarios/b/z.yaml:1:1: not YAML"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	var errs Errors
	if !errors.As(err, &errs) {
		t.Errorf("%T has no Errors in it", err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return full
	}
	one := write("mine/b.yaml", "title: B\npki: {server: {cert: s.pem, key: s.key}}\n")
	write("mine/deep/a.yml", "title: A\n")
	write("mine/notes.txt", "not a scenario")

	sc, err := Load(one)
	if err != nil {
		t.Fatal(err)
	}
	if sc.Path != one || sc.ID != one || sc.Group != "" || sc.PKI["server"].Cert != filepath.Join(dir, "mine", "s.pem") {
		t.Errorf("got path %q, id %q, group %q, certificate %q", sc.Path, sc.ID, sc.Group, sc.PKI["server"].Cert)
	}
	all, err := LoadDir(filepath.Join(dir, "mine"))
	if err != nil || len(all) != 2 || all[0].Title != "B" || all[1].Title != "A" {
		t.Errorf("got %d scenarios, %v", len(all), err)
	}

	if _, err := Load(filepath.Join(dir, "none.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: got %v", err)
	}
	if _, err := Load(dir); err == nil {
		t.Error("a folder was read as a file")
	}
	if _, err := LoadDir(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: got %v", err)
	}
	huge := write("huge.yaml", "title: "+strings.Repeat("x", 3*maxBytes))
	if _, err := Load(huge); err == nil || !strings.Contains(err.Error(), "larger than 1,048,576 bytes") {
		t.Errorf("a huge file: got %.200v", err)
	}
}

func TestTheTemplateIsAScenarioWithoutWarnings(t *testing.T) {
	sc := mustParse(t, "new.yaml", string(Template()))
	if got := Validate(sc); len(got) > 0 {
		t.Error(got)
	}
	Template()[0] = 'X'
	if Template()[0] == 'X' {
		t.Error("changing what Template returned changed the template")
	}
}

// A named pipe that nobody writes to must not keep a run waiting forever.
func TestAPipeWithoutAWriterIsEmpty(t *testing.T) {
	mkfifo, err := exec.LookPath("mkfifo")
	if err != nil {
		t.Skip("this system has no mkfifo")
	}
	name := filepath.Join(t.TempDir(), "pipe.yaml")
	if out, err := exec.Command(mkfifo, name).CombinedOutput(); err != nil {
		t.Skipf("this folder takes no named pipe: %s", out)
	}
	_, err = Load(name)
	if err == nil || !strings.HasSuffix(err.Error(), "the file is empty") {
		t.Errorf("got %v, want an error that says that the file is empty", err)
	}
}
