package harness

import (
	"crypto/x509"
	"fmt"
	"slices"
	"testing"

	"shakedown/harness/diagnose"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// In every built-in scenario, for both sides' chains, whoever refused and why: the
// analysis finds a path that holds if and only if crypto/x509 accepts the chain. It
// sees the two configurations alone here, so that nobody's word decides it.
func TestChainsHoldWhereVerifyAccepts(t *testing.T) {
	accepted, refused := 0, 0
	for _, sc := range sampled(t) {
		ready, err := newStage(sc, goldenNow, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range sc.Cells {
			connections, err := newPlay(ready, cell, Options{Carrier: Memory}).run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range connections {
				yes, no := chainsHold(t, fmt.Sprintf("%s %s, connection %d", sc.ID, cell, i+1), c)
				accepted, refused = accepted+yes, refused+no
			}
		}
	}
	want := 100
	if testing.Short() {
		want = 10 // of every sixth scenario
	}
	if accepted < want || refused < want {
		t.Errorf("%d chains are accepted and %d refused, want many of both", accepted, refused)
	}
}

// chainsHold compares both sides' chains, and counts those that are accepted and
// those that are refused.
func chainsHold(t *testing.T, name string, c *Connection) (accepted, refused int) {
	t.Helper()
	in := diagnose.Input{
		Client: transcript.Side{Settings: c.Transcript.Client.Settings},
		Server: transcript.Side{Settings: c.Transcript.Server.Settings},
		Also:   c.Also,
	}
	d := diagnose.Diagnose(in)
	for _, side := range []struct {
		by    outcome.Settings
		chain []diagnose.ChainCertificate
		paths []diagnose.ChainPath
	}{{in.Client.Settings, d.ServerChain, d.ServerPaths}, {in.Server.Settings, d.ClientChain, d.ClientPaths}} {
		if len(side.chain) == 0 || !side.by.Known || side.by.VerifyNone || side.by.SystemTrust {
			continue
		}
		err := verifyChain(side.by, side.chain)
		holds := slices.ContainsFunc(side.paths, func(p diagnose.ChainPath) bool { return p.Anchored && p.Fails == "" })
		if (err == nil) != holds {
			t.Errorf("%s: the %s says %v of what it is shown, and the analysis finds the paths %+v", name, side.by.Role, err, fails(side.paths))
		}
		if err == nil {
			accepted++
		} else {
			refused++
		}
	}
	return accepted, refused
}

// verifyChain is what crypto/tls does with a peer's certificates.
func verifyChain(by outcome.Settings, chain []diagnose.ChainCertificate) error {
	o := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: by.Clock, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	if by.Role == outcome.Client {
		o.DNSName, o.KeyUsages = by.ServerName, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	for _, der := range by.Trust {
		if c, err := x509.ParseCertificate(der); err == nil {
			o.Roots.AddCert(c)
		}
	}
	var leaf *x509.Certificate
	for i, c := range chain {
		parsed, err := x509.ParseCertificate(c.Raw)
		switch {
		case err != nil:
			return err
		case i == 0:
			leaf = parsed
		default:
			o.Intermediates.AddCert(parsed)
		}
	}
	_, err := leaf.Verify(o)
	return err
}

func fails(paths []diagnose.ChainPath) []string {
	var list []string
	for _, p := range paths {
		list = append(list, p.Fails)
	}
	return list
}
