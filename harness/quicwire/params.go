package quicwire

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// A ParameterID identifies a transport parameter (RFC 9000 18).
type ParameterID uint64

// The transport parameters of RFC 9000 18.2, RFC 9368, RFC 9221 and RFC 9287.
const (
	OriginalDestinationConnectionID ParameterID = 0x00
	MaxIdleTimeout                  ParameterID = 0x01
	StatelessResetToken             ParameterID = 0x02
	MaxUDPPayloadSize               ParameterID = 0x03
	InitialMaxData                  ParameterID = 0x04
	InitialMaxStreamDataBidiLocal   ParameterID = 0x05
	InitialMaxStreamDataBidiRemote  ParameterID = 0x06
	InitialMaxStreamDataUni         ParameterID = 0x07
	InitialMaxStreamsBidi           ParameterID = 0x08
	InitialMaxStreamsUni            ParameterID = 0x09
	AckDelayExponent                ParameterID = 0x0a
	MaxAckDelay                     ParameterID = 0x0b
	DisableActiveMigration          ParameterID = 0x0c
	PreferredAddress                ParameterID = 0x0d
	ActiveConnectionIDLimit         ParameterID = 0x0e
	InitialSourceConnectionID       ParameterID = 0x0f
	RetrySourceConnectionID         ParameterID = 0x10
	VersionInformation              ParameterID = 0x11   // RFC 9368 3
	MaxDatagramFrameSize            ParameterID = 0x20   // RFC 9221 3
	GreaseQUICBit                   ParameterID = 0x2ab2 // RFC 9287 3
)

// Reserved says that the parameter exists only so that unknown parameters are
// met: "Transport parameters with an identifier of the form 31 * N + 27 for
// integer values of N are reserved" (RFC 9000 18.1).
func (id ParameterID) Reserved() bool { return id >= 27 && (id-27)%31 == 0 }

// String returns the parameter's name in its RFC.
func (id ParameterID) String() string {
	if k := parameterKinds().find(id); k != nil {
		return k.name
	}
	if id.Reserved() {
		return "reserved parameter 0x" + strconv.FormatUint(uint64(id), 16)
	}
	return "unknown parameter 0x" + strconv.FormatUint(uint64(id), 16)
}

// A TransportParameter is one parameter as it was sent.
type TransportParameter struct {
	ID    ParameterID
	Value []byte
	// Integer is the value of a parameter that is one.
	Integer uint64
}

// TransportParameters are what one side said in its quic_transport_parameters
// extension, with the defaults of RFC 9000 18.2 where it said nothing.
type TransportParameters struct {
	// Sent are the parameters in wire order, unknown and reserved ones too.
	Sent []TransportParameter

	OriginalDestinationConnectionID []byte // nil if absent, as for all byte strings
	InitialSourceConnectionID       []byte
	RetrySourceConnectionID         []byte
	StatelessResetToken             []byte
	PreferredAddress                []byte
	// MaxIdleTimeout is 0 where this side sets no limit.
	MaxIdleTimeout                 time.Duration
	MaxUDPPayloadSize              uint64
	InitialMaxData                 uint64
	InitialMaxStreamDataBidiLocal  uint64
	InitialMaxStreamDataBidiRemote uint64
	InitialMaxStreamDataUni        uint64
	InitialMaxStreamsBidi          uint64
	InitialMaxStreamsUni           uint64
	AckDelayExponent               uint64
	MaxAckDelay                    time.Duration
	DisableActiveMigration         bool
	ActiveConnectionIDLimit        uint64
	// ChosenVersion and AvailableVersions are RFC 9368's version_information,
	// 0 and nil if it is absent.
	ChosenVersion     Version
	AvailableVersions []Version
	// MaxDatagramFrameSize is 0 where DATAGRAM frames are not welcome.
	MaxDatagramFrameSize uint64
	GreaseQUICBit        bool
}

// maxMilliseconds keeps a number of milliseconds inside a time.Duration.
const maxMilliseconds = uint64(1<<63-1) / uint64(time.Millisecond)

// ParseTransportParameters reads the content of a quic_transport_parameters
// extension. With an error come the parameters in front of what could not be
// read. A parameter that was sent twice is an error, as RFC 9000 7.4 says, and
// keeps its first value.
func ParseTransportParameters(b []byte) (*TransportParameters, error) {
	p := &TransportParameters{
		MaxUDPPayloadSize:       65527,
		AckDelayExponent:        3,
		MaxAckDelay:             25 * time.Millisecond,
		ActiveConnectionIDLimit: 2,
	}
	r := reader{b: b}
	var seen idSet
	for r.left() > 0 {
		one, err := readParameter(&r)
		if err != nil {
			return p, fmt.Errorf("parse transport parameters: %w", err)
		}
		if seen.has(one.ID) {
			return p, fmt.Errorf("parse transport parameters: %v is there twice", one.ID)
		}
		seen.add(one.ID)
		if p.Sent == nil {
			p.Sent = make([]TransportParameter, 0, usualParameters)
		}
		p.Sent = append(p.Sent, one)
		if err := p.set(one); err != nil {
			return p, fmt.Errorf("parse transport parameters: %v: %w", one.ID, err)
		}
	}
	return p, nil
}

