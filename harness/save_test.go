package harness

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"shakedown/harness/capture"
	"shakedown/harness/dissect"
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/pcapng"
	"shakedown/harness/scenario"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
	"shakedown/scenarios"
)

// A recordedRun is what a Saver was given of one run.
type recordedRun struct {
	result      Result
	connections []*Connection
}

// everything is one run of every built-in scenario in every cell, saved, but of
// those whose link rewrites.
type everything struct {
	// file has the secrets, bare has none, keys are the key log.
	file, bare, keys []byte
	runs             []recordedRun
	report           Report
	err              error
}

var runEverything = sync.OnceValue(func() (all everything) {
	var file, bare, keys bytes.Buffer
	savers := []*Saver{
		NewSaver(SaveTo{Capture: &file}),
		NewSaver(SaveTo{Capture: &bare, NoSecrets: true, KeyLogs: []io.Writer{&keys}}),
	}
	scenarios, err := scenario.LoadFS(scenarios.FS())
	if err != nil {
		return everything{err: err}
	}
	// Where a link rewrites, both sides file different secrets under one random, and
	// other tools take one of them.
	scenarios = slices.DeleteFunc(scenarios, rewrites)
	all.report, all.err = RunSuite(context.Background(), scenarios, SuiteOptions{Options: Options{Record: func(r Result, connections []*Connection) {
		all.runs = append(all.runs, recordedRun{r, connections})
		for _, s := range savers {
			s.Record(r, connections)
		}
	}}})
	for _, s := range savers {
		all.err = errors.Join(all.err, s.Close())
	}
	all.file, all.bare, all.keys = file.Bytes(), bare.Bytes(), keys.Bytes()
	return all
})

// saved returns it, for all tests the same.
func saved(t *testing.T) everything {
	t.Helper()
	all := runEverything()
	if all.err != nil {
		t.Fatal(all.err)
	}
	return all
}

func TestRunsAreRecordedInTheOrderOfTheirResults(t *testing.T) {
	all := saved(t)
	if len(all.runs) != len(all.report.Results) {
		t.Fatalf("%d runs were recorded, %d have a result", len(all.runs), len(all.report.Results))
	}
	for i, r := range all.report.Results {
		if got := all.runs[i].result; got.Scenario != r.Scenario || got.Transport != r.Transport || got.TLS != r.TLS || len(all.runs[i].connections) != len(r.Connections) {
			t.Errorf("run %d is of %s over %s, its result of %s over %s", i+1, got.Scenario, got.Transport, r.Scenario, r.Transport)
		}
	}
}

// wires returns the connections that have packets, in the order of the file.
func wires(runs []recordedRun) (all []*Connection, names []string) {
	for _, r := range runs {
		for i, c := range r.connections {
			if len(c.Transcript.Units) > 0 {
				all = append(all, c)
				names = append(names, fmt.Sprintf("%s %s %s, connection %d", r.result.Scenario, r.result.Transport, r.result.TLS, i+1))
			}
		}
	}
	return all, names
}

// Every unit is there at its time, in the order in which it was sent, with its
// steps beside it, and every note says what the wire cannot.
func TestASavedFileHoldsWhatWasRecorded(t *testing.T) {
	all := saved(t)
	reader, err := pcapng.NewReader(bytes.NewReader(all.file))
	if err != nil {
		t.Fatal(err)
	}
	var notes []capture.Note
	sent := map[string][]byte{} // by sender and connection
	for block, err := reader.Next(); err == nil; block, err = reader.Next() {
		switch b := block.(type) {
		case pcapng.Note:
			var n capture.Note
			if err := json.Unmarshal(b.Data, &n); err != nil {
				t.Fatal(err)
			}
			notes = append(notes, n)
		case *pcapng.Packet:
			s, err := b.Segment()
			if err != nil {
				t.Fatal(err)
			}
			key := fmt.Sprint(s.From, s.To)
			sent[key] = append(sent[key], s.Payload...)
		}
	}
	number := 0
	for i, r := range all.runs {
		for j, c := range r.connections {
			n := notes[number]
			number++
			u := c.Transcript.Units
			if n.Run.Number != i+1 || n.Run.Connection != j+1 || n.Run.Connections != len(r.connections) || n.Run.Scenario != r.result.Scenario || len(n.Units) != len(u) {
				t.Fatalf("note %d says %+v of %d units; want run %d, connection %d of %s, %d units", number, n.Run, len(n.Units), i+1, j+1, r.result.Scenario, len(u))
			}
			if !n.Start.Equal(c.Transcript.Start) || len(n.Facts) != len(c.Transcript.Facts) || len(n.Known) != len(c.Also) {
				t.Errorf("note %d starts at %s with %d facts and %d certificates", number, n.Start, len(n.Facts), len(n.Known))
			}
			want, _ := json.Marshal([]transcript.Side{c.Transcript.Client, c.Transcript.Server})
			if got, _ := json.Marshal([]transcript.Side{n.ClientSide, n.ServerSide}); !bytes.Equal(got, want) {
				t.Errorf("note %d has other sides", number)
			}
			var client, server []byte
			for k := range u {
				if u[k].From == outcome.Client {
					client = append(client, u[k].Sent...)
				} else {
					server = append(server, u[k].Sent...)
				}
			}
			if !bytes.Equal(sent[fmt.Sprint(n.Client, n.Server)], client) || !bytes.Equal(sent[fmt.Sprint(n.Server, n.Client)], server) {
				t.Errorf("connection %d: the packets hold other bytes than the units", number)
			}
		}
	}
	if number != len(notes) {
		t.Errorf("%d notes, %d connections", len(notes), number)
	}
}

