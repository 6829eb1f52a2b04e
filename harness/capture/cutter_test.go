package capture

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func plainInt(n int) string { return strconv.Itoa(n) }

// Records as a connection has them: a hello is followed by a few more.
var (
	clientHello = rec(22, "\x01\x00\x00\x02\x03\x03")
	serverHello = rec(22, "\x02\x00\x00\x02\x03\x03")
	data1       = rec(23, "the first record of application data")
	data2       = rec(23, "the second record of application data")
	data3       = rec(23, "the third record of application data")
)

// A span of what a side sends, which the capture has or has not.
type part struct {
	from string
	data string
	lost bool
}

func has(from, data string) part   { return part{from, data, false} }
func lacks(from, data string) part { return part{from, data, true} }

func TestCutting(t *testing.T) {
	tests := []struct {
		name  string
		parts []part
		want  []string
	}{
		{
			"records, whole and in pieces",
			[]part{has("client", clientHello), has("server", serverHello+data1[:7]), has("server", data1[7:]+data2)},
			[]string{"client " + q(clientHello), "server " + q(serverHello), "server " + q(data1), "server " + q(data2)},
		},
		{
			"a dialogue before TLS",
			[]part{
				has("server", "220 mail ESMTP\r\n"), has("client", "STARTTLS"), has("client", "\r\n"), has("server", "220 go\r\n"),
				has("client", clientHello), has("server", serverHello),
			},
			[]string{
				`server "220 mail ESMTP\r\n"`, `client "STARTTLS\r\n"`, `server "220 go\r\n"`,
				"client " + q(clientHello), "server " + q(serverHello),
			},
		},
		{
			"a PROXY protocol header with TLS behind it",
			[]part{has("client", "PROXY TCP4 192.0.2.9 192.0.2.2 50001 443\r\n"+clientHello), has("server", serverHello)},
			[]string{`client "PROXY TCP4 192.0.2.9 192.0.2.2 50001 443\r\n"`, "client " + q(clientHello), "server " + q(serverHello)},
		},
		{
			"version 2 of it, in pieces",
			[]part{
				has("client", "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\x7f\x00"), has("client", "\x00\x01\x7f\x00\x00\x01\x00\x01\x00\x02"+clientHello),
				has("server", serverHello),
			},
			[]string{`client "\r\n\r\n\x00\r\nQUIT\n!\x11\x00\f\x7f\x00\x00\x01\x7f\x00\x00\x01\x00\x01\x00\x02"`, "client " + q(clientHello), "server " + q(serverHello)},
		},
		{
			"a gap within a record",
			[]part{has("client", clientHello), has("server", serverHello+data1[:10]), lacks("server", data1[10:20]), has("server", data1[20:]+data2)},
			[]string{"client " + q(clientHello), "server " + q(serverHello), "server " + q(data1[:10]), "server gap 10 " + q(data1[20:]), "server " + q(data2)},
		},
		{
			"a gap to a record's end",
			[]part{has("client", clientHello), has("server", serverHello+data1[:10]), lacks("server", data1[10:]), has("server", data2)},
			[]string{"client " + q(clientHello), "server " + q(serverHello), "server " + q(data1[:10]), fmt.Sprintf("server gap %d \"\"", len(data1)-10), "server " + q(data2)},
		},
		{
			"a gap from one record into another",
			[]part{has("client", clientHello), has("server", serverHello+data1[:10]), lacks("server", data1[10:]+data2[:9]), has("server", data2[9:]+data3+data1)},
			[]string{
				"client " + q(clientHello), "server " + q(serverHello), "server " + q(data1[:10]),
				fmt.Sprintf("server gap %d %s", len(data1)-10+9, q(data2[9:])), "server " + q(data3), "server " + q(data1),
			},
		},
		{
			"a gap that swallows whole records",
			[]part{has("client", clientHello), has("server", serverHello), lacks("server", data1+data2), has("server", data3)},
			[]string{"client " + q(clientHello), "server " + q(serverHello), fmt.Sprintf("server gap %d \"\"", len(data1+data2)), "server " + q(data3)},
		},
		{
			"the rest of a turn behind a gap, and the next turn",
			[]part{
				has("client", clientHello), has("server", serverHello), lacks("server", data1[:20]), has("server", data1[20:]),
				has("client", data2), has("server", data3),
			},
			[]string{"client " + q(clientHello), "server " + q(serverHello), "server gap 20 " + q(data1[20:]), "client " + q(data2), "server " + q(data3)},
		},
		{
			"a record that was cut off by the end",
			[]part{has("client", clientHello[:8])},
			[]string{"client " + q(clientHello[:8])},
		},
		{
			"cleartext behind TLS",
			[]part{has("client", clientHello), has("server", "HTTP/1.1 400 Bad Request\r\n"), has("server", "\r\n"), has("client", data1)},
			[]string{"client " + q(clientHello), `server "HTTP/1.1 400 Bad Request\r\n\r\n"`, "client " + q(data1)},
		},
	}
	for _, tt := range tests {
		for _, size := range []int{1 << 16, 5, 1} {
			t.Run(fmt.Sprintf("%s/%d", tt.name, size), func(t *testing.T) {
				w := newWire(Options{All: true})
				next := map[string]int{"client": 100, "server": 500}
				w.line(t, "client 99 S")
				w.line(t, "server 499 SA")
				for _, p := range tt.parts {
					for b := p.data; len(b) > 0; {
						n := min(size, len(b))
						if !p.lost {
							w.line(t, fmt.Sprintf("%s %d A %s", p.from, next[p.from], b[:n]))
						}
						next[p.from] += n
						b = b[n:]
					}
					if len(p.data) > 0 && !p.lost {
						f := w.flows[keyOf(clientAddr, serverAddr)]
						for i := range f.halves { // as if the receiver had acknowledged it long ago
							f.halves[i].giveUp(f, arrival{at: w.at, packet: w.packet})
						}
					}
				}
				w.finish()
				if len(w.recordings) != 1 {
					t.Fatalf("%d connections", len(w.recordings))
				}
				if diff := cmp.Diff(strings.Join(tt.want, "\n"), strings.Join(shown(w.recordings[0].Transcript.Units), "\n")); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

func q(s string) string { return fmt.Sprintf("%q", s) }
