package scenario

import (
	"strings"
	"testing"
)

func TestAFaultThatStatesLittleIsWarnedOf(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"healthy", "title: a\n", ""},
		{
			"bare refusal", "expect: {outcome: refused}\n",
			"a.yaml:1:10: the fault's expectation does not state refused_by, at, alert, cause, client_error, server_error",
		},
		{
			"one cell lacks an error", `
expect:
  outcome: refused
  refused_by: client
  at: Certificate
  alert: bad_certificate
  cause: server-expired
  client_error: expired
  cells:
    - when: {transport: tcp}
      server_error: "remote error: tls: bad certificate"
`, "a.yaml:3:3: the fault's expectation does not state server_error (in quic 1.3)",
		},
		{
			"all stated", "expect: {outcome: refused, refused_by: client, at: Certificate, alert: none, cause: none, client_error: x, server_error: \"\"}\n", "",
		},
		{
			"nobody authenticated", "expect: {cause: server-request-only}\n",
			"a.yaml:1:10: the fault's expectation does not state alert, client_error, server_error",
		},
		{
			"unloadable", "expect: {outcome: unloadable}\n",
			"a.yaml:1:10: the fault's expectation does not state side, cause, client_error, server_error",
		},
		{
			"broken", "expect: {outcome: broken, alert: none, cause: cut-mid-flight}\n",
			"a.yaml:1:10: the fault's expectation does not state client_error, server_error",
		},
		{
			"the second connect", "script: [connect, connect]\nexpect: [{}, {outcome: timeout, cause: blackhole, alert: none, client_error: i/o timeout}]\n",
			"a.yaml:2:15: the fault's expectation does not state server_error",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, w := range Validate(mustParse(t, "a.yaml", test.text)) {
				head, _, _ := strings.Cut(w.Error(), "\n")
				got = append(got, head)
			}
			if g := strings.Join(got, "\n"); g != test.want {
				t.Errorf("got  %s\nwant %s", g, test.want)
			}
		})
	}
}

func TestWarningsNeedNoText(t *testing.T) {
	sc := Healthy()
	sc.ID = "made here"
	sc.Expect[0].Outcome = ptr("refused")
	got := Validate(sc)
	if len(got) != 1 || !strings.HasPrefix(got[0].Error(), "made here: the fault's expectation does not state refused_by") {
		t.Errorf("got %v", got)
	}
}
