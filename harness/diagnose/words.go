package diagnose

import (
	"fmt"
	"net"
	"strings"

	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
)

// step returns the prefix of a sentence about that step, empty for none.
func step(s *dissect.Step) string {
	if s == nil || s.N == 0 {
		return ""
	}
	return fmt.Sprintf("step %d: ", s.N)
}

// saw makes a piece of evidence that a step shows. A nil step is none.
func saw(s *dissect.Step, format string, args ...any) Evidence {
	e := Evidence{Text: step(s) + fmt.Sprintf(format, args...)}
	if s != nil {
		e.Step = s.N
	}
	return e
}

// inFile returns the name of a side's trust file in brackets, empty if it has none.
func inFile(s *outcome.Settings) string {
	switch {
	case s == nil:
		return ""
	case s.TrustFile != "":
		return " (" + field.Shorten(s.TrustFile, 100) + ")"
	case s.TrustSource != "":
		return " (" + field.Shorten(s.TrustSource, 100) + ")"
	}
	return ""
}

// trustStore names where a side's trust anchors are configured.
func trustStore(r outcome.Role, s *outcome.Settings) string {
	what := "trust store"
	if r == outcome.Server {
		what = "list of client CAs"
	}
	return fmt.Sprintf("the %s's %s%s", r, what, inFile(s))
}

// certificateFile names where a side's certificates are configured.
func certificateFile(r outcome.Role, s *outcome.Settings) string {
	if s != nil && s.CertificateFile != "" {
		return fmt.Sprintf("the %s's certificate file (%s)", r, field.Shorten(s.CertificateFile, 100))
	}
	return fmt.Sprintf("the %s's certificate file", r)
}

// shell returns a file name as a word of a command line, or the placeholder if
// there is none.
func shell(file, placeholder string) string {
	if file == "" {
		return placeholder
	}
	file = field.Printable(file)
	if strings.HasPrefix(file, "-") {
		file = "./" + file // a name that looks like an option
	}
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-/+:@%,", r)
	}
	if strings.IndexFunc(file, func(r rune) bool { return !plain(r) }) < 0 {
		return file
	}
	return "'" + strings.ReplaceAll(file, "'", `'\''`) + "'"
}

// target is where a client connects to, as a word of a command line.
func target(client *outcome.Settings) string { return shell(client.Address, "HOST:PORT") }

// connectCommand connects to a server under a name: over TCP with OpenSSL and
// its options, over QUIC, which few builds of OpenSSL speak, with this program.
func connectCommand(client *outcome.Settings, name string, quic bool, openssl, own string) string {
	if !quic {
		// RFC 6066 3: "Literal IPv4 and IPv6 addresses are not permitted in "HostName"".
		if name != "" && net.ParseIP(name) == nil {
			openssl = " -servername " + shell(name, "") + openssl
		}
		return "openssl s_client -connect " + target(client) + openssl
	}
	if name != "" {
		own = " --server-name " + shell(name, "") + own
	}
	return "shakedown connect " + target(client) + " --transport quic" + own
}

// connectWith repeats the connection with more options.
func (r *reading) connectWith(openssl, own string) string {
	name, _ := r.serverName()
	return connectCommand(&r.in.Client.Settings, name, r.quic(), openssl, own)
}
