package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Load reads a scenario file. What is wrong with its content comes back as [Errors].
func Load(name string) (*Scenario, error) {
	f, err := open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	sc, err := Parse(name, text)
	if err != nil {
		return nil, err
	}
	sc.Path = name
	return sc, nil
}

// open opens a file for reading. A named pipe that nobody writes to reads as
// empty: to wait for a writer would be to wait forever.
func open(name string) (*os.File, error) {
	flags := os.O_RDONLY
	if info, err := os.Stat(name); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		flags |= syscall.O_NONBLOCK
	}
	return os.OpenFile(name, flags, 0)
}

// LoadDir reads every scenario file (.yaml, .yml) below a folder, in the order
// of their names. What is wrong with any of them comes back together.
func LoadDir(dir string) ([]*Scenario, error) {
	var names []string
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && isScenario(name) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return loadAll(names, Load)
}

// LoadFS reads every scenario file of a file system whose root stands for
// scenarios/, in the order of its catalogue: the file catalogue.txt lists ids,
// one on a line, and scenarios that it does not list follow by name.
func LoadFS(fsys fs.FS) ([]*Scenario, error) {
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && isScenario(name) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	order, err := catalogueOrder(fsys)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(names, func(a, b string) int { return order(idOf("scenarios/"+a)) - order(idOf("scenarios/"+b)) })
	return loadAll(names, func(name string) (*Scenario, error) {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		return Parse("scenarios/"+name, text)
	})
}

// loadAll loads each file and puts all errors together.
func loadAll(names []string, load func(string) (*Scenario, error)) ([]*Scenario, error) {
	var scenarios []*Scenario
	var problems []error
	for _, name := range names {
		sc, err := load(name)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		scenarios = append(scenarios, sc)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return scenarios, nil
}

// catalogueOrder returns the place of an id in the file system's catalogue.
func catalogueOrder(fsys fs.FS) (func(id string) int, error) {
	text, err := fs.ReadFile(fsys, "catalogue.txt")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	places := map[string]int{}
	for line := range bytes.Lines(text) {
		if id := strings.TrimSpace(string(line)); id != "" && !strings.HasPrefix(id, "#") {
			places[id] = len(places)
		}
	}
	return func(id string) int {
		if place, ok := places[id]; ok {
			return place
		}
		return len(places)
	}, nil
}

// Parse reads a scenario from text. name is the file's, for its id and its
// errors, and files that it names are relative to name's folder. What is wrong
// with the text comes back as [Errors], all of it at once.
func Parse(name string, text []byte) (*Scenario, error) {
	r := &reader{file: name}
	root := r.parse(text)
	if root == nil {
		return nil, r.errs.sorted()
	}
	d := &decoder{reader: r, sc: Healthy(), base: filepath.Dir(name), broken: map[string]bool{}}
	d.sc.ID = idOf(name)
	d.sc.Group = groupOf(name, d.sc.ID)
	d.sc.source = &source{file: name, lines: r.lines}
	if !vocabulary.takes(root) {
		r.check(root, vocabulary, "")
		return nil, r.errs.sorted()
	}
	d.checkParts(root)
	d.decode(root)
	if len(r.errs) > 0 {
		return nil, r.errs.sorted()
	}
	if d.sc.Title == "" {
		d.sc.Title = d.sc.ID
	}
	return d.sc, nil
}

// checkParts checks the file part by part and remembers the parts that are broken.
func (d *decoder) checkParts(root *node) {
	for _, e := range root.entries {
		one := &node{kind: mappingNode, at: root.at, entries: []entry{e}}
		if !d.check(one, vocabulary, "") {
			d.broken[e.key] = true
		}
	}
}

func isScenario(name string) bool {
	ext := path.Ext(filepath.ToSlash(name))
	return ext == ".yaml" || ext == ".yml"
}

// idOf returns the path below the last folder named scenarios without its
// ending; for any other file the name as it was given.
func idOf(name string) string {
	slashed := "/" + filepath.ToSlash(name)
	i := strings.LastIndex(slashed, "/scenarios/")
	if i < 0 || !isScenario(name) {
		return name
	}
	below := slashed[i+len("/scenarios/"):]
	return strings.TrimSuffix(below, path.Ext(below))
}

// groupOf returns the first element of an id that is not just the file's name.
func groupOf(name, id string) string {
	group, _, nested := strings.Cut(id, "/")
	if id == name || !nested {
		return ""
	}
	return group
}
