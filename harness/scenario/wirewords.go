package scenario

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"shakedown/harness/fault"
	"shakedown/harness/field"
)

// These are the words for what happens on the wire.

// faultSides are the words for one side or both.
var faultSides = []string{string(fault.TheClient), string(fault.TheServer), string(fault.BothOfThem)}

// every is the word for a fault that is repeated.
const every = "every"

// half is the word for a unit that is cut in its middle.
const half = "half"

// shortFaults are those that can stand alone, as a word.
var shortFaults = []string{"drop", "duplicate", "reorder", "corrupt", "truncate", "close", "reset", "blackhole"}

// faultMessages are the names that a fault can give to a unit.
var faultMessages = func() []string {
	names := fault.Messages()
	for _, alert := range alerts {
		names = append(names, fault.Alert+" "+alert)
	}
	return names
}()

var wireShape = list(&shape{
	kind: objectShape, def: "fault",
	doc: "One thing that happens on the wire: to which unit, and what.",
	keys: []key{
		{"when", &shape{
			kind: objectShape, doc: "The cells that it is for. Default: all.",
			keys: []key{
				{"transport", &shape{words: transports, noun: "transport"}},
				{"tls", &shape{kind: versionShape, words: versions, noun: "TLS version"}},
			},
		}},
		{"on", onShape},
		{"do", doShape},
	},
}, "What happens on the wire. A unit is a TLS record over TCP, and a datagram over QUIC.")

var onShape = &shape{
	kind: objectShape, doc: "The unit that is meant. Default: the first of either side.",
	keys: []key{
		{"from", &shape{words: roles, noun: "side", doc: "The side that sends it."}},
		{"message", &shape{words: faultMessages, noun: "message", doc: "The message that the unit completes. Default: any unit."}},
		{"larger", &shape{kind: integerShape, doc: "Only units of more bytes than that.", syntax: between("larger", 1, 65535)}},
		{"nth", &shape{
			kind: eitherShape, doc: "Which of the units that fit, from 1, or every one. Default: 1.",
			options: []*shape{{kind: integerShape, syntax: between("nth", 1, 1000)}, {words: []string{every}, noun: "nth"}},
		}},
	},
}

var doShape = &shape{
	kind: eitherShape, doc: "What becomes of it. Several keys act together.",
	options: []*shape{
		{words: shortFaults, noun: "fault", doc: "Short for the same key with its usual value."},
		{kind: objectShape, keys: []key{
			{"rewrite", rewriteShape},
			{"mode", modeShape},
			{"corrupt", &shape{
				kind: objectShape, doc: "Flip one bit.",
				keys: []key{
					{"byte", &shape{kind: integerShape, doc: "The byte, from 0: of what the record holds, or of the datagram. Default: the one in the middle.", syntax: between("byte", 0, 65535)}},
					{"bit", &shape{kind: integerShape, doc: "The bit, 0 being the lowest. Default: 0.", syntax: between("bit", 0, 7)}},
				},
			}},
			{"truncate", &shape{
				kind: eitherShape, doc: "Deliver only so many bytes of it, or half.",
				options: []*shape{{kind: integerShape, syntax: between("truncate", 1, 65535)}, {words: []string{half}, noun: "place to truncate at"}},
			}},
			{"drop", onlyTrue("Deliver nothing of it.")},
			{"delay", &shape{doc: "Deliver it later, such as 300ms. TCP keeps its order, so what follows waits too.", syntax: shortSpan, pattern: shortSpanPattern}},
			{"duplicate", onlyTrue("Deliver it twice.")},
			{"reorder", onlyTrue("Deliver it behind the next unit from the same side.")},
			{"split", &shape{kind: integerShape, doc: "Deliver it in pieces of so many bytes (TCP).", syntax: between("split", 1, 65535)}},
			{"inject", injectShape},
			{"close", &shape{words: faultSides, noun: "side", doc: "End the stream towards these sides behind it (TCP). As a word: both."}},
			{"reset", &shape{words: faultSides, noun: "side", doc: "Reset the connection towards these sides behind it (TCP). As a word: both."}},
			{"blackhole", &shape{words: faultSides, noun: "side", doc: "Swallow it, and from here on everything that these sides send. As a word: both."}},
			{"throttle", &shape{
				kind: objectShape, doc: "From here on let the sender's bytes through slowly: so many, and then none for that long.",
				keys: []key{
					{"bytes", &shape{kind: integerShape, doc: "How many bytes at a time. Default: 1.", syntax: between("bytes", 1, 65535)}},
					{"every", &shape{doc: "How long one turn takes, such as 5ms.", syntax: shortSpan, pattern: shortSpanPattern}},
				},
			}},
			{"loss", &shape{doc: "From here on lose so many of the sender's datagrams, such as 20% (QUIC). A CONNECTION_CLOSE is spared, for nobody sends it again.", syntax: percentage, pattern: percentPattern}},
			{"corruption", &shape{doc: "From here on flip a bit in so many of the sender's datagrams, such as 20% (QUIC). A CONNECTION_CLOSE is spared.", syntax: percentage, pattern: percentPattern}},
		}},
	},
}

