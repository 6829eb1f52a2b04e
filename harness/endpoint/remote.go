package endpoint

import (
	"crypto"
	"crypto/x509"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/pki"
)

// An order is what a process of its own is told to run.
type order struct {
	Role      outcome.Role
	Transport outcome.Transport
	Settings  outcome.Settings
	Behaviour Behaviour
	// Clock is the side's time, for as long as it runs.
	Clock time.Time
	// Credential, Also and Answer are those of Config and Behaviour.
	Credential *remoteCredential
	Also       []*remoteCredential
	Answer     *remoteCredential
	TicketKey  *[32]byte
	// Idle, Patience and SystemRoots are those of Config.
	Idle, Patience time.Duration
	SystemRoots    bool
	// Local and Remote are the addresses of its connection.
	Local, Remote string
}

// A remoteCredential is a credential with its key in PKCS #8.
type remoteCredential struct {
	Chain  [][]byte
	Key    []byte
	Source string
}

func toRemote(c *pki.Credential) (*remoteCredential, error) {
	if c == nil {
		return nil, nil
	}
	key, err := x509.MarshalPKCS8PrivateKey(c.Key)
	if err != nil {
		return nil, fmt.Errorf("hand the key of %s to a process: %w", c.Source, err)
	}
	return &remoteCredential{c.Chain, key, c.Source}, nil
}

func (r *remoteCredential) credential() (*pki.Credential, error) {
	if r == nil {
		return nil, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(r.Key)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of type %T cannot sign", key)
	}
	return &pki.Credential{Chain: r.Chain, Key: signer, Source: r.Source}, nil
}

// A verb is what a process asks of whoever runs it.
type verb string

// The verbs: what a connection can do, and what [Config] is called with.
const (
	doRead       verb = "read"
	doWrite      verb = "write"
	doCloseWrite verb = "close write"
	doDrain      verb = "drain"
	doDeadline   verb = "deadline"
	doFact       verb = "fact"
	doKeyLog     verb = "key log"
	doChanged    verb = "changed"
	doReady      verb = "ready"
	doDone       verb = "done"
)

// A request is one call. Its ID comes back with the answer: a read can wait while
// something is written.
type request struct {
	ID      uint64
	Verb    verb
	Data    []byte
	Size    int
	Time    time.Time
	Kind    outcome.FactKind
	Text    string
	Outcome outcome.Outcome
	// Failed says that the process could not run its order (doDone).
	Failed string
}

// An answer is what came of a request.
type answer struct {
	ID   uint64
	Data []byte
	Addr string
	Err  *remoteError
}

// A remoteError is an error that crossed from one process to the other: its text,
// and which of those it is that somebody asks for.
type remoteError struct {
	Text string
	Is   string
}

// remoteKinds are the errors of a connection that an endpoint tells apart.
var remoteKinds = map[string]error{
	"eof":      io.EOF,
	"deadline": os.ErrDeadlineExceeded,
	"closed":   net.ErrClosed,
	"reset":    syscall.ECONNRESET,
	"pipe":     syscall.EPIPE,
	"refused":  syscall.ECONNREFUSED,
}

func toRemoteError(err error) *remoteError {
	if err == nil {
		return nil
	}
	for name, kind := range remoteKinds {
		if errors.Is(err, kind) {
			return &remoteError{err.Error(), name}
		}
	}
	return &remoteError{Text: err.Error()}
}

func (e *remoteError) Error() string { return e.Text }
func (e *remoteError) Unwrap() error { return remoteKinds[e.Is] }

// Timeout and Temporary make a deadline one for those who ask net.Error.
func (e *remoteError) Timeout() bool   { return e.Is == "deadline" }
func (e *remoteError) Temporary() bool { return e.Timeout() }

// err returns the error as one that compares with io.EOF where it is one.
func (e *remoteError) err() error {
	switch {
	case e == nil:
		return nil
	case e.Is == "eof":
		return io.EOF
	}
	return e
}

// An asker sends requests and waits for their answers. It is safe for concurrent
// use.
type asker struct {
	mu      sync.Mutex
	out     *gob.Encoder
	last    uint64
	waiting map[uint64]chan answer
	broken  bool // nobody answers any more
}

func newAsker(out io.Writer) *asker {
	return &asker{out: gob.NewEncoder(out), waiting: map[uint64]chan answer{}}
}

// listen hands out answers until there are no more. Then whoever asks is told that
// the connection is closed.
func (a *asker) listen(in *gob.Decoder) {
	for {
		var got answer
		err := in.Decode(&got)
		a.mu.Lock()
		if err != nil {
			a.broken = true
			for _, c := range a.waiting {
				close(c)
			}
			a.waiting = nil
			a.mu.Unlock()
			return
		}
		c := a.waiting[got.ID]
		delete(a.waiting, got.ID)
		a.mu.Unlock()
		if c != nil {
			c <- got
		}
	}
}

func (a *asker) ask(r request) answer {
	c := make(chan answer, 1)
	a.mu.Lock()
	a.last++
	r.ID = a.last
	if a.broken || a.out.Encode(r) != nil {
		a.mu.Unlock()
		return answer{Err: toRemoteError(net.ErrClosed)}
	}
	a.waiting[r.ID] = c
	a.mu.Unlock()
	got, ok := <-c
	if !ok {
		return answer{Err: toRemoteError(net.ErrClosed)}
	}
	return got
}
