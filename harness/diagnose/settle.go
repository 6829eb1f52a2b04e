package diagnose

import (
	"net"
	"net/url"
	"strings"

	"shakedown/harness/outcome"
)

// issuerUnknown says that the fault is one of two explanations because the
// issuer's certificate is in no file.
func (v *verification) issuerUnknown(f *fault) bool {
	return !f.certain && v.ending.root == nil && v.ending.child != nil &&
		(v.ending.kind == missingIntermediate || v.ending.kind == untrusted) &&
		(f.rule.ending == missingIntermediate || f.rule.ending == untrusted)
}

// issuerAddress returns where the certificate in question says that its issuer's
// is to be had, empty if it does not. RFC 5280 4.2.2.1: "The id-ad-caIssuers OID
// is used when the additional information lists certificates that were issued to
// the CA that issued the certificate containing this extension."
func (v *verification) issuerAddress() string {
	for _, address := range v.ending.child.tolerant().CAIssuers {
		if u, err := url.Parse(address); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
			return u.String()
		}
	}
	return ""
}

// trySettle is the command that tells two explanations apart: it fetches the
// issuer's certificate, or takes it beside the person's own files, or shows
// whose it is.
func (v *verification) trySettle() string {
	if at := v.issuerAddress(); at != "" {
		return "curl -s " + shell(at, "") + " | openssl x509 -inform DER -noout -subject -issuer"
	}
	const also = " --also ISSUER.pem"
	client := v.settings
	if v.of == outcome.Server {
		client = v.verifier
	}
	switch files := v.files(); {
	case client.Address != "":
		words := "shakedown connect " + target(client) + clientFiles(client)
		if v.quic {
			words += " --transport quic"
		}
		if host, _, err := net.SplitHostPort(client.Address); err != nil || host != client.ServerName {
			words += flag("--server-name", client.ServerName)
		}
		return words + also
	case files != "":
		return "shakedown debug" + files + also
	}
	return "openssl x509 -in " + v.certArg() + " -noout -issuer -ext authorityInfoAccess"
}

// files are the person's own files that take part in the verification, as the
// debug command's flags; empty where there is none.
func (v *verification) files() string {
	if v.verifier.TrustFile == "" {
		return ""
	}
	return v.filesWith(v.verifier.TrustFile)
}

// filesWith are the same files with another one to trust.
func (v *verification) filesWith(trust string) string {
	if v.settings.CertificateFile == "" {
		return ""
	}
	words := flag("--"+string(v.of)+"-cert", v.settings.CertificateFile)
	if v.settings.KeyFile != v.settings.CertificateFile {
		words += flag("--"+string(v.of)+"-key", v.settings.KeyFile)
	}
	words += flag("--"+string(v.by)+"-trust", trust)
	if v.of == outcome.Server {
		words += flag("--server-name", v.name)
	}
	return words
}

// tryNoAnchors repeats the person's own handshake with something to trust.
func tryNoAnchors(v *verification, f *fault) string {
	if files := v.filesWith("CA.pem"); files != "" && v.verifier.TrustFile == "" {
		return "shakedown debug" + files
	}
	return tryAnchors(v, f)
}

// tryCertificate repeats the person's own handshake, or that with a live server,
// with a certificate for the client.
func (r *reading) tryCertificate() string {
	server, client := &r.in.Server.Settings, &r.in.Client.Settings
	if client.Address == "" && server.CertificateFile != "" && server.TrustFile != "" && client.TrustFile != "" {
		return "shakedown debug" + flag("--server-cert", server.CertificateFile) + flag("--server-key", server.KeyFile) + flag("--server-trust", server.TrustFile) +
			flag("--client-trust", client.TrustFile) + " --client-cert CLIENT-CERTIFICATE.pem --client-key CLIENT-KEY.pem"
	}
	return r.connectWith(" -cert CLIENT-CERTIFICATE.pem -key CLIENT-KEY.pem", " --cert CLIENT-CERTIFICATE.pem --key CLIENT-KEY.pem")
}

// clientFiles are the files of a client, as the connect command's flags.
func clientFiles(s *outcome.Settings) string {
	return flag("--cert", s.CertificateFile) + flag("--key", s.KeyFile) + flag("--trust", s.TrustFile)
}

// flag writes an option and its value, nothing for none.
func flag(name, value string) string {
	if strings.TrimSpace(value) == "" {
		return ""
	}
	return " " + name + " " + shell(value, "")
}

// tryMissing proves a gap: with the certificate that would close it the chain
// verifies.
func tryMissing(v *verification, f *fault) string {
	if v.settings.CertificateFile == "" || v.verifier.TrustFile == "" {
		return tryChain(v, f)
	}
	for _, c := range v.ending.borrowed {
		if file := v.knownFrom(c); file != "" && c != v.ending.root {
			return "openssl verify -CAfile " + v.trustArg() + " -untrusted " + shell(file, "") + " " + v.certArg()
		}
	}
	return tryChain(v, f)
}
