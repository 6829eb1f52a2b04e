package scenario

import (
	"testing"

	"shakedown/scenarios"
)

// BenchmarkLoadFS is what every command pays before it does anything.
func BenchmarkLoadFS(b *testing.B) {
	for b.Loop() {
		if _, err := LoadFS(scenarios.FS()); err != nil {
			b.Fatal(err)
		}
	}
}
