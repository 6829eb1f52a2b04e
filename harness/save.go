package harness

import (
	"bufio"
	"io"
	"strings"
	"sync"

	"shakedown/harness/capture"
	"shakedown/harness/keylog"
	"shakedown/harness/transcript"
)

// A Saver keeps what was recorded: the connections in a capture file that other
// tools open, their secrets in key logs. Give [Saver.Record] to [Options] and
// call [Saver.Close] when the last run has ended. It is safe for concurrent use.
type Saver struct {
	mu      sync.Mutex
	capture *capture.Writer
	keyLogs []*keyLogWriter
	runs    int
	kept    int
	secret  int
	err     error
}

// SaveTo says where a Saver writes to.
type SaveTo struct {
	// Capture gets a pcapng file, without the secrets if NoSecrets is set. It may
	// be nil.
	Capture   io.Writer
	NoSecrets bool
	// KeyLogs get the secrets in the SSLKEYLOGFILE format.
	KeyLogs []io.Writer
}

// NewSaver begins to write.
func NewSaver(to SaveTo) *Saver {
	s := new(Saver)
	if to.Capture != nil {
		s.capture = capture.NewWriter(to.Capture, capture.WriterOptions{NoSecrets: to.NoSecrets})
	}
	for _, w := range to.KeyLogs {
		s.keyLogs = append(s.keyLogs, &keyLogWriter{w: bufio.NewWriter(w)})
	}
	return s
}

// Record writes the connections of a run that has ended. What goes wrong with
// that is returned by [Saver.Close].
func (s *Saver) Record(r Result, connections []*Connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	for i, c := range connections {
		if s.err == nil {
			s.err = s.write(c, capture.Run{
				Number: s.runs, Connection: i + 1, Connections: len(connections),
				Scenario: r.Scenario, Title: r.Title, File: r.File, TLS: r.TLS, DurationUS: r.DurationUS,
			})
		}
	}
}

func (s *Saver) write(c *Connection, run capture.Run) error {
	s.kept++
	recording := withMaster(c)
	if recording.ClientKeys.Len()+recording.ServerKeys.Len() > 0 {
		s.secret++
	}
	for _, w := range s.keyLogs {
		w.add(&recording.ClientKeys)
		w.add(&recording.ServerKeys)
	}
	if s.capture == nil {
		return nil
	}
	e := capture.Entry{Transcript: recording, Timeline: c.Timeline, Run: run}
	for _, k := range c.Also {
		e.Known = append(e.Known, capture.KnownCertificate{Raw: k.Raw, Source: k.Source})
	}
	return s.capture.Write(e)
}

// withMaster returns the recording with the master secret of a resumed session of
// TLS 1.2 filed under this connection too. crypto/tls logs it where it is made, and
// other tools look for no other connection's.
func withMaster(c *Connection) *transcript.Transcript {
	resumed := c.Timeline.Resumed()
	if resumed == nil {
		return c.Transcript
	}
	t := *c.Transcript
	for _, log := range []*keylog.Log{&t.ClientKeys, &t.ServerKeys} {
		*log = log.Clone()
		log.Add(keylog.ClientRandom, resumed.Random, resumed.Master)
	}
	return &t
}

// Close writes what is still in memory and returns the first error. It closes no
// file.
func (s *Saver) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.capture != nil && s.err == nil {
		s.err = s.capture.Flush()
	}
	for _, w := range s.keyLogs {
		if err := w.w.Flush(); err != nil && s.err == nil {
			s.err = err
		}
	}
	return s.err
}

// Kept returns how many connections were recorded, and how many of them have
// secrets, with which they can be decrypted.
func (s *Saver) Kept() (connections, secret int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept, s.secret
}

// A keyLogWriter writes each line once: both sides log the same secrets, and the
// connections of a script begin with those of the one before.
type keyLogWriter struct {
	w    *bufio.Writer
	seen map[string]bool
}

func (w *keyLogWriter) add(log *keylog.Log) {
	if w.seen == nil {
		w.seen = map[string]bool{}
	}
	for line := range strings.Lines(log.String()) {
		if !w.seen[line] {
			w.seen[line] = true
			_, _ = w.w.WriteString(line) // an error stays until Flush
		}
	}
}
