package scenario

import (
	"crypto/tls"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"shakedown/harness/fault"
	"shakedown/harness/outcome"
	"shakedown/harness/pki"
)

var ignoreSource = cmpopts.IgnoreFields(Scenario{}, "source")

func mustParse(t *testing.T, name, text string) *Scenario {
	t.Helper()
	sc, err := Parse(name, []byte(text))
	if err != nil {
		t.Fatalf("parse:\n%v", err)
	}
	return sc
}

func ptr[T any](v T) *T { return &v }

func TestWhatAFileDoesNotSayIsHealthy(t *testing.T) {
	got := mustParse(t, "healthy.yaml", "title: Nothing is different\n")
	want := Healthy()
	want.ID, want.Title = "healthy.yaml", "Nothing is different"
	if d := cmp.Diff(want, got, ignoreSource); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff([]outcome.Cell{{Transport: "tcp", TLS: "1.2"}, {Transport: "tcp", TLS: "1.3"}, {Transport: "quic", TLS: "1.3"}}, got.Cells); d != "" {
		t.Errorf("cells (-want +got):\n%s", d)
	}
}

func TestAnEntryOverridesOnlyWhatItNames(t *testing.T) {
	got := mustParse(t, "a.yaml", `
pki:
  server: {not_after: -1d, ip: []}
  other: {ca: true}
server: {client_auth: request}
client: {server_name: other.test}
`)
	want := Healthy()
	want.ID, want.Title = "a.yaml", "a.yaml"
	want.PKI["server"] = pki.Entity{
		Issuer: "server-ca", Usage: []string{"server"}, DNS: []string{"server.test"}, IP: []string{},
		NotAfter: pki.When{Set: true, Offset: -24 * time.Hour},
	}
	want.PKI["other"] = pki.Entity{CA: true}
	want.Server.ClientAuth = outcome.AuthRequest
	want.Client.ServerName = "other.test"
	if d := cmp.Diff(want, got, ignoreSource); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got.PKI["server"].IP == nil {
		t.Error("ip: [] is the same as no ip, so that no scenario can leave the address out")
	}
}

