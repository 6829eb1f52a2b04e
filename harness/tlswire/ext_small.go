package tlswire

import "strconv"

// certificateTypeExtension reads client_certificate_type or
// server_certificate_type (RFC 7250 4): a list from the client, one type from
// the server.
func (r *reader) certificateTypeExtension() {
	if r.message.Type() == TypeClientHello {
		r.uint8s(1, &offeredTypesSpec, &certificateTypeSpec)
		return
	}
	r.uint8(&certificateTypeSpec)
}

var (
	renegotiatedSpec = spec{
		label: "renegotiated_connection", section: "RFC 5746 3.2",
		meaning: "Empty in a first handshake: it says that the sender renegotiates safely. In a later one it repeats the Finished messages of the one before.",
	}
	recordSizeLimitSpec = spec{
		label: "record_size_limit", section: "RFC 8449 4", value: number,
		meaning: "The largest record that the sender is willing to receive.",
	}
	maxFragmentSpec = spec{
		label: "max_fragment_length", section: "RFC 6066 4",
		value: name8(func(v uint8) string {
			if v >= 1 && v <= 4 {
				return strconv.Itoa(1<<(8+int(v))) + " bytes"
			}
			return code8(v)
		}),
	}
	quicParametersSpec = spec{
		label: LabelQUICTransportParameters, section: "RFC 9000 18", value: size,
		meaning: "QUIC's settings; without this extension the peer answers missing_extension.",
	}
	offeredTypesSpec    = spec{label: "certificate_types", section: "RFC 7250 4.1", least: 1}
	certificateTypeSpec = spec{label: "certificate_type", section: "RFC 7250 4", value: name8(certificateTypeName)}
)

// certificateTypeName names a type of IANA's "TLS Certificate Types".
func certificateTypeName(t uint8) string {
	switch t {
	case 0:
		return "X.509"
	case 1:
		return "OpenPGP"
	case 2:
		return "Raw Public Key"
	case 3:
		return "1609Dot2"
	}
	return code8(t)
}
