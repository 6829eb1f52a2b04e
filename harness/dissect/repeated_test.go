package dissect

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// TestRepeatedMessagesAreTheirOwn reads a message again after the memory that it was
// first read in has got other things to hold.
func TestRepeatedMessagesAreTheirOwn(t *testing.T) {
	found := 0
	for _, rec := range []*transcript.Transcript{recordedQUIC(t), handshakes[0].pair(t).record(t)} {
		for _, s := range Transcript(rec).Steps {
			if s.Message == nil || !repeats(s.Raw) {
				continue
			}
			found++
			version := uint16(tlswire.VersionTLS13)
			if rec.Units[0].From != s.From && Transcript(rec).Version != version {
				version = Transcript(rec).Version
			}
			d := New(rec)
			raw := bytes.Clone(s.Raw)
			first, err := d.read(raw, version)
			if err != nil {
				t.Fatal(err)
			}
			for i := range raw {
				raw[i] = 0xdb
			}
			again, err := d.read(s.Raw, version)
			if err != nil {
				t.Fatal(err)
			}
			want, err := tlswire.ParseHandshake(s.Raw, version)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, again.message); diff != "" || again.summary != d.summarise(want) {
				t.Errorf("%s is read otherwise the second time (-fresh +again):\n%s", s.Name, diff)
			}
			if first.message != again.message {
				t.Errorf("%s was read twice", s.Name)
			}
		}
	}
	if found < 4 {
		t.Errorf("%d messages that repeat were found", found)
	}
}

// What is remembered is bounded, in messages and in bytes.
func TestRepeatedMessagesAreBounded(t *testing.T) {
	var r repeated
	for _, size := range []int{10, mostRepeatedBytes / 10} {
		for i := range 3 * mostRepeated {
			raw := append(make([]byte, size), fmt.Sprint(i)...)
			r.remember(raw, 0, read{summary: fmt.Sprint(i)})
			if len(r.of) > mostRepeated || r.size > mostRepeatedBytes {
				t.Fatalf("%d messages of %d bytes are remembered", len(r.of), r.size)
			}
			if m, known := r.find(raw, 0); !known || m.summary != fmt.Sprint(i) {
				t.Fatalf("message %d is %v, known: %t", i, m, known)
			}
		}
	}
}
