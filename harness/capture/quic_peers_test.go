package capture

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"shakedown/harness/keylog"
	"shakedown/harness/quicwire"
)

// Peers are a client and a server that have agreed on secrets: what they send can
// be opened with their key log.
type peers struct {
	t       testing.TB
	version quicwire.Version
	suite   uint16
	name    string
	// own is the client's connection ID.
	own     string
	random  keylog.Random
	initial [2]*quicwire.Protection
	secrets map[keylog.Label][]byte
	number  uint32
}

// newPeers makes peers whose connection IDs end with a name.
func newPeers(t testing.TB, version quicwire.Version, suite uint16, name string) *peers {
	p := &peers{t: t, version: version, suite: suite, name: name, own: "client" + name, secrets: map[keylog.Label][]byte{}}
	copy(p.random[:], "the random of "+name)
	p.attempt(p.firstID())
	size := 32
	if suite == tls.TLS_AES_256_GCM_SHA384 {
		size = 48
	}
	for i, label := range []keylog.Label{keylog.ClientHandshakeTraffic, keylog.ServerHandshakeTraffic, keylog.ClientTraffic, keylog.ServerTraffic} {
		p.secrets[label] = bytes.Repeat([]byte{byte(i), name[0]}, size/2)
	}
	return p
}

func (p *peers) firstID() string  { return "destination" + p.name }
func (p *peers) clientID() string { return p.own }
func (p *peers) serverID() string { return "the server's" + p.name }

// attempt has the Initial packets from now on under the keys of that Destination
// Connection ID.
func (p *peers) attempt(id string) {
	p.t.Helper()
	client, server, err := quicwire.InitialProtection(p.version, []byte(id))
	if err != nil {
		p.t.Fatal(err)
	}
	p.initial = [2]*quicwire.Protection{client, server}
}

// log is their key log.
func (p *peers) log() []byte {
	var b bytes.Buffer
	for label, secret := range p.secrets {
		fmt.Fprintf(&b, "%s %x %x\n", label, p.random, secret)
	}
	return b.Bytes()
}

// seal makes a packet of a header without its Length field and packet number.
func (p *peers) seal(k *quicwire.Protection, header string, payload []byte, idLength int) []byte {
	p.t.Helper()
	p.number++
	payload = append(slices.Clip(payload), make([]byte, max(0, 4-len(payload)))...)
	b := []byte(header)
	if b[0]&0x80 != 0 {
		b = binary.BigEndian.AppendUint16(b, uint16(0x4000|4+len(payload)+16))
	}
	b[0] |= 3 // a packet number of four bytes
	b = binary.BigEndian.AppendUint32(b, p.number)
	packet, err := quicwire.ParsePacket(append(slices.Clip(b), make([]byte, len(payload)+16)...), idLength)
	if err != nil {
		p.t.Fatal(err)
	}
	sealed, err := k.Seal(&packet, quicwire.Opened{Header: b, Number: uint64(p.number), NumberLength: 4}, payload)
	if err != nil {
		p.t.Fatal(err)
	}
	return sealed
}

func (p *peers) protection(label keylog.Label) *quicwire.Protection {
	p.t.Helper()
	k, err := quicwire.NewProtection(p.version, p.suite, p.secrets[label])
	if err != nil {
		p.t.Fatal(err)
	}
	return k
}

// long makes an Initial or a Handshake packet.
func (p *peers) long(k *quicwire.Protection, kind byte, destination, source string, payload []byte) []byte {
	if p.version == quicwire.Version2 {
		kind = (kind + 1) % 4 // RFC 9369 3.2
	}
	header := string([]byte{0xc0 | kind<<4}) + string(binary.BigEndian.AppendUint32(nil, uint32(p.version))) +
		string(rune(len(destination))) + destination + string(rune(len(source))) + source
	if kind == 0 && p.version == quicwire.Version1 || kind == 1 && p.version == quicwire.Version2 {
		header += "\x00" // no token
	}
	return p.seal(k, header, payload, 0)
}

// clientInitial is padded to the least size of a datagram.
func (p *peers) clientInitial(destination string, frames []byte) []byte {
	return p.long(p.initial[0], 0, destination, p.clientID(), append(slices.Clip(frames), make([]byte, max(0, 1200-len(frames)))...))
}

