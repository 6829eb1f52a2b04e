package dissect

import (
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
	"shakedown/harness/transcript"
)

// fixture8448 returns one of the traces that have whole records.
func fixture8448(t testing.TB, name string) *transcript.Transcript {
	return readTrace(t, filepath.Join("..", "..", "fixtures", "rfc8448", name))
}

// lookUp returns the field at a path of labels, "a/b/c"; "b[1]" is the second
// field of that label. It fails the test if there is none.
func lookUp(t *testing.T, tree field.Tree, path string) field.Field {
	t.Helper()
	fields, found := tree.Fields, field.Field{}
	for label := range strings.SplitSeq(path, "/") {
		nth := 0
		if name, index, ok := strings.Cut(label, "["); ok {
			label, nth = name, int(index[0]-'0')
		}
		matched := false
		for _, f := range fields {
			if f.Label != label {
				continue
			}
			if nth--; nth < 0 {
				found, fields, matched = f, f.Fields, true
				break
			}
		}
		if !matched {
			t.Fatalf("there is no field %s (stopped at %q)", path, label)
		}
	}
	return found
}

// bytesOf returns a field's bytes in hexadecimal.
func bytesOf(tree field.Tree, f field.Field) string {
	b, _ := tree.Buffer(f.Buffer)
	return hex.EncodeToString(b.Bytes[f.Start:f.End])
}

