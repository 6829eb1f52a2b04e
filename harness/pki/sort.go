package pki

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shakedown/harness/outcome"
)

// An Assignment says which file is given to which flag of the debug command.
// Empty strings are flags without a file. ServerTrust is what the server
// trusts, so it holds the CA of the client's certificate; ClientTrust holds the
// CA of the server's.
type Assignment struct {
	ServerCert, ServerKey, ServerTrust string
	ClientCert, ClientKey, ClientTrust string
	// Also are files with intermediates that nobody sends and nobody trusts.
	Also []string
}

// Flags returns the assignment as the arguments of the debug command, in the
// order in which its help has them.
func (a Assignment) Flags() (flags []string) {
	for _, f := range []struct{ flag, file string }{
		{"--server-cert", a.ServerCert},
		{"--server-key", a.ServerKey},
		{"--server-trust", a.ServerTrust},
		{"--client-cert", a.ClientCert},
		{"--client-key", a.ClientKey},
		{"--client-trust", a.ClientTrust},
	} {
		if f.file != "" {
			flags = append(flags, f.flag, f.file)
		}
	}
	for _, file := range a.Also {
		flags = append(flags, "--also", file)
	}
	return flags
}

// Set gives a file to the flag of that name. It returns false for a flag that
// takes no sorted file.
func (a *Assignment) Set(flag, file string) bool {
	to := map[string]*string{
		"--server-cert": &a.ServerCert, "--server-key": &a.ServerKey, "--server-trust": &a.ServerTrust,
		"--client-cert": &a.ClientCert, "--client-key": &a.ClientKey, "--client-trust": &a.ClientTrust,
	}[flag]
	if to == nil {
		return false
	}
	*to = file
	return true
}

// A Sorting is what files turned out to be.
type Sorting struct {
	// Files are all that were looked at, in their order.
	Files []File
	Assignment
	// Ambiguous are the flags that more than one file could fill. They are
	// empty in the Assignment.
	Ambiguous []Choice
	// Notes say the same in lines for a person: each file, what was decided
	// without certainty, and the equivalent command.
	Notes []string
}

// A File is one file and what it is, in one sentence without a full stop.
type File struct {
	Path string
	Is   string
	// Understood is false for what is neither certificate nor key.
	Understood bool
}

// A Choice is left to the person.
type Choice struct {
	Flag  string
	Files []string
	Why   string
}

// An AmbiguousError says what has to be chosen and cannot be asked.
type AmbiguousError struct{ Choices []Choice }

func (e *AmbiguousError) Error() string {
	var lines []string
	for _, c := range e.Choices {
		var names []string
		for _, f := range c.Files {
			names = append(names, quoteFile(f))
		}
		lines = append(lines, fmt.Sprintf("%s could be %s: %s", c.Flag, strings.Join(names, " or "), c.Why))
	}
	return strings.Join(lines, "; ")
}

// Err returns an [*AmbiguousError] where something is left to choose, else nil.
func (s *Sorting) Err() error {
	if len(s.Ambiguous) == 0 {
		return nil
	}
	return &AmbiguousError{s.Ambiguous}
}

// Sort looks into files, and into the regular files directly in directories,
// and proposes which is what. It goes by content: extended key usage, CA flag,
// public keys, who issued whom. File names only break ties. A file that cannot
// be understood is listed with the reason; the error is for a path that does
// not exist and for directories without a file.
//
// To let a person choose, ask for the first of [Sorting.Ambiguous], give the
// answer to [Assignment.Set], and call [SortWith]: the choice of a certificate
// decides about its key and its CA.
func Sort(paths []string) (*Sorting, error) { return SortWith(paths, Assignment{}) }

// SortWith sorts files where some are already assigned.
func SortWith(paths []string, given Assignment) (*Sorting, error) {
	files, err := listFiles(paths)
	if err != nil {
		return nil, err
	}
	given.Also = nil
	s := &sorter{result: &Sorting{Assignment: given}}
	for _, path := range files {
		s.exhibits = append(s.exhibits, look(path))
	}
	for _, path := range []string{given.ServerCert, given.ClientCert} {
		if path != "" && !slices.Contains(files, path) {
			s.exhibits = append(s.exhibits, look(path))
			files = append(files, path)
		}
	}
	s.decide()
	return s.result, nil
}

// decide goes from what the files are to who has them.
func (s *sorter) decide() {
	s.findEndEntities()
	s.chooseSides()
	s.chooseBlind()
	s.chooseKeys()
	s.chooseTrust()
	s.describe()
}

// A sorter holds what is known while files are sorted.
type sorter struct {
	exhibits []*exhibit
	entities []*endEntity
	// server and client are the chosen ones, nil where there is none.
	server, client *endEntity
	result         *Sorting
}

// listFiles returns the files that the paths name, each once.
func listFiles(paths []string) (files []string, err error) {
	add := func(path string) {
		if !slices.Contains(files, path) {
			files = append(files, path)
		}
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			add(path)
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			name := filepath.Join(path, entry.Name())
			if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
				add(name)
			}
		}
	}
	if len(files) == 0 {
		return nil, errors.New("no file is named, and the directories have none: " + strings.Join(paths, ", "))
	}
	return files, nil
}

// ambiguous leaves a flag to the person.
func (s *sorter) ambiguous(flag string, files []string, why string) {
	s.result.Ambiguous = append(s.result.Ambiguous, Choice{Flag: flag, Files: files, Why: why})
}

func (s *sorter) note(format string, args ...any) {
	s.result.Notes = append(s.result.Notes, fmt.Sprintf(format, args...))
}

// A half is one side of the assignment: its own files, and the file with which
// the other side trusts it.
type half struct {
	role             outcome.Role
	entity           **endEntity
	cert, key        *string
	trustedBy        *string
	trustedByFlag    string
	certFlag, keyArg string
}

func (s *sorter) halves() [2]half {
	r := s.result
	return [2]half{
		{outcome.Server, &s.server, &r.ServerCert, &r.ServerKey, &r.ClientTrust, "--client-trust", "--server-cert", "--server-key"},
		{outcome.Client, &s.client, &r.ClientCert, &r.ClientKey, &r.ServerTrust, "--server-trust", "--client-cert", "--client-key"},
	}
}
