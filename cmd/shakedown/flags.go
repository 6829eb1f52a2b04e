package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"shakedown/harness"
	"shakedown/harness/outcome"
	"shakedown/harness/report"
	"shakedown/harness/scenario"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"shakedown/harness/nearest"
)

// handshakeFlags are those of every command that runs or opens a handshake.
type handshakeFlags struct {
	plain          bool
	format, output string
	color          string
	transport, tls string
	fields         bool
	carrier        string
	timeout        time.Duration
	also           []string
	keepFlags
}

func (f *handshakeFlags) register(set *pflag.FlagSet) {
	set.BoolVar(&f.plain, "plain", false, "step through it line by line, without a screen")
	f.registerOutput(set)
	set.StringVar(&f.transport, "transport", "", "run only over `TRANSPORT`: tcp or quic")
	set.StringVar(&f.tls, "tls", "", "run only with `VERSION` of TLS: 1.2 or 1.3")
	set.BoolVar(&f.fields, "fields", false, "add every field of every message to the JSON")
	set.StringVar(&f.carrier, "carrier", "loopback", "move the bytes by `CARRIER`: loopback (sockets) or memory")
	set.DurationVar(&f.timeout, "timeout", harness.DefaultTimeout, "end a handshake after `DURATION`")
	set.StringArrayVar(&f.also, "also", nil, "certificates that you know of, for the diagnosis, in `FILE|DIR`")
	f.keepFlags.register(set)
}

func (f *handshakeFlags) registerOutput(set *pflag.FlagSet) {
	set.StringVar(&f.format, "format", "text", "write the results as `FORMAT`: "+strings.Join(report.Formats(), ", "))
	set.StringVar(&f.output, "output", "", "write the results to `FILE`")
	writes(set, "output")
	set.StringVar(&f.color, "color", "auto", "colour the text `WHEN`: auto, always or never")
}

// writes marks a flag of a set as one that names a file to be written.
func writes(set *pflag.FlagSet, name string) {
	_ = set.SetAnnotation(name, written, nil) // it fails only for a flag that is not there
}

// oneOf checks the value of a flag that has few.
func oneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	hint := ""
	if near := nearest.Word(value, allowed); near != "" {
		hint = fmt.Sprintf("did you mean --%s %s?", flag, near)
	}
	return usage(hint, "unknown --%s %q (known are %s)", flag, value, strings.Join(allowed, ", "))
}

// check returns the first flag whose value makes no sense.
func (f *handshakeFlags) check() error {
	if err := f.checkOutput(); err != nil {
		return err
	}
	if err := f.checkCell(); err != nil {
		return err
	}
	if f.timeout <= 0 {
		return usage("for example: --timeout 10s", "--timeout %s is no time to wait", f.timeout)
	}
	if err := f.keepFlags.check(f.output); err != nil {
		return err
	}
	return oneOf("carrier", f.carrier, "loopback", "memory")
}

// checkCell wants a filter that something can match.
func (f *handshakeFlags) checkCell() error {
	if f.transport != "" {
		if err := oneOf("transport", f.transport, "tcp", "quic"); err != nil {
			return err
		}
	}
	if f.tls != "" {
		if err := oneOf("tls", f.tls, "1.2", "1.3"); err != nil {
			return err
		}
	}
	if f.transport == "quic" && f.tls == "1.2" {
		return usage("QUIC is TLS 1.3 only (RFC 9001 4.2): leave out --tls, or take --transport tcp", "no handshake is over QUIC with TLS 1.2")
	}
	return nil
}

func (f *handshakeFlags) checkOutput() error {
	if err := oneOf("format", f.format, report.Formats()...); err != nil {
		return err
	}
	return oneOf("color", f.color, "auto", "always", "never")
}

// tellPlain says what --plain leaves unused: a person types there, and what they
// see is no report.
func (f *handshakeFlags) tellPlain(stderr io.Writer) {
	var unused []string
	if f.format != "text" {
		unused = append(unused, "--format "+f.format)
	}
	if f.output != "" {
		unused = append(unused, "--output "+f.output)
	}
	if f.plain && len(unused) > 0 {
		fmt.Fprintf(stderr, "note: --plain steps line by line and writes no report: %s does nothing\n", printableLine(strings.Join(unused, " ")))
	}
}

// cell is the filter that --transport and --tls make.
func (f *handshakeFlags) cell() outcome.Cell {
	return outcome.Cell{Transport: outcome.Transport(f.transport), TLS: f.tls}
}

// filter returns the cells of a scenario that the flags leave.
func (f *handshakeFlags) filter(cells []outcome.Cell) []outcome.Cell {
	var left []outcome.Cell
	for _, c := range cells {
		if (f.transport == "" || string(c.Transport) == f.transport) && (f.tls == "" || c.TLS == f.tls) {
			left = append(left, c)
		}
	}
	return left
}

// count returns how many cells the flags leave of these scenarios. None is
// wrong usage.
func (f *handshakeFlags) count(list []*scenario.Scenario) (int, error) {
	n := 0
	var has []string
	for _, sc := range list {
		n += len(f.filter(sc.Cells))
		for _, c := range sc.Cells {
			if !slices.Contains(has, c.String()) {
				has = append(has, c.String())
			}
		}
	}
	if n > 0 || f.transport == "" && f.tls == "" {
		return n, nil
	}
	what := "these scenarios have"
	if len(list) == 1 {
		what = list[0].ID + " has"
	}
	return 0, usage(fmt.Sprintf("%s %s", what, strings.Join(has, ", ")), "%s leaves nothing to run", f.filterText())
}

func (f *handshakeFlags) filterText() string {
	var words []string
	if f.transport != "" {
		words = append(words, "--transport "+f.transport)
	}
	if f.tls != "" {
		words = append(words, "--tls "+f.tls)
	}
	return strings.Join(words, " ")
}

// options are the engine's for one handshake.
func (f *handshakeFlags) options() (harness.Options, error) {
	also, err := readAlso(f.also)
	if err != nil {
		return harness.Options{}, err
	}
	return harness.Options{
		Carrier: harness.Carrier(f.carrier),
		Timeout: f.timeout,
		Fields:  f.fields,
		Also:    also,
	}, nil
}

// wantsReport says that the results are to be written rather than shown.
func (f *handshakeFlags) wantsReport(cmd *cobra.Command) bool {
	return cmd.Flags().Changed("format") || f.output != ""
}

// parseShard reads "i/n", with i from 1 to n.
func parseShard(s string) (index, count int, err error) {
	if s == "" {
		return 0, 0, nil
	}
	first, second, ok := strings.Cut(s, "/")
	if ok {
		index, err = strconv.Atoi(first)
		if err == nil {
			count, err = strconv.Atoi(second)
		}
	}
	if !ok || err != nil || index < 1 || count < 1 || index > count {
		return 0, 0, usage("for the second of four parts: --shard 2/4", "--shard %q is no part of a whole", s)
	}
	return index, count, nil
}
