package dissect

import (
	"errors"
	"fmt"

	"shakedown/harness/field"
	"shakedown/harness/keylog"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// ErrNoKey is what the Err of a step wraps whose bytes stayed protected because
// no key log has their key.
var ErrNoKey = errors.New("encrypted, no key")

// errNotRead is why the records of older versions stay closed.
var errNotRead = errors.New("is not read")

// Unreadable says that the step's bytes stayed protected in a way that is not
// undone here: no key would help.
func (s *Step) Unreadable() bool {
	var suite *tlswire.SuiteError
	return errors.Is(s.Err, errNotRead) || errors.As(s.Err, &suite)
}

// keys open one side's records at one level.
type keys struct {
	// candidates are the protections that the key logs allow for, the likeliest
	// first. The first record that one of them opens leaves only that one.
	candidates []*tlswire.Protection
	proven     bool
	// guessed says that the secrets are those of other connections; then masters
	// are the candidates' master secrets.
	guessed bool
	masters [][]byte
	// strays are the records that were tried at other places than their own.
	strays int
	// err says why a secret gave no keys.
	err error
}

// reconsider forgets keys that have opened nothing, because better ones may have come.
func (k *keys) reconsider() {
	if !k.proven {
		*k = keys{}
	}
}

// update moves on to the keys after a KeyUpdate.
func (k *keys) update() {
	if len(k.candidates) == 0 {
		return
	}
	if next, err := k.candidates[0].Next(); err == nil {
		k.candidates[0] = next
	}
}

// prove leaves only the candidate that has opened a record.
func (k *keys) prove(i int) {
	k.candidates, k.proven = k.candidates[i:i+1], true
	if k.masters != nil {
		k.masters = k.masters[i : i+1]
	}
}

// open opens a record with the first key that fits.
func (k *keys) open(r *record, level Level) error {
	if len(k.candidates) == 0 {
		if k.err != nil {
			return k.err
		}
		return ErrNoKey
	}
	var failed error
	for i, p := range k.candidates {
		typ, content, err := p.Open(r.Record)
		if err == nil {
			k.prove(i)
			r.contentType, r.content, r.level, r.protected = typ, content, level, true
			return nil
		}
		if failed == nil {
			failed = err
		}
	}
	if k.guessed && !k.proven {
		return ErrNoKey
	}
	return failed
}

// enter moves a TLS 1.3 sender on to another level, whose keys are yet to be found.
func (dir *direction) enter(level Level) {
	dir.level = level
	dir.keys = keys{}
}

// unprotect opens a record. The error wraps ErrNoKey if a key may yet come.
func (s *stream) unprotect(dir *direction, r *record) error {
	switch version := s.d.settled.version; version {
	case tlswire.VersionTLS13:
		return s.unprotect13(dir, r)
	case tlswire.VersionTLS12:
		if len(dir.keys.candidates) == 0 {
			dir.keys = s.keys12(dir.from)
		}
		if dir.gap {
			return s.openBehindGap(dir, &dir.keys, r, Application)
		}
		return dir.keys.openInTurn(r, Application)
	case 0:
		return ErrNoKey
	default:
		return fmt.Errorf("the record protection of %s %w", tlswire.VersionName(version), errNotRead)
	}
}

func (s *stream) unprotect13(dir *direction, r *record) error {
	r.tls13 = true
	if dir.level == Early {
		return s.unprotectEarly(dir, r)
	}
	if len(dir.keys.candidates) == 0 {
		dir.keys = s.keys13(dir.from, dir.level)
	}
	if len(dir.keys.candidates) == 0 && dir.level == Handshake {
		// A key log can begin in the middle. The first record that the
		// application keys open is the first behind Finished.
		application := s.keys13(dir.from, Application)
		if application.open(r, Application) == nil {
			dir.level, dir.keys = Application, application
			return nil
		}
	}
	if dir.gap {
		return s.unprotectBehindGap13(dir, r)
	}
	return dir.keys.openInTurn(r, dir.level)
}

// unprotectEarly opens what a client sends that has offered early data. Only
// trying tells early data from the handshake: a client whose offer is refused
// sends no EndOfEarlyData, and "the server [...] skips past early data" by
// "attempting to deprotect received records using the handshake traffic key"
// (RFC 8446 4.2.10).
func (s *stream) unprotectEarly(dir *direction, r *record) error {
	if len(dir.early.candidates) == 0 {
		dir.early = s.keys13(dir.from, Early)
	}
	if dir.early.open(r, Early) == nil {
		return nil
	}
	handshake := s.keys13(dir.from, Handshake)
	if handshake.open(r, Handshake) == nil {
		dir.level, dir.keys = Handshake, handshake
		return nil
	}
	if len(handshake.candidates) > 0 {
		return errEarlyData
	}
	return ErrNoKey
}

// errEarlyData says that a record can only be early data.
var errEarlyData = fmt.Errorf("%w: early data", ErrNoKey)

// labels name the secrets of TLS 1.3 in a key log.
var labels = map[outcome.Role]map[Level]keylog.Label{
	outcome.Client: {
		Early:       keylog.ClientEarlyTraffic,
		Handshake:   keylog.ClientHandshakeTraffic,
		Application: keylog.ClientTraffic,
	},
	outcome.Server: {
		Handshake:   keylog.ServerHandshakeTraffic,
		Application: keylog.ServerTraffic,
	},
}

// keys13 returns the keys that the logs allow for.
func (s *stream) keys13(from outcome.Role, level Level) (k keys) {
	for _, secret := range s.d.secrets(from, labels[from][level]) {
		p, err := tlswire.NewTrafficKeys13(s.d.settled.cipherSuite, secret)
		if err != nil {
			k.err = err
			continue
		}
		k.candidates = append(k.candidates, p)
	}
	return k
}

// keys12 returns the keys that the logs allow for.
func (s *stream) keys12(from outcome.Role) (k keys) {
	settled := &s.d.settled
	masters := s.d.secrets(from, keylog.ClientRandom)
	if len(masters) == 0 && settled.resumed {
		masters, k.guessed = s.d.masters(), true
	}
	for _, master := range masters {
		client, server, err := tlswire.NewKeys12(settled.cipherSuite, master, settled.clientRandom, settled.serverRandom)
		if err != nil {
			k.err = err
			continue
		}
		p := server
		if from == outcome.Client {
			p = client
		}
		if settled.encryptThenMAC {
			p.EncryptThenMAC()
		}
		k.candidates = append(k.candidates, p)
		if k.guessed {
			k.masters = append(k.masters, master)
		}
	}
	return k
}

// encryptedAlert is the name of an alert of TLS 1.2 that stays protected.
const encryptedAlert = "encrypted alert"

// closed returns the step of a record that stays protected. It is application
// data in name where only that is known; TLS 1.2 shows the type of what is
// inside.
func (s *stream) closed(dir *direction, r *record, err error) *Step {
	kind, name, level := KindApplicationData, "encrypted record", dir.level
	switch {
	case errors.Is(err, errEarlyData), dir.level == Early && s.server.level == Plaintext:
		name, level = "early data", Early
	case s.d.settled.version == tlswire.VersionTLS13:
	case r.Type == tlswire.Handshake:
		kind, name, level = KindHandshake, "encrypted handshake message", Application
	case r.Type == tlswire.AlertType:
		name, level = encryptedAlert, Application
	case s.d.settled.version != 0:
		name, level = "encrypted application data", Application
	default:
		level = Application
	}
	step := s.d.newStep(dir.from, kind, name, r.units)
	step.Level, step.Bytes, step.WireBytes = level, len(r.Payload), len(r.Raw)
	step.Err, step.unread = err, true
	step.Summary = field.Printable(err.Error())
	switch {
	case name == "early data":
		step.Summary = "early data, no key"
	case errors.Is(err, tlswire.ErrRecordMAC):
		step.Summary = "encrypted, and does not open: " + step.Summary
	case !errors.Is(err, ErrNoKey):
		step.Summary = "encrypted: " + step.Summary
	}
	// Readers keep the step, and the record may yet be opened.
	asSent := *r
	asSent.closed = true
	step.tree = recordTree(&asSent)
	return step
}
