package main

import (
	"context"
	"fmt"

	"shakedown/harness"
	"shakedown/harness/report"
	"shakedown/harness/scenario"

	"github.com/spf13/cobra"
)

// suiteFlags are those of a run of many scenarios.
type suiteFlags struct {
	handshakeFlags
	shard    string
	parallel int
}

func newRun(a *app) *cobra.Command {
	flags := &suiteFlags{}
	cmd := &cobra.Command{
		Use:   "run [SCENARIO|FILE|DIR|GLOB]…",
		Short: "Run scenarios and check what each expects",
		Long: `Run scenarios without a screen and check what each expects: every built-in one,
or those that are named by id, group or pattern, by file or by directory.

A single scenario is told in full; of many, those that passed have one line.`,
		Example: `  shakedown run
  shakedown run trust/unknown-server-ca --transport quic
  shakedown run 'trust/*' mine/ --format junit --output report.xml
  shakedown run --shard 2/4`,
		ValidArgsFunction: a.completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.runSuite(cmd, flags, args)
		},
	}
	flags.register(cmd.Flags())
	cmd.Flags().StringVar(&flags.shard, "shard", "", "run part `I/N`: the parts together run everything, once")
	cmd.Flags().IntVar(&flags.parallel, "parallel", 0, "run `N` handshakes side by side (default one more than processors)")
	return cmd
}

func (a *app) runSuite(cmd *cobra.Command, f *suiteFlags, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	f.tellPlain(a.stderr)
	if f.parallel < 0 {
		return usage("for example: --parallel 4", "--parallel %d is negative", f.parallel)
	}
	index, count, err := parseShard(f.shard)
	if err != nil {
		return err
	}
	list, err := a.choose(cmd.Context(), args)
	if err != nil {
		return err
	}
	if _, err := f.count(list); err != nil {
		return err
	}
	if f.plain {
		if len(list) != 1 {
			return usage("shakedown run --plain SCENARIO", "--plain steps through one scenario, got %d", len(list))
		}
		return a.step(cmd.Context(), &f.handshakeFlags, list[0])
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	return a.report(cmd.Context(), &f.handshakeFlags, list, len(list) == 1, harness.SuiteOptions{
		Options:    o,
		Filter:     f.cell(),
		Parallel:   f.parallel,
		ShardIndex: index,
		ShardCount: count,
	})
}

// report runs scenarios and writes what came of them, as it comes.
func (a *app) report(ctx context.Context, f *handshakeFlags, list []*scenario.Scenario, story bool, o harness.SuiteOptions) error {
	keep, err := a.keep(f)
	if err != nil {
		return err
	}
	defer keep.discard()
	keep.from(&o.Options)
	return a.results(f, keep, story, func(w report.Writer) (*stream, harness.Report, error) {
		line := a.newProgress()
		defer line.erase()
		s := newStream(w, list, f.filter, o.ShardCount == 0)
		o.Progress = func(done, total int, r harness.Result) {
			if s.add(r) {
				line.erase()
				s.flush(total)
			}
			line.show(done, total, r)
		}
		r, err := a.engine.RunSuite(ctx, list, o)
		return s, r, err
	})
}

// results opens the output, gets the results and writes them, and then what was
// kept of the handshakes. No file is left behind where one of that fails.
func (a *app) results(f *handshakeFlags, keep *recorder, story bool, get func(report.Writer) (*stream, harness.Report, error)) error {
	to, err := a.openOutput(f.output)
	if err != nil {
		return err
	}
	w, err := a.writer(f, to, story)
	if err != nil {
		to.discard()
		return err
	}
	s, r, err := get(w)
	if err != nil {
		to.discard()
		return err
	}
	if err := s.end(r); err != nil {
		to.discard()
		return to.wrap(err)
	}
	if err := to.commit(); err != nil {
		return err
	}
	return keep.finish(verdict(r.Summary))
}

// verdict is what a run's exit code says: an error that kept a scenario from
// running weighs more than a difference.
func verdict(s harness.Summary) error {
	switch {
	case s.Errors > 0:
		return fmt.Errorf("%d of %d could not run", s.Errors, s.Total)
	case s.Failed > 0:
		return errDifferent
	}
	return nil
}
