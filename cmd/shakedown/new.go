package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"shakedown/harness/scenario"

	"github.com/spf13/cobra"
)

func newNew(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "new FILE",
		Short: "Write a commented scenario file to start from",
		Example: `  shakedown new mine.yaml
  shakedown mine.yaml`,
		Args: exactly(1, "file"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := writeNew(args[0], scenario.Template(), 0o644); err != nil {
				return err
			}
			_, err := fmt.Fprintf(a.stdout, "wrote %s; step through it with: shakedown %s\n", printableLine(args[0]), printableLine(shellQuote(args[0])))
			return err
		},
	}
}

// writeNew writes a file that is not there yet. What is there is never overwritten.
func writeNew(name string, text []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return usage("take another name, or remove it first", "%s is there already", name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, reason(err))
	}
	_, err = f.Write(text)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(name)
		return fmt.Errorf("write %s: %w", name, reason(err))
	}
	return nil
}
