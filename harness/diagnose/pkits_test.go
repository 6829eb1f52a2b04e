package diagnose

import (
	"crypto/x509"
	"encoding/json"
	flags "flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

var update = flags.Bool("update", false, "write docs/pkits.md anew")

// A pkitsVector is one test of NIST's Public Key Interoperability Test Suite, as
// the Go distribution has it.
type pkitsVector struct {
	Name string
	// CertPath are files, from the trust anchor down.
	CertPath                    []string
	InitialPolicySet            []string
	InitialPolicyMappingInhibit bool
	InitialExplicitPolicy       bool
	InitialAnyPolicyInhibit     bool
	ShouldValidate              bool
}

// number is the section of the suite's document that the test stands in.
func (v *pkitsVector) number() string {
	number, _, _ := strings.Cut(v.Name, " ")
	return number
}

// pkitsPolicies are the policies of the suite by its names for them.
var pkitsPolicies = map[string]x509.OID{
	"NIST-test-policy-1": pkitsPolicy(1), "NIST-test-policy-2": pkitsPolicy(2),
	"NIST-test-policy-3": pkitsPolicy(3), "NIST-test-policy-6": pkitsPolicy(6),
}

func pkitsPolicy(n uint64) x509.OID {
	oid, err := x509.OIDFromInts([]uint64{2, 16, 840, 1, 101, 3, 2, 1, 48, n})
	if err != nil {
		panic(err)
	}
	return oid
}

// policies are those that the vector's user accepts, nil for any.
func (v *pkitsVector) policies(t *testing.T) []x509.OID {
	var list []x509.OID
	for _, name := range v.InitialPolicySet {
		if name == "anyPolicy" {
			return nil
		}
		oid, ok := pkitsPolicies[name]
		if !ok {
			t.Fatalf("%s: unknown policy %q", v.Name, name)
		}
		list = append(list, oid)
	}
	return list
}

// pkitsFolder finds the suite in the source of the Go that runs the test. A Go
// from a distribution can come without it; where every peer is required, so are
// the vectors, so that nobody believes they are checked when they are not.
func pkitsFolder(t *testing.T) string {
	t.Helper()
	give := t.Skipf
	if os.Getenv("SHAKEDOWN_REQUIRE_PEERS") == "1" {
		give = t.Fatalf
	}
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		give("the vectors lie in GOROOT, and go does not say where that is: %v", err)
	}
	folder := filepath.Join(strings.TrimSpace(string(out)), "src", "crypto", "x509", "testdata", "nist-pkits")
	if _, err := os.Stat(folder); err != nil {
		give("this Go comes without the NIST PKITS vectors; the one from go.dev has them: %v", err)
	}
	return folder
}

func pkitsVectors(t *testing.T, folder string) []pkitsVector {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vectors []pkitsVector
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	return vectors
}

// chain reads the vector's certificates, the end entity's first.
func (v *pkitsVector) chain(t *testing.T, folder string) [][]byte {
	t.Helper()
	var chain [][]byte
	for _, name := range v.CertPath {
		der, err := os.ReadFile(filepath.Join(folder, "certs", name))
		if err != nil {
			t.Fatal(err)
		}
		chain = append(chain, der)
	}
	slices.Reverse(chain)
	return chain
}

// verify is crypto/x509's decision, as far as a program can ask it: VerifyOptions
// has no field for the vector's other demands.
func (v *pkitsVector) verify(t *testing.T, chain [][]byte) error {
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	var leaf *x509.Certificate
	for i, der := range chain {
		c, err := x509.ParseCertificate(der)
		switch {
		case err != nil:
			return err
		case i == 0:
			leaf = c
		case i == len(chain)-1:
			roots.AddCert(c)
		default:
			intermediates.AddCert(c)
		}
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, CurrentTime: testClock, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
		CertificatePolicies: v.policies(t),
	})
	return err
}

