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
	var out, in sync.WaitGroup
	out.Go(func() { // what we sent goes out to the peer
		forward(peer, proxy)
		_ = closeWrite(peer)
	})
	in.Go(func() { // what the peer sent comes in
		switch err := forward(proxy, peer); {
		case errors.Is(err, syscall.ECONNRESET):
			l.relayReset(ours.Peer(), far.(*memoryConn).out.reset)
		case errors.Is(err, net.ErrClosed): // we closed it; the peer has said nothing
		default:
			_ = proxy.CloseWrite()
		}
	})
	return end, func() {
		out.Wait() // what we sent last has left
		_ = peer.Close()
		in.Wait()
	}
}

// forward copies until either side ends. It returns the reader's error, io.EOF at
// the end of the stream, and nil where the writer takes no more.
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
	// Each datagram is answered so; quic-go hears nothing of it.
	refused := sync.OnceFunc(func() {
		l.Fact(ours, transcript.Unreachable, "the peer's machine answers that nobody listens on this UDP port")
	})
	var out, in sync.WaitGroup
	out.Go(func() {
		buf := make([]byte, 64<<10)
		for {
			n, _, err := proxy.ReadFrom(buf)
			if err != nil {
				return
			}
			// The answer to an earlier datagram ends whichever call comes first,
			// and what was to be written is not.
			if _, err := peer.Write(buf[:n]); errors.Is(err, syscall.ECONNREFUSED) {
				refused()
				_, _ = peer.Write(buf[:n])
			}
		}
	})
	in.Go(func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := peer.Read(buf)
			switch {
			case err == nil:
				_, _ = proxy.WriteTo(buf[:n], near.LocalAddr())
			case errors.Is(err, syscall.ECONNREFUSED):
				refused()
			default:
				return
			}
		}
	})
	return end, func() {
		_ = far.Close() // what is in the pipe is still sent
		out.Wait()
		_ = peer.Close()
		in.Wait()
	}
}
