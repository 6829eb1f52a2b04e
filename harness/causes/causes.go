// Package causes is the catalogue of what can be wrong with a handshake: one
// entry for each cause or problem that shakedown can name.
//
// Call [Lookup] with an id from a diagnosis, [All] to list the catalogue, or
// [Areas] to list it in its parts. An id names the side whose certificate, file
// or setting is wrong first, where there is one ("client-expired"), then the
// thing, then the fault. An id is never renamed: results, scenarios and other
// people's scripts hold it.
//
// The catalogue says what a cause means and what mends it in general. Which
// cause it was this time, and the evidence, is for package diagnose.
package causes

import "slices"

// A Cause is one entry of the catalogue.
type Cause struct {
	// ID is what results and scenarios call it.
	ID string
	// Title says what is wrong, in one sentence for someone who has never read an RFC.
	Title string
	// Explanation says how it comes about and how it shows.
	Explanation string
	// Remedy says what to change, and where.
	Remedy string
	// Rows are its rows in the table of measured faults ("C01"), if it has any.
	Rows []string
	// Scenario is the id of the built-in scenario that shows it, empty if there is none.
	Scenario string
}

// An Area is a part of the catalogue: causes of one kind.
type Area struct {
	// Title names it, in a few words.
	Title string
	// About says in one sentence what its causes have in common.
	About  string
	Causes []Cause
}

// areas are the parts of the catalogue, one file each, in the order in which it is read.
var areas = []Area{
	{"Trust", "A chain does not end in a trust anchor of the side that verifies it.", trustCauses},
	{"Validity", "Dates and clocks.", validityCauses},
	{"Identity", "The certificate is genuine, but not for whom it is presented as.", identityCauses},
	{"Usage", "What a certificate may be used for.", usageCauses},
	{"Client authentication", "Asking for a client's certificate, and answering.", clientAuthCauses},
	{"Keys, signatures and encodings", "The certificate cannot be read, or its holder does not prove that it is theirs.", keyCauses},
	{"Policy and revocation", "Certificates that verify, and are refused all the same: by an application's own rule, by revocation, by a stricter mode.", policyCauses},
	{"Negotiation", "Two ends that share no version, suite, group or protocol, and a server that cannot pick its certificate.", negotiationCauses},
	{"The wire", "What is between the ends: the wrong port, a box on the path, a transport that ends.", wireCauses},
	{"QUIC", "What only QUIC has.", quicCauses},
	{"Files", "Files that do not load, or load only in part.", fileCauses},
}

var (
	all  = concat(areas)
	byID = index(all)
)

// Areas returns the catalogue in its parts. The caller may change the slice, not
// what it points to.
func Areas() []Area { return slices.Clone(areas) }

func concat(areas []Area) []Cause {
	var entries []Cause
	for _, a := range areas {
		entries = append(entries, a.Causes...)
	}
	return entries
}

// All returns every entry, in the order in which the catalogue is read. The
// caller may change the slice, not what its Rows point to.
func All() []Cause { return slices.Clone(all) }

// Lookup returns the entry with that id.
func Lookup(id string) (Cause, bool) {
	c, ok := byID[id]
	return c, ok
}

func index(entries []Cause) map[string]Cause {
	m := make(map[string]Cause, len(entries))
	for _, c := range entries {
		m[c.ID] = c
	}
	return m
}
