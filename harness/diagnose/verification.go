package diagnose

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
)

// A verification is one side's chain, judged as the other side judges it.
type verification struct {
	shelf *shelf
	// of is the side whose chain it is, by the side that verifies it.
	of, by outcome.Role
	// presented are the certificates in the order in which they are sent. They
	// are those of sent, or, where sent is nil, those that the side would present.
	presented []*certificate
	sent      *dissect.Step
	// received says that the verifier reports to have received them, though the
	// wire does not show it.
	received bool
	// alone says that only the end entity is known, and not what came with it.
	alone bool
	// anchors are the verifier's trust anchors; anchorsKnown is false where
	// nobody told us which it has.
	anchors      []*certificate
	anchorsKnown bool
	// listed are the names in the CertificateRequest that asked for it, as DER.
	listed [][]byte
	asked  *dissect.Step
	// clock is the verifier's time, other the other side's, recorded that of
	// whoever recorded the connection; zero if unknown.
	clock, other, recorded time.Time
	// ownAccepted is the Finished by which the side whose chain it is has accepted
	// the verifier's own certificate, nil where it has sent none.
	ownAccepted *dissect.Step
	// name is what the verifier looks for, empty if it looks for none. nameFrom
	// says where it comes from if it is only assumed.
	name, nameFrom string
	// quic says that the chain came over QUIC.
	quic bool
	// demand is what the verifier asks of certificate policies.
	demand policyDemand
	// usage is the extended key usage that the verifier wants.
	usage x509.ExtKeyUsage
	// refusedUnknown says that the verifier itself found no path.
	refusedUnknown bool
	// settings are the presenting side's, verifier those of the other.
	settings, verifier *outcome.Settings

	// sources says who has a certificate.
	sources func(*certificate) []string
	// knownFrom returns the file that the person named a certificate in, beside
	// both sides' own, empty if there is none.
	knownFrom func(*certificate) string

	// revocationLists are the verifier's, once they have been read.
	revocationLists []*revocationList
	listsRead       bool

	identity nameVerdict
	blame    blame
	ending   ending
	// said is what the verifier itself reports, nil where it reports nothing.
	said *outcome.VerifyFailure
	// accepted is the chain that it reports to have built, nil if it reports none.
	accepted [][]byte
	// path is the path that the verifier used, or the one that it gave up at, which
	// all faults are about; others are the further ones, and tried those that end at
	// a certificate of the issuer's name and another key.
	path          *path
	others, tried []*path
	faults        []fault
}

// A fault is one thing that is wrong with one certificate of a chain.
type fault struct {
	rule *chainRule
	id   string
	on   *certificate
	// detail is the short form, for the problem list.
	detail string
	// step says when the verifier comes to it (see bite).
	step int
	// certain is false where it is one of several explanations.
	certain bool
}

func (v *verification) leaf() *certificate { return v.presented[0] }

// run analyses the chain. There must be at least one certificate.
func (v *verification) run() {
	unreadable := v.unreadable()
	if v.leaf().std == nil {
		v.faults = unreadable
		return
	}
	v.identity = v.shelf.signatures.judgeName(v.leaf().std, v.name)
	v.path = v.choose(v.explore())
	if !v.path.anchored && len(unreadable) == 0 { // else what is missing may stand in what nobody can read
		if !v.alone {
			v.end()
		}
		v.path.judged = false // the end is known now, which many rules ask for
	}
	v.judgePath(v.path)
	v.path.faults = append(unreadable, v.path.faults...)
	v.faults = v.path.faults
}

// unreadable returns the faults of certificates that crypto/x509 refuses to parse.
// crypto/tls parses all of them before it looks at one.
func (v *verification) unreadable() []fault {
	var faults []fault
	for n, c := range v.presented {
		if c.std != nil || slices.Index(v.presented, c) != n {
			continue
		}
		for i := range parseRules {
			if detail, bad := parseRules[i].find(v, []*certificate{c}, 0); bad {
				faults = append(faults, parseRules[i].fault(v, c, detail))
				break
			}
		}
	}
	return faults
}

