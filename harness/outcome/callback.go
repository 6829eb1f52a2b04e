package outcome

// A Callback is a function of an application, or its key, that a TLS stack calls
// during a handshake, named as crypto/tls names it.
type Callback string

// The callbacks.
const (
	GetCertificate        Callback = "GetCertificate"
	GetConfigForClient    Callback = "GetConfigForClient"
	GetClientCertificate  Callback = "GetClientCertificate"
	VerifyPeerCertificate Callback = "VerifyPeerCertificate" // not called when a session is resumed
	VerifyConnection      Callback = "VerifyConnection"
	Sign                  Callback = "Sign" // of the private key
)

// A Rule is what an application demands of its peer above what TLS verifies.
type Rule struct {
	// Callback is where it stands.
	Callback Callback `json:"callback"`
	// Text says what it demands: the error that it returns, or the pin or
	// identity that it looks for.
	Text string `json:"text"`
}
