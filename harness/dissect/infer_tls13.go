package dissect

import (
	"fmt"

	"shakedown/harness/outcome"
)

// The sizes of the protected records of TLS 1.3 that hold one message each: the
// message with its header, a byte for the content type, and the tag of the AEAD
// (RFC 8446 5.2). All suites of TLS 1.3 in use have tags of 16 bytes.
const (
	overhead13 = 1 + 16
	alert13    = alertSize + overhead13
	// emptyCertificate13 is a Certificate with an empty context and no entries
	// (RFC 8446 4.4.2).
	emptyCertificate13 = handshakeHeader + 1 + 3 + overhead13
	// shortestCertificate13 is below what any Certificate with an entry takes:
	// the key and the signature alone are 100 bytes, the names and dates as much.
	shortestCertificate13 = 200
	// fullRecord13 is a record that is full, so that its message goes on in the next.
	fullRecord13 = 1<<14 + overhead13
)

// finishedName is the name of the step of a Finished that could be read.
const finishedName = "Finished"

// finished13 is the size of the record that holds a Finished under that suite:
// its verify_data has the length of the suite's hash (RFC 8446 4.4.4).
func finished13(suite uint16) int {
	const sha256, sha384, aes256 = 32, 48, 0x1302
	if suite == aes256 {
		return handshakeHeader + sha384 + overhead13
	}
	return handshakeHeader + sha256 + overhead13
}

// verify13 says that a record is as long as one that holds a CertificateVerify
// (RFC 8446 4.4.3), and with which key: the scheme and a length of two bytes
// each, and the signature. A DER signature of ECDSA loses a byte now and then.
func verify13(size int) (key string, ok bool) {
	switch signature := size - overhead13 - handshakeHeader - 4; {
	case signature == 64:
		return "Ed25519", true
	case signature >= 67 && signature <= 72:
		return "ECDSA P-256", true
	case signature >= 98 && signature <= 104:
		return "ECDSA P-384", true
	case signature == 114:
		return "Ed448", true
	case signature >= 133 && signature <= 139:
		return "ECDSA P-521", true
	case signature >= 128 && signature <= 1024 && signature%128 == 0:
		return fmt.Sprintf("RSA %d", signature*8), true
	case signature == 2420, signature == 3309, signature == 4627:
		return "ML-DSA", true
	}
	return "", false
}

// A sealedRecord is a protected record, or several that a long message fills.
type sealedRecord struct {
	at   int // the index of its first step
	size int
	// split says that it fills more than one record.
	split bool
}

// inferTLS13 reads the shape of a TLS 1.3 handshake of which nothing behind the
// ServerHello can be opened.
func (d *Dissector) inferTLS13(steps []*Step, g *guesses) {
	shape := d.shape13(steps)
	finished := finished13(d.settled.cipherSuite)
	asked := shape.serverFlight(g, finished, d.settled.resumed)
	done := shape.clientFlight(g, finished, asked)
	if done < 0 {
		done = shape.readDone
	}
	if done >= 0 {
		shape.answer(g, done)
	}
	shape.closures(steps, g)
	for i, s := range steps { // what has no place in the story still has a size
		if s.keyless() && s.Level == Handshake && g.notes[i] == "" {
			if text := lengthSays(s.From, s.Bytes, finished); text != "" {
				g.note(i, text)
			}
		}
	}
}

// lengthSays is what the size of a record tells wherever it stands.
func lengthSays(from outcome.Role, size, finished int) string {
	switch {
	case size == alert13:
		return "as long as an alert"
	case size == emptyCertificate13 && from == outcome.Client:
		return "as long as a Certificate with no certificate"
	case size == finished:
		return "as long as Finished"
	}
	return ""
}

// A shape13 is the sealed records of both sides, taken apart by whose turn it is.
type shape13 struct {
	// server is the server's first flight, client what the client sends behind
	// it, after what the server sends behind that.
	server, client, after []sealedRecord
	// readable says that something between them could be read, so that sizes
	// are not the only witness.
	readable bool
	// readDone is the index of the client's Finished where that could be read, -1 if
	// not: where only the client's keys are known, the server's word stays sealed.
	readDone int
	// clientEnded is the index of the step by which the client ends its
	// direction, or of an alert in the clear; -1 if it does not.
	clientEnded int
}

