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
	var list []rule
	for _, side := range []outcome.Role{r.h.Side, r.h.Side.Peer()} {
		failure := r.outcome(side).Unloadable
		if failure == nil && side == r.h.Side {
			failure = r.failure(side)
		}
		if failure == nil {
			continue
		}
		if id := loadCause(failure); id != "" {
			list = append(list, rule{id, func(r *reading) *finding { return r.doesNotLoad(id, side, failure) }})
		}
	}
	return list
}

func (r *reading) doesNotLoad(id string, side outcome.Role, failure *outcome.Failure) *finding {
	said := saw(nil, "the %s does not start: %s", side, sentence(failure.Text))
	if f := r.versionsDiffer(); id == "version-mismatch" && f != nil {
		f.Evidence = append(f.Evidence, said)
		return f.leadsTo(Unloadable)
	}
	return found(said).mend("", loadCommand(id, side, r.settings(side))).leadsTo(Unloadable)
}

// loadCommand shows what is in the file that does not load.
func loadCommand(id string, side outcome.Role, set *outcome.Settings) string {
	cert, key := shell(set.CertificateFile, placeholder(side, "CERTIFICATE")), shell(set.KeyFile, placeholder(side, "KEY"))
	switch id {
	case "wrong-key", "key-type":
		return compareKeys(cert, key)
	case "bundle-unread", "bundle-partly-read", "client-trust-empty", "server-clientcas-empty":
		return "grep -c -e '-----BEGIN CERTIFICATE-----' " + shell(set.TrustFile, placeholder(side, "TRUST"))
	case "file-missing":
		return "ls -l " + cert + " " + key
	case "servername-empty", "version-mismatch":
		return ""
	}
	return "grep -H -e '-----BEGIN' " + cert + " " + key
}

// compareKeys prints the hash of a certificate's public key, then that of a key's.
func compareKeys(cert, key string) string {
	return "openssl x509 -in " + cert + " -noout -pubkey | openssl pkey -pubin -outform DER | openssl sha256; openssl pkey -in " + key + " -pubout -outform DER | openssl sha256"
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
	{"no supported versions satisfy MinVersion and MaxVersion", "version-mismatch"},
	{"either ServerName or InsecureSkipVerify must be specified", "servername-empty"},
}
