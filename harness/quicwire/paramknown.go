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

// repeatedParameter returns the bytes of the parameter that b starts with where it is
// one whose value is the same in many handshakes: a number, or nothing. It is nil for
// others.
func repeatedParameter(b []byte) []byte {
	r := reader{b: b}
	id := ParameterID(r.varint("Transport Parameter ID"))
	value := r.bytes("Transport Parameter Value", r.varint("Transport Parameter Length"))
	if kind := parameterKinds().find(id); r.err != nil || kind == nil || !kind.integer && len(value) > 0 {
		return nil
	}
	return b[:r.at]
}
