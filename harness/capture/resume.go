package capture

import (
	"crypto/sha256"

	"golang.org/x/crypto/cryptobyte"

	"shakedown/harness/keylog"
	"shakedown/harness/tlswire"
)

// sessions says which handshake a session of TLS 1.2 began with, by its
// identifier or its ticket. A resumed one has no master secret of its own in a
// key log; trying all that are there would take as long as reading the file.
type sessions struct {
	began map[sessionName]keylog.Random
}

// A sessionName is the hash of a session identifier or of a ticket.
type sessionName [sha256.Size]byte

// maxSessions is how many sessions are remembered. Then it starts over.
const maxSessions = 1 << 16

func (s *sessions) remember(name []byte, random keylog.Random) {
	if len(name) == 0 {
		return
	}
	if s.began == nil || len(s.began) >= maxSessions {
		s.began = make(map[sessionName]keylog.Random)
	}
	s.began[sha256.Sum256(name)] = random
}

func (s *sessions) find(name []byte) (keylog.Random, bool) {
	if len(name) == 0 || len(s.began) == 0 {
		return keylog.Random{}, false
	}
	random, ok := s.began[sha256.Sum256(name)]
	return random, ok
}

// offered reads a ClientHello: its random, and the session that it offers to
// resume.
func (f *flow) offered(raw []byte) {
	hello := cryptobyte.String(raw[4:])
	var sessionID, suites, compression, extensions cryptobyte.String
	random := make([]byte, 32)
	if !hello.Skip(2) || !hello.CopyBytes(random) || !hello.ReadUint8LengthPrefixed(&sessionID) {
		return
	}
	f.random = keylog.Random(random)
	f.origin, f.sessionID = f.random, string(sessionID)
	origin, found := f.reader.sessions.find(sessionID)
	if hello.ReadUint16LengthPrefixed(&suites) && hello.ReadUint8LengthPrefixed(&compression) && hello.ReadUint16LengthPrefixed(&extensions) {
		if of, ok := f.reader.sessions.find(extension(extensions, tlswire.ExtSessionTicket)); ok {
			origin, found = of, true
		}
	}
	if found && origin != f.random {
		f.origin = origin
		f.reader.keys.Resume(f.random, origin)
	}
}

// extension returns the content of an extension, nil if there is none.
func extension(list cryptobyte.String, want uint16) []byte {
	for !list.Empty() {
		var kind uint16
		var content cryptobyte.String
		if !list.ReadUint16(&kind) || !list.ReadUint16LengthPrefixed(&content) {
			return nil
		}
		if kind == want {
			return content
		}
	}
	return nil
}

// answered reads a ServerHello: the identifier of a new session. One that
// repeats the client's resumes a session, or means nothing (RFC 8446 4.1.3).
func (f *flow) answered(raw []byte) {
	hello := cryptobyte.String(raw[4:])
	var sessionID cryptobyte.String
	if !hello.Skip(2+32) || !hello.ReadUint8LengthPrefixed(&sessionID) || string(sessionID) == f.sessionID {
		return
	}
	f.origin = f.random // the server makes a new session
	f.reader.sessions.remember(sessionID, f.origin)
}

// issued reads a NewSessionTicket of TLS 1.2 (RFC 5077 3.3).
func (f *flow) issued(raw []byte) {
	ticket := cryptobyte.String(raw[4:])
	var content cryptobyte.String
	if ticket.Skip(4) && ticket.ReadUint16LengthPrefixed(&content) {
		f.reader.sessions.remember(content, f.origin)
	}
}