// FindTransportParameter returns the value of the first parameter of that identifier
// in the content of a quic_transport_parameters extension, nil if there is none. What
// the others hold it does not ask.
func FindTransportParameter(b []byte, id ParameterID) []byte {
	r := reader{b: b}
	for r.left() > 0 && r.err == nil {
		at := ParameterID(r.varint("Transport Parameter ID"))
		value := r.bytes("Transport Parameter Value", r.varint("Transport Parameter Length"))
		if at == id && r.err == nil {
			return value
		}
	}
	return nil
}

// usualParameters is how many parameters there is room for at first.
const usualParameters = 16

// An idSet is a set of parameters: small identifiers, as nearly all are, take a bit,
// and the first of the others no memory of their own.
type idSet struct {
	small uint64
	few   [4]ParameterID
	// fewCount is how many there are in few, the rest is in many.
	fewCount int
	many     map[ParameterID]bool
}

func (s *idSet) has(id ParameterID) bool {
	if id < 64 {
		return s.small>>id&1 != 0
	}
	return slices.Contains(s.few[:s.fewCount], id) || s.many[id]
}

func (s *idSet) add(id ParameterID) {
	switch {
	case id < 64:
		s.small |= 1 << id
	case s.fewCount < len(s.few):
		s.few[s.fewCount] = id
		s.fewCount++
	case s.many == nil:
		s.many = map[ParameterID]bool{id: true}
	default:
		s.many[id] = true
	}
}

// readTuple reads the identifier, the length and the value of a parameter.
func readTuple(r *reader) TransportParameter {
	one := TransportParameter{ID: ParameterID(r.varint("Transport Parameter ID"))}
	one.Value = r.bytes("Transport Parameter Value", r.varint("Transport Parameter Length"))
	return one
}

// readParameter reads one parameter.
func readParameter(r *reader) (TransportParameter, error) {
	one := readTuple(r)
	if r.err != nil {
		return one, fmt.Errorf("%v: %w", one.ID, r.err)
	}
	if parameterKinds().of(one.ID).integer {
		v := reader{b: one.Value}
		one.Integer = v.varint("value")
		if v.err != nil || v.left() > 0 {
			return one, fmt.Errorf("%v: %d bytes are no variable-length integer", one.ID, len(one.Value))
		}
	}
	return one, nil
}

// set takes one parameter over.
func (p *TransportParameters) set(one TransportParameter) error {
	switch one.ID {
	case OriginalDestinationConnectionID:
		p.OriginalDestinationConnectionID = one.Value
	case InitialSourceConnectionID:
		p.InitialSourceConnectionID = one.Value
	case RetrySourceConnectionID:
		p.RetrySourceConnectionID = one.Value
	case StatelessResetToken:
		if len(one.Value) != resetTokenSize {
			return fmt.Errorf("%d bytes, want %d", len(one.Value), resetTokenSize)
		}
		p.StatelessResetToken = one.Value
	case PreferredAddress:
		p.PreferredAddress = one.Value
	case MaxIdleTimeout:
		p.MaxIdleTimeout = time.Duration(min(one.Integer, maxMilliseconds)) * time.Millisecond
	case MaxUDPPayloadSize:
		p.MaxUDPPayloadSize = one.Integer
	case InitialMaxData:
		p.InitialMaxData = one.Integer
	case InitialMaxStreamDataBidiLocal:
		p.InitialMaxStreamDataBidiLocal = one.Integer
	case InitialMaxStreamDataBidiRemote:
		p.InitialMaxStreamDataBidiRemote = one.Integer
	case InitialMaxStreamDataUni:
		p.InitialMaxStreamDataUni = one.Integer
	case InitialMaxStreamsBidi:
		p.InitialMaxStreamsBidi = one.Integer
	case InitialMaxStreamsUni:
		p.InitialMaxStreamsUni = one.Integer
	case AckDelayExponent:
		p.AckDelayExponent = one.Integer
	case MaxAckDelay:
		p.MaxAckDelay = time.Duration(min(one.Integer, maxMilliseconds)) * time.Millisecond
	case DisableActiveMigration:
		p.DisableActiveMigration = true
	case ActiveConnectionIDLimit:
		p.ActiveConnectionIDLimit = one.Integer
	case VersionInformation:
		return p.setVersions(one.Value)
	case MaxDatagramFrameSize:
		p.MaxDatagramFrameSize = one.Integer
	case GreaseQUICBit:
		p.GreaseQUICBit = true
	}
	return nil
}

// setVersions reads version_information: the Chosen Version and the Available
// Versions (RFC 9368 3).
func (p *TransportParameters) setVersions(b []byte) error {
	if len(b) < 4 || len(b)%4 != 0 {
		return fmt.Errorf("%d bytes, want a multiple of 4", len(b))
	}
	versions := (&Packet{Versions: b}).SupportedVersions()
	p.ChosenVersion, p.AvailableVersions = versions[0], versions[1:]
	return nil
}
