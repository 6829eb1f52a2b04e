package diagnose

import (
	"slices"
	"strings"
	"testing"

	"shakedown/harness/crossref"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// A refusedProof is a healthy mutual TLS 1.2 handshake, until one side refuses
// what the other has proven with decrypt_error. The client's key is not known.
type refusedProof struct {
	*transcript.Transcript
	t *testing.T
}

func refuseProof(t *testing.T) refusedProof {
	t.Helper()
	s := newSetup(t, outcome.Cell{Transport: outcome.TCP, TLS: "1.2"})
	rec := s.record()
	rec.Facts = nil
	for _, side := range []*transcript.Side{&rec.Client, &rec.Server} {
		for i := range side.Settings.Credentials {
			side.Settings.Credentials[i].PublicKey = nil
		}
	}
	return refusedProof{rec, t}
}

// by makes a side refuse, with what its error names.
func (p refusedProof) by(role outcome.Role, kind outcome.VerifyKind) {
	f := &outcome.Failure{Text: "tls: refused", Op: outcome.OpHandshake, Local: &outcome.LocalAlert{Code: alertDecryptError, HasCode: true}}
	if kind != "" {
		f.Verify = &outcome.VerifyFailure{Kind: kind}
	}
	p.Side(role).Outcome = outcome.Outcome{Role: role, Known: true, Handshake: f}
	p.Side(role.Peer()).Outcome = outcome.Outcome{
		Role: role.Peer(), Known: true,
		Handshake: &outcome.Failure{Text: "remote error: tls: error decrypting message", Op: outcome.OpHandshake, Peer: &outcome.PeerAlert{Code: alertDecryptError}},
	}
}

// unit returns the first unit of a side that begins with that message.
func (p refusedProof) unit(from outcome.Role, message tlswire.HandshakeType) *transcript.Unit {
	p.t.Helper()
	for i := range p.Units {
		if u := &p.Units[i]; u.From == from && len(u.Sent) > 5 && u.Sent[0] == 22 && tlswire.HandshakeType(u.Sent[5]) == message {
			return u
		}
	}
	p.t.Fatalf("no %s of the %s", message, from)
	return nil
}

// finished returns the unit of a side's Finished: the record behind its
// ChangeCipherSpec.
func (p refusedProof) finished(from outcome.Role) *transcript.Unit {
	p.t.Helper()
	changed := false
	for i := range p.Units {
		if u := &p.Units[i]; u.From == from && len(u.Sent) > 5 {
			if changed {
				return u
			}
			changed = u.Sent[0] == 20
		}
	}
	p.t.Fatalf("no Finished of the %s", from)
	return nil
}

// alterHello makes the path change the ClientHello.
func (p refusedProof) alterHello() {
	hello := p.unit(outcome.Client, tlswire.TypeClientHello)
	changed := slices.Clone(hello.Sent)
	changed[5+4+2+32+4] ^= 1 // in the session identifier
	hello.Deliveries = []transcript.Delivery{{Bytes: changed, Seq: hello.Deliveries[0].Seq}}
	hello.Marks = []transcript.Mark{transcript.Rewritten}
}

// upTo cuts the recording behind a side's message.
func (p refusedProof) upTo(u *transcript.Unit) { p.Units = p.Units[:u.Index+1] }

// TestRefusedProofs tells a wrong key from messages that were changed on the
// path by checking the signature.
func TestRefusedProofs(t *testing.T) {
	tests := []struct {
		name     string
		change   func(refusedProof)
		cause    string
		certain  bool
		evidence []string
	}{
		{
			"the client signs with another key",
			func(p refusedProof) {
				u := p.unit(outcome.Client, tlswire.TypeCertificateVerify)
				u.Sent = slices.Clone(u.Sent)
				u.Sent[len(u.Sent)-1] ^= 1
				p.upTo(u)
				p.by(outcome.Server, outcome.BadSignature)
			},
			"client-key-mismatch", false,
			[]string{"checked here as well, over the messages that were recorded: it does not verify"},
		},
		{
			"the signature holds",
			func(p refusedProof) {
				p.upTo(p.unit(outcome.Client, tlswire.TypeCertificateVerify))
				p.by(outcome.Server, outcome.BadSignature)
			},
			"altered-on-path", false,
			[]string{"verifies here, with the key of "},
		},
		{
			"the path has changed the ClientHello",
			func(p refusedProof) {
				p.alterHello()
				p.upTo(p.unit(outcome.Client, tlswire.TypeCertificateVerify))
				p.by(outcome.Server, outcome.BadSignature)
			},
			"altered-on-path", true,
			[]string{"over what the server has seen it does not verify", "the ClientHello of the client was changed on the path"},
		},
		{
			"the server's signature holds",
			func(p refusedProof) {
				p.upTo(p.unit(outcome.Server, tlswire.TypeServerHelloDone))
				p.by(outcome.Client, outcome.BadSignature)
			},
			"altered-on-path", false,
			[]string{"verifies here, with the key of "},
		},
		{
			"the Finished is over other messages",
			func(p refusedProof) {
				p.alterHello()
				p.upTo(p.finished(outcome.Client))
				p.by(outcome.Server, "")
			},
			"altered-on-path", true,
			[]string{"this MAC covers the transcript up to step ", "over what the server has seen it does not match", "the ClientHello of the client was changed on the path"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := refuseProof(t)
			tt.change(p)
			timeline := dissect.Transcript(p.Transcript)
			d := Diagnose(Input{
				Timeline: timeline, Client: p.Client, Server: p.Server,
				Book: crossref.New(crossref.Input{Timeline: timeline, Transcript: p.Transcript}),
			})
			if len(d.Causes) == 0 || d.Causes[0].ID != tt.cause || d.Causes[0].Certain != tt.certain {
				t.Fatalf("causes: %+v, want %s, certain: %v", d.Causes, tt.cause, tt.certain)
			}
			var all strings.Builder
			for _, e := range d.Causes[0].Evidence {
				all.WriteString(e.Text + "\n")
			}
			for _, want := range tt.evidence {
				if !strings.Contains(all.String(), want) {
					t.Errorf("the evidence lacks %q:\n%s", want, &all)
				}
			}
		})
	}
}

// TestRefusedSignatures tells, of a TLS 1.2 server's signature that the client
// refuses, one by another key from one over something else, and from one that was
// damaged. No Finished has come by then.
func TestRefusedSignatures(t *testing.T) {
	badSignature := refuses(outcome.BadSignature, "tls: invalid signature by the server certificate", nil)
	rsaServer := func(s *setup) {
		s.present(outcome.Server, issueWithKey(s.t, s.serverCA, rsaKey(), serverLeaf()), s.serverCA)
	}
	otherHello := func(t *dissect.Timeline) {
		hello := *t.Steps[0].Message.(*tlswire.ClientHello)
		hello.Random[7] ^= 0x55
		c := *t.Steps[0]
		c.Message = &hello
		t.Steps[0] = &c
	}
	for _, tt := range []struct {
		name   string
		build  func(*setup)
		change func(*dissect.Timeline)
		want   []string
	}{
		{"another key, of ECDSA", func(s *setup) { s.sign(outcome.Server, issue(s.t, nil, serverLeaf())) }, nil, []string{"server-key-mismatch?", "altered-on-path?"}},
		{"another hello, and ECDSA", nil, otherHello, []string{"server-key-mismatch?", "altered-on-path?"}},
		{"another hello, and RSA", rsaServer, otherHello, one("altered-on-path?")},
		{"one bit of the random", nil, func(t *dissect.Timeline) {
			hello := *t.Steps[0].Message.(*tlswire.ClientHello)
			hello.Random[7] ^= 0x10
			c := *t.Steps[0]
			c.Message = &hello
			t.Steps[0] = &c
		}, one("altered-on-path?")},
	} {
		s := newSetup(t, tcp12)
		if tt.build != nil {
			tt.build(s)
		}
		d := Diagnose(seenByClient(serversFlight(s, badSignature), tt.change))
		if !slices.Equal(said(d).causes, tt.want) {
			t.Errorf("%s: got %v, want %v\n%s", tt.name, said(d), tt.want, story(d))
		} else {
			wellSaid(t, d)
		}
	}
}
