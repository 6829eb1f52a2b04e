package harness

import (
	"shakedown/harness/crossref"
	"shakedown/harness/diagnose"
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// A Phase is where a session stands.
type Phase string

// The phases.
const (
	PhaseStarting Phase = "starting"
	PhaseHeld     Phase = "held"    // a unit waits at the gate
	PhaseRunning  Phase = "running" // nothing is held; the endpoints are working
	PhaseEnded    Phase = "ended"
)

// A State is a session at one moment, as plain data: what a screen needs and
// nothing more. It is a snapshot; the session does not change it afterwards.
type State struct {
	ID    string // scenario id, or what the command was given
	Title string
	About string
	Cell  outcome.Cell
	// Cells are those that the session could be restarted in.
	Cells []outcome.Cell
	Phase Phase
	// Connection counts from 1; Connections is how many the script makes.
	Connection, Connections int
	// Recording says that nothing is live: the connection is over, and the
	// cursor is anywhere in it. It is nil for a session.
	Recording *RecordingPlace
	// Timeline holds the steps up to and including those of the unit at the
	// gate, whose Held is set. Steps of units queued behind it are not shown.
	Timeline *dissect.Timeline
	// Book is what the whole of the timeline tells of each step.
	Book *crossref.Book
	// Cursor is the index of the current step, -1 before the first.
	Cursor int
	// HeldFrom is the sender of the unit at the gate, HeldSteps its steps, and
	// Queued the number of units that wait behind it.
	HeldFrom  outcome.Role
	HeldSteps []*dissect.Step
	Queued    int
	// Breakpoints are the set ones; StoppedBy is the one that stopped the last
	// Continue, empty if none did.
	Breakpoints []Breakpoint
	StoppedBy   string
	// Client and Server are what each side was configured with and says.
	Client, Server transcript.Side
	// Diagnosis and Result are set when the connection ended.
	Diagnosis *diagnose.Diagnosis
	Result    *Result
	// Err is why the session could not run, in a person's words.
	Err error
	// Disabled says, for each command that cannot be used now, why not.
	Disabled map[Command]string
	// Notes are sentences about what was minted to fit, or switched off.
	Notes []string
}

// A RecordingPlace is where a connection stands in the file that it was read
// from: its number, from 1, and how many the file holds.
type RecordingPlace struct{ Number, Of int }

// A Command is one of the session's verbs, in delve's words.
type Command string

// The commands.
const (
	CommandStep     Command = "step"     // move over one recorded step, else release one unit
	CommandNext     Command = "next"     // the rest of the flight
	CommandContinue Command = "continue" // to a breakpoint or the end
	CommandFinish   Command = "finish"   // to the end, whatever breakpoints there are
	CommandBack     Command = "back"     // one step back over what is recorded
	CommandForward  Command = "forward"  // one step forward over what is recorded
	CommandRestart  Command = "restart"
	CommandSwitch   Command = "switch" // restart in another cell
)

// A Breakpoint stops Continue before the unit that holds a matching message is
// released.
type Breakpoint struct {
	// Message is a handshake message's name ("Certificate"), or "alert" for any alert.
	Message string
	// From limits it to one sender; empty means either.
	From outcome.Role
}

// String returns the breakpoint as a person types it: "server Certificate".
func (b Breakpoint) String() string {
	if b.From == "" {
		return b.Message
	}
	return string(b.From) + " " + b.Message
}
