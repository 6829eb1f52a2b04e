package harness

import "strings"

const accuracyHead = `# How often the diagnosis is right

<!-- Written by: go test ./harness -run 'TestAccuracy$' -update -->

Every built-in scenario is played in every cell, resumption and the faults of the wire included, and each connection is
judged again and again from less: by both sides and the wire between them; by one side, that is its own words, its own
files and settings, its own key log and what passed on its own end of the wire; and by one side's errors and
configuration alone, as a log has them.
*Right* is the one cause that the scenario expects, by its exact id. Nothing more general counts.
A cause that is called *certain* and is not the true one, nor a more general one that holds as well, is certain and wrong.
A run in which a side has nothing to ask about – it reports no error, or nobody has connected to it because the other
side's files do not load – is counted apart. Where it has a recording all the same, the last two rows say what that shows.

`

const accuracyBetter = `
Which side refused is known without hindsight: its own words say so. Its evidence leads to the cause in every run but those that
look to it just like one of another scenario, message by message and word by word, about which it is right: the test
holds that run by run. They are four groups, and in each it names the likeliest first: an empty Certificate message, which
is the same whatever the client has and keeps back; a certificate that has expired, which is the same whether a newer
one lies somewhere or not; one that is not for the address, which is the same whatever else the server could show; and
a signature that does not fit in TLS 1.2, where no Finished has come yet.

Which side to ask is known without hindsight as well: the one that refused, unless it is a server that says that no
certificate came. That server has seen nothing to judge, and whatever there is to see is the client's. The row of the side
that the refusal points to counts so.

Which side is better placed is known with hindsight: it is the one that names the cause higher. Of a wrong file that is
the side that has it, of a refusal mostly the one that refuses: ask there first. What the other side is told is one
word, and many causes share it.

The test holds these bounds: with both sides the cause is at the top in every run; with one side and its wire in at least
98 % of the runs at the better placed side, 96 % at the side that the refusal points to, 94 % at the side that refused, 90 %
at the client and 86 % at the server, and among the candidates in at least 97 % at either; with the errors of one side it
is among the candidates in at least 98 %. Nothing is called certain that is wrong.
Nothing healthy is ever called faulty. Captures of somebody else's, with no keys or with one side's alone, are held by other
tests to "nothing certain and wrong" and to their inferences, and have no figures here. The two tables below have every run that one side and its wire get wrong, why that
side cannot know better, and the scenario that looks just like it there and is what it is called.
`

const accuracyCauses = `
## Cause by cause

Each field says how often the true cause was at the top, how often it was among the candidates, and of how many runs.

`

// why says in a sentence why a view cannot tell a cause from what it names first.
func why(view int, cause, called string) string {
	for _, r := range reasons {
		if (r.view == 0 || r.view == view) && (r.called == "" || r.called == called) && (r.causes == "" || strings.Contains(" "+r.causes+" ", " "+cause+" ")) {
			return r.text
		}
	}
	if called == "nothing" {
		return "The handshake succeeds, or ends, in a way that looks like an ordinary one from here."
	}
	return "What tells the two apart is on the other side."
}

