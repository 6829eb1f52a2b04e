package crossref

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// told writes what a step's page says, and where.
func told(in Input, name string) string {
	b := New(in)
	var text strings.Builder
	for _, s := range in.Timeline.Steps {
		if s.Name != name {
			continue
		}
		p := b.page(s, nil)
		for _, say := range p.says {
			text.WriteString(say + "\n")
		}
		notes := p.notes
		if p.shared != nil {
			notes = slices.Concat(notes, p.shared.notes)
		}
		for _, n := range notes {
			for _, stop := range n.at.stops() {
				text.WriteString("/" + stop.label)
			}
			text.WriteString(": " + n.text + "\n")
		}
	}
	return text.String()
}

// edit returns the input with the message of a name changed.
func edited(t *testing.T, in Input, name string, change func(raw []byte) []byte) Input {
	t.Helper()
	timeline := *in.Timeline
	timeline.Steps = slices.Clone(in.Timeline.Steps)
	for i, s := range timeline.Steps {
		if s.Name == name {
			c := *s
			raw := change(slices.Clone(s.Raw))
			binary.BigEndian.PutUint16(raw[2:], uint16(len(raw)-4))
			setRaw(t, &c, raw, tlswire.VersionTLS13)
			if c.Err != nil {
				t.Fatal(c.Err)
			}
			timeline.Steps[i] = &c
			break
		}
	}
	in.Timeline = &timeline
	return in
}

// helloExtensions is where the extensions of a ServerHello begin, with their length.
func helloExtensions(raw []byte) int { return 4 + 2 + 32 + 1 + int(raw[4+2+32]) + 2 + 1 }

// add appends an extension to those at that place.
func add(raw []byte, at int, kind uint16, data ...byte) []byte {
	raw = binary.BigEndian.AppendUint16(raw, kind)
	raw = binary.BigEndian.AppendUint16(raw, uint16(len(data)))
	raw = append(raw, data...)
	binary.BigEndian.PutUint16(raw[at:], uint16(len(raw)-at-2))
	return raw
}

// TestAnswersThatBreakTheRules flags each choice that the client has not offered.
func TestAnswersThatBreakTheRules(t *testing.T) {
	const suite = 4 + 2 + 32 + 1
	replace := func(old, new string) func([]byte) []byte {
		return func(raw []byte) []byte {
			if !bytes.Contains(raw, []byte(old)) {
				t.Fatalf("%x is not in %x", old, raw)
			}
			return bytes.Replace(raw, []byte(old), []byte(new), 1)
		}
	}
	tests := []struct {
		name    string
		message string
		change  func([]byte) []byte
		want    string
	}{
		{"as it is", "ServerHello", func(raw []byte) []byte { return raw }, "/ServerHello/cipher_suite: The client's 1st choice of 3 in step 1."},
		{"a suite that was not offered", "ServerHello", func(raw []byte) []byte { raw[suite+1] = 4; return raw }, "/cipher_suite: The client did not offer it in step 1: it has to abort with illegal_parameter."},
		{"another session identifier", "ServerHello", func(raw []byte) []byte { raw[suite-1] = 1; return slices.Insert(raw, suite, 7) }, "/legacy_session_id_echo: It is not that of step 1: the client has to abort"},
		{"a version that was not offered", "ServerHello", replace("\x00\x2b\x00\x02\x03\x04", "\x00\x2b\x00\x02\x7f\x1c"), "/selected_version: The client did not offer it in step 1: it has to abort"},
		{"a group without a share", "ServerHello", replace("\x00\x1d\x00\x20", "\x00\x17\x00\x20"), "/group: The client's 2nd preference of 9, but it had sent no share for it in step 1"},
		{"a group that was not offered", "ServerHello", replace("\x00\x1d\x00\x20", "\x11\xec\x00\x20"), "/group: The client does not list it in supported_groups (step 1)"},
		{"a downgrade mark", "ServerHello", func(raw []byte) []byte { copy(raw[4+2+24:], "DOWNGRD\x01"); return raw }, "/random: The client offered TLS 1.3 in step 1, so it has to abort here"},
		{"an extension that was not asked for", "ServerHello", func(raw []byte) []byte { return add(raw, helloExtensions(raw), tlswire.ExtCookie, 0, 1, 0) }, "/cookie: The client did not send this extension in step 1: it has to abort with unsupported_extension."},
		{"a key that was not offered", "ServerHello", func(raw []byte) []byte { return add(raw, helloExtensions(raw), tlswire.ExtPreSharedKey, 0, 3) }, "/selected_identity: The client offered only 0 in step 1"},
		{"a protocol that was not offered", "EncryptedExtensions", func(raw []byte) []byte { return add(raw, 4, tlswire.ExtALPN, 0, 3, 2, 'h', '2') }, "/protocol: The client did not offer it in step 1: it has to abort."},
		{"Retry Source Connection ID without a Retry packet", "EncryptedExtensions", func(raw []byte) []byte { return add(raw, 4, tlswire.ExtQUICTransportParameters, 0x10, 1, 7) }, "/retry_source_connection_id: No Retry packet was seen"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := edited(t, reference(t, "simple-1rtt.txt"), tt.message, tt.change)
			in.Transcript.Transport = outcome.QUIC
			if got := told(in, tt.message); !strings.Contains(got, tt.want) {
				t.Errorf("it lacks %q:\n%s", tt.want, got)
			}
		})
	}
}

