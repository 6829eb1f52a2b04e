package dissect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quic-go/quic-go"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// quicPairs are the connections whose timelines are golden.
var quicPairs = []quicPair{
	{name: "healthy"},
	{name: "x25519", tls: func(client, _ *tls.Config) { client.CurvePreferences = []tls.CurveID{tls.X25519} }},
	{name: "hello-retry-request", tls: func(client, server *tls.Config) {
		client.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP384}
		server.CurvePreferences = []tls.CurveID{tls.CurveP384}
	}},
	{name: "client-no-cert", tls: func(client, _ *tls.Config) { client.Certificates = nil }},
	{name: "server-untrusted-ca", tls: func(client, _ *tls.Config) {
		_, other := identities()
		client.RootCAs = other.pool
	}},
	{name: "alpn-mismatch", tls: func(_, server *tls.Config) { server.NextProtos = []string{"other"} }},
	{name: "retry", retry: true, tls: func(client, _ *tls.Config) { client.CurvePreferences = []tls.CurveID{tls.X25519} }},
	{name: "retry-ml-kem", retry: true, flight: 2},
	{name: "version-2", quic: func(client, server *quic.Config) {
		client.Versions, server.Versions = []quic.Version{quic.Version2}, []quic.Version{quic.Version2}
	}},
	{name: "version-negotiation", flight: 2, quic: func(client, server *quic.Config) {
		client.Versions, server.Versions = []quic.Version{quic.Version2, quic.Version1}, []quic.Version{quic.Version1}
	}},
	{
		// The server closes when it has read what the client wants.
		name: "application-close",
		serve: func(ctx context.Context, c *quic.Conn) error {
			if err := say(c, "!"); err != nil {
				return err
			}
			_, err := c.AcceptUniStream(ctx)
			return errors.Join(err, c.CloseWithError(0x103, "client-1 not authorised"))
		},
		use: func(ctx context.Context, c *quic.Conn) error {
			if _, err := c.AcceptUniStream(ctx); err != nil {
				return err
			}
			err := say(c, "?")
			<-c.Context().Done()
			return err
		},
	},
}

// The story that each pair tells is the same with both key logs or one of them.
func TestQUICTimelines(t *testing.T) {
	for _, p := range quicPairs {
		t.Run(p.name, func(t *testing.T) {
			tr := p.run(t)
			tl := Transcript(tr)
			checkGolden(t, p.name, story(tl))
			if tl.Unread != 0 {
				t.Errorf("%d units could not be read:\n%s", tl.Unread, everything(tl))
			}
			checkSteps(t, tr, tl)
		})
	}
}

// checkSteps checks what holds of every timeline: each datagram has a step, every
// tree covers its buffers.
func checkSteps(t *testing.T, tr *transcript.Transcript, tl *Timeline) {
	t.Helper()
	has := map[int]bool{}
	for _, s := range tl.Steps {
		has[s.Unit] = true
		if s.Err != nil {
			t.Errorf("%s from %s: %v", s.Name, s.From, s.Err)
		}
		if s.Unit != s.Units[len(s.Units)-1] {
			t.Errorf("%s: unit %d is not the last of %v", s.Name, s.Unit, s.Units)
		}
		if s.Summary == "" || s.Level == "" || s.Bytes == 0 || s.WireBytes == 0 {
			t.Errorf("%s says too little: %+v", s.Name, s)
		}
		checkTree(t, s)
	}
	for _, u := range tr.Units {
		if !has[u.Index] {
			t.Errorf("datagram %d from the %s has no step", u.Index, u.From)
		}
	}
}

// checkGolden compares a story with testdata/quic.
func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "quic", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the timeline differs from %s\ngot:\n%s\nwant:\n%s\nupdate: go test ./harness/dissect -run TestQUICTimelines -update", file, got, want)
	}
}

// story writes a timeline so that it is the same each time. What depends on the
// clock is left out: acknowledgments, repetitions, connection IDs, and where a
// flight was cut into datagrams. In one flight what is no handshake message is
// sorted, because quic-go shuffles its frames.
func story(tl *Timeline) string {
	var b strings.Builder
	fmt.Fprintf(&b, "version 0x%04x, suite 0x%04x, group 0x%04x, alpn %q\n", tl.Version, tl.CipherSuite, tl.Group, tl.ALPN)
	var flight []string
	var from outcome.Role
	end := func() {
		slices.Sort(flight)
		b.WriteString(strings.Join(flight, ""))
		flight = nil
	}
	for _, s := range tl.Steps {
		if leftOut(s) {
			continue
		}
		if s.From != from {
			end()
			from = s.From
		}
		line := fmt.Sprintf("%s  %-11s  %s", s.From, s.Level, s.Name)
		if s.Kind == KindHandshake && s.Level != Application {
			end()
			fmt.Fprintln(&b, line)
			continue
		}
		if s.Kind == KindQUICFrame && s.Name != "NEW_TOKEN" && s.Name != "Retry" {
			line += ": " + s.Summary
		}
		flight = append(flight, line+"\n")
	}
	end()
	return b.String()
}

// leftOut says that a step comes at another place, or not at all, another time.
func leftOut(s *Step) bool {
	if s.Kind == KindHandshake || s.Kind == KindTransport {
		return false
	}
	if slices.Contains(s.Marks, transcript.Retransmission) {
		return true
	}
	switch s.Name {
	case "CONNECTION_CLOSE", "HANDSHAKE_DONE", "NEW_TOKEN", "STREAM", "protected packet":
		return false
	case "Retry", "Version Negotiation":
		return strings.Contains(s.Summary, "ignored")
	}
	return true
}

// everything writes a timeline with every step of it.
func everything(tl *Timeline) string {
	var b strings.Builder
	for _, s := range tl.Steps {
		fmt.Fprintf(&b, "%3d %v %s %-11s %s [%d bytes, %v] %s\n", s.Unit, s.Units, s.From, s.Level, s.Name, s.Bytes, s.Marks, s.Summary)
	}
	return b.String()
}
