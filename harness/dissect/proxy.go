package dissect

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// A header of version 2 of the PROXY protocol has 16 bytes before the addresses:
// a signature, version and command, family and protocol, and the length of what
// follows (PROXY protocol specification 2.2).
const (
	proxyHeaderLen = 16
	proxyCommand   = 0x21 // version 2, PROXY; LOCAL has no addresses that matter
	proxyTCP4      = 0x11
	proxyTCP6      = 0x21
)

// proxyLine writes a header of version 2 as the line that version 1 has for it:
// "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443". It is empty where there is none.
func proxyLine(b []byte) string {
	if len(b) < proxyHeaderLen || b[12] != proxyCommand {
		return ""
	}
	name, size := "", 0
	switch b[13] {
	case proxyTCP4:
		name, size = "TCP4", 4
	case proxyTCP6:
		name, size = "TCP6", 16
	default:
		return ""
	}
	addresses := b[proxyHeaderLen:]
	if len(addresses) < 2*size+4 {
		return ""
	}
	from, _ := netip.AddrFromSlice(addresses[:size])
	to, _ := netip.AddrFromSlice(addresses[size : 2*size])
	ports := addresses[2*size:]
	return fmt.Sprintf("PROXY %s %s %s %d %d", name, from, to, binary.BigEndian.Uint16(ports), binary.BigEndian.Uint16(ports[2:]))
}
