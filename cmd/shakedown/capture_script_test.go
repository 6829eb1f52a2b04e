package main

import (
	"bytes"
	"context"
	"io"
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"shakedown/harness"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
)

// saved writes a capture of one scenario, over TCP with TLS 1.3, and its secrets
// beside it: saved SCENARIO FILE KEYLOG.
func saved(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: saved SCENARIO FILE KEYLOG")
	}
	list, err := builtIn()
	ts.Check(err)
	var chosen []*scenario.Scenario
	for _, sc := range list {
		if sc.ID == args[0] {
			chosen = append(chosen, sc)
		}
	}
	var file, keys bytes.Buffer
	saver := harness.NewSaver(harness.SaveTo{Capture: &file, NoSecrets: true})
	loud := harness.NewSaver(harness.SaveTo{KeyLogs: []io.Writer{&keys}})
	_, err = harness.RunSuite(context.Background(), chosen, harness.SuiteOptions{
		Options: harness.Options{Carrier: harness.Memory, Record: func(r harness.Result, c []*harness.Connection) {
			saver.Record(r, c)
			loud.Record(r, c)
		}},
		Filter: outcome.Cell{Transport: outcome.TCP, TLS: "1.3"},
	})
	ts.Check(err)
	ts.Check(saver.Close())
	ts.Check(loud.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), file.Bytes(), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), keys.Bytes(), 0o600))
}