// TestSecondClientHello says what changed, and what must not have.
func TestSecondClientHello(t *testing.T) {
	in := reference(t, "hello-retry-request.txt")
	if got, want := told(in, "HelloRetryRequest"), "The client's 2nd preference of 3; it had sent shares only for x25519 in step 1."; !strings.Contains(got, want) {
		t.Errorf("it lacks %q:\n%s", want, got)
	}
	got := told(in, "ClientHello")
	for _, want := range []string{
		"None is for secp256r1, which the server wants: this made the HelloRetryRequest of step 2.",
		"This answers the HelloRetryRequest of step 2.",
		"Against step 1 it has changed: key_share, cookie (added) and padding (added).",
		"/cookie: It is that of step 2.",
		"/key_share: The one share that step 2 asked for.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
	// The same, before the client has answered.
	before := *in.Timeline
	before.Steps = in.Timeline.Steps[:2]
	in.Timeline = &before
	if got, want := told(in, "HelloRetryRequest"), "The client has not answered with a second ClientHello yet."; !strings.Contains(got, want) {
		t.Errorf("it lacks %q:\n%s", want, got)
	}
}

// TestDifferences names the parts of two ClientHellos that differ.
func TestDifferences(t *testing.T) {
	first := &tlswire.ClientHello{CipherSuites: []uint16{1, 2}, Extensions: []tlswire.Extension{{Type: tlswire.ExtEarlyData}, {Type: tlswire.ExtALPN, Data: []byte{1}}}}
	second := &tlswire.ClientHello{CipherSuites: []uint16{1}, SessionID: []byte{1}, Extensions: []tlswire.Extension{{Type: tlswire.ExtALPN, Data: []byte{2}}, {Type: tlswire.ExtCookie}}}
	want := []string{"legacy_session_id", "cipher_suites", "application_layer_protocol_negotiation", "cookie (added)", "early_data (removed)"}
	if got := differences(first, second); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := differences(first, first); len(got) > 0 {
		t.Errorf("a ClientHello differs from itself in %q", got)
	}
}

// TestStepsOfAnotherTimeline leaves alone what the Book does not know.
func TestStepsOfAnotherTimeline(t *testing.T) {
	in := reference(t, "simple-1rtt.txt")
	stranger := *in.Timeline.Steps[1]
	for _, b := range []*Book{nil, New(in), New(Input{})} {
		for _, s := range []*dissect.Step{&stranger, nil} {
			if len(b.Says(s))+len(b.Checks(s)) > 0 {
				t.Error("something is told of a step of another timeline")
			}
		}
		b.Tree(&stranger)
	}
}

func TestWords(t *testing.T) {
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 111: "111th", 112: "112th"} {
		if got := ordinal(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
	grease := []uint16{0x0a0a, 1, 2}
	if got := rank(grease, 2, "choice"); got != "2nd choice of 2" {
		t.Errorf("behind a value that means nothing: %q", got)
	}
	if got := named([]uint16{1, 2, 3, 4, 5, 6, 7, 8}, func(n uint16) string { return ordinal(int(n)) }); got != "1st, 2nd, 3rd, 4th, 5th and 3 more" {
		t.Errorf("many names: %q", got)
	}
}
