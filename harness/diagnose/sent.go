package diagnose

import (
	"fmt"
	"slices"
)

// The rules of this file are remarks on what was sent beside, or instead of, a
// path from below: "Each following certificate SHOULD directly certify the one
// immediately preceding it" (https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2).
// Go sorts what it gets, other stacks need not.

// outOfOrder is a certificate that stands before one that it certifies.
func outOfOrder(v *verification, certs []*certificate) []hit {
	last, at := certs[0], 0
	for i, c := range certs[1:] {
		n := slices.Index(v.presented, c)
		if n < 0 {
			continue
		}
		if n < at {
			return []hit{{at: i + 1, detail: fmt.Sprintf("it certifies %s and stands before it; TLS 1.2 wants each certificate behind the one that it certifies, Go sorts them itself", last.name())}}
		}
		last, at = c, n
	}
	return nil
}

// extras are certificates that were sent and that the path does not need.
func extras(v *verification, certs []*certificate) []hit {
	top := certs[len(certs)-1]
	if !top.anchorOf.has(v.by) {
		return nil // what is missing and what is too much cannot be told apart
	}
	var list []hit
	times := make(map[*certificate]int, len(v.presented))
	for n, c := range v.presented {
		if times[c]++; times[c] > 1 {
			if times[c] == 2 {
				list = append(list, hit{on: c, detail: "it was sent more than once"})
			}
			continue
		}
		switch {
		case c == top && n > 0:
			list = append(list, hit{on: c, detail: fmt.Sprintf("it is a trust anchor of the %s, which has its own copy: sending it decides nothing", v.by)})
		case c.std != nil && !slices.Contains(certs, c):
			list = append(list, hit{on: c, detail: "it is no part of the path from " + certs[0].name() + " to " + top.name()})
		}
	}
	return list
}