func (d *Dissector) shape13(steps []*Step) *shape13 {
	p := &shape13{readDone: -1, clientEnded: -1}
	for i, s := range steps {
		switch {
		case s.Kind == KindLocal, s.Kind == KindChangeCipherSpec:
		case s.endsDirection() || s.Kind == KindAlert:
			if s.From == outcome.Client && p.clientEnded < 0 {
				p.clientEnded = i
			}
		case s.Kind == KindTransport:
			p.readable = true // a gap, or bytes that are no TLS
		case !s.keyless():
			p.readable = p.readable || s.Level != Plaintext
			if s.From == outcome.Client && s.Name == finishedName {
				p.readDone = i
			}
		case s.Level == Early:
		case s.From == outcome.Client:
			p.client = joinFull(p.client, i, s.Bytes, steps)
		case len(p.client) == 0 && p.readDone < 0:
			p.server = joinFull(p.server, i, s.Bytes, steps)
		default:
			p.after = joinFull(p.after, i, s.Bytes, steps)
		}
	}
	return p
}

// joinFull adds a record to a list, joined with the full one before it.
func joinFull(list []sealedRecord, at, size int, steps []*Step) []sealedRecord {
	if n := len(list); n > 0 && steps[at-1].From == steps[at].From && steps[at-1].Bytes == fullRecord13 {
		list[n-1].size += size
		list[n-1].split = true
		return list
	}
	return append(list, sealedRecord{at: at, size: size})
}

// serverFlight finds the messages of the server's first flight, and says
// whether it asks for a certificate, where that can be told.
func (p *shape13) serverFlight(g *guesses, finished int, resumed bool) (asked *bool) {
	if p.readable {
		return nil
	}
	names := []string{"EncryptedExtensions", "CertificateRequest", "Certificate", "CertificateVerify", "Finished"}
	yes, no := true, false
	switch {
	case resumed && len(p.server) >= 2 && p.server[1].size == finished:
		p.name(g, p.server, []string{names[0], names[4]})
		return nil
	case isChain(p.server, 2, finished):
		asked = &yes
	case isChain(p.server, 1, finished):
		names = append(names[:1], names[2:]...)
		asked = &no
	default:
		return nil
	}
	p.name(g, p.server, names)
	var at []int
	for i := range names {
		at = append(at, p.server[i].at)
	}
	key, _ := verify13(p.server[len(names)-2].size)
	if *asked {
		g.add(ServerAsks, outcome.Server, fmt.Sprintf("the server probably asks for a client certificate: up to the record as long as Finished (%d bytes) its flight has five records, one more than without a CertificateRequest; its own signature is as long as one of %s; %s", finished, key, breaks), at...)
	} else {
		g.add(ServerDoesNotAsk, outcome.Server, fmt.Sprintf("the server probably asks for no client certificate: up to the record as long as Finished (%d bytes) its flight has four records, one less than with a CertificateRequest; %s", finished, breaks), at...)
	}
	return asked
}

// isChain says that a list goes on at that index as Certificate,
// CertificateVerify, Finished.
func isChain(list []sealedRecord, at, finished int) bool {
	if len(list) < at+3 || list[at].size < shortestCertificate13 || list[at+2].size != finished {
		return false
	}
	_, ok := verify13(list[at+1].size)
	return ok
}

// name notes what the records of a list probably are.
func (p *shape13) name(g *guesses, list []sealedRecord, names []string) {
	for i, name := range names {
		why := ""
		switch name {
		case "EncryptedExtensions", "CertificateRequest":
			why = "by its place"
		case "Certificate":
			why = "by its length and place"
		case "CertificateVerify":
			key, _ := verify13(list[i].size)
			why = "as long as one by a key of " + key
		case "Finished":
			why = "as long as one"
		}
		g.note(list[i].at, "probably "+name+", "+why)
	}
}

