package endpoint

import (
	"net"
	"time"
)

// A servant does for the process what it asks of the connection.
type servant interface {
	serve(request) answer
	// release ends a read that waits.
	release()
}

// A streamServant has a TCP connection.
type streamServant struct{ conn HalfCloser }

func (s streamServant) serve(r request) answer {
	a := answer{ID: r.ID}
	switch r.Verb {
	case doRead:
		buf := make([]byte, min(r.Size, maxRead))
		n, err := s.conn.Read(buf)
		a.Data, a.Err = buf[:n], toRemoteError(err)
	case doWrite:
		_, err := s.conn.Write(r.Data)
		a.Err = toRemoteError(err)
	case doCloseWrite:
		a.Err = toRemoteError(s.conn.CloseWrite())
	case doDeadline:
		a.Err = toRemoteError(s.conn.SetReadDeadline(r.Time))
	case doDrain: // until the deadline that it has set
		discard(s.conn)
	}
	return a
}

func (s streamServant) release() { _ = s.conn.SetReadDeadline(time.Unix(1, 0)) }

// maxRead is the most that one read hands over.
const maxRead = 1 << 16

// A packetServant has a UDP socket.
type packetServant struct {
	socket net.PacketConn
	peer   net.Addr
}

func (s packetServant) serve(r request) answer {
	a := answer{ID: r.ID}
	switch r.Verb {
	case doRead:
		buf := make([]byte, min(r.Size, maxRead))
		n, from, err := s.socket.ReadFrom(buf)
		a.Data, a.Err = buf[:n], toRemoteError(err)
		if from != nil {
			a.Addr = from.String()
		}
	case doWrite:
		_, err := s.socket.WriteTo(r.Data, s.peer)
		a.Err = toRemoteError(err)
	case doCloseWrite:
		a.Err = toRemoteError(s.socket.Close())
	case doDeadline:
		a.Err = toRemoteError(s.socket.SetReadDeadline(r.Time))
	}
	return a
}

func (s packetServant) release() { _ = s.socket.Close() }
