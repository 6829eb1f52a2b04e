package fault

import (
	"fmt"
	"strings"

	"shakedown/harness/outcome"
)

// The names of units that are no handshake message.
const (
	ChangeCipherSpec = "ChangeCipherSpec"
	ApplicationData  = "application data"
	FIN              = "FIN"
	HandshakeDone    = "HANDSHAKE_DONE"
	ConnectionClose  = "CONNECTION_CLOSE"
	// Alert is any alert; a certain one is "alert bad_certificate".
	Alert = "alert"
)

// A message is where a message can be found on the wire between two of our ends.
type message struct {
	name string
	// from is the only side that sends it, empty if both do.
	from outcome.Role
	// tls and transport are the only ones that it belongs to, empty if all.
	tls       string
	transport outcome.Transport
}

const (
	client = outcome.Client
	server = outcome.Server
)

// found are all names that a fault can give, in the order of a handshake.
var found = []message{
	{name: "ClientHello", from: client},
	{name: "HelloRetryRequest", from: server, tls: "1.3"},
	{name: "ServerHello", from: server},
	{name: "EncryptedExtensions", from: server, tls: "1.3"},
	{name: "CertificateRequest", from: server},
	{name: "Certificate"},
	{name: "CertificateStatus", from: server, tls: "1.2"}, // where the server has an OCSP answer to staple
	{name: "ServerKeyExchange", from: server, tls: "1.2"},
	{name: "ServerHelloDone", from: server, tls: "1.2"},
	{name: "ClientKeyExchange", from: client, tls: "1.2"},
	{name: "CertificateVerify"},
	{name: ChangeCipherSpec, transport: outcome.TCP},
	{name: "Finished"},
	{name: "NewSessionTicket", from: server},
	{name: ApplicationData},
	{name: Alert},
	{name: FIN, transport: outcome.TCP},
	{name: HandshakeDone, from: server, transport: outcome.QUIC},
	{name: ConnectionClose, transport: outcome.QUIC},
}

// Messages are the names that [On.Message] can have, beside those of the alerts
// ("alert bad_certificate").
func Messages() []string {
	names := make([]string, len(found))
	for i, m := range found {
		names[i] = m.name
	}
	return names
}

// AlertName returns the alert that a Message names, empty if it names none or
// any of them.
func AlertName(message string) string {
	name, _ := strings.CutPrefix(message, Alert+" ")
	if name == message {
		return ""
	}
	return name
}

// Absent says why no unit of the cell can be the one that is meant; it is empty
// if one can. What depends on the two sides' settings it does not know.
func (o On) Absent(cell outcome.Cell) string {
	name := o.Message
	if name == "" || AlertName(name) != "" {
		return ""
	}
	for _, m := range found {
		if m.name != name {
			continue
		}
		switch {
		case m.from != "" && o.From != "" && m.from != o.From:
			return fmt.Sprintf("only the %s sends %s", m.from, name)
		case m.tls != "" && m.tls != cell.TLS:
			return fmt.Sprintf("%s is a message of TLS %s", name, m.tls)
		case m.transport != "" && m.transport != cell.Transport:
			return fmt.Sprintf("there is no %s over %s", name, transportNames[cell.Transport])
		case name == "CertificateVerify" && o.From == server && cell.TLS == "1.2":
			// RFC 5246 7.4.8: only the client sends it there.
			return "a server of TLS 1.2 sends no CertificateVerify; its signature is in ServerKeyExchange"
		}
	}
	return ""
}

var transportNames = map[outcome.Transport]string{outcome.TCP: "TCP", outcome.QUIC: "QUIC"}
