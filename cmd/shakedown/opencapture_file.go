package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"shakedown/harness/pcapng"
)

// A captureFile is the capture that was named. A regular file can be read again;
// what comes through a pipe only once, unless it is kept.
type captureFile struct {
	name string
	// size is that of a regular file, 0 for others.
	size int64
	pipe io.ReadCloser
	// again says that it is to be read again, keeps that piped has all of it.
	again  bool
	piped  []byte
	keeps  bool
	opened bool
}

// maxPiped is how much of a pipe is kept where it has to be read again.
const maxPiped = 256 << 20

// captureFile finds out what was named.
func (a *app) captureFile(name string) (*captureFile, error) {
	if name == "-" {
		return &captureFile{name: "standard input", pipe: io.NopCloser(a.stdin)}, nil
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", name, reason(err))
	case info.IsDir():
		return nil, fmt.Errorf("open %s: it is a directory; name the capture in it", name)
	case info.Mode().IsRegular():
		return &captureFile{name: name, size: info.Size()}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, reason(err))
	}
	return &captureFile{name: name, pipe: f}, nil
}

// rereadable says that the file can be read again without being kept.
func (f *captureFile) rereadable() bool { return f.pipe == nil }

// open opens the file at its beginning.
func (f *captureFile) open() (io.ReadCloser, error) {
	if f.pipe == nil {
		file, err := os.Open(f.name)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", f.name, reason(err))
		}
		return file, nil
	}
	if !f.opened {
		f.opened = true
		if !f.again {
			return io.NopCloser(f.pipe), nil
		}
		return struct {
			io.Reader
			io.Closer
		}{io.TeeReader(f.pipe, keeper{f}), io.NopCloser(nil)}, nil
	}
	if !f.keeps {
		return nil, fmt.Errorf("%s is more than %d MB and cannot be read twice: write it to a file first", f.name, maxPiped>>20)
	}
	return io.NopCloser(bytes.NewReader(f.piped)), nil
}

// A keeper keeps what comes through a pipe, as long as it is not too much.
type keeper struct{ f *captureFile }

func (k keeper) Write(b []byte) (int, error) {
	f := k.f
	f.keeps = len(f.piped)+len(b) <= maxPiped && (f.keeps || len(f.piped) == 0)
	if f.keeps {
		f.piped = append(f.piped, b...)
	} else {
		f.piped = nil
	}
	return len(b), nil
}

func (f *captureFile) close() {
	if f.pipe != nil {
		_ = f.pipe.Close()
	}
}

// explain names the file in an error of reading it.
func (f *captureFile) explain(err error) error {
	var format *pcapng.FormatError
	if errors.As(err, &format) {
		return fmt.Errorf("open %s: %w", f.name, err)
	}
	return err
}
