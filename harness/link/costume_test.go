package link

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"shakedown/harness/fault"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// costumes are quirks of a server that no bytes without keys can be given.
var costumes = []fault.Quirks{
	{LateRequest: true},
	{Rewrites: []fault.Fault{{On: fault.On{From: outcome.Server, Message: "Finished"}, Do: fault.Do{Rewrite: &fault.Rewrite{Mode: fault.Impersonate, Insert: []byte{4, 0, 0, 0}}}}}},
	{Rewrites: everyRewrite(fault.Impersonate)},
}

// dressed is a connection over memory whose server wears a costume.
func dressed(t testing.TB, q fault.Quirks) (client *StreamEnd, server *Costume, failed func() error) {
	t.Helper()
	near, far := StreamPipe()
	l := New(&transcript.Transcript{Transport: outcome.TCP}, Options{})
	client = l.Stream(outcome.Client, near)
	var why error
	calls := 0
	server = l.Dress(l.Stream(outcome.Server, far), q, nil, func(err error) { why, calls = err, calls+1 })
	t.Cleanup(func() {
		if calls > 1 {
			t.Errorf("it was told %d times that a quirk cannot be had", calls)
		}
	})
	return client, server, func() error { return why }
}

// A costume hands on what it cannot take apart, in both directions, whole and
// once, however it is cut.
func TestACostumeHandsOnWhatIsNoHandshake(t *testing.T) {
	for _, text := range []string{
		"GET / HTTP/1.1\r\n\r\n",
		"\x17\x03\x03\x00\x05hello\x17\x03\x03\x00\x05wor",       // a record, and one that is cut short
		"\x16\x03\x01\x00\x04\x0e\x00\x00\x00\x16\x03",           // ServerHelloDone, and the beginning of something
		"\x16\x03\x01\x00\x02\x01\x00",                           // half a header of a message
		"\x15\x03\x03\x00\x02\x02\x28\x14\x03\x03\x00\x01\x01ok", // an alert, ChangeCipherSpec, and no TLS
	} {
		for i, q := range costumes[:2] {
			client, server, failed := dressed(t, q)
			go func() {
				for _, b := range []byte(text) {
					_, _ = client.Write([]byte{b})
				}
				_ = client.CloseWrite()
			}()
			got, err := io.ReadAll(server)
			if string(got) != text || err != nil {
				t.Errorf("costume %d: of %q arrives %q, %v", i, text, got, err)
			}
			if n, err := server.Read(make([]byte, 8)); n != 0 || !errors.Is(err, io.EOF) {
				t.Errorf("costume %d: after the end of %q come %d bytes, %v", i, text, n, err)
			}
			for _, b := range []byte(text) {
				_, _ = server.Write([]byte{b})
			}
			_, _ = server.CloseWrite(), server.CloseWrite()
			if got, err = io.ReadAll(client); string(got) != text || err != nil {
				t.Errorf("costume %d: of %q is sent %q, %v", i, text, got, err)
			}
			if err := errors.Join(server.Err(), failed()); err != nil {
				t.Errorf("costume %d: %q: %v", i, text, err)
			}
			if len(server.Unworn()) != 1 {
				t.Errorf("costume %d: %q: not worn: %v", i, text, server.Unworn())
			}
		}
	}
}

// A costume takes any bytes from either side, and any lines of a key log, and what
// the endpoint did not write as TLS it sends as it is.
func FuzzCostume(f *testing.F) {
	f.Add([]byte{22, 3, 1, 0, 5, 1, 0, 0, 1, 0}, []byte{22, 3, 3, 0, 4, 2, 0, 0, 0}, []byte("CLIENT_RANDOM 00 00\n"), uint8(1))
	f.Add([]byte{23, 3, 3, 0, 1, 0}, []byte{20, 3, 3, 0, 1, 1, 22, 3, 3, 0, 1, 0}, []byte(nil), uint8(0))
	f.Add([]byte("GET /"), []byte{22, 3, 1, 0, 2, 1, 0, 22, 3, 1, 0, 3, 0, 1, 0}, []byte("x"), uint8(2))
	f.Fuzz(func(t *testing.T, up, down, keys []byte, which uint8) {
		client, server, _ := dressed(t, costumes[int(which)%len(costumes)])
		wearer, peer := server.KeyLogs()
		_, _ = client.Write(up)
		_ = client.CloseWrite()
		_, _ = wearer.Write(keys)
		_, _ = server.Write(down)
		_, _ = peer.Write(keys)
		_ = server.CloseWrite()
		if _, err := io.ReadAll(server); err != nil {
			t.Fatal(err)
		}
		sent, err := io.ReadAll(client)
		if err != nil {
			t.Fatal(err)
		}
		if len(down) > 0 && !looksLikeRecord(down) && !bytes.Equal(sent, down) {
			t.Fatalf("of %q is sent %q", down, sent)
		}
	})
}
