package pcapng

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// around returns the frames that can hold f, by what they are called.
func around(t testing.TB, f frame) map[string]Packet {
	t.Helper()
	packet := f.packet(t)
	family := uint32(2)
	if f.six {
		family = 30
	}
	ether := binary.BigEndian.AppendUint16(nil, f.etherType())
	tagged := func(tags ...uint16) []byte {
		f := f
		f.tags = tags
		return f.ethernet(t)
	}
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	frames := map[string]Packet{
		"Ethernet":           {Link: LinkEthernet, Data: tagged()},
		"Ethernet, padded":   {Link: LinkEthernet, Data: join(tagged(), make([]byte, 22))},
		"VLAN":               {Link: LinkEthernet, Data: tagged(7)},
		"QinQ":               {Link: LinkEthernet, Data: tagged(7, 8)},
		"SLL":                {Link: LinkLinuxSLL, Data: join(make([]byte, 14), ether, packet)},
		"SLL, VLAN":          {Link: LinkLinuxSLL, Data: join(make([]byte, 14), []byte{0x81, 0, 0, 7}, ether, packet)},
		"SLL2":               {Link: LinkLinuxSLL2, Data: join(ether, make([]byte, 18), packet)},
		"NULL":               {Link: LinkNull, Data: join(binary.LittleEndian.AppendUint32(nil, family), packet)},
		"NULL, big-endian":   {Link: LinkNull, Data: join(binary.BigEndian.AppendUint32(nil, family), packet)},
		"LOOP":               {Link: LinkLoop, Data: join(binary.BigEndian.AppendUint32(nil, family), packet)},
		"raw":                {Link: LinkRaw, Data: packet},
		"raw, 12":            {Link: LinkRawBSD, Data: packet},
		"raw, 14":            {Link: LinkRawOther, Data: packet},
		"IPv4 or IPv6 alone": {Link: map[bool]LinkType{false: LinkIPv4, true: LinkIPv6}[f.six], Data: packet},
	}
	for name, p := range frames {
		p.Length = len(p.Data)
		frames[name] = p
	}
	return frames
}

// want is the segment that a frame holds.
func (f frame) want() Segment {
	s := Segment{
		Protocol: TCP, Payload: f.payload,
		From: netip.MustParseAddrPort("192.0.2.1:50000"), To: netip.MustParseAddrPort("192.0.2.2:4433"),
	}
	if f.six {
		s.From, s.To = netip.MustParseAddrPort("[2001:db8::1]:50000"), netip.MustParseAddrPort("[2001:db8::2]:4433")
	}
	if f.udp {
		s.Protocol = UDP
		return s
	}
	s.Seq, s.Ack, s.ACK, s.PSH = 1000, 2000, true, true
	return s
}

