package dissect

import (
	"bytes"

	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
)

// Derived are keys of a QUIC connection that were derived before it is dissected, by
// whoever told its packets apart. Keys are found by all that they are derived from:
// those of another connection open nothing here. The zero Derived is empty and ready.
type Derived struct {
	Initial []InitialKeys
	// Traffic are keys derived from secrets of the key logs.
	Traffic []*quicwire.Protection
}

// InitialKeys open the Initial packets of both sides, in one version, from the
// client's first one on that has that Destination Connection ID.
type InitialKeys struct {
	Version        quicwire.Version
	DestinationID  []byte
	Client, Server *quicwire.Protection
}

// DeriveInitial derives the Initial keys of a Destination Connection ID.
func DeriveInitial(v quicwire.Version, destinationID []byte) (InitialKeys, error) {
	client, server, err := quicwire.InitialProtection(v, destinationID)
	if err != nil {
		return InitialKeys{}, err
	}
	return InitialKeys{v, destinationID, client, server}, nil
}

// Of returns the keys of one side.
func (k *InitialKeys) Of(r outcome.Role) *quicwire.Protection {
	if r == outcome.Client {
		return k.Client
	}
	return k.Server
}

// initial returns the Initial keys of a Destination Connection ID.
func (k *Derived) initial(v quicwire.Version, destinationID []byte) (InitialKeys, error) {
	for _, known := range k.Initial {
		if known.Version == v && bytes.Equal(known.DestinationID, destinationID) {
			return known, nil
		}
	}
	return DeriveInitial(v, destinationID)
}

// traffic returns the keys of a secret.
func (k *Derived) traffic(v quicwire.Version, suite uint16, secret []byte) (*quicwire.Protection, error) {
	for _, known := range k.Traffic {
		if known.Of(v, suite, secret) {
			return known, nil
		}
	}
	return quicwire.NewProtection(v, suite, secret)
}
