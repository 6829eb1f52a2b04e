package tlswire

// The groups that are met most.
const (
	GroupSecp256r1          uint16 = 0x0017
	GroupSecp384r1          uint16 = 0x0018
	GroupSecp521r1          uint16 = 0x0019
	GroupX25519             uint16 = 0x001d
	GroupSecP256r1MLKEM768  uint16 = 0x11eb
	GroupX25519MLKEM768     uint16 = 0x11ec
	GroupSecP384r1MLKEM1024 uint16 = 0x11ed
)

// groups is IANA's registry "TLS Supported Groups".
var groups = registry{
	{0x0001, "sect163k1"},
	{0x0002, "sect163r1"},
	{0x0003, "sect163r2"},
	{0x0004, "sect193r1"},
	{0x0005, "sect193r2"},
	{0x0006, "sect233k1"},
	{0x0007, "sect233r1"},
	{0x0008, "sect239k1"},
	{0x0009, "sect283k1"},
	{0x000a, "sect283r1"},
	{0x000b, "sect409k1"},
	{0x000c, "sect409r1"},
	{0x000d, "sect571k1"},
	{0x000e, "sect571r1"},
	{0x000f, "secp160k1"},
	{0x0010, "secp160r1"},
	{0x0011, "secp160r2"},
	{0x0012, "secp192k1"},
	{0x0013, "secp192r1"},
	{0x0014, "secp224k1"},
	{0x0015, "secp224r1"},
	{0x0016, "secp256k1"},
	{GroupSecp256r1, "secp256r1"},
	{GroupSecp384r1, "secp384r1"},
	{GroupSecp521r1, "secp521r1"},
	{0x001a, "brainpoolP256r1"},
	{0x001b, "brainpoolP384r1"},
	{0x001c, "brainpoolP512r1"},
	{GroupX25519, "x25519"},
	{0x001e, "x448"},
	{0x001f, "brainpoolP256r1tls13"},
	{0x0020, "brainpoolP384r1tls13"},
	{0x0021, "brainpoolP512r1tls13"},
	{0x0022, "GC256A"},
	{0x0023, "GC256B"},
	{0x0024, "GC256C"},
	{0x0025, "GC256D"},
	{0x0026, "GC512A"},
	{0x0027, "GC512B"},
	{0x0028, "GC512C"},
	{0x0029, "curveSM2"},
	{0x0100, "ffdhe2048"},
	{0x0101, "ffdhe3072"},
	{0x0102, "ffdhe4096"},
	{0x0103, "ffdhe6144"},
	{0x0104, "ffdhe8192"},
	{0x0200, "MLKEM512"},
	{0x0201, "MLKEM768"},
	{0x0202, "MLKEM1024"},
	{GroupSecP256r1MLKEM768, "SecP256r1MLKEM768"},
	{GroupX25519MLKEM768, "X25519MLKEM768"},
	{GroupSecP384r1MLKEM1024, "SecP384r1MLKEM1024"},
	{0x11ee, "curveSM2MLKEM768"},
	{0x6399, "X25519Kyber768Draft00"},
	{0x639a, "SecP256r1Kyber768Draft00"},
	{0xff01, "arbitrary_explicit_prime_curves"},
	{0xff02, "arbitrary_explicit_char2_curves"},
}

// GroupName returns the name of a group ("X25519MLKEM768").
func GroupName(group uint16) string { return groups.named(group) }

// GroupByName returns the group of that name, in whatever case. It also knows
// Go's names ("P-256", "CurveP256", "X25519").
func GroupByName(name string) (uint16, bool) {
	switch name {
	case "P-256", "P256", "CurveP256":
		return GroupSecp256r1, true
	case "P-384", "P384", "CurveP384":
		return GroupSecp384r1, true
	case "P-521", "P521", "CurveP521":
		return GroupSecp521r1, true
	}
	return groups.code(name)
}
