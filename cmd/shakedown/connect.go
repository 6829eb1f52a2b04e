package main

import (
	"context"
	"net"
	"strings"
	"time"

	"shakedown/harness"
	"shakedown/harness/report"

	"github.com/spf13/cobra"
)

// connectFlags say how to talk to a live server.
type connectFlags struct {
	handshakeFlags
	cert, key, trust, serverName string
	force                        bool
	alpn                         []string
}

func newConnect(a *app) *cobra.Command {
	flags := &connectFlags{}
	cmd := &cobra.Command{
		Use:   "connect HOST:PORT",
		Short: "Make a handshake with a live server",
		Long: `Make a handshake with a live server, over TCP or QUIC, and show what happens.
The server's own words are not known; what it sends is. A handshake that is
established exits with 0, any other end with 1.`,
		Example: `  shakedown connect server.example:443
  shakedown connect server.example:443 --cert client.pem --key client.key --trust ca.pem
  shakedown connect 192.0.2.1:443 --transport quic --server-name server.example --alpn h3`,
		Args: exactly(1, "address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.connect(cmd, flags, args[0])
		},
	}
	flags.register(cmd.Flags())
	cmd.Flags().StringVar(&flags.cert, "cert", "", "the client's certificate in `FILE`, and the chain behind it")
	cmd.Flags().StringVar(&flags.key, "key", "", "the client's private key in `FILE` (default the certificate's file)")
	cmd.Flags().StringVar(&flags.trust, "trust", "", "trust the CAs in `FILE` (default the system's)")
	cmd.Flags().BoolVar(&flags.force, "force-client-cert", false, "present the client's certificate even where Go would hold it back")
	cmd.Flags().StringVar(&flags.serverName, "server-name", "", "ask for `NAME` (default the host)")
	cmd.Flags().StringSliceVar(&flags.alpn, "alpn", nil, "offer `PROTOCOLS`, best first: h2,http/1.1")
	return cmd
}

func (a *app) connect(cmd *cobra.Command, f *connectFlags, address string) error {
	if err := f.check(); err != nil {
		return err
	}
	f.tellPlain(a.stderr)
	if err := checkAddress(address); err != nil {
		return err
	}
	switch {
	case f.cert == "" && f.key != "":
		return usage("name the certificate that it is the key of with --cert", "--key was given without --cert")
	case f.cert == "" && f.force:
		return usage("name it with --cert", "--force-client-cert was given without a certificate")
	case cmd.Flags().Changed("carrier"):
		return usage("leave --carrier out", "a live server is reached over sockets alone")
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	keep, err := a.keep(&f.handshakeFlags)
	if err != nil {
		return err
	}
	defer keep.discard()
	keep.from(&o)
	target := f.target(address)
	target.Also = o.Also
	switch {
	case f.plain:
		return keep.finish(a.stepTarget(cmd.Context(), target, o))
	case a.terminal() && !f.wantsReport(cmd):
		return keep.finish(a.showTarget(cmd.Context(), f, target, o))
	}
	return a.results(&f.handshakeFlags, keep, true, func(w report.Writer) (*stream, harness.Report, error) {
		begin := time.Now()
		r, err := a.engine.Connect(cmd.Context(), target, o)
		results := []harness.Result{r}
		return &stream{w: w}, harness.Report{Version: 1, Results: results, Summary: harness.Summarize(results, time.Since(begin))}, err
	})
}

func (f *connectFlags) target(address string) harness.Target {
	return harness.Target{
		Address:    address,
		Transport:  f.cell().Transport,
		TLS:        f.tls,
		CertFile:   f.cert,
		KeyFile:    f.key,
		TrustFile:  f.trust,
		ServerName: f.serverName,
		ALPN:       f.alpn,

		ForceClientCert: f.force,
	}
}

// stepTarget steps through a handshake with a live server line by line.
func (a *app) stepTarget(ctx context.Context, target harness.Target, o harness.Options) error {
	o.Hold = true
	session, err := harness.OpenConnect(ctx, target, o)
	if err != nil {
		return err
	}
	return a.steps(ctx, session)
}

// showTarget opens the screen on a handshake with a live server.
func (a *app) showTarget(ctx context.Context, f *connectFlags, target harness.Target, o harness.Options) error {
	o.Hold = true
	session, err := harness.OpenConnect(ctx, target, o)
	if err != nil {
		return err
	}
	defer session.Close()
	return a.screen(ctx, screenRequest{Session: session, Options: o, Color: f.color})
}

// checkAddress wants a host and a port.
func checkAddress(address string) error {
	hint := "for example: shakedown connect server.example:443"
	if strings.Contains(address, "://") {
		return usage(hint, "%q is a URL, want HOST:PORT", address)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return usage(hint, "%q is no HOST:PORT", address)
	}
	if host == "" || port == "" {
		return usage(hint, "%q lacks a %s", address, map[bool]string{true: "host", false: "port"}[host == ""])
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return usage(hint, "%q is no port", port)
	}
	return nil
}
