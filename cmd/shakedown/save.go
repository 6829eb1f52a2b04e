package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"shakedown/harness/pki"
	"shakedown/harness/scenario"
)

// save writes a scenario of the person's own files as a scenario file, to keep
// and to run again. Its paths are relative to it, as they are read.
func (a *app) save(name string, sc *scenario.Scenario) error {
	text, err := scenarioText(sc, filepath.Dir(name))
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := writeNew(name, []byte(text), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "note: wrote %s; run it again with: shakedown run %s\n", printableLine(name), printableLine(shellQuote(name)))
	return nil
}

// scenarioText writes a scenario as the YAML that it would be read from, in a
// file of that directory.
func scenarioText(sc *scenario.Scenario, dir string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "title: %s\n", quoted(sc.Title))
	b.WriteString("pki:\n")
	for _, name := range slices.Sorted(maps.Keys(sc.PKI)) {
		fields, err := entityFields(sc.PKI[name], dir)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "  %s: %s\n", quoted(name), fields)
	}
	server := flow{
		{"present", words(sc.Server.Present)},
		{"trust", words(sc.Server.Trust)},
		{"client_auth", quoted(string(sc.Server.ClientAuth))},
		{"clock", when(sc.Server.Clock)},
	}
	client := flow{
		{"present", words(sc.Client.Present)},
		{"trust", words(sc.Client.Trust)},
		{"server_name", quoted(sc.Client.ServerName)},
		{"clock", when(sc.Client.Clock)},
	}
	if sc.Client.SendForced {
		client = append(client, [2]string{"send", "forced"})
	}
	fmt.Fprintf(&b, "server: %s\nclient: %s\n", server, client)
	if sc.Clock.Set {
		fmt.Fprintf(&b, "clock: %s\n", when(sc.Clock))
	}
	b.WriteString("expect: {outcome: established}\n")
	return b.String(), nil
}

// entityFields writes a certificate: its files, or what is minted.
func entityFields(e pki.Entity, dir string) (string, error) {
	var fields flow
	for _, file := range [][2]string{{"cert", e.Cert}, {"key", e.KeyFile}, {"bundle", e.Bundle}} {
		if file[1] == "" {
			continue
		}
		path, err := relative(dir, file[1])
		if err != nil {
			return "", err
		}
		fields = append(fields, [2]string{file[0], quoted(path)})
	}
	if e.Pick != "" {
		fields = append(fields, [2]string{"pick", quoted(string(e.Pick))})
	}
	if e.CA {
		fields = append(fields, [2]string{"ca", "true"})
	}
	for _, text := range [][2]string{{"issuer", e.Issuer}, {"subject", e.Subject}} {
		if text[1] != "" {
			fields = append(fields, [2]string{text[0], quoted(text[1])})
		}
	}
	for _, list := range []struct {
		key  string
		list []string
	}{{"usage", e.Usage}, {"dns", e.DNS}, {"ip", e.IP}} {
		if list.list != nil {
			fields = append(fields, [2]string{list.key, words(list.list)})
		}
	}
	return fields.String(), nil
}

// relative returns a file's path as seen from dir.
func relative(dir, file string) (string, error) {
	from, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	path, err := filepath.Rel(from, to)
	if err != nil {
		return "", err
	}
	return filepath.ToSlash(path), nil
}

// A flow is a YAML mapping on one line.
type flow [][2]string

// String writes the pairs that have a value.
func (f flow) String() string {
	var pairs []string
	for _, pair := range f {
		if pair[1] != "" && pair[1] != `""` {
			pairs = append(pairs, pair[0]+": "+pair[1])
		}
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

// quoted writes text as YAML takes it, which is also as JSON does.
func quoted(s string) string {
	plain := func(r rune) bool { return r >= 'a' && r <= 'z' || r == '-' }
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 && s[0] != '-' {
		return s
	}
	text, err := json.Marshal(s)
	if err != nil { // a string is always marshalled
		return `""`
	}
	return string(text)
}

func words(list []string) string {
	parts := make([]string, 0, len(list))
	for _, s := range list {
		parts = append(parts, quoted(s))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// when writes a time; an unset one is empty.
func when(w pki.When) string {
	switch {
	case !w.Set:
		return ""
	case !w.Absolute.IsZero():
		return quoted(w.Absolute.UTC().Format(time.RFC3339))
	case w.Offset < 0:
		return quoted(w.Offset.String())
	}
	return quoted("+" + w.Offset.String())
}
