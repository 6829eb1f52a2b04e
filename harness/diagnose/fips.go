package diagnose

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/outcome"
)

// fipsEvidence says what makes a chain one that FIPS mode does not take, and where
// the verifying side's mode comes from, as far as that is known.
func (r *reading) fipsEvidence(by outcome.Role) []Evidence {
	var list []Evidence
	if set := r.settings(by).GODEBUG; slices.Contains(set, "fips140=on") || slices.Contains(set, "fips140=only") {
		list = append(list, saw(nil, "the process of the %s was started with GODEBUG=%s", by, strings.Join(set, ",")))
	}
	v := r.client
	if by == outcome.Client {
		v = r.server
	}
	if v == nil {
		return list
	}
	for _, c := range v.presented {
		if c.std == nil {
			continue
		}
		if why := unapproved(c.std.PublicKey); why != "" {
			list = append(list, saw(v.sent, "%s has %s", c.name(), why))
		}
	}
	return list
}

// unapproved says in words why crypto/tls does not take a key in FIPS mode, empty
// if it does.
func unapproved(key any) string {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n < 2048 {
			return fmt.Sprintf("an RSA key of %d bits; FIPS 140 wants 2048 or more", n)
		}
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() && k.Curve != elliptic.P384() && k.Curve != elliptic.P521() {
			return "a key on " + k.Params().Name + "; FIPS 140 approves P-256, P-384 and P-521"
		}
	}
	return ""
}

// perhapsFIPS is a verifier of which only the alert is known, and a chain with a key
// that it would refuse in FIPS mode.
func perhapsFIPS(of outcome.Role) func(*reading) *finding {
	return func(r *reading) *finding {
		v := r.unexplained(of)
		if v == nil {
			return nil
		}
		for _, c := range v.presented {
			if c.std == nil {
				continue
			}
			if why := unapproved(c.std.PublicKey); why != "" {
				f := r.unseenCause(v, outcome.OtherVerify, saw(v.sent, "%s has %s: the %s can be in FIPS mode", c.name(), why, v.by))
				f.unseen = false // the key is there to see, and unusual
				return f
			}
		}
		return nil
	}
}
