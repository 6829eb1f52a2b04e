package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"shakedown/harness"
	"shakedown/harness/capture"
	"shakedown/harness/report"

	"github.com/spf13/cobra"
)

// openFlags say how a capture is opened.
type openFlags struct {
	handshakeFlags
	keylogs     []string
	connections []string
	list, all   bool
}

// memoryLimit is where the garbage collector begins to work harder, for files of
// gigabytes on small machines.
const memoryLimit = 200 << 20

// garbage is how much of it may gather before that limit, in percent of what is
// in use: a connection leaves little behind.
const garbage = 250

// A captureRequest is a capture that a screen or the stepper is opened on.
type captureRequest struct {
	// Name is the file as it was typed.
	Name    string
	Capture *harness.Capture
	// Connection is the one to begin with, 0 where the person chooses.
	Connection int
	Color      string
	Notes      []string
	// Command is the command that was given, without a connection.
	Command string
}

func newOpen(a *app) *cobra.Command {
	flags := &openFlags{}
	cmd := &cobra.Command{
		Use:   "open FILE",
		Short: "Show what happened in a capture",
		Long: `Open a capture, as tcpdump and Wireshark write them, and show each TLS or QUIC
connection in it: its timeline, and why it ended as it did. Servers are found on
any port, and behind STARTTLS and the PROXY protocol. What is encrypted is read
with the key log that the file holds, or with the one that --keylog names.

A recording of shakedown's own also has both sides' words. Of somebody else's
they are unknown, and the diagnosis says what would settle it. Nothing is
expected of a capture: the exit code is 0 where it could be read.`,
		Example: `  shakedown open trace.pcapng
  shakedown open trace.pcap --keylog keys.txt
  shakedown open trace.pcap --list
  shakedown open trace.pcap --connection 3,5-7 --format json --fields
  tcpdump -w - port 443 | shakedown open -`,
		Args: exactly(1, "capture"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.openCapture(cmd, flags, args[0])
		},
	}
	set := cmd.Flags()
	set.StringArrayVar(&flags.keylogs, "keylog", nil, "read secrets from `FILE` (default $SSLKEYLOGFILE)")
	set.StringSliceVar(&flags.connections, "connection", nil, "show only connection `N`, or several: 3,5-7")
	set.StringVar(&flags.transport, "transport", "", "show only connections over `TRANSPORT`: tcp or quic")
	set.StringVar(&flags.tls, "tls", "", "show only connections with `VERSION` of TLS: 1.2 or 1.3")
	set.BoolVar(&flags.list, "list", false, "write one line for each connection")
	set.BoolVar(&flags.all, "all", false, "show also connections without TLS")
	set.BoolVar(&flags.plain, "plain", false, "step through it line by line, without a screen")
	flags.registerOutput(set)
	set.BoolVar(&flags.fields, "fields", false, "add every field of every message to the JSON")
	set.StringArrayVar(&flags.also, "also", nil, "certificates that you know of, for the diagnosis, in `FILE|DIR`")
	return cmd
}

func (a *app) openCapture(cmd *cobra.Command, f *openFlags, name string) error {
	if err := f.checkOutput(); err != nil {
		return err
	}
	f.tellPlain(a.stderr)
	if err := f.checkCell(); err != nil {
		return err
	}
	if f.list && f.wantsFormat(cmd) {
		return usage("leave one of them out", "--list writes lines, and --format %s was asked for", f.format)
	}
	chosen, err := parseConnections(f.connections)
	if err != nil {
		return err
	}
	also, err := readAlso(f.also)
	if err != nil {
		return err
	}
	// What a capture takes is bounded; so is what waits to be collected.
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(memoryLimit))
	defer debug.SetGCPercent(debug.SetGCPercent(garbage))
	keys, err := a.readKeyLogs(f.keylogs)
	if err != nil {
		return err
	}
	file, err := a.captureFile(name)
	if err != nil {
		return err
	}
	defer file.close()
	o := harness.CaptureOptions{Keys: keys, All: f.all, Only: chosen.only(), Cell: f.cell(), Fields: f.fields, Also: also}
	run := &opening{a: a, flags: f, file: file, options: o, chosen: chosen}
	switch {
	case f.list:
		return run.list(cmd.Context())
	case f.plain:
		return run.show(cmd.Context(), func(ctx context.Context, r captureRequest) error {
			return a.captureStepper(ctx, r, a.stdin, a.stdout)
		})
	case a.terminal() && !f.wantsReport(cmd):
		return run.show(cmd.Context(), a.captureScreen)
	}
	return run.report(cmd.Context())
}

func (f *openFlags) wantsFormat(cmd *cobra.Command) bool {
	return cmd.Flags().Changed("format") && f.format != "text"
}

// An opening is one run of the command.
type opening struct {
	a       *app
	flags   *openFlags
	file    *captureFile
	options harness.CaptureOptions
	chosen  connectionSet
}

