package tuitest

import (
	"fmt"

	"shakedown/harness/field"
)

// header writes the four bytes before every handshake message (RFC 8446 4).
func header(t *treeWriter, code byte, name string, length int) {
	t.leaf("msg_type", []byte{code}, fmt.Sprint(code), name, "RFC 8446 4")
	t.leaf("length", []byte{0, byte(length >> 8), byte(length)}, fmt.Sprint(length), "", "RFC 8446 4")
}

func clientHello(quic bool) field.Tree {
	t := newTree("message")
	header(t, 1, "client_hello", 1508)
	t.leaf("legacy_version", []byte{3, 3}, "0x0303", "fixed: the real versions are in supported_versions", "RFC 8446 4.1.2")
	t.leaf("random", bytes(1, 32), "32 bytes", "fresh for every connection; key logs name it", "RFC 8446 4.1.2")
	t.leaf("legacy_session_id", bytes(2, 33), "32 bytes", "for middleboxes that expect a resumption", "RFC 8446 4.1.2")
	t.group("cipher_suites", "3 suites", "", "RFC 8446 4.1.2", func(t *treeWriter) {
		t.leaf("suite", []byte{0x13, 1}, "0x1301", "TLS_AES_128_GCM_SHA256", "RFC 8446 B.4")
		t.leaf("suite", []byte{0x13, 2}, "0x1302", "TLS_AES_256_GCM_SHA384", "RFC 8446 B.4")
		t.leaf("suite", []byte{0x13, 3}, "0x1303", "TLS_CHACHA20_POLY1305_SHA256", "RFC 8446 B.4")
	})
	t.leaf("legacy_compression_methods", []byte{1, 0}, "null", "nothing else is allowed", "RFC 8446 4.1.2")
	t.group("extensions", "6 extensions", "", "RFC 8446 4.2", func(t *treeWriter) {
		t.leaf("server_name", append([]byte{0, 0, 0, 16, 0, 14, 0, 0, 11}, "server.test"...), "server.test", "the name that the client asks for", "RFC 6066 3")
		t.leaf("supported_versions", []byte{0, 43, 0, 3, 2, 3, 4}, "TLS 1.3", "", "RFC 8446 4.2.1")
		t.leaf("signature_algorithms", bytes(3, 26), "11 schemes", "what the client can verify", "RFC 8446 4.2.3")
		t.leaf("supported_groups", bytes(4, 14), "X25519MLKEM768, X25519, secp256r1", "", "RFC 8446 4.2.7")
		t.leaf("key_share", bytes(5, 1263), "X25519MLKEM768, X25519", "the client's half of the key exchange", "RFC 8446 4.2.8")
		if quic {
			t.leaf("quic_transport_parameters", bytes(6, 60), "12 parameters", "", "RFC 9001 8.2")
		}
	})
	return t.tree("ClientHello", "RFC 8446 4.1.2")
}

func serverHello() field.Tree {
	t := newTree("message")
	header(t, 2, "server_hello", 1206)
	t.leaf("legacy_version", []byte{3, 3}, "0x0303", "fixed", "RFC 8446 4.1.3")
	t.leaf("random", bytes(7, 32), "32 bytes", "", "RFC 8446 4.1.3")
	t.leaf("cipher_suite", []byte{0x13, 1}, "0x1301", "TLS_AES_128_GCM_SHA256", "RFC 8446 B.4")
	t.group("extensions", "2 extensions", "", "RFC 8446 4.2", func(t *treeWriter) {
		t.leaf("supported_versions", []byte{0, 43, 0, 2, 3, 4}, "TLS 1.3", "this decides the version", "RFC 8446 4.2.1")
		t.leaf("key_share", bytes(8, 1124), "X25519MLKEM768", "the server's half of the key exchange", "RFC 8446 4.2.8")
	})
	return t.tree("ServerHello", "RFC 8446 4.1.3")
}

func certificateRequest() field.Tree {
	t := newTree("message")
	header(t, 13, "certificate_request", 138)
	t.leaf("certificate_request_context", []byte{0}, "empty", "a handshake needs none", "RFC 8446 4.3.2")
	t.group("extensions", "2 extensions", "", "RFC 8446 4.2", func(t *treeWriter) {
		t.leaf("signature_algorithms", bytes(9, 26), "11 schemes", "what the client's key may sign with", "RFC 8446 4.2.3")
		t.leaf("certificate_authorities", bytes(10, 104), "CN=client-root", "the issuers that the server would accept", "RFC 8446 4.2.4")
	})
	return t.tree("CertificateRequest", "RFC 8446 4.3.2")
}

func certificate(ders ...[]byte) field.Tree {
	t := newTree("message")
	n := 4
	for _, d := range ders {
		n += len(d) + 5
	}
	header(t, 11, "certificate", n)
	t.leaf("certificate_request_context", []byte{0}, "empty", "", "RFC 8446 4.4.2")
	meaning := ""
	if len(ders) == 0 {
		meaning = "no certificate: allowed for a client that has none to give"
	}
	t.group("certificate_list", fmt.Sprintf("%d certificates", len(ders)), meaning, "RFC 8446 4.4.2", func(t *treeWriter) {
		if len(ders) == 0 {
			t.leaf("length", []byte{0, 0, 0}, "0", "", "RFC 8446 4.4.2")
		}
		for i, d := range ders {
			t.group("CertificateEntry", "", []string{"end-entity", "intermediate", "intermediate"}[min(i, 2)], "RFC 8446 4.4.2", func(t *treeWriter) {
				t.leaf("cert_data", d, fmt.Sprintf("%d bytes", len(d)), "an X.509 certificate in DER", "RFC 5280 4.1")
				t.leaf("extensions", []byte{0, 0}, "none", "", "RFC 8446 4.2")
			})
		}
	})
	return t.tree("Certificate", "RFC 8446 4.4.2")
}

func certificateVerify() field.Tree {
	t := newTree("message")
	header(t, 15, "certificate_verify", 75)
	t.leaf("algorithm", []byte{4, 3}, "0x0403", "ecdsa_secp256r1_sha256", "RFC 8446 4.2.3")
	t.leaf("signature", bytes(11, 73), "71 bytes", "over everything so far: the sender holds the key", "RFC 8446 4.4.3")
	return t.tree("CertificateVerify", "RFC 8446 4.4.3")
}

func finished() field.Tree {
	t := newTree("message")
	header(t, 20, "finished", 32)
	t.leaf("verify_data", bytes(12, 32), "32 bytes", "a MAC over everything so far", "RFC 8446 4.4.4")
	return t.tree("Finished", "RFC 8446 4.4.4")
}

func encryptedExtensions() field.Tree {
	t := newTree("message")
	header(t, 8, "encrypted_extensions", 2)
	t.leaf("extensions", []byte{0, 0}, "none", "", "RFC 8446 4.3.1")
	return t.tree("EncryptedExtensions", "RFC 8446 4.3.1")
}

// opaque is a message of which only the header is taken apart.
func opaque(name string, code byte, n int, section string) field.Tree {
	t := newTree("message")
	header(t, code, name, n-4)
	t.leaf("body", bytes(code, n-4), fmt.Sprintf("%d bytes", n-4), "", section)
	return t.tree(name, section)
}
