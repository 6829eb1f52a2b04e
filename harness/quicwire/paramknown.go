package quicwire

import "shakedown/harness/field"

// knownParameters has the fields of parameters: a side says most of them in each of
// its handshakes at the same place.
var knownParameters field.Memo[parameterPlace]

// A parameterPlace is what the fields of a parameter depend on besides its bytes.
type parameterPlace struct {
	buffer     string
	start      int
	fromClient bool
}

// repeatedParameter says that a parameter is one whose value is the same in many
// handshakes: a number, or nothing.
func repeatedParameter(one TransportParameter) bool {
	kind := parameterKinds().find(one.ID)
	return kind != nil && (kind.integer || len(one.Value) == 0)
}
