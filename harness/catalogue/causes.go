package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/harness"
	"shakedown/harness/causes"
	"shakedown/harness/outcome"
)

// Causes writes the document of every cause: what it is, what both sides say of
// it over each transport, what tells it from its look-alikes, and what mends it.
func Causes(run Run) string {
	d := document{run: run, by: map[string][]*sight{}, scenarios: known(run.Scenarios)}
	d.sort()
	d.lookalikes = newLookalikes(d.all)
	var b strings.Builder
	d.head(&b)
	d.index(&b)
	d.lookalikes.write(&b)
	for _, a := range causes.Areas() {
		fmt.Fprintf(&b, "## %s\n\n%s\n\n", a.Title, prose(a.About))
		for _, c := range a.Causes {
			d.section(&b, c)
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// A document is the document of causes on its way.
type document struct {
	run Run
	// all are the sights of all runs, by those that show each cause.
	all        []*sight
	by         map[string][]*sight
	scenarios  map[string]bool
	lookalikes lookalikes
}

// sort deals the sights out to the causes that they show.
func (d *document) sort() {
	results := d.run.results()
	aside := map[string][]*sight{}
	for _, sc := range d.run.Scenarios {
		seen := sights(sc, results[sc.ID])
		d.all = append(d.all, seen...)
		for _, s := range seen {
			if s.cause != "" {
				d.by[s.cause] = append(d.by[s.cause], s)
			}
			for _, id := range s.further {
				aside[id] = append(aside[id], s)
			}
		}
	}
	for _, c := range causes.All() {
		if len(d.by[c.ID]) > 0 {
			continue
		}
		// Nothing shows it alone: the scenario in which it stands beside another
		// cause does, or one in which nothing is wrong.
		d.by[c.ID] = aside[c.ID]
		if len(d.by[c.ID]) == 0 && c.Scenario != "" {
			d.by[c.ID] = d.of(c.Scenario)
		}
	}
}

// of returns the sights of one scenario.
func (d *document) of(id string) []*sight {
	var list []*sight
	for _, s := range d.all {
		if s.scenario == id {
			list = append(list, s)
		}
	}
	return list
}

func (d *document) head(b *strings.Builder) {
	shown := 0
	for _, c := range causes.All() {
		if len(d.by[c.ID]) > 0 {
			shown++
		}
	}
	fmt.Fprintf(b, causesHead, count(len(causes.All()), "cause"), shown, len(d.run.Scenarios), ScenariosFile, len(d.run.Results), d.run.Clock.UTC().Format("2006-01-02 15:04 MST"))
}

const causesHead = `# What can go wrong

Generated from the catalogue of causes and from real runs of the scenarios by ` + "`task catalogue`" + `; do not edit.

%s of a handshake that fails, or that succeeds and should not. %d of them are shown by the [%d built-in scenarios](%s):
what is said here of each side was said in %d runs of those, over each transport and TLS version, by Go's crypto/tls and by quic-go.

**You have an error text?** Search this page for the part of it that is not about you (no names, dates or ports), or look under [By error text](#by-error-text).
` + "`shakedown explain \"TEXT\"`" + ` does the same from the command line and understands the logs of other stacks.

**Who decided?** Look at the prefix before the words. ` + "`remote error:`" + ` (TCP) and ` + "`(remote)`" + ` (QUIC) mean that the *other* side refused and that this is its alert;
its own log has the reason. ` + "`x509:`, `local error:` and `(local)`" + ` mean that this side refused. ` + "`EOF`" + `, a reset and a timeout mean that nobody said anything.
So ` + "`remote error: tls: bad certificate`" + ` in a server's log is about the server's own certificate, which the client refused.
One text misleads: ` + "`local error: tls: bad record MAC`" + ` in a Go server's log is often an OpenSSL client (curl, Python) that refused over TLS 1.3 and sent its alert in the clear (golang/go#76767).

**What the alert tells.** A Go client answers every server certificate that does not verify with bad_certificate (42), whatever is wrong with it; only its own log has more.
A Go server grades: unknown_ca (48), certificate_expired (45, also for one that is not valid yet), certificate_required (116; TLS 1.2 has only handshake_failure, 40),
decode_error (50) for one that cannot be read, decrypt_error (51) for one that is not proven, bad_certificate (42) for the rest.

**What TLS 1.3 and QUIC change.** The client finishes first. It has completed its handshake before the server looks at its certificate, so a refusal of the *client's* certificate
reaches it at its first read: "completes the handshake, then …" in the tables. A client that only writes may see a broken pipe or a reset instead.
Over QUIC the alert travels in CONNECTION_CLOSE, as error code 0x100 plus the alert's number (RFC 9001 4.8).

**How to read a section.** The table has a row for each way in which the cause looks, and says over which transports it does. "refuses at" names the message that the side could not accept.
An ellipsis or an N inside an error stands for what differs from run to run; the clock of the runs stood at %s. The evidence is what shakedown found in the first row that has the cause, with both sides' configuration at hand.
Numbers such as C01 are those of the faults as they were measured before there were scenarios: C for the client's certificate, S for the server's, P for negotiation, W for the wire, Q for QUIC, L for loading files.

`

// index lists the causes by area.
func (d *document) index(b *strings.Builder) {
	b.WriteString("## By area\n\n")
	for _, a := range causes.Areas() {
		fmt.Fprintf(b, "**%s** (%s)\n\n", link(a.Title, "", a.Title), count(len(a.Causes), "cause"))
		for _, c := range a.Causes {
			fmt.Fprintf(b, "- %s: %s\n", link(code(c.ID), "", c.ID), prose(c.Title))
		}
		b.WriteByte('\n')
	}
}

// section writes one cause: what it is, what it looks like, what tells it from
// others, what mends it, and where to see it.
func (d *document) section(b *strings.Builder, c causes.Cause) {
	fmt.Fprintf(b, "### %s\n\n**%s.** %s\n\n", c.ID, prose(c.Title), prose(c.Explanation))
	seen := d.first(c)
	rows := merged(seen)
	more := differently(rows, merged(d.by[c.ID]))
	d.rows(b, c, rows)
	if len(more) > 0 {
		b.WriteString("The same cause in other scenarios, where a side says something else:\n\n")
		d.more(b, more)
	}
	if len(rows) > 0 {
		evidence(b, rows[d.plainest(rows, c)].result, c)
	}
	d.lookalikes.of(b, c, rows)
	if len(rows) > 0 && !slices.ContainsFunc(rows, (*sight).reported) {
		b.WriteString("**Looks the same:** a handshake in which everything is in order. No log shows the difference; the recording does.\n\n")
	}
	foreign(b, c)

	fmt.Fprintf(b, "**Remedy.** %s\n\n", prose(c.Remedy))
	d.foot(b, c)
}

// first returns the sights of the scenario that the cause names, else of the
// first that shows it. Of a scenario with one connection they are all of its
// cells: that the fault does not exist over one transport is worth seeing.
func (d *document) first(c causes.Cause) []*sight {
	all := d.by[c.ID]
	if len(all) == 0 {
		return nil
	}
	id := all[0].scenario
	if slices.ContainsFunc(all, func(s *sight) bool { return s.scenario == c.Scenario }) {
		id = c.Scenario
	}
	var list []*sight
	for _, s := range d.all {
		if s.scenario == id && (s.of == 1 || slices.Contains(all, s)) {
			list = append(list, s)
		}
	}
	return list
}

// plainest is the row to take the evidence from: the first that has the cause.
func (d *document) plainest(rows []*sight, c causes.Cause) int {
	return max(0, slices.IndexFunc(rows, func(s *sight) bool { return s.cause == c.ID || slices.Contains(s.further, c.ID) }))
}

// differently returns of all sights those that have words which are not in rows,
// each words once.
func differently(rows, all []*sight) []*sight {
	seen := slices.Clone(rows)
	var more []*sight
	for _, s := range all {
		if !slices.ContainsFunc(seen, s.sameWords) {
			seen, more = append(seen, s), append(more, s)
		}
	}
	return more
}

// rows writes what the cause looks like in its own scenario.
func (d *document) rows(b *strings.Builder, c causes.Cause, rows []*sight) {
	aside := slices.ContainsFunc(rows, func(s *sight) bool { return s.cause != c.ID })
	head := []string{"over", "the client reports", "the server reports", "alert", "ends"}
	if aside {
		head = append(head, "cause")
	}
	var lines [][]string
	for _, s := range rows {
		line := []string{s.over(), s.client, s.server, s.alert, s.end}
		switch {
		case aside && s.cause == "":
			line = append(line, "none")
		case aside && s.cause == c.ID:
			line = append(line, "this one")
		case aside:
			line = append(line, link(s.cause, "", s.cause))
		}
		lines = append(lines, line)
	}
	table(b, head, lines)
}

// more writes what the cause looks like in other scenarios.
func (d *document) more(b *strings.Builder, rows []*sight) {
	var lines [][]string
	for _, s := range rows {
		lines = append(lines, []string{link(s.scenario, ScenariosFile, s.scenario), s.over(), s.client, s.server, s.alert, s.end})
	}
	table(b, []string{"scenario", "over", "the client reports", "the server reports", "alert", "ends"}, lines)
}

// foot says where the cause can be seen and where it was measured.
func (d *document) foot(b *strings.Builder, c causes.Cause) {
	var shown []string
	for _, s := range d.by[c.ID] {
		if !slices.Contains(shown, s.scenario) {
			shown = append(shown, s.scenario)
		}
	}
	if i := slices.Index(shown, c.Scenario); i > 0 {
		shown = slices.Insert(slices.Delete(shown, i, i+1), 0, c.Scenario)
	}
	if len(shown) == 0 {
		b.WriteString("No built-in scenario shows it.")
	} else {
		fmt.Fprintf(b, "**See it live:** %s", link(code("shakedown "+shown[0]), ScenariosFile, shown[0]))
		links := make([]string, 0, len(shown))
		for _, id := range shown[1:] {
			links = append(links, link(id, ScenariosFile, id))
		}
		if len(links) > 0 {
			b.WriteString("; it is also behind " + listed(links))
		}
		b.WriteByte('.')
	}
	if len(c.Rows) > 0 {
		fmt.Fprintf(b, " Measured as %s.", listed(c.Rows))
	}
	b.WriteString("\n\n")
}

// evidence writes what the diagnosis of a run found, but for what both sides
// said, which stands above.
func evidence(b *strings.Builder, r harness.ConnectionResult, c causes.Cause) {
	for _, found := range slices.Concat(r.Causes, r.Further) {
		if found.ID != c.ID {
			continue
		}
		var lines []string
		for _, e := range found.Evidence {
			if e = numbered.ReplaceAllString(e, ""); !quotes.MatchString(e) {
				lines = append(lines, "- "+prose(steady(e))+"\n")
			}
		}
		if len(lines) > 0 {
			b.WriteString("**Evidence:**\n\n" + strings.Join(lines, "") + "\n")
		}
		return
	}
}

// roles are the two sides, in the order in which they are shown.
var roles = []outcome.Role{outcome.Client, outcome.Server}
