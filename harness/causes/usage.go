package causes

// usageCauses are the faults of what a certificate may be used for.
var usageCauses = []Cause{
	{
		ID:          "server-eku-clientauth",
		Title:       "The server's certificate is not meant for servers",
		Explanation: "Its extended key usage leaves out serverAuth (RFC 5280 4.2.1.12): a client's certificate was put on a server.",
		Remedy:      "Issue the server's certificate with serverAuth in its extended key usage.",
		Rows:        []string{"S23"},
		Scenario:    "usage/server-eku-client-only",
	},
	{
		ID:          "server-intermediate-eku",
		Title:       "An intermediate of the server's chain is not meant for issuing server certificates",
		Explanation: "Go and OpenSSL apply the extended key usage of an intermediate to everything below it. The server's own certificate has serverAuth; one above it leaves it out.",
		Remedy:      "Issue the server's certificate under an intermediate whose extended key usage contains serverAuth, or that has none.",
		Scenario:    "usage/server-intermediate-eku",
	},
	{
		ID:          "client-eku-serverauth",
		Title:       "The client's certificate is not meant for clients",
		Explanation: "Its extended key usage leaves out clientAuth (RFC 5280 4.2.1.12). Public CAs have stopped issuing certificates that are good for both, so a server's certificate no longer serves as a client's.",
		Remedy:      "Issue the client's certificate from a private CA with clientAuth in its extended key usage.",
		Rows:        []string{"C30"},
		Scenario:    "usage/client-eku-server-only",
	},
	{
		ID:          "client-intermediate-eku",
		Title:       "An intermediate of the client's chain is not meant for issuing client certificates",
		Explanation: "Go and OpenSSL apply the extended key usage of an intermediate to everything below it. The client's own certificate has clientAuth; one above it leaves it out.",
		Remedy:      "Issue the client's certificate under an intermediate whose extended key usage contains clientAuth, or that has none.",
		Rows:        []string{"C31"},
		Scenario:    "usage/client-intermediate-eku",
	},
	{
		ID:          "server-pathlen",
		Title:       "The server's chain is longer than one of its CAs allows",
		Explanation: "A path length constraint says how many intermediate CAs may stand below a CA (RFC 5280 4.2.1.9). A CA with path length 0 issued another CA.",
		Remedy:      "Issue the server's certificate directly under the constrained CA, or issue that CA anew with a longer path length.",
		Rows:        []string{"S25"},
		Scenario:    "usage/server-path-length",
	},
	{
		ID:          "client-pathlen",
		Title:       "The client's chain is longer than one of its CAs allows",
		Explanation: "A path length constraint says how many intermediate CAs may stand below a CA (RFC 5280 4.2.1.9). A CA with path length 0 issued another CA.",
		Remedy:      "Issue the client's certificate directly under the constrained CA, or issue that CA anew with a longer path length.",
		Rows:        []string{"C33"},
		Scenario:    "usage/client-path-length",
	},
	{
		ID:          "server-critical-ext",
		Title:       "A certificate in the server's chain has a critical extension that the client does not know",
		Explanation: "A verifier must refuse a certificate with a critical extension that it cannot process (RFC 5280 4.2).",
		Remedy:      "Issue the certificate anew with that extension not marked critical, or use a client that knows it.",
		Scenario:    "usage/server-critical-extension",
	},
	{
		ID:          "client-critical-ext",
		Title:       "A certificate in the client's chain has a critical extension that the server does not know",
		Explanation: "A verifier must refuse a certificate with a critical extension that it cannot process (RFC 5280 4.2).",
		Remedy:      "Issue the certificate anew with that extension not marked critical, or use a server that knows it.",
		Rows:        []string{"C34"},
		Scenario:    "usage/client-critical-extension",
	},
	{
		ID:          "leaf-ku-no-digitalsignature",
		Title:       "A certificate's key usage does not allow the signature that the handshake needs",
		Explanation: "The key usage leaves out digitalSignature (RFC 8446 4.4.2.2 asks for it). Go does not check it; OpenSSL answers with alert 43 and GnuTLS with alert 80.",
		Remedy:      "Issue the certificate anew with digitalSignature in its key usage.",
		Rows:        []string{"C65"},
	},
}
