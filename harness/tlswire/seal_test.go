package tlswire

import (
	"bytes"
	"slices"
	"testing"
)

// What is sealed opens again, record by record, in every suite that can seal.
func TestSealedRecordsOpen(t *testing.T) {
	for _, suite := range []uint16{0x1301, 0x1302, 0x1303} {
		t.Run(CipherSuiteName(suite), func(t *testing.T) {
			secret := bytes.Repeat([]byte{7}, map[uint16]int{0x1301: 32, 0x1302: 48, 0x1303: 32}[suite])
			seal, err := NewTrafficKeys13(suite, secret)
			if err != nil {
				t.Fatal(err)
			}
			open, _ := NewTrafficKeys13(suite, secret)
			for i, content := range [][]byte{[]byte("one"), {}, bytes.Repeat([]byte("long"), 1<<12), []byte("last")} {
				typ := []ContentType{Handshake, ApplicationData, ApplicationData, AlertType}[i]
				sealed, err := seal.Seal(typ, content)
				if err != nil {
					t.Fatal(err)
				}
				rec, n, err := ParseRecord(sealed)
				if err != nil || n != len(sealed) {
					t.Fatalf("record %d: %v", i, err)
				}
				gotType, got, err := open.Open(rec)
				if err != nil || gotType != typ || !bytes.Equal(got, content) {
					t.Errorf("record %d opens as %v %q, %v", i, gotType, got, err)
				}
			}
			if _, err := seal.Seal(Handshake, make([]byte, maxPlaintext+1)); err == nil {
				t.Error("more than a record holds was sealed")
			}
			if seal.Opened() != open.Opened() {
				t.Errorf("the seal is at record %d, the opener at %d", seal.Opened(), open.Opened())
			}
			if seal.Skip(); seal.Opened() != open.Opened()+1 {
				t.Error("a record that was skipped is not counted")
			}
		})
	}
}

func TestSealedRecordsOpenInTLS12(t *testing.T) {
	master := bytes.Repeat([]byte{9}, masterLen)
	keys := func(suite uint16) (*Protection, *Protection) {
		client, server, err := NewKeys12(suite, master, [32]byte{1}, [32]byte{2})
		if err != nil {
			t.Fatal(err)
		}
		return client, server
	}
	for _, suite := range []uint16{0xcca9, 0xc02b, 0xc030} {
		seal, _ := keys(suite)
		open, _ := keys(suite)
		for _, want := range []string{"finished", "", "a record behind it"} {
			sealed, err := seal.Seal(Handshake, []byte(want))
			if err != nil {
				t.Fatal(err)
			}
			rec, n, _ := ParseRecord(sealed)
			if typ, got, err := open.Open(rec); err != nil || n != len(sealed) || typ != Handshake || string(got) != want {
				t.Errorf("%s opens as %v %q, %v", CipherSuiteName(suite), typ, got, err)
			}
		}
	}
	if client, _ := keys(0xc009); client != nil {
		if _, err := client.Seal(Handshake, nil); err == nil {
			t.Error("a record was sealed with AES-CBC, which nobody here writes")
		}
	}
}

// AppendRecord and AppendHandshake write what is read again.
func TestWhatIsAppendedReadsAgain(t *testing.T) {
	long := AppendRecord(nil, Handshake, VersionTLS12, make([]byte, maxPlaintext+5))
	first, n, err := ParseRecord(long)
	second, m, err2 := ParseRecord(long[n:])
	if err != nil || err2 != nil || len(first.Payload) != maxPlaintext || len(second.Payload) != 5 || n+m != len(long) {
		t.Errorf("records of %d and %d bytes (%v, %v)", len(first.Payload), len(second.Payload), err, err2)
	}
	if empty := AppendRecord(nil, Handshake, VersionTLS12, nil); len(empty) != RecordHeaderLen {
		t.Errorf("an empty record has %d bytes", len(empty))
	}
	message := AppendHandshake(nil, TypeFinished, []byte("abc"))
	if size, ok := HandshakeLen(message); !ok || size != len(message) || message[0] != byte(TypeFinished) {
		t.Errorf("the message is %x", message)
	}
}

// Over the reference handshakes of RFC 8448, one with a HelloRetryRequest and one
// with a client certificate, both Finished follow from the messages before them,
// and what CertificateVerify signs is what the transcript gives.
func TestTranscriptsOfRFC8448(t *testing.T) {
	for _, file := range rfc8448Files {
		t.Run(file, func(t *testing.T) {
			messages, private := readHandshake(t, file)
			reference, transcript := &schedule{}, Transcript13{Suite: 0x1301}
			finished := 0
			for _, sent := range messages {
				m, err := ParseHandshake(sent.raw, VersionTLS13)
				if err != nil {
					t.Fatal(err)
				}
				switch m := m.(type) {
				case *ServerHello:
					if m.IsHelloRetryRequest() {
						first := reference.hash()
						reference.transcript = append([]byte{byte(TypeMessageHash), 0, 0, 32}, first...)
						break
					}
					reference.transcript = append(reference.transcript, sent.raw...)
					reference.start(t, private, *m.KeyShare)
					transcript.Add(sent.raw)
					continue
				case *CertificateVerify:
					context := map[string]string{"server": ServerSignatureContext, "client": ClientSignatureContext}[sent.from]
					content, err := transcript.SignedContent(context)
					if err != nil || !bytes.HasSuffix(content, reference.hash()) || !bytes.HasPrefix(content, bytes.Repeat([]byte(" "), 64)) {
						t.Errorf("the %s signs %q (%v)", sent.from, content, err)
					}
				case *Finished:
					secret := map[string][]byte{"server": reference.server, "client": reference.client}[sent.from]
					got, err := transcript.VerifyData(secret)
					if err != nil || !bytes.Equal(got, m.VerifyData) {
						t.Errorf("the %s's verify_data is %x (%v), want %x", sent.from, got, err, m.VerifyData)
					}
					finished++
				}
				reference.transcript = append(reference.transcript, sent.raw...)
				transcript.Add(sent.raw)
			}
			if finished != 2 {
				t.Errorf("%d Finished, want 2", finished)
			}
		})
	}
}

// A HelloRetryRequest replaces the first ClientHello by its hash.
func TestTheFirstHelloIsHashedAlone(t *testing.T) {
	retry := AppendHandshake(nil, TypeServerHello, slices.Concat([]byte{3, 3}, helloRetryRandom[:], []byte{0}))
	with := Transcript13{Suite: 0x1301, Messages: [][]byte{[]byte("\x01\x00\x00\x01a"), retry}}
	other := Transcript13{Suite: 0x1301, Messages: [][]byte{[]byte("\x01\x00\x00\x01b"), retry}}
	plain := Transcript13{Suite: 0x1301, Messages: [][]byte{[]byte("\x01\x00\x00\x01a"), []byte("\x02\x00\x00\x00")}}
	one, _ := with.Hash()
	two, _ := other.Hash()
	three, _ := plain.Hash()
	if bytes.Equal(one, two) || bytes.Equal(one, three) || len(one) != 32 {
		t.Errorf("the hashes are %x, %x and %x", one, two, three)
	}
	if _, err := (&Transcript13{Suite: 0xc02b}).Hash(); err == nil {
		t.Error("a suite of TLS 1.2 has a transcript hash here")
	}
}
