package dissect

import (
	"sync"

	"shakedown/harness/field"
	"shakedown/harness/x509wire"
)

// knownCertificates remembers the field trees of the last certificates. The same
// few chains come in every connection of a capture, and a certificate has most of
// a handshake's fields.
var knownCertificates certificateTrees

// What certificateTrees keeps at most: certificates that mean no harm are far
// smaller, and all of it takes a few megabytes.
const (
	mostCertificates      = 64
	mostCertificateBytes  = 8 << 10
	mostCertificateFields = 1 << 10
)

// certificateTrees are field trees by the certificates' DER. They may be asked by
// several goroutines at once.
type certificateTrees struct {
	mu    sync.Mutex
	trees map[string]certificateTree
	// order has the keys from the oldest on, in a ring; next is the oldest.
	order []string
	next  int
}

// A certificateTree is the tree of a certificate where it stood first.
type certificateTree struct {
	fields []field.Field
	base   int
	buffer string
}

// fields returns the field tree of a certificate which starts at base in buffer.
// It can be shared with other connections, as the same chain stands in the same
// place in one after the other; nobody may change it then.
func (c *certificateTrees) fields(der []byte, base int, buffer string) (fields []field.Field, shared bool) {
	if len(der) > mostCertificateBytes {
		return x509wire.Fields(der, base, buffer), false
	}
	c.mu.Lock()
	known, ok := c.trees[string(der)]
	c.mu.Unlock()
	switch {
	case ok && known.base == base && known.buffer == buffer:
		return known.fields, true
	case ok:
		return field.Moved(known.fields, base-known.base, buffer), false
	}
	fields = x509wire.Fields(der, base, buffer)
	if field.Number(fields) > mostCertificateFields {
		return fields, false
	}
	c.remember(string(der), certificateTree{fields, base, buffer})
	return fields, true
}

// remember takes a tree in, and forgets the oldest if there are too many.
func (c *certificateTrees) remember(der string, tree certificateTree) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.trees[der]; known {
		return
	}
	if c.trees == nil {
		c.trees = make(map[string]certificateTree, mostCertificates)
	}
	if len(c.order) < mostCertificates {
		c.order = append(c.order, der)
	} else {
		delete(c.trees, c.order[c.next])
		c.order[c.next] = der
		c.next = (c.next + 1) % mostCertificates
	}
	c.trees[der] = tree
}
