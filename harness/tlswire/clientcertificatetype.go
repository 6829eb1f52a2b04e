package tlswire

// clientCertificateTypes is IANA's registry "TLS ClientCertificateType Identifiers".
var clientCertificateTypes = registry{
	{1, "rsa_sign"},
	{2, "dss_sign"},
	{3, "rsa_fixed_dh"},
	{4, "dss_fixed_dh"},
	{5, "rsa_ephemeral_dh"},
	{6, "dss_ephemeral_dh"},
	{20, "fortezza_dms"},
	{64, "ecdsa_sign"},
	{65, "rsa_fixed_ecdh"},
	{66, "ecdsa_fixed_ecdh"},
	{67, "gost_sign256"},
	{68, "gost_sign512"},
}

// ClientCertificateTypeName returns the name of a kind of client certificate in
// TLS 1.2 ("ecdsa_sign").
func ClientCertificateTypeName(t uint8) string {
	if name := clientCertificateTypes.name(uint16(t)); name != "" {
		return name
	}
	return code8(t)
}
