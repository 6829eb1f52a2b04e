package quicwire

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go/quicvarint"

	"shakedown/harness/field"
)

// parameters builds an extension's content.
type parameters []byte

func (p parameters) add(id ParameterID, value string) parameters {
	p = quicvarint.Append(p, uint64(id))
	p = quicvarint.Append(p, uint64(len(value)))
	return append(p, value...)
}

func (p parameters) number(id ParameterID, n uint64) parameters {
	return p.add(id, string(quicvarint.Append(nil, n)))
}

// everyParameter has each parameter that is known, a reserved one and an unknown one.
func everyParameter() parameters {
	return parameters(nil).
		add(OriginalDestinationConnectionID, "original").
		number(MaxIdleTimeout, 30000).
		add(StatelessResetToken, "0123456789abcdef").
		number(MaxUDPPayloadSize, 1452).
		number(InitialMaxData, 1<<20).
		number(InitialMaxStreamDataBidiLocal, 1).
		number(InitialMaxStreamDataBidiRemote, 2).
		number(InitialMaxStreamDataUni, 3).
		number(InitialMaxStreamsBidi, 4).
		number(InitialMaxStreamsUni, 5).
		number(AckDelayExponent, 6).
		number(MaxAckDelay, 26).
		add(DisableActiveMigration, "").
		add(PreferredAddress, "\x7f\x00\x00\x01\x11\x51"+strings.Repeat("\x00", 15)+"\x01\x11\x51"+"\x04abcd"+"0123456789abcdef").
		number(ActiveConnectionIDLimit, 7).
		add(InitialSourceConnectionID, "source").
		add(RetrySourceConnectionID, "").
		add(VersionInformation, "\x00\x00\x00\x01\x6b\x33\x43\xcf\x0a\x1a\x2a\x3a").
		number(MaxDatagramFrameSize, 1200).
		add(GreaseQUICBit, "").
		add(27+31*5, "anything").
		add(0x4242, "unknown")
}

