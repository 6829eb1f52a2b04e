//go:build unix

package pki

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A Go program would wait for a pipe; it is named instead.
func TestLoadPipe(t *testing.T) {
	w := newWardrobe(t)
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	load := loadError(t, pipe, write(t, dir, "server.key", w.key))
	if load.CauseID != "file-missing" || load.Go != "" || !strings.Contains(load.Detail, "a named pipe") {
		t.Errorf("got %+v", load)
	}
	s, err := Sort([]string{dir, pipe})
	if err != nil {
		t.Fatal(err)
	}
	if last := s.Files[len(s.Files)-1]; last.Is != "not understood: a named pipe, not a regular file" {
		t.Errorf("the pipe is %q", last.Is)
	}
}
