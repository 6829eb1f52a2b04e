package harness

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"time"

	"shakedown/harness/capture"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A packet is what a test puts into a capture file.
type packet struct {
	at       time.Time
	from, to netip.AddrPort
	udp      bool
	seq, ack uint32
	flags    byte
	payload  []byte
	// cut is how much of the payload the file does not have.
	cut int
}

// The flags of a TCP header (RFC 9293 3.1).
const (
	flagFIN = 1 << iota
	flagSYN
	flagRST
	flagPSH
	flagACK
)

var (
	clientAddr = netip.MustParseAddrPort("192.0.2.1:50000")
	serverAddr = netip.MustParseAddrPort("192.0.2.2:8443")
)

// A sniffer writes packets as they would have been captured.
type sniffer struct {
	client, server netip.AddrPort
	at             time.Time
	next           map[outcome.Role]uint32
	packets        []packet
	// size is the largest segment's.
	size func() int
}

func newSniffer(client, server netip.AddrPort) *sniffer {
	return &sniffer{
		client: client, server: server, at: goldenNow, size: func() int { return 1448 },
		// The client's sequence numbers wrap around within the handshake.
		next: map[outcome.Role]uint32{outcome.Client: 0xffffff00, outcome.Server: 77},
	}
}

func (n *sniffer) send(from outcome.Role, flags byte, payload []byte) {
	p := packet{at: n.at, from: n.client, to: n.server, seq: n.next[from], ack: n.next[from.Peer()], flags: flags, payload: payload}
	if from == outcome.Server {
		p.from, p.to = p.to, p.from
	}
	n.next[from] += uint32(len(payload))
	if flags&(flagSYN|flagFIN) != 0 {
		n.next[from]++
	}
	n.packets = append(n.packets, p)
	n.at = n.at.Add(10 * time.Microsecond)
}

// tcp writes a recording as a TCP connection.
func (n *sniffer) tcp(t *transcript.Transcript) {
	n.send(outcome.Client, flagSYN, nil)
	n.send(outcome.Server, flagSYN|flagACK, nil)
	n.send(outcome.Client, flagACK, nil)
	for _, u := range t.Units {
		n.at = n.at.Add(u.At / 1000)
		switch u.Kind {
		case transcript.FIN:
			n.send(u.From, flagFIN|flagACK, nil)
		case transcript.RST:
			n.send(u.From, flagRST|flagACK, nil)
		default:
			for b := u.Sent; len(b) > 0; {
				size := min(n.size(), len(b))
				n.send(u.From, flagACK|flagPSH, b[:size:size])
				b = b[size:]
			}
		}
		n.send(u.From.Peer(), flagACK, nil)
	}
}

// udp writes a recording as QUIC's datagrams.
func (n *sniffer) udp(t *transcript.Transcript) {
	for _, u := range t.Units {
		n.send(u.From, 0, u.Sent)
		n.packets[len(n.packets)-1].udp = true
	}
}

func (n *sniffer) record(t *transcript.Transcript) {
	if t.Transport == outcome.QUIC {
		n.udp(t)
		return
	}
	n.tcp(t)
}

// pcapOf is a file of these packets: raw IP, times in nanoseconds.
func pcapOf(packets []packet) []byte {
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, []uint32{0xa1b23c4d, 0x00040002, 0, 0, 262144, 101})
	for _, p := range packets {
		ip := p.ip()
		kept := len(ip) - p.cut
		_ = binary.Write(&b, binary.LittleEndian, []uint32{uint32(p.at.Unix()), uint32(p.at.Nanosecond()), uint32(kept), uint32(len(ip))})
		b.Write(ip[:kept])
	}
	return b.Bytes()
}

