package tlswire

// A Finished proves that both sides saw the same handshake and hold the same
// keys (RFC 8446 4.4.4, RFC 5246 7.4.9).
type Finished struct {
	VerifyData []byte
}

// Type returns TypeFinished.
func (*Finished) Type() HandshakeType { return TypeFinished }

// Name returns "Finished".
func (*Finished) Name() string { return "Finished" }

func (m *Finished) read(r *reader) { m.VerifyData = r.rest(&verifyDataSpec) }

// A KeyUpdate says that the sender's next records are under new keys (RFC 8446 4.6.3).
type KeyUpdate struct {
	// Requested says that the peer must update its keys as well.
	Requested bool
}

// Type returns TypeKeyUpdate.
func (*KeyUpdate) Type() HandshakeType { return TypeKeyUpdate }

// Name returns "KeyUpdate".
func (*KeyUpdate) Name() string { return "KeyUpdate" }

func (m *KeyUpdate) read(r *reader) { m.Requested = r.uint8(&requestUpdateSpec) == 1 }

// An EndOfEarlyData ends the client's 0-RTT data (RFC 8446 4.5).
type EndOfEarlyData struct{}

// Type returns TypeEndOfEarlyData.
func (*EndOfEarlyData) Type() HandshakeType { return TypeEndOfEarlyData }

// Name returns "EndOfEarlyData".
func (*EndOfEarlyData) Name() string { return "EndOfEarlyData" }

func (*EndOfEarlyData) read(*reader) {}

// A HelloRequest asks the client to renegotiate (RFC 5246 7.4.1.1).
type HelloRequest struct{}

// Type returns TypeHelloRequest.
func (*HelloRequest) Type() HandshakeType { return TypeHelloRequest }

// Name returns "HelloRequest".
func (*HelloRequest) Name() string { return "HelloRequest" }

func (*HelloRequest) read(*reader) {}

// An UnknownMessage is a message that has no type of its own here.
type UnknownMessage struct {
	MessageType HandshakeType
	Body        []byte
}

// Type returns the type on the wire.
func (m *UnknownMessage) Type() HandshakeType { return m.MessageType }

// Name returns the type's name, or its number.
func (m *UnknownMessage) Name() string { return m.MessageType.String() }

func (m *UnknownMessage) read(r *reader) { m.Body = r.rest(&bodySpec) }

// A NextProtocol names the protocol that a client of NPN goes on with
// (draft-agl-tls-nextprotoneg 3).
type NextProtocol struct {
	Protocol string
}

// Type returns TypeNextProtocol.
func (*NextProtocol) Type() HandshakeType { return TypeNextProtocol }

// Name returns "NextProtocol".
func (*NextProtocol) Name() string { return "NextProtocol" }

func (m *NextProtocol) read(r *reader) {
	m.Protocol = string(r.opaque(1, &nextProtocolSpec, &textSpec))
	r.opaque(1, &nextPaddingSpec, &paddingSpec)
}

var (
	verifyDataSpec = spec{
		label: "verify_data", section: "RFC 8446 4.4.4", section12: "RFC 5246 7.4.9",
		meaning: "A MAC over all handshake messages before this one; it fails (decrypt_error) if any byte of them differs between the two sides.",
	}
	requestUpdateSpec = spec{
		label: "request_update", section: "RFC 8446 4.6.3",
		value: name8(func(v uint8) string {
			switch v {
			case 0:
				return "update_not_requested"
			case 1:
				return "update_requested"
			}
			return code8(v)
		}),
		meaning: "Whether the peer must update its own keys too.",
	}
	bodySpec         = spec{label: "body", meaning: "shakedown has no layout for it."}
	nextProtocolSpec = spec{label: "selected_protocol", section: "draft-agl-tls-nextprotoneg 3"}
	nextPaddingSpec  = spec{label: "padding", section: "draft-agl-tls-nextprotoneg 3", quiet: true}
)
