package scenario

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/outcome"
	"shakedown/harness/pki"
	"shakedown/scenarios"
)

func TestWhatIsWrittenReadsTheSame(t *testing.T) {
	all, err := LoadFS(scenarios.FS())
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, Healthy(), mustParse(t, "every.yaml", everything), mustParse(t, "odd.yaml", `
title: "- {odd}: #1 'it''s' \"x\" \u202e \x1b[31m"
about: "  indented\n\n\ttabbed \n"
see: ["true", "null", "1.2", "~", " x", "a: b", "a #b", "@x", "%x", "é", "no"]
pki: {"1.2": {dns: ["*.a"], subject: "1"}, true: {subject: "- a"}}
client: {server_name: "über\u202e", alpn: ["\x01", "\\", "[h2]"]}
expect: {client_error: "/^a: [b]{2} \"c\" #d$/"}
`[1:]))
	for _, sc := range all {
		text, err := Marshal(sc)
		if err != nil {
			t.Errorf("%s: %v", sc.ID, err)
			continue
		}
		name := sc.ID
		if sc.Group != "" {
			name = "scenarios/" + sc.ID + ".yaml"
		}
		if len(text) == 0 {
			text = []byte("{}\n")
		}
		back, err := Parse(name, text)
		if err != nil {
			t.Errorf("%s does not read back:\n%v", sc.ID, err)
			continue
		}
		if sc.Title == "" {
			back.Title = ""
		}
		if d := cmp.Diff(sc, back, ignoreSource); d != "" {
			t.Errorf("%s (-written +read):\n%s\n%s", sc.ID, d, text)
		}
	}
}

func TestOnlyWhatIsDifferentIsWritten(t *testing.T) {
	sc := Healthy()
	sc.ID, sc.Title = "a.yaml", "The server's certificate has expired"
	sc.About = "First line.\nSecond line."
	server := sc.PKI["server"]
	server.Flaws = []string{"expired"}
	sc.PKI["server"] = server
	sc.PKI["rogue-root"] = pki.Entity{CA: true}
	sc.PKI["plain"] = pki.Entity{}
	sc.Client.Trust = []string{"rogue-root"}
	sc.Cells = []outcome.Cell{{Transport: "tcp", TLS: "1.3"}, {Transport: "quic", TLS: "1.3"}}
	sc.Script = []Action{{Connect: &Connect{}}, {Advance: 36 * time.Hour}, {Connect: &Connect{}}}
	sc.Expect = []Expectation{
		defaultExpectation(),
		{
			Result: Result{Outcome: ptr("refused"), RefusedBy: ptr("client"), Cause: ptr("server-expired"), ServerError: ptr("remote error: tls: bad certificate")},
			Cells:  []CellExpectation{{When: outcome.Cell{Transport: "quic"}, Result: Result{ServerError: ptr("CRYPTO_ERROR 0x12a (remote): tls: bad certificate")}}},
		},
	}
	want := `title: The server's certificate has expired
about: |
  First line.
  Second line.
pki:
  server: {flaws: [expired]}
  plain: {}
  rogue-root: {ca: true}
client: {trust: [rogue-root]}
matrix: {tls: ["1.3"]}
script: [connect, {advance: 1d12h}, connect]
expect:
  - {outcome: established}
  - outcome: refused
    refused_by: client
    cause: server-expired
    server_error: "remote error: tls: bad certificate"
    cells:
      - {when: {transport: quic}, server_error: "CRYPTO_ERROR 0x12a (remote): tls: bad certificate"}
`
	got, err := Marshal(sc)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestFilesAreNamedRelativeToTheScenario(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	sc := Healthy()
	sc.PKI["server"] = pki.Entity{Cert: "certs/server.pem", KeyFile: filepath.Join(dir, "keys", "server.key")}
	sc.PKI["roots"] = pki.Entity{Bundle: filepath.Join("certs", "ca.pem"), Pick: pki.PickLast}
	sc.Client.Trust = []string{"roots"}
	sc.Path = filepath.Join("out", "saved.yaml")
	text, err := Marshal(sc)
	if err != nil {
		t.Fatal(err)
	}
	want := `pki:
  server: {cert: ../certs/server.pem, key: ../keys/server.key}
  roots: {bundle: ../certs/ca.pem, pick: last}
client: {trust: [roots]}
`
	if d := cmp.Diff(want, string(text)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if err := os.Mkdir("out", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sc.Path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	back, err := Load(sc.Path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := back.PKI["server"].Cert, filepath.Join("certs", "server.pem"); got != want {
		t.Errorf("the saved file leads to %s, want %s", got, want)
	}
	if back.Path != sc.Path {
		t.Errorf("got path %s, want %s", back.Path, sc.Path)
	}
}

func TestWhatNoFileCanSayIsAnError(t *testing.T) {
	for name, change := range map[string]func(*Scenario){
		"an unknown group": func(sc *Scenario) { sc.Client.Groups = []uint16{0x9999} },
		"an unknown suite": func(sc *Scenario) { sc.Server.Suites = []uint16{0x1301} },
		"cells that are no matrix": func(sc *Scenario) {
			sc.Cells = []outcome.Cell{{Transport: "quic", TLS: "1.3"}, {Transport: "tcp", TLS: "1.2"}}
		},
	} {
		sc := Healthy()
		change(sc)
		if text, err := Marshal(sc); err == nil {
			t.Errorf("%s is written as:\n%s", name, text)
		}
	}
}
