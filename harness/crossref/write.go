package crossref

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// A writer fills the page of one step.
type writer struct {
	b *Book
	p *page
	s *dissect.Step
	// m is the step's handshake message and r its handshake; both are nil for
	// other steps.
	m *message
	r *run
}

// note adds a sentence to the meaning of a field.
func (w *writer) note(p place, format string, args ...any) { w.p.note(p, format, args...) }

// prove adds a proof, and its sentence to the meaning of a field.
func (w *writer) prove(p place, proof Proof) { w.p.prove(p, proof) }

// sentence is [fmt.Sprintf] for what nearly all sentences are made of: words, sides,
// and numbers. It is made in the room, or on its own if that is nil.
func sentence(room *field.Room, format string, args ...any) string {
	if text, whole := only(format, args); whole {
		return text
	}
	var usual [256]byte
	text, rest, plain := usual[:0], format, true
	for _, a := range args {
		before, after, _ := strings.Cut(rest, "%")
		text = append(text, before...)
		switch a := a.(type) {
		case string:
			text = append(text, a...)
			rest, plain = strings.CutPrefix(after, "s")
		case outcome.Role:
			text = append(text, a...)
			rest, plain = strings.CutPrefix(after, "s")
		case int:
			text = strconv.AppendInt(text, int64(a), 10)
			rest, plain = strings.CutPrefix(after, "d")
		default:
			plain = false
		}
		if !plain {
			return fmt.Sprintf(format, args...)
		}
	}
	if strings.Contains(rest, "%") {
		return fmt.Sprintf(format, args...)
	}
	return room.Text(append(text, rest...))
}

// only returns the one word that a sentence has, if that is all of it.
func only(format string, args []any) (text string, whole bool) {
	if format == "%s" && len(args) == 1 {
		text, whole = args[0].(string)
	}
	return text, whole
}

// say adds a sentence about the step.
func (w *writer) say(format string, args ...any) {
	w.p.says = append(w.p.says, sentence(w.p.room, format, args...))
}

// root is the place of the step's own message.
func (w *writer) root() place { return place{root: true}.to(w.m.msg.Name()) }

// extension is the place of an extension of the step's message.
func (w *writer) extension(kind uint16) place {
	return w.root().part("extensions", tlswire.ExtensionName(kind))
}

// noteLists are lists that the notes of a page are gathered in: how many there will
// be is not known, and a note is large.
var noteLists = sync.Pool{New: func() any { return new([]note) }}

// fill fills the page of the step of that index, with texts in a room that may be nil.
func (b *Book) fill(p *page, i int, room *field.Room) {
	list := noteLists.Get().(*[]note)
	p.notes, p.room = (*list)[:0], room
	b.write(p, i)
	*list, p.notes, p.room = p.notes, b.in.Room.keep(p.notes), nil
	noteLists.Put(list)
}

// write writes what is told of the step of that index.
func (b *Book) write(p *page, i int) {
	w := &writer{b: b, p: p, s: b.in.Timeline.Steps[i], m: b.story.messages[i]}
	if w.m == nil || w.m.msg == nil {
		w.other()
		return
	}
	w.r = w.m.run
	switch msg := w.m.msg.(type) {
	case *tlswire.ClientHello:
		w.clientHello(msg)
	case *tlswire.ServerHello:
		if msg.IsHelloRetryRequest() {
			w.helloRetryRequest(msg)
		} else {
			w.serverHello(msg)
		}
	case *tlswire.EncryptedExtensions:
		w.encryptedExtensions(msg)
	case *tlswire.CertificateRequest:
		w.certificateRequest(msg)
	case *tlswire.Certificate:
		w.certificate(msg)
	case *tlswire.CertificateVerify:
		w.scheme(msg.Scheme)
		w.prove(w.root().to("signature"), b.certificateVerify(w.m))
	case *tlswire.ServerKeyExchange:
		w.exchange(msg)
		w.prove(w.root().to("signature"), b.serverKeyExchange(w.m))
	case *tlswire.ClientKeyExchange:
		w.clientExchange()
	case *tlswire.Finished:
		w.prove(w.root().to("verify_data"), b.finished(w.m))
	case *tlswire.NewSessionTicket:
		w.ticket(msg)
	case *tlswire.KeyUpdate:
		w.keyUpdate(msg)
	}
}

// other is for steps that are no handshake messages.
func (w *writer) other() {
	switch {
	case w.s.Close != nil, w.s.Alert != nil:
		w.ending()
	case w.s.Name == "Retry":
		w.retryPacket()
	}
}
