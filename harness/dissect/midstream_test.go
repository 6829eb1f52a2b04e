package dissect

import (
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// A recording that begins behind the hellos has protected records whose types
// are in the clear. None of them is read as what it only looks like.
func TestCiphertextIsNotReadAsMessages(t *testing.T) {
	record := func(typ tlswire.ContentType, payload ...byte) []byte {
		return append([]byte{byte(typ), 3, 3, 0, byte(len(payload))}, payload...)
	}
	nonce := make([]byte, 40) // an explicit nonce of zeros looks like two HelloRequests
	for _, tt := range []struct {
		name string
		from outcome.Role
		unit []byte
		want string
	}{
		{"an encrypted alert", outcome.Client, record(tlswire.AlertType, nonce[:26]...), "encrypted alert"},
		{"an encrypted Finished", outcome.Client, record(tlswire.Handshake, nonce...), "encrypted handshake message"},
		{"an alert", outcome.Client, record(tlswire.AlertType, 2, 42), "alert bad_certificate"},
		{"two alerts", outcome.Client, record(tlswire.AlertType, 1, 90, 1, 0), "alert user_canceled"},
		{"a ServerHelloDone", outcome.Server, record(tlswire.Handshake, 14, 0, 0, 0), "ServerHelloDone"},
		{"a ServerHelloDone with a Certificate before it", outcome.Server, append(record(tlswire.Handshake, append([]byte{11, 0, 0, 36, 0, 0, 33, 0, 0, 30}, nonce[:30]...)...), record(tlswire.Handshake, 14, 0, 0, 0)...), "Certificate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := &transcript.Transcript{Transport: outcome.TCP, Units: []transcript.Unit{{From: tt.from, Sent: tt.unit, Seq: 1, Deliveries: []transcript.Delivery{{Seq: 1}}}}}
			if got := Transcript(rec).Steps[0].Name; got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
