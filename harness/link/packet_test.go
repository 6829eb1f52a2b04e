package link

import (
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A fact stands after the last datagram that its side has read, however small
// the buffer was that it read it into.
func TestFactsStandAfterTheDatagramsThatWereRead(t *testing.T) {
	near, far := PacketPipe()
	record := &transcript.Transcript{Transport: outcome.QUIC}
	l := New(record, Options{})
	client, server := l.Packet(outcome.Client, near), l.Packet(outcome.Server, far)
	for _, text := range []string{"first", "second", "third"} {
		if _, err := client.WriteTo([]byte(text), server.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2 {
		if _, _, err := server.ReadFrom(make([]byte, 3)); err != nil {
			t.Fatal(err)
		}
		l.Fact(outcome.Server, transcript.Note, "read one")
		want := record.Units[i].Deliveries[0].Seq
		if got := record.Facts[i].After; got != want {
			t.Errorf("after datagram %d the fact stands after %d, want %d", i+1, got, want)
		}
	}
	l.Fact(outcome.Client, transcript.Note, "sent three")
	if got, want := record.Facts[2].After, record.Units[2].Seq; got != want {
		t.Errorf("the client's fact stands after %d, want %d", got, want)
	}
}
