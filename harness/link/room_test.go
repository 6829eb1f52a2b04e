package link

import (
	"errors"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
	"shakedown/harness/tlswire"
)

// passage returns a message of which so many bytes are sent, and so many arrive.
func passage(from outcome.Role, name string, sent, arrives int, rewrites ...int) Passage {
	return Passage{From: from, Name: name, Sent: make([]byte, sent), Arrives: make([]byte, arrives), Rewrites: rewrites}
}

func TestFit(t *testing.T) {
	hello := passage(outcome.Client, "ClientHello", 300, 300)
	serverHello := passage(outcome.Server, "ServerHello", 90, 90)
	finished := passage(outcome.Server, "Finished", 36, 36)
	for _, tt := range []struct {
		name     string
		passages []Passage
		// blamed is the rewrite that is too long, -1 for none.
		blamed   int
		datagram int
	}{
		{"nothing is rewritten", []Passage{hello, serverHello, finished}, -1, 0},
		{"all becomes shorter", []Passage{hello, serverHello, passage(outcome.Server, "Certificate", 900, 10, 0), finished}, -1, 0},
		{"room for the last byte", []Passage{hello, serverHello, passage(outcome.Server, "Certificate", 900, 1040, 0), finished}, -1, 0},
		{"one byte more", []Passage{hello, serverHello, passage(outcome.Server, "Certificate", 900, 1041, 0), finished}, 0, 1453},
		{"the one that grows most is blamed", []Passage{hello, serverHello, passage(outcome.Server, "EncryptedExtensions", 90, 140, 1), passage(outcome.Server, "Certificate", 900, 1000, 0), finished}, 0, 1462},
		{"two in different datagrams", []Passage{hello, serverHello, passage(outcome.Server, "EncryptedExtensions", 90, 190, 1), passage(outcome.Server, "Certificate", 1900, 2000, 0), finished}, -1, 0},
		{"two flights", []Passage{passage(outcome.Client, "ClientHello", 300, 400, 0), serverHello, finished, passage(outcome.Client, "Certificate", 900, 1000, 1)}, -1, 0},
		{"a signature that is longer because of another certificate", []Passage{hello, serverHello, passage(outcome.Server, "Certificate", 900, 890, 1), passage(outcome.Server, "CertificateVerify", 79, 264), finished}, 1, 1497},
		{"a hello in its padding", []Passage{passage(outcome.Client, "ClientHello", 300, 1300, 0)}, -1, 0},
		{"a hello beyond it", []Passage{passage(outcome.Client, "ClientHello", 300, 1310, 0)}, 0, 1454},
		{"little is left for the last datagram", []Passage{hello, serverHello, passage(outcome.Server, "Certificate", 1300, 1700, 0), finished}, -1, 0},
		{"nobody knows yet how much is left", []Passage{hello, serverHello, passage(outcome.Server, "Certificate", 1300, 1700, 0)}, 0, 1712},
	} {
		err := Fit(tt.passages)
		var long *OverlongError
		switch {
		case tt.blamed < 0 && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.blamed >= 0 && (!errors.As(err, &long) || long.Rewrite != tt.blamed || long.Datagram != tt.datagram):
			t.Errorf("%s: got %v (%+v), want the rewrite %d and %d bytes", tt.name, err, long, tt.blamed, tt.datagram)
		}
	}
}

// What is left to chance counts at its longest, so that messages of another run
// have the same length.
func TestLongest(t *testing.T) {
	verify := func(scheme uint16, n int) []byte {
		body := append([]byte{byte(scheme >> 8), byte(scheme), 0, byte(n)}, make([]byte, n)...)
		return tlswire.AppendHandshake(nil, tlswire.TypeCertificateVerify, body)
	}
	parameters := func(b ...byte) []byte {
		extensions := append([]byte{0, byte(tlswire.ExtQUICTransportParameters), 0, byte(len(b))}, b...)
		return tlswire.AppendHandshake(nil, tlswire.TypeEncryptedExtensions, append([]byte{0, byte(len(extensions))}, extensions...))
	}
	reserved := []byte{0x40, 27 + 31*2, 3, 1, 2, 3}
	if quicwire.ParameterID(reserved[1])%31 != 27 {
		t.Fatal("this is no reserved parameter")
	}
	for _, tt := range []struct {
		name     string
		messages []byte
		slack    int
	}{
		{"nothing", nil, 0},
		{"no message", []byte{1, 2}, 0},
		{"a message cut short", []byte{20, 0, 0, 9, 1}, 0},
		{"P-256 at its longest", verify(0x0403, 72), 0},
		{"P-256, two bytes shorter", verify(0x0403, 70), 2},
		{"P-384", verify(0x0503, 103), 1},
		{"P-521", verify(0x0603, 137), 2},
		{"of no curve", verify(0x0403, 20), 0},
		{"longer than any", verify(0x0403, 200), 0},
		{"Ed25519 has one length", verify(0x0807, 64), 0},
		{"two messages", append(verify(0x0403, 71), verify(0x0403, 70)...), 3},
		{"a connection ID", parameters(0, 8, 1, 2, 3, 4, 5, 6, 7, 8), 12},
		{"a reserved parameter", parameters(reserved...), 12},
		{"one with a short number", parameters(27, 1, 9), 15},
		{"one that is longer than any", parameters(append([]byte{27, 16}, make([]byte, 16)...)...), 1},
		{"parameters that end in the middle", parameters(0, 8, 1), 0},
	} {
		if got := longest(tt.messages) - len(tt.messages); got != tt.slack {
			t.Errorf("%s: %d bytes more at its longest, want %d", tt.name, got, tt.slack)
		}
	}
}
