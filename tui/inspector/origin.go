package inspector

import "shakedown/harness/field"

// An origin is a run of bytes of another buffer.
type origin = field.Origin

// origins returns what a buffer was made of, in its order.
func origins(b field.Buffer) []origin { return b.Origins }
