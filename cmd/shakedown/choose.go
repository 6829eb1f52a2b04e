package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"shakedown/harness"
	"shakedown/harness/nearest"
	"shakedown/harness/scenario"
)

// choose returns the scenarios that the arguments name: ids, groups and
// patterns of the built-in ones, files, directories and patterns of files.
// Built-in ones come first and in catalogue order, then files in the order in
// which they were named. No argument means every built-in one. Commands are
// what else may have been meant by a name that nothing has.
func (a *app) choose(ctx context.Context, args []string, commands ...string) ([]*scenario.Scenario, error) {
	all, err := a.catalog()
	if err != nil {
		return nil, fmt.Errorf("read the built-in scenarios: %w", err)
	}
	if len(args) == 0 {
		return all, nil
	}
	wanted := make(map[string]bool, len(all))
	var files []string
	for _, arg := range args {
		ids := matching(all, arg)
		for _, id := range ids {
			wanted[id] = true
		}
		if len(ids) > 0 {
			continue
		}
		found, err := filesOf(arg)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, unknownScenario(arg, all, commands...)
		}
		for _, file := range found {
			if !slices.Contains(files, file) {
				files = append(files, file)
			}
		}
	}
	var chosen []*scenario.Scenario
	for _, sc := range all {
		if wanted[sc.ID] {
			chosen = append(chosen, sc)
		}
	}
	loaded, err := load(ctx, files)
	return append(chosen, loaded...), err
}

// matching returns the ids of the built-in scenarios that an argument names.
func matching(all []*scenario.Scenario, arg string) []string {
	var ids []string
	for _, sc := range all {
		if sc.ID == arg || sc.Group == arg {
			ids = append(ids, sc.ID)
		} else if ok, err := path.Match(arg, sc.ID); err == nil && ok {
			ids = append(ids, sc.ID)
		}
	}
	return ids
}

// filesOf returns the scenario files that an argument names.
func filesOf(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return filesBelow(arg)
	case err == nil:
		return []string{arg}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, usage("", "read %s: %w", arg, reason(err))
	}
	found, err := filepath.Glob(arg)
	if err != nil {
		return nil, usage(`a pattern is written as in a shell: 'trust/*'`, "pattern %q: %w", arg, err)
	}
	return found, nil
}

// filesBelow returns the YAML files of a directory and of those in it, sorted.
func filesBelow(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(file)) {
			files = append(files, file)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", dir, err)
	}
	if len(files) == 0 {
		return nil, usage("a scenario file ends in .yaml or .yml", "%s holds no scenario file", dir)
	}
	return files, nil
}

// load reads scenario files, and says of all of them what is wrong: also what
// shows only when they are rehearsed.
func load(ctx context.Context, files []string) ([]*scenario.Scenario, error) {
	var loaded []*scenario.Scenario
	var wrong []error
	for _, file := range files {
		sc, err := scenario.Load(file)
		if err == nil {
			err = harness.Rehearse(ctx, sc)
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		loaded = append(loaded, sc)
	}
	if wrong != nil {
		return nil, &usageError{errors.Join(wrong...), ""}
	}
	return loaded, nil
}

// unknownScenario says that nothing has that name, and what may have been meant.
func unknownScenario(arg string, all []*scenario.Scenario, commands ...string) error {
	if near := nearest.Word(arg, commands); near != "" {
		return usage(fmt.Sprintf("did you mean shakedown %s?", near), "no command, no scenario and no file is named %q", arg)
	}
	names := make([]string, 0, 2*len(all))
	for _, sc := range all {
		names = append(names, sc.ID)
		if !slices.Contains(names, sc.Group) {
			names = append(names, sc.Group)
		}
	}
	hint := "shakedown list shows the built-in scenarios"
	if near := nearest.Word(arg, names); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	} else if _, last, ok := strings.Cut(arg, "/"); ok && nearest.Word(last, names) != "" {
		hint = fmt.Sprintf("did you mean %s?", nearest.Word(last, names))
	}
	return usage(hint, "no scenario and no file is named %q", arg)
}
