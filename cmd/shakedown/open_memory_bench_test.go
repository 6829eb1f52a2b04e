//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"shakedown/harness/pcapng"
)

// BenchmarkOpenMemory opens captures of a million packets: 10,000 connections, each a
// handshake with bulk data behind it, of which so many are open at a time. Its metrics
// are the memory that the process takes at its most, in megabytes, and packets.
//
//	go test ./cmd/shakedown -run '^$' -bench OpenMemory -benchtime 1x -timeout 30m
func BenchmarkOpenMemory(b *testing.B) {
	const connections = 10_000
	shakedown := buildCommand(b)
	one := segmentsOf(b, bulk(b, 96<<10))
	for _, open := range []int{100, connections} {
		b.Run(fmt.Sprintf("%d-open", open), func(b *testing.B) {
			name := filepath.Join(b.TempDir(), "memory.pcapng")
			packets := one.interleaved(b, name, connections, open)
			most := int64(0)
			for b.Loop() {
				cmd := exec.Command(shakedown, "open", name, "--format", "text")
				if err := cmd.Run(); err != nil {
					b.Fatal(err)
				}
				most = max(most, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
			}
			b.ReportMetric(float64(most)/1024, "MB")
			b.ReportMetric(float64(packets), "packets")
		})
	}
}

// recordedSegments are the packets of one connection, with its secrets.
type recordedSegments struct {
	keyLog   []byte
	segments []pcapng.Segment
}

// segmentsOf reads the packets of a capture of one connection.
func segmentsOf(b *testing.B, name string) *recordedSegments {
	b.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	r, err := pcapng.NewReader(bytes.NewReader(raw))
	if err != nil {
		b.Fatal(err)
	}
	one := new(recordedSegments)
	for {
		block, err := r.Next()
		switch block := block.(type) {
		case *pcapng.Packet:
			s, err := block.Segment()
			if err != nil {
				b.Fatal(err)
			}
			s.Payload = bytes.Clone(s.Payload)
			one.segments = append(one.segments, s)
		case pcapng.Secrets:
			one.keyLog = bytes.Clone(block.KeyLog)
		}
		switch {
		case errors.Is(err, io.EOF):
			return one
		case err != nil:
			b.Fatal(err)
		}
	}
}

// interleaved writes the connection so many times, each from a port of its own, with
// so many of them open at a time, and returns how many packets that are.
func (one *recordedSegments) interleaved(b *testing.B, name string, connections, open int) (packets int) {
	b.Helper()
	file, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	out := bufio.NewWriterSize(file, 1<<20)
	w := pcapng.NewWriter(out, pcapng.About{Application: "bench"})
	err = w.Secrets(one.keyLog, "")
	client, at := one.segments[0].From, time.Unix(1_700_000_000, 0)
	var frames pcapng.Frames
	for first := 0; first < connections; first += open {
		for _, s := range one.segments {
			for c := first; c < min(first+open, connections); c++ {
				moved := s
				for _, end := range []*netip.AddrPort{&moved.From, &moved.To} {
					if *end == client {
						*end = netip.AddrPortFrom(client.Addr(), uint16(20_000+c))
					}
				}
				frame, failed := frames.Frame(moved)
				at = at.Add(20 * time.Microsecond)
				err = errors.Join(err, failed, w.Packet(at, frame))
				packets++
			}
		}
	}
	if err := errors.Join(err, w.Flush(), out.Flush(), file.Close()); err != nil {
		b.Fatal(err)
	}
	return packets
}
