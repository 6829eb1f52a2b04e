package capture

import (
	"strings"

	"shakedown/harness/keylog"
)

// Keys are the secrets that a file is read with. Our own files keep apart what
// each side has logged; anybody else's log is that of both. The zero Keys are
// empty and ready, and safe for concurrent use.
type Keys struct {
	Client, Server, Both keylog.Store
}

// Logs returns the logs of the two sides of a connection, which grow as more
// secrets are found.
func (k *Keys) Logs() (client, server keylog.Log) {
	return keylog.View(&k.Client, &k.Both), keylog.View(&k.Server, &k.Both)
}

// Resume says that a session of TLS 1.2 is resumed ([keylog.Store.Resume]).
func (k *Keys) Resume(random, of keylog.Random) {
	for _, s := range []*keylog.Store{&k.Client, &k.Server, &k.Both} {
		s.Resume(random, of)
	}
}

// Used says that one of the secrets belongs to a connection that was read.
func (k *Keys) Used() bool { return k.Client.Used() || k.Server.Used() || k.Both.Used() }

// Len returns the number of secrets.
func (k *Keys) Len() int { return k.Client.Len() + k.Server.Len() + k.Both.Len() }

// The comments with which a secrets block of our own says whose log it holds.
const (
	clientKeyLog = "client key log"
	serverKeyLog = "server key log"
	bothKeyLog   = "key log of both sides"
)

// ours says that a block's comment is one of them. In our own files each
// connection has its key log before it.
func ours(comment string) bool {
	return strings.HasPrefix(comment, clientKeyLog) || strings.HasPrefix(comment, serverKeyLog) || strings.HasPrefix(comment, bothKeyLog)
}

// of returns the store for a block with that comment.
func (k *Keys) of(comment string) *keylog.Store {
	switch {
	case strings.HasPrefix(comment, clientKeyLog):
		return &k.Client
	case strings.HasPrefix(comment, serverKeyLog):
		return &k.Server
	}
	return &k.Both
}
