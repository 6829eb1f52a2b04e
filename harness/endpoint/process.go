package endpoint

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// A Process runs one endpoint in a process of its own, which is this program
// again with other settings of GODEBUG. The connection stays where it is: every
// read, every write and every fact is a call, so that a recording tells the order
// of things as if the endpoint were here.
//
// It keeps no sessions for later connections (Config.Sessions), and its clock stands
// still.
type Process struct {
	// Debug are settings of GODEBUG ("fips140=on").
	Debug []string
	// Ready is called when a QUIC server listens. It may be nil.
	Ready func()
}

// RunTCP runs the endpoint of that role over conn, as [TCPClient] and [TCPServer]
// do. The error says why the process could not run.
func (p Process) RunTCP(ctx context.Context, role outcome.Role, c Config, conn HalfCloser) (outcome.Outcome, error) {
	return p.run(ctx, role, outcome.TCP, c, streamServant{conn}, conn.LocalAddr(), conn.RemoteAddr())
}

// RunQUIC runs the endpoint of that role over socket, as [QUICClient] and
// [QUICServer] do. peer is whom all of it is sent to.
func (p Process) RunQUIC(ctx context.Context, role outcome.Role, c Config, socket net.PacketConn, peer net.Addr) (outcome.Outcome, error) {
	return p.run(ctx, role, outcome.QUIC, c, packetServant{socket, peer}, socket.LocalAddr(), peer)
}

// A servant does for the process what it asks of the connection.
type servant interface {
	serve(request) answer
	// release ends a read that waits.
	release()
}

func (p Process) run(ctx context.Context, role outcome.Role, transport outcome.Transport, c Config, s servant, local, remote net.Addr) (outcome.Outcome, error) {
	o, err := newOrder(role, transport, c)
	if err != nil {
		return outcome.Outcome{}, err
	}
	o.Local, o.Remote = local.String(), remote.String()
	program, err := os.Executable()
	if err != nil {
		return outcome.Outcome{}, failedOrder(err)
	}
	said := new(lastWords)
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), childVariable+"="+string(role), "GODEBUG="+p.settings())
	cmd.Stderr, cmd.WaitDelay = said, time.Second
	in, out, err := pipes(cmd)
	if err != nil {
		return outcome.Outcome{}, failedOrder(err)
	}
	m := &master{config: c.withDefaults(), servant: s, ready: p.Ready, out: gob.NewEncoder(in), last: outcome.Outcome{Role: role, Known: true}}
	done, err := m.serve(o, out)
	// Without them it ends, whatever it is at: nobody would answer it any more.
	_, _ = in.Close(), out.Close()
	s.release()
	m.calls.Wait()
	ended := cmd.Wait()
	switch {
	case err == nil:
		return done, nil
	case ctx.Err() != nil:
		return m.cutOff(ctx), nil
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("it ended before it was done (%v)%s", ended, said)
	}
	return done, failedOrder(err)
}

// pipes starts cmd and returns its input and its output.
func pipes(cmd *exec.Cmd) (in io.WriteCloser, out io.ReadCloser, err error) {
	if in, err = cmd.StdinPipe(); err != nil {
		return nil, nil, err
	}
	if out, err = cmd.StdoutPipe(); err != nil {
		return nil, nil, errors.Join(err, in.Close())
	}
	return in, out, cmd.Start() // which closes both where it fails
}

// lastWords are the beginning of what a process writes to its error output: a
// panic, or what Go has against a setting of GODEBUG.
type lastWords struct{ text []byte }

// maxWords is how much of it is kept.
const maxWords = 1 << 10

func (w *lastWords) Write(p []byte) (int, error) {
	w.text = append(w.text, p[:min(len(p), maxWords-len(w.text))]...)
	return len(p), nil
}

// String is what is to follow an error's own text.
func (w *lastWords) String() string {
	if len(w.text) == 0 {
		return ""
	}
	return ": " + field.Printable(strings.TrimSpace(string(w.text)))
}

func failedOrder(err error) error {
	return fmt.Errorf("run an endpoint in a process of its own: %w", err)
}

// settings are this process's own with those that are asked for behind them, where
// they count.
func (p Process) settings() string {
	all := p.Debug
	if own := os.Getenv("GODEBUG"); own != "" {
		all = append([]string{own}, p.Debug...)
	}
	return strings.Join(all, ",")
}

func newOrder(role outcome.Role, transport outcome.Transport, c Config) (o order, err error) {
	if c.LateWait != nil {
		return o, failedOrder(errors.New("whoever waits for a late refusal by LateWait runs the endpoint itself"))
	}
	o = order{
		Role: role, Transport: transport, Settings: c.Settings, Behaviour: c.Behaviour, TicketKey: c.TicketKey,
		Idle: c.IdleTimeout, Patience: c.Patience, SystemRoots: c.SystemRoots, Clock: time.Now(),
	}
	if c.Clock != nil {
		o.Clock = c.Clock()
	}
	o.Behaviour.Also, o.Behaviour.Answer = nil, nil
	if o.Credential, err = toRemote(c.Credential); err != nil {
		return o, err
	}
	if o.Answer, err = toRemote(c.Behaviour.Answer); err != nil {
		return o, err
	}
	for _, also := range c.Behaviour.Also {
		r, err := toRemote(also)
		if err != nil {
			return o, err
		}
		o.Also = append(o.Also, r)
	}
	return o, nil
}

// A master answers the requests of one process.
type master struct {
	config  Config
	servant servant
	ready   func()
	calls   sync.WaitGroup

	mu   sync.Mutex
	out  *gob.Encoder
	last outcome.Outcome // what the process has said of itself so far
}

// serve gives the order and answers until it is carried out.
func (m *master) serve(o order, from io.Reader) (outcome.Outcome, error) {
	if err := m.out.Encode(o); err != nil {
		return outcome.Outcome{}, err
	}
	requests := gob.NewDecoder(from)
	for {
		var r request
		if err := requests.Decode(&r); err != nil {
			return outcome.Outcome{}, err
		}
		switch r.Verb {
		case doDone:
			m.say(answer{ID: r.ID})
			if r.Failed != "" {
				return r.Outcome, errors.New(r.Failed)
			}
			return r.Outcome, nil
		case doRead, doDrain: // they can wait for long, and others must not wait for them
			m.calls.Go(func() { m.say(m.servant.serve(r)) })
		default:
			m.say(m.do(r))
		}
	}
}

// do carries out a request that does not wait.
func (m *master) do(r request) answer {
	a := answer{ID: r.ID}
	switch r.Verb {
	case doFact:
		m.config.Fact(r.Kind, r.Text)
	case doKeyLog:
		if m.config.KeyLog != nil {
			_, err := m.config.KeyLog.Write(r.Data)
			a.Err = toRemoteError(err)
		}
	case doChanged:
		m.mu.Lock()
		m.last = r.Outcome
		m.mu.Unlock()
		if m.config.Changed != nil {
			m.config.Changed(r.Outcome)
		}
	case doReady:
		if m.ready != nil {
			m.ready()
		}
	default:
		return m.servant.serve(r)
	}
	return a
}

func (m *master) say(a answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.out.Encode(a) // a process that has ended asks for nothing more
}

// cutOff is the outcome of a process that was ended from outside.
func (m *master) cutOff(ctx context.Context) outcome.Outcome {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.last
	if errors.Is(context.Cause(ctx), ErrNobodyCame) {
		return o
	}
	if f := failureOf(context.Cause(ctx), outcome.OpHandshake); o.Complete {
		o.Late = f
	} else {
		o.Handshake = f
	}
	return o
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
