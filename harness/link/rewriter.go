package link

import (
	"bytes"
	"crypto"
	"fmt"

	"shakedown/harness/fault"
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/rewrite"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// A Signer holds the key of a certificate, so that the link can sign in its name.
type Signer struct {
	Certificate []byte // DER
	Key         crypto.Signer
}

// A rewriter changes handshake messages inside their protection. It follows what
// each side has seen: what it sent itself, and what arrived of the other's.
//
// The carriers of TLS hand it whole messages, in the order in which they travel,
// and protect what it returns. It is used with the link's lock held.
type rewriter struct {
	link *Link
	// impersonates says that some message is rewritten so that each side meets a
	// stack which really behaves like that: then CertificateVerify and Finished
	// are made anew, and every record is protected with the receiver's own keys.
	impersonates bool
	client       seen
	server       seen
	version      uint16
	// helloChanged says that the two sides have seen different hellos, so that
	// they hold different handshake secrets.
	helloChanged bool
	// serverRandom is the ServerHello.random that the server has sent.
	serverRandom [32]byte
	// used says which of the link's faults have changed a message.
	used []bool
}

// What one side has seen of the handshake.
type seen struct {
	transcript tlswire.Transcript13
	// random is the ClientHello.random, under which this side's secrets are filed.
	random keylog.Random
	// peer is the first certificate of the other side.
	peer []byte
}

func newRewriter(l *Link) *rewriter {
	r := &rewriter{link: l, used: make([]bool, len(l.options.Faults))}
	found := l.options.Reprotect
	for _, f := range l.options.Faults {
		if f.Do.Rewrite != nil {
			found = true
			r.impersonates = r.impersonates || f.Do.Rewrite.Mode == fault.Impersonate
		}
	}
	if !found {
		return nil
	}
	return r
}

func (r *rewriter) seen(role outcome.Role) *seen {
	if role == outcome.Client {
		return &r.client
	}
	return &r.server
}

// secret returns a side's own secret of that label, nil if it has not logged it.
func (r *rewriter) secret(role outcome.Role, label keylog.Label) []byte {
	return r.link.transcript.Keys(role).Secret(label, r.seen(role).random)
}

// concerns says that a message whose type is known may not pass as it is.
func (r *rewriter) concerns(from outcome.Role, typ tlswire.HandshakeType) bool {
	if r.impersonates && (typ == tlswire.TypeCertificateVerify || typ == tlswire.TypeFinished) {
		return true
	}
	for _, f := range r.link.options.Faults {
		if f.Do.Rewrite == nil || f.On.From != "" && f.On.From != from {
			continue
		}
		if f.On.Message == typ.String() || f.On.Message == "HelloRetryRequest" && typ == tlswire.TypeServerHello {
			return true
		}
	}
	return false
}

// message takes one whole handshake message and returns what arrives in its
// place, and in what ways that differs.
func (r *rewriter) message(from outcome.Role, raw []byte) (out []byte, ways []transcript.Rewrite, err error) {
	typ := tlswire.HandshakeType(raw[0])
	name := typ.String()
	parsed, _ := tlswire.ParseHandshake(raw, r.version)
	if hello, ok := parsed.(*tlswire.ServerHello); ok {
		name, r.version = hello.Name(), hello.NegotiatedVersion()
	}
	front := r.inserted(from, name)
	out, why, by, err := r.rewritten(from, name, raw)
	if err != nil {
		return nil, nil, err
	}
	if r.impersonates && len(out) > 0 {
		var made string
		if out, made, err = r.madeAnew(from, typ, out); err != nil {
			return nil, nil, err
		}
		if made != "" {
			why = append(why, made)
		}
	}
	r.saw(from, raw)
	r.sawAll(from.Peer(), out)
	r.note(from, typ, raw, out)
	out = append(front, out...)
	r.link.passages = append(r.link.passages, Passage{From: from, Name: name, Sent: raw, Arrives: out, Rewrites: by})
	for _, what := range why {
		ways = append(ways, transcript.Rewrite{Message: name, Why: what})
	}
	return out, ways, nil
}

// inserted returns the messages that are put in front of one, and notes that the
// receiver sees them.
func (r *rewriter) inserted(from outcome.Role, name string) (front []byte) {
	for _, f := range r.link.options.Faults {
		if f.Do.Rewrite != nil && f.On.Message == name && (f.On.From == "" || f.On.From == from) {
			front = append(front, f.Do.Rewrite.Insert...)
		}
	}
	r.sawAll(from.Peer(), front)
	return front
}

// sawAll adds whole messages to what a side has seen.
func (r *rewriter) sawAll(role outcome.Role, messages []byte) {
	for len(messages) >= 4 {
		n, _ := tlswire.HandshakeLen(messages)
		n = min(n, len(messages))
		r.saw(role, messages[:n])
		messages = messages[n:]
	}
}

// rewritten applies what the faults say of a message. by are the indices of those
// that do.
func (r *rewriter) rewritten(from outcome.Role, name string, raw []byte) (out []byte, why []string, by []int, err error) {
	out = raw
	for i, f := range r.link.options.Faults {
		if f.Do.Rewrite == nil || f.On.Message != name || f.On.From != "" && f.On.From != from || len(out) == 0 {
			continue
		}
		var what string
		if out, what, err = rewrite.Apply(f.Do.Rewrite, out, r.version); err != nil {
			return nil, nil, nil, err
		}
		why, by, r.used[i] = append(why, what), append(by, i), true
	}
	return out, why, by, nil
}

// saw adds a message to what a side has seen, until the handshake is over.
func (r *rewriter) saw(role outcome.Role, message []byte) {
	switch tlswire.HandshakeType(message[0]) {
	case tlswire.TypeNewSessionTicket, tlswire.TypeKeyUpdate:
	default:
		r.seen(role).transcript.Add(message)
	}
}

// note takes down what later messages need of this one.
func (r *rewriter) note(from outcome.Role, typ tlswire.HandshakeType, raw, out []byte) {
	switch typ {
	case tlswire.TypeClientHello:
		r.client.random = helloRandom(raw, r.client.random)
		r.server.random = helloRandom(out, r.server.random)
	case tlswire.TypeServerHello:
		r.serverRandom = helloRandom(raw, [32]byte{})
		r.server.transcript.Suite = chosenSuite(raw)
		r.client.transcript.Suite = chosenSuite(out)
	case tlswire.TypeCertificate:
		r.seen(from.Peer()).peer = firstCertificate(out, r.version)
	}
	if (typ == tlswire.TypeClientHello || typ == tlswire.TypeServerHello) && !bytes.Equal(raw, out) {
		r.helloChanged = true
	}
}

// helloRandom returns the random of a ClientHello, before if it has none.
func helloRandom(message []byte, before keylog.Random) keylog.Random {
	const at = 4 + 2 // behind the header and legacy_version
	if len(message) < at+len(before) || before != (keylog.Random{}) {
		return before // secrets stay filed under the first one
	}
	return keylog.Random(message[at:])
}

func chosenSuite(message []byte) uint16 {
	m, _ := tlswire.ParseHandshake(message, 0)
	if hello, ok := m.(*tlswire.ServerHello); ok {
		return hello.CipherSuite
	}
	return 0
}

func firstCertificate(message []byte, version uint16) []byte {
	m, _ := tlswire.ParseHandshake(message, version)
	if c, ok := m.(*tlswire.Certificate); ok && len(c.Entries) > 0 {
		return bytes.Clone(c.Entries[0].Data)
	}
	return nil
}

// madeAnew signs a CertificateVerify again and computes a Finished again, over
// what the receiver has seen, where that is not what the sender has.
func (r *rewriter) madeAnew(from outcome.Role, typ tlswire.HandshakeType, message []byte) (out []byte, what string, err error) {
	to := r.seen(from.Peer())
	if r.agree() {
		return message, "", nil
	}
	switch typ {
	case tlswire.TypeFinished:
		label := keylog.ServerHandshakeTraffic
		if from == outcome.Client {
			label = keylog.ClientHandshakeTraffic
		}
		secret := r.secret(from.Peer(), label)
		if secret == nil {
			secret = r.secret(from, label)
		}
		data, err := to.transcript.VerifyData(secret)
		if err != nil {
			return nil, "", fmt.Errorf("compute Finished again: %w", err)
		}
		return tlswire.AppendHandshake(nil, typ, data), "computed again", nil
	case tlswire.TypeCertificateVerify:
		return r.signedAgain(from, message)
	}
	return message, "", nil
}

// agree says that both sides have seen the same.
func (r *rewriter) agree() bool {
	a, b := r.client.transcript.Messages, r.server.transcript.Messages
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}