func (p packet) ip() []byte {
	var transport []byte
	if p.udp {
		transport = make([]byte, 8)
		binary.BigEndian.PutUint16(transport[4:], uint16(8+len(p.payload)))
	} else {
		transport = make([]byte, 20)
		binary.BigEndian.PutUint32(transport[4:], p.seq)
		binary.BigEndian.PutUint32(transport[8:], p.ack)
		transport[12], transport[13] = 5<<4, p.flags
		binary.BigEndian.PutUint16(transport[14:], 65535)
	}
	binary.BigEndian.PutUint16(transport, p.from.Port())
	binary.BigEndian.PutUint16(transport[2:], p.to.Port())
	header := make([]byte, 20)
	header[0], header[8], header[9] = 0x45, 64, 6
	if p.udp {
		header[9] = 17
	}
	binary.BigEndian.PutUint16(header[2:], uint16(20+len(transport)+len(p.payload)))
	from, to := p.from.Addr().As4(), p.to.Addr().As4()
	copy(header[12:], from[:])
	copy(header[16:], to[:])
	return append(append(header, transport...), p.payload...)
}

// keysOf are the secrets of recordings, as a key log beside the file has them.
func keysOf(recordings ...*transcript.Transcript) *capture.Keys {
	keys := new(capture.Keys)
	for _, t := range recordings {
		for _, log := range []string{t.ClientKeys.String(), t.ServerKeys.String()} {
			_, _ = keys.Both.Read(bytes.NewReader([]byte(log)))
		}
	}
	return keys
}

// A hostility is a way in which a capture of the same connection can look different.
type hostility struct {
	name string
	size func() int
	// change changes the packets of a connection that begins with a handshake of
	// TCP.
	change func(r *rand.Rand, packets []packet) []packet
}

func fixed(n int) func() int { return func() int { return n } }

var hostilities = []hostility{
	{"as they come", fixed(1448), nil},
	{"one byte at a time", fixed(1), nil},
	{"seven bytes at a time", fixed(7), nil},
	{"everything twice", fixed(536), func(_ *rand.Rand, in []packet) (out []packet) {
		for _, p := range in {
			out = append(out, p, p)
		}
		return out
	}},
	{"neighbours swapped", fixed(100), func(r *rand.Rand, in []packet) []packet {
		for i := 3; i+1 < len(in); i++ {
			if sameFlight(in[i], in[i+1]) && r.IntN(2) == 0 {
				in[i], in[i+1] = in[i+1], in[i]
			}
		}
		return in
	}},
	{"flights shuffled", fixed(60), func(r *rand.Rand, in []packet) []packet {
		for i := 3; i < len(in); {
			end := i + 1
			for end < len(in) && sameFlight(in[i], in[end]) {
				end++
			}
			r.Shuffle(end-i, func(a, b int) { in[i+a], in[i+b] = in[i+b], in[i+a] })
			i = end
		}
		return in
	}},
	{"overlapping", fixed(300), func(_ *rand.Rand, in []packet) (out []packet) {
		for i, p := range in {
			if i > 0 && len(p.payload) > 0 && sameFlight(in[i-1], p) && in[i-1].seq+uint32(len(in[i-1].payload)) == p.seq {
				before := in[i-1].payload
				back := min(len(before), 111)
				p.payload = append(append([]byte{}, before[len(before)-back:]...), p.payload...)
				p.seq -= uint32(back)
			}
			out = append(out, p)
		}
		return out
	}},
	{"keep-alives", fixed(1448), func(_ *rand.Rand, in []packet) (out []packet) {
		for i, p := range in {
			out = append(out, p)
			if i > 3 && p.flags&(flagFIN|flagRST|flagSYN) == 0 {
				p.seq += uint32(len(p.payload)) - 1
				p.payload = []byte{0}
				out = append(out, p)
			}
		}
		return out
	}},
	{"without acknowledgements", fixed(1448), func(_ *rand.Rand, in []packet) (out []packet) {
		for _, p := range in {
			if len(p.payload) > 0 || p.flags&^flagACK != 0 {
				out = append(out, p)
			}
		}
		return out
	}},
	{"without SYN", fixed(1448), func(_ *rand.Rand, in []packet) []packet { return in[3:] }},
}

// sameFlight says that a packet goes the same way and carries data.
func sameFlight(a, b packet) bool {
	plain := func(p packet) bool { return len(p.payload) > 0 && p.flags&(flagSYN|flagFIN|flagRST) == 0 }
	return a.from == b.from && plain(a) && plain(b)
}
