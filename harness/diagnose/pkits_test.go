package diagnose

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A pkitsVector is one test of NIST's Public Key Interoperability Test Suite, as
// the Go distribution has it.
type pkitsVector struct {
	Name                        string
	CertPath                    []string
	InitialPolicySet            []string
	InitialPolicyMappingInhibit bool
	InitialExplicitPolicy       bool
	InitialAnyPolicyInhibit     bool
	ShouldValidate              bool
}

func pkitsDir(t *testing.T) string {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "src", "crypto", "x509", "testdata", "nist-pkits")
}

func TestPKITSBaseline(t *testing.T) {
	dir := pkitsDir(t)
	data, err := os.ReadFile(filepath.Join(dir, "vectors.json"))
	if err != nil {
		t.Skip(err)
	}
	var vectors []pkitsVector
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		var chain [][]byte
		for _, f := range v.CertPath {
			der, err := os.ReadFile(filepath.Join(dir, "certs", f))
			if err != nil {
				t.Fatal(err)
			}
			chain = append([][]byte{der}, chain...)
		}
		n := len(chain) - 1
		in := Input{}
		in.Client = transcript.Side{Settings: outcome.Settings{Role: outcome.Client, Known: true, Clock: testClock, SendForced: true, Credentials: []outcome.Credential{{Chain: chain[:n]}}}}
		in.Server = transcript.Side{Settings: outcome.Settings{Role: outcome.Server, Known: true, Clock: testClock, Trust: chain[n:], ClientAuth: outcome.AuthRequire}}
		r := read(in)
		roots, inter := x509.NewCertPool(), x509.NewCertPool()
		var verr error
		var leaf *x509.Certificate
		for i, der := range chain {
			c, err := x509.ParseCertificate(der)
			if err != nil {
				verr = err
				break
			}
			switch i {
			case 0:
				leaf = c
			case n:
				roots.AddCert(c)
			default:
				inter.AddCert(c)
			}
		}
		if verr == nil {
			o := x509.VerifyOptions{Roots: roots, Intermediates: inter, CurrentTime: testClock, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
			_, verr = leaf.Verify(o)
		}
		var said []string
		for _, f := range r.client.faults {
			s := f.id + " on " + f.on.name() + ": " + f.detail
			if f.rule.remark {
				s = "(remark) " + s
			}
			said = append(said, s)
		}
		if v.ShouldValidate != (verr == nil) || (verr == nil) != (len(ids(r.client)) == 0) {
			fmt.Printf("%s: NIST %v, Go %v\n", v.Name, v.ShouldValidate, verr)
			for _, s := range said {
				fmt.Println("     ", s)
			}
		}
	}
}
