package scenarios_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/fault"
	"shakedown/harness/outcome"
	"shakedown/harness/scenario"
)

// kinds are what can happen on the wire, each with the transports over which it
// can exist: those for which the vocabulary has it.
var kinds = map[string][]outcome.Transport{
	"corrupt":         {outcome.TCP, outcome.QUIC},
	"truncate":        {outcome.TCP, outcome.QUIC},
	"drop":            {outcome.TCP, outcome.QUIC},
	"delay":           {outcome.TCP, outcome.QUIC},
	"duplicate":       {outcome.TCP, outcome.QUIC},
	"reorder":         {outcome.TCP, outcome.QUIC},
	"split":           {outcome.TCP},
	"inject an alert": {outcome.TCP},
	"inject bytes":    {outcome.TCP, outcome.QUIC},
	"close one side":  {outcome.TCP},
	"reset one side":  {outcome.TCP},
	"reset both":      {outcome.TCP},
	"blackhole":       {outcome.TCP, outcome.QUIC},
	"throttle":        {outcome.TCP, outcome.QUIC},
	"loss":            {outcome.QUIC},
	"corruption":      {outcome.QUIC},
}

// kindsOf names what a fault does, as kinds does.
func kindsOf(do fault.Do) []string {
	var list []string
	for _, k := range []struct {
		name string
		is   bool
	}{
		{"corrupt", do.Corrupt != nil},
		{"truncate", do.Truncate != 0},
		{"drop", do.Drop},
		{"delay", do.Delay > 0},
		{"duplicate", do.Duplicate},
		{"reorder", do.Reorder},
		{"split", do.Split > 0},
		{"inject an alert", do.Inject != nil && do.Inject.Alert != ""},
		{"inject bytes", do.Inject != nil && do.Inject.Alert == ""},
		{"close one side", do.Close == fault.TheClient || do.Close == fault.TheServer},
		{"reset one side", do.Reset == fault.TheClient || do.Reset == fault.TheServer},
		{"reset both", do.Reset == fault.BothOfThem},
		{"blackhole", do.Blackhole != fault.NoSide},
		{"throttle", do.Throttle != nil},
		{"loss", do.Loss > 0},
		{"corruption", do.Corruption > 0},
	} {
		if k.is {
			list = append(list, k.name)
		}
	}
	return list
}

