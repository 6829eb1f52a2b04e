package causes

// policyCauses are refusals of certificates that verify: an application's own
// rule, revocation, or a stricter mode.
var policyCauses = []Cause{
	{
		ID:          "policy-verifypeer",
		Title:       "The server's application refused the client's certificate in VerifyPeerCertificate",
		Explanation: "The chain verifies; the application's own callback returned an error, for example from an allow-list or a revocation check. The client is told \"bad certificate\".",
		Remedy:      "Look up the rule in the server's log, then allow this client there, or give the client a certificate that satisfies it.",
		Rows:        []string{"C35"},
		Scenario:    "policy/client-not-on-the-list",
	},
	{
		ID:          "policy-verifyconnection",
		Title:       "The server's application refused the connection in VerifyConnection",
		Explanation: "The chain verifies; the application's own callback returned an error. The client is told \"bad certificate\".",
		Remedy:      "Look up the rule in the server's log, then allow this client there, or give the client a certificate that satisfies it.",
		Rows:        []string{"C36"},
		Scenario:    "policy/connection-not-allowed",
	},
	{
		ID:          "policy-refused",
		Title:       "The certificate verifies, but an application's rule refused it",
		Explanation: "Nothing is wrong with the chain. A rule above TLS, such as a list of allowed names, turned this identity away.",
		Remedy:      "Add this identity to the rule of the side that refused, or present a certificate that satisfies it.",
		Scenario:    "policy/client-other-identity",
	},
	{
		ID:          "server-pin",
		Title:       "The client's application refused the server's certificate by its own rule",
		Explanation: "The chain verifies; the client's callback returned an error, most often because the server's key is not the one that is pinned.",
		Remedy:      "Update the pin or the rule in the client, or have the server present the pinned key.",
		Rows:        []string{"S26"},
		Scenario:    "policy/server-key-not-pinned",
	},
	{
		ID:          "fips-chain",
		Title:       "No chain of the client's certificate satisfies the FIPS rules that the server runs under",
		Explanation: "In FIPS mode Go accepts only approved algorithms and key sizes, in every certificate of a chain. Outside of FIPS mode the same chain verifies.",
		Remedy:      "Issue the client's chain anew with approved keys (RSA of 2048 bits or more, P-256, P-384, P-521).",
		Rows:        []string{"C37"},
	},
	{
		ID:          "client-revoked",
		Title:       "The client's certificate has been revoked",
		Explanation: "The CA lists the certificate's serial number as revoked, in its CRL or by OCSP. TLS stacks do not check this unless they are told to.",
		Remedy:      "Issue a new certificate with a new key for the client, once it is known why the old one was revoked.",
		Scenario:    "revocation/client-on-crl",
	},
	{
		ID:          "server-revoked",
		Title:       "The server's certificate has been revoked",
		Explanation: "The CA lists the certificate's serial number as revoked, in its CRL or by OCSP. TLS stacks do not check this unless they are told to.",
		Remedy:      "Issue a new certificate with a new key for the server and reload it, once it is known why the old one was revoked.",
		Scenario:    "revocation/server-on-crl",
	},
	{
		ID:          "ocsp-stale",
		Title:       "The OCSP response for the certificate is out of date",
		Explanation: "The response's nextUpdate has passed (RFC 6960 4.2.2.1), so it no longer says anything about the certificate. A stapling server did not refresh it.",
		Remedy:      "Have the server fetch a fresh OCSP response, and see that it can reach the CA's responder.",
		Scenario:    "revocation/stale-ocsp",
	},
	{
		ID:          "crl-stale",
		Title:       "The CA's certificate revocation list is out of date",
		Explanation: "The list's nextUpdate has passed (RFC 5280 5.1.2.5). A side that insists on a current list refuses every certificate of that CA.",
		Remedy:      "Publish a new list at the CA, and reload it on the side that checks it.",
		Scenario:    "revocation/stale-crl",
	},
	{
		ID:          "server-staple-missing",
		Title:       "The client insists on a stapled OCSP response, and the server sends none",
		Explanation: "The certificate verifies. The client's application wants the CA's signed word that it was not revoked, and the server does not staple it.",
		Remedy:      "Switch OCSP stapling on at the server, and see that it can reach the CA's responder.",
		Scenario:    "revocation/no-staple",
	},
	{
		ID:          "client-staple-missing",
		Title:       "The server insists on a stapled OCSP response, and the client sends none",
		Explanation: "The certificate verifies. The server's application wants the CA's signed word that it was not revoked; in TLS 1.2 a client has no way to staple one.",
		Remedy:      "Have the client staple an OCSP response (TLS 1.3), or let the server check revocation by the CA's list.",
	},
	{
		ID:          "ocsp-untrusted",
		Title:       "The OCSP response is signed by somebody who may not speak for the certificate's issuer",
		Explanation: "A response counts only if the issuer has signed it, or a responder that the issuer has certified for that (RFC 6960 4.2.2.2).",
		Remedy:      "Fetch the response again from the responder that the certificate names, and look which key signed it.",
		Scenario:    "revocation/strange-responder",
	},
	{
		ID:          "ocsp-unknown",
		Title:       "The OCSP responder does not know the certificate",
		Explanation: "\"Unknown\" is neither good nor revoked: the responder is not in charge of this issuer, or has not heard of the certificate yet (RFC 6960 2.2).",
		Remedy:      "Ask the CA's responder again in a while; if it stays so, have the CA tell its responder of the certificate, or issue it again.",
		Scenario:    "revocation/unknown-to-responder",
	},
}
