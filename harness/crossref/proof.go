package crossref

import (
	"fmt"

	"shakedown/harness/dissect"
)

// A Proof is one signature or MAC, and whether it holds.
type Proof struct {
	// Of is what was checked: "CertificateVerify", "ServerKeyExchange",
	// "Finished", "binder", "certificate 1", "Retry integrity tag".
	Of     string
	Result Result
	// Text is the result in a sentence, Brief in a few words ("verifies with the
	// key in step 6").
	Text, Brief string
	// Reason says why nothing was checked.
	Reason string
	// Key is the step whose certificate holds the key, 0 where the key is a
	// secret or a trust anchor's.
	Key int
	// Receiver is the result over what the other side has seen, where that is
	// not what was sent; else it is empty.
	Receiver Result
}

// A Result is what came of a check.
type Result string

// The results.
const (
	Verified   Result = "verified"
	Failed     Result = "failed"
	NotChecked Result = "not-checked"
)

// A verdict is a result before it is put into words.
type verdict struct {
	Result
	// reason says why nothing was checked, or why it cannot hold.
	reason string
}

func unchecked(format string, args ...any) verdict {
	return verdict{NotChecked, fmt.Sprintf(format, args...)}
}

// judge turns the error of a check into a verdict.
func judge(err error) verdict {
	switch e := err.(type) {
	case nil:
		return verdict{Result: Verified}
	case unsupported:
		return verdict{NotChecked, string(e)}
	case unfit:
		return verdict{Failed, string(e)}
	}
	return verdict{Result: Failed}
}

// An unsupported check is one that this program cannot make.
type unsupported string

func (e unsupported) Error() string { return string(e) }

// An unfit signature cannot hold, whatever its bytes.
type unfit string

func (e unfit) Error() string { return string(e) }

// A claim is a check in words.
type claim struct {
	of string
	// covers is what is signed: "This signature covers the transcript up to step 6".
	covers string
	// with is what it is checked with: "the key in step 6".
	with string
	// holds and fails are the verbs.
	holds, fails string
	key          *dissect.Step
}

// signs is the claim of a signature.
func signs(of, covers, with string) claim {
	return claim{of: of, covers: "This signature covers " + covers, with: with, holds: "verifies with", fails: "does not verify with"}
}

// proof puts what both sides' views say of a claim into words.
func (c claim) proof(v verdict, receiver verdict, from, to string) Proof {
	p := Proof{Of: c.of, Result: v.Result, Reason: v.reason, Receiver: receiver.Result}
	if c.key != nil {
		p.Key = c.key.N
	}
	switch v.Result {
	case NotChecked:
		p.Brief = "not checked: " + v.reason
		p.Text = "Not checked: " + v.reason + "."
	case Verified:
		p.Brief = c.holds + " " + c.with
		p.Text = c.covers + " and " + p.Brief + "."
	default:
		p.Brief = c.fails + " " + c.with
		if v.reason != "" {
			p.Brief += ": " + v.reason
		}
		p.Text = c.covers + " and " + p.Brief + "."
	}
	switch {
	case receiver.Result == "" || receiver.Result == v.Result:
	case receiver.Result == Failed:
		p.Text += fmt.Sprintf(" That is over what the %s has seen and sent; over what the %s has seen it %s: a message before it was changed on the path.", from, to, plain(c.fails))
	case receiver.Result == Verified:
		p.Text += fmt.Sprintf(" That is over what the %s has seen and sent; over what the %s has seen it %s.", from, to, plain(c.holds))
	}
	return p
}

// plain is a verb without its preposition: "verifies".
func plain(verb string) string {
	const with = " with"
	if n := len(verb) - len(with); n > 0 && verb[n:] == with {
		return verb[:n]
	}
	return verb
}
