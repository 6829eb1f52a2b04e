package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shakedown/harness/pcapng"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the golden files")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"shakedown": func() { os.Exit(mainCode()) },
	})
}

// TestScripts runs the stories in testdata/script: each is one that a person
// could have typed. The first word of a file's name is the command.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "")
			env.Setenv("TERM", "xterm")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"union":    union,
			"nofiles":  nofiles,
			"mode":     mode,
			"serve":    serve,
			"silent":   silent,
			"reached":  reached,
			"captured": holds,
			"saved":    saved,
		},
	})
}

// TestScriptsAreNamedForACommand keeps the stories in order.
func TestScriptsAreNamedForACommand(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	names := append(commandNames(newRoot(newApp())), "shakedown", "completion", "help")
	for _, file := range files {
		first, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".txtar"), "-")
		if !slices.Contains(names, first) {
			t.Errorf("%s: %q is no command", file, first)
		}
	}
}

// exits runs the command and wants this exit code: exits 2 run --nonsense.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE [ARG…]")
	}
	err := ts.Exec("shakedown", args[1:]...)
	code := "0"
	if err != nil {
		var status interface{ ExitCode() int }
		if !asExit(err, &status) {
			ts.Fatalf("shakedown %s: %v", strings.Join(args[1:], " "), err)
		}
		code = fmt.Sprint(status.ExitCode())
	}
	if code != args[0] {
		ts.Fatalf("shakedown %s: exit code %s, want %s", strings.Join(args[1:], " "), code, args[0])
	}
}

func asExit(err error, to *interface{ ExitCode() int }) bool {
	status, ok := err.(interface{ ExitCode() int })
	if ok {
		*to = status
	}
	return ok
}

// union checks that JSON reports together hold what the last one holds, each
// result once: union part1.json part2.json whole.json.
func union(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: union PART… WHOLE")
	}
	var parts []string
	for _, part := range args[:len(args)-1] {
		parts = append(parts, ran(ts, part)...)
	}
	whole := ran(ts, args[len(args)-1])
	if slices.Sort(parts); len(whole) == 0 {
		ts.Fatalf("%s holds no result", args[len(args)-1])
	}
	slices.Sort(whole)
	if !slices.Equal(parts, whole) {
		ts.Fatalf("the parts ran\n%s\nthe whole ran\n%s", strings.Join(parts, "\n"), strings.Join(whole, "\n"))
	}
}

// ran returns what a JSON report says was run.
func ran(ts *testscript.TestScript, file string) []string {
	var report struct {
		Results []struct{ Scenario, Transport, TLS string }
	}
	if err := json.Unmarshal([]byte(ts.ReadFile(file)), &report); err != nil {
		ts.Fatalf("%s: %v", file, err)
	}
	var list []string
	for _, r := range report.Results {
		list = append(list, r.Scenario+" "+r.Transport+" "+r.TLS)
	}
	return list
}

// nofiles checks that a directory holds nothing: nofiles DIR.
func nofiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: nofiles DIR")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, entry := range entries {
		ts.Fatalf("%s holds %s", args[0], entry.Name())
	}
}

// mode checks a file's permissions: mode 0644 FILE.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode MODE FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// holds is the command captured, which checks what a capture file holds:
// captured FILE CONNECTIONS secrets, or no-secrets.
func holds(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: captured FILE CONNECTIONS secrets|no-secrets")
	}
	reader, err := pcapng.NewReader(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	notes, secrets := 0, "no-secrets"
	for err == nil {
		var block pcapng.Block
		switch block, err = reader.Next(); block.(type) {
		case pcapng.Note:
			notes++
		case pcapng.Secrets:
			secrets = "secrets"
		}
	}
	if !errors.Is(err, io.EOF) {
		ts.Fatalf("%s: %v", args[0], err)
	}
	if fmt.Sprint(notes) != args[1] || secrets != args[2] || reader.Packets() < 5*notes {
		ts.Fatalf("%s holds %d connections in %d packets, with %s", args[0], notes, reader.Packets(), secrets)
	}
}

// serve starts a TLS server on loopback, which asks for a client certificate of
// that CA if one is named, and sets $ADDR: serve CERT KEY [CLIENT-CA].
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: serve CERT KEY [CLIENT-CA]")
	}
	pair, err := tls.LoadX509KeyPair(ts.MkAbs(args[0]), ts.MkAbs(args[1]))
	ts.Check(err)
	config := &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2"}}
	if len(args) == 3 {
		config.ClientCAs = x509.NewCertPool()
		config.ClientCAs.AppendCertsFromPEM([]byte(ts.ReadFile(args[2])))
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	ts.Check(err)
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Go(func() {
				defer c.Close()
				// What comes of it is for the client to say.
				_ = c.SetDeadline(time.Now().Add(10 * time.Second))
				_, _ = io.Copy(io.Discard, c)
			})
		}
	})
	ts.Defer(func() {
		_ = listener.Close()
		connections.Wait()
	})
	ts.Setenv("ADDR", listener.Addr().String())
}

// silent starts a server that takes connections and never says a word, and sets
// $ADDR. The script waits with reached until somebody connects.
func silent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: silent")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	arrived := make(chan net.Conn)
	done := make(chan struct{})
	var accepting sync.WaitGroup
	accepting.Go(func() {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		close(arrived)
		<-done
	})
	ts.Defer(func() {
		_ = listener.Close()
		close(done)
		accepting.Wait()
	})
	arrivals.Store(ts, arrived)
	ts.Setenv("ADDR", listener.Addr().String())
}

// arrivals are the channels that tell that a script's silent server was reached.
var arrivals sync.Map

func reached(ts *testscript.TestScript, neg bool, args []string) {
	arrived, ok := arrivals.Load(ts)
	if neg || len(args) > 0 || !ok {
		ts.Fatalf("usage: reached, after silent")
	}
	select {
	case <-arrived.(chan net.Conn):
	case <-time.After(30 * time.Second):
		ts.Fatalf("nobody connected")
	}
}
