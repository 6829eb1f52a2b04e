package diagnose

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shakedown/harness/dissect"
	"shakedown/harness/endpoint"
	"shakedown/harness/link"
	"shakedown/harness/outcome"
	"shakedown/harness/pki"
	"shakedown/harness/transcript"
)

// A setup is a pair about to be connected over memory: what both sides are
// configured with, and the keys that settings do not hold.
type setup struct {
	*pair
	t                    testing.TB
	cell                 outcome.Cell
	client, server       outcome.Settings
	clientKey, serverKey crypto.Signer
	also                 []Known
	// talk replaces a side by something that is no endpoint (TCP only).
	talkClient, talkServer func(net.Conn)
	limit                  time.Duration
}

func newSetup(t testing.TB, cell outcome.Cell) *setup {
	t.Helper()
	p := healthyPair(t)
	s := &setup{pair: p, t: t, cell: cell, limit: 10 * time.Second, clientKey: p.client.key, serverKey: p.server.key}
	s.client, s.server = p.settings(t)
	version := uint16(tls13)
	if cell.TLS == "1.2" {
		version = tls12
	}
	for _, side := range []*outcome.Settings{&s.client, &s.server} {
		side.MinVersion, side.MaxVersion = version, version
	}
	return s
}

// present makes a side present those certificates; the first one's key signs.
func (s *setup) present(role outcome.Role, list ...*entity) {
	if role == outcome.Client {
		s.client.Credentials, s.clientKey = credential(s.t, list...), list[0].key
	} else {
		s.server.Credentials, s.serverKey = credential(s.t, list...), list[0].key
	}
}

// sign makes a side sign with another key than its certificate's.
func (s *setup) sign(role outcome.Role, key *entity) {
	set, signer := &s.server, &s.serverKey
	if role == outcome.Client {
		set, signer = &s.client, &s.clientKey
	}
	*signer = key.key
	set.Credentials = []outcome.Credential{{Chain: set.Credentials[0].Chain, PublicKey: key.public(s.t)}}
}

func (s *setup) know(list ...*entity) {
	for _, e := range list {
		s.also = append(s.also, Known{Raw: e.raw(), Source: "extra.pem"})
	}
}

// config is what an endpoint takes.
func config(set outcome.Settings, key crypto.Signer, l *link.Link) endpoint.Config {
	clock := set.Clock
	c := endpoint.Config{
		Settings: set, KeyLog: l.KeyLog(set.Role), Clock: func() time.Time { return clock },
		Fact: func(kind outcome.FactKind, text string) { l.Fact(set.Role, kind, text) },
	}
	if len(set.Credentials) > 0 {
		c.Credential = &pki.Credential{Chain: set.Credentials[0].Chain, Key: key}
	}
	return c
}

// run connects the pair and returns the recording as a diagnosis sees it.
func (s *setup) run() Input {
	s.t.Helper()
	recording := s.record()
	return Input{Timeline: dissect.Transcript(recording), Client: recording.Client, Server: recording.Server, Also: s.also}
}

// record connects the pair and returns the recording.
func (s *setup) record() *transcript.Transcript {
	s.t.Helper()
	recording := &transcript.Transcript{Transport: s.cell.Transport}
	recording.Client.Settings, recording.Server.Settings = s.client, s.server
	l := link.New(recording, link.Options{})
	ctx, cancel := context.WithTimeout(context.Background(), s.limit)
	defer cancel()
	if s.cell.Transport == outcome.QUIC {
		s.runQUIC(ctx, l)
	} else {
		s.runTCP(ctx, l)
	}
	return recording
}

func (s *setup) runTCP(ctx context.Context, l *link.Link) {
	clientConn, serverConn := link.StreamPipe()
	clientEnd, serverEnd := l.Stream(outcome.Client, clientConn), l.Stream(outcome.Server, serverConn)
	stop := context.AfterFunc(ctx, func() { _ = clientEnd.Discard(); _ = serverEnd.Discard() })
	defer stop()
	var both sync.WaitGroup
	both.Go(func() {
		if s.talkServer != nil {
			s.talkServer(serverEnd)
			return
		}
		l.SetOutcome(endpoint.TCPServer(ctx, config(s.server, s.serverKey, l), serverEnd))
	})
	both.Go(func() {
		if s.talkClient != nil {
			s.talkClient(clientEnd)
			return
		}
		l.SetOutcome(endpoint.TCPClient(ctx, config(s.client, s.clientKey, l), clientEnd))
	})
	both.Wait()
}

