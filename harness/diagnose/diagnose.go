package diagnose

import (
	"shakedown/harness/outcome"
)

// Diagnose says why the handshake ended as it did, what else is wrong, and what
// is wrong with each certificate.
func Diagnose(in Input) Diagnosis {
	r := read(in)
	d := Diagnosis{Happening: r.shown}
	d.ServerChain = r.server.certificates(r)
	d.ClientChain = r.client.certificates(r)
	d.ServerPaths = r.server.chainPaths(r)
	d.ClientPaths = r.client.chainPaths(r)
	d.Causes, d.Further = r.sort(r.findings())
	d.Missing = r.missing(d.Causes)
	return d
}

// findings returns everything that is wrong, in the order in which a handshake
// would come to it.
func (r *reading) findings() []finding {
	var all []finding
	all = append(all, r.apply(loadRules(r))...)
	all = append(all, r.apply(connectionRules)...)
	all = append(all, r.apply(pathRules)...)
	all = append(all, r.apply(helloRules)...)
	all = append(all, r.keyed(outcome.Server, r.chainFindings(r.server))...)
	all = append(all, r.apply(answerRules)...)
	all = append(all, r.keyed(outcome.Client, r.chainFindings(r.client))...)
	all = append(all, r.apply(policyRules(r))...)
	all = append(all, r.apply(callbackRules(r))...)
	all = append(all, r.apply(enforcementRules)...)
	all = append(all, r.apply(resumptionRules)...)
	all = append(all, r.apply(lateRules)...)
	all = append(all, r.apply(proofRules)...)
	all = append(all, r.apply(ownWordRules(r))...)
	all = append(all, r.apply(lastRules)...)
	all = append(all, r.apply(unseenRules)...)
	all = append(all, r.apply(ownReasonRules)...)
	return append(all, r.alteredMessage(all)...)
}
