package pcapng

import (
	"bytes"
	"encoding/binary"
	"net"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// A builder writes pcapng by hand, also what no tool would write.
type builder struct {
	binary.ByteOrder
	bytes.Buffer
}

func (b *builder) u16(v ...uint16) (out []byte) {
	for _, x := range v {
		out = b.AppendByteOrder().AppendUint16(out, x)
	}
	return out
}

func (b *builder) u32(v ...uint32) (out []byte) {
	for _, x := range v {
		out = b.AppendByteOrder().AppendUint32(out, x)
	}
	return out
}

func (b *builder) AppendByteOrder() binary.AppendByteOrder {
	return b.ByteOrder.(binary.AppendByteOrder)
}

func (b *builder) block(kind uint32, body ...[]byte) *builder {
	all := bytes.Join(body, nil)
	for len(all)%4 != 0 {
		all = append(all, 0)
	}
	length := uint32(len(all) + 12)
	b.Write(b.u32(kind, length))
	b.Write(all)
	b.Write(b.u32(length))
	return b
}

func (b *builder) option(code uint16, value []byte) []byte {
	return append(b.u16(code, uint16(len(value))), append(bytes.Clone(value), make([]byte, padded(len(value))-len(value))...)...)
}

func (b *builder) section() *builder {
	return b.block(blockSection, b.u32(sectionMagic), b.u16(1, 0), b.u32(0xffffffff, 0xffffffff))
}

func (b *builder) iface(link LinkType, limit uint32, options ...[]byte) *builder {
	return b.block(blockInterface, b.u16(uint16(link), 0), b.u32(limit), bytes.Join(options, nil))
}

func (b *builder) enhanced(iface uint32, units uint64, frame []byte) *builder {
	return b.block(blockEnhanced, b.u32(iface, uint32(units>>32), uint32(units), uint32(len(frame)), uint32(len(frame))), frame)
}

// A frame is what gopacket makes of a TCP segment or UDP datagram.
type frame struct {
	six     bool
	udp     bool
	tags    []uint16 // of virtual LANs
	payload []byte
	options bool // of IP and TCP
}

var (
	clientIP4, serverIP4 = net.IPv4(192, 0, 2, 1).To4(), net.IPv4(192, 0, 2, 2).To4()
	clientIP6, serverIP6 = net.ParseIP("2001:db8::1"), net.ParseIP("2001:db8::2")
)

// packet returns the IP packet, ethernet what is around it.
func (f frame) packet(t testing.TB) []byte {
	t.Helper()
	var ip interface {
		gopacket.SerializableLayer
		gopacket.NetworkLayer
	}
	protocol := layers.IPProtocolTCP
	if f.udp {
		protocol = layers.IPProtocolUDP
	}
	if f.six {
		ip = &layers.IPv6{Version: 6, NextHeader: protocol, HopLimit: 64, SrcIP: clientIP6, DstIP: serverIP6}
	} else {
		four := &layers.IPv4{Version: 4, TTL: 64, Protocol: protocol, SrcIP: clientIP4, DstIP: serverIP4}
		if f.options {
			four.Options = []layers.IPv4Option{{OptionType: 1}, {OptionType: 7, OptionLength: 7, OptionData: make([]byte, 5)}}
		}
		ip = four
	}
	var transport gopacket.SerializableLayer
	if f.udp {
		udp := &layers.UDP{SrcPort: 50000, DstPort: 4433}
		_ = udp.SetNetworkLayerForChecksum(ip)
		transport = udp
	} else {
		tcp := &layers.TCP{SrcPort: 50000, DstPort: 4433, Seq: 1000, Ack: 2000, ACK: true, PSH: true, Window: 512}
		if f.options {
			tcp.Options = []layers.TCPOption{{OptionType: 1}, {OptionType: 1}, {OptionType: 8, OptionLength: 10, OptionData: make([]byte, 8)}}
		}
		_ = tcp.SetNetworkLayerForChecksum(ip)
		transport = tcp
	}
	return serialized(t, ip, transport, gopacket.Payload(f.payload))
}

func serialized(t testing.TB, all ...gopacket.SerializableLayer) []byte {
	t.Helper()
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, all...); err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(b.Bytes())
}

func (f frame) etherType() uint16 {
	if f.six {
		return etherIPv6
	}
	return etherIPv4
}

func (f frame) ethernet(t testing.TB) []byte {
	t.Helper()
	b := append(bytes.Repeat([]byte{2}, 12), f.tagged()...)
	return append(b, f.packet(t)...)
}

// tagged returns the EtherTypes before the packet.
func (f frame) tagged() []byte {
	var b []byte
	for i, tag := range f.tags {
		kind := uint16(etherVLAN)
		if i == 0 && len(f.tags) > 1 {
			kind = etherServiceVLAN
		}
		b = binary.BigEndian.AppendUint16(b, kind)
		b = binary.BigEndian.AppendUint16(b, tag)
	}
	return binary.BigEndian.AppendUint16(b, f.etherType())
}

// moment is what every packet of these tests was captured at; its last digits
// are lost at a resolution of microseconds.
var moment = time.Unix(1_700_000_000, 123_456_789)

// classic returns a pcap file as gopacket writes it.
func classic(t testing.TB, nano bool, frames ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if nano {
		w = pcapgo.NewWriterNanos(&b)
	}
	if err := w.WriteFileHeader(65535, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	for i, frame := range frames {
		info := gopacket.CaptureInfo{Timestamp: moment.Add(time.Duration(i) * time.Second), CaptureLength: len(frame), Length: len(frame)}
		if err := w.WritePacket(info, frame); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// modern returns a pcapng file as gopacket writes it.
func modern(t testing.TB, frames ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := pcapgo.NewNgWriter(&b, layers.LinkTypeEthernet)
	if err != nil {
		t.Fatal(err)
	}
	for i, frame := range frames {
		info := gopacket.CaptureInfo{Timestamp: moment.Add(time.Duration(i) * time.Second), CaptureLength: len(frame), Length: len(frame)}
		if err := w.WritePacket(info, frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
