package causes

// quicCauses are the faults that only QUIC has.
var quicCauses = []Cause{
	{
		ID:          "quic-silence",
		Title:       "Nothing answers on QUIC",
		Explanation: "UDP is blocked, the port is closed, another service listens, or the answers are lost: the client's error is the same time-out for all of them, mostly \"no recent network activity\". Packet counts on both sides tell them apart.",
		Remedy:      "See on the server whether the client's datagrams arrive; if not, open UDP for this port on the path, if they do, look at the answers' way back.",
		Rows:        []string{"Q01"},
		Scenario:    "quic/silence",
	},
	{
		ID:          "quic-version",
		Title:       "Client and server have no QUIC version in common",
		Explanation: "The server answered with Version Negotiation (RFC 9000 6), and its list has none of the client's versions.",
		Remedy:      "Enable a version of the client's on the server, or update the client.",
		Rows:        []string{"Q02"},
		Scenario:    "quic/version-differs",
	},
	{
		ID:          "quic-mtu-blackhole",
		Title:       "Large QUIC datagrams do not get through",
		Explanation: "Datagrams above a size vanish on the path, often inside a tunnel. QUIC needs 1,200 bytes (RFC 9000 14.1); what is larger is only tried.",
		Remedy:      "Raise the MTU of the path to what the interface says, or set InitialPacketSize to 1200 and DisablePathMTUDiscovery on both ends.",
		Rows:        []string{"Q03"},
		Scenario:    "quic/mtu-blackhole",
	},
	{
		ID:          "quic-client-flight-lost",
		Title:       "The client's last flight never reached the server",
		Explanation: "The client has all it needs and believes that it is connected; its Certificate and Finished were lost, so the server waits until the time is up.",
		Remedy:      "Look for what stops the client's datagrams after the first few: a rate limit, a NAT that changes, a stateful firewall.",
		Rows:        []string{"Q04"},
		Scenario:    "quic/client-flight-lost",
	},
	{
		ID:          "quic-client-chain-16k",
		Title:       "The client's certificate chain is too large for the server's QUIC stack",
		Explanation: "quic-go holds 16 KB of handshake data and closes with CRYPTO_BUFFER_EXCEEDED beyond that. The same chain passes over TCP.",
		Remedy:      "Put only the client's certificate and its intermediates into its certificate file.",
		Rows:        []string{"C46"},
		Scenario:    "quic/client-chain-over-16k",
	},
	{
		ID:          "quic-server-chain-16k",
		Title:       "The server's certificate chain is too large for the client's QUIC stack",
		Explanation: "quic-go holds 16 KB of handshake data and closes with CRYPTO_BUFFER_EXCEEDED beyond that. The same chain passes over TCP.",
		Remedy:      "Put only the server's certificate and its intermediates into its certificate file.",
		Rows:        []string{"S29"},
		Scenario:    "quic/server-chain-over-16k",
	},
}
