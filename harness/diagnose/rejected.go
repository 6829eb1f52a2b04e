package diagnose

import (
	"cmp"
	"crypto/x509"
	"slices"
	"strings"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// The alerts that say what was rejected (RFC 8446 6.2).
const (
	alertUnexpectedMessage    = 10
	alertBadRecordMAC         = 20
	alertHandshakeFailure     = 40
	alertBadCertificate       = 42
	alertUnsupportedCert      = 43
	alertCertificateRevoked   = 44
	alertCertificateExpired   = 45
	alertCertificateUnknown   = 46
	alertIllegalParameter     = 47
	alertUnknownCA            = 48
	alertAccessDenied         = 49
	alertDecodeError          = 50
	alertDecryptError         = 51
	alertProtocolVersion      = 70
	alertInsufficientSecurity = 71
	alertInternalError        = 80
	alertMissingExtension     = 109
	alertUnsupportedExtension = 110
	alertUnrecognizedName     = 112
	alertCertificateRequired  = 116
	alertNoApplicationProto   = 120
	alertECHRequired          = 121
)

// rejected returns the handshake message whose content the side rejected: from
// its typed error, else from its alert. Arrival says nothing: Go's TLS 1.2 client
// judges a Certificate only after it has read the message behind it. It is empty
// where no message was rejected, or nobody can say which.
func rejected(in *Input, w *wire, by outcome.Role) string {
	f := in.side(by).Outcome.Failure()
	if f != nil && f.RecordHeader != nil {
		return "" // what came was no handshake message
	}
	if f != nil && f.Callback != "" {
		return rejectedByCallback(f.Callback, in.side(by).Outcome.Negotiated.Resumed)
	}
	if f != nil && f.Local != nil && strings.Contains(f.Text, "failed to sign") {
		return "" // a side that cannot sign has nothing against what it read
	}
	if name := unexpected(f); name != "" {
		return name
	}
	if name := cmp.Or(rejectedDowngrade(f), rejectedSchemes(w, by), rejectedLate(w, by)); name != "" {
		return name
	}
	if f != nil && f.Verify != nil {
		return rejectedByVerifier(f.Verify.Kind, w, by)
	}
	if f != nil && f.Close != nil && !f.Close.Application && f.Close.Code == cryptoBufferExceeded {
		return "Certificate" // the only message that grows that large
	}
	if s := w.refusal(by); s != nil && s.Close != nil && s.Close.Code == cryptoBufferExceeded {
		return "Certificate"
	}
	if code, ok := alertCode(in, w, by); ok {
		return rejectedByAlert(code, w, by)
	}
	return rejectedBeforeAnswer(w, by)
}

// rejectedByCallback names the message that an application's callback was asked
// about.
func rejectedByCallback(callback outcome.Callback, resumed bool) string {
	switch callback {
	case outcome.GetCertificate, outcome.GetConfigForClient:
		return "ClientHello"
	case outcome.GetClientCertificate:
		return "CertificateRequest"
	case outcome.Sign:
		return ""
	case outcome.VerifyPeerCertificate, outcome.VerifyConnection:
		if !resumed {
			return "Certificate"
		}
	}
	return "" // a resumed session has no Certificate
}

const cryptoBufferExceeded = 0x0d

func rejectedByVerifier(kind outcome.VerifyKind, w *wire, by outcome.Role) string {
	if kind != outcome.BadSignature {
		return "Certificate"
	}
	return signatureMessage(w, by.Peer())
}

// signatureMessage names the message in which that side proves that it has its key.
func signatureMessage(w *wire, of outcome.Role) string {
	if of == outcome.Server && !w.tls13() {
		return "ServerKeyExchange"
	}
	return "CertificateVerify"
}

// alertCode returns the alert by which the side refused: on the wire, or in the
// errors of either side.
func alertCode(in *Input, w *wire, by outcome.Role) (uint8, bool) {
	if s := w.refusal(by); s != nil && s.Alert != nil {
		return s.Alert.Code, true
	}
	if f := in.side(by).Outcome.Failure(); f != nil && f.Local != nil && f.Local.HasCode {
		return f.Local.Code, true
	}
	if f := in.side(by.Peer()).Outcome.Failure(); f != nil && f.Peer != nil {
		return f.Peer.Code, true
	}
	return 0, false
}

func rejectedByAlert(code uint8, w *wire, by outcome.Role) string {
	peer := w.flight(by.Peer())
	switch {
	case code != alertDecodeError && code != alertBadCertificate && code != alertIllegalParameter:
	case code != alertIllegalParameter && peer.unreadable():
		return "Certificate" // the message itself reads well, a certificate in it does not
	case code == alertIllegalParameter && w.badSigner(by.Peer()):
		return signatureMessage(w, by.Peer())
	}
	if (w.resumes() || by == outcome.Server && !w.serverHello.ok() && !w.absent) && slices.Contains(aboutCertificates, code) {
		return "" // there is no Certificate
	}
	switch code {
	case alertBadCertificate, alertUnsupportedCert, alertCertificateRevoked, alertCertificateExpired,
		alertCertificateUnknown, alertUnknownCA, alertAccessDenied, alertCertificateRequired:
		return "Certificate"
	case alertDecryptError:
		return signatureMessage(w, by.Peer())
	case alertUnrecognizedName:
		return "ClientHello"
	case alertECHRequired:
		// RFC 9849 6.1.4: the client learns it from the random of the ServerHello.
		return "ServerHello"
	case alertProtocolVersion:
		if by == outcome.Client {
			return "ServerHello"
		}
		return "ClientHello"
	case alertNoApplicationProto:
		switch {
		case by == outcome.Server:
			return "ClientHello"
		case w.tls13():
			return "EncryptedExtensions"
		}
		return "ServerHello"
	case alertBadRecordMAC:
		return altered(w, by)
	case alertInternalError:
		if w.timeline.Transport == outcome.QUIC && !w.serverHello.ok() {
			return "" // Go's server drops its whole flight where its own key fails
		}
		return rejectedBeforeAnswer(w, by)
	case alertHandshakeFailure, alertInsufficientSecurity:
		return rejectedBeforeAnswer(w, by)
	case alertDecodeError:
		// GnuTLS has this alert in TLS 1.2 for a client that sends no certificate.
		if c := w.client.certificate; by == outcome.Server && c.ok() && len(c.msg.Entries) == 0 {
			return "Certificate"
		}
	}
	if name := altered(w, by); name != "" {
		return name
	}
	// illegal_parameter, decode_error and the like speak of what was read last.
	if peer.last != nil {
		if !w.readToEnd() {
			return "" // more may have come that nobody can read
		}
		return peer.last.Name
	}
	return rejectedBeforeAnswer(w, by)
}

// aboutCertificates are the alerts by which a certificate is refused.
var aboutCertificates = []uint8{
	alertBadCertificate, alertUnsupportedCert, alertCertificateRevoked, alertCertificateExpired,
	alertCertificateUnknown, alertUnknownCA, alertAccessDenied,
}

// resumes says that the server takes up a session, so that neither side shows a
// certificate: it selects a PSK, or in TLS 1.2 finishes right after its
// ServerHello (RFC 5246 7.3, figure 2).
func (w *wire) resumes() bool {
	if !w.serverHello.ok() {
		return false
	}
	if w.tls13() {
		return w.serverHello.msg.SelectedPSK != nil
	}
	return (w.server.finished != nil || w.refusal(outcome.Server) != nil) && !w.server.certificate.ok() && w.gap == nil
}

// unreadable says that the side sent a certificate that crypto/x509 refuses.
func (f *flight) unreadable() bool {
	list, _ := f.chain()
	return slices.ContainsFunc(list, func(raw []byte) bool {
		_, err := x509.ParseCertificate(raw)
		return err != nil
	})
}

// badSigner says that illegal_parameter is about that side's signature: it is
// made with an algorithm that the key of the first certificate does not have, or
// it is a TLS 1.2 server's, which Go's client rejects with that alert.
func (w *wire) badSigner(of outcome.Role) bool {
	if of == outcome.Server && !w.tls13() {
		return w.server.keyExchange.ok() && !w.client.certificate.ok() && !w.clientDone()
	}
	f := w.flight(of)
	list, _ := f.chain()
	if len(list) == 0 || !f.verify.ok() {
		return false
	}
	c, err := x509.ParseCertificate(list[0])
	return err == nil && algorithm(c.PublicKey) != signs(f.verify.msg.Scheme)
}

// rejectedBeforeAnswer is for alerts that name no message: a server that has not
// answered rejects the ClientHello, one that has read a client's Certificate
// rejects that (alert 40 in TLS 1.2, which has no certificate_required).
func rejectedBeforeAnswer(w *wire, by outcome.Role) string {
	if by == outcome.Client {
		return ""
	}
	switch {
	case w.client.certificate.ok() && (w.tls13() || w.server.finished == nil):
		return "Certificate"
	case w.clientHello.ok() && !w.serverHello.ok():
		return "ClientHello"
	}
	return ""
}

// altered names the first message of the other side that was changed on the path.
func altered(w *wire, by outcome.Role) string {
	for _, s := range w.timeline.Steps {
		if s.From == by.Peer() && marked(s, transcript.Rewritten) {
			return s.Name
		}
	}
	return ""
}
