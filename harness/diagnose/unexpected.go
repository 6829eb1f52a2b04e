package diagnose

import (
	"strings"

	"shakedown/harness/outcome"
)

// goMessages are crypto/tls's own types for the messages of a handshake.
var goMessages = map[string]string{
	"*tls.clientHelloMsg": "ClientHello", "*tls.serverHelloMsg": "ServerHello",
	"*tls.encryptedExtensionsMsg": "EncryptedExtensions",
	"*tls.certificateMsg":         "Certificate", "*tls.certificateMsgTLS13": "Certificate",
	"*tls.certificateRequestMsg": "CertificateRequest", "*tls.certificateRequestMsgTLS13": "CertificateRequest",
	"*tls.certificateVerifyMsg": "CertificateVerify", "*tls.certificateStatusMsg": "CertificateStatus",
	"*tls.serverKeyExchangeMsg": "ServerKeyExchange", "*tls.serverHelloDoneMsg": "ServerHelloDone",
	"*tls.clientKeyExchangeMsg": "ClientKeyExchange", "*tls.finishedMsg": "Finished",
	"*tls.newSessionTicketMsg": "NewSessionTicket", "*tls.newSessionTicketMsgTLS13": "NewSessionTicket",
	"*tls.keyUpdateMsg": "KeyUpdate", "*tls.helloRequestMsg": "HelloRequest",
}

// unexpected returns the message that crypto/tls's own words name: one that must
// not come at this point, or a Finished that is not what it should be. It is empty
// if they name none.
func unexpected(f *outcome.Failure) string {
	if f == nil {
		return ""
	}
	if strings.HasSuffix(f.Text, " finished hash") { // "invalid server finished hash"
		return "Finished"
	}
	_, after, ok := strings.Cut(f.Text, "received unexpected handshake message of type ")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(after, " ")
	return goMessages[name]
}
