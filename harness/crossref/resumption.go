package crossref

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"encoding/binary"
	"fmt"
	"time"

	"shakedown/harness/tlswire"
)

// An issue is where a ticket was issued.
type issue struct {
	// connection counts from 1; it is 0 for the connection at hand.
	connection int
	m          *message
	ticket     *tlswire.NewSessionTicket
	// sent is when, in the time of the wall clock.
	sent time.Time
}

// where names the step that issued a ticket.
func (i *issue) where() string {
	if i.connection == 0 {
		return at(i.m)
	}
	return fmt.Sprintf("connection %d, %s", i.connection, at(i.m))
}

// issued returns where a ticket was issued, nil if nobody saw that.
func (b *Book) issued(ticket []byte) *issue {
	if len(ticket) == 0 {
		return nil
	}
	find := func(o *Book, connection int) *issue {
		for _, r := range o.story.runs {
			for _, m := range r.messages {
				if t := as[tlswire.NewSessionTicket](m); t != nil && bytes.Equal(t.Ticket, ticket) {
					i := &issue{connection: connection, m: m, ticket: t}
					if start := o.in.Transcript.Start; !start.IsZero() {
						i.sent = start.Add(m.step.At)
					}
					return i
				}
			}
		}
		return nil
	}
	if i := find(b, 0); i != nil {
		return i
	}
	for n := len(b.in.Before) - 1; n >= 0; n-- {
		o := b.in.Before[n]
		if o == nil {
			continue
		}
		o.read()
		if i := find(o, n+1); i != nil {
			return i
		}
	}
	return nil
}

// offeredKeys says where each pre-shared key of a ClientHello comes from, and
// proves its binder.
func (w *writer) offeredKeys(msg *tlswire.ClientHello) {
	if len(msg.PSKIdentities) == 0 {
		return
	}
	ages := obfuscatedAges(msg)
	p := w.extension(tlswire.ExtPreSharedKey)
	const most = 8
	for i, identity := range msg.PSKIdentities[:min(len(msg.PSKIdentities), most)] {
		offer := p.nth("PskIdentity", i)
		source := w.b.issued(identity)
		if source == nil {
			w.note(offer.to("identity"), "No NewSessionTicket that was seen has it.")
		} else {
			w.note(offer.to("identity"), "It is the ticket of %s.", source.where())
			w.say("The client offers to resume with the ticket of %s.", source.where())
			w.age(offer.to("obfuscated_ticket_age"), source, ages, i)
		}
		if i < len(msg.PSKBinders) {
			proof := w.b.binder(w.m, msg, i)
			w.p.proofs = append(w.p.proofs, proof)
			w.note(p.to("binders").nth("PskBinderEntry", i), "%s", proof.Text)
		}
	}
	w.resumption(msg)
}

// age compares the age that the client says a ticket has with what the
// recordings show.
//
//	obfuscated_ticket_age: [...] the age of the ticket in milliseconds [...]
//	added to the "ticket_age_add" value [...], modulo 2^32 (RFC 8446 4.2.11.1)
func (w *writer) age(p place, source *issue, ages []uint32, i int) {
	if i >= len(ages) {
		return
	}
	says := time.Duration(ages[i]-source.ticket.AgeAdd) * time.Millisecond
	w.note(p, "Without the ticket_age_add of %s the ticket is %s old.", source.where(), says)
	if lifetime := time.Duration(source.ticket.Lifetime) * time.Second; says > lifetime {
		w.note(p, "That is more than its lifetime, %s.", lifetime)
	}
}

// obfuscatedAges are the ages beside the identities of pre_shared_key.
func obfuscatedAges(msg *tlswire.ClientHello) []uint32 {
	data, ok := tlswire.FindExtension(msg.Extensions, tlswire.ExtPreSharedKey)
	if !ok || len(data) < 2 {
		return nil
	}
	rest := data[2:]
	var ages []uint32
	for range msg.PSKIdentities {
		if len(rest) < 2 {
			return ages
		}
		n := int(binary.BigEndian.Uint16(rest))
		if len(rest) < 2+n+4 {
			return ages
		}
		ages = append(ages, binary.BigEndian.Uint32(rest[2+n:]))
		rest = rest[2+n+4:]
	}
	return ages
}

// resumption says what the server made of the offer.
func (w *writer) resumption(msg *tlswire.ClientHello) {
	choice, ok := w.answered()
	switch {
	case !ok:
	case choice.SelectedPSK != nil:
		w.say("The server takes identity %d in %s.", *choice.SelectedPSK, at(w.r.server))
	default:
		w.say("The server resumes none of %s: %s has no pre_shared_key.", count(len(msg.PSKIdentities), "session"), at(w.r.server))
	}
}

