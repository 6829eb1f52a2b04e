package explain

import (
	"net/netip"
	"slices"
	"strings"

	"shakedown/harness/field"
)

// validFor is how crypto/x509 says that a name does not fit. It has all of the
// names in it, so that the line itself answers what else would have to be asked.
var validFor = pattern(`certificate is valid for (.+), not (\S+)`)

// readNames leaves of the causes those that the names in a line fit.
func (r *reading) readNames() {
	m := validFor().FindStringSubmatch(r.line.words)
	if m == nil {
		return
	}
	cause, says := misfit(strings.Split(m[1], ", "), strings.TrimRight(m[2], `"'.,;)`))
	if !slices.Contains(r.client, cause) {
		return
	}
	left := []string{cause}
	switch cause {
	case "server-hostname":
		left = append(left, "no-sni-default-cert")
	case "server-ip-other-san":
		left = append(left, "no-sni-default-cert", "getcertificate-skipped")
	}
	r.client, r.first = common(r.client, left), left
	r.also = append(r.also, says)
}

// misfit says why the names of a certificate do not include the one that was
// looked for. What is wrong with that name itself comes first.
func misfit(names []string, wanted string) (cause, says string) {
	if strings.ContainsAny(wanted, "/@") || strings.Count(wanted, ":") == 1 || strings.Contains(wanted, "]:") {
		return "servername-dirty", "The name that was looked for is " + shownName(wanted) + ": a port, a scheme or a path is in it."
	}
	address := isAddress(wanted)
	for _, name := range names {
		switch suffix, wild := strings.CutPrefix(name, "*."); {
		case strings.Contains(name, "://"):
			return "server-san-is-url", "One of the certificate's names is " + shownName(name) + ", a URL."
		case wild && !address && (wanted == suffix || strings.HasSuffix(wanted, "."+suffix)):
			return "server-wildcard-depth", "A \"*\" stands for exactly one label: " + shownName(name) + " does not cover " + shownName(wanted) + "."
		case address && isAddress(name):
			return "server-ip-other-san", "An address was looked for, and the certificate has others."
		}
	}
	return "server-hostname", "None of the names comes near."
}

// shownName is a name of a line, safe to show. The longest that DNS has is shown
// whole (RFC 1035 2.3.4).
func shownName(s string) string { return field.Shorten(s, 255) }

func isAddress(s string) bool {
	_, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return err == nil
}
