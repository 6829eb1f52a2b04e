package tlswire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/rc4"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"

	"golang.org/x/crypto/chacha20poly1305"
)

// A suite12 is how a cipher suite of TLS 1.2 protects records. How its keys
// were agreed upon does not matter here.
type suite12 struct {
	ids    []uint16
	keyLen int
	// ivLen is the size of the IV that comes from the key block (the "fixed"
	// part of RFC 5246 6.3), 0 for CBC, whose IVs travel with the records.
	ivLen int
	// mac authenticates records, nil for AEADs. macLen is its size.
	mac    func() hash.Hash
	macLen int
	// prf is the hash of the pseudorandom function (RFC 5246 5).
	prf func() hash.Hash
	// cipher makes the opener from the sender's part of the key block.
	cipher func(s *suite12, macKey, key, iv []byte) (recordCipher, error)
}

var suites12 = []suite12{
	{
		ids:    []uint16{0x009c, 0x009e, 0x00a8, 0x00aa, 0x00ac, 0xc02b, 0xc02f, 0xd001}, // …_WITH_AES_128_GCM_SHA256
		keyLen: 16, ivLen: 4, prf: sha256.New, cipher: newGCM12,
	},
	{
		ids:    []uint16{0x009d, 0x009f, 0x00a9, 0x00ab, 0x00ad, 0xc02c, 0xc030, 0xd002}, // …_WITH_AES_256_GCM_SHA384
		keyLen: 32, ivLen: 4, prf: sha512.New384, cipher: newGCM12,
	},
	{
		ids:    []uint16{0xc09c, 0xc09e, 0xc0a4, 0xc0a6, 0xc0ac, 0xd005}, // …_WITH_AES_128_CCM
		keyLen: 16, ivLen: 4, prf: sha256.New, cipher: newCCM12,
	},
	{
		ids:    []uint16{0xc09d, 0xc09f, 0xc0a5, 0xc0a7, 0xc0ad}, // …_WITH_AES_256_CCM
		keyLen: 32, ivLen: 4, prf: sha256.New, cipher: newCCM12,
	},
	{
		ids:    []uint16{0xc0a0, 0xc0a2, 0xc0a8, 0xc0aa, 0xc0ae, 0xd003}, // …_WITH_AES_128_CCM_8
		keyLen: 16, ivLen: 4, prf: sha256.New, cipher: newCCM812,
	},
	{
		ids:    []uint16{0xc0a1, 0xc0a3, 0xc0a9, 0xc0ab, 0xc0af}, // …_WITH_AES_256_CCM_8
		keyLen: 32, ivLen: 4, prf: sha256.New, cipher: newCCM812,
	},
	{
		ids:    []uint16{0xcca8, 0xcca9, 0xccaa, 0xccab, 0xccac, 0xccad, 0xccae}, // …_WITH_CHACHA20_POLY1305_SHA256
		keyLen: 32, ivLen: 12, prf: sha256.New, cipher: newChaCha12,
	},
	{
		ids:    []uint16{0x002f, 0x0033, 0xc009, 0xc013}, // …_WITH_AES_128_CBC_SHA
		keyLen: 16, mac: sha1.New, macLen: sha1.Size, prf: sha256.New, cipher: newAESCBC,
	},
	{
		ids:    []uint16{0x0035, 0x0039, 0xc00a, 0xc014}, // …_WITH_AES_256_CBC_SHA
		keyLen: 32, mac: sha1.New, macLen: sha1.Size, prf: sha256.New, cipher: newAESCBC,
	},
	{
		ids:    []uint16{0x003c, 0x0067, 0xc023, 0xc027}, // …_WITH_AES_128_CBC_SHA256
		keyLen: 16, mac: sha256.New, macLen: sha256.Size, prf: sha256.New, cipher: newAESCBC,
	},
	{
		ids:    []uint16{0x003d, 0x006b}, // …_WITH_AES_256_CBC_SHA256
		keyLen: 32, mac: sha256.New, macLen: sha256.Size, prf: sha256.New, cipher: newAESCBC,
	},
	{
		ids:    []uint16{0xc024, 0xc028}, // …_WITH_AES_256_CBC_SHA384
		keyLen: 32, mac: sha512.New384, macLen: sha512.Size384, prf: sha512.New384, cipher: newAESCBC,
	},
	{
		ids:    []uint16{0x000a, 0x0016, 0xc008, 0xc012}, // …_WITH_3DES_EDE_CBC_SHA
		keyLen: 24, mac: sha1.New, macLen: sha1.Size, prf: sha256.New, cipher: new3DESCBC,
	},
	{
		ids:    []uint16{0x0005, 0xc007, 0xc011}, // …_WITH_RC4_128_SHA
		keyLen: 16, mac: sha1.New, macLen: sha1.Size, prf: sha256.New, cipher: newRC4,
	},
}

// masterLen is the size of a TLS 1.2 master secret (RFC 5246 8.1).
const masterLen = 48

