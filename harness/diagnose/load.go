package diagnose

import (
	"strings"

	"shakedown/harness/causes"
	"shakedown/harness/outcome"
)

// loadRules are for a side whose configuration failed before any byte. Whoever
// loads the files knows which it was and puts the id into the failure; where
// that is missing, the words of crypto/tls and of the system say it.
func loadRules(r *reading) []rule {
	if r.h.Outcome != Unloadable {
		return nil
	}
	failure := r.outcome(r.h.Side).Unloadable
	id := loadCause(failure)
	if id == "" {
		return nil
	}
	return []rule{{id, func(r *reading) *finding {
		set := r.settings(r.h.Side)
		f := found(saw(nil, "the %s does not start: %s", r.h.Side, sentence(failure.Text)))
		cert, key := shell(set.CertificateFile, placeholder(r.h.Side, "CERTIFICATE")), shell(set.KeyFile, placeholder(r.h.Side, "KEY"))
		try := "grep -H -e '-----BEGIN' " + cert + " " + key
		switch id {
		case "wrong-key", "key-type":
			try = "openssl x509 -in " + cert + " -noout -pubkey | openssl pkey -pubin -outform DER | openssl sha256; openssl pkey -in " + key + " -pubout -outform DER | openssl sha256"
		case "bundle-unread", "bundle-partly-read", "client-trust-empty", "server-clientcas-empty":
			try = "grep -c -e '-----BEGIN CERTIFICATE-----' " + shell(set.TrustFile, placeholder(r.h.Side, "TRUST"))
		case "file-missing":
			try = "ls -l " + cert + " " + key
		}
		return f.mend("", try).leadsTo(Unloadable)
	}}}
}

func loadCause(f *outcome.Failure) string {
	if f.Verify != nil {
		if _, ok := causes.Lookup(f.Verify.Detail); ok {
			return f.Verify.Detail
		}
	}
	for _, w := range loadWords {
		if strings.Contains(f.Text, w.text) {
			return w.id
		}
	}
	return ""
}

// loadWords are what tls.X509KeyPair and the system say of files that do not
// load. The more special texts stand first.
var loadWords = []struct{ text, id string }{
	{"PEM inputs may have been switched", "swapped-files"},
	{"private key does not match public key", "wrong-key"},
	{"private key type does not match public key type", "key-type"},
	{"failed to find any PEM data", "not-pem"},
	{`failed to find "CERTIFICATE" PEM block`, "wrong-block"},
	{"failed to find PEM block with type ending in", "key-block"},
	{"failed to parse private key", "key-unusable"},
	{"no such file or directory", "file-missing"},
	{"is a directory", "file-missing"},
	{"either ServerName or InsecureSkipVerify must be specified", "servername-empty"},
}
