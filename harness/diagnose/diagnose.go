package diagnose

import (
	"shakedown/harness/outcome"
)

// Diagnose says why the handshake ended as it did, what else is wrong, and what
// is wrong with each certificate.
func Diagnose(in Input) Diagnosis {
	r := read(in)
	d := Diagnosis{Mode: r.mode, Happening: r.shown}
	d.ServerChain = r.server.certificates(r)
	d.ClientChain = r.client.certificates(r)
	d.ServerPaths = r.server.chainPaths(r)
	d.ClientPaths = r.client.chainPaths(r)
	contradictions := r.contradictions()
	d.Causes, d.Further = r.sort(r.findings())
	if len(contradictions) > 0 {
		d.Causes = nil
	}
	if len(d.Causes) == 0 && r.shown.Outcome != Unknown && (r.shown.Outcome != Established || len(contradictions) > 0) {
		d.Unexplained = r.rawFacts(contradictions)
	}
	d.Missing = r.missing(d.Causes)
	return d
}

// findings returns everything that is wrong, in the order in which a handshake
// would come to it.
func (r *reading) findings() []finding {
	if r.mode == ErrorsOnly {
		return r.errorsOnly()
	}
	var all []finding
	all = append(all, r.apply(loadRules(r))...)
	if r.mode == OneSide {
		all = append(all, r.apply(halfHeardRules)...)
	}
	all = append(all, r.apply(witnessRules)...)
	all = append(all, r.apply(connectionRules)...)
	all = append(all, r.apply(pathRules)...)
	all = append(all, r.apply(helloRules)...)
	all = append(all, r.keyed(outcome.Server, r.chainFindings(r.server))...)
	all = append(all, r.apply(stapleRules)...)
	all = append(all, r.apply(refutedRules)...)
	if r.mode == OneSide {
		all = append(all, r.apply(askedWronglyRules)...)
	}
	all = append(all, r.apply(rememberedRules)...)
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
	if r.h.Outcome != Established {
		all = append(all, r.apply(unseenRules)...)
		all = append(all, r.apply(ownReasonRules)...)
	}
	switch {
	case r.settled(all):
	case r.h.Outcome == Established:
		all = append(all, r.apply(stillOpenRules)...)
	default:
		all = append(all, r.apply(perhapsRules())...)
		all = append(all, r.apply(unreadRules())...)
	}
	all = append(all, r.alteredMessage(all)...)
	return r.undermined(append(all, r.perhapsAltered(all)...))
}
