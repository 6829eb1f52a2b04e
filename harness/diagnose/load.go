package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/causes"
	"shakedown/harness/field"
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
	said := []Evidence{notStarted(side, failure)}
	if f := r.versionsDiffer(); id == "version-mismatch" && f != nil {
		f.Evidence = append(f.Evidence, said...)
		return f.leadsTo(Unloadable)
	}
	load := failure.Load
	if load == nil {
		return found(said...).mend("", loadCommand(id, "", side, r.settings(side))).leadsTo(Unloadable)
	}
	if load.Detail != "" {
		said = append([]Evidence{saw(nil, "%s: %s", loadedFile(side, load), field.Printable(load.Detail))}, said...)
	}
	try := load.Command
	if try == "" {
		try = loadCommand(id, load.File, side, r.settings(side))
	}
	return found(said...).mend(loadRemedy(id, side, load), try).leadsTo(Unloadable)
}

// notStarted is the deciding program's own word. Trust files have none:
// AppendCertsFromPEM says only false.
func notStarted(side outcome.Role, failure *outcome.Failure) Evidence {
	switch {
	case failure.Text != "":
		return saw(nil, "the %s does not start: %s", side, sentence(failure.Text))
	case failure.Load != nil && failure.Load.Role == "trust":
		return saw(nil, "the %s does not start: no certificate could be read from its trust file; in Go, AppendCertsFromPEM returns false and says no more", side)
	}
	return saw(nil, "the %s does not start", side)
}

// loadedFile names a file and what it was given as.
func loadedFile(side outcome.Role, load *outcome.LoadFailure) string {
	return fmt.Sprintf("%s, given as the %s's %s", field.Shorten(load.File, 100), side, load.Role)
}

// loadedAs is what a file of that role has to hold.
var loadedAs = map[string]string{"certificate": "certificate", "key": "private key", "trust": "trusted CAs"}

// converted are the causes whose command makes of the file what was wanted. It
// always writes another file.
var converted = []string{"not-pem", "wrong-block", "key-unusable", "bundle-unread", "client-chain-wrong-order", "server-chain-wrong-order"}

// loadRemedy says what to do with a file that does not load, empty where the
// catalogue has no less to say.
func loadRemedy(id string, side outcome.Role, load *outcome.LoadFailure) string {
	file := field.Shorten(load.File, 100)
	switch {
	case strings.Contains(load.Detail, "CSR"):
		return fmt.Sprintf("Have a CA sign the request in %s and use the certificate that it returns; with the CA's key at hand: %s", file, load.Command)
	case load.Command != "" && strings.HasPrefix(load.Command, anotherKey):
		return fmt.Sprintf("Make a key that Go can use, and have the certificate issued anew for it: %s", load.Command)
	case load.Command != "" && slices.Contains(converted, id):
		return fmt.Sprintf("Give the %s the file that this writes, and leave %s as it is: %s", side, file, load.Command)
	case strings.Contains(load.Detail, "damaged"), strings.Contains(load.Detail, "truncated"), strings.Contains(load.Detail, "empty file"):
		return fmt.Sprintf("Put an undamaged copy of the %s's %s into %s.", side, loadedAs[load.Role], file)
	case slices.Contains(converted, id), id == "key-block":
		return fmt.Sprintf("Name the file that holds the %s's %s, in place of %s.", side, loadedAs[load.Role], file)
	case id == "swapped-files":
		return fmt.Sprintf("Swap the two: name the certificate as the %s's certificate, and %s as its key.", side, file)
	case id == "file-missing":
		return fmt.Sprintf("Correct the path %s of the %s's %s, or let the user who starts the program read it.", file, side, loadedAs[load.Role])
	}
	return ""
}

// anotherKey is how a command begins that makes a key in place of one that nothing
// can convert.
const anotherKey = "openssl genpkey"

// loadCommand shows what is in the file that does not load.
func loadCommand(id, file string, side outcome.Role, set *outcome.Settings) string {
	cert, key := shell(set.CertificateFile, placeholder(side, "CERTIFICATE")), shell(set.KeyFile, placeholder(side, "KEY"))
	switch id {
	case "wrong-key", "key-type":
		return compareKeys(cert, key)
	case "bundle-unread", "bundle-partly-read", "client-trust-empty", "server-clientcas-empty":
		return "grep -c -e '-----BEGIN CERTIFICATE-----' " + shell(set.TrustFile, placeholder(side, "TRUST"))
	case "file-missing":
		if file != "" {
			return "ls -l " + shell(file, "")
		}
		return "ls -l " + cert + " " + key
	case "servername-empty", "version-mismatch":
		return ""
	}
	if key == cert {
		return "grep -H -e '-----BEGIN' " + cert
	}
	return "grep -H -e '-----BEGIN' " + cert + " " + key
}

// compareKeys prints the hash of a certificate's public key, then that of a key's.
func compareKeys(cert, key string) string {
	return "openssl x509 -in " + cert + " -noout -pubkey | openssl pkey -pubin -outform DER | openssl sha256; openssl pkey -in " + key + " -pubout -outform DER | openssl sha256"
}

func loadCause(f *outcome.Failure) string {
	if f.Load != nil && f.Load.Cause != "" {
		return f.Load.Cause
	}
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
