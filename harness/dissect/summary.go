package dissect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shakedown/harness/field"
	"shakedown/harness/tlswire"
	"shakedown/harness/x509wire"
)

// summarise says in one line what somebody who debugs a handshake wants to know
// of a message. Text from the wire is escaped.
func (d *Dissector) summarise(msg tlswire.Message) string {
	switch m := msg.(type) {
	case *tlswire.ClientHello:
		return clientHelloSummary(m)
	case *tlswire.ServerHello:
		return d.serverHelloSummary(m)
	case *tlswire.EncryptedExtensions:
		return encryptedExtensionsSummary(m)
	case *tlswire.CertificateRequest:
		return certificateRequestSummary(m)
	case *tlswire.Certificate:
		return certificateSummary(m)
	case *tlswire.CompressedCertificate:
		return fmt.Sprintf("%s, compressed to %d", count(int(m.Length), "byte"), len(m.Data))
	case *tlswire.CertificateVerify:
		return m.Scheme.String()
	case *tlswire.CertificateStatus:
		return "OCSP response, " + count(len(m.OCSP), "byte")
	case *tlswire.ServerKeyExchange:
		return keyExchangeSummary(m)
	case *tlswire.ClientKeyExchange:
		return "key share, " + count(len(m.Exchange), "byte")
	case *tlswire.ServerHelloDone:
		return "the client's turn"
	case *tlswire.Finished:
		return "confirms all messages before it"
	case *tlswire.NewSessionTicket:
		return d.ticketSummary(m)
	case *tlswire.KeyUpdate:
		if m.Requested {
			return "new keys from here on, and asks for the other side's"
		}
		return "new keys from here on"
	case *tlswire.EndOfEarlyData:
		return "handshake keys from here on"
	case *tlswire.HelloRequest:
		return "asks the client to renegotiate"
	case *tlswire.UnknownMessage:
		return count(len(m.Body), "byte")
	}
	return ""
}

// join puts the parts that are not empty on one line.
func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// clientHelloSummary: server name · versions · groups · ALPN.
func clientHelloSummary(m *tlswire.ClientHello) string {
	name := "no server name"
	if m.ServerName != "" {
		name = field.Shorten(m.ServerName, maxName)
	}
	resumes := ""
	switch {
	case m.EarlyData:
		resumes = "resumes, early data"
	case len(m.PSKIdentities) > 0, len(m.SessionTicket) > 0:
		resumes = "resumes"
	}
	return join(name, offeredVersions(m), offeredGroups(m), protocols(m.ALPN), resumes)
}

func offeredVersions(m *tlswire.ClientHello) string {
	if m.SupportedVersions == nil {
		return tlswire.VersionName(m.Version)
	}
	return list(withoutGREASE(m.SupportedVersions), maxListed, tlswire.VersionName)
}

// offeredGroups names the groups that a key share was sent for, which decide
// whether the server must ask again, and counts the others.
func offeredGroups(m *tlswire.ClientHello) string {
	groups := withoutGREASE(m.SupportedGroups)
	if len(m.KeyShares) == 0 {
		return list(groups, maxListed, tlswire.GroupName)
	}
	var shares []uint16
	for _, k := range m.KeyShares {
		if !tlswire.IsGREASE(k.Group) {
			shares = append(shares, k.Group)
		}
	}
	text := list(shares, maxListed, tlswire.GroupName)
	if others := len(groups) - len(shares); others > 0 {
		text += " +" + count(others, "group")
	}
	return text
}

func withoutGREASE(codes []uint16) []uint16 {
	if !slices.ContainsFunc(codes, tlswire.IsGREASE) {
		return codes
	}
	return slices.DeleteFunc(slices.Clone(codes), tlswire.IsGREASE)
}

// maxListed bounds how many things of a kind a summary names.
const maxListed = 4

// list names up to that many values, and counts the rest.
func list[T any](values []T, limit int, name func(T) string) string {
	var b strings.Builder
	for i, v := range values {
		if i == limit {
			fmt.Fprintf(&b, " and %d more", len(values)-limit)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name(v))
	}
	return b.String()
}

func protocols(alpn []string) string {
	if len(alpn) == 0 {
		return ""
	}
	return "ALPN " + list(alpn, maxListed, func(p string) string { return field.Shorten(p, maxName) })
}

