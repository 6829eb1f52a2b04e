package causes

// clientAuthCauses are the faults of asking for a client's certificate and of
// answering.
var clientAuthCauses = []Cause{
	{
		ID:          "client-no-cert",
		Title:       "The server requires a client certificate, and the client has none to send",
		Explanation: "The server sent a CertificateRequest; the client answered with an empty Certificate, because nothing is configured. In TLS 1.3 the client has finished its handshake before it hears of it.",
		Remedy:      "Configure the client with its certificate and private key.",
		Rows:        []string{"C01"},
		Scenario:    "clientauth/no-client-certificate",
	},
	{
		ID:          "client-key-unsupported",
		Title:       "The client's key is of a kind that this TLS version cannot use, so it sends no certificate",
		Explanation: "TLS 1.3 has no signature scheme for some keys that TLS 1.2 takes, such as P-224. Go's client skips a certificate with such a key and sends an empty Certificate.",
		Remedy:      "Issue the client's certificate for a P-256, P-384, P-521, Ed25519 or RSA key of 2048 bits or more.",
		Rows:        []string{"C05"},
	},
	{
		ID:          "client-p224-forced",
		Title:       "The client's key is of a kind that this TLS version cannot use, and the client fails when it has to sign",
		Explanation: "The certificate was presented without asking whether it suits. The client then finds no signature scheme for its P-224 key and ends the handshake itself.",
		Remedy:      "Issue the client's certificate for a P-256, P-384, P-521, Ed25519 or RSA key of 2048 bits or more.",
		Rows:        []string{"C52"},
	},
	{
		ID:          "client-sigalg-mismatch",
		Title:       "The server does not accept any signature that the client's key can make",
		Explanation: "The signature_algorithms of the CertificateRequest leave out every scheme of this key type (RFC 8446 4.2.3), for example RSA only, while the client has an ECDSA key.",
		Remedy:      "Give the client a certificate with another key type, or widen the signature algorithms that the server accepts.",
		Rows:        []string{"C06"},
	},
	{
		ID:          "proxy-reoriginates",
		Title:       "A proxy ends the client's TLS and dials on without the client's certificate",
		Explanation: "The backend's client is the proxy. The client's own handshake was fine and no CertificateRequest reached it; the certificate that it saw is the proxy's.",
		Remedy:      "Give the proxy a certificate of its own for the backend, or have it pass TLS through without ending it.",
		Rows:        []string{"C07"},
	},
	{
		ID:          "ech-rejected",
		Title:       "The server could not decrypt the client's Encrypted Client Hello",
		Explanation: "The client holds a stale ECH configuration. A client whose ECH was refused must not authenticate to the public name, so it sends no certificate and retries or gives up.",
		Remedy:      "Refresh the client's ECH configuration (its HTTPS DNS record), or let it use the retry configuration that the server sent.",
		Rows:        []string{"C08"},
	},
	{
		ID:          "certrequest-damaged",
		Title:       "The CertificateRequest was changed on its way, so the client looks for the wrong CA",
		Explanation: "TLS 1.2 sends CertificateRequest in the clear. One changed byte in a CA's name makes a good client certificate look unwanted; the two ends' recordings differ in that message.",
		Remedy:      "Find and remove the box on the path that changes the handshake; TLS 1.3 would have noticed at once.",
		Rows:        []string{"C09"},
	},
	{
		ID:          "getclientcert-error",
		Title:       "The client's own GetClientCertificate callback returned an error",
		Explanation: "The client could not produce its certificate, for example because a secret store was down. In TLS 1.3 Go sends no alert for it: the server sees only the end of the stream.",
		Remedy:      "Mend what the client's callback depends on; its log has the reason.",
		Rows:        []string{"C51"},
	},
	{
		ID:          "server-request-only",
		Title:       "The server asks for a client certificate but does not insist, so nobody is authenticated",
		Explanation: "The client answered with an empty Certificate and was let in. With client_auth request (Go's RequestClientCert), a certificate is neither needed nor verified.",
		Remedy:      "Set the server's client authentication to require and verify (Go's RequireAndVerifyClientCert).",
		Rows:        []string{"C60"},
		Scenario:    "clientauth/request-only",
	},
	{
		ID:          "server-never-asks",
		Title:       "The server never asks for a client certificate",
		Explanation: "There was no CertificateRequest: client authentication is off, or TLS ends at a proxy in front that does not ask. The client's certificate was never sent.",
		Remedy:      "Turn client authentication on where the client's TLS ends.",
		Rows:        []string{"C61"},
	},
	{
		ID:          "server-requires-any",
		Title:       "The server takes any client certificate without verifying it",
		Explanation: "A certificate is required, but no chain is built (Go's RequireAnyClientCert). Anyone can sign a certificate in any name.",
		Remedy:      "Set the server's client authentication to require and verify, with the client CAs loaded.",
		Rows:        []string{"C62"},
	},
	{
		ID:          "resumed-old-identity",
		Title:       "A resumed session still carries the client's old certificate",
		Explanation: "A session ticket holds the identity of the first handshake. After the client renewed its certificate, a resumed connection shows the server the old one.",
		Remedy:      "Have the client drop its session cache when its certificate changes, and keep ticket lifetimes short on the server.",
		Rows:        []string{"C63"},
	},
	{
		ID:          "policy-skipped-on-resume",
		Title:       "A rule in VerifyPeerCertificate is not applied to resumed sessions",
		Explanation: "No certificate is sent when a session is resumed, so Go does not call VerifyPeerCertificate. Whoever was let in before the rule came stays in.",
		Remedy:      "Move the rule to VerifyConnection, which is called for every connection.",
		Rows:        []string{"C64"},
	},
}
