package scenario

import (
	_ "embed"
	"slices"
)

//go:embed template.yaml
var template []byte

// Template returns a starting file: a scenario that runs as it is, with comments
// that show what else can be said.
func Template() []byte { return slices.Clone(template) }