// everything says all that a scenario can say.
const everything = `
title: Everything
about: |
  Two lines
  of text.
see: ["RFC 8446 4", golang/go#1]
requires: [openssl]
clock: 2026-01-02T15:04:05Z
pki:
  a: {ca: true, issuer: server-root, subject: "Root: A", usage: [server, 1.2.3.4], key_usage: [keyCertSign, cRLSign], path_len: 0,
      name_constraints: {permitted_dns: [corp.test], excluded_dns: [bad.corp.test], permitted_ip: [10.0.0.0/8], excluded_ip: [10.1.0.0/16],
        permitted_email: [a@corp.test], excluded_email: [.bad.test], permitted_uri: [.corp.test], excluded_uri: [bad.corp.test], permitted_organization: [Corp]},
      policies: [any, 1.2.3.4], policy_mappings: [{issuer_domain: 1.2.3.4, subject_domain: 1.2.3.5}], require_explicit_policy: 0, inhibit_policy_mapping: 1, inhibit_any_policy: 2}
  b: {issuer: a, dns: ["*.test", "https://x"], ip: ["::1", 10.0.0.7], uri: ["spiffe://corp.test/b"], email: [b@corp.test], key: rsa-2048,
      not_before: -1h, not_after: +1y6d, serial: -1234567890123456789012345, signature: sha1, flaws: [expired, wrong-key]}
  c: {same_key_as: b, self_signed: true, key_usage: []}
  d: {cert: certs/d.pem, key: /keys/d.key}
  e: {bundle: ../ca.pem, pick: last}
server: {present: [b, a], trust: [e], client_auth: verify-if-given, verify: none, tls: {min: "1.2", max: 1.3}, groups: [P-384, x25519], alpn: [], tickets: true, clock: -1y}
client: {present: [d], trust: [a, server-root], server_name: "", send: forced, tls: {max: "1.3"}, alpn: [h2, "lab/1"], tickets: true, clock: 2030-01-01T00:00:00+02:00}
matrix: {transport: [quic, tcp], tls: [1.3]}
seed: 42
timeout: 1500ms
wire:
  - {do: drop}
  - {on: {from: server, message: Certificate, nth: 2}, do: {corrupt: {byte: 3, bit: 1}, delay: 300ms, duplicate: true, reorder: true}}
  - {on: {message: alert bad_certificate, larger: 100, nth: every}, do: {truncate: half, blackhole: both}}
  - when: {transport: tcp, tls: "1.3"}
    on: {from: client}
    do: {truncate: 5, split: 7, throttle: {every: 5ms}, close: client, inject: {from: server, alert: close_notify, level: warning, place: before}}
  - {when: {transport: tcp}, on: {from: client}, do: {inject: {hex: "16 03"}, reset: both}}
  - {when: {transport: quic}, on: {from: server}, do: {loss: 20%, corruption: 0.5%, inject: {text: "a: b"}, throttle: {bytes: 9, every: 1s}}}
  - when: {transport: quic}
    on: {message: ClientHello}
    do: {rewrite: {random: "0000000000000000000000000000000000000000000000000000000000000001", session_id: "", suites: [TLS_AES_128_GCM_SHA256], groups: [P-256], server_name: "", alpn: [a], extension: {type: 5, data: "0a"}, append: "ff", duplicate: true}, mode: tamper}
  - {when: {transport: quic}, on: {message: Certificate}, do: {rewrite: {certificates: [b, a]}}}
  - {when: {transport: tcp}, on: {from: server, message: Certificate}, do: {rewrite: {certificates: reversed}, mode: impersonate}}
  - {when: {transport: tcp}, on: {message: EncryptedExtensions}, do: {rewrite: {extension: {type: 5, remove: true}, alpn: []}, mode: impersonate}}
script: [connect, {advance: 400d}, {connect: {}}, {reload: {client: {present: [c]}, server: {trust: []}}}, {connect: {resume: true}}]
expect:
  - {outcome: broken, alert: "", cause: blackhole, further: [client-expired], client_error: "", server_error: /EOF$/}
  - {outcome: unloadable, side: client, cause: none, alert: none}
  - outcome: refused
    refused_by: server
    at: Certificate
    alert: unknown_ca
    resumed: false
    cells:
      - {when: {transport: quic, tls: 1.3}, at: none, outcome: established, refused_by: "", alert: none, resumed: true}
`

