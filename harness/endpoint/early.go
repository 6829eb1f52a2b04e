package endpoint

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// An earlyGate keeps the server's answers from a client that sends 0-RTT data until
// these are sent: what is early is never late on a slow machine, and quic-go, which
// opens a stream by the limits that it remembers, is not given others meanwhile.
type earlyGate struct {
	net.PacketConn
	// offers says that the client has a session that allows early data.
	offers atomic.Bool
	open   chan struct{}
	once   sync.Once
}

// answerWait bounds how long an answer is kept. A client that may send early data
// and does not, because of another application protocol for example, waits for it.
const answerWait = 250 * time.Millisecond

func newEarlyGate(socket net.PacketConn) *earlyGate {
	return &earlyGate{PacketConn: socket, open: make(chan struct{})}
}

// release lets answers pass from now on.
func (g *earlyGate) release() { g.once.Do(func() { close(g.open) }) }

// ReadFrom reads a datagram, and returns it when it may pass.
func (g *earlyGate) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := g.PacketConn.ReadFrom(b)
	if err == nil && g.offers.Load() {
		late := time.AfterFunc(answerWait, g.release)
		<-g.open
		late.Stop()
	}
	return n, from, err
}

// SetReadBuffer and SetWriteBuffer exist so that quic-go finds them; without them it
// prints a warning.
func (g *earlyGate) SetReadBuffer(n int) error {
	if c, ok := g.PacketConn.(interface{ SetReadBuffer(int) error }); ok {
		return c.SetReadBuffer(n)
	}
	return nil
}

// SetWriteBuffer is SetReadBuffer's twin.
func (g *earlyGate) SetWriteBuffer(n int) error {
	if c, ok := g.PacketConn.(interface{ SetWriteBuffer(int) error }); ok {
		return c.SetWriteBuffer(n)
	}
	return nil
}

// watch returns a cache that tells the gate which session is offered.
func (g *earlyGate) watch(cache tls.ClientSessionCache) tls.ClientSessionCache {
	if cache == nil {
		return nil
	}
	return watchedSessions{cache, g}
}

// A watchedSessions is a cache whose sessions an earlyGate hears of.
type watchedSessions struct {
	tls.ClientSessionCache
	gate *earlyGate
}

func (w watchedSessions) Get(key string) (*tls.ClientSessionState, bool) {
	session, ok := w.ClientSessionCache.Get(key)
	if ok && session != nil {
		if _, state, err := session.ResumptionState(); err == nil && state != nil {
			w.gate.offers.Store(state.EarlyData)
		}
	}
	return session, ok
}
