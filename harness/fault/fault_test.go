package fault

import (
	"testing"
	"time"

	"shakedown/harness/outcome"
)

var (
	tcp12  = outcome.Cell{Transport: outcome.TCP, TLS: "1.2"}
	tcp13  = outcome.Cell{Transport: outcome.TCP, TLS: "1.3"}
	quic13 = outcome.Cell{Transport: outcome.QUIC, TLS: "1.3"}
)

// A message that a cell never has is told with the reason.
func TestAbsent(t *testing.T) {
	for _, test := range []struct {
		on   On
		cell outcome.Cell
		want string
	}{
		{On{}, tcp12, ""},
		{On{From: client, Message: "ClientHello"}, quic13, ""},
		{On{From: server, Message: "ClientHello"}, quic13, "only the client sends ClientHello"},
		{On{Message: "ServerKeyExchange"}, tcp12, ""},
		{On{Message: "ServerKeyExchange"}, tcp13, "ServerKeyExchange is a message of TLS 1.2"},
		{On{Message: "EncryptedExtensions"}, tcp12, "EncryptedExtensions is a message of TLS 1.3"},
		{On{Message: ChangeCipherSpec}, tcp13, ""},
		{On{Message: ChangeCipherSpec}, quic13, "there is no ChangeCipherSpec over QUIC"},
		{On{Message: HandshakeDone}, tcp13, "there is no HANDSHAKE_DONE over TCP"},
		{On{Message: FIN}, quic13, "there is no FIN over QUIC"},
		{On{Message: "alert bad_certificate"}, quic13, ""},
		{On{From: server, Message: "CertificateVerify"}, tcp12, "a server of TLS 1.2 sends no CertificateVerify; its signature is in ServerKeyExchange"},
		{On{From: client, Message: "CertificateVerify"}, tcp12, ""},
		{On{From: server, Message: "CertificateVerify"}, tcp13, ""},
	} {
		if got := test.on.Absent(test.cell); got != test.want {
			t.Errorf("%s in %s: got %q, want %q", test.on, test.cell, got, test.want)
		}
	}
}

func TestAFaultReadsAsASentence(t *testing.T) {
	for want, f := range map[string]Fault{
		"the server's Certificate is dropped":                                                        {On{From: server, Message: "Certificate"}, Do{Drop: true}},
		"the first unit is delivered 300ms late":                                                     {On{}, Do{Delay: 300 * time.Millisecond}},
		"every unit of more than 1250 bytes from the client is dropped":                              {On{From: client, Larger: 1250, Nth: Every}, Do{Drop: true}},
		"the client's Finished number 2 has a bit flipped and is delivered twice":                    {On{From: client, Message: "Finished", Nth: 2}, Do{Corrupt: &Corrupt{}, Duplicate: true}},
		"the client's first unit and all that both sides send after it vanishes":                     {On{From: client}, Do{Blackhole: BothOfThem}},
		"the ClientHello is the last before the connection is reset for the server":                  {On{Message: "ClientHello"}, Do{Reset: TheServer}},
		"the ClientHello is followed by the alert close_notify as if from the server":                {On{Message: "ClientHello"}, Do{Inject: &Inject{From: server, Alert: "close_notify"}}},
		"the first unit begins a loss of 2.5%":                                                       {On{}, Do{Loss: 25}},
		"the ClientHello is cut after 5 bytes and is the last before the stream ends for the client": {On{Message: "ClientHello"}, Do{Truncate: 5, Close: TheClient}},
		"the ClientHello is dropped, and all that the client sends after it vanishes":                {On{Message: "ClientHello"}, Do{Drop: true, Blackhole: TheClient}},
	} {
		if got := f.String(); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestEveryNameIsAWordOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range Messages() {
		if seen[name] || AlertName(name) != "" {
			t.Errorf("%s is twice in the list, or an alert", name)
		}
		seen[name] = true
	}
	if AlertName("alert bad_certificate") != "bad_certificate" || AlertName(Alert) != "" {
		t.Error("the names of alerts are not read")
	}
}
