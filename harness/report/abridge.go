package report

import (
	"fmt"
	"strings"
)

// shownNames is how many names of a certificate are told in an error.
const shownNames = 5

// abridged shortens the list in crypto/x509's error of a name that does not fit:
// it has every name of the certificate. JSON keeps them all.
//
//	x509: certificate is valid for a.test, b.test, …, not c.test
func abridged(s string) string {
	const before, behind = "certificate is valid for ", ", not "
	head, list, ok := strings.Cut(s, before)
	if !ok {
		return s
	}
	tail, cut := "", false
	if i := strings.LastIndex(list, behind); i >= 0 {
		list, tail = list[:i], list[i:]
	} else if i := strings.LastIndex(list, "…"); i >= 0 { // it was cut before
		list, tail, cut = list[:i], list[i+len("…"):], true
	}
	names := strings.Split(list, ", ")
	if len(names) <= shownNames+1 {
		return s
	}
	more := fmt.Sprintf(" and %d more", len(names)-shownNames)
	if cut {
		more = " and more"
	}
	return head + before + strings.Join(names[:shownNames], ", ") + more + tail
}
