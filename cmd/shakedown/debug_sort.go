package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"shakedown/harness/pki"
)

// assignment is what the flags say of the files.
func (f *debugFlags) assignment() pki.Assignment {
	return pki.Assignment{
		ServerCert: f.files.ServerCert, ServerKey: f.files.ServerKey, ServerTrust: f.files.ServerTrust,
		ClientCert: f.files.ClientCert, ClientKey: f.files.ClientKey, ClientTrust: f.files.ClientTrust,
	}
}

// assign takes over what the files turned out to be.
func (f *debugFlags) assign(a pki.Assignment) {
	f.files.ServerCert, f.files.ServerKey, f.files.ServerTrust = a.ServerCert, a.ServerKey, a.ServerTrust
	f.files.ClientCert, f.files.ClientKey, f.files.ClientTrust = a.ClientCert, a.ClientKey, a.ClientTrust
	for _, file := range a.Also {
		if !slices.Contains(f.also, file) {
			f.also = append(f.also, file)
		}
	}
}

// sort looks into files that were named without saying what they are, and
// returns in lines what it found. A flag wins over what is found and decides
// what goes with it. What is left open is asked on a terminal, each choice in
// turn because one decides about the next, and is wrong usage without one.
func (a *app) sort(f *debugFlags, args []string) (notes []string, err error) {
	if len(args) == 0 {
		return nil, nil
	}
	given := f.assignment()
	for asked := map[string]bool{}; ; {
		sorted, err := pki.SortWith(args, given)
		if err != nil {
			return nil, usage("name a directory, or files: shakedown debug --help", "%w", err)
		}
		if len(sorted.Ambiguous) == 0 {
			f.assign(sorted.Assignment)
			return sorted.Notes, nil
		}
		choice := sorted.Ambiguous[0]
		if !a.terminal() || asked[choice.Flag] {
			for _, note := range sorted.Notes {
				fmt.Fprintf(a.stderr, "note: %s\n", printableLine(note))
			}
			return nil, usage("name the one that is meant by its flag", "%w", sorted.Err())
		}
		asked[choice.Flag] = true
		file, err := a.ask(choice)
		if err != nil {
			return nil, err
		}
		if !given.Set(choice.Flag, file) {
			return nil, usage("name the one that is meant by its flag", "%w", sorted.Err())
		}
	}
}

// ask has the person choose one of the files, by its number.
func (a *app) ask(c pki.Choice) (string, error) {
	fmt.Fprintf(a.stderr, "%s could be any of these: %s\n", c.Flag, printableLine(c.Why))
	for i, file := range c.Files {
		fmt.Fprintf(a.stderr, "  %d  %s\n", i+1, printableLine(file))
	}
	for range 3 {
		fmt.Fprintf(a.stderr, "which one is it, 1 to %d? ", len(c.Files))
		answer, err := readLine(a.stdin)
		if n, bad := strconv.Atoi(strings.TrimSpace(answer)); bad == nil && n >= 1 && n <= len(c.Files) {
			return c.Files[n-1], nil
		}
		if err != nil {
			break
		}
	}
	fmt.Fprintln(a.stderr)
	return "", usage("name the one that is meant by its flag", "%w", &pki.AmbiguousError{Choices: []pki.Choice{c}})
}

// readLine reads one line and nothing beyond it: what follows is for whoever
// reads next.
func readLine(r io.Reader) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) < 4096 {
		n, err := r.Read(one)
		if n == 1 && one[0] == '\n' {
			return string(line), nil
		}
		line = append(line, one[:n]...)
		if err != nil {
			return string(line), err
		}
	}
	return string(line), nil
}
