package crossref

import "shakedown/harness/outcome"

// An appearance is all that decides what is told of the certificates of a chain where
// nobody knows how the verifier is configured: who shows which certificates, and what
// the handshake around them has to do with the first one. As long as these are the
// same, so is what is told, in whatever connection; that is then written once.
type appearance struct {
	// certificates are those of the chain, nil behind the last.
	certificates [mostAppearing]*certificate
	from         outcome.Role
	// entry is the label of a certificate in the message.
	entry string
	// name is what the client asks a server for in the step hello, empty if it asks for
	// none.
	name, hello string
	// signed is the step of the signature that was made with the first certificate's
	// key, result what came of checking it; both are empty where there is none.
	signed string
	result Result
}

// mostAppearing is how many certificates a chain has at most whose appearance is
// remembered, and mostAppearances how many appearances are.
const (
	mostAppearing   = 4
	mostAppearances = 1024
)

// appears tells what a chain's certificates are to each other and to the handshake.
func (w *writer) appears(c *chain) {
	copy(c.certificates[:], c.list)
	if hello, offer := w.r.offer(); c.from == outcome.Server && offer != nil && offer.ServerName != "" {
		c.name, c.hello = offer.ServerName, at(hello)
	}
	c.signed, c.result = w.signed(c.from)
	if c.verifier.Known || len(c.list) > mostAppearing {
		c.tell(&w.p.written)
		return
	}
	w.p.shared = w.b.in.Memory.shown.Of(c.appearance, mostAppearances, func() *written {
		told := new(written)
		c.tell(told)
		return told
	})
}

// signed names the step of the signature that a side has made in the handshake with
// the key of its first certificate, and says what came of checking it.
func (w *writer) signed(from outcome.Role) (step string, result Result) {
	m := w.r.side(from).verify
	if m == nil && from == outcome.Server {
		m = w.r.exchange
	}
	if m == nil || w.m.after {
		return "", ""
	}
	for _, proof := range w.b.checks(m.step, w.p.room) {
		if proof.Result != NotChecked {
			return at(m), proof.Result
		}
	}
	return at(m), NotChecked
}

// tell writes what is told of the chain's certificates, which depends on nothing but
// the chain: its appearance, and, where it is known, how the verifier is configured.
func (c *chain) tell(to *written) {
	for i := range c.shown() {
		c.issuer(to, i)
	}
	c.endEntity(to)
}

// place is the place of a certificate of the chain.
func (c *chain) place(i int) place { return entry(c.entry, i) }