// serverHelloSummary: version · suite · group. A HelloRetryRequest says what it
// asks for instead.
func (d *Dissector) serverHelloSummary(m *tlswire.ServerHello) string {
	version := tlswire.VersionName(m.NegotiatedVersion())
	suite := tlswire.CipherSuiteName(m.CipherSuite)
	if m.IsHelloRetryRequest() {
		wish := ""
		if m.SelectedGroup != 0 {
			wish = "asks for a key share of " + tlswire.GroupName(m.SelectedGroup)
		}
		if m.Cookie != nil {
			wish = join(wish, "asks for a cookie")
		}
		return join(version, suite, wish)
	}
	group, resumed := "", ""
	if m.KeyShare != nil {
		group = tlswire.GroupName(m.KeyShare.Group)
	}
	if d.resumes(m) {
		resumed = "resumed"
	}
	alpn := ""
	if m.ALPN != "" {
		alpn = protocols([]string{m.ALPN})
	}
	return join(version, suite, group, alpn, resumed)
}

func encryptedExtensionsSummary(m *tlswire.EncryptedExtensions) string {
	alpn, early := "no ALPN", ""
	if m.ALPN != "" {
		alpn = protocols([]string{m.ALPN})
	}
	if m.EarlyData {
		early = "early data accepted"
	}
	return join(alpn, early)
}

// certificateRequestSummary says whom the server accepts, which is what a Go
// client picks its certificate by.
func certificateRequestSummary(m *tlswire.CertificateRequest) string {
	accepts := "accepts any issuer (no CA names)"
	if len(m.CertificateAuthorities) > 0 {
		accepts = "accepts " + list(m.CertificateAuthorities, maxListed, func(der []byte) string {
			name, err := x509wire.ParseName(der)
			if err != nil && name == "" {
				name = "unreadable name"
			}
			return field.Shorten(name, maxName)
		})
	}
	return join(accepts, count(len(m.SignatureSchemes), "signature algorithm"))
}

// certificateSummary names the chain, leaf first.
func certificateSummary(m *tlswire.Certificate) string {
	if len(m.Entries) == 0 {
		return "empty"
	}
	var b strings.Builder
	b.WriteString(count(len(m.Entries), "certificate"))
	b.WriteString(": ")
	for i, e := range m.Entries {
		if i == maxListed {
			fmt.Fprintf(&b, " and %d more", len(m.Entries)-i)
			break
		}
		if i > 0 {
			b.WriteString(" ← ")
		}
		b.WriteString(certificateName(e.Data))
	}
	if m.Entries[0].OCSP != nil {
		b.WriteString(" · OCSP stapled")
	}
	return b.String()
}

func keyExchangeSummary(m *tlswire.ServerKeyExchange) string {
	group, scheme := tlswire.GroupName(m.Group), ""
	if m.Prime != nil {
		group = fmt.Sprintf("finite field of %d bits", 8*len(m.Prime))
	}
	if m.Scheme != 0 { // before TLS 1.2 the key decides how it signs
		scheme = m.Scheme.String()
	}
	return join(group, scheme)
}

func (d *Dissector) ticketSummary(m *tlswire.NewSessionTicket) string {
	valid, early := "valid for "+lifetime(m.Lifetime), ""
	switch {
	case m.Lifetime > 0:
	case d.messageVersion() == tlswire.VersionTLS13:
		// "The value of zero indicates that the ticket should be discarded
		// immediately." (RFC 8446 4.6.1)
		valid = "to be discarded at once"
	default:
		// "A value of zero is reserved to indicate that the lifetime of the
		// ticket is unspecified." (RFC 5077 3.3)
		valid = "lifetime unspecified"
	}
	if m.MaxEarlyData > 0 {
		early = "early data allowed"
	}
	return join(valid, early)
}

// lifetime writes seconds in the largest unit that gives a whole number.
func lifetime(seconds uint32) string {
	for _, unit := range []struct {
		seconds uint32
		name    string
	}{{24 * 3600, "day"}, {3600, "hour"}, {60, "minute"}} {
		if seconds > 0 && seconds%unit.seconds == 0 {
			return count(int(seconds/unit.seconds), unit.name)
		}
	}
	return strconv.Itoa(int(seconds)) + " seconds"
}
