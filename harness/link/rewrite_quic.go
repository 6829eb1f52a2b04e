package link

import (
	"bytes"
	"errors"
	"fmt"

	"shakedown/harness/field"
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// maxDatagram is the largest datagram that arrives whole: quic-go receives into
// buffers of 1,452 bytes, what an Ethernet frame leaves over IPv6 and UDP.
const maxDatagram = 1452

// A datagramWeaver takes QUIC datagrams apart and puts them together again, with
// what the rewriter makes of their messages. Datagrams and packets keep their
// numbers: only CRYPTO frames change, and PADDING makes up for what they leave.
type datagramWeaver struct {
	*rewriter
	sides map[outcome.Role]*quicSender
	// version and initial are those of the client's first packet.
	version quicwire.Version
	initial map[outcome.Role]*quicwire.Protection
}

// A quicSender is one side of the connection, as far as its packets show it.
type quicSender struct {
	role outcome.Role
	// idLength is the length of the connection IDs that it chose.
	idLength int
	// largest is the largest packet number seen in each space, -1 for none.
	largest [3]int64
	crypto  [3]cryptoWeaver
	// open undoes the protection of its packets, seal protects them for the other
	// side, by space.
	open, seal [3]*quicwire.Protection
}

func newDatagramWeaver(r *rewriter) *datagramWeaver {
	w := &datagramWeaver{rewriter: r, sides: map[outcome.Role]*quicSender{}}
	for _, role := range []outcome.Role{outcome.Client, outcome.Server} {
		w.sides[role] = &quicSender{role: role, largest: [3]int64{-1, -1, -1}}
	}
	return w
}

// A quicPart is one packet of a datagram.
type quicPart struct {
	quicwire.Packet
	space  int
	opened quicwire.Opened
	frames []quicwire.Frame
	// whole says that it is let through as it is.
	whole bool
}

// spaceOf returns the packet number space of a packet (RFC 9000 12.3).
func spaceOf(t quicwire.PacketType) int {
	switch t {
	case quicwire.Initial:
		return 0
	case quicwire.Handshake:
		return 1
	}
	return 2
}

// learn reads the messages of a datagram.
func (w *datagramWeaver) learn(from outcome.Role, b []byte) error {
	side := w.sides[from]
	parts, _ := w.parts(side, b)
	_, _, err := w.readable(side, parts, b)
	return err
}

// unit weaves one datagram, or the packets of one that had to wait.
func (w *datagramWeaver) unit(from outcome.Role, b []byte) (out woven, rest []byte, err error) {
	side, sent := w.sides[from], len(b)
	parts, missing := w.parts(side, b)
	parts, rest, err = w.readable(side, parts, b)
	switch {
	case err != nil:
		return out, nil, err
	case rest == nil && missing != nil, len(parts) == 0 && rest != nil:
		return out, nil, errNotYet
	}
	for i := range parts {
		if !w.decided(side, &parts[i]) {
			return out, nil, errNotYet
		}
	}
	out.bytes = []byte{}
	for i := range parts {
		sealed, err := w.seal(side, &parts[i], &out)
		if err != nil {
			return out, nil, err
		}
		out.bytes, b = append(out.bytes, sealed...), b[len(parts[i].Raw):]
	}
	if rest == nil {
		out.bytes = append(out.bytes, b...) // what is no packet
	}
	if len(out.bytes) > max(sent, maxDatagram) {
		return out, nil, fmt.Errorf("the datagram has %s bytes then, and no more than %s arrive; rewrite less", field.Thousands(len(out.bytes)), field.Thousands(maxDatagram))
	}
	return out, rest, nil
}

// readable reads the messages of the packets, up to the first packet that waits
// for the receiver's key: it and what follows are the rest. What the receiver makes
// of a message can need that key, so that nothing is read before it is there.
func (w *datagramWeaver) readable(side *quicSender, parts []quicPart, b []byte) ([]quicPart, []byte, error) {
	for i := range parts {
		if !parts[i].whole {
			if _, _, err := w.sealer(side, parts[i].space); errors.Is(err, errNotYet) {
				return parts[:i], b, nil
			}
		}
		if err := w.read(side, &parts[i]); err != nil {
			return nil, nil, err
		}
		b = b[len(parts[i].Raw):]
	}
	return parts, nil, nil
}

// parts opens the packets of a datagram. What cannot be opened ends them.
func (w *datagramWeaver) parts(side *quicSender, b []byte) (parts []quicPart, missing error) {
	for len(b) > 0 {
		p, err := quicwire.ParsePacket(b, w.sides[side.role.Peer()].idLength)
		if err != nil {
			return parts, nil
		}
		part := quicPart{Packet: p, space: spaceOf(p.Type)}
		if p.LongHeader() && p.Type != quicwire.Unknown && p.Type != quicwire.VersionNegotiation {
			side.idLength = len(p.SourceID)
		}
		if part.whole = !w.opens(p.Type); !part.whole {
			if missing = w.open(side, &part); missing != nil {
				return parts, missing
			}
		}
		parts, b = append(parts, part), b[len(p.Raw):]
	}
	return parts, nil
}

// opens says that packets of that type have to be opened at all.
func (w *datagramWeaver) opens(t quicwire.PacketType) bool {
	return t == quicwire.Initial || t == quicwire.Handshake || t == quicwire.OneRTT && (w.impersonates || w.link.options.Reprotect)
}

// open undoes the protection of a packet. A packet that its sender's key does not
// open is let through.
func (w *datagramWeaver) open(side *quicSender, p *quicPart) error {
	k, err := w.opener(side, p)
	if err != nil {
		return err
	}
	largest := side.largest[p.space]
	if p.opened, err = k.Open(nil, &p.Packet, largest); err != nil {
		p.whole = true
		return nil
	}
	side.largest[p.space] = max(largest, int64(p.opened.Number))
	if p.frames, err = quicwire.ParseFrames(p.opened.Payload); err != nil {
		p.whole = true
	}
	return nil
}

// quicLabels name the secrets beyond the Initial ones.
var quicLabels = map[outcome.Role][3]keylog.Label{
	outcome.Client: {1: keylog.ClientHandshakeTraffic, 2: keylog.ClientTraffic},
	outcome.Server: {1: keylog.ServerHandshakeTraffic, 2: keylog.ServerTraffic},
}

// opener returns what undoes the protection of a packet.
func (w *datagramWeaver) opener(side *quicSender, p *quicPart) (*quicwire.Protection, error) {
	if side.open[p.space] != nil {
		return side.open[p.space], nil
	}
	if p.space == 0 {
		if err := w.begin(side, p); err != nil {
			return nil, err
		}
		return side.open[0], nil
	}
	k, err := w.protection(side.role, side.role, p.space)
	if err == nil {
		side.open[p.space] = k
	}
	return k, err
}

// begin derives the Initial keys from the client's first packet.
func (w *datagramWeaver) begin(side *quicSender, p *quicPart) error {
	if w.initial == nil {
		client, server, err := quicwire.InitialProtection(p.Version, p.DestinationID)
		if err != nil {
			return err
		}
		w.version = p.Version
		w.initial = map[outcome.Role]*quicwire.Protection{outcome.Client: client, outcome.Server: server}
	}
	side.open[0], side.seal[0] = w.initial[side.role], w.initial[side.role]
	return nil
}

// protection returns the keys of what one side sends, as that owner has logged them.
func (w *datagramWeaver) protection(from, owner outcome.Role, space int) (*quicwire.Protection, error) {
	secret := w.secret(owner, quicLabels[from][space])
	if secret == nil {
		return nil, errNotYet
	}
	return quicwire.NewProtection(w.version, w.seen(owner).transcript.Suite, secret)
}

// read takes the CRYPTO frames of a packet, and hands on the messages that are
// whole with them.
func (w *datagramWeaver) read(side *quicSender, p *quicPart) error {
	if p.whole || p.space == 2 {
		return nil
	}
	stream := &side.crypto[p.space]
	for i := range p.frames {
		f := &p.frames[i]
		if f.Type != quicwire.FrameCrypto {
			continue
		}
		if err := stream.add(f.Offset, f.Data); err != nil {
			return err
		}
	}
	return stream.messages(func(raw []byte) ([]byte, []transcript.Rewrite, error) { return w.rewriter.message(side.role, raw) })
}

// decided says that all messages are whole of which the packet holds a part.
func (w *datagramWeaver) decided(side *quicSender, p *quicPart) bool {
	if p.whole || p.space == 2 {
		return true
	}
	for i := range p.frames {
		if f := &p.frames[i]; f.Type == quicwire.FrameCrypto && !side.crypto[p.space].decided(f.Offset+uint64(len(f.Data))) {
			return false
		}
	}
	return true
}

// seal returns a packet as it arrives, and adds to out what was changed in it.
func (w *datagramWeaver) seal(side *quicSender, p *quicPart, out *woven) ([]byte, error) {
	if p.whole {
		return p.Raw, nil
	}
	k, foreign, err := w.sealer(side, p.space)
	if err != nil {
		return nil, err
	}
	payload, ways := p.opened.Payload, []transcript.Rewrite(nil)
	if p.space < 2 {
		payload, ways = side.crypto[p.space].payload(p.frames, p.opened.Payload)
	}
	if !foreign && bytes.Equal(payload, p.opened.Payload) && !w.link.options.Reprotect {
		return p.Raw, nil
	}
	out.changed = out.changed || !bytes.Equal(payload, p.opened.Payload)
	out.rewrites = append(out.rewrites, ways...)
	return k.Seal(&p.Packet, p.opened, payload)
}

// sealer returns what protects a side's packets for the other side, and whether
// that is another key than the sender's own.
func (w *datagramWeaver) sealer(side *quicSender, space int) (k *quicwire.Protection, foreign bool, err error) {
	if !w.impersonates || space == 0 || space == 1 && !w.helloChanged {
		return side.open[space], false, nil
	}
	if side.seal[space] == nil {
		if side.seal[space], err = w.protection(side.role, side.role.Peer(), space); err != nil {
			return nil, false, err
		}
	}
	return side.seal[space], true, nil
}

// A cryptoWeaver is one side's stream of handshake messages at one level: as it
// was sent, and as it arrives.
type cryptoWeaver struct {
	buffer quicwire.CryptoBuffer
	edits  []cryptoEdit
	// sent is how much of it is whole messages; out is what arrives in its place.
	sent uint64
	out  []byte
}

// A cryptoEdit is a message of which something else arrives: what was sent from
// start to end arrives from at on, with that length.
type cryptoEdit struct {
	start, end, at uint64
	length         uint64
	ways           []transcript.Rewrite
}

func (c *cryptoWeaver) add(offset uint64, data []byte) error {
	_, err := c.buffer.Add(offset, data)
	return err
}

// decided says that what the stream holds up to there has its place in what arrives.
func (c *cryptoWeaver) decided(end uint64) bool { return end <= c.sent }

// messages hands on every message that is whole.
func (c *cryptoWeaver) messages(rewrite func(raw []byte) ([]byte, []transcript.Rewrite, error)) error {
	for {
		b := c.buffer.Bytes()
		n, ok := tlswire.HandshakeLen(b)
		if !ok || n > len(b) {
			return nil
		}
		raw := bytes.Clone(b[:n])
		out, ways, err := rewrite(raw)
		if err != nil {
			return err
		}
		if !bytes.Equal(raw, out) {
			c.edits = append(c.edits, cryptoEdit{start: c.sent, end: c.sent + uint64(n), at: uint64(len(c.out)), length: uint64(len(out)), ways: ways})
		}
		c.out, c.sent = append(c.out, out...), c.sent+uint64(n)
		c.buffer.Consume(n)
	}
}

// place returns where a place of what was sent is in what arrives. Within a
// changed message it goes on until the new one ends, so that what arrives has no
// gap however the sender cuts its stream, and cuts it again.
func (c *cryptoWeaver) place(x uint64) uint64 {
	y := x
	for _, e := range c.edits {
		switch {
		case x <= e.start:
			return y
		case x < e.end:
			return e.at + min(x-e.start, e.length)
		}
		y = e.at + e.length + x - e.end
	}
	return y
}

// payload returns the frames of a packet with its CRYPTO frames as they arrive,
// and what was changed in them. PADDING takes the room that is left, and leaves
// it where more is needed.
func (c *cryptoWeaver) payload(frames []quicwire.Frame, sent []byte) (out []byte, ways []transcript.Rewrite) {
	if len(c.edits) == 0 {
		return sent, nil
	}
	padding := 0
	for i := range frames {
		f := &frames[i]
		switch f.Type {
		case quicwire.FrameCrypto:
			start, end := c.place(f.Offset), c.place(f.Offset+uint64(len(f.Data)))
			ways = append(ways, c.rewrites(f.Offset, f.Offset+uint64(len(f.Data)))...)
			if start < end || len(f.Data) == 0 {
				out = quicwire.AppendCrypto(out, start, c.out[start:end])
			}
		case quicwire.FramePadding:
			padding += len(f.Raw)
		default:
			out = append(out, f.Raw...)
		}
	}
	if len(out) < len(sent) {
		// A STREAM frame can reach to the end of its packet (RFC 9000 19.8): room is
		// made in front.
		room := make([]byte, len(sent)-len(out))
		if len(frames) > 0 && padding > 0 && frames[len(frames)-1].Type == quicwire.FramePadding {
			return append(out, room...), ways
		}
		return append(room, out...), ways
	}
	return out, ways
}

// rewrites says which messages were changed between two places of what was sent.
func (c *cryptoWeaver) rewrites(start, end uint64) (ways []transcript.Rewrite) {
	for _, e := range c.edits {
		if e.start < end && start < e.end {
			ways = append(ways, e.ways...)
		}
	}
	return ways
}