// selectedKey says which of the offered keys the server takes.
func (w *writer) selectedKey(msg *tlswire.ServerHello, hello *message, offer *tlswire.ClientHello) {
	if msg.SelectedPSK == nil {
		if len(offer.PSKIdentities) > 0 {
			w.say("The server does not resume the session that %s offers.", at(hello))
		}
		return
	}
	p := w.extension(tlswire.ExtPreSharedKey).to("selected_identity")
	i := int(*msg.SelectedPSK)
	if i >= len(offer.PSKIdentities) {
		w.note(p, "The client offered only %d in %s: it has to abort with illegal_parameter.", len(offer.PSKIdentities), at(hello))
		return
	}
	text := "It is an identity of " + at(hello)
	if source := w.b.issued(offer.PSKIdentities[i]); source != nil {
		text = fmt.Sprintf("It is the ticket of %s, which %s offers", source.where(), at(hello))
	}
	w.note(p, "%s.", text)
	w.say("%s: the session is resumed, and neither side sends a certificate.", text)
}

// offeredTicket says where the ticket of TLS 1.2 comes from (RFC 5077 3.2).
func (w *writer) offeredTicket(msg *tlswire.ClientHello) {
	source := w.b.issued(msg.SessionTicket)
	if source == nil {
		return
	}
	w.note(w.extension(tlswire.ExtSessionTicket).to("ticket"), "It is that of %s.", source.where())
	w.say("The client offers to resume with the ticket of %s.", source.where())
}

// ticket says which handshake a ticket leads back to.
func (w *writer) ticket(*tlswire.NewSessionTicket) {
	m := w.r.client.certificate
	if chain := as[tlswire.Certificate](m); chain != nil && len(chain.Entries) > 0 {
		w.say("A connection that is resumed with this ticket is that of the client of %s; its certificate is not sent again.", at(m))
	}
}

// binder proves that the client holds a pre-shared key that it offers, where
// the key is known.
func (b *Book) binder(m *message, msg *tlswire.ClientHello, i int) Proof {
	c := claim{of: "binder", covers: "This MAC covers the ClientHello up to the binders", with: "a pre-shared key that is known", holds: "matches", fails: "does not match"}
	return c.proof(b.checkBinder(m, msg, i), verdict{}, "", "")
}

// checkBinder checks a binder with each key that the caller knows (RFC 8446
// 4.2.11.2). A key that does not fit proves nothing: it may be another one.
//
//	binder_key = Derive-Secret(Early Secret, "ext binder" | "res binder", "")
//
// "The PskBinderEntry is computed in the same way as the Finished message
// (Section 4.4.4) but with the BaseKey being the binder_key", over the
// ClientHello "up to and including the PreSharedKeyExtension.identities field".
func (b *Book) checkBinder(m *message, msg *tlswire.ClientHello, i int) verdict {
	if len(b.in.PreSharedKeys) == 0 {
		return unchecked("no key log has the pre-shared key")
	}
	binders := 2
	for _, binder := range msg.PSKBinders {
		binders += 1 + len(binder)
	}
	h := crypto.SHA256
	if len(msg.PSKBinders[i]) == crypto.SHA384.Size() {
		h = crypto.SHA384
	}
	if m.step.Err != nil || binders > len(m.raw) || len(msg.PSKBinders[i]) != h.Size() {
		return unchecked("it could not be read")
	}
	transcript := h.New()
	if m == m.run.again && m.run.hello != nil && m.run.retry != nil {
		first := h.New()
		first.Write(m.run.hello.raw)
		transcript = messageHash(h, first)
		transcript.Write(m.run.retry.raw)
	}
	transcript.Write(m.raw[:len(m.raw)-binders])
	digest := transcript.Sum(nil)
	for _, psk := range b.in.PreSharedKeys {
		early := hmac.New(h.New, make([]byte, h.Size())) // HKDF-Extract with a salt of zeros
		early.Write(psk)
		secret := early.Sum(nil)
		for _, label := range []string{"res binder", "ext binder"} {
			key := expandLabel(h, secret, label, sum(h, nil), h.Size())
			if want := verifyData13(h, key, digest); hmac.Equal(want, msg.PSKBinders[i]) {
				return verdict{Result: Verified}
			}
		}
	}
	return unchecked("no pre-shared key that is known fits")
}