// show hands the capture to a screen or to the stepper. Where one connection is
// asked for, the others are a key away.
func (o *opening) show(ctx context.Context, to func(context.Context, captureRequest) error) error {
	one := o.chosen.one()
	if one > 0 {
		o.options.Only = nil
	}
	c, err := o.load(ctx)
	if err != nil {
		return err
	}
	request := captureRequest{Name: o.file.name, Capture: c, Color: o.flags.color, Notes: o.remarks(c.Summary, len(c.Entries)), Command: o.flags.command(o.file)}
	if len(c.Entries) == 0 {
		o.tell(c.Summary, 0)
		return o.missing(0)
	}
	there := func(e harness.CaptureEntry) bool { return e.Number == one }
	switch {
	case one > 0 && !slices.ContainsFunc(c.Entries, there):
		return o.missing(0)
	case one > 0:
		request.Connection = one
	case len(c.Entries) == 1 || len(o.flags.connections) > 0:
		request.Connection = c.Entries[0].Number
	}
	return to(ctx, request)
}

// command is the command that opens the file again, without a choice of its
// connections.
func (f *openFlags) command(file *captureFile) string {
	words := "shakedown open " + shellQuote(file.name)
	if file.pipe != nil {
		words = "shakedown open -"
	}
	for _, k := range f.keylogs {
		words += " --keylog " + shellQuote(k)
	}
	for _, c := range f.also {
		words += " --also " + shellQuote(c)
	}
	if f.all {
		words += " --all"
	}
	if cell := f.filterText(); cell != "" {
		words += " " + cell
	}
	return words
}

// load reads the file once and lists it; where it has nothing else, with what is
// no TLS.
func (o *opening) load(ctx context.Context) (*harness.Capture, error) {
	line := o.progress()
	defer line.end()
	options := o.options
	options.Progress = line.read
	o.file.again = true
	c, err := harness.LoadCapture(ctx, o.file.open, options)
	if err == nil && len(c.Entries) == 0 && o.otherwiseEmpty(c.Summary) {
		o.options.All, options.All = true, true
		c, err = harness.LoadCapture(ctx, o.file.open, options)
	}
	return c, o.file.explain(err)
}

// otherwiseEmpty says that a file has connections, and none with TLS.
func (o *opening) otherwiseEmpty(s *capture.Summary) bool {
	if o.options.All || s.Connections > 0 || o.flags.filterText() != "" {
		return false
	}
	for _, other := range s.Others {
		if strings.Contains(other, "without TLS") {
			return true
		}
	}
	return false
}

// list writes one line for each connection.
func (o *opening) list(ctx context.Context) error {
	c, err := o.load(ctx)
	if err != nil {
		return err
	}
	to, err := o.a.openOutput(o.flags.output)
	if err != nil {
		return err
	}
	if err := writeEntries(to, c.Entries); err != nil {
		to.discard()
		return to.wrap(err)
	}
	if err := to.commit(); err != nil {
		return err
	}
	o.tell(c.Summary, len(c.Entries))
	return o.missing(len(c.Entries))
}

func writeEntries(w io.Writer, entries []harness.CaptureEntry) error {
	for _, e := range entries {
		where := fmt.Sprintf("%s → %s", e.Client, e.Server)
		version := string(e.Transport)
		if e.TLS != "" {
			version += " " + e.TLS
		}
		what := e.ServerName
		if e.Run != "" {
			what = printableLine(e.Run)
		}
		if what != "" {
			what = " (" + what + ")"
		}
		if _, err := fmt.Fprintf(w, "%5d  %s  %-8s  %s%s, %s: %s\n", e.Number, e.Start.UTC().Format("15:04:05.000"),
			version, where, what, packets(e.Packets), report.Happened(e.Outcome)); err != nil {
			return err
		}
	}
	return nil
}

func packets(n int) string {
	if n == 1 {
		return "1 packet"
	}
	return fmt.Sprintf("%d packets", n)
}

// report writes what is in the file as it is read. On a terminal a list of
// several connections comes first.
func (o *opening) report(ctx context.Context) error {
	if o.flags.format == "text" && o.flags.output == "" && o.a.colorful(o.a.stdout) && o.file.rereadable() {
		c, err := o.load(ctx)
		if err != nil {
			return err
		}
		if len(c.Entries) > 1 {
			if err := writeEntries(o.a.stdout, c.Entries); err != nil {
				return err
			}
			fmt.Fprintln(o.a.stdout)
		}
	}
	to, err := o.a.openOutput(o.flags.output)
	if err != nil {
		return err
	}
	w, err := o.a.writer(&o.flags.handshakeFlags, to, true)
	if err != nil {
		to.discard()
		return err
	}
	begun := time.Now()
	written, summary, err := o.write(ctx, w)
	if err == nil && written == 0 && o.otherwiseEmpty(summary) && o.file.rereadable() {
		o.options.All = true
		written, summary, err = o.write(ctx, w)
	}
	if err == nil {
		err = to.wrap(w.End(harness.Summary{Total: written, DurationMS: time.Since(begun).Milliseconds()}))
	}
	if err != nil {
		to.discard()
		return o.file.explain(err)
	}
	if err := to.commit(); err != nil {
		return err
	}
	o.tell(summary, written)
	return o.missing(written)
}

