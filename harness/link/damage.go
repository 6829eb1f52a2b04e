package link

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"shakedown/harness/fault"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// headerOf returns how many bytes stand before the content of a unit: a record's
// header on TCP, nothing on QUIC.
func (l *Link) headerOf(b []byte) int {
	if l.transcript.Transport == outcome.TCP && len(b) > recordHeaderLen && looksLikeRecord(b) {
		return recordHeaderLen
	}
	return 0
}

// corrupt flips one bit of what arrives.
func (l *Link) corrupt(v *voyage, c fault.Corrupt) {
	b := l.copied(v)
	if len(b) == 0 {
		return
	}
	header := l.headerOf(b)
	at := header + c.Byte
	if c.Byte == fault.Middle {
		at = header + (len(b)-header)/2
	}
	at = min(at, len(b)-1)
	b[at] ^= 1 << c.Bit
	v.changed = true
	v.why = append(v.why, fmt.Sprintf("bit %d of byte %d flipped", c.Bit, at-header))
}

// truncate cuts what arrives short.
func (l *Link) truncate(v *voyage, n int) {
	b := v.bytes
	if b == nil {
		b = l.transcript.Units[v.unit].Sent
	}
	if n == fault.Half {
		n = len(b) / 2
	}
	if n >= len(b) {
		return
	}
	v.bytes, v.changed = b[:n:n], true
	v.why = append(v.why, "cut after "+plural(n, "byte"))
}

// copied returns what arrives of a unit, to be changed.
func (l *Link) copied(v *voyage) []byte {
	if v.bytes == nil {
		v.bytes = bytes.Clone(l.transcript.Units[v.unit].Sent)
	}
	return v.bytes
}

// chance draws whether a unit is lost or damaged. Each direction draws from a
// sequence of its own, twice for each unit, so that what becomes of a unit
// depends on the seed and on how many its side has sent before it.
//
// A CONNECTION_CLOSE is spared: its sender says nothing more (RFC 9000 10.2), so
// that a run in which it was lost would end with a time-out and not with what
// became of the handshake.
func (l *Link) chance(v *voyage) {
	p := l.path(v.from)
	if p.loss == 0 && p.corruption == 0 || l.transcript.Units[v.unit].Kind != transcript.Data {
		return
	}
	draw := l.dice[v.from]
	lost, damaged := fault.Rate(draw.IntN(1000)) < p.loss, fault.Rate(draw.IntN(1000)) < p.corruption
	at := draw.Uint64()
	v.drop = v.drop || lost
	if damaged && !lost {
		l.corrupt(v, fault.Corrupt{Byte: int(at >> 3 % uint64(max(len(l.transcript.Units[v.unit].Sent), 1))), Bit: int(at & 7)})
	}
}

// newDice returns each direction's sequence of random numbers.
func newDice(seed uint64) map[outcome.Role]*rand.Rand {
	return map[outcome.Role]*rand.Rand{
		outcome.Client: rand.New(rand.NewPCG(seed, 1)),
		outcome.Server: rand.New(rand.NewPCG(seed, 2)),
	}
}
