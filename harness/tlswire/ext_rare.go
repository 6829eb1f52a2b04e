package tlswire

// Extensions that are read for the tree alone.
const (
	extTrustedCAKeys        uint16 = 3
	extUserMapping          uint16 = 6
	extClientAuthz          uint16 = 7
	extServerAuthz          uint16 = 8
	extSRP                  uint16 = 12
	extUseSRTP              uint16 = 14
	extHeartbeat            uint16 = 15
	extStatusRequestV2      uint16 = 17
	extTokenBinding         uint16 = 24
	extDelegatedCredential  uint16 = 34
	extSupportedEKTCiphers  uint16 = 39
	extConnectionID         uint16 = 54
	extExternalIDHash       uint16 = 55
	extExternalSessionID    uint16 = 56
	extTicketRequest        uint16 = 58
	extDNSSECChain          uint16 = 59
	extTLSFlags             uint16 = 62
	extNextProtocol         uint16 = 13172
	extOldApplicationConfig uint16 = 17513
	extApplicationConfig    uint16 = 17613
	extOuterExtensions      uint16 = 0xfd00
	extOldQUICParameters    uint16 = 0xffa5
)

// otherExtension reads an extension that the message has no field for. What does
// not fit its layout is no reason to refuse the message: a peer that does not
// know the extension skips it.
func (r *reader) otherExtension(kind uint16) {
	client := r.message.Type() == TypeClientHello
	switch {
	case IsGREASE(kind):
		r.rest(&greaseSpec)
	case kind == ExtMaxFragmentLength:
		r.uint8(&maxFragmentSpec)
	case kind == ExtClientCertificateType, kind == ExtServerCertificateType:
		r.certificateTypeExtension()
	case kind == ExtPadding:
		r.rest(&paddingSpec)
	case kind == ExtEncryptThenMAC:
	case kind == ExtEncryptedClientHello:
		r.optional(encryptedHello)
	case kind == extStatusRequestV2 && client:
		r.optional(statusRequestV2)
	case kind == extDelegatedCredential:
		r.optional(delegatedCredential)
	case kind == extTicketRequest:
		r.optional(ticketRequest)
	case kind == extOldApplicationConfig, kind == extApplicationConfig:
		r.optional(applicationSettings)
	case kind == extOuterExtensions:
		r.optional(func(r *reader) { r.uint16s(1, &echOuterExtensionsSpec, &echOuterExtensionSpec) })
	case kind == extOldQUICParameters:
		r.rest(&oldQUICParametersSpec)
	default:
		if layout := oldLayouts[kind]; layout != nil {
			r.optional(layout)
			return
		}
		r.rest(&contentSpec)
	}
}

// optional reads what is left of this vector by a layout, if it fits to the byte,
// and as it is if it does not.
func (r *reader) optional(layout func(*reader)) {
	if r.tree == nil || r.bad {
		r.rest(&contentSpec)
		return
	}
	try := &reader{
		raw: r.raw, pos: r.pos, end: r.end,
		message: r.message, version: r.version, extension: r.extension, inExtension: true,
	}
	layout(try)
	if try.err == nil && try.pos < try.end {
		try.fail(&contentSpec, try.pos, "%d bytes are left over", try.end-try.pos)
	}
	if try.err == nil {
		layout(r)
		return
	}
	odd := contentSpec
	odd.meaning = "It does not read as this extension: " + try.err.Error() + "."
	r.rest(&odd)
}

// statusRequestV2 reads a ClientHello's status_request_v2 (RFC 6961 2.2).
func statusRequestV2(r *reader) {
	v := r.open(2, &statusItemsSpec)
	for r.more() {
		r.group(&statusItemSpec)
		r.uint8(&statusTypeSpec)
		request := r.open(2, &statusItemRequestSpec)
		r.ocspRequest()
		r.close(request)
		r.endGroup()
	}
	r.close(v)
}

