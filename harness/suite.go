package harness

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
)

// SuiteOptions say how many scenarios are run.
type SuiteOptions struct {
	Options
	// Filter leaves only the cells that match; empty fields match all.
	Filter outcome.Cell
	// Parallel is how many cells run at a time; 0 means one more than the processors.
	Parallel int
	// ShardIndex counts from 1; of ShardCount shards this is the one to run. 0 of 0 runs all.
	ShardIndex, ShardCount int
	// Progress is called after each cell, one call at a time, in the order in which they end.
	Progress func(done, total int, r Result)
}

// A NoCellsError says that the filter leaves nothing to run.
type NoCellsError struct{ Filter outcome.Cell }

func (e NoCellsError) Error() string {
	return fmt.Sprintf("no cell of these scenarios is %s", describeFilter(e.Filter))
}

func describeFilter(f outcome.Cell) string {
	switch {
	case f.Transport == "":
		return "TLS " + f.TLS
	case f.TLS == "":
		return "over " + string(f.Transport)
	}
	return fmt.Sprintf("TLS %s over %s", f.TLS, f.Transport)
}

// A job is one cell to run.
type job struct {
	stage func() (*stage, error)
	sc    *scenario.Scenario
	cell  outcome.Cell
}

// RunSuite runs every cell of the scenarios that the options leave, and reports
// in catalogue order. Its error is [NoCellsError] or the context's.
func RunSuite(ctx context.Context, scenarios []*scenario.Scenario, o SuiteOptions) (Report, error) {
	begin := time.Now()
	if o.Now.IsZero() {
		o.Now = begin
	}
	jobs, err := o.jobs(scenarios)
	if err != nil {
		return Report{}, err
	}
	results := o.run(ctx, jobs)
	if ctx.Err() != nil {
		return Report{}, context.Cause(ctx)
	}
	report := Report{Version: 1, Results: results}
	report.Summary = Summarize(results, time.Since(begin))
	return report, nil
}

// jobs lists the cells to run. Shards are dealt out like cards, so that each has
// its share of every group and all of them together have everything once.
func (o SuiteOptions) jobs(scenarios []*scenario.Scenario) ([]job, error) {
	var jobs []job
	all := 0
	for _, sc := range scenarios {
		for _, j := range o.cells(sc) {
			if o.ShardCount == 0 || all%o.ShardCount == o.ShardIndex-1 {
				jobs = append(jobs, j)
			}
			all++
		}
	}
	if all == 0 {
		return nil, NoCellsError{o.Filter}
	}
	return jobs, nil
}

// cells lists the cells of a scenario that the filter leaves. Files that do not
// load do not load in any cell: that is told once.
func (o SuiteOptions) cells(sc *scenario.Scenario) []job {
	ready := sync.OnceValues(func() (*stage, error) { return newStage(sc, o.now(), o.Also) })
	var jobs []job
	for _, cell := range sc.Cells {
		if o.Filter.Transport != "" && o.Filter.Transport != cell.Transport || o.Filter.TLS != "" && o.Filter.TLS != cell.TLS {
			continue
		}
		jobs = append(jobs, job{ready, sc, cell})
	}
	if len(jobs) > 1 && sc.FromDisk() {
		if s, err := ready(); err == nil && s.unloadable(jobs[0].cell) {
			return jobs[:1]
		}
	}
	return jobs
}

func (o SuiteOptions) run(ctx context.Context, jobs []job) []Result {
	results := make([]Result, len(jobs))
	next := make(chan int)
	var workers sync.WaitGroup
	var ended sync.Mutex
	done, records := 0, recordQueue{record: o.record}
	for range o.parallel() {
		workers.Go(func() {
			for i := range next {
				result, connections := jobs[i].run(ctx, o.Options)
				ended.Lock()
				results[i] = result
				if o.Record != nil {
					records.add(i, result, connections)
				}
				if done++; o.Progress != nil {
					o.Progress(done, len(jobs), result)
				}
				ended.Unlock()
			}
		})
	}
	for i := range jobs {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	workers.Wait()
	return results
}

func (o SuiteOptions) parallel() int {
	if o.Parallel > 0 {
		return o.Parallel
	}
	return runtime.GOMAXPROCS(0) + 1
}

// run plays one cell.
func (j job) run(ctx context.Context, o Options) (Result, []*Connection) {
	begin := time.Now()
	ready, err := j.stage()
	if err != nil {
		return newPlay(&stage{scenario: j.sc}, j.cell, o).result(nil, err, time.Since(begin)), nil
	}
	connections, result, _ := ready.play(ctx, j.cell, o, hooks{})
	return result, connections
}

// A recordQueue hands on what runs have recorded in the order of their numbers,
// whatever order they end in.
type recordQueue struct {
	record  func(Result, []*Connection)
	next    int
	waiting map[int]func()
}

func (q *recordQueue) add(number int, r Result, connections []*Connection) {
	if q.waiting == nil {
		q.waiting = map[int]func(){}
	}
	q.waiting[number] = func() { q.record(r, connections) }
	for hand := q.waiting[q.next]; hand != nil; hand = q.waiting[q.next] {
		delete(q.waiting, q.next)
		q.next++
		hand()
	}
}

// Summarize counts results.
func Summarize(results []Result, took time.Duration) Summary {
	s := Summary{Total: len(results), DurationMS: took.Milliseconds()}
	for _, r := range results {
		switch r.Status {
		case Passed:
			s.Passed++
		case Failed:
			s.Failed++
		case Errored:
			s.Errors++
		case Skipped:
			s.Skipped++
		}
	}
	return s
}
