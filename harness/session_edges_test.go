package harness

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"shakedown/harness/diagnose"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

const threeConnects = `
title: three connections
script: [{connect: {}}, {connect: {}}, {connect: {}}]
expect: [{outcome: established}, {outcome: established}, {outcome: established}]
`

// A key that is pressed twice between two connections asks for one of them.
func TestASecondCommandBetweenConnectionsSkipsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, threeConnects, tcp13)
		synctest.Wait()
		s.Continue()
		synctest.Wait()
		s.Step()
		s.Step()
		synctest.Wait()
		s.Continue()
		synctest.Wait()
		if state := s.State(); state.Phase != PhaseEnded || state.Connection != 2 {
			t.Errorf("phase %s of connection %d, want the end of connection 2", state.Phase, state.Connection)
		}
	})
}

// Where there is one cell, the key that switches says so before it is pressed.
func TestOneCellCannotBeSwitched(t *testing.T) {
	for cells, off := range map[string]bool{"": false, "matrix: {transport: [tcp], tls: [\"1.3\"]}\n": true} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, "title: cells\n"+cells+"expect: {outcome: established}\n", tcp13)
			s.Finish()
			synctest.Wait()
			if why := s.State().Disabled[CommandSwitch]; (why != "") != off {
				t.Errorf("with %q switching is off because of %q", cells, why)
			}
		})
	}
}

func TestForwardReachesTheLastStepAfterARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, noCert, tcp13)
		s.Finish()
		synctest.Wait()
		last := len(s.State().Timeline.Steps) - 1
		seen := []int{s.State().Cursor}
		for range 6 {
			s.Forward()
			seen = append(seen, s.State().Cursor)
		}
		if seen[len(seen)-1] != last || !slices.IsSorted(seen) {
			t.Errorf("forward leads to %v, want it to go up to %d", seen, last)
		}
	})
}

// A connection whose files do not load counts as one, although it has no wire.
func TestAReloadThatDoesNotLoadIsAConnectionOfItsOwn(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.pem")
	if err := os.WriteFile(broken, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`
title: the renewed certificate does not load
pki: {broken: {cert: %q, key: %q}}
script: [{connect: {}}, {reload: {client: {present: [broken]}}}, {connect: {}}]
expect: [{outcome: established}, {outcome: unloadable, side: client}]
`, broken, broken)
	synctest.Test(t, func(t *testing.T) {
		s := open(t, text, tcp13)
		synctest.Wait()
		s.Continue()
		synctest.Wait()
		s.Step()
		synctest.Wait()
		state := s.State()
		if state.Phase != PhaseEnded || state.Connection != 2 || state.Diagnosis.Outcome != diagnose.Unloadable {
			t.Errorf("phase %s of connection %d, %s; want connection 2 ended, unloadable", state.Phase, state.Connection, state.Diagnosis.Outcome)
		}
	})
}

func TestRestartsAtTheSameTimeLeaveNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for range 5 {
		s, err := OpenSession(context.Background(), parse(t, healthy), tcp13, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { s.Restart(outcome.Cell{}) })
		}
		both.Wait()
		s.Close()
	}
}

// serveTCP serves one TCP connection after another on loopback and returns the address.
func serveTCP(t *testing.T, serve func(*net.TCPConn)) string {
	t.Helper()
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.AcceptTCP()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return listener.Addr().String()
}

// A foreign peer's RST stands in its place behind the alert that is held, and
// the client reads the alert first.
func TestAForeignResetDoesNotOvertakeAHeldAlert(t *testing.T) {
	address := serveTCP(t, func(c *net.TCPConn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = c.Write([]byte{21, 3, 3, 0, 2, 2, 40}) // fatal handshake_failure
		_ = c.SetLinger(0)
		_ = c.Close()
	})
	s, err := OpenConnect(context.Background(), Target{Address: address}, Options{Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for state := s.State(); state.Phase != PhaseEnded; state = s.State() {
		s.Step()
		<-s.Changed()
	}
	want := "remote error: tls: handshake failure"
	if f := s.State().Client.Outcome.Handshake; f == nil || f.Text != want {
		t.Errorf("the client says %+v, want %s", f, want)
	}
}

// A peer that is silent has not closed anything: the recording invents no FIN.
func TestASilentPeerHasNoFIN(t *testing.T) {
	done := make(chan struct{})
	defer close(done)
	address := serveTCP(t, func(c *net.TCPConn) {
		<-done
		_ = c.Close()
	})
	r, err := Connect(context.Background(), Target{Address: address}, Options{Timeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range r.Steps {
		if step.Name == "FIN" && step.From == "server" {
			t.Errorf("step %d is a FIN of a server that never closed", step.N)
		}
	}
}

// A QUIC server whose ClientHello is held has been sent nothing, has answered
// nothing and has derived no key, however long the client has tried again.
func TestAQUICServerHasNotSeenAHeldClientHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, healthy, quic1)
		time.Sleep(time.Minute)
		synctest.Wait()
		s.run.link.Transcript(func(record *transcript.Transcript) {
			if len(record.Units) < 2 || record.ServerKeys.Len() > 0 {
				t.Errorf("%d datagrams were sent and the server has %d secrets, want at least 2 and none", len(record.Units), record.ServerKeys.Len())
			}
			for _, u := range record.Units {
				if u.From != outcome.Client || len(u.Deliveries) > 0 {
					t.Errorf("datagram %d of the %s was delivered %d times", u.Index, u.From, len(u.Deliveries))
				}
			}
		})
		s.Next()
		synctest.Wait()
		if state := s.State(); state.HeldFrom != outcome.Server {
			t.Errorf("after the release the gate holds what the %q sent, want the server's answer", state.HeldFrom)
		}
	})
}
