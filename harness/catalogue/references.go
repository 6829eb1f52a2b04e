package catalogue

import (
	"fmt"
	"regexp"
	"strings"
)

// The references that become links: a section of an RFC, an issue, an address.
var (
	rfc     = regexp.MustCompile(`^RFC ([0-9]+)(?: ([0-9A-Z]+(?:\.[0-9]+)*))?$`)
	issue   = regexp.MustCompile(`^([A-Za-z0-9-]+/[A-Za-z0-9._-]+)#([0-9]+)$`)
	address = regexp.MustCompile(`^https://[^\s<>()]+$`)
	draft   = regexp.MustCompile(`^draft-[a-z0-9-]+$`)
)

// references writes what a scenario refers to as links, where that is possible.
func references(see []string) []string {
	list := make([]string, 0, len(see))
	for _, s := range see {
		list = append(list, reference(s))
	}
	return list
}

func reference(s string) string {
	if m := rfc.FindStringSubmatch(s); m != nil {
		return fmt.Sprintf("[%s](https://www.rfc-editor.org/rfc/rfc%s%s)", s, m[1], rfcSection(m[2]))
	}
	if m := issue.FindStringSubmatch(s); m != nil {
		return fmt.Sprintf("[%s](https://github.com/%s/issues/%s)", s, m[1], m[2])
	}
	switch {
	case address.MatchString(s):
		return "<" + s + ">"
	case draft.MatchString(s):
		return fmt.Sprintf("[%s](https://datatracker.ietf.org/doc/%s/)", s, s)
	}
	return prose(s)
}

// rfcSection is the fragment of a section, or of an appendix, whose name begins
// with a letter.
func rfcSection(section string) string {
	switch {
	case section == "":
		return ""
	case section[0] >= 'A' && section[0] <= 'Z':
		return "#appendix-" + section
	}
	return "#section-" + section
}

// scenarioID finds what may be the id of a scenario in a text.
var scenarioID = regexp.MustCompile(`[a-z]+/[a-z0-9][a-z0-9-]*`)

// linked writes a text in which the ids of scenarios are links.
func linked(text, file string, ids map[string]bool) string {
	var b strings.Builder
	rest := prose(text)
	for {
		at := scenarioID.FindStringIndex(rest)
		if at == nil {
			break
		}
		id := rest[at[0]:at[1]]
		b.WriteString(rest[:at[0]])
		if ids[id] {
			b.WriteString(link(id, file, id))
		} else {
			b.WriteString(id)
		}
		rest = rest[at[1]:]
	}
	return b.String() + rest
}
