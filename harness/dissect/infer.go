package dissect

import (
	"errors"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// An InferenceKind is a class of thing that sizes and order give away without a key.
type InferenceKind string

// The kinds of inference.
const (
	// ServerAsks and ServerDoesNotAsk: the server's first flight has the
	// records of one that asks for a client certificate, or of one that does not.
	ServerAsks       InferenceKind = "server-asks"
	ServerDoesNotAsk InferenceKind = "server-does-not-ask"
	// CertificateSent and NoCertificateSent are the client's answer. Over QUIC
	// the second does not say whether the client was asked.
	CertificateSent   InferenceKind = "client-certificate-sent"
	NoCertificateSent InferenceKind = "client-certificate-none"
	// ClientRefuses: the client ends the handshake where its Finished is due.
	// ServerRefuses: the server ends it where it would have said something else
	// if it had accepted what the client sent; ServerAccepts is that something.
	ClientRefuses InferenceKind = "client-refuses"
	ServerRefuses InferenceKind = "server-refuses"
	ServerAccepts InferenceKind = "server-accepts"
	// ClosesCleanly: an alert behind the handshake, at the end of a direction.
	ClosesCleanly InferenceKind = "close-notify"
)

// An Inference is what the sizes and the order of protected records make
// probable where no key opens them. It is never a fact: "Selecting a padding
// policy that suggests when and how much to pad is a complex topic"
// (RFC 8446 5.4), and a stack may put several messages into one record.
type Inference struct {
	Kind InferenceKind
	// From is the side that it is about.
	From outcome.Role
	// Steps are the numbers of the steps that it is drawn from, at least one.
	Steps []int
	// Text says it in a sentence, with the reason.
	Text string
}

// breaks is the caveat that every inference from records ends with.
const breaks = "a stack that pads records or puts several messages into one breaks this"

// A guess is made of the steps of one timeline before they are numbered.
type guess struct {
	kind InferenceKind
	from outcome.Role
	at   []int // indices into the steps
	text string
}

// guesses is what is made of a timeline: what is probable as a whole, and what
// is to be said behind the summary of a step, by its index.
type guesses struct {
	all   []guess
	notes map[int]string
}

func (g *guesses) note(at int, text string) {
	if g.notes == nil {
		g.notes = map[int]string{}
	}
	g.notes[at] = "; " + text
}

func (g *guesses) add(kind InferenceKind, from outcome.Role, text string, at ...int) {
	g.all = append(g.all, guess{kind, from, at, text})
}

// infer tells what sizes and order give away of the steps that no key opens. It
// says nothing where there are none.
func (d *Dissector) infer(steps []*Step) guesses {
	var g guesses
	switch {
	case d.t.Transport == outcome.QUIC:
		d.inferQUIC(steps, &g)
	case d.settled.version == tlswire.VersionTLS13:
		d.inferTLS13(steps, &g)
	case d.settled.version >= tlswire.VersionSSL30 && d.settled.version <= tlswire.VersionTLS12:
		inferTLS12(steps, &g)
	}
	return g
}

// numbered returns the guesses as inferences about numbered steps.
func (g *guesses) numbered(steps []*Step) []Inference {
	var list []Inference
	for _, one := range g.all {
		inference := Inference{Kind: one.kind, From: one.from, Text: one.text}
		for _, at := range one.at {
			inference.Steps = append(inference.Steps, steps[at].N)
		}
		list = append(list, inference)
	}
	return list
}

// keyless says that the step is a record or a packet that stays protected for
// want of a key, or of somebody who undoes that protection, and not because it is
// damaged.
func (s *Step) keyless() bool {
	return s.unread && (errors.Is(s.Err, ErrNoKey) || errors.Is(s.Err, errNoKey) || s.Unreadable())
}

// Sealed says that the step is a record or a packet that stays protected: no key
// is known, or none that opens it.
func (s *Step) Sealed() bool { return s.unread }

// AlertSized says that the step is a record of TLS 1.3 that stays protected and is as
// long as one that holds an alert.
func (s *Step) AlertSized() bool { return s.Sealed() && s.Bytes == alert13 }

// Inferred returns the first inference of that kind, nil if there is none.
func (t *Timeline) Inferred(kind InferenceKind) *Inference {
	for i := range t.Inferences {
		if t.Inferences[i].Kind == kind {
			return &t.Inferences[i]
		}
	}
	return nil
}

// inferTLS12 names the alerts behind the handshake. TLS 1.2, like the versions
// before it, shows the type of every record, and refusals before the
// ChangeCipherSpec are in the clear, so that an encrypted alert at the end of a
// direction is nearly always a close_notify: "each party is required to send a
// close_notify alert before closing the write side of the connection" (RFC 5246
// 7.2.1).
func inferTLS12(steps []*Step, g *guesses) {
	for _, from := range []outcome.Role{outcome.Client, outcome.Server} {
		finished, last := false, -1
		for i, s := range steps {
			switch {
			case s.From != from || s.Kind == KindLocal || s.endsDirection():
			case s.Kind == KindHandshake && s.keyless():
				finished, last = true, -1 // "always sent immediately after a change cipher spec message" (RFC 5246 7.4.9)
			case s.keyless() && s.Name == encryptedAlert && finished:
				last = i
			default:
				last = -1
			}
		}
		if last >= 0 {
			g.note(last, "probably close_notify, the last that the "+string(from)+" sends")
			g.add(ClosesCleanly, from, "the "+string(from)+" probably closes the connection in an orderly way: its last record is an alert behind a finished handshake, and refusals before that are in the clear", last)
		}
	}
}
