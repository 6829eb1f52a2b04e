package diagnose

// Mode is how much of a connection a diagnosis had to go by. It never claims
// more than that allows.
type Mode string

// The modes, from the least to the most.
const (
	// ErrorsOnly is one side's errors and its own configuration: what a log and
	// the files beside it have. Nothing was recorded.
	ErrorsOnly Mode = "errors"
	// WireOnly is a capture: no side's own words.
	WireOnly Mode = "wire"
	// OneSide is one side's own words and what passed on its wire.
	OneSide Mode = "one-side"
	// BothSides is what both sides say, and the wire between them.
	BothSides Mode = "both-sides"
)

func modeOf(in *Input) Mode {
	client, server := in.Client.Outcome.Known, in.Server.Outcome.Known
	switch {
	case client && server:
		return BothSides
	case !client && !server:
		return WireOnly
	case in.Timeline == nil:
		return ErrorsOnly
	}
	return OneSide
}
