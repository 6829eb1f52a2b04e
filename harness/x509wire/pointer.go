package x509wire

func (p *parser) authorityInfo(c *cursor) {
	list, ok := p.next(c, "authorityInfoAccess", tagSequence)
	if !ok {
		return
	}
	for c := list.cursor(p.der); !c.empty(); {
		description, ok := p.next(&c, "authorityInfoAccess", tagSequence)
		if !ok {
			return
		}
		inner := description.cursor(p.der)
		method, ok := p.next(&inner, "authorityInfoAccess", tagOID)
		if !ok {
			return
		}
		location, ok := p.next(&inner, "authorityInfoAccess", generalNameURI)
		if !ok {
			continue
		}
		address := string(location.content(p.der))
		switch string(method.content(p.der)) {
		case accessOCSP:
			p.cert.OCSP = append(p.cert.OCSP, address)
		case accessCAIssuers:
			p.cert.CAIssuers = append(p.cert.CAIssuers, address)
		}
	}
}

// crlDistribution collects the addresses of distributionPoint [0] fullName [0].
func (p *parser) crlDistribution(c *cursor) {
	list, ok := p.next(c, "cRLDistributionPoints", tagSequence)
	if !ok {
		return
	}
	for c := list.cursor(p.der); !c.empty(); {
		point, ok := p.next(&c, "cRLDistributionPoints", tagSequence)
		if !ok {
			return
		}
		inner := point.cursor(p.der)
		for _, tag := range [...]byte{context(0) | constructedBit, context(0) | constructedBit} {
			if inner.peek() != tag {
				break
			}
			e, err := inner.next()
			if err != nil {
				p.problem(inner.at, "cRLDistributionPoints", err.Error())
				return
			}
			inner = e.cursor(p.der)
		}
		for inner.peek() == generalNameURI {
			e, err := inner.next()
			if err != nil {
				p.problem(inner.at, "cRLDistributionPoints", err.Error())
				return
			}
			p.cert.CRL = append(p.cert.CRL, string(e.content(p.der)))
		}
	}
}

func (p *parser) tlsFeature(c *cursor) {
	list, ok := p.next(c, "TLSFeature", tagSequence)
	if !ok {
		return
	}
	for c := list.cursor(p.der); !c.empty(); {
		e, ok := p.next(&c, "TLSFeature", tagInteger)
		if !ok {
			return
		}
		if n, small := smallInteger(e.content(p.der)); small && n == featureStatusRequest {
			p.cert.MustStaple = true
		}
	}
}
