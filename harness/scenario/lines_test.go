package scenario

import (
	"testing"

	"shakedown/harness/outcome"
)

func TestLines(t *testing.T) {
	sc := mustParse(t, "lines.yaml", `title: Two connections
script: [connect, connect]
wire:
  - on: {message: Certificate}
    do: drop
  - do:
      delay: 3ms
expect:
  - outcome: timeout
    cells:
      - when: {transport: quic}
        alert: none
      - {when: {tls: "1.2"}, cause: altered-on-path}
  - {outcome: timeout,
     cause: altered-on-path}
`)
	quic, old, tcp := outcome.Cell{Transport: "quic", TLS: "1.3"}, outcome.Cell{Transport: "tcp", TLS: "1.2"}, outcome.Cell{Transport: "tcp", TLS: "1.3"}
	for _, tt := range []struct {
		connection int
		cell       outcome.Cell
		key        string
		line       int
	}{
		{1, tcp, "outcome", 9},
		{1, quic, "alert", 12},
		{1, quic, "outcome", 9},
		{1, old, "cause", 13},
		{1, tcp, "cause", 9}, // it is left out
		{2, tcp, "cause", 15},
		{2, quic, "outcome", 14},
		{3, tcp, "outcome", 0},
		{0, tcp, "outcome", 0},
	} {
		if got := sc.ExpectLine(tt.connection, tt.cell, tt.key); got != tt.line {
			t.Errorf("connection %d, %s, %s: line %d, want %d", tt.connection, tt.cell, tt.key, got, tt.line)
		}
	}
	for i, line := range []int{5, 7, 0} {
		if got := sc.WireLine(i); got != line {
			t.Errorf("fault %d: line %d, want %d", i, got, line)
		}
	}
	if got := Healthy().ExpectLine(1, tcp, "outcome"); got != 0 {
		t.Errorf("a scenario without a file has line %d", got)
	}
	if got := mustParse(t, "none.yaml", "title: No expectation\n").ExpectLine(1, tcp, "outcome"); got != 0 {
		t.Errorf("a file without expectation has line %d", got)
	}
}
