package crossref

import (
	"fmt"
	"slices"

	"shakedown/harness/dissect"
	"shakedown/harness/tlswire"
)

// A signing is a signature with all that it is checked with.
type signing struct {
	key                *key
	scheme             tlswire.SignatureScheme
	version            uint16
	content, signature []byte
	// parts are what content is made of, in order, where it was sent as it stands
	// there; none where a hash of it is signed.
	parts []stretch
}

// A stretch is a part of what is signed.
type stretch struct {
	name string
	size int
}

func (s *signing) verdict() verdict {
	return verifyWith(s.key, s.scheme, s.version, s.content, s.signature)
}

// mostFlips bounds how many single bits are tried: those of an ECDSA signature on
// P-256 and of what it is over in a key exchange are about 1,900.
const mostFlips = 2048

// OneBit returns the one bit that makes the signature in a step hold when it is the
// other way, in words, and empty if there is none. Nobody but the key's owner could
// have made a signature that lies so close to what arrived: it left its sender in
// order, and the bit was changed on its way. It is worked out once for each step,
// in some thousand checks, and is for signatures that fail and have no other witness.
func (b *Book) OneBit(step *dissect.Step) string {
	s, failed := b.failedSigning(step)
	if !failed {
		return ""
	}
	return b.flipped.Of(b.page(step, nil), remembered, s.oneBit)
}

// failedSigning returns the signature in a step if it was checked and fails.
func (b *Book) failedSigning(step *dissect.Step) (s signing, failed bool) {
	p := b.page(step, nil)
	if p == nil || !slices.ContainsFunc(p.proofs, func(proof Proof) bool { return proof.Of == step.Name && proof.Result == Failed }) {
		return signing{}, false
	}
	m := b.story.messages[slices.Index(b.in.Timeline.Steps, step)]
	if m == nil {
		return signing{}, false
	}
	var v verdict
	switch m.msg.(type) {
	case *tlswire.ServerKeyExchange:
		s, v = b.signedExchange(m)
	case *tlswire.CertificateVerify:
		s, v = b.signedVerify(m)
	default:
		return signing{}, false
	}
	return s, v.Result == ""
}

// oneBit tries the bits of the signature, and then of what it is over.
func (s *signing) oneBit() string {
	s.content, s.signature = slices.Clone(s.content), slices.Clone(s.signature)
	left := mostFlips
	if at := s.flip(s.signature, &left); at >= 0 {
		return bitOf(at, "the signature")
	}
	from := 0
	for _, part := range s.parts {
		if at := s.flip(s.content[from:from+part.size], &left); at >= 0 {
			return bitOf(at, part.name)
		}
		from += part.size
	}
	return ""
}

// flip tries every bit of a stretch of the signing, and returns the one that makes
// it hold, -1 if none does.
func (s *signing) flip(in []byte, left *int) int {
	for at := range 8 * len(in) {
		if *left--; *left < 0 {
			return -1
		}
		mask := byte(0x80) >> (at % 8)
		in[at/8] ^= mask
		holds := s.verdict().Result == Verified
		in[at/8] ^= mask
		if holds {
			return at
		}
	}
	return -1
}

// bitOf names a bit: its byte from the front, and its value.
func bitOf(at int, where string) string {
	return fmt.Sprintf("bit 0x%02x of byte %d of %s", 0x80>>(at%8), at/8, where)
}
