package keylog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// A Store holds the secrets of many connections. One goroutine can add what a
// capture file brings while others read connections with it. The zero Store is
// empty and ready.
type Store struct {
	mu      sync.RWMutex
	secrets secrets
	// made are the master secrets of TLS 1.2 in the order in which they came.
	made [][]byte
	// resumed says, for a client random, which one the master secret of its
	// session is filed under.
	resumed map[Random]Random
	size    atomic.Int64
	used    atomic.Bool
}

// View returns a log that shows what the stores hold, now and later, the first
// store that has a secret first. What is added to the log stays in the log.
func View(stores ...*Store) Log { return Log{under: stores} }

// Add files a secret. The first secret of a label and random stays.
func (s *Store) Add(label Label, random Random, secret []byte) {
	s.add(label, random, bytes.Clone(secret))
}

// add is Add of a secret that the store may keep as it is.
func (s *Store) add(label Label, random Random, secret []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.secrets.add(label, random, secret) {
		return
	}
	s.size.Add(1)
	if label == ClientRandom {
		s.made = append(s.made, secret)
	}
}

// Resume files under random the master secret of the session that began with
// the ClientHello.random of. "The client and server [...] use the existing
// master secret" where a session of TLS 1.2 is resumed (RFC 5246 7.3), and most
// stacks log it only when it is made.
func (s *Store) Resume(random, of Random) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resumed == nil || len(s.resumed) >= maxResumed {
		s.resumed = make(map[Random]Random)
	}
	s.resumed[random] = of
}

// maxResumed is how many resumed sessions are remembered. Then it starts over:
// they are asked for soon after.
const maxResumed = 1 << 17

// Secret returns the secret of that label for that ClientHello.random, nil if
// there is none. Nobody may change it.
func (s *Store) Secret(label Label, random Random) []byte {
	if s.size.Load() == 0 {
		return nil
	}
	s.mu.RLock()
	secret := s.secrets.find(label, random)
	if of, ok := s.resumed[random]; secret == nil && ok && label == ClientRandom {
		secret = s.secrets.find(label, of)
	}
	s.mu.RUnlock()
	if secret != nil && !s.used.Load() {
		s.used.Store(true)
	}
	return secret
}

// Meet says that there is a connection with that ClientHello.random, and returns
// whether the store has secrets of it. Whether they will be needed shows later, or
// never.
func (s *Store) Meet(random Random) bool {
	if s.size.Load() == 0 {
		return false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if of, ok := s.resumed[random]; ok && s.secrets.find(ClientRandom, of) != nil {
		return true
	}
	if !s.secrets.has(random) {
		return false
	}
	s.used.Store(true)
	return true
}

// Len returns the number of secrets.
func (s *Store) Len() int { return int(s.size.Load()) }

// Used says that the store has secrets of a connection that was read.
func (s *Store) Used() bool { return s.used.Load() }

// Connections returns how many client randoms there are secrets for.
func (s *Store) Connections() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	randoms := make(map[Random]bool)
	for e := range s.secrets.all() {
		randoms[e.random] = true
	}
	return len(randoms)
}

// masters returns up to limit master secrets, the latest first.
func (s *Store) masters(limit int) [][]byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var latest [][]byte
	for i := len(s.made) - 1; i >= 0 && len(latest) < limit; i-- {
		latest = append(latest, s.made[i])
	}
	return latest
}

// A Damage is a line of a key log that cannot be read.
type Damage struct {
	// Line counts from 1.
	Line int
	Err  error
}

func (d Damage) Error() string { return fmt.Sprintf("key log line %d: %v", d.Line, d.Err) }
func (d Damage) Unwrap() error { return d.Err }

// maxLine is longer than any line with a secret.
const maxLine = 1024

// lineReaders are used again: a capture file can bring the secrets of every
// connection on their own.
var lineReaders = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, maxLine) }}

// Read adds every line of an SSLKEYLOGFILE that can be read, and returns those
// that cannot: a key log can end in the middle of a line, or have two lines in
// one where two processes wrote to it. The error is r's.
func (s *Store) Read(r io.Reader) (damaged []Damage, err error) {
	lines := lineReaders.Get().(*bufio.Reader)
	lines.Reset(r)
	defer func() {
		lines.Reset(nil)
		lineReaders.Put(lines)
	}()
	for n := 1; ; n++ {
		line, tooLong, err := nextLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return damaged, err
		}
		if tooLong && line[0] != '#' {
			damaged = append(damaged, Damage{n, fmt.Errorf("longer than any secret")})
		} else if bad := s.readLine(bytes.TrimSpace(line)); bad != nil && !tooLong {
			damaged = append(damaged, Damage{n, bad})
		}
		if err != nil {
			return damaged, nil
		}
	}
}

// nextLine returns the next line, or the beginning of one that is too long.
func nextLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	line, err = r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, false, err
	}
	line = bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.ReadSlice('\n')
	}
	return line, true, err
}

func (s *Store) readLine(line []byte) error {
	label, random, secret, err := parseLine(line)
	if err == nil && label != "" {
		s.add(label, random, secret)
	}
	return err
}