func TestWithoutSecretsNothingCanBeDecrypted(t *testing.T) {
	all := saved(t)
	file := all.bare
	connections, names := wires(all.runs)
	secrets, looked := 0, newNeedles()
	for i, c := range connections {
		for _, log := range []*keylog.Log{&c.Transcript.ClientKeys, &c.Transcript.ServerKeys} {
			for line := range strings.Lines(log.String()) {
				parts := strings.Fields(line)
				raw, err := hex.DecodeString(parts[2])
				if err != nil {
					t.Fatal(err)
				}
				secrets++
				says := fmt.Sprintf("%s: the file holds a %s", names[i], parts[0])
				looked.add(raw, says)
				looked.add([]byte(parts[2]), says)
			}
		}
	}
	if secrets < 100 {
		t.Fatalf("only %d secrets were looked for", secrets)
	}
	for _, haystack := range [][]byte{file, bytes.ToLower(file)} {
		for _, found := range looked.in(haystack) {
			t.Error(found)
		}
	}
	if got := tshark(t, file, "-Y", "tls.handshake.type == 20"); got[0] != "" {
		t.Errorf("tshark decrypts\n%s", strings.Join(got, "\n"))
	}
}

func TestASavedFileHoldsNoPrivateKey(t *testing.T) {
	ready, err := newStage(parse(t, healthy), time.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	connections, result, err := ready.play(t.Context(), tcp13, Options{Carrier: Memory}, hooks{})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	saver := NewSaver(SaveTo{Capture: &file})
	saver.Record(result, connections)
	if err := saver.Close(); err != nil {
		t.Fatal(err)
	}
	for _, entity := range []string{"server", "client", "server-ca", "server-root"} {
		credential, err := ready.hierarchy.Credential([]string{entity})
		if err != nil {
			t.Fatal(err)
		}
		secret, err := credential.Key.(*ecdsa.PrivateKey).Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(file.Bytes(), credential.Chain[0]) && !bytes.Contains(file.Bytes(), []byte(base64.StdEncoding.EncodeToString(credential.Chain[0]))) {
			t.Errorf("the certificate of %s is not in the file, so looking for its key proves nothing", entity)
		}
		encodings := [][]byte{secret, []byte(hex.EncodeToString(secret)), []byte(new(big.Int).SetBytes(secret).String())}
		for shift := range 3 { // base64 looks different at each place in its groups of three
			text := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), secret...))
			encodings = append(encodings, []byte(text[4:len(text)-4]))
		}
		for _, e := range encodings {
			if bytes.Contains(file.Bytes(), e) {
				t.Errorf("the file holds the private key of %s", entity)
			}
		}
	}
}

// A person who leaves in the middle keeps what was recorded until then.
func TestASessionThatIsLeftIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs []recordedRun
		s, err := OpenSession(context.Background(), parse(t, threeConnects), tcp13, Options{
			Carrier: Memory, Record: func(r Result, c []*Connection) { runs = append(runs, recordedRun{r, c}) },
		})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		s.Restart(outcome.Cell{}) // leaves a connection whose ClientHello is held
		synctest.Wait()
		s.Continue()
		synctest.Wait()
		s.Continue() // begins the second connection
		synctest.Wait()
		s.Next()
		synctest.Wait()
		s.Close()
		if len(runs) != 2 || len(runs[0].connections) != 1 || len(runs[1].connections) != 2 {
			t.Fatalf("%d runs were recorded: %+v", len(runs), runs)
		}
		for _, r := range runs {
			for _, u := range r.connections[len(r.connections)-1].Transcript.Units {
				if u.Kind != transcript.Data {
					t.Errorf("unit %d is of the connection's end, which nobody saw", u.Index)
				}
			}
		}
		var last []string
		for _, step := range runs[1].connections[1].Timeline.Steps {
			if step.Kind == dissect.KindHandshake && step.Unit >= 0 {
				last = append(last, step.Name)
			}
		}
		if !slices.Contains(last, "ServerHello") {
			t.Errorf("of the connection that was left these messages were recorded: %q", last)
		}
		var file bytes.Buffer
		saver := NewSaver(SaveTo{Capture: &file})
		for _, r := range runs {
			saver.Record(r.result, r.connections)
		}
		if err := saver.Close(); err != nil {
			t.Error(err)
		}
		if kept, secret := saver.Kept(); kept != 3 || secret != 2 {
			t.Errorf("%d connections were kept, %d with secrets; want 3 and 2", kept, secret)
		}
	})
}

