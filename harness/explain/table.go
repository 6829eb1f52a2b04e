package explain

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"shakedown/harness/causes"
)

// tableFiles are what is known, as data: one file for each stack under
// tables/stacks, and beside them what holds for all of them.
//
//go:embed tables/*.txt tables/stacks/*.txt
var tableFiles embed.FS

// A block is one entry of a table file: heads at the margin, one a line, and
// indented by two below them what is said of them, a key and its value a line. A
// line that is indented further goes on with the value above it, and an empty line
// ends the entry. What follows a "#" at the start of a line is a comment.
type block struct {
	where string // file and line, for errors
	heads []string
	attrs []attribute
}

type attribute struct{ key, value string }

// all returns the values of a key, in the order of the file.
func (b *block) all(key string) []string {
	var list []string
	for _, a := range b.attrs {
		if a.key == key {
			list = append(list, a.value)
		}
	}
	return list
}

// one returns the value of a key that stands once, empty if it does not stand.
func (b *block) one(key string) string { return strings.Join(b.all(key), " ") }

// parseBlocks reads a table file. Keys are those that it may have.
func parseBlocks(name, text string, keys ...string) ([]*block, error) {
	var list []*block
	var b *block
	for i, line := range strings.Split(text, "\n") {
		where := fmt.Sprintf("%s:%d", name, i+1)
		trimmed := strings.TrimSpace(line)
		indent := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case trimmed == "":
			b = nil
		case trimmed[0] == '#' && indent == 0:
		case indent == 0:
			if b == nil || len(b.attrs) > 0 {
				b = &block{where: where}
				list = append(list, b)
			}
			b.heads = append(b.heads, trimmed)
		case b == nil:
			return nil, fmt.Errorf("%s: %q stands under no entry", where, trimmed)
		case indent == 2:
			key, value, _ := strings.Cut(trimmed, " ")
			if !slices.Contains(keys, key) {
				return nil, fmt.Errorf("%s: unknown key %q, want one of %s", where, key, strings.Join(keys, ", "))
			}
			b.attrs = append(b.attrs, attribute{key, strings.TrimSpace(value)})
		case len(b.attrs) == 0:
			return nil, fmt.Errorf("%s: %q goes on with nothing", where, trimmed)
		default:
			last := &b.attrs[len(b.attrs)-1]
			last.value = strings.TrimSpace(last.value + " " + trimmed)
		}
	}
	return list, nil
}

// Tables are what is known of error lines.
type tables struct {
	sets        map[string][]string
	phrases     []*phrase
	alerts      []*alertEntry
	alertNames  []alertName
	numbers     []*numberEntry
	evidence    []*evidence
	likelihoods map[string]likelihood
}

// known are the tables, read once. They are part of the program, and a test reads
// each, so that a mistake in them is one of the program's.
var known = sync.OnceValue(func() *tables {
	t, err := readTables()
	if err != nil {
		panic(err)
	}
	return t
})

func readTables() (*tables, error) {
	t := &tables{sets: map[string][]string{}, likelihoods: map[string]likelihood{}, alertNames: registeredNames()}
	steps := []struct {
		file string
		keys []string
		take func(*block) error
	}{
		{"sets.txt", setKeys, t.takeSet},
		{"likelihood.txt", likelihoodKeys, t.takeLikelihood},
		{"alerts.txt", alertKeys, t.takeAlert},
		{"numbers.txt", numberKeys, t.takeNumber},
		{"evidence.txt", evidenceKeys, t.takeEvidence},
	}
	for _, s := range steps {
		if err := readTable(path.Join("tables", s.file), s.keys, s.take); err != nil {
			return nil, err
		}
	}
	stacks, err := tableFiles.ReadDir("tables/stacks")
	if err != nil {
		return nil, fmt.Errorf("read the tables of the stacks: %w", err)
	}
	for _, s := range stacks {
		stack := strings.TrimSuffix(s.Name(), ".txt")
		take := func(b *block) error { return t.takePhrase(stack, b) }
		if err := readTable(path.Join("tables/stacks", s.Name()), phraseKeys, take); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func readTable(name string, keys []string, take func(*block) error) error {
	text, err := tableFiles.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read the table %s: %w", name, err)
	}
	blocks, err := parseBlocks(name, string(text), keys...)
	if err != nil {
		return err
	}
	for _, b := range blocks {
		if err := take(b); err != nil {
			return fmt.Errorf("%s: %w", b.where, err)
		}
	}
	return nil
}

var setKeys = []string{"is"}

// takeSet reads a set of causes that several entries share: its name begins with
// "@", and it may be made of other sets that stand before it.
func (t *tables) takeSet(b *block) error {
	ids, err := t.ids(b.one("is"))
	if err != nil {
		return err
	}
	for _, name := range b.heads {
		if name[0] != '@' || t.sets[name] != nil {
			return fmt.Errorf("%q is no new name of a set", name)
		}
		t.sets[name] = ids
	}
	return nil
}

// ids reads a list of causes and sets of causes. Each cause counts once.
func (t *tables) ids(text string) ([]string, error) {
	var list []string
	for word := range strings.FieldsSeq(text) {
		ids, isSet := t.sets[word]
		if !isSet {
			if _, ok := causes.Lookup(word); !ok {
				return nil, fmt.Errorf("%q is neither a cause nor a set of causes", word)
			}
			ids = []string{word}
		}
		for _, id := range ids {
			if !slices.Contains(list, id) {
				list = append(list, id)
			}
		}
	}
	return list, nil
}
