package endpoint

import (
	"context"
	"encoding/gob"
	"io"
	"net"
	"os"
	"os/signal"
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/pki"
)

// childVariable is in the environment of a process that runs one endpoint and
// nothing else.
const childVariable = "SHAKEDOWN_ENDPOINT"

// A setting of GODEBUG, such as FIPS mode, counts for a whole process and is read
// when it starts. So the program starts itself again for a side that needs one,
// whatever program that is: the command, or a test.
func init() {
	if os.Getenv(childVariable) == "" {
		return
	}
	// A terminal interrupts this process too, but whoever began it decides when it
	// ends: by ending itself at the latest.
	signal.Ignore(os.Interrupt)
	answers := os.Stdout
	os.Stdout = os.Stderr // what else is printed is no answer
	serveOrder(os.Stdin, answers, func() { os.Exit(1) })
	os.Exit(0)
}

// serveOrder runs the endpoint that it is told to run. Its connection is at the
// other end of the two streams; alone is called when nobody is there any more.
func serveOrder(in io.Reader, out io.Writer, alone func()) {
	decoder := gob.NewDecoder(in)
	var o order
	if err := decoder.Decode(&o); err != nil {
		return // whoever began this has gone
	}
	a := newAsker(out)
	go func() {
		a.listen(decoder)
		alone()
	}()
	done, err := o.run(a)
	last := request{Verb: doDone, Outcome: done}
	if err != nil {
		last.Failed = err.Error()
	}
	a.ask(last)
}

func (o *order) run(a *asker) (outcome.Outcome, error) {
	c, err := o.config(a)
	if err != nil {
		return outcome.Outcome{}, err
	}
	ctx := context.Background() // whoever began this ends the process
	if o.Transport == outcome.QUIC {
		socket := &remotePacket{remoteConn{a, o}}
		if o.Role == outcome.Server {
			return QUICServer(ctx, c, socket, func() { a.ask(request{Verb: doReady}) }), nil
		}
		return QUICClient(ctx, c, socket, remoteAddr{"udp", o.Remote}.udp()), nil
	}
	conn := &remoteConn{a, o}
	if o.Role == outcome.Server {
		return TCPServer(ctx, c, conn), nil
	}
	return TCPClient(ctx, c, conn), nil
}

// config is the order as the endpoint takes it.
func (o *order) config(a *asker) (c Config, err error) {
	c = Config{
		Settings: o.Settings, Behaviour: o.Behaviour, TicketKey: o.TicketKey,
		IdleTimeout: o.Idle, Patience: o.Patience, SystemRoots: o.SystemRoots,
		Clock:   func() time.Time { return o.Clock },
		KeyLog:  remoteLog{a},
		Fact:    func(kind outcome.FactKind, text string) { a.ask(request{Verb: doFact, Kind: kind, Text: text}) },
		Changed: func(now outcome.Outcome) { a.ask(request{Verb: doChanged, Outcome: now}) },
	}
	if c.Credential, err = o.Credential.credential(); err != nil {
		return c, err
	}
	if c.Behaviour.Answer, err = o.Answer.credential(); err != nil {
		return c, err
	}
	c.Behaviour.Also = nil
	for _, also := range o.Also {
		var credential *pki.Credential
		if credential, err = also.credential(); err != nil {
			return c, err
		}
		c.Behaviour.Also = append(c.Behaviour.Also, credential)
	}
	return c, nil
}

// A remoteLog is a key log writer in another process.
type remoteLog struct{ *asker }

func (l remoteLog) Write(line []byte) (int, error) {
	if err := l.ask(request{Verb: doKeyLog, Data: line}).Err.err(); err != nil {
		return 0, err
	}
	return len(line), nil
}

// A remoteConn is a connection that is in another process.
type remoteConn struct {
	*asker
	order *order
}

func (c *remoteConn) Read(p []byte) (int, error) {
	got := c.ask(request{Verb: doRead, Size: len(p)})
	return copy(p, got.Data), got.Err.err()
}

func (c *remoteConn) Write(p []byte) (int, error) {
	if err := c.ask(request{Verb: doWrite, Data: p}).Err.err(); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (c *remoteConn) CloseWrite() error { return c.ask(request{Verb: doCloseWrite}).Err.err() }

// Close is CloseWrite, as that of a tapped end.
func (c *remoteConn) Close() error { return c.CloseWrite() }

// Drain reads to the end and forgets what it reads.
func (c *remoteConn) Drain() { c.ask(request{Verb: doDrain}) }

func (c *remoteConn) SetReadDeadline(t time.Time) error {
	return c.ask(request{Verb: doDeadline, Time: t}).Err.err()
}

func (c *remoteConn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetWriteDeadline does nothing: writes go to the gate and never wait.
func (c *remoteConn) SetWriteDeadline(time.Time) error { return nil }

func (c *remoteConn) LocalAddr() net.Addr  { return remoteAddr{"tcp", c.order.Local} }
func (c *remoteConn) RemoteAddr() net.Addr { return remoteAddr{"tcp", c.order.Remote} }

// A remotePacket is a UDP socket that is in another process.
type remotePacket struct{ remoteConn }

func (c *remotePacket) ReadFrom(p []byte) (int, net.Addr, error) {
	got := c.ask(request{Verb: doRead, Size: len(p)})
	return copy(p, got.Data), remoteAddr{"udp", got.Addr}.udp(), got.Err.err()
}

// WriteTo sends to the one peer that there is.
func (c *remotePacket) WriteTo(p []byte, _ net.Addr) (int, error) { return c.Write(p) }

func (c *remotePacket) LocalAddr() net.Addr { return remoteAddr{"udp", c.order.Local}.udp() }

// SetReadBuffer and SetWriteBuffer keep quic-go from asking for larger buffers.
func (c *remotePacket) SetReadBuffer(int) error  { return nil }
func (c *remotePacket) SetWriteBuffer(int) error { return nil }

// A remoteAddr is the address of a connection in another process.
type remoteAddr struct{ network, address string }

func (a remoteAddr) Network() string { return a.network }
func (a remoteAddr) String() string  { return a.address }

// udp returns the address as quic-go wants it.
func (a remoteAddr) udp() net.Addr {
	if u, err := net.ResolveUDPAddr("udp", a.address); err == nil {
		return u
	}
	return a
}