// reasons are asked from the top. A zero view fits both, an empty cause all.
var reasons = []struct {
	view   int
	causes string
	called string
	text   string
}{
	// What the server is told of its own certificate.
	{ofServer, "client-trust-empty client-trust-wrong-file bundle-partly-read server-ca-rotated server-root-expired server-cross-sign-old-root server-mitm", "server-untrusted-ca", "Only the client's trust store shows it; the alert is the same for every chain that does not lead into it."},
	{ofServer, "client-clock-behind client-clock-ahead", "server-untrusted-ca", "Only the client's clock shows it, and the client's alert is the same for everything that it has against a certificate."},
	{ofServer, "server-revoked", "server-untrusted-ca", "The client has looked into the CA's revocation list, which is not on the wire."},
	{ofServer, "server-pin", "server-untrusted-ca", "Which key the client has pinned only the client knows."},
	{ofServer, "policy-refused", "", "What the client's application demands beyond TLS is not on the wire."},
	{ofServer, "altered-on-path", "server-untrusted-ca", "The server's own chain is in order, and what arrived in its place only the client has seen."},

	// What the server can tell of the client's files.
	{ofServer, "client-ca-hint-mismatch client-missing-intermediate client-self-signed client-key-unsupported", "client-no-cert", "An empty Certificate message is the same whatever the client has and does not send."},
	{ofServer, "certrequest-damaged", "client-no-cert", "An empty Certificate message is the same whatever reached the client as a request."},
	{ofServer, "client-picks-old client-not-reloaded", "client-expired", "That the client has a newer certificate only its files show."},
	{ofServer, "proxy-reoriginates", "client-no-cert", "A proxy that sends no certificate is a client that sends none; that there is another behind it only the other end shows."},
	{ofServer, "resumed-old-identity", "", "The session stands for the old certificate, and the new one is never shown."},
	{ofServer, "client-signer-fails", "", "On QUIC nothing of the client's flight is sent where its key does not sign: the alert is that of any failure of its own."},

	// What the server sees of a path.
	{ofServer, "", "client-gone", "Of what the client sent nothing arrived, or nothing was sent: a connection without a byte looks the same."},
	{ofServer, "", "blackhole", "Nothing of the ClientHello arrives, whatever its size: how large it was only the client knows."},
	{ofServer, "app-close", "nothing", "An application that closes after a good handshake does what applications do; that the client did not expect it only the client says."},
	{ofServer, "altered-on-path", "corrupt-record", "A record does not open at the client: whether it was damaged, lost, repeated or moved only the client's recording shows."},

	// What the client is told of its own certificate.
	{ofClient, "client-revoked crl-stale client-staple-missing policy-verifypeer policy-verifyconnection", "policy-refused", "The server's alert is one for whatever its application has against a certificate that verifies."},
	{ofClient, "client-gone", "nothing", "The client has ended the connection itself and has nothing to complain of."},
	{ofClient, "proxy-reoriginates", "app-close", "The handshake with the proxy is complete and fine, and then the stream ends; what lies behind it the client does not see."},
	{ofClient, "server-clock-ahead server-clock-behind", "client-root-expired", "By the client's clock nothing has expired; the server's clock and its copy of the root are the server's to see."},
	{ofClient, "bundle-partly-read", "client-ca-hint-mismatch", "The CertificateRequest that arrived does not name the client's CA, and why only the server's end shows."},

	// What the client can tell of the server's files.
	{ofClient, "server-not-reloaded", "server-expired", "That the server has a newer certificate on disk only its files show."},
	{ofClient, "no-sni-default-cert getcertificate-skipped", "server-ip-no-ip-san", "That the server has a certificate for the address, and presents another, only its configuration shows."},
	{ofClient, "server-rsa512", "server-p224", "The server has a key that no signature scheme fits; it has sent nothing that shows which."},
	{ofClient, "server-signer-fails getconfigforclient-error", "getcertificate-error", "The server answers with internal_error before anything else, whatever of its own has failed."},
	{ofClient, "server-requires-any server-request-only", "nothing", "The client was asked, has sent its certificate and was let in; that nobody has verified it only the server knows."},
	{ofClient, "policy-skipped-on-resume", "nothing", "The session is resumed and all is well; what the server takes the client for, and which of its rules it did not ask, only the server knows."},
	{ofClient, "alpn-h2-vs-http11", "", "The server selects no protocol; whether it has none or only others is in its configuration."},
	{ofClient, "cipher-mismatch", "cipher-vs-cert", "The client offers suites for one kind of key: the server can have other suites, or a key of the other kind."},

	// What the client sees of a path.
	{ofClient, "plain-client proxy-protocol", "fin-after-hello", "The client has sent a ClientHello; that something else arrived only the server has seen."},
	{ofClient, "blackhole", "large-hello-dropped", "No answer comes to a ClientHello of more than one segment: whether it was lost, or the answer, only the server's end shows."},
	{ofClient, "altered-on-path", "curve-mismatch", "An alert in the clear is whoever's that can write to the connection."},
	{ofClient, "altered-on-path", "server-p224", "An alert in the clear is whoever's that can write to the connection."},
	{ofClient, "altered-on-path", "server-key-mismatch", "In TLS 1.2 a signature that fails is another key or a changed message; what would tell, a Finished, has not come, and a wrong key is likelier."},
	{ofClient, "altered-on-path", "server-chain-wrong-order", "In TLS 1.2 nothing covers the order of the chain but the Finished, which has not come: whether the server sent it so only the server knows."},
}
