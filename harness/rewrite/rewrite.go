// Package rewrite changes handshake messages, byte for byte.
//
// [Apply] takes one whole message and returns what stands in its place. It knows
// the layout of the messages and nothing of keys: whoever calls it undoes the
// protection before, and protects again afterwards.
//
// What a message holds besides the field that is changed stays as it was, also
// where no stack would write it so. Lengths are set right; what contradicts the
// layout is an error.
package rewrite

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"shakedown/harness/fault"
	"shakedown/harness/field"
	"shakedown/harness/tlswire"
)

// headerLen is the size of a message's type and length (RFC 8446 4).
const headerLen = 4

// Apply returns what stands in place of a message: nothing, one message, or two.
// version is the negotiated one, which decides how certificates are laid out.
// what says in a few words what was changed. What is put in front of the message
// is not part of it: that is for the caller.
func Apply(r *fault.Rewrite, message []byte, version uint16) (out []byte, what string, err error) {
	n, ok := tlswire.HandshakeLen(message)
	if !ok || n != len(message) {
		return nil, "", fmt.Errorf("rewrite: %d bytes are no handshake message", len(message))
	}
	typ := tlswire.HandshakeType(message[0])
	if r.Remove {
		return nil, "taken out", nil
	}
	e := &edit{Rewrite: r, version: version}
	body, err := e.body(typ, bytes.Clone(message[headerLen:]))
	if err != nil {
		return nil, "", fmt.Errorf("rewrite %s: %w", typ, err)
	}
	if r.Append != nil {
		body = append(body, r.Append...)
		e.did("%s put behind it", bytesOf(r.Append))
	}
	if len(body) >= 1<<24 {
		return nil, "", fmt.Errorf("rewrite %s: %s bytes are too many for a message", typ, field.Thousands(len(body)))
	}
	out = tlswire.AppendHandshake(nil, typ, body)
	if r.Insert != nil {
		e.did("%s of other messages put in front of it", bytesOf(r.Insert))
	}
	if r.Duplicate {
		out = append(out, out...)
		e.did("sent twice")
	}
	return out, strings.Join(e.done, ", "), nil
}

// An edit is one message on its way through a rewrite.
type edit struct {
	*fault.Rewrite
	version uint16
	done    []string
}

// bytesOf says how much there is: "1 byte", "1,200 bytes".
func bytesOf(b []byte) string {
	if len(b) == 1 {
		return "1 byte"
	}
	return field.Thousands(len(b)) + " bytes"
}

func (e *edit) did(format string, args ...any) { e.done = append(e.done, fmt.Sprintf(format, args...)) }

// body returns the changed body of a message.
func (e *edit) body(typ tlswire.HandshakeType, b []byte) ([]byte, error) {
	switch typ {
	case tlswire.TypeClientHello:
		return e.clientHello(b)
	case tlswire.TypeServerHello:
		return e.serverHello(b)
	case tlswire.TypeEncryptedExtensions:
		return e.only(b, func(p *parts) { e.extensions(p, true) })
	case tlswire.TypeCertificateRequest:
		if e.version == tlswire.VersionTLS13 {
			return e.only(b, func(p *parts) {
				p.copyOpaque(1) // certificate_request_context
				e.extensions(p, true)
			})
		}
	case tlswire.TypeCertificate:
		return e.certificate(b)
	case tlswire.TypeCertificateVerify, tlswire.TypeServerKeyExchange, tlswire.TypeFinished:
		return e.signature(b)
	}
	return b, nil
}

// only runs one edit over a body.
func (e *edit) only(b []byte, do func(*parts)) ([]byte, error) {
	p := &parts{in: b}
	do(p)
	return p.finish()
}

// signature flips a bit in the last byte: of a signature, or of a Finished.
func (e *edit) signature(b []byte) ([]byte, error) {
	if !e.Damage {
		return b, nil
	}
	if len(b) == 0 {
		return nil, fmt.Errorf("it is empty")
	}
	b[len(b)-1] ^= 1
	e.did("a bit of its last byte flipped")
	return b, nil
}

// certificate changes the list of certificates (RFC 8446 4.4.2, RFC 5246 7.4.2).
func (e *edit) certificate(b []byte) ([]byte, error) {
	if e.Certificates == nil && !e.Reverse {
		return b, nil
	}
	return e.only(b, func(p *parts) {
		if e.version == tlswire.VersionTLS13 {
			p.copyOpaque(1) // certificate_request_context
		}
		list := &parts{in: p.opaque(3)}
		var entries [][]byte
		for list.left() {
			start := list.at
			list.opaque(3)
			if e.version == tlswire.VersionTLS13 {
				list.opaque(2) // extensions
			}
			entries = append(entries, list.in[start:list.at])
		}
		p.err = firstError(p.err, list.err)
		if e.Certificates != nil {
			entries = nil
			for _, der := range e.Certificates {
				entry := appendOpaque(nil, 3, der)
				if e.version == tlswire.VersionTLS13 {
					entry = append(entry, 0, 0)
				}
				entries = append(entries, entry)
			}
			switch n := len(entries); n {
			case 0:
				e.did("its certificates taken out")
			case 1:
				e.did("its certificates replaced by another one")
			default:
				e.did("its certificates replaced by %d others", n)
			}
		}
		if e.Reverse {
			slices.Reverse(entries)
			e.did("its %d certificates turned round", len(entries))
		}
		p.putOpaque(3, bytes.Join(entries, nil))
	})
}

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}
