package keylog

import (
	"bytes"
	"strings"
	"testing"
)

const (
	random1 = "0000000000000000000000000000000000000000000000000000000000000001"
	random2 = "0000000000000000000000000000000000000000000000000000000000000002"
)

const sample = `# written by a test
CLIENT_HANDSHAKE_TRAFFIC_SECRET ` + random1 + ` aabb
SERVER_HANDSHAKE_TRAFFIC_SECRET ` + random1 + " ccdd\r\n" + `
CLIENT_RANDOM ` + random2 + ` 0102
SOME_FUTURE_LABEL ` + random2 + ` 99
RSA 0011223344556677 0303aabb
`

func random(last byte) (r Random) {
	r[31] = last
	return r
}

func TestParseFilesSecretsByLabelAndRandom(t *testing.T) {
	var l Log
	if err := l.Parse([]byte(sample)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		label  Label
		random Random
		want   string
	}{
		{ClientHandshakeTraffic, random(1), "\xaa\xbb"},
		{ServerHandshakeTraffic, random(1), "\xcc\xdd"},
		{ClientRandom, random(2), "\x01\x02"},
		{ClientRandom, random(1), ""},
		{"SOME_FUTURE_LABEL", random(2), "\x99"},
	} {
		if got := l.Secret(tt.label, tt.random); string(got) != tt.want {
			t.Errorf("%s of %d: %x, want %x", tt.label, tt.random[31], got, tt.want)
		}
	}
	if l.Len() != 4 {
		t.Errorf("%d secrets, want 4", l.Len())
	}
}

func TestParseNamesTheDamagedLine(t *testing.T) {
	for text, want := range map[string]string{
		"CLIENT_RANDOM " + random1 + " 00\nCLIENT_RANDOM x\n": "key log line 2: 2 words",
		"CLIENT_RANDOM 00 00": "key log line 1: the client random has 2 hexadecimal digits, want 64",
		"CLIENT_RANDOM " + strings.Replace(random1, "1", "g", 1) + " 00": "key log line 1: client random",
		"CLIENT_RANDOM " + random1 + " 0":                                "key log line 1: secret",
		"CLIENT_RANDOM " + random1 + " " + strings.Repeat("00", 200):     "no secret is that long",
	} {
		var l Log
		err := l.Parse([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
}

func TestParseUnderstandsSeveralSpacesAndTabs(t *testing.T) {
	for _, text := range []string{
		"CLIENT_RANDOM " + random1 + " 0a0b",
		"CLIENT_RANDOM   " + random1 + "  0a0b",
		"\tCLIENT_RANDOM\t" + random1 + " \t 0a0b \r\n",
	} {
		var l Log
		if err := l.Parse([]byte(text)); err != nil || string(l.Secret(ClientRandom, random(1))) != "\n\v" {
			t.Errorf("%q: %v, the secret is %x", text, err, l.Secret(ClientRandom, random(1)))
		}
	}
	var l Log
	if err := l.Parse([]byte("CLIENT_RANDOM " + random1 + " 0a0b 0c")); err == nil || !strings.Contains(err.Error(), "4 words") {
		t.Errorf("four words: %v", err)
	}
}

func TestTheFirstSecretStays(t *testing.T) {
	var a, b Log
	a.Add(ClientRandom, random(1), []byte{1})
	a.Add(ClientRandom, random(1), []byte{2})
	b.Add(ClientRandom, random(1), []byte{3})
	b.Add(ClientRandom, random(2), []byte{4})
	c := a.Clone()
	c.Merge(&b)
	if got := c.Secret(ClientRandom, random(1)); !bytes.Equal(got, []byte{1}) {
		t.Errorf("after merging, the secret is %x, want the first one", got)
	}
	if c.Len() != 2 || a.Len() != 1 {
		t.Errorf("the clone has %d secrets and the original %d, want 2 and 1", c.Len(), a.Len())
	}
}

// What is written is read back, whatever the text that it came from.
func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("CLIENT_RANDOM"))
	f.Add([]byte("\n\n# \r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var l Log
		_ = l.Parse(text)
		var again Log
		if err := again.Parse([]byte(l.String())); err != nil {
			t.Fatalf("what was written does not parse: %v\n%s", err, l.String())
		}
		if again.String() != l.String() {
			t.Errorf("read back as\n%s\nwritten as\n%s", again.String(), l.String())
		}
	})
}

func TestAStoreIsUsedByWhatIsMet(t *testing.T) {
	var s Store
	if damaged, err := s.Read(strings.NewReader(sample)); err != nil || len(damaged) > 0 {
		t.Fatalf("%v, %v", damaged, err)
	}
	if s.Meet(random(3)) || s.Used() {
		t.Error("a connection of which it has nothing counts")
	}
	s.Resume(random(4), random(2))
	if !s.Meet(random(4)) {
		t.Error("it has nothing of a session that is resumed")
	}
	if !s.Meet(random(1)) || !s.Used() {
		t.Error("a connection of which it has secrets does not count")
	}
}