// kind is that of crypto/x509's error. One without a type comes from its parser.
func (v *pkitsVector) kind(err error) outcome.VerifyKind {
	if kind := kindOf(err); kind != outcome.OtherVerify {
		return kind
	}
	return outcome.Unparseable
}

// analyse is our own: a client's chain, of which a server decides.
func (v *pkitsVector) analyse(chain [][]byte, demand policyDemand) *verification {
	last := len(chain) - 1
	client := outcome.Settings{Role: outcome.Client, Known: true, Clock: testClock, SendForced: true, Credentials: []outcome.Credential{{Chain: chain[:last]}}}
	server := outcome.Settings{Role: outcome.Server, Known: true, Clock: testClock, Trust: chain[last:], ClientAuth: outcome.AuthRequire}
	r := &reading{in: Input{Client: transcript.Side{Settings: client}, Server: transcript.Side{Settings: server}}, w: readWire(nil)}
	judged := r.verification(r.shelve(), outcome.Client)
	judged.demand = demand
	judged.run()
	return judged
}

// TestPKITS holds the chain analysis against NIST's verdicts and crypto/x509's.
// Asked what a Go program asks, it decides as crypto/x509 does in every vector.
// Asked what the vector asks, each vector that it sees otherwise than NIST has its
// reason in pkitsReasons, and what NIST has against a path it names. All that is
// written down in docs/pkits.md.
func TestPKITS(t *testing.T) {
	folder := pkitsFolder(t)
	var results []pkitsResult
	for _, v := range pkitsVectors(t, folder) {
		chain := v.chain(t, folder)
		err := v.verify(t, chain)
		accepted := policyIDs(v.policies(t))
		if got := v.analyse(chain, policyDemand{acceptable: accepted}); (err == nil) != (len(ids(got)) == 0) {
			t.Errorf("%s: crypto/x509 says %v, the analysis found %v", v.Name, err, ids(got))
		} else if err != nil && !slices.Contains(got.faults[0].rule.kinds, v.kind(err)) {
			t.Errorf("%s: crypto/x509 says %v, the first that the analysis found is %s", v.Name, err, got.faults[0].id)
		}
		judged := v.analyse(chain, policyDemand{
			acceptable: accepted, explicit: v.InitialExplicitPolicy, noMapping: v.InitialPolicyMappingInhibit, noAny: v.InitialAnyPolicyInhibit,
		})
		result := pkitsResult{vector: v, std: err == nil, ours: len(ids(judged)) == 0, faults: judged.faults}
		result.explain(t)
		result.named(t)
		results = append(results, result)
	}
	for _, reason := range pkitsReasons {
		if !slices.ContainsFunc(results, func(r pkitsResult) bool { return r.reason == reason.why }) {
			t.Errorf("no vector differs for this reason any more: %s", reason.why)
		}
	}
	comparePKITS(t, pkitsTable(results))
}

// A pkitsResult is one vector with the three verdicts.
type pkitsResult struct {
	vector pkitsVector
	// std and ours say that crypto/x509 and the analysis accept the path.
	std, ours bool
	faults    []fault
	// reason says why the three differ, empty where they do not.
	reason string
}

// A pkitsReason is why a group of vectors is decided otherwise than NIST does.
type pkitsReason struct {
	why string
	// tests are numbers of tests, or of sections ("4.14."), that turn on it.
	tests []string
}

