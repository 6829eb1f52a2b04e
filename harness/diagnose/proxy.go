package diagnose

import (
	"shakedown/harness/dissect"
	"shakedown/harness/outcome"
	"shakedown/harness/transcript"
)

// proxyReoriginates is a connection that is two: somebody between the two sides
// ends the client's TLS with a certificate of their own and dials on without one.
// It takes both sides' views to see it: the client was never asked and met another
// certificate than the server sent, and the server got an answer to its question
// that the client never gave.
func proxyReoriginates(r *reading) *finding {
	asked, shown := r.w.request.step, r.w.server.certificate.step
	if !r.refusedForNone() || r.w.client.certificate.ok() || !changedOnPath(asked) || !changedOnPath(shown) {
		return nil
	}
	return found(
		saw(asked, "the server asks for a certificate, and its CertificateRequest never reaches the client"),
		saw(shown, "the certificate that the client sees is not the one that the server sends"),
		saw(firstOf(r.w.client.finished, r.w.client.last), "the client sends no Certificate and finishes; the server is told that there is none"),
	).refusedBy(outcome.Server, "Certificate").as(outcome.NoCertificate)
}

// changedOnPath says that a step did not arrive as it was sent.
func changedOnPath(s *dissect.Step) bool {
	return marked(s, transcript.Rewritten) || marked(s, transcript.Dropped)
}
