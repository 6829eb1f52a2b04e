package diagnose

import (
	"strings"

	"shakedown/harness/outcome"
)

// downgradeWords are crypto/tls's where the random of a ServerHello says that the
// server would have chosen a later version: "TLS 1.3 clients receiving a
// ServerHello indicating TLS 1.2 or below MUST check that the last 8 bytes are
// not equal to either of these values" (RFC 8446 4.1.3).
const downgradeWords = "downgrade attempt detected"

// rejectedDowngrade names the message that such an error is about. The client has
// read more by then, and the alert alone does not say which of it was wrong.
func rejectedDowngrade(f *outcome.Failure) string {
	if f != nil && f.Peer == nil && strings.Contains(f.Text, downgradeWords) {
		return "ServerHello"
	}
	return ""
}
