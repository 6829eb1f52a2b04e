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
	_ = cmd.Wait() // its state says the same
	var refused orderRefused
	switch {
	case err == nil:
		return done, nil
	case ctx.Err() != nil:
		return m.cutOff(ctx), nil
	case !errors.As(err, &refused):
		err = fmt.Errorf("it ended before it was done (%w, %v)%s", err, cmd.ProcessState, said)
	}
	return done, failedOrder(err)
}

// An orderRefused is why a process cannot run its order, in its own words.
type orderRefused string

func (e orderRefused) Error() string { return string(e) }

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
