package dissect

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/quic"

	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// runXNet records a connection between two endpoints of golang.org/x/net/quic,
// which shares no code with quic-go: packet numbers start at 0 in each space, and
// connection IDs have other lengths.
func runXNet(t *testing.T, retry, certificate bool) *transcript.Transcript {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r := newQUICRecorder()
	r.flight = 2
	clientTLS, serverTLS, _, _ := quicPair{}.settings(r)
	clientTLS.MinVersion, serverTLS.MinVersion = tls.VersionTLS13, tls.VersionTLS13
	if !certificate {
		clientTLS.Certificates = nil
	}
	serverSocket, clientSocket := listenUDP(t), listenUDP(t)
	server, err := quic.NewEndpoint(&quicTap{serverSocket, r, outcome.Server}, &quic.Config{TLSConfig: serverTLS, RequireAddressValidation: retry})
	if err != nil {
		t.Fatal(err)
	}
	client, err := quic.NewEndpoint(&quicTap{clientSocket, r, outcome.Client}, nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		c, err := server.Accept(ctx)
		if err != nil {
			return
		}
		if s, err := c.NewSendOnlyStream(ctx); err == nil {
			_, _ = s.Write([]byte("!"))
			_ = s.Close()
		}
		_ = c.Wait(ctx)
	}()
	c, err := client.Dial(ctx, "udp", serverSocket.LocalAddr().String(), &quic.Config{TLSConfig: clientTLS})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := c.AcceptStream(ctx); err == nil {
		_, _ = s.Read(make([]byte, 8))
	}
	_ = c.Close()
	_ = client.Close(ctx)
	_ = server.Close(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	return r.transcript
}

func TestQUICOtherStack(t *testing.T) {
	const flights = "server ServerHello, server EncryptedExtensions, server CertificateRequest, server Certificate, server CertificateVerify, server Finished, "
	tests := []struct {
		name               string
		retry, certificate bool
		want               string
	}{
		{"healthy", false, true, "client ClientHello, " + flights + "client Certificate, client CertificateVerify, client Finished, "},
		{"retry", true, true, "client ClientHello, server Retry, client ClientHello, " + flights + "client Certificate, client CertificateVerify, client Finished, "},
		{"client-no-cert", false, false, "client ClientHello, " + flights + "client Certificate, client Finished, server CONNECTION_CLOSE 0x174, "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := runXNet(t, tt.retry, tt.certificate)
			tl := Transcript(tr)
			checkSteps(t, tr, tl)
			var got strings.Builder
			for _, s := range tl.Steps {
				switch {
				case leftOut(s), s.Level == Application && (s.Close == nil || s.Close.Code == 0):
				case s.Alert != nil:
					fmt.Fprintf(&got, "%s %s 0x%x, ", s.From, s.Name, s.Close.Code)
				default:
					fmt.Fprintf(&got, "%s %s, ", s.From, s.Name)
				}
			}
			if got.String() != tt.want || tl.Unread != 0 {
				t.Errorf("got  %s\nwant %s\n%s", got.String(), tt.want, everything(tl))
			}
		})
	}
}
