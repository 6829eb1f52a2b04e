package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shakedown/harness/nearest"
)

// godebugPattern is a setting of GODEBUG.
const godebugPattern = `^[a-z][a-z0-9]*=[a-z0-9]+$`

var godebugSettings = pattern(godebugPattern)

// A godebug is a setting of GODEBUG that the handshake of Go 1.26 heeds
// (https://go.dev/doc/godebug). Go passes over one that it does not know, and over
// most values that it does not know, without a word: a scenario with a slip in it
// would be about nothing.
type godebug struct {
	name   string
	values []string // nil for a number
}

// onOff are the values of most settings.
var onOff = []string{"0", "1"}

// The settings of crypto/tls, crypto/x509, crypto/rsa and FIPS mode, without those
// that count only where certificates are made, keys are read, or key material is
// exported.
var godebugs = []godebug{
	{"fips140", []string{"off", "on", "only", "debug"}},
	{"fips140ems", onOff},
	{"rsa1024min", onOff},
	{"tls10server", onOff},
	{"tls3des", onOff},
	{"tlsmaxrsasize", nil},
	{"tlsmlkem", onOff},
	{"tlsrsakex", onOff},
	{"tlssecpmlkem", onOff},
	{"tlssha1", onOff},
	{"x509negativeserial", onOff},
}

// godebugSetting accepts a setting that a handshake heeds, with a value that it takes.
func godebugSetting(s string) error {
	names := make([]string, len(godebugs))
	for i, g := range godebugs {
		names[i] = g.name
	}
	name, value, _ := strings.Cut(s, "=")
	if !godebugSettings().MatchString(s) {
		err := fmt.Errorf("%q is no setting of GODEBUG such as fips140=on", s)
		return cmp.Or(meant(err, nearest.Word(name, names), value), err)
	}
	i := slices.Index(names, name)
	if i < 0 {
		err := fmt.Errorf("GODEBUG has no setting %q that a handshake heeds", name)
		if near := nearest.Word(name, names); near != "" {
			return cmp.Or(meant(err, near, value), error(&meantError{err, near}))
		}
		return fmt.Errorf("%w; there are %s", err, strings.Join(names, ", "))
	}
	values := godebugs[i].values
	switch _, err := strconv.ParseUint(value, 10, 31); {
	case values == nil && err != nil:
		return fmt.Errorf("%s takes a number of bits, not %q", name, value)
	case values != nil && !slices.Contains(values, value):
		last := len(values) - 1
		err := fmt.Errorf("%s takes %s or %s, not %q", name, strings.Join(values[:last], ", "), values[last], value)
		return cmp.Or(meant(err, name, switched(value, values)), err)
	}
	return nil
}

// meant says beside an error which setting was probably meant: with the value that
// it has, or with the first one that says something. It is nil where that is none.
func meant(err error, name, value string) error {
	i := slices.IndexFunc(godebugs, func(g godebug) bool { return g.name == name })
	if i < 0 {
		return nil
	}
	values := godebugs[i].values
	if value == "" && values != nil {
		value = values[1]
	}
	if value == "" || values != nil && !slices.Contains(values, value) {
		return nil
	}
	return &meantError{err, name + "=" + value}
}

// switched returns what a switch takes for a word that stands for its value, the
// word itself if there is none.
func switched(word string, values []string) string {
	words := map[string][]string{"0": {"off", "no", "false"}, "1": {"on", "yes", "true"}, "on": {"1", "yes", "true"}, "off": {"0", "no", "false"}}
	for _, value := range values {
		if slices.Contains(words[value], word) {
			return value
		}
	}
	return word
}
