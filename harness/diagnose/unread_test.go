package diagnose

import (
	"slices"
	"strings"
	"testing"

	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// unreadFault is a fault of a side's certificate or key, as it looks to who can read
// everything but that side's protected messages.
func unreadFault(t *testing.T, of outcome.Role, cell outcome.Cell, build func(*setup)) *transcript.Transcript {
	t.Helper()
	s := newSetup(t, cell)
	build(s)
	rec := captured(s.record(), of.Peer())
	return withKeys(t, rec, func(keys string) string {
		lines := slices.DeleteFunc(strings.SplitAfter(keys, "\n"), func(line string) bool {
			return strings.HasPrefix(line, strings.ToUpper(string(of))+"_")
		})
		return strings.Join(lines, "")
	})
}

// signsWithAnother, keyOfAnotherKind and damagedCertificate are faults of a side that
// Go refuses with decrypt_error, illegal_parameter and decode_error.
func signsWithAnother(of outcome.Role) func(*setup) {
	return func(s *setup) { s.sign(of, issue(s.t, nil, serverLeaf())) }
}

func keyOfAnotherKind(of outcome.Role) func(*setup) {
	return func(s *setup) { s.sign(of, issueWithKey(s.t, nil, rsaKey(), serverLeaf())) }
}

func damagedCertificate(of outcome.Role) func(*setup) {
	return func(s *setup) {
		set := &s.client
		if of == outcome.Server {
			set = &s.server
		}
		set.Credentials[0].Chain = [][]byte{damaged(set.Credentials[0].Chain[0])}
		set.SendForced = true
	}
}

// unreadTwins are, for each row and side, an alert that it fits and one that it does
// not.
func unreadTwins() []twin {
	faults := map[uint8]func(outcome.Role) func(*setup){
		alertDecryptError: signsWithAnother, alertIllegalParameter: keyOfAnotherKind, alertDecodeError: damagedCertificate,
	}
	expire := func(of outcome.Role) func(*setup) {
		return func(s *setup) {
			if of == outcome.Server {
				s.present(of, issue(s.t, s.serverCA, serverLeaf(expired)), s.serverCA)
			} else {
				s.present(of, issue(s.t, s.clientCA, clientLeaf(expired)), s.clientCA)
			}
		}
	}
	var list []twin
	for _, row := range unreadRows {
		for _, of := range roles {
			in := func(fault func(outcome.Role) func(*setup)) func(*desk) Input {
				return func(d *desk) Input {
					return Input{Timeline: dissect.Transcript(unreadFault(d.t, of, tcp13, fault(of))), Recorded: testClock}
				}
			}
			other := expire
			for _, code := range []uint8{alertDecryptError, alertDecodeError} {
				if !slices.Contains(row.alerts, code) {
					other = faults[code]
				}
			}
			for _, code := range row.alerts {
				list = append(list, twin{"unread", row.id(of), in(faults[code]), in(other)})
			}
		}
	}
	return list
}

// TestUnreadProofs are alerts about a certificate, or about the proof of its key, that
// can be read where the certificate cannot: what can be behind them is named, the key
// first, nothing of it is certain, and the alert is quoted for what it says.
func TestUnreadProofs(t *testing.T) {
	client, server := outcome.Client, outcome.Server
	key := func(of outcome.Role) []string {
		return []string{string(of) + "-key-mismatch?", string(of) + "-chain-wrong-order?", string(of) + "-key-type-mismatch?", "altered-on-path?"}
	}
	kind := func(of outcome.Role) []string {
		return []string{string(of) + "-key-type-mismatch?", "altered-on-path?"}
	}
	certificate := func(of outcome.Role) []string {
		return []string{string(of) + "-cert-garbage?", string(of) + "-negative-serial?", "altered-on-path?"}
	}
	const malformed = "malformed"
	for _, tt := range []struct {
		name          string
		of            outcome.Role
		cell          outcome.Cell
		build         func(*setup)
		want          []string
		says, saysNot string
	}{
		{"the server's key", server, quic13, signsWithAnother(server), key(server), "the client says that a cryptographic operation of the handshake failed", malformed},
		{"the server's key", server, tcp13, signsWithAnother(server), key(server), "decrypt_error", malformed},
		{"the client's key", client, quic13, signsWithAnother(client), key(client), "the server says that a cryptographic operation of the handshake failed", malformed},
		{"the client's key", client, tcp13, signsWithAnother(client), key(client), "decrypt_error", malformed},
		{"the kind of the server's key", server, quic13, keyOfAnotherKind(server), kind(server), malformed, "decrypt_error"},
		{"the kind of the client's key", client, tcp13, keyOfAnotherKind(client), kind(client), malformed, "decrypt_error"},
		{"the server's certificate", server, quic13, damagedCertificate(server), certificate(server), malformed, "decrypt_error"},
		{"the client's certificate", client, tcp13, damagedCertificate(client), certificate(client), malformed, "decrypt_error"},
	} {
		t.Run(tt.name+"/"+tt.cell.String(), func(t *testing.T) {
			d, timeline := diagnosed(unreadFault(t, tt.of, tt.cell, tt.build), nil)
			if !slices.Equal(said(d).causes, tt.want) {
				t.Fatalf("got %v, want %v\n%s%s", said(d), tt.want, story(d), wireStory(timeline))
			}
			wellSaid(t, d)
			for _, c := range d.Causes {
				if text := evidenceOf(c); !strings.Contains(text, tt.says) || strings.Contains(text, tt.saysNot) {
					t.Errorf("the evidence of %s is to say %q and not %q:\n%s", c.ID, tt.says, tt.saysNot, text)
				}
			}
		})
	}
}

// TestUnreadProofsThatWereNotDue are the same alerts where there was no proof to
// refuse, or where it has been accepted.
func TestUnreadProofsThatWereNotDue(t *testing.T) {
	client, server := outcome.Client, outcome.Server
	gap := func() *dissect.Step { return transportStep(server, stepGap) }
	flight := func(steps ...*dissect.Step) *dissect.Timeline {
		return tcp(append([]*dissect.Step{clientHello(250), serverHello(), extensions()}, steps...)...)
	}
	certificate := func(of outcome.Role) []string {
		return []string{string(of) + "-cert-garbage?", string(of) + "-negative-serial?", "altered-on-path?"}
	}
	for _, tt := range []struct {
		name     string
		timeline *dissect.Timeline
		want     []string
	}{
		{"the server's Certificate is lost", flight(gap(), finishedStep(server), alert(client, 2, alertDecodeError, false)), certificate(server)},
		{"the client has taken it", flight(gap(), finishedStep(server), finishedStep(client), alert(client, 2, alertDecodeError, false)), one("altered-on-path?")},
		{"what is lost comes behind the Finished", flight(finishedStep(server), gap(), alert(client, 2, alertDecodeError, false)), one("altered-on-path?")},
		{"a session is resumed", resumes(flight(gap(), alert(client, 2, alertDecodeError, false))), one("altered-on-path?")},
		{"the client was asked", refusesUnread(t, outcome.AuthRequire), certificate(client)},
		{"the client was not asked", refusesUnread(t, outcome.AuthNone), one("altered-on-path?")},
	} {
		if got := Diagnose(Input{Timeline: tt.timeline, Recorded: testClock}); !slices.Equal(said(got).causes, tt.want) {
			t.Errorf("%s: got %v, want %v\n%s%s", tt.name, said(got), tt.want, story(got), wireStory(tt.timeline))
		}
	}
}

// resumes has the server accept a pre-shared key.
func resumes(t *dissect.Timeline) *dissect.Timeline {
	t.Steps[1].Message.(*tlswire.ServerHello).SelectedPSK = new(uint16)
	return t
}

// refusesUnread is a client's flight that cannot be read, and a server that refuses it
// with decode_error.
func refusesUnread(t *testing.T, mode outcome.ClientAuth) *dissect.Timeline {
	t.Helper()
	timeline := dissect.Transcript(unreadFault(t, outcome.Client, tcp13, func(s *setup) { s.server.ClientAuth = mode }))
	at := slices.IndexFunc(timeline.Steps, func(s *dissect.Step) bool { return s.From == outcome.Client && s.Sealed() })
	if at < 0 {
		t.Fatalf("all can be read\n%s", wireStory(timeline))
	}
	refusal := alert(outcome.Server, 2, alertDecodeError, false)
	refusal.N = timeline.Steps[at].N + 1
	timeline.Steps = append(timeline.Steps[:at+1], refusal)
	return timeline
}

// evidenceOf is all that a cause rests on.
func evidenceOf(c Cause) string {
	var b strings.Builder
	for _, e := range c.Evidence {
		b.WriteString(e.Text + "\n")
	}
	return b.String()
}