// judge returns every fault of a path, in the order in which Go's verifier
// would come to it.
func (v *verification) judge(certs []*certificate) []fault {
	v.blame = notJudged // each path has dates of its own
	sound := v.sound(certs)
	var faults []fault
	for r := range chainRules {
		rule := &chainRules[r]
		if rule.id(v.of) == "" || sound[rule.about] {
			continue
		}
		for _, h := range rule.hits(v, certs) {
			on := certs[h.at]
			if h.on != nil {
				on = h.on
			}
			f := rule.fault(v, on, h.detail)
			f.step = rule.bite(h.at, len(certs))
			faults = append(faults, f)
		}
	}
	slices.SortStableFunc(faults, func(a, b fault) int { return a.step - b.step })
	v.likelierFirst(faults)
	return v.withoutGuess(faults)
}

// sound says of each subject that nothing about it is wrong with a path: that of most
// paths, which need not be held against the rules about it.
func (v *verification) sound(certs []*certificate) (sound [subjects]bool) {
	sound[aboutName] = v.identity.why == nameMatches
	sound[aboutEnd] = v.ending.kind == anchored && v.ending.also == anchored
	now := v.at()
	sound[aboutDates] = now.IsZero() || !slices.ContainsFunc(certs, func(c *certificate) bool { return !c.validAt(now) })
	return sound
}

// withoutGuess drops the guess that a CA has another key where the chain has a
// fault of the kind that can be seen.
func (v *verification) withoutGuess(faults []fault) []fault {
	seen := func(f fault) bool {
		return f.rule.ending == anchored && slices.Contains(f.rule.kinds, outcome.UnknownAuthority)
	}
	if !v.ending.guess || !slices.ContainsFunc(faults, seen) {
		return faults
	}
	return slices.DeleteFunc(faults, func(f fault) bool { return f.rule.ending == rotated })
}

// likelierFirst puts the likelier of two explanations first: that of the chain's
// end which was found to be so, and a certificate's dates before a clock that
// nothing speaks against.
func (v *verification) likelierFirst(faults []fault) {
	first := func(likely, other func(*fault) bool) {
		l := slices.IndexFunc(faults, func(f fault) bool { return likely(&f) })
		o := slices.IndexFunc(faults, func(f fault) bool { return other(&f) })
		if o >= 0 && l > o {
			faults[l], faults[o] = faults[o], faults[l]
		}
	}
	first(func(f *fault) bool { return f.rule.ending == v.ending.kind && v.ending.kind != anchored },
		func(f *fault) bool {
			return f.rule.ending == v.ending.also && v.ending.also != anchored || v.ending.kind == untrusted && f.rule.ending == missingIntermediate
		})
	if v.blame == loneClock && !v.clockIsLikelier() { // certificates expire every day; that all of them lie in the future is a clock
		first(func(f *fault) bool { return slices.Equal(f.rule.kinds, byDate) && !f.rule.clock && !f.rule.early },
			func(f *fault) bool { return f.rule.clock })
	}
	if v.blame == unknownClock {
		first(func(f *fault) bool { return f.rule.early }, func(f *fault) bool { return f.rule.clock })
	}
}

// at returns the clock that dates are judged by.
func (v *verification) at() time.Time {
	for _, clock := range []time.Time{v.clock, v.other} {
		if !clock.IsZero() {
			return clock
		}
	}
	return v.recorded
}

// whose says whose clock that is.
func (v *verification) whose() string {
	switch {
	case !v.clock.IsZero():
		return fmt.Sprintf("the %s's clock", v.by)
	case !v.other.IsZero():
		return fmt.Sprintf("the %s's clock", v.of)
	}
	return "the time of the recording"
}
