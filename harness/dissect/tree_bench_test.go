package dissect

import (
	"crypto/tls"
	"encoding/json"
	"testing"

	"shakedown/harness/field"
)

// BenchmarkTrees builds every field tree of a whole mutual handshake.
func BenchmarkTrees(b *testing.B) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		b.Run(tls.VersionName(version), func(b *testing.B) {
			tl := Transcript(healthy(version).record(b))
			fields, size := 0, 0
			for _, s := range tl.Steps {
				tree := s.Tree()
				fields += countFields(tree.Fields)
				text, err := json.Marshal(tree.Fields)
				if err != nil {
					b.Fatal(err)
				}
				size += len(text)
			}
			b.ReportAllocs()
			for b.Loop() {
				for _, s := range tl.Steps {
					s.Tree()
				}
			}
			b.ReportMetric(float64(fields), "fields")
			b.ReportMetric(float64(size), "JSON-bytes")
		})
	}
}

func countFields(fields []field.Field) int {
	n := len(fields)
	for i := range fields {
		n += countFields(fields[i].Fields)
	}
	return n
}
