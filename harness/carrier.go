package harness

import (
	"fmt"
	"net"

	"shakedown/harness/link"
	"shakedown/harness/outcome"
)

// A Carrier is what moves the bytes of a pair.
type Carrier string

// The carriers.
const (
	Loopback Carrier = "loopback" // real sockets, with ports that the kernel chooses
	Memory   Carrier = "memory"   // no sockets at all; nothing is ever reset or lost
)

// tcpPair returns two connected streams.
func (c Carrier) tcpPair() (client, server net.Conn, err error) {
	if c == Memory {
		client, server = link.StreamPipe()
		return client, server, nil
	}
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, nil, fmt.Errorf("listen on loopback TCP: %w", err)
	}
	defer func() { _ = listener.Close() }()
	client, err = net.DialTCP("tcp4", nil, listener.Addr().(*net.TCPAddr))
	if err != nil {
		return nil, nil, fmt.Errorf("dial %s: %w", listener.Addr(), err)
	}
	for {
		server, err = listener.Accept()
		if err != nil {
			_ = client.Close()
			return nil, nil, fmt.Errorf("accept on %s: %w", listener.Addr(), err)
		}
		// Somebody else on this machine may have found the port first.
		if server.RemoteAddr().String() == client.LocalAddr().String() {
			return client, server, nil
		}
		_ = server.Close()
	}
}

// udpPair returns two sockets; each sends to the other's address.
func (c Carrier) udpPair() (client, server net.PacketConn, err error) {
	if c == Memory {
		client, server = link.PacketPipe()
		return client, server, nil
	}
	loopback := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	if client, err = net.ListenUDP("udp4", loopback); err != nil {
		return nil, nil, fmt.Errorf("open a loopback UDP socket: %w", err)
	}
	if server, err = net.ListenUDP("udp4", loopback); err != nil {
		_ = client.Close()
		return nil, nil, fmt.Errorf("open a loopback UDP socket: %w", err)
	}
	return client, server, nil
}

// A wire is a link with its two ends, whatever the transport.
type wire struct {
	link   *link.Link
	stream map[outcome.Role]*link.StreamEnd
	packet map[outcome.Role]*link.PacketEnd
}

func (w *wire) discard() {
	for _, e := range w.stream {
		_ = e.Discard()
	}
	for _, e := range w.packet {
		_ = e.Discard()
	}
}
