package diagnose

import (
	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

func versionMismatch(r *reading) *finding {
	if !r.open() || !r.knownClient() {
		return nil
	}
	offer := r.offered()
	step := r.w.lastHello.step
	if !r.knownServer() {
		if !r.stoppedAtHello(alertProtocolVersion) {
			return nil
		}
		return found(saw(step, "the client offers %s, and the server supports none of that", versions(offer.versions))).
			mend("", r.reconnect()).refusedBy(outcome.Server).alert(alertProtocolVersion)
	}
	f := r.versionsDiffer()
	if f == nil {
		return nil
	}
	f.by, f.leads = r.h.RefusedBy, Refused
	return f.alert(alertProtocolVersion, alertInternalError, alertHandshakeFailure)
}

// versionsDiffer compares what the client offers with what the server accepts.
func (r *reading) versionsDiffer() *finding {
	offer, accepts := r.offered().versions, r.accepts(outcome.Server).versions
	if !r.knownClient() || !r.knownServer() || len(common(offer, accepts)) > 0 {
		return nil
	}
	says := saw(r.w.lastHello.step, "the client offers %s", versions(offer))
	if len(offer) == 0 {
		says = saw(nil, "the client is set to nothing above %s", tlswire.VersionName(r.in.Client.Settings.MaxVersion))
	}
	f := found(says, saw(nil, "the server accepts %s", versions(accepts)))
	if r.quic() {
		f.Evidence = append(f.Evidence, saw(nil, "QUIC needs TLS 1.3 (RFC 9001 4.2)"))
	}
	return f
}

func versions(list []uint16) string {
	return names16(list, tlswire.VersionName)
}
