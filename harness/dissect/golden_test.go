package dissect

import (
	"crypto/tls"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

var update = flag.Bool("update", false, "write the golden timelines anew")

// format writes a timeline without what differs from run to run: times, sizes
// of signatures, keys.
func format(tl *Timeline) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, %s, %s, ALPN %q, %d unread\n", tl.Transport, tlswire.VersionName(tl.Version),
		tlswire.CipherSuiteName(tl.CipherSuite), tlswire.GroupName(tl.Group), tl.ALPN, tl.Unread)
	flight := 0
	for _, s := range tl.Steps {
		if s.Flight != flight {
			flight = s.Flight
			fmt.Fprintf(&b, "\nflight %d\n", flight)
		}
		arrow := string(s.From) + ":"
		switch {
		case s.Kind == KindLocal:
		case s.From == outcome.Client:
			arrow = "client ──▶"
		default:
			arrow = "◀── server"
		}
		line := fmt.Sprintf("%3d %-10s %-11s %-20s %s", s.N, arrow, s.Level, s.Name, s.Summary)
		for _, m := range s.Marks {
			line += fmt.Sprintf(" [%s]", m)
		}
		if s.Held {
			line += " (held)"
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// golden compares a timeline with testdata.
func golden(t *testing.T, name string, tl *Timeline) {
	t.Helper()
	got := format(tl)
	path := filepath.Join("testdata", name+".timeline")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s\nto accept it: go test ./harness/dissect -run '%s' -update", path, diff, t.Name())
	}
}

// A handshake is a story that a golden timeline tells.
type handshake struct {
	name string
	pair func(t *testing.T) tcpPair
}

var handshakes = []handshake{
	{"mutual-tls13", func(*testing.T) tcpPair { return healthy(tls.VersionTLS13) }},
	{"mutual-tls12", func(*testing.T) tcpPair { return healthy(tls.VersionTLS12) }},
	{"hello-retry-tls13", func(*testing.T) tcpPair {
		p := healthy(tls.VersionTLS13)
		p.server.CurvePreferences = []tls.CurveID{tls.CurveP384}
		p.together = 2 // HelloRetryRequest and ChangeCipherSpec
		return p
	}},
	{"resumed-tls13", func(t *testing.T) tcpPair { return resumed(t, tls.VersionTLS13) }},
	{"resumed-tls12", func(t *testing.T) tcpPair { return resumed(t, tls.VersionTLS12) }},
	{"client-refuses-server-tls13", func(*testing.T) tcpPair { return clientRefuses(tls.VersionTLS13) }},
	{"client-refuses-server-tls12", func(*testing.T) tcpPair { return clientRefuses(tls.VersionTLS12) }},
	{"no-client-certificate-tls13", func(*testing.T) tcpPair { return noCertificate(tls.VersionTLS13) }},
	{"no-client-certificate-tls12", func(*testing.T) tcpPair { return noCertificate(tls.VersionTLS12) }},
	{"untrusted-client-tls13", func(*testing.T) tcpPair { return untrustedClient(tls.VersionTLS13) }},
	{"untrusted-client-tls12", func(*testing.T) tcpPair { return untrustedClient(tls.VersionTLS12) }},
	{"alpn-mismatch-tls13", func(*testing.T) tcpPair { return alpnMismatch(tls.VersionTLS13) }},
	{"alpn-mismatch-tls12", func(*testing.T) tcpPair { return alpnMismatch(tls.VersionTLS12) }},
	{"version-mismatch", func(*testing.T) tcpPair {
		p := healthy(tls.VersionTLS12)
		p.server.MinVersion, p.server.MaxVersion = tls.VersionTLS13, tls.VersionTLS13
		return p
	}},
	{"openssl-client-refuses-server-tls13", func(*testing.T) tcpPair {
		// OpenSSL sends no ChangeCipherSpec before this alert, and no protection.
		p := clientRefuses(tls.VersionTLS13)
		p.send = func(n int, record []byte) [][]byte {
			switch {
			case n == 0:
				return [][]byte{record}
			case record[0] == byte(tlswire.ApplicationData):
				return [][]byte{{byte(tlswire.AlertType), 3, 3, 0, 2, 2, tlswire.AlertUnknownCA}}
			}
			return nil
		}
		return p
	}},
}

// resumed returns a pair that has a session from an earlier connection.
func resumed(t *testing.T, version uint16) tcpPair {
	p := healthy(version)
	p.client.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	// Clones of a configuration that has made no ticket key yet make one each.
	p.server.SetSessionTicketKeys([][32]byte{{1}})
	p.earlier = p.record(t)
	return p
}

func clientRefuses(version uint16) tcpPair {
	p := healthy(version)
	p.client.RootCAs = hierarchies()["Rogue"].pool
	return p
}

func noCertificate(version uint16) tcpPair {
	p := healthy(version)
	p.client.Certificates = nil
	return p
}

// untrustedClient presents a certificate that the server did not ask for.
func untrustedClient(version uint16) tcpPair {
	p := healthy(version)
	leaf := hierarchies()["Rogue"].leaf
	p.client.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &leaf, nil }
	return p
}

