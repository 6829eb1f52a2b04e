package dissect

import (
	"errors"
	"fmt"

	"shakedown/harness/tlswire"
)

// A TurnError is a record that opens, though not as the one whose turn it is. RFC
// 8446 5.3: "Each sequence number is set to zero at the beginning of a connection
// and whenever the key is changed; the first record transmitted under a particular
// traffic key MUST use sequence number 0." Whoever receives it cannot open it: to
// the receiver it looks like a record that was damaged.
type TurnError struct {
	// By is how many records it comes too early, so that as many before it are
	// missing; negative for one that comes too late, or again.
	By int
}

func (e *TurnError) Error() string {
	switch {
	case e.By > 0:
		return fmt.Sprintf("it opens only as a record %d further on: what should come before it is missing", e.By)
	case e.By == -1:
		return "it opens only as the record before it: it comes again, or too late"
	}
	return fmt.Sprintf("it opens only as a record %d further back: it comes again, or too late", -e.By)
}

// Unwrap returns [tlswire.ErrRecordMAC], which is what a receiver finds.
func (e *TurnError) Unwrap() error { return tlswire.ErrRecordMAC }

// outOfTurn are the places beside its own that a record is tried at, maxStrays how
// many records of one key are tried so: behind the first the receiver is gone.
var outOfTurn = []int{1, -1, 2, -2, 3}

const maxStrays = 4

// openInTurn opens a record, and says of one that only opens at another place than
// its own which place that is. It stays closed all the same, as to its receiver.
func (k *keys) openInTurn(r *record, level Level) error {
	err := k.open(r, level)
	if err == nil || !errors.Is(err, tlswire.ErrRecordMAC) || k.strays >= maxStrays {
		return err
	}
	k.strays++
	for _, p := range k.candidates {
		turn := p.Opened()
		for _, by := range outOfTurn {
			if by < 0 && uint64(-by) > turn {
				continue
			}
			p.Seek(turn + uint64(by))
			_, _, failed := p.Open(r.Record)
			p.Seek(turn)
			if failed == nil {
				return &TurnError{By: by}
			}
		}
	}
	return err
}