// A connection to a live server is recorded from our side.
func TestAConnectionToALiveServerIsSaved(t *testing.T) {
	b := workshop(t)
	address := b.serve("-Verify", "3", "-verify_return_error")
	var file, keys bytes.Buffer
	saver := NewSaver(SaveTo{Capture: &file, KeyLogs: []io.Writer{&keys}})
	_, err := Connect(t.Context(), Target{
		Address: address, CertFile: b.path("client-chain.pem"), KeyFile: b.path("client.key"), TrustFile: b.path("server-root.crt"), ServerName: "server.test",
	}, Options{Record: saver.Record})
	if err != nil {
		t.Fatal(err)
	}
	if err := saver.Close(); err != nil {
		t.Fatal(err)
	}
	if got := theirWords(t, file.Bytes()); len(got) != 1 || !slices.Contains(got[0].messages, "client 20") {
		t.Errorf("tshark reads %q", got)
	}
	var log keylog.Log
	if err := log.Parse(keys.Bytes()); err != nil || log.Len() < 4 {
		t.Errorf("the key log has %d secrets, %v", log.Len(), err)
	}
}

// The key log has each secret once, and what it has decrypts.
func TestTheKeyLogDecryptsACaptureWithoutSecrets(t *testing.T) {
	all := saved(t)
	seen := map[string]bool{}
	for line := range strings.Lines(string(all.keys)) {
		if seen[line] {
			t.Errorf("the key log says twice: %.60s…", line)
		}
		seen[line] = true
	}
	name := filepath.Join(t.TempDir(), "keys.txt")
	if err := os.WriteFile(name, all.keys, 0o600); err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, r := range all.runs {
		for _, c := range r.connections {
			if beyondTshark(r.result.Scenario+" ", c) != "" {
				continue
			}
			for _, s := range c.Timeline.Steps {
				if _, finished := s.Message.(*tlswire.Finished); finished {
					want++
				}
			}
		}
	}
	got := 0
	for _, line := range tshark(t, all.bare, "-o", "tls.keylog_file:"+name, "-T", "fields", "-e", "tls.handshake.type") {
		for _, m := range words(line) {
			if m == "20" {
				got++
			}
		}
	}
	if got < want {
		t.Errorf("tshark decrypts %d Finished messages with the key log, want %d", got, want)
	}
}

var errNoSpace = errors.New("no space left on device")

// A brim takes some bytes and no more.
type brim struct{ left int }

func (b *brim) Write(p []byte) (int, error) {
	if b.left < len(p) {
		return 0, errNoSpace
	}
	b.left -= len(p)
	return len(p), nil
}

func TestAFullDiskIsToldAtTheEnd(t *testing.T) {
	for _, to := range []SaveTo{{Capture: &brim{100_000}}, {KeyLogs: []io.Writer{&brim{5000}}}} {
		saver := NewSaver(to)
		if _, err := RunSuite(t.Context(), sampled(t), SuiteOptions{Options: Options{Record: saver.Record, Carrier: Memory}}); err != nil {
			t.Fatal(err)
		}
		if err := saver.Close(); !errors.Is(err, errNoSpace) {
			t.Errorf("got %v, want %v", err, errNoSpace)
		}
	}
}

// BenchmarkSave writes one recorded connection, with its note and its secrets.
func BenchmarkSave(b *testing.B) {
	for _, cell := range []outcome.Cell{tcp12, tcp13, quic1} {
		b.Run(cell.String(), func(b *testing.B) {
			ready, err := newStage(builtIn(b)[0], time.Now(), nil)
			if err != nil {
				b.Fatal(err)
			}
			connections, result, err := ready.play(b.Context(), cell, Options{Carrier: Memory}, hooks{})
			if err != nil {
				b.Fatal(err)
			}
			var size countingWriter
			saver := NewSaver(SaveTo{Capture: &size})
			b.ReportAllocs()
			for b.Loop() {
				saver.Record(result, connections)
			}
			if err := saver.Close(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(size)/float64(b.N), "bytes/connection")
		})
	}
}

type countingWriter int64

func (w *countingWriter) Write(p []byte) (int, error) {
	*w += countingWriter(len(p))
	return len(p), nil
}