func alpnMismatch(version uint16) tcpPair {
	p := healthy(version)
	p.client.NextProtos = []string{"lab/2"}
	return p
}

func TestGoldenTimelines(t *testing.T) {
	for _, h := range handshakes {
		t.Run(h.name, func(t *testing.T) {
			rec := h.pair(t).record(t)
			golden(t, h.name, Transcript(rec))
		})
	}
}

// TestLiveEqualsRecorded feeds a dissector unit by unit, asking for a timeline
// after each, and compares the end with the dissection of the whole.
func TestLiveEqualsRecorded(t *testing.T) {
	for _, h := range handshakes {
		t.Run(h.name, func(t *testing.T) {
			rec := h.pair(t).record(t)
			d := New(rec)
			facts := rec.Facts
			for i := range rec.Units {
				u := &rec.Units[i]
				for len(facts) > 0 && facts[0].After < u.Seq {
					d.AddFact(facts[0])
					facts = facts[1:]
				}
				for _, s := range d.Add(u) {
					if s.Unit != u.Index {
						t.Errorf("Add(unit %d) returned a step of unit %d: %s", u.Index, s.Unit, s.Name)
					}
				}
				d.Timeline()
			}
			for _, f := range facts {
				d.AddFact(f)
			}
			if diff := cmp.Diff(format(Transcript(rec)), format(d.Timeline())); diff != "" {
				t.Errorf("followed live it differs (-recorded +live):\n%s", diff)
			}
		})
	}
}

// regroup returns a copy of a transcript whose units are cut in another way.
func regroup(rec *transcript.Transcript, cut func(from outcome.Role, b []byte) [][]byte) *transcript.Transcript {
	c := *rec
	c.Units, c.Facts = nil, nil
	for _, u := range rec.Units {
		pieces := [][]byte{u.Sent}
		if u.Kind == transcript.Data {
			pieces = cut(u.From, u.Sent)
		}
		for _, b := range pieces {
			v := transcript.Unit{Index: len(c.Units), Kind: u.Kind, From: u.From, Sent: b, Seq: uint64(len(c.Units) + 1)}
			v.Deliveries = []transcript.Delivery{{Seq: v.Seq}}
			c.Units = append(c.Units, v)
		}
	}
	return &c
}

// wireSteps are the names of the steps of the wire.
func wireSteps(tl *Timeline) []string {
	var names []string
	for _, s := range tl.Steps {
		if s.Kind != KindLocal {
			names = append(names, fmt.Sprintf("%s %s %s: %s", s.From, s.Level, s.Name, s.Summary))
		}
	}
	return names
}

// TestUnitsNeedNotBeRecords cuts the same bytes in other ways: byte by byte, in
// halves, and whole flights at once.
func TestUnitsNeedNotBeRecords(t *testing.T) {
	for _, h := range handshakes {
		t.Run(h.name, func(t *testing.T) {
			rec := h.pair(t).record(t)
			want := wireSteps(Transcript(rec))
			cuts := map[string]func(outcome.Role, []byte) [][]byte{
				"bytes": func(_ outcome.Role, b []byte) (pieces [][]byte) {
					for i := range b {
						pieces = append(pieces, b[i:i+1])
					}
					return pieces
				},
				"halves": func(_ outcome.Role, b []byte) [][]byte { return [][]byte{b[:len(b)/2], b[len(b)/2:]} },
			}
			for name, cut := range cuts {
				if diff := cmp.Diff(want, wireSteps(Transcript(regroup(rec, cut)))); diff != "" {
					t.Errorf("cut into %s (-records +%s):\n%s", name, name, diff)
				}
			}
			if diff := cmp.Diff(want, wireSteps(Transcript(joined(rec)))); diff != "" {
				t.Errorf("joined into flights (-records +flights):\n%s", diff)
			}
		})
	}
}

// joined puts all units of a flight into one.
func joined(rec *transcript.Transcript) *transcript.Transcript {
	c := *rec
	c.Units, c.Facts = nil, nil
	for _, u := range rec.Units {
		if n := len(c.Units); n > 0 && u.Kind == transcript.Data && c.Units[n-1].Kind == transcript.Data && c.Units[n-1].From == u.From {
			last := &c.Units[n-1]
			last.Sent = append(last.Sent[:len(last.Sent):len(last.Sent)], u.Sent...)
			continue
		}
		u.Index = len(c.Units)
		c.Units = append(c.Units, u)
	}
	return &c
}