var pkitsReasons = []pkitsReason{
	{
		"What is wrong is in a CRL, or in which CRL counts. crypto/x509 looks at none, the Go distribution has none of the suite's, and a handshake carries none; an application that looks them up itself is what the scenarios of group revocation are about.",
		[]string{"4.4.", "4.5.2", "4.5.5", "4.5.7", "4.7.4", "4.7.5", "4.14.", "4.15."},
	},
	{
		"The verifier itself demands an explicit policy, or forbids mappings or anyPolicy. crypto/x509 has no option for that, and neither has crypto/tls; asked so, the analysis decides as NIST does.",
		[]string{"4.8.", "4.10.", "4.12."},
	},
	{
		"The issuer's name differs from the CA's in capital letters, in spaces or in the kind of string. RFC 5280 7.1 takes both for the same name, crypto/x509 compares bytes.",
		[]string{"4.3."},
	},
	{
		"RFC 5280 4.2.1.9 does not count self-issued intermediates towards a path length, crypto/x509 counts every intermediate.",
		[]string{"4.6."},
	},
	{
		"A critical name constraint is of the form directoryName. crypto/x509 knows no such form and refuses the CA, whatever the names are; the analysis says so, and judges the names as well.",
		[]string{"4.13.1", "4.13.4", "4.13.5", "4.13.6", "4.13.11", "4.13.14", "4.13.18", "4.13.19", "4.13.27"},
	},
	{
		"A constraint on mail addresses or URIs names a host. To RFC 5280 4.2.1.10 it stands for that host alone, to crypto/x509 for all hosts below it as well.",
		[]string{"4.13.24", "4.13.25", "4.13.36"},
	},
	{
		"The signature is DSA with SHA-1, or the key is a DSA key that takes its parameters from its issuer: crypto/x509 verifies no DSA and does not parse the latter.",
		[]string{"4.1."},
	},
	{
		"The certificate has a distribution point whose name is relative to the CRL's issuer, a form that crypto/x509 refuses to parse.",
		[]string{"4.14.4", "4.14.5", "4.14.29"},
	},
}

// explain finds the reason for a difference. The longest number of a test wins.
func (r *pkitsResult) explain(t *testing.T) {
	t.Helper()
	if r.std == r.vector.ShouldValidate && r.ours == r.vector.ShouldValidate {
		return
	}
	longest := 0
	for _, reason := range pkitsReasons {
		for _, test := range reason.tests {
			number := r.vector.number()
			if (number == test || strings.HasSuffix(test, ".") && strings.HasPrefix(number, test)) && len(test) > longest {
				r.reason, longest = reason.why, len(test)
			}
		}
	}
	if r.reason == "" {
		t.Errorf("%s: NIST %s, crypto/x509 %s, shakedown %s, and nobody says why", r.vector.Name, verdict(r.vector.ShouldValidate), verdict(r.std), r.said())
	}
}

// pkitsFaults says what the tests of a section are about: if a path is invalid,
// that is what has to be named. The longest number wins.
var pkitsFaults = []struct{ test, id string }{
	{"4.1.2", "client-signature-broken"},
	{"4.1.3", "client-signature-broken"},
	{"4.1.6", "client-sha1"}, // a DSA signature that is broken as well, and nobody can tell
	{"4.2.1", "client-intermediate-not-yet-valid"},
	{"4.2.2", "client-not-yet-valid"},
	{"4.2.5", "client-intermediate-expired"},
	{"4.2.6", "client-expired"},
	{"4.2.7", "client-expired"},
	{"4.3.1", "client-wrong-intermediate"},
	{"4.3.2", "client-wrong-intermediate"},
	{"4.4.15", "client-negative-serial"}, // it is revoked as well, by that number
	{"4.5.8", "client-issuer-not-ca"},
	{"4.6.1", "client-issuer-not-ca"},
	{"4.6.2", "client-issuer-not-ca"},
	{"4.6.3", "client-issuer-not-ca"},
	{"4.6.", "client-pathlen"},
	{"4.7.1", "client-issuer-no-keycertsign"},
	{"4.7.2", "client-issuer-no-keycertsign"},
	{"4.8.", "client-certificate-policy"},
	{"4.9.", "client-certificate-policy"},
	{"4.10.", "client-certificate-policy"},
	{"4.11.", "client-certificate-policy"},
	{"4.12.", "client-certificate-policy"},
	{"4.13.", "client-name-constraint"},
	{"4.14.6", "client-cert-garbage"}, // it is revoked as well
	{"4.16.", "client-critical-ext"},
}

