package link

import (
	"bytes"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// A recordWeaver takes the records of one direction of TLS over TCP apart and
// puts them together again, with what the rewriter makes of their messages.
type recordWeaver struct {
	*rewriter
	from outcome.Role
	// level is what protects the sender's next record in TLS 1.3.
	level weaveLevel
	// open undoes the sender's protection, seal protects for the receiver.
	open, seal *tlswire.Protection
	// foreign says that the two are of different keys.
	foreign bool
	// message is the beginning of a handshake message, passed how much of it has
	// been let through already.
	message []byte
	passed  int
	// behind says that a TLS 1.2 sender has changed its cipher: what follows is
	// let through as it is.
	behind bool
	// updates says that a KeyUpdate was sent.
	updates bool
}

type weaveLevel int

const (
	inTheClear weaveLevel = iota
	underHandshake
	underApplication
)

// labels name the secrets of TLS 1.3 that protect what a side sends.
var weaveLabels = map[outcome.Role]map[weaveLevel]keylog.Label{
	outcome.Client: {underHandshake: keylog.ClientHandshakeTraffic, underApplication: keylog.ClientTraffic},
	outcome.Server: {underHandshake: keylog.ServerHandshakeTraffic, underApplication: keylog.ServerTraffic},
}

// weave returns what arrives in place of a record. The error is errNotYet if a key
// is still to come; then nothing has happened.
func (w *recordWeaver) weave(unit []byte) (woven, error) {
	as := woven{bytes: unit}
	rec, n, err := tlswire.ParseRecord(unit)
	if err != nil || n != len(unit) || w.behind {
		return as, nil
	}
	if rec.Type == tlswire.ApplicationData && w.version == tlswire.VersionTLS13 {
		return w.protected(rec)
	}
	switch rec.Type {
	case tlswire.ChangeCipherSpec:
		w.behind = w.version != tlswire.VersionTLS13 && w.version != 0
	case tlswire.Handshake:
		content, ways, changed, err := w.content(rec.Payload)
		if err != nil || !changed {
			return as, err
		}
		as = woven{bytes: []byte{}, rewrites: ways, changed: true}
		if len(content) > 0 {
			as.bytes = tlswire.AppendRecord(nil, rec.Type, rec.Version, content)
		}
	}
	return as, nil
}

// protected weaves a record of TLS 1.3 that is protected.
func (w *recordWeaver) protected(rec tlswire.Record) (woven, error) {
	as := woven{bytes: rec.Raw}
	if w.level == inTheClear {
		w.level = underHandshake
	}
	if err := w.keys(); err != nil {
		return as, err
	}
	typ, content, err := w.open.Open(rec)
	if err != nil {
		return as, nil // no record of the sender's; its receiver will say so
	}
	out, changed := content, false
	level := w.level
	if typ == tlswire.Handshake {
		if out, as.rewrites, changed, err = w.content(content); err != nil {
			return as, err
		}
	}
	as.changed = changed
	if !changed && !w.foreign && w.seal.Opened()+1 == w.open.Opened() && !w.link.options.Reprotect {
		w.seal.Skip()
	} else if as.bytes, err = w.sealAll(typ, out); err != nil {
		return as, err
	}
	if level != w.level { // the sender's Finished was in it
		w.open, w.seal = nil, nil
	}
	return as, w.update()
}

// sealAll protects content in as many records as it takes.
func (w *recordWeaver) sealAll(typ tlswire.ContentType, content []byte) ([]byte, error) {
	const most = 1 << 14
	out := []byte{}
	for len(content) > 0 {
		n := min(len(content), most)
		rec, err := w.seal.Seal(typ, content[:n])
		if err != nil {
			return nil, err
		}
		out, content = append(out, rec...), content[n:]
	}
	return out, nil
}

// keys finds the keys of the level, if it does not have them yet.
func (w *recordWeaver) keys() error {
	if w.open != nil {
		return nil
	}
	label := weaveLabels[w.from][w.level]
	mine, theirs := w.secret(w.from, label), w.secret(w.from.Peer(), label)
	if !w.impersonates || w.level == underHandshake && !w.helloChanged {
		theirs = mine
	}
	if mine == nil || theirs == nil {
		return errNotYet
	}
	open, err := tlswire.NewTrafficKeys13(w.seen(w.from).transcript.Suite, mine)
	if err != nil {
		return err
	}
	to := w.from.Peer()
	if !w.impersonates {
		to = w.from
	}
	seal, err := tlswire.NewTrafficKeys13(w.seen(to).transcript.Suite, theirs)
	if err != nil {
		return err
	}
	w.open, w.seal, w.foreign = open, seal, !bytes.Equal(mine, theirs)
	return nil
}

// content takes the handshake messages of one record apart and returns what
// stands in their place. Of a message that is not whole yet it holds back what
// may be changed, and lets the rest through.
func (w *recordWeaver) content(b []byte) (out []byte, ways []transcript.Rewrite, changed bool, err error) {
	w.message = append(w.message, b...)
	for len(w.message) > 0 {
		typ := tlswire.HandshakeType(w.message[0])
		concerned := w.concerns(w.from, typ)
		n, known := tlswire.HandshakeLen(w.message)
		if !known || n > len(w.message) {
			if !concerned {
				out = append(out, w.message[w.passed:]...)
				w.passed = len(w.message)
			}
			break
		}
		raw := bytes.Clone(w.message[:n])
		made, said, err := w.rewriter.message(w.from, raw)
		if err != nil {
			return nil, nil, false, err
		}
		ways = append(ways, said...)
		out = append(out, made[min(w.passed, len(made)):]...)
		w.message, w.passed = w.message[n:], 0
		w.after(typ)
	}
	return out, ways, !bytes.Equal(out, b), nil
}

// after moves on to the keys that follow a message.
func (w *recordWeaver) after(typ tlswire.HandshakeType) {
	switch {
	case w.version != tlswire.VersionTLS13:
	case typ == tlswire.TypeFinished:
		w.level = underApplication
	case typ == tlswire.TypeKeyUpdate:
		w.updates = true
	}
}

// update follows a KeyUpdate: "all subsequent messages" are under new keys
// (RFC 8446 4.6.3).
func (w *recordWeaver) update() (err error) {
	if !w.updates || w.open == nil {
		return nil
	}
	w.updates = false
	if w.open, err = w.open.Next(); err != nil {
		return err
	}
	w.seal, err = w.seal.Next()
	return err
}
