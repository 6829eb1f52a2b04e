package endpoint

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"reflect"
	"strings"
	"syscall"

	"github.com/quic-go/quic-go"

	"shakedown/harness/outcome"
)

// failureOf turns an error of crypto/tls or quic-go into plain data. What can be
// read from the error's type is read from there; only what crypto/tls says in
// words alone (errors.New) is recognised by its text.
func failureOf(err error, op outcome.Op) *outcome.Failure {
	f := &outcome.Failure{Text: err.Error(), Op: op}
	readQUIC(f, err)
	if f.Close == nil || !f.Close.Remote {
		readAlert(f, err)
		readVerification(f, err)
		readWords(f)
		readCallback(f, err)
	}
	readTransport(f, err)
	return f
}

// readAlert reads the alert of a TCP connection. crypto/tls wraps its
// unexported alert type in a net.OpError whose Op says who sent it.
func readAlert(f *outcome.Failure, err error) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Err == nil {
		return
	}
	v := reflect.ValueOf(op.Err)
	if v.Kind() != reflect.Uint8 {
		return
	}
	switch op.Op {
	case "remote error":
		f.Peer = &outcome.PeerAlert{Code: uint8(v.Uint())}
	case "local error":
		f.Local = &outcome.LocalAlert{Code: uint8(v.Uint()), HasCode: true}
	}
}

// readQUIC reads the connection error of quic-go.
func readQUIC(f *outcome.Failure, err error) {
	var transport *quic.TransportError
	var application *quic.ApplicationError
	var version *quic.VersionNegotiationError
	var reset *quic.StatelessResetError
	switch {
	case errors.As(err, &transport):
		f.Close = &outcome.Close{Remote: transport.Remote, Code: uint64(transport.ErrorCode), Reason: transport.ErrorMessage}
		isAlert := transport.ErrorCode.IsCryptoError()
		alert := uint8(transport.ErrorCode) // RFC 9001 4.8: the error code is 0x0100 plus the alert
		switch {
		case transport.Remote && isAlert:
			f.Peer = &outcome.PeerAlert{Code: alert}
		case !transport.Remote:
			f.Local = &outcome.LocalAlert{Code: alert, HasCode: isAlert}
		}
	case errors.As(err, &application):
		f.Close = &outcome.Close{Remote: application.Remote, Application: true, Code: uint64(application.ErrorCode), Reason: application.ErrorMessage}
	case errors.As(err, &version):
		f.Local, f.NoVersion = &outcome.LocalAlert{}, true
	case errors.As(err, &reset):
		f.Transport = outcome.Reset
	}
}

// readVerification reads why a certificate did not verify.
func readVerification(f *outcome.Failure, err error) {
	var verification *tls.CertificateVerificationError
	if !errors.As(err, &verification) {
		return
	}
	if f.Local == nil {
		f.Local = &outcome.LocalAlert{}
	}
	f.Verify = verifyFailure(verification.Err)
	f.Verify.Detail = strings.TrimPrefix(verification.Err.Error(), "x509: ")
}

func verifyFailure(err error) *outcome.VerifyFailure {
	var (
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		host      x509.HostnameError
		critical  x509.UnhandledCriticalExtension
	)
	switch {
	case errors.As(err, &authority):
		return &outcome.VerifyFailure{Kind: outcome.UnknownAuthority, Certificate: raw(authority.Cert)}
	case errors.As(err, &host):
		return &outcome.VerifyFailure{Kind: outcome.Hostname, Certificate: raw(host.Certificate), Host: host.Host}
	case errors.As(err, &critical):
		return &outcome.VerifyFailure{Kind: outcome.CriticalExt}
	case errors.As(err, &invalid):
		kind, ok := invalidReasons[invalid.Reason]
		if !ok {
			kind = outcome.OtherVerify
		}
		return &outcome.VerifyFailure{Kind: kind, Certificate: raw(invalid.Cert)}
	}
	return &outcome.VerifyFailure{Kind: outcome.OtherVerify}
}

var invalidReasons = map[x509.InvalidReason]outcome.VerifyKind{
	x509.Expired:                       outcome.Expired,
	x509.NotAuthorizedToSign:           outcome.NotAuthorized,
	x509.CANotAuthorizedForThisName:    outcome.NameConstraint,
	x509.TooManyIntermediates:          outcome.PathLength,
	x509.IncompatibleUsage:             outcome.IncompatibleEKU,
	x509.CANotAuthorizedForExtKeyUsage: outcome.IncompatibleEKU,
	x509.NoValidChains:                 outcome.InvalidPolicy, // it counts the chains of which at least one has no valid policy
}

func raw(c *x509.Certificate) []byte {
	if c == nil {
		return nil
	}
	return c.Raw
}

// words are what crypto/tls says with errors.New when it decides, and what kind
// of verification failure that is, if it is one.
var words = []struct {
	text string
	kind outcome.VerifyKind
}{
	{"tls: client didn't provide a certificate", outcome.NoCertificate},
	{"tls: invalid signature by the client certificate", outcome.BadSignature},
	{"tls: invalid signature by the server certificate", outcome.BadSignature},
	{"tls: client certificate used with invalid signature algorithm", outcome.BadSignature},
	{"tls: certificate used with invalid signature algorithm", outcome.BadSignature},
	{"tls: failed to parse client certificate", outcome.Unparseable},
	{"tls: failed to parse certificate from server", outcome.Unparseable},
}

// readWords recognises a decision of crypto/tls that it reports in words alone:
// everything that begins with "tls: " and is no alert is this side's own decision.
func readWords(f *outcome.Failure) {
	if f.Peer != nil {
		return
	}
	text := f.Text
	if f.Close != nil { // quic-go puts the code in front
		if _, after, ok := strings.Cut(text, "(local): "); ok {
			text = after
		}
	}
	for _, w := range words {
		if strings.HasPrefix(text, w.text) {
			f.Verify = &outcome.VerifyFailure{Kind: w.kind, Detail: strings.TrimPrefix(text, "tls: ")}
		}
	}
	if f.Local == nil && strings.HasPrefix(text, "tls: ") {
		f.Local = &outcome.LocalAlert{}
	}
}

// readTransport reads how the transport ended, where nobody decided.
func readTransport(f *outcome.Failure, err error) {
	var header tls.RecordHeaderError
	if errors.As(err, &header) {
		f.RecordHeader = append([]byte(nil), header.RecordHeader[:]...)
	}
	if f.Transport != "" || f.Local != nil || f.Peer != nil || f.Close != nil {
		return
	}
	var timeout net.Error
	switch {
	// First, because quic-go's timeouts are net.ErrClosed as well.
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		f.Transport = outcome.Timeout
	case errors.Is(err, context.Canceled), errors.Is(err, net.ErrClosed):
		f.Transport = outcome.Canceled
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		f.Transport = outcome.EOF
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		f.Transport = outcome.Reset
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Transport = outcome.Refused
	}
}

// causeOf returns why ctx ended, where err came of that: an endpoint whose run
// is over sees only a closed connection.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	var decided *tls.CertificateVerificationError
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed) && !errors.As(err, &decided) {
		return context.Cause(ctx)
	}
	return err
}
