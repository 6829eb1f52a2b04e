package tlswire

// A SignatureScheme says how a signature is made (RFC 8446 4.2.3). In TLS 1.2
// the same number is a hash and a kind of key, and says nothing about the curve
// (RFC 5246 7.4.1.4.1).
type SignatureScheme uint16

// The signature schemes that are met most.
const (
	RSAPKCS1SHA1         SignatureScheme = 0x0201
	ECDSASHA1            SignatureScheme = 0x0203
	RSAPKCS1SHA256       SignatureScheme = 0x0401
	ECDSASecp256r1SHA256 SignatureScheme = 0x0403
	RSAPKCS1SHA384       SignatureScheme = 0x0501
	ECDSASecp384r1SHA384 SignatureScheme = 0x0503
	RSAPKCS1SHA512       SignatureScheme = 0x0601
	ECDSASecp521r1SHA512 SignatureScheme = 0x0603
	RSAPSSRSAESHA256     SignatureScheme = 0x0804
	RSAPSSRSAESHA384     SignatureScheme = 0x0805
	RSAPSSRSAESHA512     SignatureScheme = 0x0806
	Ed25519              SignatureScheme = 0x0807
	Ed448                SignatureScheme = 0x0808
	RSAPSSPSSSHA256      SignatureScheme = 0x0809
	RSAPSSPSSSHA384      SignatureScheme = 0x080a
	RSAPSSPSSSHA512      SignatureScheme = 0x080b
)

// schemes is IANA's registry "TLS SignatureScheme", with the pairs of RFC 5246
// that it leaves out named in the same manner.
var schemes = registry{
	{0x0101, "rsa_pkcs1_md5"},
	{0x0201, "rsa_pkcs1_sha1"},
	{0x0202, "dsa_sha1"},
	{0x0203, "ecdsa_sha1"},
	{0x0301, "rsa_pkcs1_sha224"},
	{0x0302, "dsa_sha224"},
	{0x0303, "ecdsa_sha224"},
	{0x0401, "rsa_pkcs1_sha256"},
	{0x0402, "dsa_sha256"},
	{0x0403, "ecdsa_secp256r1_sha256"},
	{0x0420, "rsa_pkcs1_sha256_legacy"},
	{0x0501, "rsa_pkcs1_sha384"},
	{0x0502, "dsa_sha384"},
	{0x0503, "ecdsa_secp384r1_sha384"},
	{0x0520, "rsa_pkcs1_sha384_legacy"},
	{0x0601, "rsa_pkcs1_sha512"},
	{0x0602, "dsa_sha512"},
	{0x0603, "ecdsa_secp521r1_sha512"},
	{0x0620, "rsa_pkcs1_sha512_legacy"},
	{0x0704, "eccsi_sha256"},
	{0x0705, "iso_ibs1"},
	{0x0706, "iso_ibs2"},
	{0x0707, "iso_chinese_ibs"},
	{0x0708, "sm2sig_sm3"},
	{0x0709, "gostr34102012_256a"},
	{0x070a, "gostr34102012_256b"},
	{0x070b, "gostr34102012_256c"},
	{0x070c, "gostr34102012_256d"},
	{0x070d, "gostr34102012_512a"},
	{0x070e, "gostr34102012_512b"},
	{0x070f, "gostr34102012_512c"},
	{0x0804, "rsa_pss_rsae_sha256"},
	{0x0805, "rsa_pss_rsae_sha384"},
	{0x0806, "rsa_pss_rsae_sha512"},
	{0x0807, "ed25519"},
	{0x0808, "ed448"},
	{0x0809, "rsa_pss_pss_sha256"},
	{0x080a, "rsa_pss_pss_sha384"},
	{0x080b, "rsa_pss_pss_sha512"},
	{0x081a, "ecdsa_brainpoolP256r1tls13_sha256"},
	{0x081b, "ecdsa_brainpoolP384r1tls13_sha384"},
	{0x081c, "ecdsa_brainpoolP512r1tls13_sha512"},
	{0x0904, "mldsa44"},
	{0x0905, "mldsa65"},
	{0x0906, "mldsa87"},
}

// String returns the scheme's name in RFC 8446 ("ecdsa_secp256r1_sha256").
func (s SignatureScheme) String() string { return schemes.named(uint16(s)) }

func schemeName(s uint16) string { return SignatureScheme(s).String() }

// SignatureSchemeNames are the names of all schemes in the registry, sorted.
func SignatureSchemeNames() []string { return schemes.names() }

// SignatureSchemeByName returns the scheme of that name, in whatever case.
func SignatureSchemeByName(name string) (uint16, bool) { return schemes.code(name) }