// NewKeys12 returns the protections that a TLS 1.2 master secret gives to the
// two sides (RFC 5246 6.3), each at its first record.
func NewKeys12(suite uint16, master []byte, clientRandom, serverRandom [32]byte) (client, server *Protection, err error) {
	s := findSuite12(suite)
	if s == nil {
		return nil, nil, &SuiteError{VersionTLS12, suite}
	}
	if len(master) != masterLen {
		return nil, nil, fmt.Errorf("the master secret has %d bytes, want %d", len(master), masterLen)
	}
	// key_block = PRF(SecurityParameters.master_secret, "key expansion",
	//                 SecurityParameters.server_random +
	//                 SecurityParameters.client_random);
	block := make([]byte, 2*(s.macLen+s.keyLen+s.ivLen))
	prf(s.prf, master, "key expansion", block, serverRandom[:], clientRandom[:])
	next := func(n int) (part []byte) {
		part, block = block[:n:n], block[n:]
		return part
	}
	// "Then, the key_block is partitioned as follows": each kind for the
	// client, then for the server.
	clientMAC, serverMAC := next(s.macLen), next(s.macLen)
	clientKey, serverKey := next(s.keyLen), next(s.keyLen)
	clientIV, serverIV := next(s.ivLen), next(s.ivLen)

	clientCipher, err := s.cipher(s, clientMAC, clientKey, clientIV)
	if err != nil {
		return nil, nil, fmt.Errorf("key of %s: %w", CipherSuiteName(suite), err)
	}
	serverCipher, err := s.cipher(s, serverMAC, serverKey, serverIV)
	if err != nil {
		return nil, nil, fmt.Errorf("key of %s: %w", CipherSuiteName(suite), err)
	}
	return &Protection{cipher: clientCipher}, &Protection{cipher: serverCipher}, nil
}

func findSuite12(id uint16) *suite12 {
	for i := range suites12 {
		for _, known := range suites12[i].ids {
			if known == id {
				return &suites12[i]
			}
		}
	}
	return nil
}

// prf fills out with PRF(secret, label, seed) of RFC 5246 5.
//
//	P_hash(secret, seed) = HMAC_hash(secret, A(1) + seed) +
//	                       HMAC_hash(secret, A(2) + seed) + ...
//	A(0) = seed
//	A(i) = HMAC_hash(secret, A(i-1))
func prf(h func() hash.Hash, secret []byte, label string, out []byte, seeds ...[]byte) {
	mac := hmac.New(h, secret)
	sum := func(in ...[]byte) []byte {
		mac.Reset()
		for _, b := range in {
			mac.Write(b)
		}
		return mac.Sum(nil)
	}
	seed := []byte(label)
	for _, s := range seeds {
		seed = append(seed, s...)
	}
	a := sum(seed)
	for len(out) > 0 {
		out = out[copy(out, sum(a, seed)):]
		a = sum(a)
	}
}

// A gcm12 is AES-GCM or AES-CCM as TLS 1.2 uses them: half of the nonce travels with the
// record (RFC 5288 3, RFC 6655 3).
type gcm12 struct {
	aead cipher.AEAD
	salt [4]byte
}

func newGCM12(_ *suite12, _, key, iv []byte) (recordCipher, error) {
	aead, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	return &gcm12{aead, [4]byte(iv)}, nil
}

// ExplicitNonceLen is the size of the part of the nonce that AES-GCM and AES-CCM
// send with each record of TLS 1.2.
const ExplicitNonceLen = 8

func (c *gcm12) open(seq uint64, rec Record) ([]byte, error) {
	plaintextLen := len(rec.Payload) - ExplicitNonceLen - c.aead.Overhead()
	if plaintextLen < 0 {
		return nil, fmt.Errorf("%d bytes are too few for a nonce and an authentication tag", len(rec.Payload))
	}
	var nonce [12]byte
	copy(nonce[:], c.salt[:])
	copy(nonce[4:], rec.Payload)
	additional := additional12(seq, rec, plaintextLen)
	plaintext, err := c.aead.Open(nil, nonce[:], rec.Payload[ExplicitNonceLen:], additional[:])
	if err != nil {
		return nil, ErrRecordMAC
	}
	return plaintext, nil
}

func newChaCha12(_ *suite12, _, key, iv []byte) (recordCipher, error) {
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		return nil, err
	}
	return &aeadCipher{aead: aead, iv: [12]byte(iv), additional: additional12, additionalLen: 13}, nil
}

func newAESCBC(s *suite12, macKey, key, _ []byte) (recordCipher, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return &cbcCipher{block: block, mac: hmac.New(s.mac, macKey)}, nil
}

func new3DESCBC(s *suite12, macKey, key, _ []byte) (recordCipher, error) {
	block, err := des.NewTripleDESCipher(key)
	if err != nil {
		return nil, err
	}
	return &cbcCipher{block: block, mac: hmac.New(s.mac, macKey)}, nil
}

func newRC4(s *suite12, macKey, key, _ []byte) (recordCipher, error) {
	stream, err := rc4.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return &rc4Cipher{stream: *stream, mac: hmac.New(s.mac, macKey)}, nil
}

// checkMAC compares a record's MAC with what it should be (RFC 5246 6.2.3.1).
//
//	MAC(MAC_write_key, seq_num +
//	                      TLSCompressed.type +
//	                      TLSCompressed.version +
//	                      TLSCompressed.length +
//	                      TLSCompressed.fragment);
func checkMAC(mac hash.Hash, seq uint64, rec Record, fragment, sum []byte) error {
	header := additional12(seq, rec, len(fragment))
	mac.Reset()
	mac.Write(header[:])
	mac.Write(fragment)
	if !hmac.Equal(mac.Sum(nil), sum) {
		return ErrRecordMAC
	}
	return nil
}
