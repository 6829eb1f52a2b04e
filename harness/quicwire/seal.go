package quicwire

import (
	"fmt"

	"github.com/quic-go/quic-go/quicvarint"
)

// Seal protects a packet again: that header, unprotected and with its packet
// number, and that payload, under the packet number (RFC 9001 5.3 and 5.4). Where
// the header has a Length field it is set to what the payload needs; the packet
// number keeps its length. A payload too short for a header protection sample is
// filled with PADDING.
//
// Opened.Header and Opened.Number of the packet are what to begin with.
func (k *Protection) Seal(p *Packet, o Opened, payload []byte) ([]byte, error) {
	// "in sampling packet ciphertext for header protection, the Packet Number
	// field is assumed to be 4 bytes long" (RFC 9001 5.4.2).
	if short := 4 - o.NumberLength - len(payload); short > 0 {
		payload = append(append([]byte(nil), payload...), make([]byte, short)...)
	}
	header, number, err := lengthen(p, o, len(payload))
	if err != nil {
		return nil, err
	}
	k.nonce = k.iv
	for i := range 8 {
		k.nonce[ivSize-1-i] ^= byte(o.Number >> (8 * i))
	}
	out := k.aead.Seal(append(make([]byte, 0, len(header)+len(payload)+tagSize), header...), k.nonce[:], payload, header)
	if err := k.makeMask(out[number+4:]); err != nil {
		return nil, err
	}
	if p.LongHeader() {
		out[0] ^= k.mask[0] & 0x0f
	} else {
		out[0] ^= k.mask[0] & 0x1f
	}
	for i := range o.NumberLength {
		out[number+i] ^= k.mask[1+i]
	}
	return out, nil
}

// lengthen returns the header with its Length field set for a payload of that
// size, and where the packet number begins.
func lengthen(p *Packet, o Opened, payload int) (header []byte, number int, err error) {
	if p.lengthAt == 0 {
		return o.Header, p.number, nil
	}
	length := uint64(o.NumberLength + payload + tagSize)
	size := p.number - p.lengthAt
	header = append(header, o.Header[:p.lengthAt]...)
	if quicvarint.Len(length) > size {
		size = quicvarint.Len(length)
	}
	if size > 8 {
		return nil, 0, fmt.Errorf("seal: a Length field of %d bytes", size)
	}
	header = quicvarint.AppendWithLen(header, length, size)
	number = len(header)
	return append(header, o.Header[p.number:]...), number, nil
}

// AppendCrypto appends a CRYPTO frame (RFC 9000 19.6).
func AppendCrypto(b []byte, offset uint64, data []byte) []byte {
	b = quicvarint.Append(b, uint64(FrameCrypto))
	b = quicvarint.Append(b, offset)
	b = quicvarint.Append(b, uint64(len(data)))
	return append(b, data...)
}
