package tlswire

var (
	versionsSpec = spec{
		label: "versions", section: "RFC 8446 4.2.1", least: 2,
		meaning: "What the client really offers, most wanted first; if the server supports none of them it answers protocol_version.",
	}
	versionSpec = spec{
		label: "version", section: "RFC 8446 4.2.1", value: name16(VersionName), coded: true,
	}
	cookieSpec = spec{
		label: "cookie", section: "RFC 8446 4.2.2", least: 1,
		meaning: "The server's state, carried by the client from the HelloRetryRequest to its second ClientHello.",
	}
)