func TestEveryFaultOfTheWireHasAScenarioOnEachTransport(t *testing.T) {
	shown := map[string][]outcome.Transport{}
	for _, sc := range load(t) {
		for _, cell := range sc.Cells {
			for _, f := range sc.Faults(cell) {
				for _, kind := range kindsOf(f.Do) {
					shown[kind] = append(shown[kind], cell.Transport)
				}
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, transport := range kinds[kind] {
			if !slices.Contains(shown[kind], transport) {
				t.Errorf("no scenario has %q over %s", kind, transport)
			}
		}
	}
}

// A variant is one rewrite in one mode.
type variant struct {
	what string
	mode fault.Mode
}

// variants are the rewrites that the catalogue shows. Behind one stands what else
// accounts for it: the scenario in the other mode that ends in the same way, whose
// text says so, or why it cannot be.
var variants = map[variant]struct{ alike, cannot string }{
	{"the list is emptied", fault.Tamper}:            {},
	{"the list is emptied", fault.Impersonate}:       {alike: "wire/client-certificates-emptied"},
	{"the list is turned round", fault.Tamper}:       {},
	{"the list is turned round", fault.Impersonate}:  {alike: "wire/server-chain-turned-round"},
	{"another certificate", fault.Tamper}:            {},
	{"another certificate", fault.Impersonate}:       {},
	{"a damaged signature", fault.Tamper}:            {},
	{"a damaged signature", fault.Impersonate}:       {cannot: "the link would sign again and make it whole"},
	{"no CertificateRequest", fault.Tamper}:          {},
	{"no CertificateRequest", fault.Impersonate}:     {},
	{"other EncryptedExtensions", fault.Tamper}:      {},
	{"other EncryptedExtensions", fault.Impersonate}: {},
	{"another protocol", fault.Tamper}:               {alike: "wire/protocol-not-offered"},
	{"another protocol", fault.Impersonate}:          {},
	{"a message too long", fault.Tamper}:             {alike: "wire/message-too-long"},
	{"a message too long", fault.Impersonate}:        {},
	{"a message twice", fault.Tamper}:                {alike: "wire/message-repeated"},
	{"a message twice", fault.Impersonate}:           {},
}

// rewritten names what a rewrite does, as variants does; empty for another one.
func rewritten(f scenario.Fault) string {
	r := f.Do.Rewrite
	switch {
	case f.Certificates != nil && len(f.Certificates) == 0:
		return "the list is emptied"
	case f.Certificates != nil:
		return "another certificate"
	case r.Reverse:
		return "the list is turned round"
	case r.Damage:
		return "a damaged signature"
	case r.Remove && f.On.Message == "CertificateRequest":
		return "no CertificateRequest"
	case r.Duplicate:
		return "a message twice"
	case r.ALPN != nil:
		return "another protocol"
	case r.Append != nil:
		return "a message too long"
	case f.On.Message == "EncryptedExtensions":
		return "other EncryptedExtensions"
	}
	return ""
}

func TestEveryRewriteHasAScenarioInEachMode(t *testing.T) {
	shown, about := map[variant][]outcome.Transport{}, map[string]string{}
	for _, sc := range load(t) {
		about[sc.ID] = sc.About
		for _, cell := range sc.Cells {
			for _, f := range sc.Wire {
				if f.Do.Rewrite == nil || f.When.TLS != "" && f.When.TLS != cell.TLS {
					continue
				}
				v := variant{rewritten(f), f.Do.Rewrite.Mode}
				shown[v] = append(shown[v], cell.Transport)
			}
		}
	}
	for v, other := range variants {
		text := strings.Join(strings.Fields(about[other.alike]), " ")
		switch {
		case other.cannot != "":
			if len(shown[v]) > 0 {
				t.Errorf("%q has a scenario in mode %s, which was said to be impossible: %s", v.what, v.mode, other.cannot)
			}
		case other.alike != "":
			if !strings.Contains(text, "(mode "+string(v.mode)+")") {
				t.Errorf("%s does not say that it ends in the same way with mode %s:\n%s", other.alike, v.mode, text)
			}
		default:
			for _, transport := range []outcome.Transport{outcome.TCP, outcome.QUIC} {
				if !slices.Contains(shown[v], transport) {
					t.Errorf("%q has no scenario in mode %s over %s", v.what, v.mode, transport)
				}
			}
		}
	}
}

// A text that says that the other mode ends in the same way has to be right.
func TestModesThatAreSaidToEndAlikeDo(t *testing.T) {
	for v, other := range variants {
		if other.alike == "" {
			continue
		}
		var ends [2]appearance
		for i, mode := range []fault.Mode{fault.Tamper, fault.Impersonate} {
			ends[i] = appearances(t, inMode(t, other.alike, mode))[0]
		}
		if len(ends[0]) == 0 || !maps.Equal(ends[0], ends[1]) {
			t.Errorf("%s, %q: the modes end in two ways:\n%v\n%v", other.alike, v.what, ends[0], ends[1])
		}
	}
}

// inMode returns one scenario, with its rewrites in that mode and in the cells that
// both modes have.
func inMode(t *testing.T, id string, mode fault.Mode) []*scenario.Scenario {
	t.Helper()
	for _, sc := range load(t) {
		if sc.ID != id {
			continue
		}
		sc.Cells = slices.DeleteFunc(sc.Cells, func(c outcome.Cell) bool { return c.TLS != "1.3" })
		for i := range sc.Wire {
			sc.Wire[i].Do.Rewrite.Mode = mode
		}
		return []*scenario.Scenario{sc}
	}
	t.Fatalf("%s does not exist", id)
	return nil
}
