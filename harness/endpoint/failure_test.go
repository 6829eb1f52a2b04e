package endpoint

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/quic-go/quic-go"

	"shakedown/harness/outcome"
)

// alert stands for crypto/tls's own type, which is not exported: a uint8.
type alert uint8

func (alert) Error() string { return "tls: some alert" }

func TestFailureOfReadsTypesBeforeWords(t *testing.T) {
	leaf := &x509.Certificate{Raw: []byte("leaf")}
	refusal := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	tests := []struct {
		name string
		err  error
		want outcome.Failure
	}{
		{
			"the peer's alert", &net.OpError{Op: "remote error", Err: alert(42)},
			outcome.Failure{Peer: &outcome.PeerAlert{Code: 42}},
		},
		{
			"our own alert", &net.OpError{Op: "local error", Err: alert(20)},
			outcome.Failure{Local: &outcome.LocalAlert{Code: 20, HasCode: true}},
		},
		{
			"an unknown authority", refusal(x509.UnknownAuthorityError{Cert: leaf}),
			outcome.Failure{Local: &outcome.LocalAlert{}, Verify: &outcome.VerifyFailure{
				Kind: outcome.UnknownAuthority, Certificate: leaf.Raw, Detail: "certificate signed by unknown authority",
			}},
		},
		{
			"a wrong name", refusal(x509.HostnameError{Certificate: &x509.Certificate{Raw: leaf.Raw, DNSNames: []string{"a.test"}}, Host: "b.test"}),
			outcome.Failure{Local: &outcome.LocalAlert{}, Verify: &outcome.VerifyFailure{
				Kind: outcome.Hostname, Certificate: leaf.Raw, Host: "b.test", Detail: "certificate is valid for a.test, not b.test",
			}},
		},
		{
			"an expired certificate", refusal(x509.CertificateInvalidError{Cert: leaf, Reason: x509.Expired, Detail: "current time T"}),
			outcome.Failure{Local: &outcome.LocalAlert{}, Verify: &outcome.VerifyFailure{
				Kind: outcome.Expired, Certificate: leaf.Raw, Detail: "certificate has expired or is not yet valid: current time T",
			}},
		},
		{
			"a decision that crypto/tls tells in words", errors.New("tls: client didn't provide a certificate"),
			outcome.Failure{Local: &outcome.LocalAlert{}, Verify: &outcome.VerifyFailure{
				Kind: outcome.NoCertificate, Detail: "client didn't provide a certificate",
			}},
		},
		{
			"QUIC: the peer's alert", &quic.TransportError{Remote: true, ErrorCode: 0x174},
			outcome.Failure{Peer: &outcome.PeerAlert{Code: 116}, Close: &outcome.Close{Remote: true, Code: 0x174}},
		},
		{
			"QUIC: our own decision without an alert", &quic.TransportError{ErrorCode: quic.CryptoBufferExceeded},
			outcome.Failure{Local: &outcome.LocalAlert{Code: 0xd}, Close: &outcome.Close{Code: 0xd}},
		},
		{
			"QUIC: the application", &quic.ApplicationError{Remote: true, ErrorCode: 0x103, ErrorMessage: "no"},
			outcome.Failure{Close: &outcome.Close{Remote: true, Application: true, Code: 0x103, Reason: "no"}},
		},
		{"QUIC: silence", &quic.IdleTimeoutError{}, outcome.Failure{Transport: outcome.Timeout}},
		{"QUIC: no common version", &quic.VersionNegotiationError{}, outcome.Failure{Local: &outcome.LocalAlert{}, NoVersion: true}},
		{"the peer went", fmt.Errorf("read: %w", io.EOF), outcome.Failure{Transport: outcome.EOF}},
		{"half a record", io.ErrUnexpectedEOF, outcome.Failure{Transport: outcome.EOF}},
		{"a reset", &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, outcome.Failure{Transport: outcome.Reset}},
		{"nobody listens", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, outcome.Failure{Transport: outcome.Refused}},
		{"a deadline", os.ErrDeadlineExceeded, outcome.Failure{Transport: outcome.Timeout}},
		{"the run ended", context.Canceled, outcome.Failure{Transport: outcome.Canceled}},
		{
			"not TLS at all",
			tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake", RecordHeader: [5]byte{'H', 'T', 'T', 'P', '/'}},
			outcome.Failure{Local: &outcome.LocalAlert{}, RecordHeader: []byte("HTTP/")},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Text, tt.want.Op = tt.err.Error(), outcome.OpRead
			if diff := cmp.Diff(&tt.want, failureOf(tt.err, outcome.OpRead)); diff != "" {
				t.Errorf("failureOf (-want +got):\n%s", diff)
			}
		})
	}
}
