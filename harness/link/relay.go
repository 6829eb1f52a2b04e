package link

import (
	"errors"
	"net"
	"sync"
	"syscall"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// RelayStream taps a connection to a peer that is not ours. It returns the end
// that our endpoint, in the role ours, uses; what the peer sends passes the gate
// too. wait returns when both directions have ended. The peer sees ordinary
// segments from an ordinary socket.
func (l *Link) RelayStream(ours outcome.Role, peer net.Conn) (end *StreamEnd, wait func()) {
	near, far := StreamPipe()
	end = l.Stream(ours, near)
	proxy := l.Stream(ours.Peer(), far)
	var both sync.WaitGroup
	both.Go(func() { // what we sent goes out to the peer
		forward(peer, proxy)
		_ = closeWrite(peer)
	})
	both.Go(func() { // what the peer sent comes in
		err := forward(proxy, peer)
		if errors.Is(err, syscall.ECONNRESET) {
			l.recordReset(ours.Peer())
			far.(*memoryConn).out.reset()
			return
		}
		_ = proxy.CloseWrite()
	})
	return end, both.Wait
}

// forward copies until either side ends and returns the reader's error, nil at
// the end of the stream.
func forward(to, from net.Conn) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if _, writeErr := to.Write(buf[:n]); writeErr != nil {
				return nil
			}
		}
		if err != nil {
			return err
		}
	}
}

// RelayPacket taps a UDP socket that is connected to a peer that is not ours. It
// returns the end that our endpoint, in the role ours, uses.
func (l *Link) RelayPacket(ours outcome.Role, peer net.Conn) (end *PacketEnd, wait func()) {
	near, far := PacketPipe()
	end = l.Packet(ours, near)
	proxy := l.Packet(ours.Peer(), far)
	var both sync.WaitGroup
	both.Go(func() {
		buf := make([]byte, 64<<10)
		for {
			n, _, err := proxy.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = peer.Write(buf[:n])
		}
	})
	both.Go(func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := peer.Read(buf)
			switch {
			case err == nil:
				_, _ = proxy.WriteTo(buf[:n], near.LocalAddr())
			case errors.Is(err, syscall.ECONNREFUSED): // nobody listens there; quic-go hears nothing of it
				l.Fact(ours, transcript.Note, "the peer's machine answers that nobody listens on this UDP port")
			default:
				return
			}
		}
	})
	return end, func() {
		_ = far.Close()
		both.Wait()
	}
}
