package diagnose

import (
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// transportTwins are about the wrong port, a peer that goes away, and one that
// never answers.
func transportTwins() []twin {
	client, server := outcome.Client, outcome.Server
	fin := func(r outcome.Role) *dissect.Step { return transportStep(r, "FIN") }
	rst := func(r outcome.Role) *dissect.Step { return transportStep(r, "RST") }
	reads := func(role outcome.Role, header string) func(*desk) Input {
		return func(d *desk) Input {
			f := decides(0, "tls: first record does not look like a TLS handshake")
			f.Local.HasCode, f.RecordHeader = false, []byte(header)
			return d.one(role, f, tcp(clientHello(250)))
		}
	}
	logs := func(role outcome.Role, header string) func(*desk) Input {
		return func(d *desk) Input {
			in := reads(role, header)(d)
			in.Timeline = nil
			return in
		}
	}
	captured := func(steps ...*dissect.Step) func(*desk) Input {
		return func(d *desk) Input { return d.wire(tcp(steps...)) }
	}
	waits := func(t *dissect.Timeline, how outcome.TransportEnd) func(*desk) Input {
		return func(d *desk) Input { return d.one(client, endsBy(how), t) }
	}
	closed := func(role outcome.Role, code uint64) func(*desk) Input {
		return func(d *desk) Input {
			f := decides(0, "CRYPTO_BUFFER_EXCEEDED (local)")
			f.Local, f.Close = nil, &outcome.Close{Code: code}
			return d.one(role, f, quic(clientHello(1200), serverHello(), handStep(role, dissect.KindQUICFrame, "CONNECTION_CLOSE", func(s *dissect.Step) { s.Close = &dissect.Close{Code: code} })))
		}
	}
	mac := func(code uint8) func(*desk) Input {
		return func(d *desk) Input {
			return d.one(client, decides(code, "local error"), tcp(clientHello(250), serverHello(), alert(client, 2, code, false)))
		}
	}
	late := func(f *outcome.Failure) func(*desk) Input {
		return func(d *desk) Input {
			in := d.one(client, nil, tcp(d.flight(sends(client, d.pair.client), finishedStep(client), fin(server))...))
			in.Client.Outcome.Late = f
			return in
		}
	}
	versions := handStep(server, dissect.KindQUICFrame, "Version Negotiation", func(s *dissect.Step) { s.Summary = "0x6b3343cf" })
	var list []twin
	for _, table := range []struct {
		name string
		says func(outcome.Role, string) func(*desk) Input
	}{{"connection", reads}, {"spoken", logs}} {
		list = append(list,
			twin{table.name, "plain-http-server", table.says(client, "HTTP/1.1 400"), table.says(client, "SSH-2.0-x")},
			twin{table.name, "banner-server", table.says(client, "220 mail"), table.says(client, "HTTP/1.1 400")},
			twin{table.name, "h2c-server", table.says(client, "\x00\x00\x12\x04\x00"), table.says(client, "\x00\x00\x12\x06\x00")},
			twin{table.name, "proxy-protocol", table.says(server, "PROXY TCP4"), table.says(server, "GET / HTTP")},
			twin{table.name, "plain-client", table.says(server, "GET / HTTP"), table.says(server, "PROXY TCP4")},
		)
	}
	return append(
		list,
		twin{
			"connection", "quic-version",
			waits(quic(clientHello(1200), versions), outcome.Timeout),
			waits(quic(clientHello(1200)), outcome.Timeout),
		},
		twin{
			"connection", "tls-in-tls",
			func(d *desk) Input {
				in := d.one(client, nil, tcp(d.flight(sends(client, d.pair.client), finishedStep(client))...))
				in.Client.Outcome.Late = decides(0, "tls: first record does not look like a TLS handshake")
				in.Client.Outcome.Late.RecordHeader = []byte("HTTP/1.1")
				return in
			},
			reads(client, "HTTP/1.1"), // the handshake was never complete
		},
		twin{"connection", "connection-refused", captured(rst(server)), captured(clientHello(250), rst(server))},
		twin{"connection", "client-gone", captured(fin(client), fin(server)), captured(clientHello(250), fin(client))},
		twin{"connection", "warning-alert", waits(timeline(outcome.TCP, 0, clientHello(250), alert(server, 1, 112, false), fin(server)), outcome.EOF), waits(timeline(outcome.TCP, 0, clientHello(250), fin(server)), outcome.EOF)},
		twin{"connection", "fin-after-hello", captured(clientHello(250), fin(server)), captured(clientHello(250), serverHello(), fin(server))},
		twin{"connection", "rst-after-hello", captured(clientHello(250), rst(server)), captured(clientHello(250), fin(server))},
		twin{"connection", "cut-mid-flight", captured(clientHello(250), serverHello(), fin(server)), captured(clientHello(250), serverHello(), alert(server, 2, alertInternalError, false), fin(server))},
		twin{"connection", "quic-silence", waits(quic(clientHello(1200)), outcome.Timeout), waits(tcp(clientHello(1200)), outcome.Timeout)},
		twin{
			"connection", "quic-client-flight-lost",
			func(d *desk) Input {
				in := d.both(nil, endsBy(outcome.Timeout), quic(d.flight(does(sends(client, d.pair.client), transcript.Dropped), does(finishedStep(client), transcript.Dropped))...))
				in.Client.Outcome.Late = endsBy(outcome.Timeout)
				return in
			},
			func(d *desk) Input { // neither is done
				return d.both(endsBy(outcome.Timeout), endsBy(outcome.Timeout), quic(d.flight()...))
			},
		},
		twin{"connection", "large-hello-dropped", waits(tcp(clientHello(1480)), outcome.Timeout), waits(tcp(clientHello(250)), outcome.Timeout)},
		twin{"connection", "blackhole", waits(tcp(clientHello(250)), outcome.Timeout), waits(tcp(clientHello(250)), outcome.EOF)},
		twin{"connection", "quic-server-chain-16k", closed(client, cryptoBufferExceeded), closed(server, cryptoBufferExceeded)},
		twin{"connection", "quic-client-chain-16k", closed(server, cryptoBufferExceeded), closed(client, cryptoBufferExceeded)},
		twin{
			"connection", "client-chain-huge",
			chainOf(900),
			chainOf(2),
		},
		twin{"connection", "corrupt-record", mac(alertBadRecordMAC), mac(alertDecodeError)},
		twin{"connection", "app-close", late(&outcome.Failure{Text: "EOF", Op: outcome.OpRead, Transport: outcome.EOF}), late(nil)},
		twin{
			"connection", "reset-hides-alert",
			func(d *desk) Input {
				return d.wire(tcp(d.flight(sends(client, d.pair.client), finishedStep(client), rst(server))...))
			},
			func(d *desk) Input { return d.wire(tcp(d.flight(rst(server))...)) },
		},
	)
}

// chainOf is a server that refuses a client with that many certificates.
func chainOf(n int) func(*desk) Input {
	return func(d *desk) Input {
		list := []*entity{d.pair.client}
		for len(list) < n {
			list = append(list, d.clientCA)
		}
		return d.one(outcome.Server, decides(alertInternalError, "tls: handshake message is too long"),
			tcp(d.flight(sends(outcome.Client, list...), alert(outcome.Server, 2, alertInternalError, false))...))
	}
}
