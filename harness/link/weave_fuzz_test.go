package link

import (
	"testing"

	"shakedown/harness/fault"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// everyRewrite has a fault for every message.
func everyRewrite(mode fault.Mode) []fault.Fault {
	var list []fault.Fault
	for _, name := range []string{"ClientHello", "ServerHello", "EncryptedExtensions", "CertificateRequest", "Certificate", "CertificateVerify", "Finished"} {
		list = append(list, fault.Fault{On: fault.On{Message: name}, Do: fault.Do{Rewrite: &fault.Rewrite{Mode: mode, Duplicate: true, Append: []byte{1}}}})
	}
	return list
}

// A rewriting link takes any bytes from either side, and never loses any without
// a word: what arrives is recorded, or the unit is marked.
func FuzzWeaveStream(f *testing.F) {
	f.Add([]byte{22, 3, 1, 0, 5, 1, 0, 0, 1, 0}, []byte{22, 3, 3, 0, 4, 2, 0, 0, 0})
	f.Add([]byte{23, 3, 3, 0, 1, 0}, []byte{20, 3, 3, 0, 1, 1})
	f.Add([]byte{22, 3, 1, 0, 2, 1, 0, 22, 3, 1, 0, 3, 0, 1, 0}, []byte{})
	f.Fuzz(func(t *testing.T, up, down []byte) {
		for _, mode := range []fault.Mode{fault.Tamper, fault.Impersonate} {
			near, far := StreamPipe()
			record := &transcript.Transcript{Transport: outcome.TCP}
			l := New(record, Options{Faults: everyRewrite(mode)})
			client, server := l.Stream(outcome.Client, near), l.Stream(outcome.Server, far)
			_, _ = client.Write(up)
			_, _ = server.Write(down)
			_, _ = client.CloseWrite(), server.CloseWrite()
			l.Close()
			checkDeliveries(t, record)
		}
	})
}

func FuzzWeaveDatagrams(f *testing.F) {
	f.Add([]byte("\xc3\x00\x00\x00\x01\x08\x83\x94\xc8\xf0\x3e\x51\x57\x08\x00\x00\x44\x9e"), []byte{0x40})
	f.Add([]byte{}, []byte("\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, up, down []byte) {
		for _, mode := range []fault.Mode{fault.Tamper, fault.Impersonate} {
			near, far := PacketPipe()
			record := &transcript.Transcript{Transport: outcome.QUIC}
			l := New(record, Options{Faults: everyRewrite(mode)})
			client, server := l.Packet(outcome.Client, near), l.Packet(outcome.Server, far)
			_, _ = client.WriteTo(up, server.LocalAddr())
			_, _ = server.WriteTo(down, client.LocalAddr())
			l.Close()
			checkDeliveries(t, record)
		}
	})
}

func checkDeliveries(t *testing.T, record *transcript.Transcript) {
	t.Helper()
	for _, u := range record.Units {
		if len(u.Deliveries) == 0 && len(u.Marks) == 0 {
			t.Fatalf("unit %d has neither arrived nor is it marked", u.Index)
		}
	}
}
