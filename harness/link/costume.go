package link

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"shakedown/harness/fault"
	"shakedown/harness/transcript"
)

// A Costume lets an endpoint behave like another stack: it stands between the
// endpoint and its tapped end, and changes the messages that the endpoint sends.
// What is recorded is what such a stack would have sent, and the peer meets a
// stack that really behaves so: in TLS 1.3 signatures and both Finished are made
// again, and records are translated between the keys of both sides.
//
// In TLS 1.2, whose Finished is behind the keys, only a ClientHello can be
// changed, and its peer has to refuse before it comes to Finished.
//
// It changes nothing of the timing: a read hands out at most one record, and a
// flight that was written at once is written at once.
type Costume struct {
	*StreamEnd
	quirks fault.Quirks
	failed func(error)

	mu sync.Mutex
	// rewriter follows the handshake as both sides see it, over a link of its own
	// that carries nothing: it keeps the two key logs as the two stacks write them.
	rewriter *rewriter
	// out weaves what the endpoint writes, in what its peer sends.
	out, in           *recordWeaver
	outSplit, inSplit splitter
	late              *lateRequest // nil where nothing is asked late
	err               error        // why a quirk cannot be had
	// held is what the endpoint has written and no key is there for yet.
	held [][]byte
	// ready is what the endpoint can read.
	ready []byte
	buf   []byte
}

// Dress puts a costume on a side's end. The endpoint uses it as its connection,
// and [Costume.KeyLogs] as the key logs of both sides. signers are the keys that
// it may sign with. failed is called once, and must not block, where a quirk
// cannot be had; then the connection has to end.
func (l *Link) Dress(end *StreamEnd, quirks fault.Quirks, signers []Signer, failed func(error)) *Costume {
	own := &Link{transcript: new(transcript.Transcript), options: Options{
		Faults: quirks.Rewrites, Signers: signers, Reprotect: quirks.LateRequest, // a record that is put in moves the numbers of those behind it
	}}
	r := newRewriter(own)
	c := &Costume{
		StreamEnd: end, quirks: quirks, failed: failed, rewriter: r,
		out: &recordWeaver{rewriter: r, from: end.role}, in: &recordWeaver{rewriter: r, from: end.role.Peer()},
		buf: make([]byte, 4096),
	}
	if quirks.LateRequest {
		c.late = new(lateRequest)
	}
	return c
}

// Write sends what the endpoint writes as the other stack would.
func (c *Costume) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	units, _ := c.outSplit.split(append([]byte(nil), p...))
	c.held = append(c.held, units...)
	if err := c.flush(); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flush writes what the keys are there for. The caller holds c.mu.
func (c *Costume) flush() error {
	var whole []byte
	for len(c.held) > 0 {
		made, err := c.sends(c.held[0])
		if errors.Is(err, errNotYet) {
			break
		}
		if err != nil {
			c.fail(err)
			made = c.held[0]
		}
		whole, c.held = append(whole, made...), c.held[1:]
	}
	if len(c.quirks.Rewrites) > 0 && c.out.behind {
		c.fail(errors.New("in TLS 1.2 its peer has to refuse before Finished, which covers what was changed"))
	}
	if len(whole) == 0 {
		return nil
	}
	_, err := c.StreamEnd.Write(whole)
	return err
}

// sends returns what the other stack sends in place of a record.
func (c *Costume) sends(record []byte) ([]byte, error) {
	if c.late != nil {
		if made, done, err := c.late.before(c, record); done || err != nil {
			return made, err
		}
	}
	as, err := c.out.weave(record)
	return as.bytes, err
}

// Read hands out what the peer sends, as the endpoint can read it.
func (c *Costume) Read(p []byte) (int, error) {
	for {
		c.mu.Lock()
		n := copy(p, c.ready)
		c.ready = c.ready[n:]
		c.mu.Unlock()
		if n > 0 || len(p) == 0 {
			return n, nil
		}
		n, err := c.StreamEnd.Read(c.buf)
		c.arrived(c.buf[:n])
		if err != nil {
			c.mu.Lock()
			c.ready = append(c.ready, c.inSplit.rest()...) // a record that was cut short
			n = copy(p, c.ready)
			c.ready = c.ready[n:]
			c.mu.Unlock()
			return n, err
		}
	}
}

// arrived makes what came readable.
func (c *Costume) arrived(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	units, _ := c.inSplit.split(append([]byte(nil), b...))
	for _, unit := range units {
		as, err := c.in.weave(unit)
		if err != nil { // the endpoint has the keys of what it is about to read
			c.fail(err)
			as.bytes = unit
		}
		c.ready = append(c.ready, as.bytes...)
	}
}

// CloseWrite ends the endpoint's direction, behind what still waits for a key.
func (c *Costume) CloseWrite() error {
	c.mu.Lock()
	for _, unit := range append(c.held, c.outSplit.rest()) {
		_, _ = c.StreamEnd.Write(unit) // a key that has not come by now will not come
	}
	c.held = nil
	c.mu.Unlock()
	return c.StreamEnd.CloseWrite()
}

// Close is CloseWrite, as that of the end.
func (c *Costume) Close() error { return c.CloseWrite() }

// Unworn names the quirks whose message was never sent.
func (c *Costume) Unworn() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []string
	for i, f := range c.quirks.Rewrites {
		if !c.rewriter.used[i] {
			list = append(list, fmt.Sprintf("%s is another one (%s)", f.On, strings.Join(f.Do.Rewrite.Stated(), ", ")))
		}
	}
	if c.late != nil && !c.late.asked {
		list = append(list, "the server asks for a certificate once the handshake is over")
	}
	return list
}

// Err returns why a quirk could not be had, nil if all could.
func (c *Costume) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// fail notes that a quirk cannot be had. The caller holds c.mu.
func (c *Costume) fail(err error) {
	if c.err == nil {
		c.err = fmt.Errorf("let the %s behave like another stack: %w", c.role, err)
		c.failed(c.err)
	}
}
