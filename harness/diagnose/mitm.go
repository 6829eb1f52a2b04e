package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/outcome"
	"shakedown/harness/x509wire"
)

// standIn returns a certificate for the same name, from somewhere else, that the
// client would trust: then what was presented is perhaps not the server's own.
func (v *verification) standIn() *certificate {
	if v.of != outcome.Server || v.name == "" || v.leaf().std == nil || v.leaf().std.VerifyHostname(v.name) != nil {
		return nil
	}
	for _, c := range v.shelf.all {
		if c == v.leaf() || c.std == nil || c.isCA() || c.sentBy.has(v.of) || c.std.VerifyHostname(v.name) != nil {
			continue
		}
		s := search{verification: v, borrow: true}
		if s.walk([]*certificate{c}); c.validAt(v.at()) && s.best.anchored {
			return c
		}
	}
	return nil
}

// inspects says that a CA's name is that of a box which inspects TLS. It only
// decides which of two explanations comes first, and makes neither certain.
func inspects(name []byte) bool {
	text, _ := x509wire.ParseName(name)
	text = strings.ToLower(text)
	return slices.ContainsFunc(inspectors, func(word string) bool { return strings.Contains(text, word) })
}

// inspectors are what such boxes, and the tools that do the same on a desk, write
// into the names of the CAs that they make.
var inspectors = []string{
	"inspection", "tls proxy", "ssl proxy", "web gateway", "secure web", "decryption", "forward trust", "forward proxy", "zscaler", "netskope", "fortinet", "fortigate", "blue coat", "bluecoat",
	"sophos", "umbrella", "mcafee web", "mitmproxy", "charles proxy", "portswigger", "fiddler",
}

// otherView says what the second vantage point shows.
func otherView(v *verification, f *fault) []string {
	c := v.ending.candidate
	if c == nil {
		return append([]string{"ask from somewhere else: if another certificate comes there, something between the two shows its own"}, trusts(v, f)...)
	}
	from := ""
	if s := v.sources(c); len(s) > 0 {
		from = " (" + s[0] + ")"
	}
	return append([]string{fmt.Sprintf("there is another certificate for %s%s, issued by %s, which the %s does trust", quoted(v.name), from, c.issuerName(), v.by)}, trusts(v, f)...)
}

func remedyMITM(v *verification, _ *fault) string {
	return fmt.Sprintf("Find out who %s is. If it inspects traffic with permission, add it to %s or have this connection pass around it; if not, somebody listens.", v.ending.child.issuerName(), v.trustStore())
}
