package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"shakedown/harness/explain"
	"shakedown/harness/report"

	"github.com/spf13/cobra"
)

// maxPaste is how much of the standard input is kept: its end, where a log has what
// happened last.
const maxPaste = 1 << 18

func newExplain(a *app) *cobra.Command {
	format, log := "text", ""
	cmd := &cobra.Command{
		Use:   "explain TEXT|ALERT|CAUSE|-",
		Short: "Say what an error line can mean, and how to tell",
		Long: `Say what an error line can mean, who decided, and how to tell the causes apart.

It takes a line from the log of any stack, with whatever the logger put around
it; several lines, of which the one that says most is explained; lines of both
sides, which are read together; an alert by name or number, a QUIC error code,
a cause by its id. With - it reads the standard input.

A text that nothing is known about is wrong usage: exit code 2.`,
		Example: `  shakedown explain "remote error: tls: bad certificate"
  shakedown explain --log server "EOF"
  shakedown explain "client: EOF
  server: tls: client didn't provide a certificate"
  kubectl logs web-0 | shakedown explain -
  shakedown explain unknown_ca
  shakedown explain 0x12a
  shakedown explain client-ca-hint-mismatch`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("usage: "+cmd.UseLine(), "explain what? give an error line, an alert or a cause")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			if cmd.Flags().Changed("log") {
				if err := oneOf("log", log, "client", "server"); err != nil {
					return err
				}
			}
			text := strings.Join(args, " ")
			if text == "-" {
				pasted, err := endOf(a.stdin, maxPaste)
				if err != nil {
					return fmt.Errorf("read the standard input: %w", err)
				}
				text = pasted
			}
			return a.explain(text, log, format)
		},
	}
	cmd.ValidArgsFunction = completeCauses
	cmd.Flags().StringVar(&format, "format", format, "write the answer as `FORMAT`: text or json")
	cmd.Flags().StringVar(&log, "log", log, "the text is from the log of `SIDE`: client or server (default what the text itself says)")
	return cmd
}

// endOf reads to the end and returns the last n bytes.
func endOf(from io.Reader, n int) (string, error) {
	var kept []byte
	for buf := make([]byte, n); ; {
		got, err := from.Read(buf)
		if kept = append(kept, buf[:got]...); len(kept) > 2*n {
			kept = append(kept[:0], kept[len(kept)-n:]...)
		}
		switch {
		case errors.Is(err, io.EOF):
			return string(kept[max(0, len(kept)-n):]), nil
		case err != nil:
			return "", err
		}
	}
}

// explain writes what a text can mean. A text that nothing is known about is
// wrong usage; JSON has the known texts that come nearest even so.
func (a *app) explain(text, log, format string) error {
	e, ok := explain.ExplainFrom(log, text)
	if format == "json" {
		err := report.WriteJSON(a.stdout, struct {
			Version int `json:"version"`
			explain.Explanation
		}{report.JSONVersion, e}, "  ")
		if err != nil || ok {
			return err
		}
	}
	switch {
	case !ok && strings.TrimSpace(text) == "":
		return usage("give the error line itself, or pipe a log in: shakedown explain - < server.log", "there is nothing to explain: the text is empty")
	case !ok && strings.Contains(strings.TrimSpace(text), "\n"):
		return usage(nextMove(e), "nothing is known about any of these lines; the last is %q", e.Input)
	case !ok:
		return usage(nextMove(e), "nothing is known about %q", e.Input)
	}
	_, err := io.WriteString(a.stdout, explanationText(e))
	return err
}

// nextMove says what to try with a text that nothing is known about.
func nextMove(e explain.Explanation) string {
	if len(e.Nearest) == 0 {
		return "try the part of the line behind the last colon, an alert's name, or the other side's log"
	}
	var quoted []string
	for _, n := range e.Nearest {
		quoted = append(quoted, fmt.Sprintf("%q", n))
	}
	return "the nearest that is known: " + strings.Join(quoted, ", ")
}
