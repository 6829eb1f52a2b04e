package fault

import (
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/outcome"
)

// A Mode is what the link does about a rewritten message beside.
type Mode string

// The modes.
const (
	// Tamper repairs nothing: the victim fails at its next check.
	Tamper Mode = "tamper"
	// Impersonate lets each side meet a stack that really behaves so: the link
	// signs again, computes both Finished again, and translates between the two
	// sides' keys. TLS 1.3 only.
	Impersonate Mode = "impersonate"
)

// A Rewrite changes a handshake message inside its protection. Several fields act
// together.
type Rewrite struct {
	Mode Mode

	// Remove takes the message out, Duplicate sends it twice.
	Remove, Duplicate bool

	// Certificates replaces the list of certificates; Reverse turns it round. A
	// nil Certificates keeps it, an empty one empties it.
	Certificates [][]byte
	Reverse      bool
	// Damage flips a bit of the signature.
	Damage bool

	// Random and SessionID replace those of a hello, nil keeps them.
	Random    []byte
	SessionID *[]byte
	// Suites are those that a ClientHello offers, or the one that a ServerHello
	// chooses; Groups are those that a ClientHello offers.
	Suites, Groups []uint16
	// Schemes are the signature schemes of a ClientHello or a CertificateRequest.
	Schemes []uint16
	// ServerName replaces the name in a ClientHello; an empty one takes it out.
	ServerName *string
	// ALPN are the protocols that a ClientHello offers, or the one that the
	// server chooses; an empty list takes the extension out. Nil keeps it.
	ALPN []string

	// Extension sets an extension of the message, or takes it out.
	Extension *Extension
	// Append puts bytes behind the message's last field.
	Append []byte
	// Insert are whole handshake messages that are put in front of it.
	Insert []byte
}

// An Extension is one extension of a message.
type Extension struct {
	Type   uint16
	Data   []byte
	Remove bool
}

// rewritable are the messages that can be rewritten, with what can be done to
// them beside removing, repeating and lengthening them.
var rewritable = []struct {
	name   string
	fields []string
}{
	{"ClientHello", []string{"random", "session_id", "suites", "groups", "schemes", "server_name", "alpn", "extension"}},
	{"HelloRetryRequest", []string{"session_id", "suites", "extension"}},
	{"ServerHello", []string{"random", "session_id", "suites", "alpn", "extension"}},
	{"EncryptedExtensions", []string{"alpn", "extension"}},
	{"CertificateRequest", []string{"schemes", "extension"}},
	{"Certificate", []string{"certificates"}},
	{"CertificateVerify", []string{"signature"}},
	{"Finished", []string{"signature"}},
	{"CertificateStatus", nil},
	{"ServerKeyExchange", []string{"signature"}},
	{"ServerHelloDone", nil},
	{"ClientKeyExchange", nil},
}

// Rewritable are the names of the messages that can be rewritten.
func Rewritable() []string {
	names := make([]string, len(rewritable))
	for i, m := range rewritable {
		names[i] = m.name
	}
	return names
}

// Stated names the fields that a rewrite uses, as the scenario file calls them.
func (r *Rewrite) Stated() []string {
	var list []string
	for _, field := range []struct {
		name string
		is   bool
	}{
		{"certificates", r.Certificates != nil || r.Reverse},
		{"signature", r.Damage},
		{"random", r.Random != nil},
		{"session_id", r.SessionID != nil},
		{"suites", r.Suites != nil},
		{"groups", r.Groups != nil},
		{"schemes", r.Schemes != nil},
		{"server_name", r.ServerName != nil},
		{"alpn", r.ALPN != nil},
		{"extension", r.Extension != nil},
		{"remove", r.Remove},
		{"duplicate", r.Duplicate},
		{"append", r.Append != nil},
		{"insert", r.Insert != nil},
	} {
		if field.is {
			list = append(list, field.name)
		}
	}
	return list
}

// CannotRewrite says why that message cannot be rewritten so in a cell, with the
// field that is to blame; both are empty if it can.
func (r *Rewrite) CannotRewrite(on On, cell outcome.Cell) (field, why string) {
	var fields []string
	known := false
	for _, m := range rewritable {
		if m.name == on.Message {
			fields, known = m.fields, true
		}
	}
	switch {
	case on.Message == "":
		return "rewrite", "on names no message"
	case !known:
		return "rewrite", on.Message + " is no message that can be rewritten"
	case on.Nth > 1 || on.Nth == Every || on.Larger > 0:
		return "rewrite", "each handshake message comes once: leave nth and larger out"
	case r.Mode == Impersonate && cell.TLS == "1.2":
		return "mode", "impersonate needs TLS 1.3, whose key schedule can be followed"
	case cell.TLS == "1.2" && on.Message == "Finished":
		return "rewrite", "Finished stands behind the ChangeCipherSpec in TLS 1.2, and only what is before it can be rewritten"
	}
	for _, name := range r.Stated() {
		switch name {
		case "remove", "duplicate", "append", "insert":
		default:
			if !slices.Contains(fields, name) {
				return name, fmt.Sprintf("%s has no such field", on.Message)
			}
		}
		if (name == "extension" || name == "schemes") && on.Message == "CertificateRequest" && cell.TLS == "1.2" {
			return name, "CertificateRequest has no extensions in TLS 1.2"
		}
		if name == "alpn" && on.Message == "ServerHello" && cell.TLS == "1.3" {
			return name, "TLS 1.3 has the protocol in EncryptedExtensions"
		}
	}
	if r.Mode == Impersonate && on.Message != "ClientHello" && r.Suites != nil {
		return "suites", "each side would protect with a suite of its own, and a recording has one; write tamper"
	}
	if r.Mode == Impersonate && (on.Message == "Finished" && r.changes() || r.Damage) {
		return "mode", "impersonate would make it whole again; write tamper"
	}
	return "", ""
}

// Lengthens says that more may arrive then than was sent. Where the link
// impersonates, another certificate in front means another signature.
func (r *Rewrite) Lengthens() bool {
	return slices.ContainsFunc(r.Stated(), func(name string) bool {
		switch name {
		case "remove", "signature", "random":
			return false
		case "certificates":
			return len(r.Certificates) > 0 || r.Reverse && r.Mode == Impersonate
		}
		return true
	})
}

// changes says that the message itself becomes another one.
func (r *Rewrite) changes() bool { return !slices.Equal(r.Stated(), []string{"insert"}) }

// String says what is done to the message.
func (r *Rewrite) String() string {
	text := "is rewritten (" + strings.Join(r.Stated(), ", ") + ")"
	if r.Mode == Impersonate {
		text += " by a link that impersonates the other side"
	}
	return text
}
