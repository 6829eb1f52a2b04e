package crossref

import (
	"slices"
	"strings"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/tlswire"
)

// TestOneBit flips a bit of what is signed and finds it again.
func TestOneBit(t *testing.T) {
	find := func(in Input) (found []string) {
		b := New(in)
		for _, s := range in.Timeline.Steps {
			if bit := b.OneBit(s); bit != "" {
				found = append(found, s.Name+": "+bit)
			}
		}
		return found
	}
	h := handshakes["TLS 1.2, mutual"]
	if found := find(h.input(t)); found != nil {
		t.Errorf("in a handshake whose signatures hold: %q", found)
	}
	for i, s := range h.input(t).Timeline.Steps {
		// flip changes the last bit of a signature, and byte 9 of the parameters.
		want := map[string]string{"ServerKeyExchange": "bit 0x01 of byte 9 of the parameters", "CertificateVerify": " of the signature"}[s.Name]
		if want == "" {
			continue
		}
		in := flip(t, h.input(t), i)
		found := find(in)
		if !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, s.Name+": bit 0x01 ") && strings.HasSuffix(f, want) }) {
			t.Errorf("with one bit of %s flipped: %q, want %q", s.Name, found, want)
		}
		twice := flip(t, in, i) // the same bit again, and another
		raw := twice.Timeline.Steps[i].Raw
		raw[len(raw)-1] ^= 6
		setRaw(t, twice.Timeline.Steps[i], raw, tlswire.VersionTLS12)
		if found := find(twice); len(found) > 0 && strings.HasPrefix(found[0], s.Name) {
			t.Errorf("with two bits of %s flipped: %q", s.Name, found)
		}
	}
}

// BenchmarkOneBit looks for a bit that is not there: the signature is another key's.
func BenchmarkOneBit(b *testing.B) {
	in := handshakes["TLS 1.2, mutual"].input(b)
	i := slices.IndexFunc(in.Timeline.Steps, func(s *dissect.Step) bool { return s.Name == "ServerKeyExchange" })
	raw := slices.Clone(in.Timeline.Steps[i].Raw)
	raw[len(raw)-1] ^= 6
	c := *in.Timeline.Steps[i]
	setRaw(b, &c, raw, tlswire.VersionTLS12)
	in.Timeline.Steps[i] = &c
	for b.Loop() {
		if bit := New(in).OneBit(&c); bit != "" {
			b.Fatal(bit)
		}
	}
}

// TestInnerHello: a failure behind a ClientHello with another one inside says nothing.
func TestInnerHello(t *testing.T) {
	in := handshakes["RFC 8448 section 6, mutual"].input(t)
	i := slices.IndexFunc(in.Timeline.Steps, func(s *dissect.Step) bool { return s.Name == "EncryptedExtensions" })
	in = flip(t, in, i)
	for _, offered := range []bool{false, true} {
		hello := *in.Timeline.Steps[0].Message.(*tlswire.ClientHello)
		want := Failed
		if offered {
			hello.Extensions = append(slices.Clone(hello.Extensions), tlswire.Extension{Type: tlswire.ExtEncryptedClientHello})
			want = NotChecked
		}
		c := *in.Timeline.Steps[0]
		c.Message = &hello
		in.Timeline.Steps[0] = &c
		for _, p := range all(in) {
			if (p.Of == "Finished" || p.Of == "CertificateVerify") && p.Result != want {
				t.Errorf("with a ClientHello inside (%v), %s is %s, want %s: %s", offered, p.Of, p.Result, want, p.Text)
			}
		}
	}
}
