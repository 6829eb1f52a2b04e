package diagnose

import (
	"slices"

	"shakedown/harness/outcome"
)

// A chainRule is one row of what can be wrong with a chain: the ids for either
// side, the verifier's typed errors that it shows up as, and how it is found.
type chainRule struct {
	// server and client are the ids, empty where a side has no such fault.
	server, client string
	kinds          []outcome.VerifyKind
	// about is its subject, filled in from the rest.
	about subject
	// remark is set where Go's verifier does not mind.
	remark bool
	// find looks at one certificate of a path, along at all of them at once.
	find  findFunc
	along func(v *verification, certs []*certificate) []hit
	// bites says when the verifier comes to it.
	bites stage
	// ending is set where the rule is about how the chain ends.
	ending endingKind
	// hedged says of a fault that another rule can account for it as well, of which
	// nothing shows; nil is never.
	hedged func(v *verification, on *certificate) bool
	// clock is set where the rule blames the verifier's clock, early where a
	// clock that is behind would look the same.
	clock, early bool
	// more returns evidence beside the certificate itself, nil for none.
	more   func(*verification, *fault) []string
	remedy func(*verification, *fault) string
	try    func(*verification, *fault) string
}

// A subject is what many rules are about, all of which find nothing where it is sound.
type subject uint8

const (
	aboutAnything subject = iota
	aboutDates            // a date of a certificate that does not fit the clock
	aboutName             // the name that is looked for
	aboutEnd              // how the chain ends
	subjects
)

// subject returns what the rule is about.
func (r *chainRule) subject() subject {
	switch {
	case r.ending != anchored:
		return aboutEnd
	case slices.Equal(r.kinds, byDate):
		return aboutDates
	case slices.Equal(r.kinds, byName):
		return aboutName
	}
	return aboutAnything
}

// A findFunc looks at one certificate of a path, from the end entity upwards, and
// says in a clause what is wrong with it.
type findFunc func(v *verification, certs []*certificate, i int) (detail string, bad bool)

// A stage is when a verifier comes to a fault. crypto/x509 judges the end entity,
// then walks upwards: at each step whether the issuer may sign and its key fits,
// then that issuer's own certificate; and when a path is complete, what holds for
// all of it.
type stage uint8

const (
	atCertificate stage = iota // a certificate's own fields
	asIssuer                   // whether it may sign what is below it
	asIssued                   // the signature on it
	atTop                      // that the path goes no further
	atPath                     // when the path is complete
)

// bite says at which step the verifier comes to the fault of the certificate at i,
// of n: twice its place for its own fields, one less for the link below it.
func (r *chainRule) bite(i, n int) int {
	switch {
	case r.remark:
		return 2*n + 2
	case r.bites == asIssuer:
		return 2*i - 1
	case r.bites == asIssued:
		return 2*i + 1
	case r.bites == atTop:
		return 2*n - 1
	case r.bites == atPath:
		return 2 * n
	}
	return 2 * i
}

// A hit is a certificate's place on a path, and what is wrong with it. A
// certificate beside the path is named by on.
type hit struct {
	at     int
	detail string
	on     *certificate
}

// hits applies the rule to a path.
func (r *chainRule) hits(v *verification, certs []*certificate) []hit {
	if r.along != nil {
		return r.along(v, certs)
	}
	var list []hit
	for i := range certs {
		if detail, bad := r.find(v, certs, i); bad {
			list = append(list, hit{at: i, detail: detail})
		}
	}
	return list
}

func (r *chainRule) id(of outcome.Role) string {
	if of == outcome.Server {
		return r.server
	}
	return r.client
}

func (r *chainRule) fault(v *verification, on *certificate, detail string) fault {
	certain := r.ending == anchored || v.ending.also == "" && !v.ending.guess
	if v.blame == perhapsClock || v.blame == loneClock || v.blame == unknownClock && (r.clock || r.early) {
		certain = certain && !slices.Equal(r.kinds, byDate)
	}
	if r.hedged != nil && r.hedged(v, on) {
		certain = false
	}
	return fault{rule: r, id: r.id(v.of), on: on, detail: detail, certain: certain}
}

var (
	byDate        = []outcome.VerifyKind{outcome.Expired}
	byName        = []outcome.VerifyKind{outcome.Hostname}
	byAuthority   = []outcome.VerifyKind{outcome.UnknownAuthority}
	byAuthorityCA = []outcome.VerifyKind{outcome.UnknownAuthority, outcome.NotAuthorized}
	byUsage       = []outcome.VerifyKind{outcome.IncompatibleEKU}
	byConstraint  = []outcome.VerifyKind{outcome.NameConstraint}
	byPathLength  = []outcome.VerifyKind{outcome.PathLength}
	byPolicy      = []outcome.VerifyKind{outcome.InvalidPolicy}
	byCritical    = []outcome.VerifyKind{outcome.CriticalExt}
	byParser      = []outcome.VerifyKind{outcome.Unparseable}
)

