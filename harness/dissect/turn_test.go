package dissect

import (
	"bytes"
	"errors"
	"testing"

	"shakedown/harness/tlswire"
)

// sealedRecords are records of TLS 1.3 under one key, and what opens them.
func sealedRecords(t *testing.T, n int) ([]record, *keys) {
	t.Helper()
	secret := bytes.Repeat([]byte{7}, 32)
	const aes128 = 0x1301
	seal, err := tlswire.NewTrafficKeys13(aes128, secret)
	if err != nil {
		t.Fatal(err)
	}
	open, err := tlswire.NewTrafficKeys13(aes128, secret)
	if err != nil {
		t.Fatal(err)
	}
	var list []record
	for i := range n {
		raw, err := seal.Seal(tlswire.Handshake, []byte{byte(i), 1, 2, 3})
		if err != nil {
			t.Fatal(err)
		}
		rec, _, err := tlswire.ParseRecord(raw)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, record{Record: rec})
	}
	return list, &keys{candidates: []*tlswire.Protection{open}}
}

// A record that is lost, repeated or moved leaves one that opens elsewhere, and a
// damaged one opens nowhere. Either stays closed, as to its receiver.
func TestARecordOutOfTurn(t *testing.T) {
	damaged := func(r record) record {
		r.Payload = bytes.Clone(r.Payload)
		r.Payload[0] ^= 1
		return r
	}
	tests := []struct {
		name  string
		order func([]record) []record
		by    int // of the last record, 0 if it opens nowhere
	}{
		{"lost", func(r []record) []record { return []record{r[0], r[2]} }, 1},
		{"the first is lost", func(r []record) []record { return []record{r[1]} }, 1},
		{"two are lost", func(r []record) []record { return []record{r[0], r[3]} }, 2},
		{"repeated", func(r []record) []record { return []record{r[0], r[1], r[1]} }, -1},
		{"an old one", func(r []record) []record { return []record{r[0], r[1], r[2], r[1]} }, -2},
		{"damaged", func(r []record) []record { return []record{r[0], damaged(r[1])} }, 0},
		{"too far away", func(r []record) []record { return []record{r[0], r[7]} }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			records, k := sealedRecords(t, 8)
			list := tt.order(records)
			for i := range list {
				err := k.openInTurn(&list[i], Handshake)
				if i < len(list)-1 {
					if err != nil {
						t.Fatalf("record %d: %v", i, err)
					}
					continue
				}
				var turn *TurnError
				if got := errors.As(err, &turn); got != (tt.by != 0) || got && turn.By != tt.by {
					t.Errorf("got %v, want it out of turn by %d", err, tt.by)
				}
				if !errors.Is(err, tlswire.ErrRecordMAC) || list[i].protected {
					t.Errorf("it is open, or not what a receiver finds: %v", err)
				}
			}
		})
	}
}

// What was tried elsewhere does not move the place of the next record.
func TestARecordOutOfTurnMovesNothing(t *testing.T) {
	records, k := sealedRecords(t, 4)
	for _, i := range []int{0, 2, 1, 2, 3} { // the third comes early once, and then all is well
		err := k.openInTurn(&records[i], Handshake)
		if early := i == 2 && records[1].content == nil; early != (err != nil) {
			t.Fatalf("record %d: %v", i, err)
		}
	}
}

// Only so many are tried: a capture of a key that never fits costs no more.
func TestFewRecordsAreTriedOutOfTurn(t *testing.T) {
	records, k := sealedRecords(t, 8)
	for range maxStrays {
		_ = k.openInTurn(&records[7], Handshake)
	}
	var turn *TurnError
	if err := k.openInTurn(&records[1], Handshake); err == nil || errors.As(err, &turn) {
		t.Errorf("got %v, want a record that was not tried elsewhere", err)
	}
}