// write reads the file once and writes its results.
func (o *opening) write(ctx context.Context, w report.Writer) (written int, summary *capture.Summary, err error) {
	from, err := o.file.open()
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = from.Close() }()
	line := o.progress()
	defer line.end()
	options := o.options
	options.Progress = line.read
	if e, ok := w.(report.Encoder); ok {
		options.Encode = e.Encode
	}
	// A format that says at its beginning how much is to come waits for the end.
	var kept []harness.Result
	waits := o.flags.format == "tap"
	begin := func(total int) error {
		if written > 0 {
			return nil
		}
		return w.Begin(total)
	}
	summary, err = harness.OpenCapture(ctx, from, options, func(c harness.Captured) error {
		if waits {
			kept = append(kept, c.Result)
			return nil
		}
		return line.around(func() error {
			if err := begin(0); err != nil {
				return err
			}
			written++
			if c.Write != nil {
				return c.Write()
			}
			return w.Result(c.Result)
		})
	})
	if waits && err == nil {
		err = begin(len(kept))
		for _, r := range kept {
			written++
			err = errors.Join(err, w.Result(r))
		}
	}
	return written, summary, err
}

// tell writes what there is to say of the file as a whole.
func (o *opening) tell(s *capture.Summary, shown int) {
	for _, note := range o.remarks(s, shown) {
		fmt.Fprintf(o.a.stderr, "note: %s\n", printableLine(note))
	}
}

// remarks are what there is to say of the file as a whole.
func (o *opening) remarks(s *capture.Summary, shown int) []string {
	notes := append([]string{}, s.Notes...)
	for _, d := range s.Damaged {
		notes = append(notes, d.Error()+"; the other lines are used")
	}
	keys := o.options.Keys
	if n := connectionsIn(keys); n > 0 && s.Connections > 0 && !keys.Used() {
		notes = append(notes, fmt.Sprintf("the key log has secrets for %s, and no ClientHello that can be read in this capture has the random of one", countOf(n, "connection")))
	}
	if shown == 0 && len(o.flags.connections) == 0 && o.flags.filterText() == "" {
		notes = append(notes, fmt.Sprintf("there is no connection with TLS or QUIC in %s (%s)", o.file.name, packets(s.Packets)))
	}
	if len(s.Others) > 0 {
		hint := ""
		if !o.options.All && strings.Contains(strings.Join(s.Others, "\n"), "without TLS") {
			hint = " (--all shows TCP without TLS)"
		}
		notes = append(notes, "also in the file: "+strings.Join(s.Others, "; ")+hint)
	}
	return notes
}

func connectionsIn(k *capture.Keys) int {
	return k.Client.Connections() + k.Server.Connections() + k.Both.Connections()
}

// countOf writes a number and its noun.
func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// missing is the error of a choice that chose nothing.
func (o *opening) missing(shown int) error {
	switch filter := o.flags.filterText(); {
	case shown > 0:
		return nil
	case filter != "":
		return usage("shakedown open --list "+shellQuote(o.file.name)+" lists what is there", "%s leaves nothing to show of %s", filter, o.file.name)
	case len(o.flags.connections) == 0:
		return nil
	}
	return usage("shakedown open --list "+shellQuote(o.file.name)+" lists them", "--connection %s is not in %s", strings.Join(o.flags.connections, ","), o.file.name)
}

// readKeyLogs reads the secrets beside a capture.
func (a *app) readKeyLogs(files []string) (*capture.Keys, error) {
	keys := new(capture.Keys)
	if name := a.getenv("SSLKEYLOGFILE"); len(files) == 0 && name != "" {
		if _, err := os.Stat(name); err != nil {
			return keys, nil // it is where programs are to write, once they run
		}
		fmt.Fprintf(a.stderr, "note: secrets are read from $SSLKEYLOGFILE, %s\n", printableLine(name))
		files = []string{name}
	}
	for _, name := range files {
		if err := a.readKeyLog(keys, name); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// readKeyLog reads one file. Damaged lines are told, and the others are used.
func (a *app) readKeyLog(keys *capture.Keys, name string) error {
	const hint = "a key log has lines like CLIENT_RANDOM 0123… 4567…, as programs write them to $SSLKEYLOGFILE"
	f, err := os.Open(name)
	if err != nil {
		return usage(hint, "read the key log: %w", err)
	}
	defer func() { _ = f.Close() }()
	before := keys.Len()
	damaged, err := keys.Both.Read(f)
	if err != nil {
		return usage(hint, "read the key log: %w", err)
	}
	if keys.Len() == before && len(damaged) > 0 {
		return usage(hint, "%s is no key log: line %d: %w", name, damaged[0].Line, damaged[0].Err)
	}
	const most = 5
	for i, d := range damaged {
		if i == most {
			fmt.Fprintf(a.stderr, "note: %s: and %s more\n", printableLine(name), countOf(len(damaged)-most, "damaged line"))
			break
		}
		fmt.Fprintf(a.stderr, "note: %s: %s; the other lines are used\n", printableLine(name), printableLine(d.Error()))
	}
	return nil
}
