package pcapng

import (
	"errors"
	"net"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// Frames builds the Ethernet frames of segments that crossed no real network,
// with the lengths and checksums that they would have had. The zero Frames is
// ready. It is not safe for concurrent use.
type Frames struct {
	buffer gopacket.SerializeBuffer
}

const (
	// MSS is the most payload that a TCP segment has in an Ethernet frame of
	// 1,500 bytes (RFC 9293 3.7.1).
	MSS = 1460
	// maxPayload is the most that any packet has: IP's length has 16 bits.
	maxPayload = 0xffff - 60
	// windowScale makes the window 65535 << 7 bytes (RFC 7323 2), so large that
	// no flight fills it.
	windowScale = 7
)

// ErrPayload says that a payload is too long for a packet.
var ErrPayload = errors.New("the payload is longer than an IP packet")

// hardware addresses stand for the lower and the higher address of a pair. They
// are locally administered, so they are nobody's.
var (
	lowerHardware  = net.HardwareAddr{2, 0, 0, 0, 0, 1}
	higherHardware = net.HardwareAddr{2, 0, 0, 0, 0, 2}
)

// Frame returns the frame of a segment. It is overwritten by the next call.
func (f *Frames) Frame(s Segment) ([]byte, error) {
	if len(s.Payload) > maxPayload {
		return nil, ErrPayload
	}
	if f.buffer == nil {
		f.buffer = gopacket.NewSerializeBuffer()
	}
	ip, ethernet := f.network(s)
	transport := s.transport(ip)
	err := gopacket.SerializeLayers(f.buffer, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		ethernet, ip, transport, gopacket.Payload(s.Payload))
	if err != nil {
		return nil, err
	}
	frame := f.buffer.Bytes()
	if s.Protocol == UDP {
		// "If the computed checksum is zero, it is transmitted as all ones"
		// (RFC 768), which gopacket leaves to its caller.
		sum := frame[14+20+6:]
		if !s.From.Addr().Is4() {
			sum = frame[14+40+6:]
		}
		if sum[0] == 0 && sum[1] == 0 {
			sum[0], sum[1] = 0xff, 0xff
		}
	}
	return frame, nil
}

// An ipLayer is IPv4 or IPv6.
type ipLayer interface {
	gopacket.SerializableLayer
	gopacket.NetworkLayer
}

func (f *Frames) network(s Segment) (ipLayer, *layers.Ethernet) {
	from, to := s.From.Addr(), s.To.Addr()
	ethernet := &layers.Ethernet{SrcMAC: lowerHardware, DstMAC: higherHardware, EthernetType: layers.EthernetTypeIPv4}
	if to.Less(from) {
		ethernet.SrcMAC, ethernet.DstMAC = ethernet.DstMAC, ethernet.SrcMAC
	}
	if from.Is4() {
		return &layers.IPv4{
			Version: 4, TTL: 64, Flags: layers.IPv4DontFragment, Protocol: layers.IPProtocol(s.Protocol),
			SrcIP: from.AsSlice(), DstIP: to.AsSlice(),
		}, ethernet
	}
	ethernet.EthernetType = layers.EthernetTypeIPv6
	return &layers.IPv6{
		Version: 6, HopLimit: 64, NextHeader: layers.IPProtocol(s.Protocol),
		SrcIP: from.AsSlice(), DstIP: to.AsSlice(),
	}, ethernet
}

// transport returns the segment's own layer. A SYN says what a sender's stack
// would say of itself.
func (s Segment) transport(ip ipLayer) gopacket.SerializableLayer {
	if s.Protocol == UDP {
		udp := &layers.UDP{SrcPort: layers.UDPPort(s.From.Port()), DstPort: layers.UDPPort(s.To.Port())}
		_ = udp.SetNetworkLayerForChecksum(ip) // it is IPv4 or IPv6
		return udp
	}
	tcp := &layers.TCP{
		SrcPort: layers.TCPPort(s.From.Port()), DstPort: layers.TCPPort(s.To.Port()), Seq: s.Seq, Ack: s.Ack,
		SYN: s.SYN, FIN: s.FIN, RST: s.RST, ACK: s.ACK, PSH: s.PSH, Window: 0xffff,
	}
	if s.SYN {
		tcp.Options = []layers.TCPOption{
			{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: []byte{MSS >> 8, MSS & 0xff}},
			{OptionType: layers.TCPOptionKindNop},
			{OptionType: layers.TCPOptionKindWindowScale, OptionLength: 3, OptionData: []byte{windowScale}},
		}
	}
	_ = tcp.SetNetworkLayerForChecksum(ip)
	return tcp
}
