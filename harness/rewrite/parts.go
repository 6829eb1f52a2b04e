package rewrite

import "fmt"

// parts walks over a message's body and writes another. What is read is copied
// only where it is asked for.
type parts struct {
	in  []byte
	at  int
	out []byte
	err error
}

// left says that there is more to read.
func (p *parts) left() bool { return p.err == nil && p.at < len(p.in) }

// take reads n bytes.
func (p *parts) take(n int) []byte {
	if p.err != nil {
		return nil
	}
	if n < 0 || n > len(p.in)-p.at {
		p.err = fmt.Errorf("it ends after %d bytes, where %d more are due", len(p.in), n)
		return nil
	}
	b := p.in[p.at : p.at+n : p.at+n]
	p.at += n
	return b
}

// copy reads n bytes and writes them.
func (p *parts) copy(n int) { p.out = append(p.out, p.take(n)...) }

// opaque reads a vector whose length takes n bytes.
func (p *parts) opaque(n int) []byte {
	length := 0
	for _, b := range p.take(n) {
		length = length<<8 | int(b)
	}
	return p.take(length)
}

// copyOpaque reads a vector and writes it.
func (p *parts) copyOpaque(n int) { p.putOpaque(n, p.opaque(n)) }

// putOpaque writes a vector.
func (p *parts) putOpaque(n int, b []byte) {
	if len(b) >= 1<<(8*n) {
		p.err = firstError(p.err, fmt.Errorf("%d bytes are too many for one of its fields", len(b)))
		return
	}
	p.out = appendOpaque(p.out, n, b)
}

func appendOpaque(to []byte, n int, b []byte) []byte {
	for i := n - 1; i >= 0; i-- {
		to = append(to, byte(len(b)>>(8*i)))
	}
	return append(to, b...)
}

// finish copies the rest and returns what was written.
func (p *parts) finish() ([]byte, error) {
	if p.err != nil {
		return nil, p.err
	}
	p.copy(len(p.in) - p.at)
	return p.out, p.err
}
