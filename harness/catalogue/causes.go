package catalogue

import (
	"fmt"
	"strings"

	"shakedown/harness/causes"
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
