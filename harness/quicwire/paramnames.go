package quicwire

// A parameterKind is what is known of a transport parameter.
type parameterKind struct {
	name    string
	integer bool
	// serverOnly parameters must not come from a client (RFC 9000 18.2).
	serverOnly bool
	meaning    string
	section    string
}

var parameterKinds = newLookup(map[ParameterID]parameterKind{
	OriginalDestinationConnectionID: {
		name: "original_destination_connection_id", serverOnly: true, section: "RFC 9000 18.2",
		meaning: "The server repeats the Destination Connection ID of the client's first Initial packet, which proves that nobody exchanged it.",
	},
	MaxIdleTimeout: {
		name: "max_idle_timeout", integer: true, section: "RFC 9000 18.2",
		meaning: "After so many milliseconds of silence this side drops the connection; 0 means that it sets no limit.",
	},
	StatelessResetToken: {
		name: "stateless_reset_token", serverOnly: true, section: "RFC 9000 18.2",
		meaning: "A datagram that ends in these bytes is a stateless reset of this connection ID by the server.",
	},
	MaxUDPPayloadSize: {
		name: "max_udp_payload_size", integer: true, section: "RFC 9000 18.2",
		meaning: "This side receives no UDP payload that is larger; below 1200 is invalid, absent means 65527.",
	},
	InitialMaxData: {
		name: "initial_max_data", integer: true, section: "RFC 9000 18.2",
		meaning: "The peer may send so many bytes on all streams together before it is given more.",
	},
	InitialMaxStreamDataBidiLocal: {
		name: "initial_max_stream_data_bidi_local", integer: true, section: "RFC 9000 18.2",
		meaning: "The peer may send so many bytes on each bidirectional stream that this side opens.",
	},
	InitialMaxStreamDataBidiRemote: {
		name: "initial_max_stream_data_bidi_remote", integer: true, section: "RFC 9000 18.2",
		meaning: "The peer may send so many bytes on each bidirectional stream that it opens itself.",
	},
	InitialMaxStreamDataUni: {
		name: "initial_max_stream_data_uni", integer: true, section: "RFC 9000 18.2",
		meaning: "The peer may send so many bytes on each unidirectional stream that it opens.",
	},
	InitialMaxStreamsBidi: {
		name: "initial_max_streams_bidi", integer: true, section: "RFC 9000 18.2",
		meaning: "The peer may open so many bidirectional streams; absent or 0 means none for now.",
	},
	InitialMaxStreamsUni: {
		name: "initial_max_streams_uni", integer: true, section: "RFC 9000 18.2",
		meaning: "The peer may open so many unidirectional streams; absent or 0 means none for now.",
	},
	AckDelayExponent: {
		name: "ack_delay_exponent", integer: true, section: "RFC 9000 18.2",
		meaning: "The ACK Delay in this side's ACK frames counts in units of 2 to this power, in microseconds; above 20 is invalid, absent means 3.",
	},
	MaxAckDelay: {
		name: "max_ack_delay", integer: true, section: "RFC 9000 18.2",
		meaning: "This side delays an acknowledgment by at most so many milliseconds; 16384 or more is invalid, absent means 25.",
	},
	DisableActiveMigration: {
		name: "disable_active_migration", section: "RFC 9000 18.2",
		meaning: "The peer must not move the connection to another address of its own.",
	},
	PreferredAddress: {
		name: "preferred_address", serverOnly: true, section: "RFC 9000 18.2",
		meaning: "The server would rather be talked to at this address once the handshake is over.",
	},
	ActiveConnectionIDLimit: {
		name: "active_connection_id_limit", integer: true, section: "RFC 9000 18.2",
		meaning: "This side keeps at most so many of the peer's connection IDs; less than 2 is invalid, absent means 2.",
	},
	InitialSourceConnectionID: {
		name: "initial_source_connection_id", section: "RFC 9000 18.2",
		meaning: "This side repeats the Source Connection ID of its first Initial packet, which proves that nobody exchanged it.",
	},
	RetrySourceConnectionID: {
		name: "retry_source_connection_id", serverOnly: true, section: "RFC 9000 18.2",
		meaning: "The server repeats the Source Connection ID of its Retry packet, which proves that the Retry was its own.",
	},
	VersionInformation: {
		name: "version_information", section: "RFC 9368 3",
		meaning: "The version that this side chose and those that it could use, protected by the handshake against a downgrade.",
	},
	MaxDatagramFrameSize: {
		name: "max_datagram_frame_size", integer: true, section: "RFC 9221 3",
		meaning: "This side receives DATAGRAM frames up to this size; absent or 0 means none.",
	},
	GreaseQUICBit: {
		name: "grease_quic_bit", section: "RFC 9287 3",
		meaning: "The peer may send any value in the second bit of the first byte of a packet.",
	},
	minAckDelay: {
		name: "min_ack_delay", integer: true, section: "draft-ietf-quic-ack-frequency 3",
		meaning: "This side can acknowledge as often as once in so many microseconds, and takes ACK_FREQUENCY frames.",
	},
	resetStreamAt: {
		name: "reset_stream_at", section: "draft-ietf-quic-reliable-stream-reset 3",
		meaning: "This side takes RESET_STREAM_AT frames.",
	},
	initialMaxPathID: {
		name: "initial_max_path_id", integer: true, section: "draft-ietf-quic-multipath 2",
		meaning: "The peer may use paths up to this identifier at the same time.",
	},
	googleVersion: {
		name: "google_version", section: "Google's own",
		meaning: "The version that a client of Google started with, from before version_information.",
	},
	googleInitialRTT: {
		name: "initial_round_trip_time", integer: true, section: "Google's own",
		meaning: "What a client of Google takes the round trip to be, in microseconds.",
	},
	googleOptions: {
		name: "google_connection_options", section: "Google's own",
		meaning: "Experiments that a client of Google takes part in.",
	},
	googleUserAgent: {
		name: "user_agent", section: "Google's own",
		meaning: "What a client of Google calls itself.",
	},
	draftVersionInformation: {
		name: "version_information (draft)", section: "RFC 9368 3",
		meaning: "The versions under the number of the drafts.",
	},
})

// The parameters of extensions and of single stacks, by name alone.
const (
	googleInitialRTT        ParameterID = 0x3127
	googleOptions           ParameterID = 0x3128
	googleUserAgent         ParameterID = 0x3129
	googleVersion           ParameterID = 0x4752
	draftVersionInformation ParameterID = 0xff73db
	minAckDelay             ParameterID = 0xff04de1b
	resetStreamAt           ParameterID = 0x17f7586d2cb571
	initialMaxPathID        ParameterID = 0x3e
)
