package diagnose

import (
	"bytes"
	"errors"
	"slices"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// refutedRules are about a refusal that the recording speaks against: what the
// one side has seen of the handshake is in order, and the other turns it down.
// Then the two have seen different messages, or the other's stack is at fault;
// which, only its own recording shows. None is certain.
var refutedRules = []rule{
	{"altered-on-path", certificateWasSent},
	{"altered-on-path", provesNothing},
	{"altered-on-path", ownSignatureIsGood},
	{"altered-on-path", ownFinishedIsGood},
	{"altered-on-path", recordOutOfTurn},
	{"altered-on-path", protocolWasOffered},
	{"altered-on-path", protocolNotOffered},
}

// unheard says that the side refused whose view nobody recorded.
func (r *reading) unheard(by outcome.Role) bool {
	return r.mode != ErrorsOnly && r.h.Outcome == Refused && r.h.RefusedBy == by && !r.outcome(by).Known
}

// certificateWasSent is a server that says that no certificate came, to a client
// that has sent one.
func certificateWasSent(r *reading) *finding {
	c := r.w.client.certificate
	code, ok := alertCode(&r.in, r.w, outcome.Server)
	if !r.unheard(outcome.Server) || !ok || !c.ok() || len(c.msg.Entries) == 0 || code != alertCertificateRequired {
		return nil
	}
	return found(
		saw(c.step, "the client has sent %s", plural(len(c.msg.Entries), "certificate")),
		saw(r.w.refusal(outcome.Server), "the server says that none came"),
	).certainIf(false).refusedBy(outcome.Server, "Certificate").alert(alertCertificateRequired)
}

// provesNothing is a client whose Certificate message arrives empty, with a
// CertificateVerify behind it. RFC 8446 4.4.3: "Clients MUST send this message
// whenever authenticating via a certificate", and none does it without one.
func provesNothing(r *reading) *finding {
	verify := r.w.client.verify
	if r.mode == BothSides || r.mode == OneSide && r.own() != outcome.Server || !r.empty() || !verify.ok() {
		return nil
	}
	return found(
		saw(r.w.client.certificate.step, "the client's Certificate message is empty as it arrives"),
		saw(verify.step, "a CertificateVerify comes after it, which a client sends only with a certificate"),
	).certainIf(false).refusedBy(outcome.Server, "Certificate").as(outcome.NoCertificate).alert(alertsFor[outcome.NoCertificate]...)
}

// ownSignatureIsGood is a signature that the other side refuses, although the key
// is that of the certificate and it holds over what this side has sent and seen.
func ownSignatureIsGood(r *reading) *finding {
	for _, v := range []*verification{r.server, r.client} {
		if v == nil || v.leaf().std == nil || !r.unheard(v.by) || !r.badSignatureAlert(v) {
			continue
		}
		key := r.signingKey(v)
		if key == nil || !bytes.Equal(key, v.leaf().std.RawSubjectPublicKeyInfo) {
			continue
		}
		proof, signed := r.proof(v)
		if proof == crossref.Verified {
			return r.signedOtherMessages(v, signed)
		}
	}
	return nil
}

// ownFinishedIsGood is a Finished that the other side refuses, although it is
// over what this side has sent and seen.
func ownFinishedIsGood(r *reading) *finding {
	for _, by := range roles {
		finished := r.w.flight(by.Peer()).finished
		code, ok := alertCode(&r.in, r.w, by)
		if !r.unheard(by) || !ok || code != alertDecryptError || finished == nil || r.w.flight(by.Peer()).last != finished {
			continue
		}
		if f := r.keyFinding(by.Peer()); f != nil && f.ID != "altered-on-path" {
			continue // the alert is about the signature before it
		}
		if p, checked := r.checked(finished); !checked || p.Result != crossref.Verified {
			continue
		}
		return found(saw(finished, "the %s's Finished is over the messages that it has sent and received, and the %s refuses it: it has seen others", by.Peer(), by)).
			certainIf(false).refusedBy(by).alert(alertDecryptError)
	}
	return nil
}

// recordOutOfTurn is a record that its receiver could not open, and that does open
// as another one than the one whose turn it was: one was lost, repeated or moved.
func recordOutOfTurn(r *reading) *finding {
	by := r.h.RefusedBy
	if r.mode == BothSides || !r.stopsWith(by, alertBadRecordMAC) {
		return nil
	}
	for _, s := range r.w.timeline.Steps {
		var turn *dissect.TurnError
		if s.From == by.Peer() && errors.As(s.Err, &turn) {
			return found(
				saw(s, "the %s's record is undamaged, and out of turn: %s", s.From, turn),
				saw(r.w.refusal(by), "to the %s it does not open (bad_record_mac)", by),
			).certainIf(false).refusedBy(by).alert(alertBadRecordMAC)
		}
	}
	return nil
}

// protocolWasOffered is a client that refuses the protocol which a server has
// selected from those that it got from the client.
func protocolWasOffered(r *reading) *finding {
	selected, hello := r.w.timeline.ALPN, r.w.lastHello
	if !r.unheard(outcome.Client) || !r.stopsWith(outcome.Client, alertNoApplicationProto) || selected == "" || !hello.ok() || !slices.Contains(hello.msg.ALPN, selected) {
		return nil
	}
	return found(
		saw(hello.step, "the ClientHello offers %s by ALPN", protocols(hello.msg.ALPN)),
		saw(r.w.encryptedExtensions.step, "the server selects %s of them, and the client refuses that", quoted(selected)),
	).certainIf(false).refusedBy(outcome.Client).alert(alertNoApplicationProto)
}

// protocolNotOffered is a server that selects what the client has not offered.
// RFC 7301 3.2: the server selects a protocol from "within the list advertised by
// the client".
func protocolNotOffered(r *reading) *finding {
	selected, hello := r.w.timeline.ALPN, r.w.lastHello
	if r.mode == BothSides || r.mode == OneSide && !r.in.Client.Outcome.Known || r.h.RefusedBy != outcome.Client || selected == "" || !hello.ok() || slices.Contains(hello.msg.ALPN, selected) {
		return nil
	}
	return found(
		saw(hello.step, "the client offers %s by ALPN", protocols(hello.msg.ALPN)),
		saw(r.w.encryptedExtensions.step, "what it receives selects %s, which no server does that received this ClientHello", quoted(selected)),
	).certainIf(false).refusedBy(outcome.Client).alert(alertNoApplicationProto)
}

// stopsWith says that the side refused with that alert.
func (r *reading) stopsWith(by outcome.Role, alert uint8) bool {
	code, ok := alertCode(&r.in, r.w, by)
	return r.h.Outcome == Refused && r.h.RefusedBy == by && ok && code == alert
}

// nothingElse are the alerts about messages that no stack which works sends: if
// nothing else explains one, the path may have changed them.
var nothingElse = []uint8{
	alertUnexpectedMessage, alertBadRecordMAC, alertIllegalParameter, alertDecodeError, alertDecryptError, alertMissingExtension, alertUnsupportedExtension,
}

// alertSays are those alerts in words, each after what RFC 8446 6.2 says of it.
var alertSays = map[uint8]string{
	// "An inappropriate message (e.g., the wrong handshake message, premature
	// Application Data, etc.) was received."
	alertUnexpectedMessage: "a message came where it may not come (unexpected_message)",
	// "a record is received which cannot be deprotected"
	alertBadRecordMAC: "a record does not open (bad_record_mac)",
	// "A field in the handshake was incorrect or inconsistent with other fields."
	alertIllegalParameter: "a message is malformed: a field is wrong, or does not go with another (illegal_parameter)",
	// "A message could not be decoded because some field was out of the specified
	// range or the length of the message was incorrect."
	alertDecodeError: "a message is malformed: it cannot be decoded (decode_error)",
	// "A handshake (not record layer) cryptographic operation failed, including being
	// unable to correctly verify a signature or validate a Finished message or a PSK
	// binder."
	alertDecryptError: "a cryptographic operation of the handshake failed (decrypt_error): a signature, a Finished or a PSK binder does not verify",
	// "a handshake message not containing an extension that is mandatory to send"
	alertMissingExtension: "a message lacks an extension that it must have (missing_extension)",
	// "any handshake message containing an extension known to be prohibited"
	alertUnsupportedExtension: "a message has an extension that may not be in it (unsupported_extension)",
}

// perhapsAltered is a refusal of what no stack which works sends, seen from one
// side, where nothing else accounts for it.
func (r *reading) perhapsAltered(others []finding) []finding {
	by := r.h.RefusedBy
	code, ok := alertCode(&r.in, r.w, by)
	named := unexpected(r.failure(by))
	none := r.unheard(outcome.Server) && r.client != nil && r.client.sent != nil && code == alertHandshakeFailure && r.h.At == "Certificate" && !r.empty()
	if r.mode == BothSides || r.guessed || r.h.Outcome != Refused || (!ok || !slices.Contains(nothingElse, code)) && named == "" && !none {
		return nil
	}
	if slices.ContainsFunc(others, func(f finding) bool { return f.explains(r) && f.ID != "corrupt-record" }) {
		return nil
	}
	f := found().certainIf(false).refusedBy(by)
	f.ID = "altered-on-path"
	switch {
	case named != "":
		f.Evidence = append(f.Evidence, saw(r.w.flight(by.Peer()).last, "the %s has received a %s where none may come", by, named))
	case none:
		f.Evidence = append(f.Evidence, saw(r.w.client.certificate.step, "the client has sent a certificate, and the server answers as to one that has none"))
	default:
		f.Evidence = append(f.Evidence, saw(r.w.refusal(by), "the %s says that %s, and nothing that was recorded here shows why", by, alertSays[code]))
	}
	return []finding{*f}
}
