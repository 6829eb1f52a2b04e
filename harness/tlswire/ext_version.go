package tlswire

// explainVersion says what to know of a version beyond its name.
func explainVersion(b []byte) string {
	switch v := uint16(value(b)); {
	case IsGREASE(v):
		return greaseMeaning
	case v == VersionSSL30:
		return "SSL 3.0 is broken and must not be used (RFC 7568)."
	case v == VersionTLS10, v == VersionTLS11:
		return "Deprecated (RFC 8996): most stacks of today refuse it unless they are told otherwise."
	case v>>8 == 0x7f:
		return "A draft of TLS 1.3, which no stack of today speaks."
	}
	return ""
}

var (
	versionsSpec = spec{
		label: "versions", section: "RFC 8446 4.2.1", least: 2,
		meaning: "What the client really offers, most wanted first; if the server supports none of them it answers protocol_version.",
	}
	versionSpec = spec{
		label: "version", section: "RFC 8446 4.2.1", value: name16(VersionName), explain: explainVersion, coded: true,
	}
	cookieSpec = spec{
		label: "cookie", section: "RFC 8446 4.2.2", least: 1,
		meaning: "The server's state, carried by the client from the HelloRetryRequest to its second ClientHello.",
	}
)
