package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shakedown/harness"
	"shakedown/harness/report"
)

// An output is where results go: standard output, or a file that is there
// whole or not at all.
type output struct {
	io.Writer
	// name is the file as it was typed, empty for standard output.
	name string
	// temp is the file being written, nil for standard output; target is what
	// it becomes, empty where it is written in place (a device, a pipe).
	temp   *os.File
	target string
	// mode are the permissions that it gets.
	mode os.FileMode
}

// openOutput opens what --output names.
func (a *app) openOutput(name string) (*output, error) {
	if name == "" || name == "-" {
		return &output{Writer: a.stdout}, nil
	}
	return a.create("output", name, 0o644)
}

// create opens a file that a flag names. It is written under another name in
// the same directory and gets its own when it is complete.
func (a *app) create(flag, name string, mode os.FileMode) (*output, error) {
	target := followed(name)
	info, err := os.Stat(target)
	switch {
	case err == nil && info.IsDir():
		return nil, usage("--"+flag+" takes a file", "write %s: it is a directory", name)
	case err == nil && info.Mode().IsRegular() && a.isInput(info):
		return nil, usage("nothing that was given is ever changed: name another file", "--%s %s is one of the files that were given", flag, name)
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(target, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", name, reason(err))
		}
		return &output{Writer: f, name: name, temp: f}, nil
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("write %s: %w", name, reason(err))
	}
	f, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", name, reason(err))
	}
	return &output{Writer: f, name: name, temp: f, target: target, mode: mode}, nil
}

// isInput says that a file is among those that the command was given: by an
// argument, by a flag, or by a folder that was named. Results never go there.
func (a *app) isInput(file os.FileInfo) bool {
	for _, name := range a.given {
		info, err := os.Stat(name)
		switch {
		case err != nil:
		case os.SameFile(info, file):
			return true
		case info.IsDir():
			entries, _ := os.ReadDir(name)
			for _, e := range entries {
				if in, err := os.Stat(filepath.Join(name, e.Name())); err == nil && os.SameFile(in, file) {
					return true
				}
			}
		}
	}
	return false
}

// written marks a flag that names a file to be written.
const written = "written"

// keepGiven takes note of everything on the command line that can name a file,
// but for those that are written.
func (a *app) keepGiven(cmd *cobra.Command, args []string) {
	a.given = append(a.given, args...)
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if _, is := f.Annotations[written]; is {
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			a.given = append(a.given, list.GetSlice()...)
			return
		}
		a.given = append(a.given, f.Value.String())
	})
}

// followed is the file that a symbolic link leads to, also where that is not
// there yet.
func followed(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	link, err := os.Readlink(name)
	switch {
	case err != nil:
		return name
	case filepath.IsAbs(link):
		return link
	}
	return filepath.Join(filepath.Dir(name), link)
}

// reason strips the temporary file's name off an error: the person never typed it.
func reason(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err
	}
	return err
}

// commit makes the file what was asked for.
func (o *output) commit() error {
	if o.temp == nil {
		return nil
	}
	if o.target == "" {
		return o.wrap(o.temp.Close())
	}
	err := errors.Join(o.temp.Chmod(o.mode), o.temp.Sync())
	if closed := o.temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(o.temp.Name(), o.target)
	}
	if err != nil {
		_ = os.Remove(o.temp.Name())
	}
	return o.wrap(err)
}

// discard leaves nothing behind.
func (o *output) discard() {
	if o.temp == nil {
		return
	}
	_ = o.temp.Close()
	if o.target != "" {
		_ = os.Remove(o.temp.Name())
	}
}

// wrap names the file in an error.
func (o *output) wrap(err error) error {
	if err == nil || o.name == "" {
		return err
	}
	return fmt.Errorf("write %s: %w", o.name, reason(err))
}

// writer returns the report writer that the flags ask for.
func (a *app) writer(f *handshakeFlags, to *output, story bool) (report.Writer, error) {
	w, err := report.New(f.format, to, report.Options{Color: a.color(f, to), Story: story, Open: opens})
	if err != nil {
		return nil, usage("", "%w", err)
	}
	return w, nil
}

// opens returns the command that opens a result of a suite for a closer look.
func opens(r harness.Result) string {
	return fmt.Sprintf("shakedown %s --transport %s --tls %s", shellQuote(cmp.Or(r.File, r.Scenario)), r.Transport, r.TLS)
}

// color says whether results are coloured: on a terminal, unless NO_COLOR is
// set, or as --color has it.
func (a *app) color(f *handshakeFlags, to *output) bool {
	switch f.color {
	case "always":
		return true
	case "never":
		return false
	}
	return to.name == "" && a.getenv("NO_COLOR") == "" && a.colorful(a.stdout)
}
