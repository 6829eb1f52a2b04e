package rewrite

import (
	"encoding/binary"
	"fmt"
	"slices"

	"shakedown/harness/tlswire"
)

// clientHello changes a ClientHello (RFC 8446 4.1.2).
func (e *edit) clientHello(b []byte) ([]byte, error) {
	return e.only(b, func(p *parts) {
		p.copy(2) // legacy_version
		e.random(p)
		e.sessionID(p)
		suites := p.opaque(2)
		if e.Suites != nil {
			suites = codes(e.Suites)
			e.did("its cipher suites replaced")
		}
		p.putOpaque(2, suites)
		p.copyOpaque(1) // legacy_compression_methods
		e.extensions(p, false)
	})
}

// serverHello changes a ServerHello or a HelloRetryRequest (RFC 8446 4.1.3).
func (e *edit) serverHello(b []byte) ([]byte, error) {
	return e.only(b, func(p *parts) {
		p.copy(2) // legacy_version
		e.random(p)
		e.sessionID(p)
		suite := p.take(2)
		if len(e.Suites) > 0 {
			suite = codes(e.Suites[:1])
			e.did("its cipher suite replaced by %s", tlswire.CipherSuiteName(e.Suites[0]))
		}
		p.out = append(p.out, suite...)
		p.copy(1) // legacy_compression_method
		e.extensions(p, true)
	})
}

const randomLen = 32

func (e *edit) random(p *parts) {
	random := p.take(randomLen)
	if len(e.Random) == randomLen {
		random = e.Random
		e.did("its random replaced")
	}
	p.out = append(p.out, random...)
}

func (e *edit) sessionID(p *parts) {
	id := p.opaque(1)
	if e.SessionID != nil {
		id = *e.SessionID
		e.did("its session id replaced")
	}
	p.putOpaque(1, id)
}

// An extension of the list that is being changed.
type extension struct {
	kind uint16
	data []byte
}

// extensions changes the list of extensions at the end of a message. chosen says
// that the message is the server's answer, which names one of what was offered.
// A hello without extensions gets a list only if there is something to put in.
func (e *edit) extensions(p *parts, chosen bool) {
	var list []extension
	absent := p.err == nil && p.at == len(p.in)
	if !absent {
		in := &parts{in: p.opaque(2)}
		for in.left() {
			kind := in.take(2)
			data := in.opaque(2)
			if in.err == nil {
				list = append(list, extension{binary.BigEndian.Uint16(kind), data})
			}
		}
		p.err = firstError(p.err, in.err)
	}
	if p.err != nil {
		return
	}
	list = e.names(list, chosen)
	if x := e.Extension; x != nil {
		if x.Remove {
			list = without(list, x.Type)
			e.did("its extension %s taken out", tlswire.ExtensionName(x.Type))
		} else {
			list = with(list, extension{x.Type, x.Data})
			e.did("its extension %s set to %s", tlswire.ExtensionName(x.Type), bytesOf(x.Data))
		}
	}
	if absent && len(list) == 0 {
		return
	}
	out := &parts{}
	for _, x := range list {
		out.out = binary.BigEndian.AppendUint16(out.out, x.kind)
		out.putOpaque(2, x.data)
	}
	p.err = firstError(p.err, out.err)
	p.putOpaque(2, out.out)
}

// names changes the extensions that name something: groups, the server, the
// application protocol.
func (e *edit) names(list []extension, chosen bool) []extension {
	if e.Groups != nil {
		list = with(list, extension{tlswire.ExtSupportedGroups, appendOpaque(nil, 2, codes(e.Groups))})
		e.did("its groups replaced")
	}
	if e.Schemes != nil {
		list = with(list, extension{tlswire.ExtSignatureAlgorithms, appendOpaque(nil, 2, codes(e.Schemes))})
		e.did("its signature schemes replaced")
	}
	if e.ServerName != nil {
		if *e.ServerName == "" {
			list = without(list, tlswire.ExtServerName)
			e.did("its server name taken out")
		} else {
			name := appendOpaque([]byte{0}, 2, []byte(*e.ServerName)) // host_name (RFC 6066 3)
			list = with(list, extension{tlswire.ExtServerName, appendOpaque(nil, 2, name)})
			e.did("its server name replaced by %q", *e.ServerName)
		}
	}
	if e.ALPN != nil {
		var names []byte
		protocols := e.ALPN
		if chosen && len(protocols) > 1 {
			protocols = protocols[:1]
		}
		for _, name := range protocols {
			names = appendOpaque(names, 1, []byte(name))
		}
		if len(protocols) == 0 {
			list = without(list, tlswire.ExtALPN)
			e.did("its application protocol taken out")
		} else {
			list = with(list, extension{tlswire.ExtALPN, appendOpaque(nil, 2, names)})
			e.did("its application protocol replaced by %q", fmt.Sprint(protocols))
		}
	}
	return list
}

// with sets an extension, in its place if it is there. A new one goes to the end,
// but before pre_shared_key: "The "pre_shared_key" extension MUST be the last
// extension in the ClientHello" (RFC 8446 4.2.11).
func with(list []extension, x extension) []extension {
	is := func(have extension) bool { return have.kind == x.kind }
	if i := slices.IndexFunc(list, is); i >= 0 {
		list[i] = x
		return list
	}
	end := len(list)
	if end > 0 && list[end-1].kind == tlswire.ExtPreSharedKey {
		end--
	}
	return slices.Insert(list, end, x)
}

func without(list []extension, kind uint16) []extension {
	return slices.DeleteFunc(list, func(have extension) bool { return have.kind == kind })
}

// codes writes numbers of two bytes.
func codes(list []uint16) []byte {
	var b []byte
	for _, n := range list {
		b = binary.BigEndian.AppendUint16(b, n)
	}
	return b
}
