package catalogue

import (
	"strings"

	"shakedown/harness/causes"
)

func foreign(b *strings.Builder, c causes.Cause) {}
