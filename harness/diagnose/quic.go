package diagnose

import "shakedown/harness/outcome"

func (r *reading) quic() bool { return r.w.timeline.Transport == outcome.QUIC }

func quicSilence(r *reading) *finding {
	if !r.quic() || r.h.Outcome != TimedOut || r.w.server.first != nil {
		return nil
	}
	if s := r.w.unreachable; s != nil {
		return found(
			saw(r.w.clientHello.step, "the client's Initial packets reach the machine"),
			saw(s, "it answers that nobody listens on that UDP port (ICMP port unreachable); a firewall that rejects says the same"),
		).mend("Start the service, or see at which address and UDP port it listens; then look for a firewall that rejects.", "ss -lun").leadsTo(TimedOut)
	}
	return found(
		saw(r.w.clientHello.step, "the client sends its Initial packets and nothing comes back"),
		saw(nil, "a closed UDP port, a blocked one, a service that is not QUIC and a server whose answers are lost all look like this"),
	).mend("", "shakedown connect "+target(&r.in.Client.Settings)+" --transport tcp").leadsTo(TimedOut)
}

// clientFlightLost is a client that is done while the server still waits.
func clientFlightLost(r *reading) *finding {
	if !r.quic() || r.h.Outcome != TimedOut || !r.in.Client.Outcome.Complete || r.in.Server.Outcome.Complete || !r.in.Server.Outcome.Known {
		return nil
	}
	return found(saw(firstOf(r.w.client.finished, r.w.client.last), "the client has sent its Finished and is done; the server never received it and waits")).leadsTo(TimedOut)
}

func quicVersion(r *reading) *finding {
	s := r.w.versionNegotiation
	if s == nil || r.w.serverHello.ok() || r.h.Outcome == Established {
		return nil
	}
	f := found(saw(s, "the server answers with Version Negotiation: %s", s.Summary))
	f.leads, f.by = anyEnd, r.h.RefusedBy
	return f
}
