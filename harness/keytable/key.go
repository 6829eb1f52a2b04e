// Package keytable verifies many ECDSA signatures of one key, each faster than one
// alone could be.
//
// Most of a verification goes into multiplying the public key by a number that is
// another one each time. A [Key] that is asked often makes a table of the key's
// multiples, of which a verification then adds up 32; that takes less than half the
// time of [ecdsa.VerifyASN1]. A capture of a thousand handshakes with one server
// has a thousand signatures of one key.
//
// It is for signatures that were recorded: what it works on is public, all of it,
// and how long it takes depends on that. There are no secrets here, so nothing here
// is constant-time; never sign with anything made of this.
//
// The word of crypto/ecdsa is the last one. It is asked about all that is not the
// plain case, which is any other curve than P-256, a key that was not seen often,
// and a program that runs in FIPS 140-3 mode; and it is asked again about each
// signature that does not hold by the table. A table can save work for signatures
// that hold, and cannot make one of them fail.
package keytable

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/fips140"
	"sync"
	"sync/atomic"
)

// worthwhile is how many signatures of a key are left to crypto/ecdsa before a table
// is made of it. Making a table takes about as long as they took, so that no number
// of signatures takes more than twice as long as without tables.
const worthwhile = 4

// mostTables is how many tables there are at a time. Each takes 50 kB.
const mostTables = 64

// A Shelf has room for the tables of a few keys. It may be used by several goroutines
// at once; the zero value is ready.
type Shelf struct {
	mu sync.Mutex
	// keys have a table, the one that was made first before the others.
	keys []*Key
}

// A Key is a public key that signatures are verified with. It may be used by several
// goroutines at once.
type Key struct {
	public *ecdsa.PublicKey
	shelf  *Shelf
	// asked counts the verifications without a table.
	asked atomic.Int64
	table atomic.Pointer[table]
}

// Key returns a key whose table, if there will be one, stands on this shelf. Nobody
// may change the public key any more.
func (s *Shelf) Key(public *ecdsa.PublicKey) *Key {
	return &Key{public: public, shelf: s}
}

// Verify says whether a signature, in the form of ASN.1, over a digest holds. It
// answers what [ecdsa.VerifyASN1] does.
func (k *Key) Verify(digest, signature []byte) bool {
	return k.byTable(digest, signature) || ecdsa.VerifyASN1(k.public, digest, signature)
}

// byTable says that a signature holds by the table. Where there is none, or will be
// none before the next signature, it says false of all of them.
func (k *Key) byTable(digest, signature []byte) bool {
	if k.public.Curve != elliptic.P256() || fips140.Enabled() {
		return false
	}
	t := k.table.Load()
	if t == nil {
		// Others go on without the table while the one whose turn it is makes it.
		if k.asked.Add(1) != worthwhile+1 {
			return false
		}
		if t = newTable(k.public); t == nil {
			return false
		}
		k.shelf.add(k, t)
	}
	return t.verify(digest, signature)
}

// add puts the table of a key onto the shelf. If the shelf is full, the key with the
// oldest table loses it, and has to be seen as often again for another one.
func (s *Shelf) add(k *Key, t *table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keys) == mostTables {
		oldest := s.keys[0]
		oldest.table.Store(nil)
		oldest.asked.Store(0)
		s.keys = append(s.keys[:0], s.keys[1:]...)
	}
	k.table.Store(t)
	s.keys = append(s.keys, k)
}
