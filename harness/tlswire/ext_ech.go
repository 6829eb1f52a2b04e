package tlswire

// encryptedHello reads encrypted_client_hello (RFC 9849 5), whose content the
// message decides.
func encryptedHello(r *reader) {
	switch r.message.Type() {
	case TypeEncryptedExtensions:
		v := r.open(2, &echConfigListSpec)
		for r.more() {
			echConfig(r)
		}
		r.close(v)
	case TypeServerHello:
		r.take(8, &echConfirmationSpec)
	default:
		const outer, inner = 0, 1
		switch r.uint8(&echTypeSpec) {
		case outer:
			hpkeSuite(r)
			r.uint8(&echConfigIDSpec)
			r.opaque(2, &echEncSpec, &contentSpec)
			r.opaque(2, &echPayloadSpec, &contentSpec)
		case inner:
		default:
			r.rest(&contentSpec)
		}
	}
}

// echConfig reads one ECHConfig (RFC 9849 4). "The length field [...] allows
// implementations to skip over the elements in such a list where they cannot
// parse the specific version of ECHConfig."
func echConfig(r *reader) {
	r.group(&echConfigSpec)
	defer r.endGroup()
	version := r.uint16(&echVersionSpec)
	v := r.open(2, &echContentsSpec)
	defer r.close(v)
	if version != ExtEncryptedClientHello {
		r.rest(&contentSpec)
		return
	}
	r.uint8(&echConfigIDSpec)
	r.uint16(&hpkeKEMSpec)
	r.opaque(2, &echPublicKeySpec, &contentSpec)
	suites := r.open(2, &echSuitesSpec)
	for r.more() {
		hpkeSuite(r)
	}
	r.close(suites)
	r.uint8(&echNameLengthSpec)
	r.opaque(1, &echPublicNameSpec, &echPublicNameContentSpec)
	extensions := r.open(2, &echExtensionsSpec)
	for r.more() {
		r.group(&echExtensionSpec)
		r.uint16(&echExtensionTypeSpec)
		r.opaque(2, &extensionDataSpec, &contentSpec)
		r.endGroup()
	}
	r.close(extensions)
}

// hpkeSuite reads an HpkeSymmetricCipherSuite.
func hpkeSuite(r *reader) {
	r.group(&hpkeSuiteSpec)
	r.uint16(&hpkeKDFSpec)
	r.uint16(&hpkeAEADSpec)
	r.endGroup()
}

// The algorithms of HPKE (RFC 9180 7).
var (
	hpkeKEMs = registry{
		{0x0010, "DHKEM(P-256, HKDF-SHA256)"},
		{0x0011, "DHKEM(P-384, HKDF-SHA384)"},
		{0x0012, "DHKEM(P-521, HKDF-SHA512)"},
		{0x0020, "DHKEM(X25519, HKDF-SHA256)"},
		{0x0021, "DHKEM(X448, HKDF-SHA512)"},
		{0x0040, "ML-KEM-512"},
		{0x0041, "ML-KEM-768"},
		{0x0042, "ML-KEM-1024"},
		{0x647a, "X-Wing"},
	}
	hpkeKDFs  = registry{{1, "HKDF-SHA256"}, {2, "HKDF-SHA384"}, {3, "HKDF-SHA512"}}
	hpkeAEADs = registry{{1, "AES-128-GCM"}, {2, "AES-256-GCM"}, {3, "ChaCha20Poly1305"}, {0xffff, "export-only"}}
)

var (
	echTypeSpec = spec{
		label: "type", section: "RFC 9849 5", coded: true,
		value: name8(func(t uint8) string {
			switch t {
			case 0:
				return "outer"
			case 1:
				return "inner"
			}
			return code8(t)
		}),
		explain: func(b []byte) string {
			switch b[0] {
			case 0:
				return "This ClientHello is the wrapping: the one that counts is encrypted in it, or, as a decoy (GREASE), nothing is."
			case 1:
				return "This ClientHello was inside another one."
			}
			return ""
		},
	}
	hpkeSuiteSpec   = spec{label: "cipher_suite", section: "RFC 9849 5"}
	hpkeKDFSpec     = spec{label: "kdf_id", section: "RFC 9180 7.2", value: name16(hpkeKDFs.named), coded: true}
	hpkeAEADSpec    = spec{label: "aead_id", section: "RFC 9180 7.3", value: name16(hpkeAEADs.named), coded: true}
	hpkeKEMSpec     = spec{label: "kem_id", section: "RFC 9180 7.1", value: name16(hpkeKEMs.named), coded: true}
	echConfigIDSpec = spec{
		label: "config_id", section: "RFC 9849 4", value: number,
		meaning: "Which of the server's ECH keys this is for, as the client has it from DNS.",
	}
	echEncSpec = spec{
		label: "enc", section: "RFC 9849 5", quiet: true,
		meaning: "The client's key for the encryption; empty in the second ClientHello.",
	}
	echPayloadSpec = spec{
		label: "payload", section: "RFC 9849 5", least: 1, quiet: true,
		meaning: "The inner ClientHello, encrypted: the real server_name is in there, and server_name outside is that of the provider.",
	}
	echConfirmationSpec = spec{
		label: "confirmation", section: "RFC 9849 7.2.1",
		meaning: "Tells the client whether the server took the inner ClientHello; it looks random to everybody else.",
	}
	echConfigListSpec = spec{
		label: "retry_configs", section: "RFC 9849 5", least: 4,
		meaning: "The server could not decrypt: the client's ECH keys are old. It should close with ech_required and come again with these.",
	}
	echConfigSpec   = spec{label: "ECHConfig", section: "RFC 9849 4"}
	echVersionSpec  = spec{label: "version", section: "RFC 9849 4", value: name16(code16), quiet: true}
	echContentsSpec = spec{label: "contents", section: "RFC 9849 4"}

	echPublicKeySpec  = spec{label: "public_key", section: "RFC 9849 4", least: 1, quiet: true}
	echSuitesSpec     = spec{label: "cipher_suites", section: "RFC 9849 4", least: 4, quiet: true}
	echNameLengthSpec = spec{
		label: "maximum_name_length", section: "RFC 9849 4", value: number, quiet: true,
		meaning: "The longest server name to expect, so that clients can pad to it.",
	}
	echPublicNameSpec        = spec{label: "public_name", section: "RFC 9849 4", least: 1}
	echPublicNameContentSpec = spec{
		label: "host_name", section: "RFC 9849 4", value: printable,
		meaning: "The name in the outer server_name. A client whose inner ClientHello is refused checks the certificate against this one.",
	}
	echExtensionsSpec    = spec{label: "extensions", section: "RFC 9849 4", quiet: true}
	echExtensionSpec     = spec{label: "ECHConfigExtension", section: "RFC 9849 4.2"}
	echExtensionTypeSpec = spec{label: "type", section: "RFC 9849 4.2", value: name16(code16)}

	echOuterExtensionsSpec = spec{
		label: "outer_extensions", section: "RFC 9849 5.1", least: 2,
		meaning: "Extensions that the inner ClientHello takes from the outer one.",
	}
	echOuterExtensionSpec = spec{label: "extension_type", section: "RFC 9849 5.1", value: name16(ExtensionName), coded: true}
)
