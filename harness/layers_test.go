package harness

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers says which of our packages may import which: "a < b" means that b may
// import a and all below a; "a !< b" means that b never reaches a, however far.
// Names are the last element of the path; "tui/…" are the screen's panes.
const layers = `
NONE < slab, recall, keylog, outcome, causes, nearest, pcapng, peertest, keytable;

slab < field;

outcome < fault;

field < x509wire, tlswire, quicwire;
keylog, outcome < transcript;
x509wire, tlswire, quicwire, transcript < dissect;
fault, tlswire < rewrite;
dissect, fault, rewrite < link;
pcapng, dissect < capture;
dissect, keytable, recall < crossref;
x509wire, outcome, nearest < pki;
pki < endpoint;

causes, tlswire, nearest < explain;
causes, crossref, explain < diagnose;
causes, tlswire, quicwire, pki, fault < scenario;
scenario < scenarios;

scenario, endpoint, link, diagnose, capture < harness;
harness < report;
harness, explain < catalogue;
harness < tui/keymap, tui/theme, tui/scroll;
tui/keymap, tui/theme, tui/scroll < tui/pane;
tui/pane < tui/catalog, tui/timeline, tui/inspector, tui/chain, tui/verdict;
tui/catalog, tui/timeline, tui/inspector, tui/chain, tui/verdict < tui;
tui < tui/plain, tui/tuitest;
tui/plain, report, explain, scenarios < cmd;

pki !< diagnose;
endpoint !< diagnose;
scenario !< diagnose;
scenario !< endpoint;
link !< dissect;
harness !< explain;
endpoint !< capture;
scenario !< capture;
`

// owners says which packages alone may import a module.
var owners = map[string][]string{
	"github.com/quic-go/quic-go":            {"endpoint"},
	"github.com/quic-go/quic-go/quicvarint": {"quicwire"},
	"github.com/google/gopacket":            {"pcapng"},
	"filippo.io/nistec":                     {"keytable"},
	"github.com/andybalholm/brotli":         {"tlswire"},
	"github.com/klauspost/compress":         {"tlswire"},
	"github.com/goccy/go-yaml":              {"scenario"},
	"charm.land/bubbletea/v2":               {"tui"},
	"github.com/spf13/cobra":                {"cmd"},
}

func TestLayers(t *testing.T) {
	imports := ourImports(t)
	rules := parseLayers(t, layers)
	for pkg, deps := range imports {
		if _, known := rules.below[pkg]; !known {
			t.Errorf("package %s is not in the layers: say where it stands", pkg)
			continue
		}
		allowed := rules.closure(pkg)
		for _, dep := range deps.ours {
			if !allowed[dep] {
				t.Errorf("%s imports %s, which the layers do not allow", pkg, dep)
			}
		}
		for _, module := range deps.modules {
			checkOwner(t, pkg, module)
		}
	}
	for _, never := range rules.never {
		if reaches(imports, never.from, never.to, map[string]bool{}) {
			t.Errorf("%s reaches %s, which it never may", never.from, never.to)
		}
	}
}

func checkOwner(t *testing.T, pkg, module string) {
	t.Helper()
	owner, longest := []string(nil), ""
	for path, packages := range owners {
		if (module == path || strings.HasPrefix(module, path+"/")) && len(path) > len(longest) {
			owner, longest = packages, path
		}
	}
	top, _, _ := strings.Cut(pkg, "/")
	if longest != "" && !slices.Contains(owner, top) {
		t.Errorf("%s imports %s; only %s may", pkg, module, strings.Join(owner, ", "))
	}
}

type layerRules struct {
	below map[string][]string
	never []struct{ from, to string }
}

func parseLayers(t *testing.T, text string) layerRules {
	t.Helper()
	r := layerRules{below: map[string][]string{}}
	for _, rule := range strings.Split(text, ";") {
		words := strings.Fields(strings.ReplaceAll(rule, ",", " "))
		at := slices.IndexFunc(words, func(w string) bool { return w == "<" || w == "!<" })
		switch {
		case len(words) == 0:
		case at < 1 || at == len(words)-1:
			t.Fatalf("no rule: %q", rule)
		case words[at] == "!<":
			r.never = append(r.never, struct{ from, to string }{words[2], words[0]})
		default:
			for _, upper := range words[at+1:] {
				r.below[upper] = append(r.below[upper], words[:at]...)
			}
		}
	}
	return r
}

// closure returns everything that pkg may import.
func (r layerRules) closure(pkg string) map[string]bool {
	all := map[string]bool{}
	var add func(string)
	add = func(p string) {
		for _, b := range r.below[p] {
			if b != "NONE" && !all[b] {
				all[b] = true
				add(b)
			}
		}
	}
	add(pkg)
	return all
}

type packageImports struct{ ours, modules []string }

// ourImports reads what the non-test files of every package of the module import.
func ourImports(t *testing.T) map[string]packageImports {
	t.Helper()
	found := map[string]packageImports{}
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", path), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := layerName(filepath.ToSlash(filepath.Dir(path)))
		imports := found[pkg]
		for _, spec := range file.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			switch ours, isOurs := strings.CutPrefix(name, "shakedown/"); {
			case isOurs:
				if dep := layerName(ours); !slices.Contains(imports.ours, dep) {
					imports.ours = append(imports.ours, dep)
				}
			case strings.Contains(name, "."):
				imports.modules = append(imports.modules, name)
			}
		}
		found[pkg] = imports
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// layerName is how the layers call a package.
func layerName(path string) string {
	switch {
	case strings.HasPrefix(path, "tui/"):
		return path
	case strings.HasPrefix(path, "cmd/"):
		return "cmd"
	}
	return path[strings.LastIndex(path, "/")+1:]
}

func reaches(imports map[string]packageImports, from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	return slices.ContainsFunc(imports[from].ours, func(next string) bool { return reaches(imports, next, to, seen) })
}
