package tlswire

// A KeyShare is one side's public value for one group (RFC 8446 4.2.8).
type KeyShare struct {
	Group uint16
	Key   []byte
}

// keyShares reads a ClientHello's key_share. An empty list is allowed: it asks
// for a HelloRetryRequest.
func (r *reader) keyShares() []KeyShare {
	v := r.open(2, &clientSharesSpec)
	defer r.close(v)
	list := make([]KeyShare, 0, 2)
	for r.more() {
		share := r.keyShare()
		if !r.bad {
			list = append(list, share)
		}
	}
	return list
}

// keyShare reads one KeyShareEntry.
func (r *reader) keyShare() KeyShare {
	r.group(&keyShareEntrySpec)
	defer r.endGroup()
	group := r.uint16(&keyShareGroupSpec)
	return KeyShare{Group: group, Key: r.shareKey(group)}
}

// explainGroup says what to know of a group beyond its name.
func explainGroup(b []byte) string {
	switch group := uint16(value(b)); {
	case IsGREASE(group):
		return greaseMeaning
	case group == GroupX25519MLKEM768, group == GroupSecP256r1MLKEM768, group == GroupSecP384r1MLKEM1024:
		return "A hybrid: the keys hold as long as one of the two, a curve and ML-KEM, is not broken."
	case group == 0x6399, group == 0x639a:
		return "A hybrid with the draft that ML-KEM came from; a server of today ignores it."
	}
	return ""
}

// pointFormatName names a format of RFC 8422 5.1.2.
func pointFormatName(f uint8) string {
	switch f {
	case 0:
		return "uncompressed"
	case 1:
		return "ansiX962_compressed_prime"
	case 2:
		return "ansiX962_compressed_char2"
	}
	return code8(f)
}

var (
	groupsSpec = spec{
		label: "named_group_list", section: "RFC 8446 4.2.7", least: 2,
		meaning: "The groups for the key exchange, most wanted first; in TLS 1.2 they also limit the curves of ECDSA certificates.",
	}
	groupSpec = spec{label: "group", value: name16(GroupName), explain: explainGroup, coded: true}

	clientSharesSpec = spec{
		label: "client_shares", section: "RFC 8446 4.2.8",
		meaning: "Public values for the groups that the client bets on; if the server wants another of supported_groups, it sends a HelloRetryRequest.",
	}
	keyShareEntrySpec = spec{label: "KeyShareEntry", section: "RFC 8446 4.2.8"}
	keyShareGroupSpec = spec{label: "group", section: "RFC 8446 4.2.8", value: name16(GroupName), explain: explainGroup, coded: true}
	keyExchangeSpec   = spec{label: "key_exchange", section: "RFC 8446 4.2.8", least: 1, quiet: true}
	retryGroupSpec    = spec{
		label: "selected_group", section: "RFC 8446 4.2.8", value: name16(GroupName), coded: true,
		meaning: "The group that the client must send a key share for in its second ClientHello.",
	}

	pointFormatsSpec = spec{label: "ec_point_format_list", section: "RFC 8422 5.1.2", least: 1}
	pointFormatSpec  = spec{label: "format", section: "RFC 8422 5.1.2", value: name8(pointFormatName)}
)
