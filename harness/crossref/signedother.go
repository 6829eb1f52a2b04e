package crossref

import (
	"crypto"
	"crypto/rsa"
	"hash"
	"math/big"

	"shakedown/harness/dissect"
	"shakedown/harness/tlswire"
)

// SignedOther says that the signature in a step, which fails, was made all the same
// with the key that it is checked with: over something else than what arrived. Only
// RSA shows that, whose public key gives back what was signed, padding and all.
func (b *Book) SignedOther(step *dissect.Step) bool {
	s, failed := b.failedSigning(step)
	if !failed {
		return false
	}
	public, ok := s.key.public.(*rsa.PublicKey)
	scheme, known := findScheme(s.scheme)
	if s.scheme == 0 && s.version < tlswire.VersionTLS12 {
		scheme, known = legacyScheme(s.key), true
	}
	if !ok || !known || len(s.signature) != public.Size() {
		return false
	}
	c := new(big.Int).SetBytes(s.signature)
	if c.Cmp(public.N) >= 0 {
		return false
	}
	m := c.Exp(c, big.NewInt(int64(public.E)), public.N)
	switch scheme.method {
	case pkcs1:
		return paddedPKCS1(m.FillBytes(make([]byte, public.Size())), scheme.hash)
	case pss:
		bits := public.N.BitLen() - 1
		size := (bits + 7) / 8
		if m.BitLen() > 8*size {
			return false
		}
		return paddedPSS(m.FillBytes(make([]byte, size)), bits, scheme.hash)
	}
	return false
}

// paddedPKCS1 says that an encoded message has the padding of a signature over a
// hash of that kind (RFC 8017 9.2):
//
//	EM = 0x00 || 0x01 || PS || 0x00 || T
//
// where PS is at least 8 bytes of 0xff, and T ends with the hash as an OCTET STRING;
// before TLS 1.2 it is MD5 and SHA-1 alone (RFC 4346 4.7).
func paddedPKCS1(em []byte, h crypto.Hash) bool {
	const least, octetString = 8, 4
	if len(em) < 3+least || em[0] != 0 || em[1] != 1 {
		return false
	}
	n := 2
	for n < len(em) && em[n] == 0xff {
		n++
	}
	if n-2 < least || n == len(em) || em[n] != 0 {
		return false
	}
	t := em[n+1:]
	if h == crypto.MD5SHA1 {
		return len(t) == h.Size()
	}
	at := len(t) - h.Size() - 2
	return at > 0 && t[0] == 0x30 && int(t[1]) == len(t)-2 && t[at] == octetString && int(t[at+1]) == h.Size()
}

// paddedPSS says that an encoded message of that many bits has the padding of
// RSASSA-PSS with a salt as long as the hash (RFC 8017 9.1.2): it ends with 0xbc, and
// unmasked begins with zeros, up to a 0x01 before the salt. Not one random string in
// 2^64 does.
func paddedPSS(em []byte, bits int, h crypto.Hash) bool {
	size := h.Size()
	zeros := len(em) - 2*size - 2
	if zeros < 8 || em[len(em)-1] != 0xbc {
		return false
	}
	db, digest := em[:len(em)-size-1], em[len(em)-size-1:len(em)-1]
	if over := 8*len(em) - bits; over > 0 && db[0]>>(8-over) != 0 {
		return false
	}
	unmask(db, h.New(), digest)
	db[0] &= 0xff >> (8*len(em) - bits)
	for _, c := range db[:zeros] {
		if c != 0 {
			return false
		}
	}
	return db[zeros] == 1
}

// unmask undoes MGF1 (RFC 8017 B.2.1).
func unmask(out []byte, h hash.Hash, seed []byte) {
	for block := 0; len(out) > 0; block++ {
		h.Reset()
		h.Write(seed)
		h.Write([]byte{byte(block >> 24), byte(block >> 16), byte(block >> 8), byte(block)})
		mask := h.Sum(nil)
		n := min(len(mask), len(out))
		for i := range n {
			out[i] ^= mask[i]
		}
		out = out[n:]
	}
}
