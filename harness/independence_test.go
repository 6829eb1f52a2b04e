package harness

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/pki"
	"shakedown/harness/scenario"
)

// An answer is what must not depend on any name.
type answer struct {
	Cell, Outcome, RefusedBy, At string
	Causes, Further              []string
	Chains                       map[string][]string
}

func answers(t *testing.T, sc *scenario.Scenario, now time.Time) (list []answer) {
	t.Helper()
	report, err := RunSuite(t.Context(), []*scenario.Scenario{sc}, SuiteOptions{Options: Options{Now: now}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Status == Errored {
			t.Fatalf("%s %s: %s", r.Transport, r.TLS, r.Reason)
		}
		for _, c := range r.Connections {
			a := answer{
				Cell: r.Transport + " " + r.TLS, Outcome: c.Outcome, RefusedBy: c.RefusedBy, At: c.At,
				Causes: ids(c.Causes), Further: ids(c.Further), Chains: map[string][]string{},
			}
			for side, chain := range map[string][]CertificateResult{"server": c.Chains.Server, "client": c.Chains.Client} {
				for _, certificate := range chain {
					for _, p := range certificate.Problems {
						a.Chains[side] = append(a.Chains[side], p.ID)
					}
				}
			}
			list = append(list, a)
		}
	}
	return list
}

// The diagnosis sees bytes, certificates, settings and words, never what
// somebody called them: a scenario whose names are all others, and one whose
// certificates lie in files, get the same answer.
func TestDiagnosisDependsOnNoName(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	for _, sc := range sampled(t) {
		t.Run(sc.ID, func(t *testing.T) {
			t.Parallel()
			want := answers(t, sc, now)
			if diff := cmp.Diff(want, answers(t, renamed(t, sc, now), now)); diff != "" {
				t.Errorf("with other names (-as it is, +renamed):\n%s", diff)
			}
			files, why := filed(t, sc, now)
			if files == nil {
				t.Skipf("not from files: %s", why)
			}
			if diff := cmp.Diff(want, answers(t, files, now)); diff != "" {
				t.Errorf("from files (-as it is, +from files):\n%s", diff)
			}
		})
	}
}

// renamed gives a scenario and everything in it names that say nothing. What
// has the same name keeps having the same name.
func renamed(t *testing.T, sc *scenario.Scenario, now time.Time) *scenario.Scenario {
	t.Helper()
	h, err := pki.Mint(sc.PKI, sc.Clock.At(now))
	if err != nil {
		t.Fatal(err)
	}
	names, subjects := map[string]string{"": ""}, map[string]string{}
	for name := range sc.PKI {
		names[name] = rand.Text()
	}
	spec := pki.Spec{}
	for name, e := range sc.PKI {
		e.Issuer, e.SameKeyAs = names[e.Issuer], names[e.SameKeyAs]
		if certificates, err := h.Certificates(name); err == nil && e.CA {
			if c, err := x509.ParseCertificate(certificates[0]); err == nil {
				if subjects[c.Subject.CommonName] == "" {
					subjects[c.Subject.CommonName] = rand.Text()
				}
				e.Subject = subjects[c.Subject.CommonName]
			}
		}
		spec[names[name]] = e
	}
	return nameless(sc, spec, func(list []string) []string {
		out := slices.Clone(list)
		for i := range out {
			out[i] = names[out[i]]
		}
		return out
	}, nil)
}

// nameless copies a scenario with other certificates, without a word of what
// somebody called it.
func nameless(sc *scenario.Scenario, spec pki.Spec, trust func([]string) []string, present func([]string) []string) *scenario.Scenario {
	if present == nil {
		present = trust
	}
	c := *sc
	c.ID, c.Group, c.Title, c.About, c.See, c.Path, c.PKI = rand.Text(), "", rand.Text(), rand.Text(), nil, "", spec
	c.Server.Present, c.Server.Trust = present(sc.Server.Present), trust(sc.Server.Trust)
	c.Client.Present, c.Client.Trust = present(sc.Client.Present), trust(sc.Client.Trust)
	for _, b := range []*scenario.Behaviour{&c.Server.Behaviour, &c.Client.Behaviour} {
		b.OnDisk = trust(b.OnDisk)
		b.GetCertificate.Present = present(b.GetCertificate.Present)
		b.Policy = renamedPin(b.Policy, trust)
		b.AlsoPresent = slices.Clone(b.AlsoPresent)
		for i := range b.AlsoPresent {
			b.AlsoPresent[i] = present(b.AlsoPresent[i])
		}
	}
	c.Wire = slices.Clone(sc.Wire)
	for i, f := range c.Wire {
		if f.Certificates != nil {
			c.Wire[i].Certificates = trust(f.Certificates)
		}
	}
	c.Script = slices.Clone(sc.Script)
	for i, a := range c.Script {
		if a.Reload == nil {
			continue
		}
		reload := func(s scenario.ReloadSide) scenario.ReloadSide {
			if s.Present != nil {
				s.Present = present(s.Present)
			}
			if s.Trust != nil {
				s.Trust = trust(s.Trust)
			}
			if s.Policy != nil {
				policy := renamedPin(*s.Policy, trust)
				s.Policy = &policy
			}
			return s
		}
		c.Script[i].Reload = &scenario.Reload{Server: reload(a.Reload.Server), Client: reload(a.Reload.Client)}
	}
	return &c
}

func renamedPin(p scenario.Policy, name func([]string) []string) scenario.Policy {
	if p.Pin != "" {
		p.Pin = name([]string{p.Pin})[0]
	}
	return p
}

// filed writes a scenario's certificates into files whose names say nothing, and
// takes them from there. It returns nil and the reason where no program would
// load such files, so that the handshake never began.
func filed(t *testing.T, sc *scenario.Scenario, now time.Time) (_ *scenario.Scenario, why string) {
	t.Helper()
	h, err := pki.Mint(sc.PKI, sc.Clock.At(now))
	if err != nil {
		t.Fatal(err)
	}
	for _, side := range []scenario.Endpoint{sc.Server, sc.Client} {
		switch {
		case side.Files != scenario.Files{}:
			return nil, "they are in files already"
		case side.Staple, side.Revocation == "crl":
			return nil, "what the CA says of revocation needs the CA's key"
		}
	}
	if slices.ContainsFunc(sc.Wire, func(f scenario.Fault) bool { return f.Certificates != nil }) {
		return nil, "the link signs with keys that no file of a side holds"
	}
	dir := t.TempDir()
	write := func(blocks ...*pem.Block) string {
		var text bytes.Buffer
		for _, b := range blocks {
			if err := pem.Encode(&text, b); err != nil {
				t.Fatal(err)
			}
		}
		file := filepath.Join(dir, rand.Text())
		if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	spec, bundles := pki.Spec{}, map[string]string{}
	for name := range sc.PKI {
		certificates, err := h.Certificates(name)
		if err != nil || !slices.ContainsFunc(certificates, parses) {
			return nil, "the certificate of " + name + " does not load"
		}
		bundles[name] = rand.Text()
		spec[bundles[name]] = pki.Entity{Bundle: write(certificateBlocks(certificates)...)}
	}
	trust := func(list []string) []string {
		out := slices.Clone(list)
		for i := range out {
			out[i] = bundles[out[i]]
		}
		return out
	}
	pairs := map[string]string{}
	present := func(list []string) []string {
		at := strings.Join(list, " ")
		if len(list) == 0 || pairs[at] != "" {
			return slices.DeleteFunc([]string{pairs[at]}, func(s string) bool { return s == "" })
		}
		credential, err := h.Credential(list)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(credential.Key)
		if err != nil {
			t.Fatal(err)
		}
		cert, key := write(certificateBlocks(credential.Chain)...), write(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
		if _, err := tls.LoadX509KeyPair(cert, key); err != nil {
			why = err.Error()
		}
		pairs[at] = rand.Text()
		spec[pairs[at]] = pki.Entity{Cert: cert, KeyFile: key}
		return []string{pairs[at]}
	}
	if files := nameless(sc, spec, trust, present); why == "" {
		return files, ""
	}
	return nil, why
}

func parses(der []byte) bool {
	_, err := x509.ParseCertificate(der)
	return err == nil
}

func certificateBlocks(list [][]byte) (blocks []*pem.Block) {
	for _, der := range list {
		blocks = append(blocks, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	return blocks
}
