package tlswire

// serverNames reads a ClientHello's server_name and returns the host name
// (RFC 6066 3).
func (r *reader) serverNames() string {
	const hostName = 0
	var name string
	v := r.open(2, &serverNameListSpec)
	for r.more() {
		kind := r.uint8(&nameTypeSpec)
		b := r.opaque(2, &hostNameSpec, &hostNameContentSpec)
		// RFC 6066 3: "The ServerNameList MUST NOT contain more than one name
		// of the same name_type."
		if kind == hostName && name == "" {
			name = string(b)
		}
	}
	r.close(v)
	return name
}

// protocols reads a list of ALPN protocols (RFC 7301 3.1).
func (r *reader) protocols() []string {
	v := r.open(2, &protocolListSpec)
	defer r.close(v)
	list := make([]string, 0, 2)
	for r.more() {
		b := r.opaque(1, &protocolSpec, &protocolContentSpec)
		if !r.bad {
			list = append(list, string(b))
		}
	}
	return list
}

// protocol reads the one ALPN protocol that a server has chosen.
//
// RFC 7301 3.1: "The "ProtocolNameList" MUST contain exactly one "ProtocolName"."
func (r *reader) protocol() string {
	start := r.pos
	list := r.protocols()
	if len(list) != 1 {
		if !r.bad {
			r.complain(&protocolListSpec, start, "holds %d protocols where the server chooses one", len(list))
		}
		if len(list) == 0 {
			return ""
		}
	}
	return list[0]
}

// protocolName writes an ALPN protocol. GREASE has some of two bytes (RFC 8701 2).
func protocolName(b []byte) string {
	if len(b) == 2 && IsGREASE(uint16(value(b))) {
		return "GREASE (" + code16(uint16(value(b))) + ")"
	}
	return printable(b)
}

// explainProtocol says what the well-known protocols are.
func explainProtocol(b []byte) string {
	switch string(b) {
	case "h2":
		return "HTTP/2; over it a server cannot ask for a client certificate after the handshake (RFC 9113 9.2)."
	case "http/1.1":
		return "HTTP/1.1."
	case "h3":
		return "HTTP/3, over QUIC only."
	case "acme-tls/1":
		return "The CA's own connection that checks the domain (RFC 8737), no ordinary client."
	}
	if len(b) == 2 && IsGREASE(uint16(value(b))) {
		return greaseMeaning
	}
	return ""
}

var (
	serverNameListSpec = spec{label: "server_name_list", section: "RFC 6066 3", least: 1}
	nameTypeSpec       = spec{
		label: "name_type", section: "RFC 6066 3", quiet: true,
		value: name8(func(t uint8) string {
			if t == 0 {
				return "host_name"
			}
			return code8(t)
		}),
	}
	hostNameSpec        = spec{label: "HostName", section: "RFC 6066 3", least: 1}
	hostNameContentSpec = spec{
		label: "host_name", section: "RFC 6066 3", value: printable,
		meaning: "The name that the client wants to reach: servers choose their certificate by it, and the client checks the certificate against it. It is never an IP address.",
	}

	protocolListSpec    = spec{label: "protocol_name_list", section: "RFC 7301 3.1", least: 2}
	protocolSpec        = spec{label: "ProtocolName", section: "RFC 7301 3.1", least: 1}
	protocolContentSpec = spec{label: "protocol", section: "RFC 7301 3.1", value: protocolName, explain: explainProtocol}
)
