package tlswire

import (
	"fmt"
	"time"
)

// A NewSessionTicket lets the client resume later (RFC 8446 4.6.1, RFC 5077 3.3).
type NewSessionTicket struct {
	Lifetime uint32 // seconds
	// AgeAdd, Nonce and Extensions are TLS 1.3's.
	AgeAdd     uint32
	Nonce      []byte
	Ticket     []byte
	Extensions []Extension
	// MaxEarlyData is from the early_data extension: how much 0-RTT data the
	// ticket allows.
	MaxEarlyData uint32
}

// Type returns TypeNewSessionTicket.
func (*NewSessionTicket) Type() HandshakeType { return TypeNewSessionTicket }

// Name returns "NewSessionTicket".
func (*NewSessionTicket) Name() string { return "NewSessionTicket" }

func (m *NewSessionTicket) read(r *reader) {
	version := r.version
	if version == 0 {
		version = guessTicketVersion(r.left())
	}
	m.Lifetime = r.uint32(&ticketLifetimeSpec)
	if version < VersionTLS13 {
		m.Ticket = r.opaque(2, &ticket12Spec, &contentSpec)
		return
	}
	m.AgeAdd = r.uint32(&ticketAgeAddSpec)
	m.Nonce = r.opaque(1, &ticketNonceSpec, &contentSpec)
	m.Ticket = r.opaque(2, &ticketSpec, &contentSpec)
	m.Extensions = r.extensions(&ticketExtensionsSpec, m)
}

// guessTicketVersion tells the two layouts apart by their lengths: in TLS 1.2
// the ticket fills the message.
func guessTicketVersion(body []byte) uint16 {
	if len(body) >= 6 && int(value(body[4:6])) == len(body)-6 {
		return VersionTLS12
	}
	return VersionTLS13
}

func (m *NewSessionTicket) readExtension(r *reader, kind uint16) {
	if kind == ExtEarlyData {
		m.MaxEarlyData = r.uint32(&maxEarlyDataSpec)
		return
	}
	r.otherExtension(kind)
}

var (
	ticketLifetimeSpec = spec{
		label: "ticket_lifetime", section: "RFC 8446 4.6.1", section12: "RFC 5077 3.3",
		value: func(b []byte) string {
			return fmt.Sprintf("%d s (%s)", value(b), time.Duration(value(b))*time.Second)
		},
		meaning: "How long the ticket may be used, at most seven days.",
	}
	ticketAgeAddSpec = spec{
		label: "ticket_age_add", section: "RFC 8446 4.6.1", quiet: true,
		meaning: "Added to the ticket's age when the client presents it, so that an observer cannot link the two connections.",
	}
	ticketNonceSpec = spec{
		label: "ticket_nonce", section: "RFC 8446 4.6.1", quiet: true,
		meaning: "Makes the keys of several tickets of one connection differ.",
	}
	ticketSpec = spec{
		label: "ticket", section: "RFC 8446 4.6.1", least: 1,
		meaning: "What the client presents to resume. A resumed handshake sends no certificates: the server trusts what it verified when it issued this, so a revoked or expired client certificate may still pass.",
	}
	ticket12Spec = spec{
		label: "ticket", section: "RFC 5077 3.3", meaning: ticketSpec.meaning,
	}
	ticketExtensionsSpec = spec{label: "extensions", section: "RFC 8446 4.6.1", quiet: true, bare: true, piecemeal: true}
	maxEarlyDataSpec     = spec{
		label: "max_early_data_size", section: "RFC 8446 4.2.10", value: number,
		meaning: "How many bytes of 0-RTT data the client may send with this ticket; QUIC always writes 0xffffffff (RFC 9001 4.6.1).",
	}
)