// same compares segments and says how they differ.
func same(t *testing.T, what string, got, want Segment) {
	t.Helper()
	if !bytes.Equal(got.Payload, want.Payload) {
		t.Errorf("%s: got payload %q, want %q", what, got.Payload, want.Payload)
	}
	got.Payload, want.Payload = nil, nil
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func forms() []frame {
	var all []frame
	for _, six := range []bool{false, true} {
		for _, udp := range []bool{false, true} {
			all = append(all, frame{six: six, udp: udp, payload: []byte("ClientHello")})
		}
	}
	return append(all, frame{payload: []byte("ServerHello"), options: true}, frame{}, frame{six: true})
}

func TestSegmentsOfEveryLinkType(t *testing.T) {
	for _, f := range forms() {
		for name, p := range around(t, f) {
			got, err := p.Segment()
			if err != nil {
				t.Errorf("%s of %+v: %v", name, f, err)
				continue
			}
			same(t, name, got, f.want())
		}
	}
}

// A frame that was kept in part says how much of its payload is missing.
func TestASegmentCutAtEveryLength(t *testing.T) {
	for _, f := range forms() {
		for name, p := range around(t, f) {
			if name == "Ethernet, padded" {
				continue // what was cut may be padding
			}
			all := p.Data
			for kept := range all {
				p.Data = all[:kept]
				got, err := p.Segment()
				switch {
				case err != nil:
					if !errors.Is(err, ErrShort) {
						t.Errorf("%s, %d of %d bytes: %v", name, kept, len(all), err)
					}
					continue
				case got.Missing != len(f.payload)-len(got.Payload):
					t.Errorf("%s, %d of %d bytes: %d bytes are missing, %d are there, of %d", name, kept, len(all), got.Missing, len(got.Payload), len(f.payload))
				}
				want := f.want()
				want.Payload, want.Missing = want.Payload[:len(got.Payload)], got.Missing
				same(t, name, got, want)
			}
		}
	}
}

func TestTheFlagsOfTCP(t *testing.T) {
	ip := layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: clientIP4, DstIP: serverIP4}
	for bits := range 32 {
		tcp := layers.TCP{FIN: bits&1 != 0, SYN: bits&2 != 0, RST: bits&4 != 0, ACK: bits&8 != 0, PSH: bits&16 != 0}
		_ = tcp.SetNetworkLayerForChecksum(&ip)
		data := serialized(t, &ip, &tcp)
		p := Packet{Link: LinkRaw, Data: data, Length: len(data)}
		s, err := p.Segment()
		if err != nil {
			t.Fatal(err)
		}
		if s.FIN != tcp.FIN || s.SYN != tcp.SYN || s.RST != tcp.RST || s.ACK != tcp.ACK || s.PSH != tcp.PSH {
			t.Errorf("got %+v of flags %+v", s, tcp)
		}
	}
}

// changed returns a packet with bytes written over it.
func changed(packet []byte, at int, with ...byte) []byte {
	out := bytes.Clone(packet)
	copy(out[at:], with)
	return out
}

// extended puts extension headers before the segment of an IPv6 packet.
func extended(packet []byte, headers ...byte) []byte {
	out := append(bytes.Clone(packet[:40]), headers...)
	out = append(out, packet[40:]...)
	next := out[6]
	at := 6
	for rest := 40; rest < 40+len(headers); {
		out[at] = headers[rest-40]
		length := 8
		if headers[rest-40] != fragment {
			length += 8 * int(headers[rest-40+1])
		}
		at = rest
		rest += length
	}
	out[at] = next
	binary.BigEndian.PutUint16(out[4:], uint16(len(out)-40))
	return out
}

func TestHeadersThatAreUnusual(t *testing.T) {
	tcp4, udp4 := frame{payload: []byte("hello")}, frame{udp: true, payload: []byte("hello")}
	tcp6 := frame{six: true, payload: []byte("hello")}
	p4, u4, p6 := tcp4.packet(t), udp4.packet(t), tcp6.packet(t)
	eight := func(kind byte) []byte { return []byte{kind, 0, 0, 0, 0, 0, 0, 0} }
	tests := []struct {
		name   string
		packet []byte
		want   error
		frame  frame
	}{
		{"IPv4 length 0, before the network card cuts it up", changed(p4, 2, 0, 0), nil, tcp4},
		{"UDP length 0", changed(u4, 24, 0, 0), nil, udp4},
		{"IPv6 length 0", changed(p6, 4, 0, 0), nil, tcp6},
		{"IPv4, don't fragment", changed(p4, 6, 0x40, 0), nil, tcp4},
		{"IPv4, first fragment", changed(p4, 6, 0x20, 0), ErrFragment, frame{}},
		{"IPv4, later fragment", changed(p4, 6, 0, 9), ErrFragment, frame{}},
		{"IPv4 header length 4", changed(p4, 0, 0x41), ErrMalformed, frame{}},
		{"IPv4 length below its header's", changed(p4, 2, 0, 19), ErrMalformed, frame{}},
		{"IPv4 length beyond the packet", changed(p4, 2, 0, 21), ErrMalformed, frame{}},
		{"TCP header length 16", changed(p4, 32, 0x40), ErrMalformed, frame{}},
		{"TCP header longer than the packet", changed(p4, 32, 0xf0), ErrMalformed, frame{}},
		{"UDP length 7", changed(u4, 24, 0, 7), ErrMalformed, frame{}},
		{"UDP length beyond the packet", changed(u4, 24, 9, 9), ErrMalformed, frame{}},
		{"ICMP", changed(p4, 9, 1), ErrNotTransport, frame{}},
		{"IPv6, hop-by-hop", extended(p6, append([]byte{hopByHop, 1}, make([]byte, 14)...)...), nil, tcp6},
		{"IPv6, routing and destination", extended(p6, append(eight(routing), eight(destination)...)...), nil, tcp6},
		{"IPv6, atomic fragment", extended(p6, eight(fragment)...), nil, tcp6},
		{"IPv6, first fragment", extended(p6, fragment, 0, 0, 1, 0, 0, 0, 0), ErrFragment, frame{}},
		{"IPv6, later fragment", extended(p6, fragment, 0, 0, 8, 0, 0, 0, 0), ErrFragment, frame{}},
		{"IPv6, extension header longer than the packet", changed(extended(p6, eight(destination)...), 41, 200), ErrMalformed, frame{}},
		{"IPv6, ESP", changed(p6, 6, 50), ErrNotTransport, frame{}},
		{"IP version 5", changed(p4, 0, 0x55), ErrNotIP, frame{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Packet{Link: LinkRaw, Data: tt.packet, Length: len(tt.packet)}
			got, err := p.Segment()
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err == nil {
				same(t, tt.name, got, tt.frame.want())
			}
		})
	}
}

