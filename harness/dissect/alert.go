package dissect

import (
	"errors"
	"fmt"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

const (
	alertWarning = 1
	alertFatal   = 2
)

// alertSize is the size of an alert (RFC 8446 6).
const alertSize = 2

// alerts reads a record of alerts, which nearly always holds one. "Multiple
// alerts MUST NOT be coalesced into one record" only since TLS 1.3 (RFC 8446 5.1).
func (s *stream) alerts(dir *direction, r *record) {
	if len(r.content) == 0 || len(r.content)%alertSize != 0 {
		step := s.recordStep(dir, KindApplicationData, "malformed alert", r)
		step.Err = errors.New("parse alert: " + count(len(r.content), "byte") + ", want 2")
		step.Summary = step.Err.Error()
		return
	}
	for at := 0; at < len(r.content); at += alertSize {
		raw := r.content[at : at+alertSize : at+alertSize]
		alert := &Alert{Level: raw[0], Code: raw[1]}
		alert.Cleartext = !r.protected && s.protectionDue(dir, alert.Code)
		step := s.d.newStep(dir.from, KindAlert, "alert "+tlswire.AlertName(alert.Code), r.units)
		step.Level, step.Bytes, step.WireBytes = r.level, alertSize, len(r.Raw)
		step.Alert = alert
		step.Summary = alertSummary(alert, dir.from)
		parts := s.fragment(r, at, at+alertSize)
		step.tree = func(room *field.Room) field.Tree {
			return messageIn(room, parts, field.Tree{
				Buffers: []field.Buffer{{Name: alertBuffer, Bytes: raw}},
				Fields:  tlswire.AlertFields(raw, alertBuffer),
			})
		}
		s.steps = append(s.steps, step)
	}
}

// protectionDue says that an alert in the clear should have been protected.
//
// In TLS 1.3 "All handshake messages after the ServerHello are now encrypted"
// (RFC 8446 1.2), and so are alerts, for a side that has keys. OpenSSL clients
// that refuse a server's certificate send the alert in the clear all the same.
func (s *stream) protectionDue(dir *direction, code uint8) bool {
	if s.server.level == Plaintext {
		return false
	}
	if dir.from == outcome.Server {
		return true
	}
	// A client that refuses the ServerHello itself never had a key. Whether
	// this one had is in its key log; without one, the alert can tell: those
	// about certificates come after the keys.
	if s.d.logged(outcome.Client) {
		return true
	}
	switch code {
	case tlswire.AlertUnexpectedMessage, tlswire.AlertHandshakeFailure, tlswire.AlertIllegalParameter,
		tlswire.AlertDecodeError, tlswire.AlertProtocolVersion, tlswire.AlertInternalError,
		tlswire.AlertMissingExtension, alertUnsupportedExtension, alertInsufficientSecurity:
		return false
	}
	return true
}

// Alerts that tlswire has only by name.
const (
	alertInsufficientSecurity uint8 = 71
	alertUserCanceled         uint8 = 90
	alertUnsupportedExtension uint8 = 110
)

// alertSummary names an alert as a person looks for it, and says what is
// strange about it.
func alertSummary(a *Alert, from outcome.Role) string {
	level := fmt.Sprintf("level %d", a.Level)
	switch a.Level {
	case alertWarning:
		level = "warning"
	case alertFatal:
		level = "fatal"
	}
	text := fmt.Sprintf("%s %s (%d)", level, tlswire.AlertName(a.Code), a.Code)
	if a.Cleartext {
		// A Go server reports "local error: tls: bad record MAC", whatever the
		// alert says (golang/go#76767).
		text += fmt.Sprintf(", in the clear: the %s expects protection here and takes it for a bad record MAC", from.Peer())
		if from == outcome.Client {
			text += " (OpenSSL clients do this)"
		}
	}
	return text
}
