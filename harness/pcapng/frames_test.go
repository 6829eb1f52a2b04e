package pcapng

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// gopacketFrame is what gopacket makes of a segment.
func gopacketFrame(t testing.TB, s Segment) []byte {
	t.Helper()
	lower, higher := net.HardwareAddr(lowerHardware[:]), net.HardwareAddr(higherHardware[:])
	ethernet := &layers.Ethernet{SrcMAC: lower, DstMAC: higher, EthernetType: layers.EthernetTypeIPv6}
	from, to := s.From.Addr(), s.To.Addr()
	if to.Less(from) {
		ethernet.SrcMAC, ethernet.DstMAC = higher, lower
	}
	var ip interface {
		gopacket.SerializableLayer
		gopacket.NetworkLayer
	} = &layers.IPv6{Version: 6, HopLimit: hops, NextHeader: layers.IPProtocol(s.Protocol), SrcIP: from.AsSlice(), DstIP: to.AsSlice()}
	if from.Is4() {
		ethernet.EthernetType = layers.EthernetTypeIPv4
		ip = &layers.IPv4{
			Version: 4, TTL: hops, Flags: layers.IPv4DontFragment, Protocol: layers.IPProtocol(s.Protocol),
			SrcIP: from.AsSlice(), DstIP: to.AsSlice(),
		}
	}
	var transport gopacket.SerializableLayer
	if s.Protocol == UDP {
		udp := &layers.UDP{SrcPort: layers.UDPPort(s.From.Port()), DstPort: layers.UDPPort(s.To.Port())}
		_ = udp.SetNetworkLayerForChecksum(ip) // it is IPv4 or IPv6
		transport = udp
	} else {
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
		transport = tcp
	}
	return serialized(t, ethernet, ip, transport, gopacket.Payload(s.Payload))
}

// TestFrames holds frames of many kinds against gopacket's, and reads them back.
func TestFrames(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	coin := func() bool { return random.IntN(2) == 0 }
	var frames Frames
	for range 500 {
		s := Segment{Protocol: TCP, Payload: make([]byte, random.IntN(1400)>>random.IntN(12))}
		for i := range s.Payload {
			s.Payload[i] = byte(random.Uint32())
		}
		a, b := netip.AddrFrom4([4]byte{192, 0, 2, byte(random.Uint32())}), netip.AddrFrom4([4]byte{198, 51, 100, byte(random.Uint32())})
		if coin() {
			a, b = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8:0:1::ffff")
		}
		if coin() {
			a, b = b, a
		}
		s.From, s.To = netip.AddrPortFrom(a, uint16(random.Uint32())), netip.AddrPortFrom(b, uint16(random.Uint32()))
		if coin() {
			s.Protocol = UDP
		} else {
			s.Seq, s.Ack = random.Uint32(), random.Uint32()
			s.SYN, s.FIN, s.RST, s.ACK, s.PSH = coin(), coin(), coin(), coin(), coin()
		}
		got, err := frames.Frame(s)
		if err != nil {
			t.Fatal(err)
		}
		want := gopacketFrame(t, s)
		if s.Protocol == UDP {
			// gopacket leaves it to its caller that no checksum of zero is sent.
			at := 14 + 20 + 6
			if !a.Is4() {
				at += 20
			}
			if want[at] == 0 && want[at+1] == 0 {
				want[at], want[at+1] = 0xff, 0xff
			}
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("the frame of %+v (-want +got):\n%s", s, cmp.Diff(want, got))
		}
		back, err := (&Packet{Link: LinkEthernet, Data: got, Length: len(got)}).Segment()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, back, cmp.Comparer(bytes.Equal), cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
			t.Fatalf("read back (-want +got):\n%s", diff)
		}
	}
}

// TestFramesChecksumOfZero finds a datagram whose checksum is zero, which would mean
// that there is none.
func TestFramesChecksumOfZero(t *testing.T) {
	var frames Frames
	s := Segment{Protocol: UDP, From: netip.MustParseAddrPort("192.0.2.1:50000"), To: netip.MustParseAddrPort("192.0.2.2:4433"), Payload: make([]byte, 2)}
	for n := range 1 << 16 {
		s.Payload[0], s.Payload[1] = byte(n>>8), byte(n)
		frame, err := frames.Frame(s)
		if err != nil {
			t.Fatal(err)
		}
		switch sum := frame[40:42]; {
		case sum[0] == 0 && sum[1] == 0:
			t.Fatalf("payload %x has a checksum of zero", s.Payload)
		case sum[0] == 0xff && sum[1] == 0xff:
			return
		}
	}
	t.Error("no payload has the checksum that stands for zero")
}

func TestFramesTooLong(t *testing.T) {
	var frames Frames
	address := netip.MustParseAddrPort("192.0.2.1:443")
	if _, err := frames.Frame(Segment{Protocol: UDP, From: address, To: address, Payload: make([]byte, maxPayload+1)}); !errors.Is(err, ErrPayload) {
		t.Errorf("got %v, want %v", err, ErrPayload)
	}
}
