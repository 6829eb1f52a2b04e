package harness

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"shakedown/harness/outcome"
	"shakedown/harness/pki"
)

// A side that is given any file gets only what is given; one that is given none
// is made to fit, in words.
func TestDebugScenario(t *testing.T) {
	h, err := pki.Mint(pki.Spec{
		"root":   {CA: true},
		"server": {Issuer: "root", Usage: []string{"server"}, DNS: []string{"a.test", "b.test"}},
		"wild":   {Issuer: "root", Usage: []string{"server"}, DNS: []string{"*.test"}},
		"ip":     {Issuer: "root", Usage: []string{"server"}, IP: []string{"192.0.2.1"}},
		"client": {Issuer: "root", Usage: []string{"client"}},
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b := &workbench{t: t, dir: t.TempDir()}
	for _, name := range []string{"root", "server", "wild", "ip", "client"} {
		b.mint(h, name)
	}
	server := DebugFiles{ServerCert: b.path("server.crt"), ServerKey: b.path("server.key")}
	client := DebugFiles{ClientCert: b.path("client.crt"), ClientKey: b.path("client.key")}
	tests := []struct {
		name           string
		files          DebugFiles
		server, client string // what each presents and trusts
		auth           outcome.ClientAuth
		asks           string
		notes          []string
	}{
		{
			name: "the server alone", files: server,
			server: "server | ", client: " | server-top", auth: outcome.AuthNone, asks: "a.test",
			notes: []string{"client: none was given, so one was made: it trusts the last certificate", "; that is CN=a.test, issued by CN=Root, so whether", "client: asks for a.test, the first DNS name"},
		},
		{
			name: "the server with trust", files: DebugFiles{ServerCert: server.ServerCert, ServerKey: server.ServerKey, ServerTrust: b.path("root.crt")},
			server: "server | server-trust stand-in-ca", client: "stand-in-client | server-top", auth: outcome.AuthRequire, asks: "a.test",
			notes: []string{"client: none was given", "client: presents a certificate from a stand-in CA, which the server trusts beside", "client: asks"},
		},
		{
			name: "trust of the server alone", files: DebugFiles{ServerTrust: b.path("root.crt")},
			server: "stand-in-server | server-trust stand-in-ca", client: "stand-in-client | stand-in-ca", auth: outcome.AuthRequire, asks: "server.test",
			notes: []string{"server: it was given no certificate, and no server answers without one", "client: presents a certificate from a stand-in CA"},
		},
		{
			name: "the client alone", files: client,
			server: "stand-in-server | client-top", client: "client | stand-in-ca", auth: outcome.AuthRequire, asks: "server.test",
			notes: []string{"server: none was given, so one was made: a certificate for server.test", "server: trusts the last certificate in"},
		},
		{
			name: "the client and what the server trusts", files: DebugFiles{ClientCert: client.ClientCert, ClientKey: client.ClientKey, ServerTrust: b.path("root.crt"), ServerName: "192.0.2.7"},
			server: "stand-in-server | server-trust", client: "client | stand-in-ca", auth: outcome.AuthRequire, asks: "192.0.2.7",
			notes: []string{"server: it was given no certificate", "a certificate for 192.0.2.7"},
		},
		{
			name: "trust of the client alone", files: DebugFiles{ClientTrust: b.path("root.crt")},
			server: "stand-in-server | ", client: " | client-trust stand-in-ca", auth: outcome.AuthNone, asks: "server.test",
			notes: []string{"which the client trusts beside " + b.path("root.crt")},
		},
		{
			name: "both, and nobody trusts", files: DebugFiles{ServerCert: server.ServerCert, ServerKey: server.ServerKey, ClientCert: client.ClientCert, ClientKey: client.ClientKey},
			server: "server | ", client: "client | ", auth: outcome.AuthNone, asks: "a.test",
			notes: []string{"client: trusts nobody, because it was given other files and no --client-trust", "client: asks"},
		},
		{
			name: "the client presents nothing", files: DebugFiles{ServerCert: server.ServerCert, ServerKey: server.ServerKey, ServerTrust: b.path("root.crt"), ClientTrust: b.path("root.crt")},
			server: "server | server-trust", client: " | client-trust", auth: outcome.AuthRequire, asks: "a.test",
			notes: []string{"client: presents no certificate, because it was given other files and no --client-cert", "client: asks"},
		},
		{
			name: "a wildcard, a mode and no verification", files: DebugFiles{ServerCert: b.path("wild.crt"), ServerKey: b.path("wild.key"), ClientTrust: b.path("root.crt"), ClientAuth: "request"},
			server: "server | ", client: " | client-trust", auth: outcome.AuthRequest, asks: "www.test",
			notes: []string{"client: asks for www.test, which fits the certificate's *.test"},
		},
		{
			name: "an address", files: DebugFiles{ServerCert: b.path("ip.crt"), ServerKey: b.path("ip.key"), ClientTrust: b.path("root.crt")},
			server: "server | ", client: " | client-trust", auth: outcome.AuthNone, asks: "192.0.2.1",
			notes: []string{"client: asks for 192.0.2.1, the first IP address"},
		},
		{
			name: "a server that does not load", files: DebugFiles{ServerCert: b.path("server.key"), ServerKey: b.path("server.crt")},
			server: "server | ", client: " | ", auth: outcome.AuthNone, asks: "server.test",
			notes: []string{"client: none was given, and there is nothing in " + b.path("server.key") + " that one made to fit could trust"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sc, notes, err := DebugScenario(tt.files)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(sc.Server.Present, " ") + " | " + strings.Join(sc.Server.Trust, " "); got != tt.server {
				t.Errorf("the server presents and trusts %q, want %q", got, tt.server)
			}
			if got := strings.Join(sc.Client.Present, " ") + " | " + strings.Join(sc.Client.Trust, " "); got != tt.client {
				t.Errorf("the client presents and trusts %q, want %q", got, tt.client)
			}
			if sc.Server.ClientAuth != tt.auth || sc.Client.ServerName != tt.asks {
				t.Errorf("client auth %s, name %s, want %s, %s", sc.Server.ClientAuth, sc.Client.ServerName, tt.auth, tt.asks)
			}
			all := strings.Join(notes, "\n")
			for _, want := range tt.notes {
				if !strings.Contains(all, want) {
					t.Errorf("no note says %q:\n%s", want, all)
				}
			}
		})
	}
}

func TestDebugScenarioRefusesWhatCannotBe(t *testing.T) {
	for _, tt := range []struct {
		files DebugFiles
		want  string
	}{
		{DebugFiles{}, ErrNoFiles.Error()},
		{DebugFiles{ServerName: "a.test"}, ErrNoFiles.Error()},
		{DebugFiles{ServerKey: "a.key"}, "--server-key a.key was given without --server-cert"},
		{DebugFiles{ClientKey: "a.key", ServerTrust: "ca.pem"}, "--client-key a.key was given without --client-cert"},
		{DebugFiles{ClientTrust: "ca.pem", ClientAuth: "maybe"}, `--client-auth "maybe": want none, request`},
		{DebugFiles{ClientTrust: "ca.pem", At: "tomorrow"}, "--at: "},
		{DebugFiles{ClientTrust: "ca.pem", ServerAt: "2027-13-01"}, "--server-at: "},
	} {
		if _, _, err := DebugScenario(tt.files); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %q", tt.files, err, tt.want)
		}
	}
	if _, _, err := DebugScenario(DebugFiles{}); !errors.Is(err, ErrNoFiles) {
		t.Errorf("got %v", err)
	}
}

// A session on files that do not load ends at once, and says which.
func TestSessionOnFilesThatDoNotLoad(t *testing.T) {
	leaveNothingBehind(t)
	sc, _, err := DebugScenario(DebugFiles{ServerCert: "no-such.pem", ServerKey: "no-such.key"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenSession(t.Context(), sc, sc.Cells[0], Options{Hold: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for s.State().Phase != PhaseEnded {
		<-s.Changed()
	}
	st := s.State()
	if st.Err != nil || st.Result == nil || st.Result.Outcome != "unloadable" || st.Result.Side != "server" {
		t.Fatalf("%v, %+v", st.Err, st.Result)
	}
	if got := ids(st.Result.Causes); !slices.Equal(got, []string{"file-missing"}) {
		t.Errorf("causes %v", got)
	}
}
