package crossref

import (
	"strings"

	"shakedown/harness/dissect"
	"shakedown/harness/tlswire"
)

// ended says that the connection is over, or as good as: a side has closed it,
// or has refused.
func (b *Book) ended() bool {
	for _, s := range b.in.Timeline.Steps {
		if s.Close != nil || s.Alert != nil || s.Kind == dissect.KindTransport && (s.Name == "FIN" || s.Name == "RST") {
			return true
		}
	}
	return false
}

// ending says where an alert or a close stands: behind which message of the
// other side. What it answers is for the diagnosis to say.
func (w *writer) ending() {
	if w.s.Alert != nil && w.s.Alert.Code == tlswire.AlertCloseNotify && w.s.Close == nil {
		return
	}
	var last *dissect.Step
	for _, s := range w.b.in.Timeline.Steps {
		if s == w.s {
			break
		}
		if s.From != w.s.From && s.Kind == dissect.KindHandshake && !s.Held {
			last = s
		}
	}
	if last == nil {
		w.say("The %s had sent no handshake message before it.", w.s.From.Peer())
		return
	}
	text := "The last handshake message before it from the " + string(w.s.From.Peer()) + " was " + last.Name + ", " + stepName(last)
	w.say("%s.", text)
	switch {
	case w.s.Close != nil && w.s.Alert != nil:
		w.note(place{}.to(w.s.Name, "Error Code"), "0x%x is alert %s (%d) of TLS (RFC 9001 4.8).", w.s.Close.Code, tlswire.AlertName(w.s.Alert.Code), w.s.Alert.Code)
	case w.s.Alert != nil:
		w.note(place{}.to("description"), "%s.", text)
	}
	if w.s.Close != nil && strings.HasPrefix(w.s.Name, "CONNECTION_CLOSE") {
		w.note(place{}.to(w.s.Name), "%s.", text)
	}
}