// clientFlight finds the client's answer, and returns the index of the step with
// its Finished, -1 if there is none.
func (p *shape13) clientFlight(g *guesses, finished int, asked *bool) (done int) {
	list := p.client
	switch {
	case p.readable, len(list) == 0, len(p.server) == 0:
		return -1
	case list[0].size == alert13 && len(list) == 1:
		g.note(list[0].at, "probably an alert, as long as one, where a Certificate or Finished is due")
		g.add(ClientRefuses, outcome.Client, fmt.Sprintf("the client probably refuses what the server sent: its first protected record is as long as an alert (%d bytes), where its Finished is due; %s", alert13, breaks), list[0].at)
		return -1
	case list[0].size == emptyCertificate13 && len(list) > 1 && list[1].size == finished:
		g.note(list[0].at, "probably a Certificate with no certificate, as long as one")
		g.note(list[1].at, "probably Finished, as long as one")
		g.add(NoCertificateSent, outcome.Client, fmt.Sprintf("the client was probably asked for a certificate and sent none: its first protected record is as long as a Certificate without one (%d bytes), and Finished (%d) follows with no CertificateVerify between; %s", emptyCertificate13, finished, breaks), list[0].at, list[1].at)
		return list[1].at
	case isChain(list, 0, finished):
		p.name(g, list, []string{"Certificate", "CertificateVerify", "Finished"})
		key, _ := verify13(list[1].size)
		g.add(CertificateSent, outcome.Client, fmt.Sprintf("the client probably sent a certificate: its flight is a long record (%d bytes), one as long as a signature of %s, and one as long as Finished (%d); %s", list[0].size, key, finished, breaks), list[0].at, list[1].at, list[2].at)
		return list[2].at
	case list[0].size == finished && (asked == nil || !*asked):
		g.note(list[0].at, "probably Finished, as long as one")
		return list[0].at
	}
	return -1
}

// answer reads what the server says once the client is done: "At any time after
// the server has received the client Finished message, it MAY send a
// NewSessionTicket message" (RFC 8446 4.6.1), or application data; one that
// refuses the client's certificate sends an alert, and so does one that closes
// without a word.
func (p *shape13) answer(g *guesses, done int) {
	for i, r := range p.after {
		if r.at < done {
			continue // it was on its way before
		}
		if r.size != alert13 {
			g.add(ServerAccepts, outcome.Server, fmt.Sprintf("the server probably accepted what the client sent: it goes on with a record of %d bytes, which is no alert (an alert has %d); %s", r.size, alert13, breaks), r.at)
			return
		}
		if i == len(p.after)-1 && !p.clientFirst(r.at, done) {
			g.note(r.at, "probably an alert, as long as one, the first word after the client's Finished")
			g.add(ServerRefuses, outcome.Server, fmt.Sprintf("the server probably refuses what the client sent: the first record after the client's Finished is as long as an alert (%d bytes), and nothing follows; a server that closes without having sent a byte looks the same, and %s", alert13, breaks), r.at)
		}
		return
	}
}

// clientFirst says that the client ended the connection before that step.
func (p *shape13) clientFirst(at, done int) bool {
	if p.clientEnded >= 0 && p.clientEnded < at {
		return true
	}
	for _, r := range p.client {
		if r.at > done && r.at < at && r.size == alert13 {
			return true
		}
	}
	return false
}

// closures names the last record of a side that is as long as an alert and
// stands where the handshake is over.
func (p *shape13) closures(steps []*Step, g *guesses) {
	over := -1
	for _, one := range g.all {
		if one.kind == ServerAccepts {
			over = one.at[0]
		}
	}
	if over < 0 {
		return
	}
	for _, from := range []outcome.Role{outcome.Client, outcome.Server} {
		list := p.client
		if from == outcome.Server {
			list = p.after
		}
		if len(list) == 0 {
			continue
		}
		last := list[len(list)-1]
		if last.size != alert13 || last.at < over || g.notes[last.at] != "" {
			continue
		}
		g.note(last.at, "probably close_notify, as long as an alert and the last that the "+string(from)+" sends")
		g.add(ClosesCleanly, from, fmt.Sprintf("the %s probably closes the connection in an orderly way: its last record is as long as an alert (%d bytes), behind a finished handshake; %s", from, alert13, breaks), last.at)
	}
}