var injectShape = &shape{
	kind: objectShape, doc: "Put in what nobody sent: an alert (TCP), or bytes.",
	keys: []key{
		{"from", &shape{words: roles, noun: "side", doc: "Whose it seems to be. Default: the sender's of the unit."}},
		{"alert", &shape{words: alerts, noun: "alert", doc: "An alert, in a record without protection."}},
		{"level", &shape{words: []string{"fatal", "warning"}, noun: "level", doc: "The alert's level. Default: fatal."}},
		{"text", &shape{doc: "Bytes, as text.", syntax: someBytes}},
		{"hex", &shape{doc: "Bytes, in hexadecimal.", syntax: hexBytes, pattern: `^([0-9A-Fa-f]{2} ?)+$`}},
		{"place", &shape{words: []string{"after", "before"}, noun: "place", doc: "Before the unit or after it. Default: after."}},
	},
}

func onlyTrue(doc string) *shape {
	return &shape{kind: boolShape, doc: doc, syntax: func(s string) error {
		if s != "true" {
			return errors.New("leave it out instead of writing false")
		}
		return nil
	}}
}

func between(name string, least, most int) func(string) error {
	return func(s string) error {
		if n, err := strconv.Atoi(s); err != nil || n < least || n > most {
			return fmt.Errorf("%s %s is not between %d and %d", name, s, least, most)
		}
		return nil
	}
}

// Patterns that say the same to an editor.
const (
	shortSpanPattern = `^[0-9]+(\.[0-9]+)?(us|ms|s|m)$`
	percentPattern   = `^[0-9]{1,3}(\.[0-9])?%$`
)

// maxWait is the longest time that a fault can take.
const maxWait = time.Hour

func shortSpan(s string) error {
	if d, err := time.ParseDuration(s); err != nil || d <= 0 || d > maxWait {
		return fmt.Errorf("%q is no time to wait: write 300ms, 2s or 1m, at most an hour", s)
	}
	return nil
}

func percentage(s string) error {
	_, err := parseRate(s)
	return err
}

// parseRate reads a percentage with at most one decimal.
func parseRate(s string) (fault.Rate, error) {
	number, isPercent := strings.CutSuffix(s, "%")
	whole, tenths, hasTenths := strings.Cut(number, ".")
	n, err := strconv.ParseUint(whole, 10, 8)
	t := uint64(0)
	if err == nil && hasTenths {
		if t, err = strconv.ParseUint(tenths, 10, 8); len(tenths) != 1 {
			err = errors.New("one decimal at most")
		}
	}
	rate := fault.Rate(n*10 + t)
	if err != nil || !isPercent || rate < 1 || rate > 1000 {
		return 0, fmt.Errorf("%q is no share such as 20%% or 0.5%%", s)
	}
	return rate, nil
}

func formatRate(r fault.Rate) string {
	if r%10 == 0 {
		return fmt.Sprintf("%d%%", r/10)
	}
	return fmt.Sprintf("%d.%d%%", r/10, r%10)
}

// maxInjected is how many bytes a fault can put in: a record's worth.
const maxInjected = 1 << 14

func someBytes(s string) error {
	if s == "" || len(s) > maxInjected {
		return fmt.Errorf("between 1 and %s bytes can be put in, not %s", field.Thousands(maxInjected), field.Thousands(len(s)))
	}
	return nil
}

func hexBytes(s string) error {
	b, err := parseHex(s)
	if err != nil {
		return fmt.Errorf("%q is no hexadecimal number of whole bytes", s)
	}
	return someBytes(string(b))
}

// parseHex reads whole bytes, which may stand apart.
func parseHex(s string) ([]byte, error) {
	digits := strings.ReplaceAll(s, " ", "")
	var b []byte
	for len(digits) >= 2 {
		n, err := strconv.ParseUint(digits[:2], 16, 8)
		if err != nil {
			return nil, err
		}
		b, digits = append(b, byte(n)), digits[2:]
	}
	if digits != "" {
		return nil, errors.New("half a byte is left over")
	}
	return b, nil
}
