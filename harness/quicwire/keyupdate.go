package quicwire

// KeyPhases opens the 1-RTT packets that one side sends, through its key
// updates (RFC 9001 6). It is not safe for concurrent use.
type KeyPhases struct {
	current, previous, next *Protection
	// phase is the Key Phase bit of current.
	phase bool
	// updates counts the key updates that were followed.
	updates int
}

// NewKeyPhases starts with the first 1-RTT keys: "The Key Phase bit is
// initially set to 0 for the first set of 1-RTT packets" (RFC 9001 6).
func NewKeyPhases(p *Protection) *KeyPhases { return &KeyPhases{current: p} }

// Updates returns how many key updates were followed.
func (k *KeyPhases) Updates() int { return k.updates }

// Open removes a 1-RTT packet's protection like [Protection.Open], with the keys
// that its Key Phase bit asks for. A packet that opens with the next keys is a
// key update; a packet of the other phase from before it is opened with the
// keys of that time.
func (k *KeyPhases) Open(dst []byte, p *Packet, largest int64) (Opened, error) {
	start := len(dst)
	dst, err := k.current.unmask(dst, p)
	if err != nil {
		return Opened{}, err
	}
	if phase := dst[start]&0x04 != 0; phase == k.phase {
		o, err := k.current.unseal(dst, start, p, largest)
		o.Updates = k.updates
		return o, err
	}
	// "A recovered packet number that is lower than any packet number from the
	// current key phase uses the previous packet protection keys" (RFC 9001 6.5).
	// Trying them needs no record of the numbers: the tag tells.
	if k.previous != nil {
		if o, err := k.previous.unseal(dst, start, p, largest); err == nil {
			o.Updates = k.updates - 1
			return o, nil
		}
	}
	if k.next == nil {
		if k.next, err = k.current.Next(); err != nil {
			return Opened{}, err
		}
	}
	o, err := k.next.unseal(dst, start, p, largest)
	if err != nil {
		return Opened{}, err
	}
	k.previous, k.current, k.next = k.current, k.next, nil
	k.phase = !k.phase
	k.updates++
	o.Updates = k.updates
	return o, nil
}
