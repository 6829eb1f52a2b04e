// Package scenarios holds the built-in scenarios, by what goes wrong in them:
// one YAML file each, whose id is its path without the ending.
//
// Use [FS] with scenario.LoadFS to read them all, and [Text] to show one as it
// is written. The package knows nothing of what the files mean.
package scenarios

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed catalogue.txt */*.yaml
var files embed.FS

// FS returns the files: GROUP/NAME.yaml, and catalogue.txt with the order of
// the ids.
func FS() fs.FS { return files }

// Text returns a scenario's file as it is written, by its id
// ("trust/unknown-server-ca"). The error wraps [fs.ErrNotExist] if there is none.
func Text(id string) ([]byte, error) {
	text, err := files.ReadFile(id + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no built-in scenario %q: %w", id, fs.ErrNotExist)
	}
	return text, nil
}
