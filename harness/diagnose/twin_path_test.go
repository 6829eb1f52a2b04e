package diagnose

import (
	"slices"
	"strings"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// pathTwins are about what a path does, where both ends were recorded.
func pathTwins() []twin {
	client, server := outcome.Client, outcome.Server
	large := func(m ...transcript.Mark) *dissect.Step {
		return handStep(server, dissect.KindHandshake, "ServerHello", func(s *dissect.Step) {
			s.Message, s.WireBytes, s.Units, s.Marks = &tlswire.ServerHello{Version: tls12, SelectedVersion: tls13}, 1280, []int{1}, m
		})
	}
	return []twin{
		{
			"path", "server-mitm",
			func(d *desk) Input {
				proxy := issue(d.t, issue(d.t, nil, ca("Proxy")), serverLeaf())
				chain := does(sends(server, d.pair.server, d.serverCA), transcript.Rewritten)
				return d.both(refuses(outcome.UnknownAuthority, "unknown authority", proxy), told(alertBadCertificate), tcp(clientHello(250), serverHello(), chain, alert(client, 2, alertBadCertificate, false)))
			},
			func(d *desk) Input { // the chain that was sent is refused
				d.client.Trust = raws(d.clientRoot)
				chain := does(sends(server, d.pair.server, d.serverCA), transcript.Rewritten)
				return d.both(refuses(outcome.UnknownAuthority, "unknown authority", d.serverCA), told(alertBadCertificate), tcp(clientHello(250), serverHello(), chain, alert(client, 2, alertBadCertificate, false)))
			},
		},
		{
			"path", "proxy-reoriginates",
			func(d *desk) Input { return reoriginated(d, transcript.Rewritten) },
			func(d *desk) Input { return reoriginated(d) }, // the client has seen the server's own certificate
		},
		{
			"path", "certrequest-damaged",
			func(d *desk) Input {
				return d.both(told(alertCertificateRequired), refuses(outcome.NoCertificate, "no certificate", nil),
					tcp(clientHello(250), serverHello(), does(requestStep(), transcript.Rewritten), sends(client), alert(server, 2, alertCertificateRequired, false)))
			},
			func(d *desk) Input { // it arrives as it was sent
				return d.both(told(alertCertificateRequired), refuses(outcome.NoCertificate, "no certificate", nil),
					tcp(clientHello(250), serverHello(), requestStep(), sends(client), alert(server, 2, alertCertificateRequired, false)))
			},
		},
		{
			"path", "quic-mtu-blackhole",
			func(d *desk) Input {
				return d.both(endsBy(outcome.Timeout), endsBy(outcome.Timeout), quic(clientHello(1200), large(transcript.Dropped), frame(server, "ACK")))
			},
			func(d *desk) Input { // small ones are lost as well
				return d.both(endsBy(outcome.Timeout), endsBy(outcome.Timeout), quic(clientHello(1200), large(transcript.Dropped), does(frame(server, "ACK"), transcript.Dropped)))
			},
		},
		{
			"path", "quic-silence",
			func(d *desk) Input {
				return d.both(endsBy(outcome.Timeout), endsBy(outcome.Timeout), quic(clientHello(1200), large(transcript.Dropped)))
			},
			func(d *desk) Input { // an answer arrives
				return d.both(endsBy(outcome.Timeout), endsBy(outcome.Timeout), quic(clientHello(1200), large()))
			},
		},
		{
			"path", "blackhole",
			func(d *desk) Input {
				return d.both(endsBy(outcome.Timeout), endsBy(outcome.Timeout), tcp(clientHello(250), large(transcript.Dropped)))
			},
			func(d *desk) Input {
				return d.both(endsBy(outcome.Timeout), endsBy(outcome.Timeout), tcp(clientHello(250), large()))
			},
		},
	}
}

// oneSidedTwins are about a path, or a peer, as one side alone has it.
func oneSidedTwins() []twin {
	client, server := outcome.Client, outcome.Server
	timeout := endsBy(outcome.Timeout)
	answers := func(alpn string) *dissect.Timeline {
		t := tcp(clientHello(250), serverHello(), extensions(), alert(client, 2, alertNoApplicationProto, false))
		t.ALPN = alpn
		return t
	}
	return []twin{
		{
			"half-heard", "altered-on-path",
			func(d *desk) Input {
				return sealedToClient(d, func(keys string) string { return swapHex(keys, "SERVER_HANDSHAKE_TRAFFIC_SECRET") })
			},
			func(d *desk) Input { return sealedToClient(d, func(string) string { return "" }) }, // no key is not another key
		},
		{
			"half-heard", "quic-mtu-blackhole",
			func(d *desk) Input { return d.one(client, timeout, quic(clientHello(1200), frame(server, "ACK"))) },
			func(d *desk) Input { return d.one(client, timeout, quic(clientHello(1200))) }, // not even that
		},
		{
			"half-heard", "quic-client-flight-lost",
			func(d *desk) Input {
				in := d.one(client, nil, quic(d.flight(sends(client, d.pair.client), finishedStep(client), again(frame(client, "CRYPTO")))...))
				in.Client.Outcome.Late = timeout
				return in
			},
			func(d *desk) Input { // nothing has to be repeated
				in := d.one(client, nil, quic(d.flight(sends(client, d.pair.client), finishedStep(client))...))
				in.Client.Outcome.Late = timeout
				return in
			},
		},
		{
			"half-heard", "quic-silence",
			func(d *desk) Input { return d.one(server, timeout, quic(d.flight(again(frame(client, "CRYPTO")))...)) },
			func(d *desk) Input {
				return d.one(server, timeout, quic(d.flight(frame(client, "ACK"), again(frame(client, "CRYPTO")))...))
			},
		},
		{
			"half-heard", "quic-silence", // the rest of the ClientHello never arrives
			func(d *desk) Input {
				return d.one(client, timeout, quic(clientHello(1500), frame(server, "ACK"), again(frame(client, "CRYPTO")), again(frame(client, "CRYPTO"))))
			},
			func(d *desk) Input { // all of it was acknowledged: the client only asks
				return d.one(client, timeout, quic(clientHello(1500), again(frame(client, "CRYPTO")), frame(server, "ACK"), frame(client, "PING"), frame(client, "PING")))
			},
		},
		{
			"half-heard", "quic-silence", // half a ClientHello, and no more of it
			func(d *desk) Input {
				return d.one(server, timeout, quic(frame(client, "CRYPTO"), frame(server, "ACK")))
			},
			func(d *desk) Input {
				return d.one(server, timeout, quic(d.flight(sends(client, d.pair.client, d.clientCA))...))
			},
		},
		{
			"half-heard", "blackhole",
			func(d *desk) Input { return d.one(server, timeout, tcp(d.flight()...)) },
			func(d *desk) Input {
				return d.one(server, timeout, tcp(d.flight(sends(client, d.pair.client, d.clientCA))...))
			},
		},
		{
			"half-heard", "large-hello-dropped",
			func(d *desk) Input { return d.one(server, timeout, tcp()) },
			func(d *desk) Input { return d.one(server, endsBy(outcome.EOF), tcp(transportStep(client, "FIN"))) },
		},
		{
			"half-heard", "client-no-cert",
			func(d *desk) Input {
				return d.one(client, endsBy(outcome.Reset), tcp(d.flight(sends(client), transportStep(server, "RST"))...))
			},
			func(d *desk) Input { // it has sent one
				return d.one(client, endsBy(outcome.Reset), tcp(d.flight(sends(client, d.pair.client, d.clientCA), transportStep(server, "RST"))...))
			},
		},
		{
			"half-heard", "getclientcert-error",
			func(d *desk) Input {
				return d.one(server, endsBy(outcome.EOF), tcp(d.flight(transportStep(client, "FIN"))...))
			},
			func(d *desk) Input { // it was never asked
				return d.one(server, endsBy(outcome.EOF), tcp(clientHello(250), serverHello(), extensions(), sends(server, d.pair.server, d.serverCA), finishedStep(server), transportStep(client, "FIN")))
			},
		},
		{
			"refuted", "altered-on-path",
			func(d *desk) Input { // a server that says that none came
				return d.one(client, told(alertCertificateRequired), tcp(d.flight(sends(client, d.pair.client, d.clientCA), signs13(client), finishedStep(client), alert(server, 2, alertCertificateRequired, false))...))
			},
			func(d *desk) Input {
				return d.one(client, told(alertCertificateRequired), tcp(d.flight(sends(client), finishedStep(client), alert(server, 2, alertCertificateRequired, false))...))
			},
		},
		{
			"refuted", "altered-on-path",
			func(d *desk) Input { // a proof behind an empty Certificate
				return d.one(server, refuses(outcome.NoCertificate, "no certificate", nil), tcp(d.flight(sends(client), signs13(client), alert(server, 2, alertCertificateRequired, false))...))
			},
			func(d *desk) Input {
				return d.one(server, refuses(outcome.NoCertificate, "no certificate", nil), tcp(d.flight(sends(client), finishedStep(client), alert(server, 2, alertCertificateRequired, false))...))
			},
		},
		{
			"refuted", "altered-on-path",
			func(d *desk) Input { return d.one(server, told(alertNoApplicationProto), answers("lab/1")) }, // it had offered that
			func(d *desk) Input { return d.one(server, told(alertNoApplicationProto), answers("")) },
		},
		{
			"refuted", "altered-on-path",
			func(d *desk) Input {
				return d.one(client, decides(alertNoApplicationProto, "unadvertised"), answers("lab/9"))
			},
			func(d *desk) Input {
				return d.one(client, decides(alertNoApplicationProto, "none selected"), answers(""))
			},
		},
		{
			"refuted", "altered-on-path",
			func(d *desk) Input { // what no peer sends
				return d.one(client, decides(alertUnexpectedMessage, "tls: received unexpected handshake message of type *tls.finishedMsg when waiting for *tls.certificateMsgTLS13"), tcp(clientHello(250), serverHello(), extensions(), finishedStep(server), alert(client, 2, alertUnexpectedMessage, false)))
			},
			func(d *desk) Input {
				return d.one(client, decides(alertInternalError, "out of memory"), tcp(clientHello(250), serverHello(), extensions(), alert(client, 2, alertInternalError, false)))
			},
		},
	}
}

// sealedToClient is a healthy QUIC handshake as a client has it that waits for
// ever, with what the change makes of its key log.
func sealedToClient(d *desk, change func(keys string) string) Input {
	d.t.Helper()
	s := newSetup(d.t, quic13)
	rec := s.record().OnlyFrom(outcome.Client)
	hello := 0 // the client's first two datagrams are its ClientHello
	rec.Units = slices.DeleteFunc(rec.Units, func(u transcript.Unit) bool {
		if u.From == outcome.Client {
			hello++
		}
		return u.From == outcome.Client && hello > 2
	})
	for i := range rec.Units {
		rec.Units[i].Index = i
	}
	rec.Facts = nil
	keys := change(rec.ClientKeys.String())
	rec.ClientKeys = keylog.Log{}
	if err := rec.ClientKeys.Parse([]byte(keys)); err != nil {
		d.t.Fatal(err)
	}
	rec.Client.Outcome = outcome.Outcome{Role: outcome.Client, Known: true, Handshake: endsBy(outcome.Timeout)}
	return Input{Timeline: dissect.Transcript(rec), Client: rec.Client, Recorded: testClock}
}

// reoriginated is a client that was never asked for a certificate, and a server
// that gets none; what the path did to the server's Certificate is in the marks.
func reoriginated(d *desk, marks ...transcript.Mark) Input {
	client, server := outcome.Client, outcome.Server
	shown := sends(server, d.pair.server, d.serverCA)
	shown.Marks = marks
	in := d.both(nil, refuses(outcome.NoCertificate, "tls: client didn't provide a certificate", nil),
		tcp(clientHello(250), serverHello(), does(requestStep(), transcript.Rewritten), shown, finishedStep(server), finishedStep(client), alert(server, 2, alertCertificateRequired, false)))
	in.Client.Outcome.Late = &outcome.Failure{Text: "EOF", Op: outcome.OpRead, Transport: outcome.EOF}
	return in
}

// unopened is a handshake over TCP as a client has it that cannot open a record of
// the server's, with what the change makes of the units; the index is that of the
// server's third protected record.
func unopened(d *desk, change func(units []transcript.Unit, i int) []transcript.Unit) Input {
	d.t.Helper()
	s := newSetup(d.t, tcp13)
	rec := s.record().OnlyFrom(outcome.Client)
	rec.Facts = nil
	protected := 0
	for i, u := range rec.Units {
		if u.From != outcome.Server || u.Kind != transcript.Data || u.Sent[0] != 23 {
			continue
		}
		if protected++; protected == 3 {
			rec.Units = change(rec.Units[:i+1], i)
			break
		}
	}
	for i := range rec.Units {
		u := &rec.Units[i]
		u.Index, u.Seq = i, uint64(i+1)
		u.Deliveries = []transcript.Delivery{{Seq: u.Seq}}
	}
	rec.Client.Outcome = outcome.Outcome{Role: outcome.Client, Known: true, Handshake: decides(alertBadRecordMAC, "local error: tls: bad record MAC")}
	return Input{Timeline: dissect.Transcript(rec), Client: rec.Client, Recorded: testClock}
}

// swapHex changes the last digit of the secrets of that label.
func swapHex(keys, label string) string {
	lines := strings.Split(keys, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, label) {
			last := "0"
			if strings.HasSuffix(l, "0") {
				last = "1"
			}
			lines[i] = l[:len(l)-1] + last
		}
	}
	return strings.Join(lines, "\n")
}

// TestRecordsThatDoNotOpen: one that is out of turn was not damaged, and one that is
// damaged was perhaps not only that.
func TestRecordsThatDoNotOpen(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func([]transcript.Unit, int) []transcript.Unit
		want   []string
	}{
		{"repeated", func(u []transcript.Unit, i int) []transcript.Unit { return slices.Insert(u, i, u[i]) }, one("altered-on-path?")},
		{"lost", func(u []transcript.Unit, i int) []transcript.Unit { return slices.Delete(u, i-1, i) }, one("altered-on-path?")},
		{"damaged", func(u []transcript.Unit, i int) []transcript.Unit {
			u[i].Sent = slices.Clone(u[i].Sent)
			u[i].Sent[9] ^= 1
			return u
		}, []string{"corrupt-record?", "altered-on-path?"}},
	} {
		in := unopened(newDesk(t), tt.change)
		if d := Diagnose(in); !slices.Equal(said(d).causes, tt.want) {
			t.Errorf("%s: got %v, want %v\n%s%s", tt.name, said(d), tt.want, story(d), wireStory(in.Timeline))
		} else {
			wellSaid(t, d)
		}
	}
}