func TestAnotherFrame(t *testing.T) {
	arp := frame{}.ethernet(t)
	arp[12], arp[13] = 8, 6
	for _, tt := range []struct {
		packet Packet
		want   error
	}{
		{Packet{Link: LinkEthernet, Data: arp}, ErrNotIP},
		{Packet{Link: LinkNull, Data: []byte{7, 0, 0, 0, 0x45}}, ErrNotIP},
		{Packet{Link: 105, Data: arp}, ErrLinkType},
	} {
		if _, err := tt.packet.Segment(); !errors.Is(err, tt.want) {
			t.Errorf("link type %d: got %v, want %v", tt.packet.Link, err, tt.want)
		}
	}
}

// compareWithGopacket wants what gopacket decodes without an error to be decoded
// the same here.
func compareWithGopacket(t *testing.T, p Packet, got Segment, err error) {
	t.Helper()
	if p.Link != LinkEthernet || p.Length != len(p.Data) {
		return
	}
	parsed := gopacket.NewPacket(p.Data, layers.LayerTypeEthernet, gopacket.DecodeOptions{NoCopy: true})
	if parsed.ErrorLayer() != nil || parsed.NetworkLayer() == nil || parsed.Metadata().Truncated {
		return
	}
	tcp, _ := parsed.TransportLayer().(*layers.TCP)
	udp, _ := parsed.TransportLayer().(*layers.UDP)
	if tcp == nil && udp == nil || err != nil {
		return
	}
	ends := parsed.NetworkLayer().NetworkFlow()
	if from, _ := netip.AddrFromSlice(ends.Src().Raw()); from != got.From.Addr() {
		t.Errorf("from %s, gopacket says %s", got.From, from)
	}
	if tcp != nil && (uint16(tcp.SrcPort) != got.From.Port() || uint16(tcp.DstPort) != got.To.Port() || tcp.Seq != got.Seq || tcp.Ack != got.Ack ||
		tcp.SYN != got.SYN || tcp.FIN != got.FIN || tcp.RST != got.RST || tcp.ACK != got.ACK || tcp.PSH != got.PSH || !bytes.Equal(tcp.Payload, got.Payload)) {
		t.Errorf("got %+v, gopacket %+v", got, tcp)
	}
	if udp != nil && (uint16(udp.SrcPort) != got.From.Port() || uint16(udp.DstPort) != got.To.Port() || !bytes.Equal(udp.Payload, got.Payload)) {
		t.Errorf("got %+v, gopacket %+v", got, udp)
	}
}
