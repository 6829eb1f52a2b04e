package capture

import "net/netip"

// The ports of a file of our own. Wireshark asks a port's registered dissector
// before it looks at what the bytes are, so a client's real port can turn TLS
// into something else (10253 makes it EAPOL). No dissector is registered for
// these.
const (
	serverPort  = 4433
	firstPort   = 50_000
	clientPorts = 4000 // up to 53999
)

// addresses returns the two ends of a file's n-th connection, from 0. They are
// addresses for documentation (RFC 5737 3), which are nobody's, and no pair
// comes twice within a million connections.
func addresses(n int) (client, server netip.AddrPort) {
	port, hosts := n%clientPorts, n/clientPorts
	from := netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + hosts%254)})
	to := netip.AddrFrom4([4]byte{198, 51, 100, byte(1 + hosts/254%254)})
	return netip.AddrPortFrom(from, uint16(firstPort+port)), netip.AddrPortFrom(to, serverPort)
}
