package tlswire

import (
	"strconv"
)

// offeredPSKs reads a ClientHello's pre_shared_key (RFC 8446 4.2.11).
func (r *reader) offeredPSKs() (identities, binders [][]byte) {
	v := r.open(2, &identitiesSpec)
	for r.more() {
		r.group(&identitySpec)
		b := r.opaque(2, &identityTicketSpec, &contentSpec)
		r.uint32(&obfuscatedAgeSpec)
		r.endGroup()
		if !r.bad {
			identities = append(identities, b)
		}
	}
	if r.tree != nil {
		r.tree.set(count(len(identities), "key"))
	}
	r.close(v)
	v = r.open(2, &bindersSpec)
	for r.more() {
		b := r.opaque(1, &binderSpec, &contentSpec)
		if !r.bad {
			binders = append(binders, b)
		}
	}
	if r.tree != nil {
		r.tree.set(count(len(binders), "binder"))
	}
	r.close(v)
	return identities, binders
}

// pskModeName names a PskKeyExchangeMode (RFC 8446 4.2.9).
func pskModeName(m uint8) string {
	switch m {
	case 0:
		return "psk_ke"
	case 1:
		return "psk_dhe_ke"
	}
	return grease8(m)
}

var (
	identitiesSpec = spec{
		label: "identities", section: "RFC 8446 4.2.11", least: 7, bare: true,
		meaning: "The sessions that the client offers to resume; if the server accepts one, no certificates are sent.",
	}
	identitySpec       = spec{label: "PskIdentity", section: "RFC 8446 4.2.11"}
	identityTicketSpec = spec{
		label: "identity", section: "RFC 8446 4.2.11", least: 1,
		meaning: "A ticket from an earlier NewSessionTicket, or the name of a key that both sides were given.",
	}
	obfuscatedAgeSpec = spec{
		label: "obfuscated_ticket_age", section: "RFC 8446 4.2.11.1", value: number, quiet: true,
		meaning: "The ticket's age in milliseconds plus its ticket_age_add; 0 for a key that is no ticket.",
	}
	bindersSpec = spec{
		label: "binders", section: "RFC 8446 4.2.11.2", least: 33, bare: true, quiet: true,
		meaning: "Proofs that the client holds the keys it offers, and that this ClientHello was not changed.",
	}
	binderSpec           = spec{label: "PskBinderEntry", section: "RFC 8446 4.2.11.2", least: 32}
	selectedIdentitySpec = spec{
		label: "selected_identity", section: "RFC 8446 4.2.11",
		value:   func(b []byte) string { return "identity " + strconv.FormatUint(value(b), 10) },
		meaning: "The server resumes this one of the offered sessions, counted from 0: there will be no Certificate and no CertificateRequest.",
	}

	pskModesSpec = spec{label: "ke_modes", section: "RFC 8446 4.2.9", least: 1}
	pskModeSpec  = spec{label: "ke_mode", section: "RFC 8446 4.2.9", value: name8(pskModeName)}

	sessionTicketSpec = spec{
		label: "ticket", section: "RFC 5077 3.2",
		meaning: "A ticket from an earlier TLS 1.2 session: if the server accepts it, no certificates are sent.",
	}
)