// delegatedCredential reads what a side accepts, or the credential itself
// (RFC 9345 4.1.1 and 4.1.2).
func delegatedCredential(r *reader) {
	if r.message.Type() != TypeCertificate {
		r.schemes(&delegatedSchemesSpec)
		return
	}
	r.group(&credentialSpec)
	r.uint32(&credentialTimeSpec)
	r.uint16(&credentialSchemeSpec)
	r.opaque(3, &credentialKeySpec, &credentialKeyContentSpec)
	r.endGroup()
	r.uint16(&credentialSignerSpec)
	r.opaque(2, &credentialSignatureSpec, &contentSpec)
}

// ticketRequest reads how many tickets are wanted, or will come (RFC 9149 3).
func ticketRequest(r *reader) {
	if r.message.Type() != TypeClientHello {
		r.uint8(&ticketExpectedSpec)
		return
	}
	r.uint8(&ticketNewSpec)
	r.uint8(&ticketResumedSpec)
}

// applicationSettings reads ALPS: the protocols from a client, and the settings
// themselves from a server.
func applicationSettings(r *reader) {
	if r.message.Type() != TypeClientHello {
		r.rest(&settingsSpec)
		return
	}
	v := r.open(2, &settingsProtocolsSpec)
	for r.more() {
		r.opaque(1, &protocolSpec, &protocolContentSpec)
	}
	r.close(v)
}

// oldLayouts are extensions that hardly anybody sends any more, or yet, and that
// are one number or one list.
var oldLayouts = map[uint16]func(*reader){
	extTrustedCAKeys: func(r *reader) {
		r.opaque(2, &spec{label: "trusted_authorities_list", section: "RFC 6066 6"}, &contentSpec)
	},
	extUserMapping: func(r *reader) { r.uint8s(1, &spec{label: "user_mapping_types", section: "RFC 4681 2"}, &numberSpec) },
	extClientAuthz: func(r *reader) { r.uint8s(1, &spec{label: "authz_format_list", section: "RFC 5878 2.3"}, &numberSpec) },
	extServerAuthz: func(r *reader) { r.uint8s(1, &spec{label: "authz_format_list", section: "RFC 5878 2.3"}, &numberSpec) },
	extSRP:         func(r *reader) { r.opaque(1, &spec{label: "srp_I", section: "RFC 5054 2.8.1"}, &textSpec) },
	extUseSRTP: func(r *reader) {
		r.uint16s(2, &spec{label: "SRTPProtectionProfiles", section: "RFC 5764 4.1.1"}, &codeSpec)
		r.opaque(1, &spec{label: "srtp_mki", section: "RFC 5764 4.1.1", quiet: true}, &contentSpec)
	},
	extHeartbeat: func(r *reader) {
		r.uint8(&spec{label: "mode", section: "RFC 6520 2", value: name8(heartbeatMode)})
	},
	extTokenBinding: func(r *reader) {
		r.uint8(&spec{label: "major", section: "RFC 8472 2", value: number})
		r.uint8(&spec{label: "minor", section: "RFC 8472 2", value: number})
		r.uint8s(1, &spec{label: "key_parameters_list", section: "RFC 8472 2"}, &numberSpec)
	},
	extSupportedEKTCiphers: func(r *reader) { r.uint8s(1, &spec{label: "supported_ciphers", section: "RFC 8870 5.1"}, &numberSpec) },
	extConnectionID: func(r *reader) {
		r.opaque(1, &spec{label: "cid", section: "RFC 9146 3", meaning: "What the sender wants in records to it: only DTLS has this."}, &contentSpec)
	},
	extExternalIDHash:    func(r *reader) { r.opaque(1, &spec{label: "binding_hash", section: "RFC 8844 3.2.1"}, &contentSpec) },
	extExternalSessionID: func(r *reader) { r.opaque(1, &spec{label: "session_id", section: "RFC 8844 4.3.1"}, &contentSpec) },
	extDNSSECChain: func(r *reader) {
		r.uint16(&spec{label: "port_number", section: "RFC 9102 2.1", value: number})
		if r.message.Type() != TypeClientHello {
			r.rest(&spec{label: "AuthenticationChain", section: "RFC 9102 2.3.1"})
		}
	},
	extTLSFlags: func(r *reader) {
		r.opaque(1, &spec{label: "flags", section: "draft-ietf-tls-tlsflags 2", meaning: "One bit for each feature, counted from the lowest bit of the first byte."}, &contentSpec)
	},
	extNextProtocol: func(r *reader) {
		for r.more() {
			r.opaque(1, &spec{label: "protocol", section: "draft-agl-tls-nextprotoneg 3"}, &textSpec)
		}
	},
}

