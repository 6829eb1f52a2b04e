package x509wire

import (
	"fmt"
	"net/netip"
	"strconv"
)

// subjectAltName reads GeneralNames. crypto/x509 handles a critical one only if
// it found a name of a type that it knows.
func (p *parser) subjectAltName(c *cursor) (handled bool) {
	list, ok := p.next(c, "subjectAltName", tagSequence)
	if !ok {
		return false
	}
	p.cert.HasSAN = true
	for c := list.cursor(p.der); !c.empty(); {
		at := c.at
		e, err := c.next()
		if err != nil {
			p.problem(at, "subjectAltName", err.Error())
			break
		}
		b := e.content(p.der)
		switch e.tag {
		case generalNameDNS:
			p.cert.DNS = append(p.cert.DNS, string(b))
		case generalNameEmail:
			p.cert.Email = append(p.cert.Email, string(b))
		case generalNameURI:
			p.cert.URI = append(p.cert.URI, string(b))
		case generalNameIP:
			ip, ok := netip.AddrFromSlice(b)
			if !ok {
				p.problem(at, "subjectAltName", fmt.Sprintf("an IP address of %d bytes", len(b)))
				continue
			}
			p.cert.IP = append(p.cert.IP, ip.String())
		default:
			p.cert.OtherNames++
		}
	}
	return len(p.cert.DNS)+len(p.cert.Email)+len(p.cert.URI)+len(p.cert.IP) > 0
}

// nameConstraints reads permittedSubtrees [0] and excludedSubtrees [1].
func (p *parser) nameConstraints(c *cursor) {
	both, ok := p.next(c, "nameConstraints", tagSequence)
	if !ok {
		return
	}
	for c := both.cursor(p.der); !c.empty(); {
		at := c.at
		e, err := c.next()
		if err != nil {
			p.problem(at, "nameConstraints", err.Error())
			return
		}
		switch e.tag {
		case context(0) | constructedBit:
			p.cert.Permitted = append(p.cert.Permitted, p.subtrees(e)...)
		case context(1) | constructedBit:
			p.cert.Excluded = append(p.cert.Excluded, p.subtrees(e)...)
		default:
			p.problem(at, "nameConstraints", "unexpected "+tagName(e.tag))
		}
	}
}

func (p *parser) subtrees(list element) (names []string) {
	for c := list.cursor(p.der); !c.empty(); {
		subtree, ok := p.next(&c, "nameConstraints", tagSequence)
		if !ok {
			return names
		}
		inner := subtree.cursor(p.der)
		at := inner.at
		base, err := inner.next()
		if err != nil {
			p.problem(at, "nameConstraints", err.Error())
			return names
		}
		names = append(names, constraintName(p.der, base))
	}
	return names
}

// constraintName writes the base of a GeneralSubtree with its kind. An IP
// address there has a mask behind it (RFC 5280 4.2.1.10).
func constraintName(der []byte, e element) string {
	b := e.content(der)
	if e.tag != generalNameIP {
		return generalName(der, e)
	}
	half := len(b) / 2
	ip, ok := netip.AddrFromSlice(b[:half])
	if !ok || len(b)%2 != 0 {
		return fmt.Sprintf("ip:#%x", b)
	}
	if ones, ok := maskBits(b[half:]); ok {
		return "ip:" + ip.String() + "/" + strconv.Itoa(ones)
	}
	return fmt.Sprintf("ip:%s mask %x", ip, b[half:])
}

// maskBits returns the leading ones of a mask, and whether nothing but zeros follow.
func maskBits(mask []byte) (ones int, ok bool) {
	for i := range len(mask) * 8 {
		set := mask[i/8]&(0x80>>(i%8)) != 0
		switch {
		case set && ones < i:
			return ones, false
		case set:
			ones++
		}
	}
	return ones, true
}

// generalName writes a GeneralName with its kind ("dns:server.test").
func generalName(der []byte, e element) string {
	b := e.content(der)
	switch e.tag {
	case generalNameDNS:
		return "dns:" + string(b)
	case generalNameEmail:
		return "email:" + string(b)
	case generalNameURI:
		return "uri:" + string(b)
	case generalNameIP:
		if ip, ok := netip.AddrFromSlice(b); ok {
			return "ip:" + ip.String()
		}
		return fmt.Sprintf("ip:#%x", b)
	case generalNameDirectory:
		c := e.cursor(der)
		if name, err := c.next(); err == nil && name.tag == tagSequence {
			s, _ := nameString(der, name)
			return "dirname:" + s
		}
	case generalNameRegistered:
		return "oid:" + oid(b)
	case generalNameOther:
		c := e.cursor(der)
		if id, err := c.next(); err == nil && id.tag == tagOID {
			return "othername:" + oid(id.content(der))
		}
	}
	return fmt.Sprintf("%s:#%x", tagName(e.tag), b)
}
