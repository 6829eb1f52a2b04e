package endpoint

import (
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// An answeringConn has an answer for everybody who reads.
type answeringConn struct{ net.PacketConn }

func (answeringConn) ReadFrom(b []byte) (int, net.Addr, error) { return copy(b, "answer"), nil, nil }

// An answer passes when the early data is sent, at once where there is none to be sent,
// and after a while where there could be some.
func TestEarlyGate(t *testing.T) {
	for name, c := range map[string]struct {
		offers, sends bool
		want          time.Duration
	}{
		"no session for early data": {want: 0},
		"early data is sent":        {offers: true, sends: true, want: 10 * time.Millisecond},
		"it is not sent after all":  {offers: true, want: answerWait},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newEarlyGate(answeringConn{})
				g.offers.Store(c.offers)
				if c.sends {
					time.AfterFunc(10*time.Millisecond, g.release)
				}
				begun := time.Now()
				for range 2 { // what comes later passes at once
					if n, _, err := g.ReadFrom(make([]byte, 20)); n == 0 || err != nil {
						t.Fatal("no answer", n, err)
					}
				}
				if took := time.Since(begun); took != c.want {
					t.Errorf("the answers came after %v, want %v", took, c.want)
				}
			})
		})
	}
}
