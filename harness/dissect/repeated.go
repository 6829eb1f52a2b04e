package dissect

import (
	"bytes"
	"sync"

	"shakedown/harness/field"
	"shakedown/harness/tlswire"
)

// repeats says that a message has nothing fresh in it: in every handshake of the
// same two sides it is the same.
func repeats(raw []byte) bool {
	if len(raw) == 0 {
		return false
	}
	kind := tlswire.HandshakeType(raw[0])
	return kind == tlswire.TypeCertificate || kind == tlswire.TypeCertificateRequest
}

// knownMessages has the fields of messages that repeat, by their version.
var knownMessages field.Memo[uint16]

// knownReadings has such messages as they were read.
var knownReadings repeated

// What is remembered of them before they start over, in messages and bytes.
const (
	mostRepeated      = 256
	mostRepeatedBytes = 1 << 20
)

// repeated are messages that were read, by their bytes. They may be asked by several
// goroutines at once.
type repeated struct {
	mu   sync.RWMutex
	of   map[message]read
	size int
}

// A message is a handshake message in the layout of a version.
type message struct {
	raw     string
	version uint16
}

// A read is a message that was read, and what its step says of it. Steps of several
// connections share it.
type read struct {
	message tlswire.Message
	summary string
}

// find returns what such a message is, if it was remembered.
func (r *repeated) find(raw []byte, version uint16) (m read, known bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	m, known = r.of[message{string(raw), version}]
	return m, known
}

// remember takes note of what a message is. Nothing of it may be a recording's.
func (r *repeated) remember(raw []byte, version uint16, m read) {
	of := message{string(raw), version}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil || len(r.of) >= mostRepeated || r.size+len(of.raw) > mostRepeatedBytes {
		r.of, r.size = make(map[message]read), 0
	}
	if _, known := r.of[of]; !known {
		r.of[of] = m
		r.size += len(of.raw)
	}
}

// read reads a message, and one that repeats only once.
func (d *Dissector) read(raw []byte, version uint16) (read, error) {
	repeated := repeats(raw)
	if repeated {
		if known, ok := knownReadings.find(raw, version); ok {
			return known, nil
		}
		raw = bytes.Clone(raw) // what is remembered outlives the recording
	}
	m, err := tlswire.ParseHandshake(raw, version)
	if err != nil {
		return read{message: m}, err
	}
	fresh := read{m, d.summarise(m)}
	if repeated {
		knownReadings.remember(raw, version, fresh)
	}
	return fresh, nil
}