func TestAFileCanSayAllOfThis(t *testing.T) {
	got := mustParse(t, filepath.Join("dir", "scenarios", "group", "every.thing.yaml"), everything)
	want := &Scenario{
		ID: "group/every.thing", Group: "group", Title: "Everything", About: "Two lines\nof text.",
		See: []string{"RFC 8446 4", "golang/go#1"}, Requires: []string{"openssl"},
		Clock: pki.When{Set: true, Absolute: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)},
		PKI:   defaultPKI(),
		Server: Endpoint{
			Present: []string{"b", "a"}, Trust: []string{"e"}, ClientAuth: outcome.AuthVerifyIfGiven, VerifyNone: true,
			MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS13, Groups: []uint16{24, 29}, ALPN: []string{}, Tickets: true,
			Clock: pki.When{Set: true, Offset: -365 * 24 * time.Hour},
		},
		Client: Endpoint{
			Present: []string{"d"}, Trust: []string{"a", "server-root"}, SendForced: true, MaxVersion: tls.VersionTLS13,
			ALPN: []string{"h2", "lab/1"}, Tickets: true,
			Clock: pki.When{Set: true, Absolute: time.Date(2029, 12, 31, 22, 0, 0, 0, time.UTC)},
		},
		Cells: []outcome.Cell{{Transport: "quic", TLS: "1.3"}, {Transport: "tcp", TLS: "1.3"}},
		Seed:  ptr(uint64(42)), Timeout: 1500 * time.Millisecond,
		Wire: []Fault{
			{Fault: fault.Fault{Do: fault.Do{Drop: true}}},
			{Fault: fault.Fault{
				On: fault.On{From: "server", Message: "Certificate", Nth: 2},
				Do: fault.Do{Corrupt: &fault.Corrupt{Byte: 3, Bit: 1}, Delay: 300 * time.Millisecond, Duplicate: true, Reorder: true},
			}},
			{Fault: fault.Fault{On: fault.On{Message: "alert bad_certificate", Larger: 100, Nth: fault.Every}, Do: fault.Do{Truncate: fault.Half, Blackhole: fault.BothOfThem}}},
			{When: outcome.Cell{Transport: "tcp", TLS: "1.3"}, Fault: fault.Fault{On: fault.On{From: "client"}, Do: fault.Do{
				Truncate: 5, Split: 7, Throttle: &fault.Throttle{Bytes: 1, Every: 5 * time.Millisecond}, Close: fault.TheClient,
				Inject: &fault.Inject{From: "server", Alert: "close_notify", Warning: true, Before: true},
			}}},
			{When: outcome.Cell{Transport: "tcp"}, Fault: fault.Fault{On: fault.On{From: "client"}, Do: fault.Do{Inject: &fault.Inject{From: "client", Bytes: []byte{0x16, 3}}, Reset: fault.BothOfThem}}},
			{When: outcome.Cell{Transport: "quic"}, Fault: fault.Fault{On: fault.On{From: "server"}, Do: fault.Do{
				Loss: 200, Corruption: 5, Inject: &fault.Inject{From: "server", Bytes: []byte("a: b"), Text: true}, Throttle: &fault.Throttle{Bytes: 9, Every: time.Second},
			}}},
			{When: outcome.Cell{Transport: "quic"}, Fault: fault.Fault{On: fault.On{Message: "ClientHello"}, Do: fault.Do{Rewrite: &fault.Rewrite{
				Mode: fault.Tamper, Random: append(make([]byte, 31), 1), SessionID: ptr([]byte(nil)), Suites: []uint16{0x1301}, Groups: []uint16{23},
				ServerName: ptr(""), ALPN: []string{"a"}, Extension: &fault.Extension{Type: 5, Data: []byte{10}}, Append: []byte{255}, Duplicate: true,
			}}}},
			{When: outcome.Cell{Transport: "quic"}, Fault: fault.Fault{On: fault.On{Message: "Certificate"}, Do: fault.Do{Rewrite: &fault.Rewrite{Mode: fault.Tamper}}}, Certificates: []string{"b", "a"}},
			{When: outcome.Cell{Transport: "tcp"}, Fault: fault.Fault{On: fault.On{From: "server", Message: "Certificate"}, Do: fault.Do{Rewrite: &fault.Rewrite{Mode: fault.Impersonate, Reverse: true}}}},
			{When: outcome.Cell{Transport: "tcp"}, Fault: fault.Fault{On: fault.On{Message: "EncryptedExtensions"}, Do: fault.Do{Rewrite: &fault.Rewrite{Mode: fault.Impersonate, ALPN: []string{}, Extension: &fault.Extension{Type: 5, Remove: true}}}}},
		},
		Script: []Action{
			{Connect: &Connect{}},
			{Advance: 400 * 24 * time.Hour},
			{Connect: &Connect{}},
			{Reload: &Reload{Client: ReloadSide{Present: []string{"c"}}, Server: ReloadSide{Trust: []string{}}}},
			{Connect: &Connect{Resume: true}},
		},
		Expect: []Expectation{
			{Result: Result{Outcome: ptr("broken"), Alert: ptr("none"), Cause: ptr("blackhole"), Further: ptr([]string{"client-expired"}), ClientError: ptr(""), ServerError: ptr("/EOF$/")}},
			{Result: Result{Outcome: ptr("unloadable"), Side: ptr("client"), Cause: ptr(""), Alert: ptr("none")}},
			{
				Result: Result{Outcome: ptr("refused"), RefusedBy: ptr("server"), At: ptr("Certificate"), Alert: ptr("unknown_ca"), Resumed: ptr(false)},
				Cells: []CellExpectation{{
					When:   outcome.Cell{Transport: "quic", TLS: "1.3"},
					Result: Result{Outcome: ptr("established"), RefusedBy: ptr(""), At: ptr(""), Alert: ptr("none"), Resumed: ptr(true)},
				}},
			},
		},
	}
	want.PKI["a"] = pki.Entity{
		CA: true, Issuer: "server-root", Subject: "Root: A", Usage: []string{"server", "1.2.3.4"}, KeyUsage: []string{"keyCertSign", "cRLSign"},
		PathLen: ptr(0),
		Constraints: pki.Constraints{
			PermittedDNS: []string{"corp.test"}, ExcludedDNS: []string{"bad.corp.test"}, PermittedIP: []string{"10.0.0.0/8"}, ExcludedIP: []string{"10.1.0.0/16"},
			PermittedEmail: []string{"a@corp.test"}, ExcludedEmail: []string{".bad.test"}, PermittedURI: []string{".corp.test"}, ExcludedURI: []string{"bad.corp.test"},
			PermittedOrganization: []string{"Corp"},
		},
		Policies: pki.Policies{
			IDs: []string{"any", "1.2.3.4"}, Mappings: []pki.PolicyMapping{{IssuerDomain: "1.2.3.4", SubjectDomain: "1.2.3.5"}},
			RequireExplicit: ptr(0), InhibitMapping: ptr(1), InhibitAny: ptr(2),
		},
	}
	want.PKI["b"] = pki.Entity{
		Issuer: "a", DNS: []string{"*.test", "https://x"}, IP: []string{"::1", "10.0.0.7"}, URI: []string{"spiffe://corp.test/b"}, Email: []string{"b@corp.test"}, Key: "rsa-2048",
		NotBefore: pki.When{Set: true, Offset: -time.Hour}, NotAfter: pki.When{Set: true, Offset: 371 * 24 * time.Hour},
		Serial: "-1234567890123456789012345", Signature: "sha1", Flaws: []string{"expired", "wrong-key"},
	}
	want.PKI["c"] = pki.Entity{SameKeyAs: "b", SelfSigned: true, KeyUsage: []string{}}
	want.PKI["d"] = pki.Entity{Cert: filepath.Join("dir", "scenarios", "group", "certs", "d.pem"), KeyFile: "/keys/d.key"}
	want.PKI["e"] = pki.Entity{Bundle: filepath.Join("dir", "scenarios", "ca.pem"), Pick: pki.PickLast}
	if d := cmp.Diff(want, got, ignoreSource); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestACertificateFromDiskInheritsNothing(t *testing.T) {
	got := mustParse(t, "a.yaml", "pki: {server: {cert: server.pem, key: server.key}}\n")
	want := pki.Entity{Cert: "server.pem", KeyFile: "server.key"}
	if d := cmp.Diff(want, got.PKI["server"]); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestAnchorsStandForWholeValues(t *testing.T) {
	got := mustParse(t, "a.yaml", "client: {present: &chain [client, client-ca]}\nscript: [connect, {reload: {client: {present: *chain}}}, connect]\n")
	if d := cmp.Diff([]string{"client", "client-ca"}, got.Script[1].Reload.Client.Present); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestAByteOrderMarkAndCRLFAreRead(t *testing.T) {
	got := mustParse(t, "a.yaml", "\ufefftitle: A\r\nclient:\r\n  trust: [client-root]\r\n")
	if got.Title != "A" || len(got.Client.Trust) != 1 || got.Client.Trust[0] != "client-root" {
		t.Errorf("got title %q, trust %q", got.Title, got.Client.Trust)
	}
}

func TestIDs(t *testing.T) {
	for _, test := range []struct{ name, id, group string }{
		{"scenarios/trust/a.yaml", "trust/a", "trust"},
		{"/home/x/scenarios/trust/deep/a.yml", "trust/deep/a", "trust"},
		{"scenarios/a.yaml", "a", ""},
		{"scenarios/old/scenarios/trust/a.yaml", "trust/a", "trust"},
		{"mine/a.yaml", "mine/a.yaml", ""},
		{"my-scenarios/trust/a.yaml", "my-scenarios/trust/a.yaml", ""},
		{"-", "-", ""},
	} {
		sc := mustParse(t, filepath.FromSlash(test.name), "title: A\n")
		if id := filepath.ToSlash(sc.ID); id != test.id || sc.Group != test.group {
			t.Errorf("%s: got id %q, group %q, want %q, %q", test.name, id, sc.Group, test.id, test.group)
		}
	}
}

func TestTheFirstMatchingCellOverridesKeyByKey(t *testing.T) {
	sc := mustParse(t, "a.yaml", `
expect:
  outcome: refused
  alert: certificate_required
  client_error: required
  cells:
    - {when: {tls: "1.2"}, alert: handshake_failure}
    - {when: {transport: quic}, client_error: quic}
    - {when: {tls: "1.3"}, server_error: tcp 1.3 only}
`)
	for _, test := range []struct {
		cell                  outcome.Cell
		alert, client, server string
		serverStated          bool
	}{
		{outcome.Cell{Transport: "tcp", TLS: "1.2"}, "handshake_failure", "required", "", false},
		{outcome.Cell{Transport: "quic", TLS: "1.3"}, "certificate_required", "quic", "", false},
		{outcome.Cell{Transport: "tcp", TLS: "1.3"}, "certificate_required", "required", "tcp 1.3 only", true},
	} {
		r := sc.Expect[0].In(test.cell)
		if *r.Outcome != "refused" || *r.Alert != test.alert || *r.ClientError != test.client {
			t.Errorf("%s: got %s, %s, %s", test.cell, *r.Outcome, *r.Alert, *r.ClientError)
		}
		if (r.ServerError != nil) != test.serverStated || test.serverStated && *r.ServerError != test.server {
			t.Errorf("%s: got server error %v", test.cell, r.ServerError)
		}
	}
}

func TestMatchText(t *testing.T) {
	for _, test := range []struct {
		want   string
		errors []string
		ok     bool
	}{
		{"certificate required", []string{"", "remote error: tls: certificate required"}, true},
		{"certificate required", []string{"remote error: tls: bad certificate", ""}, false},
		{"certificate required", []string{"", ""}, false},
		{"", []string{"", ""}, true},
		{"", []string{"", "EOF"}, false},
		{"/^EOF$/", []string{"EOF"}, true},
		{"/^EOF$/", []string{"unexpected EOF"}, false},
		{"/.*/", []string{""}, false}, // no error is no match for a pattern
		{"/", []string{"i/o timeout"}, true},
		{"/(/", []string{"("}, false},
	} {
		if got := MatchText(test.want, test.errors...); got != test.ok {
			t.Errorf("MatchText(%q, %q) = %v", test.want, test.errors, got)
		}
	}
}

func TestTimes(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"+90d": 90 * day, "-1h": -time.Hour, "400d": 400 * day, "1y": 365 * day, "1w": 7 * day, "1d12h": 36 * time.Hour,
		"-1y2w3d4h5m6s": -(year + 2*week + 3*day + 4*time.Hour + 5*time.Minute + 6*time.Second), "0s": 0, "140y": 140 * year,
	} {
		w, err := parseWhen(text)
		if err != nil || !w.Set || w.Offset != want {
			t.Errorf("%s: got %v, %v, want %v", text, w.Offset, err, want)
		}
		if back, err := parseSpan(formatSpan(want)); err != nil || back != want {
			t.Errorf("%v is written %s, which reads %v, %v", want, formatSpan(want), back, err)
		}
	}
	for _, text := range []string{"", "+", "-", "d", "1", "1x", "1d1y", "1d 1h", "1.5d", "--1d", "+-1d", "141y", "140y1s", "99999999999999999999d", "1ms", "٣d", "1D", "2026-01-02T15:04:05.5Z", "2026-01-02", "0000-01-01T00:00:00Z"} {
		if w, err := parseWhen(text); err == nil {
			t.Errorf("%q is read as %+v", text, w)
		}
	}
}

func TestParseWhenTakesADateAsWell(t *testing.T) {
	for text, want := range map[string]pki.When{
		"2027-01-02":           {Set: true, Absolute: time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)},
		"2027-01-02T03:04:05Z": {Set: true, Absolute: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)},
		"-1h":                  {Set: true, Offset: -time.Hour},
	} {
		if got, err := ParseWhen(text); err != nil || got != want {
			t.Errorf("ParseWhen(%q) = %+v, %v, want %+v", text, got, err, want)
		}
	}
	if got, err := ParseWhen("tomorrow"); err == nil {
		t.Errorf("ParseWhen took %+v for tomorrow", got)
	}
}
