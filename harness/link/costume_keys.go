package link

import (
	"bytes"
	"io"
	"slices"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
)

// KeyLogs returns the key logs of the endpoint in the costume and of its peer, in
// place of those of the link.
//
// What the endpoint protects is translated to the keys of its peer, so the link
// is told the peer's secrets for both sides: a recording has the key log of the
// stack that the peer met.
func (c *Costume) KeyLogs() (wearer, peer io.Writer) {
	return costumeLog{c, c.role}, costumeLog{c, c.role.Peer()}
}

// A costumeLog is the key log writer of one side.
type costumeLog struct {
	costume *Costume
	role    outcome.Role
}

func (w costumeLog) Write(line []byte) (int, error) {
	c := w.costume
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.rewriter.link.transcript.Keys(w.role).Parse(line); err != nil {
		return 0, err
	}
	if w.role != c.role {
		if _, err := c.link.KeyLog(w.role).Write(line); err != nil {
			return 0, err
		}
	}
	if (w.role == c.role) == c.shared(line) {
		if _, err := c.link.KeyLog(c.role).Write(line); err != nil {
			return 0, err
		}
	}
	return len(line), c.flush()
}

// shared says that a line of the endpoint's own key log is that of the stack that
// it passes for: the secrets of the handshake come from the hellos alone
// (RFC 8446 7.1).
func (c *Costume) shared(line []byte) bool {
	label, _, _ := bytes.Cut(line, []byte(" "))
	return !c.rewriter.helloChanged && slices.Contains([]keylog.Label{
		keylog.ClientRandom, keylog.ClientEarlyTraffic, keylog.ClientHandshakeTraffic, keylog.ServerHandshakeTraffic,
	}, keylog.Label(label))
}
