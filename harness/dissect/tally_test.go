package dissect

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// follow feeds a long connection as a capture does: what need not be kept leaves
// the transcript.
func follow(d *Dissector, rec *transcript.Transcript, from outcome.Role, b []byte) (kept bool) {
	s := &script{rec}
	s.sends(from, b)
	if d.Follow(&rec.Units[len(rec.Units)-1]) {
		return true
	}
	rec.Units = rec.Units[:len(rec.Units)-1]
	return false
}

// Application data is counted, and what comes in between is told in its place.
func TestFollow(t *testing.T) {
	rec := mutual13(t)
	rec.Facts = nil
	rec.Units = rec.Units[:slices.IndexFunc(rec.Units, func(u transcript.Unit) bool { return u.Kind == transcript.FIN })-1]
	d := New(rec)
	for i := range rec.Units {
		d.Add(&rec.Units[i])
	}
	before := len(d.Timeline().Steps)
	client := &sealer{secret: rec.ClientKeys.Secret(keylog.ClientTraffic, clientRandom(rec))}
	server := &sealer{secret: rec.ServerKeys.Secret(keylog.ServerTraffic, clientRandom(rec)), seq: 1}
	units := len(rec.Units)
	body := make([]byte, 200)
	for range 40 {
		follow(d, rec, outcome.Server, server.seal(tlswire.ApplicationData, body, 0))
		follow(d, rec, outcome.Client, client.seal(tlswire.ApplicationData, body[:10], 0))
	}
	if got := len(rec.Units) - units; got != 2 {
		t.Errorf("%d units of application data are kept, want the first of each side", got)
	}
	follow(d, rec, outcome.Server, server.seal(tlswire.Handshake, []byte{24, 0, 0, 1, 0}, 0))
	server = &sealer{secret: expand(server.secret, "traffic upd", 32)}
	for range 3 {
		follow(d, rec, outcome.Server, server.seal(tlswire.ApplicationData, body, 0))
	}
	follow(d, rec, outcome.Server, server.seal(tlswire.AlertType, []byte{1, 0}, 0))
	want := []string{
		"server: application data: 40 records, 8,000 bytes",
		"client: application data: 40 records, 400 bytes",
		"server: KeyUpdate: new keys from here on",
		"server: application data: 3 records, 600 bytes",
		"server: alert close_notify: warning close_notify (0)",
	}
	tl := d.Timeline()
	if diff := cmp.Diff(want, names(tl)[before:]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s := tl.Steps[before]; s.Bytes != 8000 || s.WireBytes != 40*(200+1+16+5) {
		t.Errorf("counted %d bytes, %d on the wire", s.Bytes, s.WireBytes)
	}
}

// Without keys what stays closed is counted as well.
func TestFollowWithoutKeys(t *testing.T) {
	rec := mutual13(t)
	rec.ClientKeys, rec.ServerKeys, rec.Facts = keylog.Log{}, keylog.Log{}, nil
	rec.Units = rec.Units[:slices.IndexFunc(rec.Units, func(u transcript.Unit) bool { return u.Kind == transcript.FIN })]
	d := New(rec)
	for i := range rec.Units {
		d.Add(&rec.Units[i])
	}
	before := len(d.Timeline().Steps)
	for range 1000 {
		follow(d, rec, outcome.Server, plain(tlswire.ApplicationData, make([]byte, 1000)))
	}
	want := []string{"server: encrypted record: 1,000 records, 1,000 kB; encrypted, no key"}
	if diff := cmp.Diff(want, names(d.Timeline())[before:]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