func heartbeatMode(m uint8) string {
	switch m {
	case 1:
		return "peer_allowed_to_send"
	case 2:
		return "peer_not_allowed_to_send"
	}
	return code8(m)
}

var (
	textSpec   = spec{label: "text", value: printable}
	numberSpec = spec{label: "value", value: number}
	codeSpec   = spec{label: "value", value: name16(code16)}

	statusItemsSpec = spec{
		label: "certificate_status_req_list", section: "RFC 6961 2.2", least: 1,
		meaning: "The kinds of stapled revocation status that the client can read, most wanted first; TLS 1.3 has only status_request.",
	}
	statusItemSpec        = spec{label: "CertificateStatusRequestItemV2", section: "RFC 6961 2.2"}
	statusItemRequestSpec = spec{label: "request", section: "RFC 6961 2.2", quiet: true}

	delegatedSchemesSpec = spec{
		label: "supported_signature_algorithm", section: "RFC 9345 4.1.1", least: 2,
		meaning: "The sender accepts a delegated credential with a key of these kinds in place of the certificate's.",
	}
	credentialSpec     = spec{label: "cred", section: "RFC 9345 4"}
	credentialTimeSpec = spec{
		label: "valid_time", section: "RFC 9345 4",
		value:   func(b []byte) string { return number(b) + " s" },
		meaning: "When the credential runs out, in seconds after the certificate's notBefore: at most seven days from now.",
	}
	credentialSchemeSpec = spec{
		label: "dc_cert_verify_algorithm", section: "RFC 9345 4", value: name16(schemeName), coded: true,
		meaning: "CertificateVerify is signed with this, by the credential's key and not by the certificate's.",
	}
	credentialKeySpec        = spec{label: "ASN1_subjectPublicKeyInfo", section: "RFC 9345 4", least: 1, quiet: true}
	credentialKeyContentSpec = spec{label: LabelPublicKeyInfo, section: "RFC 5280 4.1.2.7"}
	credentialSignerSpec     = spec{label: "algorithm", section: "RFC 9345 4", value: name16(schemeName), coded: true, quiet: true}
	credentialSignatureSpec  = spec{
		label: "signature", section: "RFC 9345 4", least: 1, quiet: true,
		meaning: "Made with the certificate's key: it lends its authority to the credential's.",
	}

	ticketNewSpec      = spec{label: "new_session_count", section: "RFC 9149 3", value: number, meaning: "How many tickets the client wants after a full handshake."}
	ticketResumedSpec  = spec{label: "resumption_count", section: "RFC 9149 3", value: number, meaning: "How many tickets the client wants after a resumed handshake."}
	ticketExpectedSpec = spec{label: "expected_count", section: "RFC 9149 3", value: number, meaning: "How many tickets the server will send."}

	settingsProtocolsSpec = spec{
		label: "supported_protocols", section: "draft-vvv-tls-alps 4",
		meaning: "The protocols of ALPN for which the client takes the server's settings inside the handshake.",
	}
	settingsSpec = spec{label: "settings", section: "draft-vvv-tls-alps 4"}

	oldQUICParametersSpec = spec{
		label: LabelQUICTransportParameters, section: "RFC 9000 18", value: size,
		meaning: "QUIC's settings under the number of the drafts: a peer that speaks the RFC's versions looks for 57.",
	}
)