func (s *setup) runQUIC(ctx context.Context, l *link.Link) {
	clientConn, serverConn := link.PacketPipe()
	clientEnd, serverEnd := l.Packet(outcome.Client, clientConn), l.Packet(outcome.Server, serverConn)
	listening := make(chan struct{})
	attended, nobodyCame := context.WithCancelCause(ctx)
	defer nobodyCame(nil)
	var both sync.WaitGroup
	both.Go(func() {
		l.SetOutcome(endpoint.QUICServer(attended, config(s.server, s.serverKey, l), serverEnd, sync.OnceFunc(func() { close(listening) })))
	})
	both.Go(func() {
		<-listening
		o := endpoint.QUICClient(ctx, config(s.client, s.clientKey, l), clientEnd, serverEnd.LocalAddr())
		if !l.CanReach(outcome.Server) {
			nobodyCame(endpoint.ErrNobodyCame)
		}
		l.SetOutcome(o)
	})
	both.Wait()
}

var (
	tcp12  = outcome.Cell{Transport: outcome.TCP, TLS: "1.2"}
	tcp13  = outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}
	quic13 = outcome.Cell{Transport: outcome.QUIC, TLS: "1.3"}
	cells  = []outcome.Cell{tcp12, tcp13, quic13}
)

// A want is what a diagnosis should come to, in the words of a scenario's
// expectations: "refused client Certificate 42 server-expired", and what else.
type want struct {
	happened string
	causes   []string // with "?" behind what is not certain
	further  []string
}

// said writes a diagnosis in those words.
func said(d Diagnosis) want {
	w := want{happened: string(d.Outcome)}
	if d.Side != "" {
		w.happened += " " + string(d.Side)
	}
	if d.RefusedBy != "" {
		w.happened += fmt.Sprintf(" %s %s", d.RefusedBy, orDash(d.At))
		if d.Alert != nil {
			w.happened += fmt.Sprintf(" %d", d.Alert.Code)
		} else {
			w.happened += " none"
		}
	}
	mark := func(list []Cause) []string {
		var ids []string
		for _, c := range list {
			if c.Certain {
				ids = append(ids, c.ID)
			} else {
				ids = append(ids, c.ID+"?")
			}
		}
		return ids
	}
	w.causes, w.further = mark(d.Causes), mark(d.Further)
	return w
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// check compares, and prints the whole diagnosis where it differs.
func check(t *testing.T, d Diagnosis, w want) {
	t.Helper()
	got := said(d)
	if got.happened == w.happened && slices.Equal(got.causes, w.causes) && slices.Equal(got.further, w.further) {
		return
	}
	t.Errorf("got  %q causes %v further %v\nwant %q causes %v further %v\n%s",
		got.happened, got.causes, got.further, w.happened, w.causes, w.further, story(d))
}

// story is a diagnosis as a person would read it.
func story(d Diagnosis) string {
	var b strings.Builder
	for _, c := range append(slices.Clone(d.Causes), d.Further...) {
		fmt.Fprintf(&b, "%s (certain: %t)\n", c.ID, c.Certain)
		for _, e := range c.Evidence {
			fmt.Fprintf(&b, "    - %s\n", e.Text)
		}
		fmt.Fprintf(&b, "    remedy: %s\n    try: %s\n", c.Remedy, c.Try)
	}
	return b.String()
}

// hangUp reads a little and closes, or writes something and closes.
func hangUp(first string) func(net.Conn) {
	return func(c net.Conn) {
		if first != "" {
			_, _ = io.WriteString(c, first)
		} else {
			_, _ = c.Read(make([]byte, 4096))
		}
		_ = c.Close()
		_, _ = io.Copy(io.Discard, c)
	}
}
