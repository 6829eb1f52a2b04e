package harness

import (
	"context"

	"shakedown/harness/endpoint"
	"shakedown/harness/outcome"
)

// serve runs the server over its end: here, or in a process of its own where it
// needs settings that count for a whole process.
func (p pair) serve(ctx context.Context, conn endpoint.HalfCloser, w *wire, ready func()) (outcome.Outcome, error) {
	defer ready() // where it cannot even begin nobody may wait for it
	apart := endpoint.Process{Debug: p.server.Settings.GODEBUG, Ready: ready}
	switch tcp := p.cell.Transport == outcome.TCP; {
	case tcp && len(apart.Debug) > 0:
		return apart.RunTCP(ctx, outcome.Server, p.server, conn)
	case tcp:
		return endpoint.TCPServer(ctx, p.server, conn), nil
	case len(apart.Debug) > 0:
		return apart.RunQUIC(ctx, outcome.Server, p.server, w.packet[outcome.Server], w.packet[outcome.Client].LocalAddr())
	}
	return endpoint.QUICServer(ctx, p.server, w.packet[outcome.Server], ready), nil
}

// dial runs the client over its end, as serve does the server.
func (p pair) dial(ctx context.Context, conn endpoint.HalfCloser, w *wire) (outcome.Outcome, error) {
	apart := endpoint.Process{Debug: p.client.Settings.GODEBUG}
	server := w.packet[outcome.Server]
	switch tcp := p.cell.Transport == outcome.TCP; {
	case tcp && len(apart.Debug) > 0:
		return apart.RunTCP(ctx, outcome.Client, p.client, conn)
	case tcp:
		return endpoint.TCPClient(ctx, p.client, conn), nil
	case len(apart.Debug) > 0:
		return apart.RunQUIC(ctx, outcome.Client, p.client, w.packet[outcome.Client], server.LocalAddr())
	}
	return endpoint.QUICClient(ctx, p.client, w.packet[outcome.Client], server.LocalAddr()), nil
}