// parseRules are the faults of certificates that crypto/x509 refuses to parse.
var parseRules = []chainRule{
	{server: "server-negative-serial", client: "client-negative-serial", kinds: byParser, find: negativeSerial, remedy: remedyNegativeSerial, try: tryText},
	{server: "server-cert-garbage", client: "client-cert-garbage", kinds: byParser, find: garbage, remedy: remedyGarbage, try: tryText},
}

// chainRules are the faults, those of one stage in the order in which Go's verifier
// comes to them: critical extensions before dates, and dates before the name; CA
// and key usage before the signature; policies before usage, and usage before
// constraints. The specific stands before the general. It is filled in by init
// because the rules and the analysis refer to each other.
var chainRules []chainRule

func init() {
	chainRules = []chainRule{
		{server: "server-critical-ext", client: "client-critical-ext", kinds: byCritical, find: criticalExtension, remedy: remedyCritical, try: tryText},
		{server: "client-clock-behind", client: "server-clock-behind", kinds: byDate, clock: true, find: clockBehind, remedy: remedyClock, try: tryClock},
		{server: "client-clock-ahead", client: "server-clock-ahead", kinds: byDate, clock: true, find: clockAhead, remedy: remedyClock, try: tryClock},
		{server: "server-not-reloaded", client: "client-not-reloaded", kinds: byDate, find: notReloaded, remedy: remedyReload, try: tryDates},
		{client: "client-picks-old", kinds: byDate, find: picksOld, remedy: remedyPicksOld, try: tryDates},
		{server: "server-expired", client: "client-expired", kinds: byDate, find: endEntityExpired, remedy: remedyRenew, try: tryDates},
		{server: "server-not-yet-valid", client: "client-not-yet-valid", kinds: byDate, early: true, find: notYetValid, remedy: remedyNotYet, try: tryDates},

		{server: "servername-dirty", kinds: byName, find: named(nameDirty), remedy: remedyDirtyName},
		{server: "getcertificate-skipped", kinds: byName, find: callbackPassedOver, remedy: remedyPassedOver, try: tryNames},
		{server: "no-sni-default-cert", kinds: byName, find: defaultChosen, remedy: remedyChosen, try: tryNames},
		{server: "server-wildcard-depth", kinds: byName, find: named(nameDepth), remedy: remedyName, try: tryNames},
		{server: "server-ip-in-dns-san", kinds: byName, find: named(nameIPInDNS), remedy: remedyAddress, try: tryNames},
		{server: "server-ip-other-san", kinds: byName, find: named(nameOtherIP), remedy: remedyAddress, try: tryNames},
		{server: "server-ip-no-ip-san", kinds: byName, hedged: perhapsOther, find: named(nameNoIPSAN), remedy: remedyAddress, try: tryNames},
		{server: "server-cn-only", kinds: byName, find: named(nameCNOnly), remedy: remedyName, try: tryNames},
		{server: "server-uri-san-only", kinds: byName, find: named(nameURISOnly), remedy: remedyURIOnly, try: tryNames},
		{server: "server-san-is-url", kinds: byName, find: named(nameURL), remedy: remedyName, try: tryNames},
		{server: "server-hostname", kinds: byName, find: named(nameOther), remedy: remedyName, try: tryNames},

		{server: "client-trust-empty", client: "server-clientcas-empty", kinds: byAuthority, bites: atTop, find: ends(noAnchors), ending: noAnchors, remedy: remedyNoAnchors, try: tryNoAnchors},
		{server: "bundle-partly-read", client: "bundle-partly-read", kinds: byAuthority, bites: atTop, find: ends(partlyRead), ending: partlyRead, more: lostBlocks, remedy: remedyLost, try: tryLost},
		{server: "server-self-signed", client: "client-self-signed", kinds: byAuthority, bites: atTop, find: ends(selfSigned), ending: selfSigned, more: trusts, remedy: remedySelfSigned, try: tryVerify},
		{server: "server-signature-broken", client: "client-signature-broken", kinds: byAuthority, bites: atTop, find: ends(brokenSignature), ending: brokenSignature, more: whoseKey, remedy: remedyBroken, try: tryVerify},
		{server: "server-issuer-respelled", client: "client-issuer-respelled", kinds: byAuthority, bites: atTop, find: ends(writtenOtherwise), ending: writtenOtherwise, remedy: remedyRespelled, try: tryChain},
		{server: "server-ca-rotated", client: "client-ca-rotated", kinds: byAuthority, bites: atTop, find: ends(rotated), ending: rotated, more: rotatedKeys, remedy: remedyRotated, try: tryVerify},
		{server: "server-wrong-intermediate", client: "client-wrong-intermediate", kinds: byAuthority, bites: atTop, find: ends(wrongIntermediate), ending: wrongIntermediate, more: whoHas, remedy: remedyWrongIntermediate, try: tryChain},
		{server: "client-trust-wrong-file", client: "server-clientcas-wrong-file", kinds: byAuthority, bites: atTop, find: ends(wrongTrust), ending: wrongTrust, more: trusts, remedy: remedyWrongTrust, try: tryAnchors},
		{server: "server-mitm", kinds: byAuthority, bites: atTop, find: ends(standsIn), ending: standsIn, more: otherView, remedy: remedyMITM, try: tryVerify},
		{server: "server-missing-intermediate", client: "client-missing-intermediate", kinds: byAuthority, bites: atTop, find: missing, ending: missingIntermediate, more: whoHas, remedy: remedyMissing, try: tryMissing},
		{server: "server-untrusted-ca", client: "client-untrusted-ca", kinds: byAuthority, bites: atTop, find: ends(untrusted), ending: untrusted, more: trusts, remedy: remedyUntrusted, try: tryVerify},
		{server: "server-issuer-not-ca", client: "client-issuer-not-ca", kinds: byAuthorityCA, bites: asIssuer, find: issuerNotCA, remedy: remedyIssuer, try: tryText},
		{server: "server-issuer-no-keycertsign", client: "client-issuer-no-keycertsign", kinds: byAuthorityCA, bites: asIssuer, find: issuerMayNotSign, remedy: remedyIssuer, try: tryText},
		{server: "server-unsupported-signature", client: "client-unsupported-signature", kinds: byAuthority, bites: asIssued, find: unsupportedSignature, remedy: remedySignature, try: tryText},
		{server: "server-sha1", client: "client-sha1", kinds: byAuthority, bites: asIssued, find: weakSignature, remedy: remedySHA1, try: tryText},
		{server: "weak-key", client: "weak-key", kinds: byAuthority, bites: asIssuer, find: tooWeakKey, remedy: remedyWeakKey, try: tryText},

		{server: "server-intermediate-expired", client: "client-intermediate-expired", kinds: byDate, find: intermediateExpired, remedy: remedyIntermediateExpired, try: tryChainDates},
		{server: "server-intermediate-not-yet-valid", client: "client-intermediate-not-yet-valid", kinds: byDate, early: true, find: intermediateNotYetValid, remedy: remedyNotYet, try: tryChainDates},
		{server: "server-cross-sign-old-root", kinds: byDate, hedged: perhapsCross, find: oldRoot, remedy: remedyOldRoot, try: tryAnchorDates},
		{server: "server-root-expired", client: "client-root-expired", kinds: byDate, hedged: perhapsCross, find: rootExpired, remedy: remedyRootExpired, try: tryAnchorDates},
		{server: "server-pathlen", client: "client-pathlen", kinds: byPathLength, find: tooManyIntermediates, remedy: remedyPathLength, try: tryText},
		{server: "server-certificate-policy", client: "client-certificate-policy", kinds: byPolicy, bites: atPath, along: badPolicies, more: policiesNamed, remedy: remedyPolicy, try: tryText},
		{server: "server-eku-clientauth", client: "client-eku-serverauth", kinds: byUsage, bites: atPath, find: endEntityUsage, remedy: remedyUsage, try: tryUsage},
		{server: "server-intermediate-eku", client: "client-intermediate-eku", kinds: byUsage, bites: atPath, find: intermediateUsage, remedy: remedyIntermediateUsage, try: tryText},
		{server: "server-name-constraint", client: "client-name-constraint", kinds: byConstraint, bites: atPath, along: nameConstraints, more: constraints, remedy: remedyConstraint, try: tryText},

		{server: "server-name-constraint", client: "client-name-constraint", remark: true, along: constraintBeyondGo},
		{server: "chain-out-of-order", client: "chain-out-of-order", remark: true, along: outOfOrder},
		{server: "chain-extra", client: "chain-extra", remark: true, along: extras},
		{server: "server-revoked", client: "client-revoked", remark: true, find: revokedByList},
		{server: "crl-stale", client: "crl-stale", remark: true, find: staleList},
		{server: "crl-untrusted", client: "crl-untrusted", remark: true, find: untrustedList},
		{server: "bundle-partly-read", client: "bundle-partly-read", remark: true, find: lostElsewhere},
		{server: "key-ids-differ", client: "key-ids-differ", remark: true, find: otherKeyID},
		{server: "leaf-ku-no-digitalsignature", client: "leaf-ku-no-digitalsignature", remark: true, find: noDigitalSignature},
		{server: "weak-key", client: "weak-key", remark: true, find: shortKey},
	}
	for i := range chainRules {
		chainRules[i].about = chainRules[i].subject()
	}
}
