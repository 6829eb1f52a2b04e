package scenario

import (
	"maps"
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/pki"
)

// The healthy pair: what a scenario has where it says nothing. Each function
// returns a fresh value, which the caller may change.

// defaultEntities are the names of the healthy pair's certificates, issuers first.
var defaultEntities = []string{"server-root", "server-ca", "server", "client-root", "client-ca", "client"}

// defaultPKI returns two unrelated hierarchies, each of a root, an issuing CA and an end entity.
func defaultPKI() pki.Spec {
	return pki.Spec{
		"server-root": {CA: true},
		"server-ca":   {CA: true, Issuer: "server-root"},
		"server":      {Issuer: "server-ca", Usage: []string{"server"}, DNS: []string{"server.test"}, IP: []string{"127.0.0.1"}},
		"client-root": {CA: true},
		"client-ca":   {CA: true, Issuer: "client-root"},
		"client":      {Issuer: "client-ca", Usage: []string{"client"}, DNS: []string{"client-1.test"}},
	}
}

func defaultServer() Endpoint {
	return Endpoint{Present: []string{"server", "server-ca"}, Trust: []string{"client-root"}, ClientAuth: outcome.AuthRequire}
}

func defaultClient() Endpoint {
	return Endpoint{Present: []string{"client", "client-ca"}, Trust: []string{"server-root"}, ServerName: "server.test"}
}

func defaultCells() []outcome.Cell {
	return cellsOf(transports, versions)
}

// cellsOf crosses transports with TLS versions.
//
// RFC 9001 4.2: "Clients MUST NOT offer TLS versions older than 1.3", so a cell
// of QUIC with TLS 1.2 cannot exist and is left out.
func cellsOf(transports, versions []string) []outcome.Cell {
	var cells []outcome.Cell
	for _, transport := range transports {
		for _, version := range versions {
			if transport == string(outcome.QUIC) && version == "1.2" {
				continue
			}
			cells = append(cells, outcome.Cell{Transport: outcome.Transport(transport), TLS: version})
		}
	}
	return cells
}

func defaultExpectation() Expectation {
	established := "established"
	return Expectation{Result: Result{Outcome: &established}}
}

// Healthy returns the scenario that an empty file would be: a pair for which
// everything is in order, in every cell.
func Healthy() *Scenario {
	return &Scenario{
		PKI: defaultPKI(), Server: defaultServer(), Client: defaultClient(), Cells: defaultCells(),
		Script: []Action{{Connect: &Connect{}}}, Expect: []Expectation{defaultExpectation()},
	}
}

// entityNamesOf returns the names of a hierarchy: the healthy pair's in their
// order, then the others in alphabetical order.
func entityNamesOf(spec pki.Spec) []string {
	var names []string
	for _, name := range defaultEntities {
		if _, ok := spec[name]; ok {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(spec)) {
		if !slices.Contains(defaultEntities, name) {
			names = append(names, name)
		}
	}
	return names
}
