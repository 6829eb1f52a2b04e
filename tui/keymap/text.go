package keymap

import (
	"fmt"
	"strings"
)

// Scopes are the headings of the help, in its order.
var Scopes = []Scope{Stepping, Handshake, Fields, Dump, Sides, Catalogue, Connections, Moving, General, Dialogs, CopyTo}

var keyNames = map[string]string{
	"up": "↑", "down": "↓", "left": "←", "right": "→",
	"pgup": "PgUp", "pgdown": "PgDn", "home": "Home", "end": "End",
	"enter": "enter", "space": "space", "shift+tab": "shift+tab",
}

// KeyText returns the binding's first key as a person reads it.
func (b Binding) KeyText() string {
	if len(b.Keys) == 0 {
		return ""
	}
	return keyName(b.Keys[0])
}

// AllKeys returns every key of the binding as a person reads it.
func (b Binding) AllKeys() string {
	names := make([]string, len(b.Keys))
	for i, k := range b.Keys {
		names[i] = keyName(k)
	}
	return strings.Join(names, " ")
}

func keyName(k string) string {
	if n, ok := keyNames[k]; ok {
		return n
	}
	return k
}

// In returns the bindings of one scope.
func (m *Map) In(s Scope) []Binding {
	var in []Binding
	for _, b := range m.bindings {
		if b.Scope == s {
			in = append(in, b)
		}
	}
	return in
}

// Markdown returns the whole map as a document.
func (m *Map) Markdown() string {
	var b strings.Builder
	b.WriteString("# Keys\n\n")
	b.WriteString("Generated from the keymap by `go test ./tui/keymap -update`; do not edit.\n\n")
	b.WriteString("Inside shakedown, `?` shows the keys that work where you are, and filters them as you type.\n")
	for _, s := range Scopes {
		fmt.Fprintf(&b, "\n## %s\n\n| key | does |\n| --- | --- |\n", strings.ToUpper(string(s[:1]))+string(s[1:]))
		for _, k := range m.In(s) {
			keys := make([]string, len(k.Keys))
			for i, name := range k.Keys {
				keys[i] = "`" + keyName(name) + "`"
			}
			fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(keys, " "), k.Help)
		}
	}
	return b.String()
}
