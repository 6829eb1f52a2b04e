package diagnose

import (
	"fmt"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// The remedies of the chain rules. Each says what to change and where, with the
// person's own file names where they are known.

func (v *verification) ownFile() string    { return certificateFile(v.of, v.settings) }
func (v *verification) trustStore() string { return trustStore(v.by, v.verifier) }

func remedyRenew(v *verification, f *fault) string {
	return fmt.Sprintf("Renew %s, put the new certificate into %s, and have the %s load it.", f.on.name(), v.ownFile(), v.of)
}

func remedyNotYet(v *verification, f *fault) string {
	return fmt.Sprintf("Issue %s with a notBefore a few minutes in the past, or wait until %s; check the clock of the machine that issues certificates.",
		f.on.name(), instant(f.on.std.NotBefore))
}

func remedyClock(v *verification, _ *fault) string {
	if v.clock.IsZero() {
		return fmt.Sprintf("Compare the %s's clock with another one, and set it, for example with NTP.", v.by)
	}
	return fmt.Sprintf("Set the %s's clock, for example with NTP: it says %s.", v.by, instant(v.clock))
}

func remedyIntermediateExpired(v *verification, f *fault) string {
	return fmt.Sprintf("Get the current certificate of %s from its CA and replace the expired one in %s.", f.on.name(), v.ownFile())
}

func remedyRootExpired(v *verification, f *fault) string {
	return fmt.Sprintf("Replace %s in %s with the CA's current root.", f.on.name(), v.trustStore())
}

func remedyOldRoot(v *verification, f *fault) string {
	return fmt.Sprintf("Add the CA's current root to %s, in place of %s; the server need not change.", v.trustStore(), f.on.name())
}

func remedyBroken(v *verification, _ *fault) string {
	return fmt.Sprintf("Put an undamaged copy of %s into %s, from the CA that issued it.", v.ending.child.name(), v.ownFile())
}

func remedyCritical(v *verification, f *fault) string {
	return fmt.Sprintf("Issue %s anew with that extension not marked critical.", f.on.name())
}

func remedyDirtyName(v *verification, _ *fault) string {
	clean, _ := cleanName(v.name)
	return fmt.Sprintf("Give the client %s as its server name.", quoted(clean))
}

func remedyName(v *verification, f *fault) string {
	if disregarded(f.on.std) {
		return fmt.Sprintf("Issue the server's certificate as one of version 3, with the DNS SAN %s.", quoted(v.name))
	}
	if len(f.on.std.DNSNames)+len(f.on.std.IPAddresses) == 0 {
		return fmt.Sprintf("Issue the server's certificate with the DNS SAN %s.", quoted(v.name))
	}
	return fmt.Sprintf("Issue the server's certificate with the DNS SAN %s, or have the client ask for a name that it has (%s).", quoted(v.name), names(f.on.std))
}

func remedyAddress(v *verification, f *fault) string {
	if disregarded(f.on.std) {
		return fmt.Sprintf("Issue the server's certificate as one of version 3, with the IP SAN %s.", field.Shorten(v.name, 60))
	}
	if len(f.on.std.DNSNames)+len(f.on.std.IPAddresses) == 0 {
		return fmt.Sprintf("Issue the server's certificate with the IP SAN %s.", field.Shorten(v.name, 60))
	}
	return fmt.Sprintf("Issue the server's certificate with the IP SAN %s, or have the client connect by a name that it has (%s).",
		field.Shorten(v.name, 60), names(f.on.std))
}

func remedyURIOnly(v *verification, _ *fault) string {
	return fmt.Sprintf("Have the client verify the URI itself, as SPIFFE does, or issue the server's certificate with the DNS SAN %s as well.", quoted(v.name))
}

func remedyNoAnchors(v *verification, _ *fault) string {
	s := fmt.Sprintf("Load the CAs that issue the %s's certificates into %s", v.of, v.trustStore())
	return s + "; in Go, check that AppendCertsFromPEM returns true."
}

func remedySelfSigned(v *verification, f *fault) string {
	return fmt.Sprintf("Have the %s's certificate issued by a CA that the %s trusts, or add %s itself to %s.", v.of, v.by, f.on.name(), v.trustStore())
}

func remedyRespelled(v *verification, _ *fault) string {
	return fmt.Sprintf("Have %s issued anew with its issuer written as %s writes its own subject, byte for byte.", v.ending.child.name(), v.ending.candidate.name())
}

func remedyRotated(v *verification, _ *fault) string {
	if v.ending.guess {
		return fmt.Sprintf("Compare %s with the CA that issued the %s's certificate, key by key, and add the one that is missing.", v.trustStore(), v.of)
	}
	return fmt.Sprintf("Add the %s that issued this chain to %s, beside the one with the other key, and keep both until every certificate of the old one is replaced.", v.ending.candidate.name(), v.trustStore())
}

func remedyWrongIntermediate(v *verification, _ *fault) string {
	return fmt.Sprintf("Rebuild %s from one issuance: first %s, then the certificate of %s that signed it.", v.ownFile(), v.leaf().name(), v.ending.child.issuerName())
}

func remedyWrongTrust(v *verification, _ *fault) string {
	return fmt.Sprintf("Put the root that issues the %s's certificates into %s.", v.of, v.trustStore())
}

func remedyMissing(v *verification, _ *fault) string {
	issuer := v.gap().issuerName()
	return fmt.Sprintf("Append the certificate of %s to %s, after %s, and have the %s load it.", issuer, v.ownFile(), v.gap().name(), v.of)
}

func remedyUntrusted(v *verification, _ *fault) string {
	root := v.ending.child.issuerName()
	if v.ending.root != nil {
		root = v.ending.root.name()
	}
	return fmt.Sprintf("Add %s to %s, or have the %s's certificate issued by a CA that is in it.", root, v.trustStore(), v.of)
}

func remedyIssuer(v *verification, f *fault) string {
	return fmt.Sprintf("Issue %s anew with basicConstraints CA:TRUE and keyCertSign in its key usage, and replace it in %s.", f.on.name(), v.holder(f.on))
}

func remedySignature(v *verification, f *fault) string {
	return fmt.Sprintf("Have %s issued anew by a CA with an ECDSA, RSA or Ed25519 key, and replace it in %s.", f.on.name(), v.holder(f.on))
}

func remedySHA1(v *verification, f *fault) string {
	return fmt.Sprintf("Have %s issued anew with SHA-256, and replace it in %s.", f.on.name(), v.holder(f.on))
}

func remedyWeakKey(v *verification, f *fault) string {
	return fmt.Sprintf("Issue %s anew with an RSA key of at least 2048 bits, or with P-256.", f.on.name())
}

func remedyPathLength(v *verification, f *fault) string {
	return fmt.Sprintf("Issue the %s's certificate directly under %s, or issue that CA anew with a longer path length.", v.of, f.on.name())
}

func remedyUsage(v *verification, f *fault) string {
	return fmt.Sprintf("Issue %s anew with %s in its extended key usage, and replace it in %s.", f.on.name(), v.wanted(), v.ownFile())
}

func remedyIntermediateUsage(v *verification, f *fault) string {
	return fmt.Sprintf("Issue the %s's certificate under a CA whose extended key usage has %s or is absent, instead of %s.", v.of, v.wanted(), f.on.name())
}

func remedyConstraint(v *verification, f *fault) string {
	return fmt.Sprintf("Issue %s with names that its CA permits, or under a CA that permits these.", f.on.name())
}

func remedyNegativeSerial(v *verification, f *fault) string {
	return fmt.Sprintf("Issue %s anew with a positive serial number, and replace it in %s; GODEBUG=x509negativeserial=1 lets Go take it meanwhile.", f.on.name(), v.ownFile())
}

func remedyGarbage(v *verification, _ *fault) string {
	return fmt.Sprintf("Replace the damaged certificate in %s with an undamaged copy.", v.ownFile())
}

// holder names the file in which a certificate of the path is configured.
func (v *verification) holder(c *certificate) string {
	if c.anchorOf.has(v.by) && !c.sentBy.has(v.of) {
		return v.trustStore()
	}
	return v.ownFile()
}

// The commands that prove a chain rule. They run where the file is.

func (v *verification) certArg() string {
	return shell(v.settings.CertificateFile, placeholder(v.of, "CERTIFICATE"))
}

func (v *verification) trustArg() string {
	return shell(v.verifier.TrustFile, placeholder(v.by, "TRUST"))
}

func placeholder(r outcome.Role, what string) string {
	if r == outcome.Server {
		return "SERVER-" + what + ".pem"
	}
	return "CLIENT-" + what + ".pem"
}

// live says that the chain came from a server that nobody configured here, so
// that only a connection shows its certificates.
func (v *verification) live() bool { return v.of == outcome.Server && !v.settings.Known }

// fetch shows the chain of a live server, through a filter where the tool that
// fetches it writes PEM.
func (v *verification) fetch(filter string) string {
	if v.quic {
		return connectCommand(v.verifier, v.name, true, "", " --plain")
	}
	return connectCommand(v.verifier, v.name, false, " -showcerts </dev/null"+filter, "")
}

func tryDates(v *verification, _ *fault) string {
	if v.live() {
		return v.fetch(" | openssl x509 -noout -subject -dates")
	}
	return "openssl x509 -in " + v.certArg() + " -noout -subject -dates"
}

func tryChainDates(v *verification, _ *fault) string {
	if v.live() {
		return v.fetch("")
	}
	return "openssl storeutl -noout -text -certs " + v.certArg() + " | grep -E 'Subject:|Not After'"
}

func tryAnchorDates(v *verification, _ *fault) string {
	return "openssl storeutl -noout -text -certs " + v.trustArg() + " | grep -E 'Subject:|Not After'"
}

func tryAnchors(v *verification, _ *fault) string {
	return "openssl storeutl -noout -text -certs " + v.trustArg() + " | grep -E 'Subject:|CA:'"
}

func tryClock(*verification, *fault) string { return "date -u" }

func tryNames(v *verification, _ *fault) string {
	if v.live() {
		return v.fetch(" | openssl x509 -noout -ext subjectAltName")
	}
	return "openssl x509 -in " + v.certArg() + " -noout -subject -ext subjectAltName"
}

func tryUsage(v *verification, _ *fault) string {
	if v.live() {
		return v.fetch(" | openssl x509 -noout -ext extendedKeyUsage")
	}
	return "openssl x509 -in " + v.certArg() + " -noout -subject -ext extendedKeyUsage"
}

func tryText(v *verification, _ *fault) string {
	if v.live() {
		return v.fetch(" | openssl x509 -noout -text")
	}
	return "openssl storeutl -noout -text -certs " + v.certArg()
}

func tryChain(v *verification, _ *fault) string {
	if v.live() {
		return v.fetch("")
	}
	return "openssl storeutl -noout -text -certs " + v.certArg() + " | grep -E 'Subject:|Issuer:'"
}

func tryVerify(v *verification, _ *fault) string {
	if v.live() {
		return v.fetch("")
	}
	purpose := "sslclient"
	if v.of == outcome.Server {
		purpose = "sslserver"
	}
	file := v.certArg()
	return fmt.Sprintf("openssl verify -purpose %s -CAfile %s -untrusted %s %s", purpose, v.trustArg(), file, file)
}
