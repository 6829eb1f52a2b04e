package diagnose

import (
	"slices"
	"strings"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// refusedInTheClear cuts the recording behind a unit, has a side refuse what came
// with decrypt_error in the clear, and returns it as a capture without keys.
func (p refusedProof) refusedInTheClear(end *transcript.Unit, by outcome.Role) *transcript.Transcript {
	p.upTo(end)
	n := uint64(len(p.Units) + 1)
	p.Units = append(p.Units, transcript.Unit{
		Index: len(p.Units), Kind: transcript.Data, From: by, Seq: n, At: end.At,
		Sent:       []byte{21, 3, 3, 0, 2, 2, alertDecryptError},
		Deliveries: []transcript.Delivery{{Seq: n, At: end.At}},
	})
	return captured(p.Transcript, outcome.Client).WithoutKeys()
}

// TestRefusedSignaturesWithoutKeys are captures of TLS 1.2, in which the signatures
// are in the clear and the client's Finished is not: what can be checked is checked,
// and of what cannot the refusing side's word is quoted as no more than that.
func TestRefusedSignaturesWithoutKeys(t *testing.T) {
	client, server := outcome.Client, outcome.Server
	const checked, word = "checked here as well, over the messages that were recorded: it does not verify", "the server says that the signature of the client does not verify"
	for _, tt := range []struct {
		name    string
		rec     func(t *testing.T) *transcript.Transcript
		lost    string // the message that something is lost before, if any is
		want    []string
		says    string
		saysNot string
	}{
		{
			"the client's signature is good",
			func(t *testing.T) *transcript.Transcript {
				p := refuseProof(t)
				return p.refusedInTheClear(p.finished(client), server)
			},
			"", one("altered-on-path?"), "the signature of the client verifies here", "key-mismatch",
		},
		{
			"the client's signature is good, and something behind it is lost",
			func(t *testing.T) *transcript.Transcript {
				p := refuseProof(t)
				return p.refusedInTheClear(p.finished(client), server)
			},
			"ChangeCipherSpec", one("altered-on-path?"), "the signature of the client verifies here", "key-mismatch",
		},
		{
			"something before the client's signature is lost",
			func(t *testing.T) *transcript.Transcript {
				p := refuseProof(t)
				return p.refusedInTheClear(p.finished(client), server)
			},
			"ClientKeyExchange",
			[]string{"client-key-mismatch?", "altered-on-path?"},
			word, "made with another key",
		},
		{
			"one bit of the client's signature was changed",
			func(t *testing.T) *transcript.Transcript {
				p := refuseProof(t)
				u := p.unit(client, tlswire.TypeCertificateVerify)
				u.Sent = slices.Clone(u.Sent)
				u.Sent[len(u.Sent)-1] ^= 1
				return p.refusedInTheClear(p.finished(client), server)
			},
			"", one("altered-on-path?"), "the other way", "key-mismatch",
		},
		{
			"the client signs with another key",
			func(t *testing.T) *transcript.Transcript {
				s := newSetup(t, tcp12)
				signsWithAnother(client)(s)
				return captured(s.record(), client).WithoutKeys()
			},
			"",
			[]string{"client-key-mismatch?", "altered-on-path?"},
			checked, word,
		},
		{
			"the server's signature is good",
			func(t *testing.T) *transcript.Transcript {
				p := refuseProof(t)
				return p.refusedInTheClear(p.unit(server, tlswire.TypeServerHelloDone), client)
			},
			"", one("altered-on-path?"), "the signature of the server verifies here", "key-mismatch",
		},
		{
			"the server's signature is good, and something behind it is lost",
			func(t *testing.T) *transcript.Transcript {
				p := refuseProof(t)
				return p.refusedInTheClear(p.unit(server, tlswire.TypeServerHelloDone), client)
			},
			"CertificateRequest", one("altered-on-path?"), "the signature of the server verifies here", "key-mismatch",
		},
		{
			"the server signs with another key",
			func(t *testing.T) *transcript.Transcript {
				s := newSetup(t, tcp12)
				signsWithAnother(server)(s)
				return captured(s.record(), server).WithoutKeys()
			},
			"",
			[]string{"server-key-mismatch?", "altered-on-path?"},
			checked, "the client says",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			timeline := dissect.Transcript(tt.rec(t))
			if tt.lost != "" {
				loseBefore(t, timeline, tt.lost)
			}
			d := Diagnose(Input{Timeline: timeline, Recorded: testClock})
			if !slices.Equal(said(d).causes, tt.want) {
				t.Fatalf("got %v, want %v\n%s%s", said(d), tt.want, story(d), wireStory(timeline))
			}
			wellSaid(t, d)
			if text := evidenceOf(d.Causes[0]); !strings.Contains(text, tt.says) || strings.Contains(text, tt.saysNot) {
				t.Errorf("the evidence is to say %q and not %q:\n%s", tt.says, tt.saysNot, text)
			}
		})
	}
}

// loseBefore puts a gap before the first message of that name.
func loseBefore(t *testing.T, timeline *dissect.Timeline, name string) {
	t.Helper()
	at := slices.IndexFunc(timeline.Steps, func(s *dissect.Step) bool { return s.Name == name })
	if at < 0 {
		t.Fatalf("no %s\n%s", name, wireStory(timeline))
	}
	timeline.Steps = slices.Insert(timeline.Steps, at, transportStep(timeline.Steps[at].From, stepGap))
	for i, s := range timeline.Steps {
		s.N = i + 1
	}
}
