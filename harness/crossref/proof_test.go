package crossref

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/keylog"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// handshakes are recordings whose every signature and MAC holds, and how many
// there are of each.
var handshakes = map[string]struct {
	input func(testing.TB) Input
	want  map[string]int
}{
	"RFC 8448 section 3":               {func(t testing.TB) Input { return reference(t, "simple-1rtt.txt") }, map[string]int{"certificate 1": 1, "CertificateVerify": 1, "Finished": 2}},
	"RFC 8448 section 5, with a retry": {func(t testing.TB) Input { return reference(t, "hello-retry-request.txt") }, map[string]int{"certificate 1": 1, "CertificateVerify": 1, "Finished": 2}},
	"RFC 8448 section 6, mutual":       {func(t testing.TB) Input { return reference(t, "client-authentication.txt") }, map[string]int{"certificate 1": 2, "CertificateVerify": 2, "Finished": 2}},
	"RFC 8448 section 3 in records":    {func(t testing.TB) Input { return of(recording(t, trace13)) }, map[string]int{"certificate 1": 1, "CertificateVerify": 1, "Finished": 2}},
	"TLS 1.2, mutual":                  {func(t testing.TB) Input { return of(recording(t, trace12)) }, map[string]int{"ServerKeyExchange": 1, "CertificateVerify": 1, "Finished": 2}},
}

// all returns every proof of a connection.
func all(in Input) (list []Proof) {
	b := New(in)
	for _, s := range in.Timeline.Steps {
		list = append(list, b.Checks(s)...)
	}
	return list
}

func TestEveryProofHolds(t *testing.T) {
	for name, h := range handshakes {
		t.Run(name, func(t *testing.T) {
			got := map[string]int{}
			for _, p := range all(h.input(t)) {
				if p.Result != Verified {
					t.Errorf("%s is %s: %s", p.Of, p.Result, p.Text)
				}
				got[p.Of]++
			}
			for of, n := range h.want {
				if got[of] != n {
					t.Errorf("%d proofs of %s, want %d", got[of], of, n)
				}
			}
		})
	}
}

// TestOneFlippedBit flips a bit in the middle of every message in turn. Each
// proof that covers the message fails, and no other one.
func TestOneFlippedBit(t *testing.T) {
	for name, h := range handshakes {
		t.Run(name, func(t *testing.T) {
			in := h.input(t)
			for i, s := range in.Timeline.Steps {
				if len(s.Raw) < 8 || s.Name == "NewSessionTicket" {
					continue
				}
				flipped := flip(t, in, i)
				b := New(flipped)
				for j, other := range flipped.Timeline.Steps {
					for _, p := range b.Checks(other) {
						if want := fails(in.Timeline, i, j, p.Of); (p.Result != Verified) != want {
							t.Errorf("with a bit of %s (step %d) flipped, %s in step %d is %s, want failed: %v", s.Name, s.N, p.Of, other.N, p.Result, want)
						}
					}
				}
			}
		})
	}
}

// flip returns the input with one bit of a step's message flipped: of the
// signature or MAC where it has one, else of what no parser looks into.
func flip(t testing.TB, in Input, i int) Input {
	t.Helper()
	steps := slices.Clone(in.Timeline.Steps)
	c := *steps[i]
	raw := slices.Clone(c.Raw)
	at := len(raw) - 1
	switch c.Name {
	case "ClientHello", "ServerHello", "HelloRetryRequest":
		at = 4 + 2 + 32 + 4 // in the session identifier, or the cipher suites behind an empty one
		if raw[4+2+32] == 0 {
			at = len(raw) - 1
		}
	case "ServerKeyExchange":
		at = 4 + 3 + 2 + 4 // in the public value
	case "Certificate": // in the signature of the first one
		first := c.Message.(*tlswire.Certificate).Entries[0].Data
		at = bytes.Index(raw, first) + len(first) - 1
	}
	raw[at] ^= 1
	version := uint16(tlswire.VersionTLS13)
	if in.Timeline.Version != 0 {
		version = in.Timeline.Version
	}
	message := c.Message
	setRaw(t, &c, raw, version)
	if c.Message == nil {
		c.Message, c.Err = message, nil // the transcript counts, whatever a parser makes of it
	}
	steps[i] = &c
	timeline := *in.Timeline
	timeline.Steps = steps
	in.Timeline = &timeline
	return in
}

// fails says whether a flipped bit in step i breaks the proof of step j.
func fails(t *dissect.Timeline, i, j int, of string) bool {
	switch t.Steps[j].Name {
	case "Certificate":
		return i == j && of == "certificate 1"
	case "ServerKeyExchange":
		return i == j
	}
	return i <= j
}

