package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"shakedown/harness"

	"github.com/spf13/pflag"
)

// keepFlags say what is kept of a command's handshakes.
type keepFlags struct {
	savePcapng string
	noSecrets  bool
	keyLog     string
}

func (f *keepFlags) register(set *pflag.FlagSet) {
	set.StringVar(&f.savePcapng, "save-pcapng", "", "write every connection to `FILE`, for Wireshark and for shakedown open, with the secrets that decrypt it")
	set.BoolVar(&f.noSecrets, "no-secrets", false, "leave the secrets out of what --save-pcapng writes")
	set.StringVar(&f.keyLog, "keylog", "", "write the secrets of every connection to `FILE`, in the format of SSLKEYLOGFILE")
	writes(set, "save-pcapng")
	writes(set, "keylog")
}

// check wants the files that are written to be different ones.
func (f *keepFlags) check(output string) error {
	if f.noSecrets && f.savePcapng == "" {
		return usage("for example: --save-pcapng handshake.pcapng --no-secrets", "--no-secrets was given without --save-pcapng")
	}
	seen := map[string]string{}
	for _, file := range []struct{ flag, name string }{{"output", output}, {"save-pcapng", f.savePcapng}, {"keylog", f.keyLog}} {
		switch {
		case file.name == "":
			continue
		case file.name == "-" && file.flag == "output":
			continue
		case file.name == "-":
			return usage(fmt.Sprintf("standard output is for results: --%s FILE", file.flag), "--%s takes a file", file.flag)
		}
		path := followed(file.name)
		if absolute, err := filepath.Abs(path); err == nil {
			path = absolute
		}
		if other, taken := seen[path]; taken {
			return usage("name two files", "--%s and --%s are both %s", other, file.flag, file.name)
		}
		seen[path] = file.flag
	}
	return nil
}

// A recorder keeps what was recorded until the command has ended, as its flags and
// SSLKEYLOGFILE ask. Files are there whole or not at all, and only for their
// owner: they hold secrets.
type recorder struct {
	app   *app
	flags keepFlags
	// saver is nil where nothing is kept.
	saver *harness.Saver
	files []*output
	env   *appended
}

// keep opens what is to be written. The caller discards it in the end, and
// before that finishes it.
func (a *app) keep(f *handshakeFlags) (*recorder, error) {
	k := &recorder{app: a, flags: f.keepFlags}
	var to harness.SaveTo
	if f.savePcapng != "" {
		file, err := k.create("save-pcapng", f.savePcapng)
		if err != nil {
			return nil, err
		}
		to.Capture, to.NoSecrets = file, f.noSecrets
	}
	if f.keyLog != "" {
		file, err := k.create("keylog", f.keyLog)
		if err != nil {
			k.discard()
			return nil, err
		}
		to.KeyLogs = append(to.KeyLogs, file)
	}
	if name := a.getenv("SSLKEYLOGFILE"); name != "" {
		k.env = &appended{app: a, name: name}
		to.KeyLogs = append(to.KeyLogs, k.env)
	}
	if to.Capture != nil || len(to.KeyLogs) > 0 {
		k.saver = harness.NewSaver(to)
	}
	return k, nil
}

func (k *recorder) create(flag, name string) (io.Writer, error) {
	file, err := k.app.create(flag, name, 0o600)
	if err != nil {
		return nil, err
	}
	k.files = append(k.files, file)
	return named{file}, nil
}

// A named output names its file in its errors.
type named struct{ *output }

func (n named) Write(p []byte) (int, error) {
	written, err := n.output.Write(p)
	return written, n.wrap(err)
}

// from makes an engine record for the recorder.
func (k *recorder) from(o *harness.Options) {
	if k.saver != nil {
		o.Record = k.saver.Record
	}
}

// finish makes the files what was asked for and says that they hold secrets. err
// is how the command has ended: it is returned unless the files could not be
// written, which weighs more.
func (k *recorder) finish(err error) error {
	if k.saver == nil {
		return err
	}
	if failed := k.saver.Close(); failed != nil {
		return failed
	}
	connections, secret := k.saver.Kept()
	if connections == 0 {
		for _, file := range k.files {
			fmt.Fprintf(k.app.stderr, "note: no handshake was recorded: %s was not written\n", printableLine(file.name))
		}
		return err
	}
	for len(k.files) > 0 {
		file := k.files[0]
		k.files = k.files[1:]
		if failed := file.commit(); failed != nil {
			return failed
		}
	}
	k.warn(secret)
	return err
}

// warn says what can be done with the files.
func (k *recorder) warn(secret int) {
	if secret == 0 {
		return
	}
	of := fmt.Sprintf("%d connections", secret)
	if secret == 1 {
		of = "1 connection"
	}
	if k.flags.savePcapng != "" && !k.flags.noSecrets {
		fmt.Fprintf(k.app.stderr, "note: %s holds the secrets of %s: whoever has it can decrypt them; --no-secrets leaves them out\n", printableLine(k.flags.savePcapng), of)
	}
	if k.flags.keyLog != "" {
		fmt.Fprintf(k.app.stderr, "note: %s holds the secrets of %s: whoever has it and a capture can decrypt them\n", printableLine(k.flags.keyLog), of)
	}
	if k.env != nil {
		k.env.warn(of)
	}
}

// discard leaves nothing behind of what was not finished.
func (k *recorder) discard() {
	for _, file := range k.files {
		file.discard()
	}
	if k.env != nil {
		k.env.close()
	}
}

// An appended file is what SSLKEYLOGFILE names. It is no part of what the person
// asked this command for, so that it cannot be written is worth a note and no
// more. It is opened when the first secret is there.
type appended struct {
	app  *app
	name string
	file *os.File
	err  error
}

// Write appends, and never fails.
func (e *appended) Write(p []byte) (int, error) {
	if e.file == nil && e.err == nil {
		e.file, e.err = e.open()
	}
	if e.err == nil {
		_, e.err = e.file.Write(p)
	}
	return len(p), nil
}

func (e *appended) open() (*os.File, error) {
	if info, err := os.Stat(e.name); err == nil && info.Mode().IsRegular() && e.app.isInput(info) {
		return nil, errors.New("it is one of the files that were given")
	}
	return os.OpenFile(e.name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
}

func (e *appended) close() {
	if e.file == nil {
		return
	}
	if err := e.file.Close(); e.err == nil {
		e.err = err
	}
	e.file = nil
}

// warn says what became of it.
func (e *appended) warn(of string) {
	e.close()
	if e.err != nil {
		fmt.Fprintf(e.app.stderr, "note: SSLKEYLOGFILE: write %s: %s\n", printableLine(e.name), printableLine(reason(e.err).Error()))
		return
	}
	fmt.Fprintf(e.app.stderr, "note: the secrets of %s were added to %s, which SSLKEYLOGFILE names\n", of, printableLine(e.name))
}