// TestRFC8448Trees looks up what RFC 8448 prints, in the trees of its traces.
func TestRFC8448Trees(t *testing.T) {
	type want struct{ step, path, value, bytes string }
	for _, tt := range []struct {
		name  string
		trace *transcript.Transcript
		want  []want
	}{
		{"rfc8448-3", readTrace(t, rfc8448), []want{
			{"ClientHello", "ClientHello/random", "", "cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7"},
			{"ClientHello", "ClientHello/extensions/server_name/extension_data/server_name_list/HostName/host_name", "server", ""},
			{"ClientHello", "ClientHello/extensions/supported_groups/extension_data/named_group_list/group[4]", "ffdhe2048 (0x0100)", ""},
			{"ClientHello", "ClientHello/extensions/record_size_limit/extension_data/record_size_limit", "16385", "4001"},
			{"ServerHello", "ServerHello/extensions/key_share/extension_data/KeyShareEntry/key_exchange/X25519", "", "c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f"},
			{"Certificate", "Certificate/certificate_list/CertificateEntry/cert_data/certificate/Certificate/tbsCertificate/subjectPublicKeyInfo", "RSA 1024", ""},
			{"CertificateVerify", "CertificateVerify/algorithm", "rsa_pss_rsae_sha256 (0x0804)", ""},
			{"NewSessionTicket", "NewSessionTicket/ticket_lifetime", "30 s (30s)", "0000001e"},
			{"NewSessionTicket", "NewSessionTicket/ticket_age_add", "fad6aac5", "fad6aac5"},
			{"NewSessionTicket", "NewSessionTicket/extensions/early_data/extension_data/max_early_data_size", "1024", ""},
			{"alert close_notify", "Alert/description", "close_notify (0)", "00"},
		}},
		{"rfc8448-4", fixture8448(t, "resumed-0rtt.txt"), []want{
			{"ClientHello", "ClientHello/extensions/pre_shared_key/extension_data/identities/PskIdentity/obfuscated_ticket_age", "4208372427", "fad6aacb"},
			{"ClientHello", "ClientHello/extensions/pre_shared_key/extension_data/binders/PskBinderEntry/data", "", "3add4fb2d8fdf822a0ca3cf7678ef5e88dae990141c5924d57bb6fa31b9e5f9d"},
			{"ClientHello", "ClientHello/extensions/early_data/extension_data", "empty", "0000"},
			{"ClientHello", "ClientHello/extensions/padding/extension_data/padding", "87 bytes", ""},
			{"application data", "TLSInnerPlaintext/content", "6 bytes", "414243444546"},
			{"ServerHello", "ServerHello/extensions/pre_shared_key/extension_data/selected_identity", "identity 0", "0000"},
			{"EncryptedExtensions", "EncryptedExtensions/extensions/early_data/extension_type", "early_data (0x002a)", ""},
			{"EndOfEarlyData", "EndOfEarlyData/msg_type", "EndOfEarlyData (5)", "05"},
		}},
		{"rfc8448-7", fixture8448(t, "compatibility-mode.txt"), []want{
			{"ClientHello", "ClientHello/legacy_session_id/data", "", "a80c165581a8e0d06c0018d54d3a06dd32cfd4051eb026fad3fd0ba99269e6ef"},
			{"ServerHello", "ServerHello/legacy_session_id_echo/data", "", "a80c165581a8e0d06c0018d54d3a06dd32cfd4051eb026fad3fd0ba99269e6ef"},
			{"ChangeCipherSpec", "TLSPlaintext/fragment", "1 byte", "01"},
			{"Finished", "Finished/verify_data", "", "c8c3a8f1bff5274061f4bc3a7caffbdc9616094ca625caa65f8e76ed46db74d3"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tl := Transcript(tt.trace)
			golden(t, tt.name, tl)
			first := map[string]*Step{}
			for _, s := range tl.Steps {
				checkTree(t, s)
				if first[s.Name] == nil {
					first[s.Name] = s
				}
			}
			for _, w := range tt.want {
				s := first[w.step]
				if s == nil {
					t.Fatalf("there is no step %s", w.step)
				}
				tree := s.Tree()
				f := lookUp(t, tree, w.path)
				if w.value != "" && f.Value != w.value {
					t.Errorf("%s is %q, want %q", w.path, f.Value, w.value)
				}
				if got := bytesOf(tree, f); w.bytes != "" && got != w.bytes {
					t.Errorf("%s has the bytes %s, want %s", w.path, got, w.bytes)
				}
			}
		})
	}
}

// TestRFC8448Messages looks into the messages of the traces that have no records.
func TestRFC8448Messages(t *testing.T) {
	for _, name := range []string{"simple-1rtt.txt", "hello-retry-request.txt", "client-authentication.txt"} {
		for _, m := range readMessages(t, filepath.Join("..", "..", "fixtures", "rfc8448", name)) {
			for n := len(m); n > 0; n -= 1 + n/60 {
				tree := messageTree(nil, m[:n:n], tlswire.VersionTLS13)
				if err := tree.Check(); err != nil {
					t.Fatalf("%s: message of type %d cut to %d of %d bytes: %v", name, m[0], n, len(m), err)
				}
			}
		}
	}
}

// TestQUICVectorTrees looks up what RFC 9001 A and RFC 9369 A print.
func TestQUICVectorTrees(t *testing.T) {
	for _, tt := range []struct{ file, version, bits, kind string }{
		{"quic-v1.txt", "QUIC v1", "..00 ....", "0 (Initial)"},
		{"quic-v2.txt", "QUIC v2", "..01 ....", "1 (Initial)"},
	} {
		t.Run(tt.file, func(t *testing.T) {
			tl := Transcript(&transcript.Transcript{Transport: outcome.QUIC, Units: []transcript.Unit{
				{Index: 0, From: outcome.Client, Seq: 1, Sent: vector(t, tt.file, "client_initial_packet")},
				{Index: 1, From: outcome.Server, Seq: 2, Sent: vector(t, tt.file, "server_initial_packet")},
			}})
			hello, answer := tl.Steps[0], tl.Steps[1]
			for _, want := range []struct {
				step        *Step
				path, value string
			}{
				{hello, "Initial packet[1]/Version", tt.version},
				{hello, "Initial packet[1]/Destination Connection ID", "8394c8f03e515708"},
				{hello, "Initial packet[1]/Header Form and flags/Long Packet Type", tt.kind},
				{hello, "Initial packet[1]/Packet Number", "2"},
				{hello, "Initial packet[1]/CRYPTO", "offset 0, 241 bytes"},
				{hello, "Initial packet[1]/PADDING", "917 bytes"},
				{hello, "Initial packet/Header Form and flags/protected", ""},
				{hello, "ClientHello/extensions/server_name/extension_data/server_name_list/HostName/host_name", "example.com"},
				{hello, "ClientHello/extensions/quic_transport_parameters/extension_data/transport_parameters/initial_max_streams_bidi", "16"},
				{answer, "Initial packet[1]/Packet Number", "1"},
				{answer, "Initial packet[1]/ACK/Largest Acknowledged", "0"},
				{answer, "Initial packet[1]/CRYPTO", "offset 0, 90 bytes"},
				{answer, "ServerHello/cipher_suite", "TLS_AES_128_GCM_SHA256 (0x1301)"},
			} {
				if f := lookUp(t, want.step.Tree(), want.path); want.value != "" && f.Value != want.value {
					t.Errorf("%s is %q, want %q", want.path, f.Value, want.value)
				}
			}
			kind := lookUp(t, hello.Tree(), "Initial packet[1]/Header Form and flags/Long Packet Type")
			if kind.Bits != tt.bits {
				t.Errorf("the packet type's bits are %q, want %q", kind.Bits, tt.bits)
			}
			parameters := lookUp(t, hello.Tree(), "ClientHello/extensions/quic_transport_parameters/extension_data/transport_parameters")
			if !strings.Contains(parameters.Meaning, "max_udp_payload_size (65527)") || strings.Contains(parameters.Meaning, "max_idle_timeout (") {
				t.Errorf("the transport parameters mean %q", parameters.Meaning)
			}
		})
	}
}

// TestRetryTree says whether the tag of a Retry packet is right.
func TestRetryTree(t *testing.T) {
	hello, retry := vector(t, "quic-v1.txt", "client_initial_packet"), vector(t, "quic-v1.txt", "retry_packet")
	forged := append([]byte(nil), retry...)
	forged[len(forged)-1] ^= 1
	for _, tt := range []struct {
		retry []byte
		want  string
	}{{retry, "is right"}, {forged, "does not match"}} {
		tl := Transcript(&transcript.Transcript{Transport: outcome.QUIC, Units: []transcript.Unit{
			{Index: 0, From: outcome.Client, Seq: 1, Sent: hello},
			{Index: 1, From: outcome.Server, Seq: 2, Sent: tt.retry},
		}})
		tag := lookUp(t, tl.Steps[1].Tree(), "Retry packet/Retry Integrity Tag")
		if !strings.Contains(tag.Meaning, tt.want) {
			t.Errorf("the tag means %q, want something with %q", tag.Meaning, tt.want)
		}
	}
}
