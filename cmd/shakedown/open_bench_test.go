package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"shakedown/harness"
	"shakedown/harness/capture"
	"shakedown/harness/keylog"
	"shakedown/harness/link"
	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
	"shakedown/harness/peertest"
	"shakedown/harness/scenario"
	"shakedown/harness/transcript"
)

// BenchmarkOpenAgainstTshark reads the same files with the same keys with
// `shakedown open` and with tshark, as whole processes, turn by turn. Its
// metrics are medians in milliseconds, and ratios: 10 means ten times as fast
// as tshark.
//
//	go test ./cmd/shakedown -run '^$' -bench OpenAgainstTshark -benchtime 5x -timeout 30m
func BenchmarkOpenAgainstTshark(b *testing.B) {
	tshark := peertest.Program(b, "tshark")
	shakedown := buildCommand(b)
	for _, f := range benchFiles(b) {
		b.Run(f.name, func(b *testing.B) {
			timeline := newRace(b, f.path,
				[]string{tshark, "-r", f.path},
				[]string{shakedown, "open", f.path, "--format", "text"})
			trees := newRace(b, f.path,
				[]string{tshark, "-T", "json", "-r", f.path},
				[]string{shakedown, "open", f.path, "--format", "jsonl", "--fields"})
			for b.Loop() {
				timeline.lap(b)
				trees.lap(b)
			}
			timeline.report(b, "text")
			trees.report(b, "json")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkOpenFields opens a thousand handshakes with all their fields in this
// process. Its metrics are what one of them takes.
//
//	go test ./cmd/shakedown -run '^$' -bench OpenFields
func BenchmarkOpenFields(b *testing.B) {
	const n = 1000
	for _, cell := range []outcome.Cell{{Transport: outcome.TCP, TLS: "1.3"}, {Transport: outcome.QUIC, TLS: "1.3"}} {
		b.Run(cell.String(), func(b *testing.B) {
			file := handshakes(b, cell, n)
			b.ReportAllocs()
			for b.Loop() {
				a := newApp()
				a.stdout = io.Discard
				if code := run(context.Background(), a, []string{"open", file, "--format", "jsonl", "--fields"}); code != exitOK {
					b.Fatal("exit code", code)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/n, "µs/handshake")
		})
	}
}

// BenchmarkOpenLinear reads captures of two sizes, a decade apart. Its metric is
// the time of the larger divided by ten times that of the smaller: 1 is linear.
//
//	go test ./cmd/shakedown -run '^$' -bench OpenLinear -benchtime 5x
func BenchmarkOpenLinear(b *testing.B) {
	shakedown := buildCommand(b)
	for _, format := range [][]string{{"--format", "text"}, {"--format", "jsonl", "--fields"}} {
		b.Run(format[1], func(b *testing.B) {
			small, large := handshakes(b, outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}, 1000), handshakes(b, outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}, 10000)
			race := newRace(b, large, slices.Concat([]string{shakedown, "open", large}, format), slices.Concat([]string{shakedown, "open", small}, format))
			for b.Loop() {
				race.lap(b)
			}
			b.ReportMetric(race.ratio()/10, "of-linear")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// A race runs two commands in turn.
type race struct {
	base, ours           []string
	baseTimes, oursTimes []time.Duration
	// work is the processor time of ours, which says what the clock does not on a
	// machine that has other things to do.
	work []time.Duration
}

func newRace(b *testing.B, path string, base, ours []string) *race {
	b.Helper()
	warm, err := os.ReadFile(path) // both find it in memory
	if err != nil || len(warm) == 0 {
		b.Fatal("no capture", err)
	}
	return &race{base: base, ours: ours}
}

func (r *race) lap(b *testing.B) {
	base, _ := timeCommand(b, r.base)
	ours, work := timeCommand(b, r.ours)
	r.baseTimes, r.oursTimes, r.work = append(r.baseTimes, base), append(r.oursTimes, ours), append(r.work, work)
}

func (r *race) ratio() float64 {
	return float64(median(r.baseTimes)) / float64(median(r.oursTimes))
}

func (r *race) report(b *testing.B, name string) {
	b.ReportMetric(float64(median(r.baseTimes).Milliseconds()), name+"-tshark-ms")
	b.ReportMetric(float64(median(r.oursTimes).Milliseconds()), name+"-ms")
	b.ReportMetric(float64(median(r.work).Milliseconds()), name+"-cpu-ms")
	b.ReportMetric(r.ratio(), name+"-times-faster")
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}

// timeCommand runs a command, throws away what it prints, and returns how long it
// took and how much of the processors.
func timeCommand(b *testing.B, argv []string) (took, work time.Duration) {
	b.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, &stderr)
	}
	return time.Since(begin), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// buildCommand builds the command as a person would install it.
func buildCommand(b *testing.B) string {
	b.Helper()
	name := filepath.Join(b.TempDir(), "shakedown")
	if out, err := exec.Command("go", "build", "-o", name, ".").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return name
}

type benchFile struct{ name, path string }

// benchFiles makes the three captures of the comparison. They hold packets and
// secrets, and nothing that only this program can read.
func benchFiles(b *testing.B) []benchFile {
	b.Helper()
	return []benchFile{
		{"1000-tls13", handshakes(b, outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}, 1000)},
		{"1000-quic", handshakes(b, outcome.Cell{Transport: outcome.QUIC, TLS: "1.3"}, 1000)},
		{"50MB-bulk", bulk(b, 50<<20)},
	}
}

// handshakes records that many mutual handshakes of one pair.
func handshakes(b *testing.B, cell outcome.Cell, n int) string {
	b.Helper()
	const batch = 250
	var text strings.Builder
	text.WriteString("title: handshakes\nscript: [" + strings.Repeat("connect, ", batch) + "]\nexpect:\n")
	text.WriteString(strings.Repeat("  - {outcome: established}\n", batch))
	sc, err := scenario.Parse("bench", []byte(text.String()))
	if err != nil {
		b.Fatal(err)
	}
	return savedFile(b, func(w *capture.Writer) error {
		for range n / batch {
			_, err := harness.RunSuite(context.Background(), []*scenario.Scenario{sc}, harness.SuiteOptions{
				Filter: cell,
				Options: harness.Options{Record: func(_ harness.Result, connections []*harness.Connection) {
					seen := map[string]bool{}
					for _, c := range connections {
						c.Transcript.ClientKeys = ownSecrets(b, &c.Transcript.ClientKeys, seen)
						c.Transcript.ServerKeys = keylog.Log{}
						err = errors.Join(err, w.Write(capture.Entry{Transcript: c.Transcript, Timeline: c.Timeline}))
					}
				}},
			})
			if err != nil {
				return err
			}
		}
		return err
	})
}

// ownSecrets returns what a key log has beyond those of the connections before:
// the connections of a script hand theirs on.
func ownSecrets(b *testing.B, log *keylog.Log, seen map[string]bool) keylog.Log {
	b.Helper()
	var own keylog.Log
	for line := range strings.Lines(log.String()) {
		if seen[line] {
			continue
		}
		seen[line] = true
		if err := own.Parse([]byte(line)); err != nil {
			b.Fatal(err)
		}
	}
	return own
}

// bulk records one handshake and that many bytes of application data behind it.
func bulk(b *testing.B, size int) string {
	b.Helper()
	t := &transcript.Transcript{Transport: outcome.TCP}
	l := link.New(t, link.Options{})
	client, server := link.StreamPipe()
	certificate := selfSigned(b)
	roots := x509.NewCertPool()
	roots.AddCert(certificate.Leaf)
	done := make(chan error, 1)
	go func() {
		end := l.Stream(outcome.Server, server)
		conn := tls.Server(end, &tls.Config{
			Certificates: []tls.Certificate{certificate}, ClientCAs: roots, ClientAuth: tls.RequireAndVerifyClientCert,
			KeyLogWriter: l.KeyLog(outcome.Server),
		})
		_, err := io.Copy(conn, io.LimitReader(zeros{}, int64(size)))
		done <- errors.Join(err, conn.Close())
	}()
	conn := tls.Client(l.Stream(outcome.Client, client), &tls.Config{
		Certificates: []tls.Certificate{certificate}, RootCAs: roots, ServerName: "server.test", KeyLogWriter: l.KeyLog(outcome.Client),
	})
	if n, err := io.Copy(io.Discard, conn); err != nil || n != int64(size) {
		b.Fatal("the bulk data did not arrive:", n, err)
	}
	if err := errors.Join(conn.Close(), <-done); err != nil {
		b.Fatal(err)
	}
	return savedFile(b, func(w *capture.Writer) error { return w.Write(capture.Entry{Transcript: t}) })
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func selfSigned(b *testing.B) tls.Certificate {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"server.test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		b.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		b.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key, Leaf: leaf}
}

// savedFile writes a capture file without our own notes.
func savedFile(b *testing.B, write func(*capture.Writer) error) string {
	b.Helper()
	var whole bytes.Buffer
	w := capture.NewWriter(&whole, capture.WriterOptions{})
	if err := errors.Join(write(w), w.Flush()); err != nil {
		b.Fatal(err)
	}
	name := filepath.Join(b.TempDir(), "bench.pcapng")
	file, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	out := bufio.NewWriter(file)
	if err := errors.Join(withoutNotes(out, &whole), out.Flush(), file.Close()); err != nil {
		b.Fatal(err)
	}
	return name
}

// withoutNotes copies a capture, secrets and packets alone.
func withoutNotes(to io.Writer, from io.Reader) error {
	r, err := pcapng.NewReader(from)
	if err != nil {
		return err
	}
	w := pcapng.NewWriter(to, pcapng.About{Application: "bench"})
	for {
		block, err := r.Next()
		switch block := block.(type) {
		case *pcapng.Packet:
			err = w.Packet(block.At, block.Data)
		case pcapng.Secrets:
			err = w.Secrets(block.KeyLog, block.Comment)
		}
		switch {
		case errors.Is(err, io.EOF):
			return w.Flush()
		case err != nil:
			return fmt.Errorf("copy the capture: %w", err)
		}
	}
}
