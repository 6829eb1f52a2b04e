package harness

import (
	"context"
	"testing"
	"time"

	"shakedown/harness/crossref"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/endpoint"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
	"shakedown/harness/transcript"
)

// BenchmarkOverhead compares what shakedown does with the bare handshake of the
// same two stacks, with the same certificates and the same kind of sockets,
// turn by turn in the same process. Its metrics are ratios: 1.25 means that the
// tool's work costs a quarter of a handshake.
//
//	go test ./harness -run '^$' -bench Overhead -benchtime 400x
func BenchmarkOverhead(b *testing.B) {
	for _, cell := range []outcome.Cell{{Transport: outcome.TCP, TLS: "1.2"}, {Transport: outcome.TCP, TLS: "1.3"}, {Transport: outcome.QUIC, TLS: "1.3"}} {
		bench := newBench(b, cell)
		b.Run(cell.String()+"/recorded+dissected", func(b *testing.B) {
			bench.compare(b, func() { dissect.Transcript(bench.record(b)) })
		})
		b.Run(cell.String()+"/recorded+dissected+diagnosed", func(b *testing.B) {
			bench.compare(b, func() {
				t := bench.record(b)
				// A fresh memory of signatures: the diagnosis checks each of them.
				diagnose.Diagnose(diagnose.Input{
					Timeline: dissect.Transcript(t), Client: t.Client, Server: t.Server, Signatures: new(diagnose.Signatures),
				})
			})
		})
		b.Run(cell.String()+"/recorded+dissected+diagnosed, signatures known", func(b *testing.B) {
			bench.compare(b, func() { recorded(bench.record(b), bench.stage, nil) })
		})
	}
}

// BenchmarkHandshake gives absolute figures and allocations.
func BenchmarkHandshake(b *testing.B) {
	for _, cell := range []outcome.Cell{{Transport: outcome.TCP, TLS: "1.2"}, {Transport: outcome.TCP, TLS: "1.3"}, {Transport: outcome.QUIC, TLS: "1.3"}} {
		bench := newBench(b, cell)
		for name, f := range map[string]func(){
			"bare":      func() { bench.bare(b) },
			"recorded":  func() { bench.record(b) },
			"diagnosed": func() { recorded(bench.record(b), bench.stage, nil) },
		} {
			b.Run(cell.String()+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					f()
				}
			})
		}
	}
}

// BenchmarkReferences says what it costs to complete the meanings of a whole
// handshake and to check all that can be checked, beside the field trees
// themselves, and that a Book which nobody asks costs nothing.
//
//	go test ./harness -run '^$' -bench References -cpu 1
func BenchmarkReferences(b *testing.B) {
	for _, cell := range []outcome.Cell{{Transport: outcome.TCP, TLS: "1.2"}, {Transport: outcome.TCP, TLS: "1.3"}, {Transport: outcome.QUIC, TLS: "1.3"}} {
		bench := newBench(b, cell)
		c := recorded(bench.record(b), bench.stage, nil)
		book := func() *crossref.Book {
			return crossref.New(crossref.Input{
				Timeline: c.Timeline, Transcript: c.Transcript, Memory: bench.stage.memory, Signatures: bench.stage.signatures,
			})
		}
		for name, f := range map[string]func(){
			"trees": func() {
				for _, s := range c.Timeline.Steps {
					s.Tree()
				}
			},
			"checks": func() {
				read := book()
				for _, s := range c.Timeline.Steps {
					read.Checks(s)
				}
			},
			"trees+references+checks": func() {
				read := book()
				for _, s := range c.Timeline.Steps {
					read.Tree(s)
				}
			},
			"unasked": func() { book() },
		} {
			b.Run(cell.String()+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					f()
				}
			})
		}
	}
}

// A bench is a healthy pair that shakes hands over and over.
type bench struct {
	cell           outcome.Cell
	stage          *stage
	client, server endpoint.Config
}

func newBench(b testing.TB, cell outcome.Cell) *bench {
	b.Helper()
	sc, err := scenario.Parse("healthy", []byte("title: a healthy pair\n"))
	if err != nil {
		b.Fatal(err)
	}
	ready, err := newStage(sc, time.Now(), nil)
	if err != nil {
		b.Fatal(err)
	}
	client, err := ready.cast(outcome.Client, sc.Client, cell, 0)
	if err != nil {
		b.Fatal(err)
	}
	server, err := ready.cast(outcome.Server, sc.Server, cell, 0)
	if err != nil {
		b.Fatal(err)
	}
	return &bench{cell, ready, client.config, server.config}
}

func (n *bench) record(b *testing.B) *transcript.Transcript {
	t, err := pair{cell: n.cell, client: n.client, server: n.server, limit: DefaultTimeout}.record(context.Background())
	if err != nil || t.Client.Outcome.Failure() != nil || t.Server.Outcome.Failure() != nil {
		b.Fatal(err, t.Client.Outcome.Failure(), t.Server.Outcome.Failure())
	}
	return t
}

// compare runs the bare handshake and f in turn and reports f's cost in units
// of the bare handshake's.
func (n *bench) compare(b *testing.B, f func()) {
	var bare, full cost
	for b.Loop() {
		bare.add(func() { n.bare(b) })
		full.add(f)
	}
	b.ReportMetric(float64(full.wall)/float64(bare.wall), "wall-ratio")
	b.ReportMetric(float64(full.cpu)/float64(bare.cpu), "cpu-ratio")
	b.ReportMetric(float64(bare.wall.Microseconds())/float64(b.N), "bare-µs")
	b.ReportMetric(float64(full.wall.Microseconds())/float64(b.N), "full-µs")
	b.ReportMetric(0, "ns/op")
}

// A cost is time on the wall and on the processors.
type cost struct{ wall, cpu time.Duration }

func (c *cost) add(f func()) {
	wall, cpu := time.Now(), processorTime()
	f()
	c.wall += time.Since(wall)
	c.cpu += processorTime() - cpu
}