// named checks that a path that is invalid has its fault named, as a fault or as a
// remark, where it is not in a CRL. On a path that is valid nothing is found that
// only RFC 5280 would mind.
func (r *pkitsResult) named(t *testing.T) {
	t.Helper()
	if r.vector.ShouldValidate && slices.ContainsFunc(r.faults, func(f fault) bool { return f.rule.remark && !aboutSending(&f) }) {
		t.Errorf("%s is valid, and the analysis found %s", r.vector.Name, r.said())
	}
	if r.vector.ShouldValidate || r.reason == pkitsReasons[0].why {
		return
	}
	want, longest := "", 0
	for _, f := range pkitsFaults {
		number := r.vector.number()
		if (number == f.test || strings.HasSuffix(f.test, ".") && strings.HasPrefix(number, f.test)) && len(f.test) > longest {
			want, longest = f.id, len(f.test)
		}
	}
	if want == "" || !slices.ContainsFunc(r.faults, func(f fault) bool { return f.id == want }) {
		t.Errorf("%s: got %s, want %q among them", r.vector.Name, r.said(), want)
	}
}

// aboutSending says that a remark is about what was sent, and not about the path.
func aboutSending(f *fault) bool { return f.id == "chain-extra" || f.id == "chain-out-of-order" }

// said writes the analysis' verdict, with what it names.
func (r *pkitsResult) said() string {
	var words []string
	for _, f := range r.faults {
		if aboutSending(&f) {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(f.on.name(), "CN="), ",")
		word := fmt.Sprintf("`%s` on %s", f.id, name)
		if f.rule.remark {
			word += " (beyond what Go checks)"
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	if len(words) == 0 {
		return verdict(r.ours)
	}
	return verdict(r.ours) + ": " + strings.Join(words, ", ")
}

func verdict(valid bool) string {
	if valid {
		return "valid"
	}
	return "invalid"
}

// pkitsTable writes docs/pkits.md.
func pkitsTable(results []pkitsResult) string {
	var b strings.Builder
	valid, same := 0, 0
	for _, r := range results {
		if r.vector.ShouldValidate {
			valid++
		}
		if r.reason == "" {
			same++
		}
	}
	fmt.Fprintf(&b, `# The chain analysis and NIST's PKITS

This file is written by a test: go test ./harness/diagnose -run PKITS -update

NIST's Public Key Interoperability Test Suite (https://csrc.nist.gov/projects/pki-testing) has %d paths, %d of them valid.
The Go distribution carries its certificates, and the test reads them from there.
Asked what a Go program asks, the chain analysis decides every one of them as crypto/x509 does, and the first fault that it names is of the kind of crypto/x509's error.
Asked what the vector asks, all three agree on %d. Here is where they do not, and why; then what is named on each path that is not valid.

`, len(results), valid, same)
	b.WriteString("## Where the three differ\n")
	for _, reason := range pkitsReasons {
		fmt.Fprintf(&b, "\n%s\n\n| test | NIST | crypto/x509 | shakedown |\n| --- | --- | --- | --- |\n", reason.why)
		for _, r := range results {
			if r.reason == reason.why {
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.vector.Name, verdict(r.vector.ShouldValidate), verdict(r.std), r.said())
			}
		}
	}
	b.WriteString("\n## What is named where all three say invalid\n\n| test | shakedown |\n| --- | --- |\n")
	for _, r := range results {
		if r.reason == "" && !r.vector.ShouldValidate {
			fmt.Fprintf(&b, "| %s | %s |\n", r.vector.Name, strings.TrimPrefix(r.said(), "invalid: "))
		}
	}
	return b.String()
}

func comparePKITS(t *testing.T, got string) {
	t.Helper()
	file := filepath.Join("..", "..", "docs", "pkits.md")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("docs/pkits.md differs from what the test finds (%v); write it anew with: go test ./harness/diagnose -run PKITS -update", err)
	}
}
