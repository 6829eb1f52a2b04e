package tlswire

// The versions of the protocol.
const (
	VersionSSL30 uint16 = 0x0300
	VersionTLS10 uint16 = 0x0301
	VersionTLS11 uint16 = 0x0302
	VersionTLS12 uint16 = 0x0303
	VersionTLS13 uint16 = 0x0304
)

var versions = registry{
	{VersionSSL30, "SSL 3.0"},
	{VersionTLS10, "TLS 1.0"},
	{VersionTLS11, "TLS 1.1"},
	{VersionTLS12, "TLS 1.2"},
	{VersionTLS13, "TLS 1.3"},
	{0xfefc, "DTLS 1.3"},
	{0xfefd, "DTLS 1.2"},
	{0xfeff, "DTLS 1.0"},
}

// VersionName returns the name of a version ("TLS 1.3").
func VersionName(version uint16) string {
	if version>>8 == 0x7f {
		return "TLS 1.3 draft " + number([]byte{byte(version)})
	}
	return versions.named(version)
}