// TestWithoutItsBeginning says why nothing can be checked.
func TestWithoutItsBeginning(t *testing.T) {
	in := reference(t, "client-authentication.txt")
	tests := []struct {
		name   string
		change func(*Input)
		of     string
		want   string
	}{
		{"no key log", func(in *Input) { in.Transcript = &transcript.Transcript{} }, "Finished", "no secret in the key log"},
		{"no ClientHello", func(in *Input) { in.Timeline.Steps = in.Timeline.Steps[1:] }, "CertificateVerify", "the beginning of the handshake was not seen"},
		{"no ServerHello", func(in *Input) { drop(in, "ServerHello") }, "Finished", "the ServerHello was not seen"},
		{"no Certificate", func(in *Input) { drop(in, "Certificate") }, "CertificateVerify", "the server's Certificate was not seen"},
		{"an unread message", func(in *Input) {
			c := *in.Timeline.Steps[2]
			c.Raw, c.Message, c.Err, c.Level = nil, nil, dissect.ErrNoKey, dissect.Handshake
			in.Timeline.Steps[2] = &c
		}, "CertificateVerify", "a message before it could not be read"},
		{"an unknown scheme", func(in *Input) {
			for i, s := range in.Timeline.Steps {
				if m, ok := s.Message.(*tlswire.CertificateVerify); ok {
					c, changed := *s, *m
					changed.Scheme = 0x0905
					c.Message = &changed
					in.Timeline.Steps[i] = &c
				}
			}
		}, "CertificateVerify", "mldsa65 is not supported by this build"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			changed := in
			timeline := *in.Timeline
			timeline.Steps = slices.Clone(in.Timeline.Steps)
			changed.Timeline = &timeline
			tt.change(&changed)
			for _, p := range all(changed) {
				if p.Of == tt.of {
					if p.Result != NotChecked || p.Reason != tt.want || p.Text != "Not checked: "+tt.want+"." {
						t.Errorf("%s is %s: %q, want not checked: %q", p.Of, p.Result, p.Text, tt.want)
					}
					return
				}
			}
			t.Errorf("no proof of %s", tt.of)
		})
	}
}

// drop takes the messages of a name out of a timeline.
func drop(in *Input, name string) {
	in.Timeline.Steps = slices.DeleteFunc(in.Timeline.Steps, func(s *dissect.Step) bool { return s.Name == name })
}

// TestWrongSecret has a key log whose secret is another connection's.
func TestWrongSecret(t *testing.T) {
	in := reference(t, "simple-1rtt.txt")
	in.Transcript = &transcript.Transcript{}
	random := in.Timeline.Steps[0].Message.(*tlswire.ClientHello).Random
	in.Transcript.ServerKeys.Add(keylog.ServerHandshakeTraffic, random, make([]byte, 32))
	for _, p := range all(in) {
		if p.Of == "Finished" {
			want := "This MAC covers the transcript up to step 5 and does not match the server's handshake secret."
			if p.Result != Failed || p.Text != want {
				t.Errorf("Finished is %s: %q, want %q", p.Result, p.Text, want)
			}
			return
		}
	}
	t.Error("no proof of Finished")
}

// changedOnPath returns a recording in which the path changed the session
// identifier of the ClientHello: what the client sent, or what the server received.
func changedOnPath(t *testing.T, rec *transcript.Transcript, sent bool) *transcript.Transcript {
	t.Helper()
	changed := *rec
	changed.Units = slices.Clone(rec.Units)
	u := &changed.Units[0]
	other := slices.Clone(u.Sent)
	other[5+4+2+32+4] ^= 1
	delivered := other
	if sent {
		u.Sent, delivered = other, u.Sent
	}
	u.Deliveries = []transcript.Delivery{{Bytes: delivered, Seq: u.Deliveries[0].Seq, Why: "changed"}}
	u.Marks = []transcript.Mark{transcript.Rewritten}
	return &changed
}

// TestChangedOnPath checks over what each side has seen. In the recording the
// server's view is the true one where the path changed what the client sent,
// and the client's where it changed what the server received.
func TestChangedOnPath(t *testing.T) {
	tests := []struct {
		sent bool
		want map[string][2]Result // as the sender has seen it, as the receiver has
	}{
		{true, map[string][2]Result{
			"server ServerKeyExchange": {Verified, Verified}, // it covers no more than the random
			"client CertificateVerify": {Failed, Verified},
			"client Finished":          {Failed, Verified},
			"server Finished":          {Verified, Failed},
		}},
		{false, map[string][2]Result{
			"server ServerKeyExchange": {Verified, Verified},
			"client CertificateVerify": {Verified, Failed},
			"client Finished":          {Verified, Failed},
			"server Finished":          {Failed, Verified},
		}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("sent=%v", tt.sent), func(t *testing.T) {
			in := of(changedOnPath(t, recording(t, trace12), tt.sent))
			b := New(in)
			found := 0
			for _, s := range in.Timeline.Steps {
				want, ok := tt.want[string(s.From)+" "+s.Name]
				if !ok {
					continue
				}
				found++
				for _, p := range b.Checks(s) {
					if p.Result != want[0] || p.Receiver != want[1] {
						t.Errorf("%s of the %s is %s, and %s for the receiver, want %s and %s: %s", p.Of, s.From, p.Result, p.Receiver, want[0], want[1], p.Text)
					}
				}
			}
			if found != len(tt.want) {
				t.Errorf("%d of %d steps were found", found, len(tt.want))
			}
		})
	}
}