func (p *peers) serverInitial(frames []byte) []byte {
	return p.long(p.initial[1], 0, p.clientID(), p.serverID(), frames)
}

func (p *peers) clientHandshake(frames []byte) []byte {
	return p.long(p.protection(keylog.ClientHandshakeTraffic), 2, p.serverID(), p.clientID(), frames)
}

func (p *peers) serverHandshake(frames []byte) []byte {
	return p.long(p.protection(keylog.ServerHandshakeTraffic), 2, p.clientID(), p.serverID(), frames)
}

func (p *peers) client1RTT(frames []byte) []byte {
	return p.seal(p.protection(keylog.ClientTraffic), "\x40"+p.serverID(), frames, len(p.serverID()))
}

func (p *peers) server1RTT(frames []byte) []byte {
	return p.seal(p.protection(keylog.ServerTraffic), "\x40"+p.clientID(), frames, len(p.clientID()))
}

// updated is a client's packet behind a key update.
func (p *peers) updated(frames []byte) []byte {
	p.t.Helper()
	next, err := p.protection(keylog.ClientTraffic).Next()
	if err != nil {
		p.t.Fatal(err)
	}
	return p.seal(next, "\x44"+p.serverID(), frames, len(p.serverID()))
}

// The frames that the peers send.
var (
	ping    = []byte{0x01}
	closed  = []byte{0x1d, 0x00, 0x00}             // of the application
	refused = []byte{0x1c, 0x41, 0x78, 0x06, 0x00} // no_application_protocol, in a CRYPTO frame
	aStream = append([]byte{0x0a, 0x00, 0x05}, "hello"...)
)

// hello is a ClientHello in two pieces, the second of which comes first.
func (p *peers) hello() []byte {
	message := append([]byte("\x01\x00\x00\x32\x03\x03"), p.random[:]...)
	message = append(binary.BigEndian.AppendUint16(append(message, "\x00\x00\x02"...), p.suite), 1, 0)
	message = append(message, "\x00\x07\x00\x2b\x00\x03\x02\x03\x04"...) // TLS 1.3
	return quicwire.AppendCrypto(quicwire.AppendCrypto(nil, 20, message[20:]), 0, message[:20])
}

// answer is a ServerHello.
func (p *peers) answer() []byte {
	message := append([]byte("\x02\x00\x00\x2e\x03\x03"), make([]byte, 32)...)
	message = append(binary.BigEndian.AppendUint16(append(message, 0), p.suite), 0)
	return quicwire.AppendCrypto(nil, 0, append(message, "\x00\x06\x00\x2b\x00\x02\x03\x04"...)) // TLS 1.3
}

// A said is one datagram: who sends it, after how long.
type said struct {
	after   time.Duration
	payload []byte
	server  bool
}

func client(b ...[]byte) said { return said{payload: bytes.Join(b, nil)} }
func server(b ...[]byte) said { return said{payload: bytes.Join(b, nil), server: true} }

func (s said) later(after time.Duration) said {
	s.after = after
	return s
}

// handshake is one that succeeds.
func (p *peers) handshake() []said {
	return []said{
		client(p.clientInitial(p.firstID(), p.hello())),
		server(p.serverInitial(p.answer()), p.serverHandshake(ping), p.server1RTT(ping)),
		client(p.clientInitial(p.serverID(), ping), p.clientHandshake(ping), p.client1RTT(aStream)),
		server(p.server1RTT(aStream)),
	}
}

// hear feeds datagrams between two addresses.
func (w *wire) hear(from, to netip.AddrPort, all ...said) {
	for _, s := range all {
		w.at = w.at.Add(s.after)
		if s.server {
			w.datagram(to, from, s.payload)
		} else {
			w.datagram(from, to, s.payload)
		}
	}
}

// elsewhere lets time pass until a datagram comes that is none of anybody's.
func (w *wire) elsewhere(after time.Duration) {
	w.at = w.at.Add(after)
	w.datagram(netip.MustParseAddrPort("203.0.113.1:53"), netip.MustParseAddrPort("203.0.113.2:5353"), []byte("\x00"))
}
