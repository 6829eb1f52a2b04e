package tlswire

import "shakedown/harness/field"

// A sharePart is one part of the public value that a share holds for its group.
type sharePart struct {
	spec *spec
	// client and server are its sizes in a ClientHello and in a ServerHello.
	client, server int
}

// shareParts are what a share of a group is made of. The hybrids put the parts
// one behind the other, in the order of the group's name but for X25519MLKEM768.
var shareParts = map[uint16][]sharePart{
	GroupX25519:    {{&x25519Spec, 32, 32}},
	0x001e:         {{&x448Spec, 56, 56}},
	GroupSecp256r1: {{&pointFormSpec, 1, 1}, {&pointXSpec, 32, 32}, {&pointYSpec, 32, 32}},
	GroupSecp384r1: {{&pointFormSpec, 1, 1}, {&pointXSpec, 48, 48}, {&pointYSpec, 48, 48}},
	GroupSecp521r1: {{&pointFormSpec, 1, 1}, {&pointXSpec, 66, 66}, {&pointYSpec, 66, 66}},
	0x0200:         {{&mlkemSpec, 800, 768}},
	0x0201:         {{&mlkemSpec, 1184, 1088}},
	0x0202:         {{&mlkemSpec, 1568, 1568}},

	GroupX25519MLKEM768:     {{&mlkemSpec, 1184, 1088}, {&x25519Spec, 32, 32}},
	GroupSecP256r1MLKEM768:  {{&point256Spec, 65, 65}, {&mlkemSpec, 1184, 1088}},
	GroupSecP384r1MLKEM1024: {{&point384Spec, 97, 97}, {&mlkemSpec, 1568, 1568}},
	0x11ee:                  {{&pointSM2Spec, 65, 65}, {&mlkemSpec, 1184, 1088}},
	0x6399:                  {{&x25519Spec, 32, 32}, {&kyberSpec, 1184, 1088}},
	0x639a:                  {{&point256Spec, 65, 65}, {&kyberSpec, 1184, 1088}},
}

// shareKey reads the public value of a share of a group, with the parts of those
// groups whose shares have some.
func (r *reader) shareKey(group uint16) []byte {
	v := r.open(2, &keyExchangeSpec)
	defer r.close(v)
	key := r.left()
	if r.tree == nil || r.bad {
		return r.rest(&contentSpec)
	}
	client := r.message.Type() == TypeClientHello
	parts, want := shareParts[group], 0
	for _, p := range parts {
		want += p.size(client)
	}
	switch {
	case len(parts) == 0:
		r.rest(&contentSpec)
	case want != len(key):
		odd := contentSpec
		odd.meaning = "A share of this group has " + field.Count(want, "byte") + " here: the peer answers illegal_parameter."
		r.rest(&odd)
	default:
		for _, p := range parts {
			r.take(p.size(client), p.spec)
		}
	}
	return key[:len(key):len(key)]
}

func (p sharePart) size(client bool) int {
	if client {
		return p.client
	}
	return p.server
}

var (
	x25519Spec    = spec{label: "X25519", section: "RFC 8446 4.2.8.2", meaning: "A public key of X25519, fresh for this handshake (RFC 7748 5)."}
	x448Spec      = spec{label: "X448", section: "RFC 8446 4.2.8.2", meaning: "A public key of X448, fresh for this handshake (RFC 7748 5)."}
	pointFormSpec = spec{label: "legacy_form", section: "RFC 8446 4.2.8.2", value: number, quiet: true, meaning: "Always 4: the point is written in full."}
	pointXSpec    = spec{label: "X", section: "RFC 8446 4.2.8.2", meaning: "The point's first coordinate."}
	pointYSpec    = spec{label: "Y", section: "RFC 8446 4.2.8.2", meaning: "The point's second coordinate; a peer that finds the point off the curve answers illegal_parameter."}
	point256Spec  = spec{label: "secp256r1", section: hybridSection, meaning: hybridPoint}
	point384Spec  = spec{label: "secp384r1", section: hybridSection, meaning: hybridPoint}
	pointSM2Spec  = spec{label: "curveSM2", section: hybridSection, meaning: hybridPoint}
	mlkemSpec     = spec{
		label: "ML-KEM", section: hybridSection, explain: explainKEM,
		meaning: "The half that a quantum computer does not break.",
	}
	kyberSpec = spec{label: "Kyber768", section: hybridSection, meaning: "The draft that ML-KEM came from; the two do not understand each other."}
)

const (
	hybridSection = "draft-ietf-tls-ecdhe-mlkem"
	hybridPoint   = "A point of the curve, written in full."
)

// explainKEM says what each side sends of ML-KEM: the client's message is the
// larger one, and often what makes a ClientHello take two packets.
func explainKEM(b []byte) string {
	switch len(b) {
	case 800, 1184:
		return "The client's encapsulation key of ML-KEM (FIPS 203). It makes the ClientHello too large for one packet, which some middleboxes and old servers choke on."
	case 768, 1088:
		return "The server's ciphertext of ML-KEM (FIPS 203): the shared secret, for the client's key."
	}
	return ""
}
