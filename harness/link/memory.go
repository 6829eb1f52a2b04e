package link

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// A pipe is one direction of an in-memory carrier: a queue of writes with the
// ways in which a read can end. It uses no goroutine and no channel of its own,
// so that it also works under a fake clock.
type pipe struct {
	mu       sync.Mutex
	moved    sync.Cond
	chunks   [][]byte
	stream   bool // reads join chunks; else a read takes one whole
	finished bool // the writer will write no more
	closed   bool // the reader will read no more
	broken   error
	deadline time.Time
	timer    *time.Timer
}

func newPipe(stream bool) *pipe {
	p := &pipe{stream: stream}
	p.moved.L = &p.mu
	return p
}

func (p *pipe) write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.finished {
		return 0, net.ErrClosed
	}
	if !p.closed { // a closed reader loses what is sent to it; nothing is reset here
		p.chunks = append(p.chunks, append([]byte(nil), b...))
		p.moved.Broadcast()
	}
	return len(b), nil
}

func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.chunks) == 0 {
		switch {
		case p.closed:
			return 0, net.ErrClosed
		case p.broken != nil:
			return 0, p.broken
		case p.finished:
			return 0, io.EOF
		case !p.deadline.IsZero() && !time.Now().Before(p.deadline):
			return 0, os.ErrDeadlineExceeded
		}
		p.moved.Wait()
	}
	n := copy(b, p.chunks[0])
	if p.chunks[0] = p.chunks[0][n:]; !p.stream || len(p.chunks[0]) == 0 {
		p.chunks = p.chunks[1:]
	}
	return n, nil
}

func (p *pipe) finish() { p.set(&p.finished) }
func (p *pipe) close()  { p.set(&p.closed) }

func (p *pipe) set(flag *bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*flag = true
	if p.timer != nil {
		p.timer.Stop()
	}
	p.moved.Broadcast()
}

func (p *pipe) setDeadline(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deadline = t
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if !t.IsZero() && !p.closed {
		p.timer = time.AfterFunc(time.Until(t), func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.moved.Broadcast()
		})
	}
	p.moved.Broadcast()
}

// reset lets reads fail as those of a socket whose peer has reset it.
func (p *pipe) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = syscall.ECONNRESET
	p.moved.Broadcast()
}

// A memoryConn is one end of an in-memory TCP connection. Writes never block.
type memoryConn struct {
	in, out       *pipe
	local, remote net.Addr
}

// StreamPipe returns the two ends of an in-memory connection.
func StreamPipe() (client, server net.Conn) {
	up, down := newPipe(true), newPipe(true)
	a, b := &net.TCPAddr{IP: loopback, Port: 50000}, &net.TCPAddr{IP: loopback, Port: 4433}
	return &memoryConn{down, up, a, b}, &memoryConn{up, down, b, a}
}

var loopback = net.IPv4(127, 0, 0, 1).To4()

func (c *memoryConn) Read(b []byte) (int, error)         { return c.in.read(b) }
func (c *memoryConn) Write(b []byte) (int, error)        { return c.out.write(b) }
func (c *memoryConn) CloseWrite() error                  { c.out.finish(); return nil }
func (c *memoryConn) Close() error                       { c.out.finish(); c.in.close(); return nil }
func (c *memoryConn) LocalAddr() net.Addr                { return c.local }
func (c *memoryConn) RemoteAddr() net.Addr               { return c.remote }
func (c *memoryConn) SetDeadline(t time.Time) error      { return c.SetReadDeadline(t) }
func (c *memoryConn) SetReadDeadline(t time.Time) error  { c.in.setDeadline(t); return nil }
func (c *memoryConn) SetWriteDeadline(t time.Time) error { return nil }

// A memoryPacketConn is one of two in-memory UDP sockets that reach each other.
type memoryPacketConn struct {
	in, out       *pipe
	local, remote net.Addr
}

// PacketPipe returns two in-memory sockets. Whatever the address, what one
// sends reaches the other.
func PacketPipe() (client, server net.PacketConn) {
	up, down := newPipe(false), newPipe(false)
	a, b := &net.UDPAddr{IP: loopback, Port: 50000}, &net.UDPAddr{IP: loopback, Port: 4433}
	return &memoryPacketConn{down, up, a, b}, &memoryPacketConn{up, down, b, a}
}

func (c *memoryPacketConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, err := c.in.read(b)
	return n, c.remote, err
}

func (c *memoryPacketConn) WriteTo(b []byte, _ net.Addr) (int, error) { return c.out.write(b) }
func (c *memoryPacketConn) Close() error                              { c.in.close(); return nil }
func (c *memoryPacketConn) LocalAddr() net.Addr                       { return c.local }
func (c *memoryPacketConn) SetDeadline(t time.Time) error             { return c.SetReadDeadline(t) }

func (c *memoryPacketConn) SetReadDeadline(t time.Time) error {
	c.in.setDeadline(t)
	return nil
}
func (c *memoryPacketConn) SetWriteDeadline(time.Time) error { return nil }
func (c *memoryPacketConn) SetReadBuffer(int) error          { return nil }
func (c *memoryPacketConn) SetWriteBuffer(int) error         { return nil }
