package crossref

import (
	"bytes"
	"compress/zlib"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// A scribe appends messages to a reference handshake, and proves what a side
// would prove.
type scribe struct {
	t  *testing.T
	in Input
	// all is what the next proof is over.
	all []byte
}

func (s *scribe) write(from outcome.Role, kind tlswire.HandshakeType, body ...byte) *dissect.Step {
	s.t.Helper()
	step := &dissect.Step{N: len(s.in.Timeline.Steps) + 1, From: from, Kind: dissect.KindHandshake, Unit: -1}
	raw := append([]byte{byte(kind), 0, byte(len(body) >> 8), byte(len(body))}, body...)
	setRaw(s.t, step, raw, tlswire.VersionTLS13)
	if step.Err != nil {
		s.t.Fatal(step.Err)
	}
	s.in.Timeline.Steps = append(s.in.Timeline.Steps, step)
	s.all = append(s.all, raw...)
	return step
}

// certificateBody is the body of a Certificate message.
func certificateBody(context string, a *authority) []byte {
	n := len(a.cert.Raw)
	list := append([]byte{byte(n >> 16), byte(n >> 8), byte(n)}, a.cert.Raw...)
	list = append(list, 0, 0)
	body := append([]byte{byte(len(context))}, context...)
	return append(append(body, byte(len(list)>>16), byte(len(list)>>8), byte(len(list))), list...)
}

// sign writes a CertificateVerify over all so far.
func (s *scribe) sign(from outcome.Role, a *authority) {
	s.t.Helper()
	hash := sha256.Sum256(s.all)
	content := strings.Repeat(" ", 64) + "TLS 1.3, " + string(from) + " CertificateVerify\x00" + string(hash[:])
	signature := must(a.key.Sign(rand.Reader, sum(crypto.SHA256, []byte(content)), crypto.SHA256))
	s.write(from, tlswire.TypeCertificateVerify, append([]byte{4, 3, 0, byte(len(signature))}, signature...)...)
}

// finish writes a Finished over all so far.
func (s *scribe) finish(from outcome.Role, secret []byte) {
	s.t.Helper()
	hash := sha256.Sum256(s.all)
	mac := hmac.New(sha256.New, expandLabel(crypto.SHA256, secret, "finished", nil, 32))
	mac.Write(hash[:])
	s.write(from, tlswire.TypeFinished, mac.Sum(nil)...)
}

// begin returns a scribe behind that many steps of a reference handshake.
func begin(t *testing.T, file string, steps int) *scribe {
	s := &scribe{t: t, in: reference(t, file)}
	if steps > 0 {
		s.in.Timeline.Steps = s.in.Timeline.Steps[:steps]
	}
	s.in.Timeline.Steps = slices.DeleteFunc(s.in.Timeline.Steps, func(step *dissect.Step) bool { return step.Name == "NewSessionTicket" })
	for _, step := range s.in.Timeline.Steps {
		s.all = append(s.all, step.Raw...)
	}
	return s
}

// TestAuthenticationAfterTheHandshake proves what a client answers to two
// requests behind the handshake, with a key update between them.
func TestAuthenticationAfterTheHandshake(t *testing.T) {
	s := begin(t, "simple-1rtt.txt", 0)
	client := mint("late client", nil, nil)
	secret := bytes.Repeat([]byte{7}, 32)
	random := s.in.Timeline.Steps[0].Message.(*tlswire.ClientHello).Random
	s.in.Transcript.ClientKeys.Add(keylog.ClientTraffic, random, secret)
	handshake := slices.Clone(s.all)
	request := func(context string) {
		algorithms := []byte{0, 13, 0, 4, 0, 2, 4, 3}
		s.write(outcome.Server, tlswire.TypeCertificateRequest, append([]byte{1, context[0], 0, byte(len(algorithms))}, algorithms...)...)
	}
	answer := func(context string) {
		s.write(outcome.Client, tlswire.TypeCertificate, certificateBody(context, client)...)
		s.sign(outcome.Client, client)
		s.finish(outcome.Client, secret)
	}
	request("a")
	answer("a")
	s.write(outcome.Client, tlswire.TypeKeyUpdate, 0)
	secret = expandLabel(crypto.SHA256, secret, "traffic upd", nil, 32)
	s.all = slices.Clone(handshake)
	request("b")
	answer("b")

	var later []Proof
	for _, p := range all(s.in) {
		if p.Result != Verified {
			t.Errorf("%s is %s: %s", p.Of, p.Result, p.Text)
		}
		later = append(later, p)
	}
	n := len(s.in.Timeline.Steps)
	for _, want := range []string{
		"This signature covers the handshake, the CertificateRequest of step 8 and the Certificate of step 9 and verifies with the key in step 9.",
		"This MAC covers the handshake, the CertificateRequest of step 13 and the Certificate of step 14 and matches the client's traffic secret.",
	} {
		if !slices.ContainsFunc(later, func(p Proof) bool { return p.Text == want }) {
			t.Errorf("no proof says %q: %+v", want, later)
		}
	}
	if got, want := told(s.in, "CertificateRequest"), "The client answers with 1 certificate in step 14."; !strings.Contains(got, want) {
		t.Errorf("it lacks %q:\n%s", want, got)
	}
	flipped := flip(t, s.in, n-4) // the second request
	b := New(flipped)
	for _, step := range flipped.Timeline.Steps[n-2:] {
		if p := b.Checks(step); len(p) != 1 || p[0].Result != Failed {
			t.Errorf("with a bit of the request flipped, step %d: %+v", step.N, p)
		}
	}
}

// TestCompressedCertificate proves a signature over a Certificate that was sent
// compressed: the transcript has the message as it was sent (RFC 8879 4).
func TestCompressedCertificate(t *testing.T) {
	s := begin(t, "simple-1rtt.txt", 3)
	server := mint("server", nil, nil)
	body := certificateBody("", server)
	var compressed bytes.Buffer
	z := zlib.NewWriter(&compressed)
	must(z.Write(body))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	n, m := len(body), compressed.Len()
	step := s.write(outcome.Server, tlswire.TypeCompressedCertificate,
		append([]byte{0, 1, byte(n >> 16), byte(n >> 8), byte(n), byte(m >> 16), byte(m >> 8), byte(m)}, compressed.Bytes()...)...)
	step.Message = must(tlswire.ParseCertificateBody(body)) // as dissect has it
	s.sign(outcome.Server, server)
	for _, p := range all(s.in) {
		if p.Of == "CertificateVerify" {
			if p.Result != Verified {
				t.Errorf("it is %s: %s", p.Result, p.Text)
			}
			return
		}
	}
	t.Error("no proof of CertificateVerify")
}
