package dissect

import (
	"crypto/tls"
	"slices"
	"testing"

	"shakedown/harness/field"
	"shakedown/harness/keylog"
)

func TestTreesExplainEveryByte(t *testing.T) {
	for _, h := range handshakes {
		t.Run(h.name, func(t *testing.T) {
			rec := h.pair(t).record(t)
			rec.Facts = nil
			closed := *rec
			closed.ClientKeys, closed.ServerKeys = keylog.Log{}, keylog.Log{}
			for _, tl := range []*Timeline{Transcript(rec), Transcript(joined(rec)), Transcript(&closed)} {
				for _, s := range tl.Steps {
					if s.Name == stepFIN {
						continue
					}
					checkTree(t, s)
				}
			}
		})
	}
}

// TestTreeOfMessageOverRecords cuts a protected message into two records.
func TestTreeOfMessageOverRecords(t *testing.T) {
	rec := mutual13(t)
	tl := Transcript(rec)
	var request *Step
	for _, s := range tl.Steps {
		if s.Name == "CertificateRequest" {
			request = s
		}
	}
	message, _ := request.Tree().Buffer(messageBuffer)
	seal := &sealer{secret: rec.ServerKeys.Secret(keylog.ServerHandshakeTraffic, clientRandom(rec)), seq: 1}
	half := len(message.Bytes) / 2
	first, second := seal.seal(22, message.Bytes[:half], 0), seal.seal(22, message.Bytes[half:], 7)
	c := *rec
	c.Units, c.Facts = slices.Clone(rec.Units[:request.Unit]), nil
	for _, b := range [][]byte{first, second} {
		u := rec.Units[request.Unit]
		u.Index, u.Sent = len(c.Units), b
		c.Units = append(c.Units, u)
	}
	steps := Transcript(&c).Steps
	got := steps[len(steps)-1]
	if got.Name != "CertificateRequest" || len(got.Units) != 2 || got.WireBytes != len(first)+len(second) || got.Bytes != len(message.Bytes) {
		t.Fatalf("got %s over %v, %d bytes in %d", got.Name, got.Units, got.Bytes, got.WireBytes)
	}
	checkTree(t, got)
	tree := got.Tree()
	for i, want := range []string{recordBuffer, plaintextBuffer, messageBuffer} {
		if tree.Buffers[i].Name != want {
			t.Errorf("buffer %d is %q, want %q", i, tree.Buffers[i].Name, want)
		}
	}
	if n := len(tree.Buffers[2].Origins); n != 2 {
		t.Errorf("the message comes from %d places, want 2", n)
	}
	// Half of it alone is there to be seen, too.
	c.Units = c.Units[:len(c.Units)-1]
	steps = Transcript(&c).Steps
	got = steps[len(steps)-1]
	if got.Name != "CertificateRequest" || got.Err == nil || got.Message != nil {
		t.Errorf("half of it is step %s, %v", got.Name, got.Err)
	}
	checkTree(t, got)
}

// TestCertificateIsTakenApart looks for a certificate's own fields.
func TestCertificateIsTakenApart(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		found := 0
		var walk func(fields []field.Field)
		walk = func(fields []field.Field) {
			for _, f := range fields {
				if f.Label == "tbsCertificate" {
					found++
				}
				walk(f.Fields)
			}
		}
		for _, s := range Transcript(healthy(version).record(t)).Steps {
			if s.Name == "Certificate" {
				walk(s.Tree().Fields)
			}
		}
		if found != 4 {
			t.Errorf("%s: %d certificates are taken apart, want 4", tls.VersionName(version), found)
		}
	}
}
