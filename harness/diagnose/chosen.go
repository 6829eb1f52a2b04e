package diagnose

import (
	"fmt"
	"net"
	"strings"

	"shakedown/harness/outcome"
)

// A chosen certificate is wrong although the server has the right one: without a
// server name it cannot tell.

// defaultChosen is a server that has a certificate for the name in its list and
// presents another, because no name was sent.
func defaultChosen(v *verification, certs []*certificate, i int) (string, bool) {
	if !v.blindChoice(i) {
		return "", false
	}
	fit := v.fitting()
	if fit == nil {
		return "", false
	}
	return fmt.Sprintf("%s; the server has %s as well, which is for %s, but an address goes without a server name, so that it presents the first of its list",
		v.identity.detail, fit.name(), quoted(v.name)), true
}

// callbackPassedOver is a server whose GetCertificate would have found the right
// one. crypto/tls: "GetCertificate … will only be called if the client supplies
// SNI information or if Certificates is empty."
func callbackPassedOver(v *verification, certs []*certificate, i int) (string, bool) {
	answer := v.settings.Answer
	if !v.blindChoice(i) || answer == nil || len(answer.Chain) == 0 || len(v.settings.Credentials) == 0 {
		return "", false
	}
	c := v.shelf.put(answer.Chain[0])
	if c.std == nil || c.std.VerifyHostname(v.name) != nil {
		return "", false
	}
	return fmt.Sprintf("%s; the server's GetCertificate answers with %s, which is for %s, and was not called: no server name was sent, and Certificates is not empty",
		v.identity.detail, c.name(), quoted(v.name)), true
}

// blindChoice says that the server's certificate does not fit a name that is
// never sent as one. RFC 6066 3: "Literal IPv4 and IPv6 addresses are not
// permitted in "HostName"."
func (v *verification) blindChoice(i int) bool {
	return i == 0 && v.of == outcome.Server && v.identity.why != nameMatches && net.ParseIP(strings.Trim(v.name, "[]")) != nil
}

// fitting returns the server's certificate that is for the name, nil if there is
// none beside the one that was presented.
func (v *verification) fitting() *certificate {
	for _, credential := range v.settings.Credentials {
		if len(credential.Chain) == 0 {
			continue
		}
		if c := v.shelf.put(credential.Chain[0]); c != v.leaf() && c.std != nil && c.std.VerifyHostname(v.name) == nil {
			return c
		}
	}
	return nil
}

// perhapsOther says that the server can have another certificate than the one that
// it presents, because nobody told us its settings.
func perhapsOther(v *verification, _ *certificate) bool { return !v.settings.Known }

// otherCertificate makes the rules for a server whose settings nobody told us and
// whose certificate is not for an address: without a server name to go by it can
// have presented another than the right one.
func otherCertificate(what string) func(*reading) *finding {
	return func(r *reading) *finding {
		v := r.server
		if v == nil || v.settings.Known || v.identity.why != nameNoIPSAN || v.nameFrom != "" {
			return nil
		}
		return found(saw(v.sent, "%s is an address, which goes without a server name: %s", quoted(v.name), what)).certainIf(false).notSeen().
			refusedBy(outcome.Client, "Certificate").as(outcome.Hostname)
	}
}

func remedyChosen(v *verification, _ *fault) string {
	return fmt.Sprintf("Make the certificate for %s the server's first, or have the client connect by a name.", quoted(v.name))
}

func remedyPassedOver(*verification, *fault) string {
	return "Leave the server's Certificates empty where it has GetCertificate, and let that choose for clients without a server name too."
}
