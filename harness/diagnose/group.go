package diagnose

import (
	"slices"

	"shakedown/harness/outcome"
	"shakedown/harness/tlswire"
)

// postQuantum says that a group has an ML-KEM part.
func postQuantum(group uint16) bool {
	return group >= 0x11eb && group <= 0x11ee || group >= 0x0200 && group <= 0x0202
}

// groupsDiffer returns both sides' groups if they have none in common. TLS 1.2
// knows no post-quantum groups.
func (r *reading) groupsDiffer() (client, server []uint16, differ bool) {
	if !r.open() || !r.knownClient() || !r.knownServer() {
		return nil, nil, false
	}
	client, server = r.offered().groups, r.accepts(outcome.Server).groups
	usable := common(client, server)
	if !r.negotiates13() {
		usable = slices.DeleteFunc(usable, postQuantum)
	}
	return client, server, len(client) > 0 && len(usable) == 0 && len(common(r.offered().versions, r.accepts(outcome.Server).versions)) > 0
}

// negotiates13 says that both sides would settle on TLS 1.3.
func (r *reading) negotiates13() bool {
	return slices.Contains(common(r.offered().versions, r.accepts(outcome.Server).versions), tls13)
}

func pqOnlyServer(r *reading) *finding {
	client, server, differ := r.groupsDiffer()
	if !differ || slices.ContainsFunc(server, func(g uint16) bool { return !postQuantum(g) }) {
		return nil
	}
	return r.groupFinding(client, server)
}

func curveMismatch(r *reading) *finding {
	client, server, differ := r.groupsDiffer()
	if !differ || !slices.ContainsFunc(server, func(g uint16) bool { return !postQuantum(g) }) {
		return r.unnamedHandshakeFailure("curve-mismatch")
	}
	return r.groupFinding(client, server)
}

func (r *reading) groupFinding(client, server []uint16) *finding {
	return found(
		saw(r.w.lastHello.step, "the client supports the groups %s", names16(client, tlswire.GroupName)),
		saw(nil, "the server accepts %s", names16(server, tlswire.GroupName)),
	).refusedBy(outcome.Server).alert(alertHandshakeFailure, alertIllegalParameter)
}
