package main

import (
	"fmt"

	"shakedown/harness/scenario"
)

// save writes a scenario of the person's own files as a scenario file, to keep
// and to run again. Its paths are relative to it, as they are read; keys stay
// where they are.
func (a *app) save(name string, sc *scenario.Scenario) error {
	saved := *sc
	saved.Path = name
	text, err := scenario.Marshal(&saved)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := writeNew(name, text, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "note: wrote %s; run it again with: shakedown run %s\n", printableLine(name), printableLine(shellQuote(name)))
	return nil
}
