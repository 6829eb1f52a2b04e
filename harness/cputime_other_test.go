//go:build !unix

package harness

import "time"

// processorTime is not read here: the ratios of processor time are 0 then.
func processorTime() time.Duration { return 0 }
