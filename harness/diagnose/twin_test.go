package diagnose

import (
	"slices"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// A twin is what a rule is for, and what looks like it and is something else.
type twin struct {
	// table and id name the rule.
	table, id string
	// is must have the cause among those of the connection, isNot must not.
	is, isNot func(*desk) Input
}

// A desk is where recordings are written by hand: a healthy pair, and what the
// sides say.
type desk struct {
	*pair
	t              *testing.T
	client, server outcome.Settings
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{pair: healthyPair(t), t: t}
	d.client, d.server = d.settings(t)
	return d
}

func (d *desk) settingsOf(role outcome.Role) outcome.Settings {
	if role == outcome.Client {
		return d.client
	}
	return d.server
}

// side is a side with its handshake's error, nil for a handshake that succeeded.
func (d *desk) side(role outcome.Role, f *outcome.Failure) transcript.Side {
	return transcript.Side{Settings: d.settingsOf(role), Outcome: outcome.Outcome{Role: role, Known: true, Complete: f == nil, Handshake: f}}
}

// both is a recording of both sides, one that side's alone, wire a capture, and
// log what one side's log has.
func (d *desk) both(client, server *outcome.Failure, t *dissect.Timeline) Input {
	return Input{Timeline: t, Client: d.side(outcome.Client, client), Server: d.side(outcome.Server, server), Recorded: testClock}
}

func (d *desk) one(role outcome.Role, f *outcome.Failure, t *dissect.Timeline) Input {
	in := Input{Timeline: t, Recorded: testClock}
	*in.side(role) = d.side(role, f)
	return in
}

func (d *desk) wire(t *dissect.Timeline) Input { return Input{Timeline: t, Recorded: testClock} }

func (d *desk) log(role outcome.Role, f *outcome.Failure) Input {
	in := d.one(role, f, nil)
	in.Recorded = testClock
	return in
}

// What sides say.

func told(code uint8) *outcome.Failure {
	return &outcome.Failure{Text: "remote error: tls: " + tlswire.AlertName(code), Op: outcome.OpHandshake, Peer: &outcome.PeerAlert{Code: code}}
}

func decides(code uint8, text string) *outcome.Failure {
	return &outcome.Failure{Text: text, Op: outcome.OpHandshake, Local: &outcome.LocalAlert{Code: code, HasCode: true}}
}

func refuses(kind outcome.VerifyKind, text string, named *entity) *outcome.Failure {
	f := &outcome.Failure{Text: text, Op: outcome.OpHandshake, Local: &outcome.LocalAlert{}, Verify: &outcome.VerifyFailure{Kind: kind}}
	if named != nil {
		f.Verify.Certificate = named.raw()
	}
	return f
}

func calledBack(callback outcome.Callback, kind outcome.VerifyKind, text string) *outcome.Failure {
	f := &outcome.Failure{Text: text, Op: outcome.OpHandshake, Local: &outcome.LocalAlert{}, Callback: callback}
	if kind != "" {
		f.Verify = &outcome.VerifyFailure{Kind: kind}
	}
	return f
}

func endsBy(how outcome.TransportEnd) *outcome.Failure {
	return &outcome.Failure{Text: string(how), Op: outcome.OpHandshake, Transport: how}
}

// What crosses the wire.

func sends(from outcome.Role, list ...*entity) *dissect.Step {
	m := &tlswire.Certificate{}
	for _, raw := range raws(list...) {
		m.Entries = append(m.Entries, tlswire.CertificateEntry{Data: raw})
	}
	return handStep(from, dissect.KindHandshake, "Certificate", func(s *dissect.Step) { s.Message = m })
}

func signs13(from outcome.Role) *dissect.Step {
	return handStep(from, dissect.KindHandshake, "CertificateVerify", func(s *dissect.Step) {
		s.Message = &tlswire.CertificateVerify{Scheme: 0x0403}
	})
}

func extensions() *dissect.Step {
	return handStep(outcome.Server, dissect.KindHandshake, "EncryptedExtensions", func(s *dissect.Step) { s.Message = &tlswire.EncryptedExtensions{} })
}

func frame(from outcome.Role, name string) *dissect.Step {
	return handStep(from, dissect.KindQUICFrame, name, func(s *dissect.Step) { s.WireBytes, s.Units = 60, []int{0} })
}

func does(s *dissect.Step, m transcript.Mark) *dissect.Step {
	s.Marks = append(s.Marks, m)
	return s
}

// tcp and quic are timelines of TLS 1.3.
func tcp(steps ...*dissect.Step) *dissect.Timeline { return timeline(outcome.TCP, tls13, steps...) }

func quic(steps ...*dissect.Step) *dissect.Timeline { return timeline(outcome.QUIC, tls13, steps...) }

// flight is a ClientHello and all that a server answers.
func (d *desk) flight(more ...*dissect.Step) []*dissect.Step {
	return append([]*dissect.Step{
		clientHello(250), serverHello(), extensions(), requestStep(), sends(outcome.Server, d.pair.server, d.serverCA), signs13(outcome.Server), finishedStep(outcome.Server),
	}, more...)
}

// twins are all of them.
func twins() []twin {
	return slices.Concat(pathTwins(), oneSidedTwins(), ownReasonTwins(), unseenTwins(), policyTwins(), successTwins(), transportTwins(), ownFileTwins(), stapleTwins(), witnessTwins(), perhapsTwins(), unreadTwins())
}

// TestTwins holds each rule against its own case and against a look-alike.
func TestTwins(t *testing.T) {
	for _, tt := range twins() {
		t.Run(tt.table+"/"+tt.id, func(t *testing.T) {
			is, isNot := tt.is(newDesk(t)), tt.isNot(newDesk(t))
			d := Diagnose(is)
			if !has(d.Causes, tt.id) {
				t.Errorf("its own case comes to %+v, without it\n%s", said(d), story(d))
			}
			wellSaid(t, d)
			nothingMissed(t, is)
			d = Diagnose(isNot)
			if has(d.Causes, tt.id) {
				t.Errorf("what looks like it comes to %+v\n%s", said(d), story(d))
			}
			wellSaid(t, d)
			nothingMissed(t, isNot)
		})
	}
}

// TestEveryRuleHasATwin fails for a rule of the tables here that no twin is about.
func TestEveryRuleHasATwin(t *testing.T) {
	there := map[[2]string]bool{}
	for _, tt := range twins() {
		there[[2]string{tt.table, tt.id}] = true
	}
	for name, table := range map[string][]rule{
		"path": pathRules, "half-heard": halfHeardRules, "refuted": refutedRules, "own reason": ownReasonRules, "unseen": unseenRules,
		"enforcement": enforcementRules, "resumption": resumptionRules, "connection": connectionRules, "last": lastRules,
		"own file": ownFileRules, "asked wrongly": askedWronglyRules, "staple": stapleRules, "spoken": spokenRules, "remembered": rememberedRules,
		"witness": witnessRules, "perhaps": perhapsRules(), "unread": unreadRules(),
	} {
		for _, r := range table {
			if !there[[2]string{name, r.id}] {
				t.Errorf("no twin is about %s of the %s rules", r.id, name)
			}
		}
	}
	for _, row := range policyRows {
		for _, id := range []string{row.server, row.client} {
			if !there[[2]string{"policy", id}] {
				t.Errorf("no twin is about %s of the policy rows", id)
			}
		}
	}
	for _, w := range ownWords {
		for _, id := range []string{w.client, w.server} {
			if id != "" && !there[[2]string{"own words", id}] {
				t.Errorf("no twin is about %s of the sides' own words", id)
			}
		}
	}
}
