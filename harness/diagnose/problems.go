package diagnose

import "slices"

// certificates lists the chain with every problem, for the report. A nil
// verification is a side without certificates.
func (v *verification) certificates(r *reading) []ChainCertificate {
	if v == nil {
		return nil
	}
	list := make([]ChainCertificate, len(v.presented))
	for i, c := range v.presented {
		list[i] = ChainCertificate{Raw: c.raw, Subject: c.name(), Issuer: c.issuerName(), Role: v.role(i, c)}
	}
	for i := range v.faults {
		f := &v.faults[i]
		if !f.rule.remark && r.accepted(v) {
			continue
		}
		at := slices.Index(v.presented, f.on)
		if at < 0 {
			at = v.below(f.on)
		}
		p := Problem{ID: f.id, Detail: f.detail, Tolerated: f.rule.remark}
		if at >= 0 && !slices.Contains(list[at].Problems, p) {
			list[at].Problems = append(list[at].Problems, p)
		}
	}
	return list
}

// below returns the last presented certificate under one that was not presented.
func (v *verification) below(c *certificate) int {
	at := 0
	for i, p := range v.presented {
		if v.path != nil && v.path.has(p) {
			at = i
		}
		if p == c {
			break
		}
	}
	return at
}

func (v *verification) role(i int, c *certificate) string {
	switch {
	case i == 0:
		return "end-entity"
	case c.selfIssued() && c.isCA():
		return "root"
	case v.path != nil && v.path.has(c), v.ending.kind == wrongIntermediate && c == v.ending.candidate:
		return "intermediate"
	case c.std == nil && c.isCA(), v.path == nil && c.isCA():
		return "intermediate"
	}
	return "extra"
}