func TestFindTransportParameter(t *testing.T) {
	whole := everyParameter()
	broken := append(parameters(nil).add(InitialSourceConnectionID, "source"), 0x0e, 5, 1) // shorter than it says
	behind := parameters(nil).number(MaxIdleTimeout, 1).add(InitialMaxData, "no number").add(RetrySourceConnectionID, "retry")
	for _, tt := range []struct {
		name string
		b    []byte
		id   ParameterID
		want []byte
	}{
		{"the first", whole, OriginalDestinationConnectionID, []byte("original")},
		{"one in the middle", whole, InitialSourceConnectionID, []byte("source")},
		{"an empty one", whole, RetrySourceConnectionID, []byte{}},
		{"an unknown one", whole, 0x4242, []byte("unknown")},
		{"one that is not there", whole, 0x4243, nil},
		{"the first of two", parameters(nil).add(StatelessResetToken, "one").add(StatelessResetToken, "two"), StatelessResetToken, []byte("one")},
		{"in front of what cannot be read", broken, InitialSourceConnectionID, []byte("source")},
		{"what cannot be read", broken, ActiveConnectionIDLimit, nil},
		{"behind a number that is none", behind, RetrySourceConnectionID, []byte("retry")},
		{"in nothing", nil, InitialSourceConnectionID, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := FindTransportParameter(tt.b, tt.id); !bytes.Equal(got, tt.want) || (got == nil) != (tt.want == nil) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParseTransportParameters(t *testing.T) {
	b := everyParameter()
	p, err := ParseTransportParameters(b)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Sent) != 22 {
		t.Errorf("read %d parameters, want 22", len(p.Sent))
	}
	for _, tt := range []struct {
		name      string
		got, want any
	}{
		{"original_destination_connection_id", string(p.OriginalDestinationConnectionID), "original"},
		{"max_idle_timeout", p.MaxIdleTimeout, 30 * time.Second},
		{"stateless_reset_token", string(p.StatelessResetToken), "0123456789abcdef"},
		{"max_udp_payload_size", p.MaxUDPPayloadSize, uint64(1452)},
		{"initial_max_data", p.InitialMaxData, uint64(1 << 20)},
		{"initial_max_stream_data_bidi_local", p.InitialMaxStreamDataBidiLocal, uint64(1)},
		{"initial_max_stream_data_bidi_remote", p.InitialMaxStreamDataBidiRemote, uint64(2)},
		{"initial_max_stream_data_uni", p.InitialMaxStreamDataUni, uint64(3)},
		{"initial_max_streams_bidi", p.InitialMaxStreamsBidi, uint64(4)},
		{"initial_max_streams_uni", p.InitialMaxStreamsUni, uint64(5)},
		{"ack_delay_exponent", p.AckDelayExponent, uint64(6)},
		{"max_ack_delay", p.MaxAckDelay, 26 * time.Millisecond},
		{"disable_active_migration", p.DisableActiveMigration, true},
		{"active_connection_id_limit", p.ActiveConnectionIDLimit, uint64(7)},
		{"initial_source_connection_id", string(p.InitialSourceConnectionID), "source"},
		{"an empty retry_source_connection_id", p.RetrySourceConnectionID != nil, true},
		{"the chosen version", p.ChosenVersion, Version1},
		{"the last available version", p.AvailableVersions[1], Version(0x0a1a2a3a)},
		{"max_datagram_frame_size", p.MaxDatagramFrameSize, uint64(1200)},
		{"grease_quic_bit", p.GreaseQUICBit, true},
	} {
		if tt.got != tt.want {
			t.Errorf("%s = %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

// RFC 9000 18.2 names a default for each parameter that has one other than 0.
func TestTransportParameterDefaults(t *testing.T) {
	p, err := ParseTransportParameters(nil)
	if err != nil {
		t.Fatal(err)
	}
	if p.MaxUDPPayloadSize != 65527 || p.AckDelayExponent != 3 || p.MaxAckDelay != 25*time.Millisecond || p.ActiveConnectionIDLimit != 2 ||
		p.MaxIdleTimeout != 0 || p.InitialMaxData != 0 || p.DisableActiveMigration || p.GreaseQUICBit || p.StatelessResetToken != nil {
		t.Errorf("the defaults are %+v", p)
	}
}

// manyUnknown returns n parameters that are not known.
func manyUnknown(n int) parameters {
	var p parameters
	for i := range n {
		p = p.add(ParameterID(0x4000+i), "")
	}
	return p
}

func TestTransportParameterErrors(t *testing.T) {
	tests := []struct {
		name string
		in   parameters
		want string
	}{
		{"twice", parameters(nil).number(MaxIdleTimeout, 1).number(MaxIdleTimeout, 2), "max_idle_timeout is there twice"},
		{"an unknown one twice", parameters(nil).add(0x4242, "a").add(0x4242, "b"), "unknown parameter 0x4242 is there twice"},
		{"the last of many unknown ones twice", manyUnknown(10).add(0x4000+9, ""), "unknown parameter 0x4009 is there twice"},
		{"the first of many unknown ones twice", manyUnknown(10).add(0x4000, ""), "unknown parameter 0x4000 is there twice"},
		{"no integer", parameters(nil).add(MaxIdleTimeout, "\x01\x02"), "max_idle_timeout: 2 bytes are no variable-length integer"},
		{"an empty integer", parameters(nil).add(InitialMaxData, ""), "initial_max_data: 0 bytes"},
		{"a short token", parameters(nil).add(StatelessResetToken, "short"), "stateless_reset_token: 5 bytes, want 16"},
		{"half a version", parameters(nil).add(VersionInformation, "\x00\x00"), "version_information: 2 bytes"},
		{"a length beyond the end", parameters("\x04\x09\x01"), "initial_max_data"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParseTransportParameters(tt.in)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
			if p == nil {
				t.Error("what was read before the error is gone")
			}
		})
	}
}

func TestTransportParametersTruncated(t *testing.T) {
	b := everyParameter()
	whole := map[int]bool{}
	for at, rest := 0, b; len(rest) > 0; {
		r := reader{b: rest}
		if _, err := readParameter(&r); err != nil {
			t.Fatal(err)
		}
		at, rest = at+r.at, rest[r.at:]
		whole[at] = true
	}
	for n := 1; n < len(b); n++ {
		p, err := ParseTransportParameters(b[:n])
		if (err == nil) != whole[n] {
			t.Errorf("cut to %d bytes: %d parameters, error %v", n, len(p.Sent), err)
		}
		if err != nil && !errors.Is(err, ErrTruncated) {
			t.Errorf("cut to %d bytes: %v, want %v", n, err, ErrTruncated)
		}
		fields, _ := TransportParameterFields(b[:n], 0, "message", true, nil)
		checkCoverage(t, fields, n)
	}
}

func TestTransportParameterFields(t *testing.T) {
	b := everyParameter()
	fields, _ := TransportParameterFields(b, 100, "message", true, nil)
	checkCoverage(t, fields, len(b))
	text := outline(fields, 0)
	for _, want := range []string{
		"max_idle_timeout: 30000 ms\n  Transport Parameter ID: 0x01 (max_idle_timeout)\n  Transport Parameter Length: 4\n  Transport Parameter Value: 30000 ms\n",
		"    IPv4 Address: 127.0.0.1\n    IPv4 Port: 4433\n    IPv6 Address: ::1\n",
		"    Chosen Version: QUIC v1\n    Available Version: QUIC v2\n    Available Version: 0x0a1a2a3a (reserved)\n",
		"disable_active_migration: present\n",
		"reserved parameter 0xb6: 616e797468696e67\n",
		"unknown parameter 0x4242: 756e6b6e6f776e\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the fields lack\n%s\ngot\n%s", want, text)
		}
	}
	if m := fields[0].Meaning; !strings.Contains(m, "A client must not send it.") {
		t.Errorf("a client's original_destination_connection_id means %q", m)
	}
}

// TestParametersInRoom tells parameters again and again in one room, at other places and
// from the other side in between.
func TestParametersInRoom(t *testing.T) {
	b := everyParameter()
	var tell []func(*field.Room) []field.Field
	for _, base := range []int{100, 0, 101} {
		for _, buffer := range []string{"message", "other"} {
			for _, fromClient := range []bool{true, false} {
				tell = append(tell, func(room *field.Room) []field.Field {
					fields, _ := TransportParameterFields(b, base, buffer, fromClient, room)
					return fields
				})
			}
		}
	}
	checkRoom(t, tell)
}

// What was not sent has its default, and what was sent is not named.
func TestAbsentParameters(t *testing.T) {
	absentFrom := func(b []byte, fromClient bool) string {
		_, absent := TransportParameterFields(b, 0, "message", fromClient, nil)
		return absent
	}
	if got := absentFrom(nil, false); !strings.Contains(got, "max_udp_payload_size (65527)") || !strings.Contains(got, "max_ack_delay (25 ms)") || !strings.Contains(got, "stateless_reset_token (") {
		t.Errorf("with no parameter: %s", got)
	}
	if got := absentFrom(nil, true); strings.Contains(got, "stateless_reset_token") {
		t.Errorf("a client has no %s", got)
	}
	if got := absentFrom([]byte("\x01\x01\x05\x0b\x01\x19\x04"), true); strings.Contains(got, "max_idle_timeout") || strings.Contains(got, "max_ack_delay") || !strings.Contains(got, "initial_max_data (0)") {
		t.Errorf("with two parameters and the start of a third: %s", got)
	}
	if got := absentFrom(nil, true); strings.Contains(got, "stateless_reset_token") || !strings.Contains(got, "max_idle_timeout") {
		t.Errorf("with none again: %s", got)
	}
	if got := absentFrom([]byte(everyParameter()), false); strings.Contains(got, "max_") {
		t.Errorf("with every parameter: %s", got)
	}
}

// The ClientHello of RFC 9001 A.2 ends with its transport parameters.
func TestVectorTransportParameters(t *testing.T) {
	v := readVectors(t, "quic-v1.txt")
	hello := v.get(t, "client_initial_crypto_frame")
	at := bytes.Index(hello, []byte{0x00, 0x39, 0x00, 0x32})
	p, err := ParseTransportParameters(hello[at+4:])
	if err != nil {
		t.Fatal(err)
	}
	if p.InitialMaxData != 1<<62-1 || p.MaxIdleTimeout != 30*time.Second || p.InitialMaxStreamsBidi != 16 ||
		!bytes.Equal(p.InitialSourceConnectionID, v.get(t, "dcid")) {
		t.Errorf("got %+v", p)
	}
}

func FuzzTransportParameters(f *testing.F) {
	f.Add([]byte(everyParameter()))
	v := readVectors(f, "quic-v1.txt")
	hello := v.get(f, "client_initial_crypto_frame")
	f.Add(hello[bytes.Index(hello, []byte{0x00, 0x39, 0x00, 0x32})+4:])
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseTransportParameters(b)
		if err == nil {
			size := 0
			for _, one := range p.Sent {
				size += len(one.Value)
			}
			if size > len(b) {
				t.Fatalf("values of %d bytes out of %d", size, len(b))
			}
		}
		for _, one := range p.Sent {
			if found := FindTransportParameter(b, one.ID); found == nil || !bytes.Equal(found, one.Value) {
				t.Fatalf("%v is %x, and found is %x", one.ID, one.Value, found)
			}
		}
		fields, _ := TransportParameterFields(b, 0, "message", len(b)%2 == 0, nil)
		checkCoverage(t, fields, len(b))
	})
}
