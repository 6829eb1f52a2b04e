package quicwire

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"shakedown/harness/field"
)

// frames has one frame of every type, as it is on the wire and as it reads.
var frames = []struct {
	wire string
	name string
	want Frame
	text string // of its field
}{
	{"\x00\x00\x00", "PADDING", Frame{}, "3 bytes"},
	{"\x01", "PING", Frame{Type: 1}, ""},
	{"\x02\x09\x40\x50\x00\x02", "ACK", Frame{Type: 2, Largest: 9, Delay: 0x50, First: 2}, "7-9"},
	{"\x02\x09\x00\x02\x00\x01\x01\x00\x02", "ACK", Frame{Type: 2, Largest: 9}, "9, 5-6, 1-3"},
	{"\x03\x00\x00\x00\x00\x01\x02\x03", "ACK", Frame{Type: 3}, "0"},
	{"\x04\x04\x41\x03\x09", "RESET_STREAM", Frame{Type: 4, StreamID: 4, ErrorCode: 0x103, Limit: 9}, "stream 4, error 0x103"},
	{"\x05\x04\x41\x03", "STOP_SENDING", Frame{Type: 5, StreamID: 4, ErrorCode: 0x103}, "stream 4, error 0x103"},
	{"\x06\x44\x00\x05hello", "CRYPTO", Frame{Type: 6, Offset: 1024, Data: []byte("hello")}, "offset 1024, 5 bytes"},
	{"\x07\x05token", "NEW_TOKEN", Frame{Type: 7, Data: []byte("token")}, "746f6b656e"},
	{"\x08\x03to the end", "STREAM", Frame{Type: 8, StreamID: 3, Data: []byte("to the end")}, "stream 3, offset 0, 10 bytes"},
	{"\x0f\x00\x07\x01x", "STREAM", Frame{Type: 15, Offset: 7, Data: []byte("x"), Fin: true}, "stream 0, offset 7, 1 byte"},
	{"\x10\x50\x00", "MAX_DATA", Frame{Type: 0x10, Limit: 0x1000}, "4096"},
	{"\x11\x04\x50\x00", "MAX_STREAM_DATA", Frame{Type: 0x11, StreamID: 4, Limit: 0x1000}, "stream 4, 4096"},
	{"\x12\x10", "MAX_STREAMS", Frame{Type: 0x12, Limit: 16}, "16"},
	{"\x13\x10", "MAX_STREAMS", Frame{Type: 0x13, Limit: 16}, "16"},
	{"\x14\x10", "DATA_BLOCKED", Frame{Type: 0x14, Limit: 16}, "16"},
	{"\x15\x04\x10", "STREAM_DATA_BLOCKED", Frame{Type: 0x15, StreamID: 4, Limit: 16}, "stream 4, 16"},
	{"\x16\x10", "STREAMS_BLOCKED", Frame{Type: 0x16, Limit: 16}, "16"},
	{"\x17\x10", "STREAMS_BLOCKED", Frame{Type: 0x17, Limit: 16}, "16"},
	{
		"\x18\x02\x01\x04abcd0123456789abcdef", "NEW_CONNECTION_ID",
		Frame{Type: 0x18, Sequence: 2, RetirePriorTo: 1, Data: []byte("abcd"), ResetToken: []byte("0123456789abcdef")},
		"2: 61626364",
	},
	{"\x19\x02", "RETIRE_CONNECTION_ID", Frame{Type: 0x19, Sequence: 2}, "2"},
	{"\x1a12345678", "PATH_CHALLENGE", Frame{Type: 0x1a, Data: []byte("12345678")}, "3132333435363738"},
	{"\x1b12345678", "PATH_RESPONSE", Frame{Type: 0x1b, Data: []byte("12345678")}, "3132333435363738"},
	{"\x1c\x41\x2a\x06\x00", "CONNECTION_CLOSE", Frame{Type: 0x1c, ErrorCode: 0x12a, Trigger: 6, Data: []byte{}}, "0x12a (CRYPTO_ERROR)"},
	{"\x1d\x41\x03\x03why", "CONNECTION_CLOSE", Frame{Type: 0x1d, ErrorCode: 0x103, Data: []byte("why")}, "0x103"},
	{"\x1e", "HANDSHAKE_DONE", Frame{Type: 0x1e}, ""},
	{"\x30data", "DATAGRAM", Frame{Type: 0x30, Data: []byte("data")}, "64617461"},
	{"\x1f", "IMMEDIATE_ACK", Frame{Type: 0x1f}, ""},
	{"\x40\xaf\x01\x02\x50\x00\x03", "ACK_FREQUENCY", Frame{Type: 0xaf, Sequence: 1, Limit: 2, Delay: 0x1000}, ""},
	{"\x24\x04\x41\x03\x09\x05", "RESET_STREAM_AT", Frame{Type: 0x24, StreamID: 4, ErrorCode: 0x103, Limit: 9}, "stream 4, error 0x103"},
	{"\x3e\x01\x09\x00\x00\x02", "PATH_ACK", Frame{Type: 0x3e, Largest: 9, First: 2}, ""},
	{"\x7e\x75\x01\x02", "PATH_ABANDON", Frame{Type: 0x3e75, ErrorCode: 2}, ""},
	{"\x7e\x76\x01\x02", "PATH_STATUS_BACKUP", Frame{Type: 0x3e76, Sequence: 2}, ""},
	{"\x7e\x77\x01\x02", "PATH_STATUS_AVAILABLE", Frame{Type: 0x3e77, Sequence: 2}, ""},
	{
		"\x7e\x78\x01\x02\x01\x04abcd0123456789abcdef", "PATH_NEW_CONNECTION_ID",
		Frame{Type: 0x3e78, Sequence: 2, RetirePriorTo: 1, Data: []byte("abcd"), ResetToken: []byte("0123456789abcdef")},
		"",
	},
	{"\x7e\x79\x01\x02", "PATH_RETIRE_CONNECTION_ID", Frame{Type: 0x3e79, Sequence: 2}, ""},
	{"\x7e\x7a\x04", "MAX_PATH_ID", Frame{Type: 0x3e7a, Limit: 4}, "4"},
	{"\x7e\x7b\x04", "PATHS_BLOCKED", Frame{Type: 0x3e7b, Limit: 4}, "4"},
	{"\x7e\x7c\x01\x02", "PATH_CIDS_BLOCKED", Frame{Type: 0x3e7c, Sequence: 2}, ""},
	{"\x31\x04data", "DATAGRAM", Frame{Type: 0x31, Data: []byte("data")}, "64617461"},
}

func TestParseFrame(t *testing.T) {
	for _, tt := range frames {
		t.Run(fmt.Sprintf("%s %x", tt.name, tt.wire), func(t *testing.T) {
			f, err := ParseFrame([]byte(tt.wire))
			if err != nil {
				t.Fatal(err)
			}
			if f.Type.String() != tt.name {
				t.Errorf("the frame is called %v, want %s", f.Type, tt.name)
			}
			equal(t, "raw", f.Raw, []byte(tt.wire))
			f.Raw = nil
			if !reflect.DeepEqual(f, tt.want) {
				t.Errorf("got %+v\nwant %+v", f, tt.want)
			}
			fields := FrameFields([]byte(tt.wire), 7, "payload")
			if len(fields) != 1 || fields[0].Label != tt.name || fields[0].Value != tt.text {
				t.Errorf("its field is %s %q, want %q", fields[0].Label, fields[0].Value, tt.text)
			}
			if fields[0].Meaning == "" || fields[0].Section == "" {
				t.Errorf("its field says too little: %+v", fields[0])
			}
			checkCoverage(t, fields, len(tt.wire))
		})
	}
}

// TestFramesInRoom tells frames again and again in one room, at other places and cut off
// in between.
func TestFramesInRoom(t *testing.T) {
	var tell []func(*field.Room) []field.Field
	for _, wire := range []string{
		"\x06\x44\x00\x05hello", "\x06\x44\x01\x05hello", "\x06\x44\x00\x06hello!", "\x06\x44\x00\x40\x05hello",
		"\x06\x44\x00\x05hell", "\x06\x44\x00\x05", "\x06\x44",
		"\x02\x09\x00\x00\x02", "\x02\x09\x00\x00\x03", "\x02\x08\x00\x00\x02", "\x02\x09\x01\x00\x02",
		"\x02\x09\x00\x01\x02\x00\x01", "\x02\x09\x00\x01\x02\x01\x00", "\x02\x09\x00\x01\x02\x00",
		"\x02\x40\x40\x00\x00\x02", "\x03\x09\x00\x00\x02\x01\x02\x03", "\x01", "\x00\x00", "\x1e",
	} {
		for _, base := range []int{7, 0} {
			for _, buffer := range []string{"packet", "packet 2"} {
				tell = append(tell, func(room *field.Room) []field.Field {
					d := newDesk(room)
					addFrames(d, []byte(wire), base, buffer)
					return d.fields()
				})
			}
		}
	}
	checkRoom(t, tell)
}

func TestParseFrameTruncated(t *testing.T) {
	for _, tt := range frames {
		for n := 1; n < len(tt.wire); n++ {
			f, err := ParseFrame([]byte(tt.wire[:n]))
			switch {
			case f.Type == FramePadding && err == nil:
				// Each byte of a run is a frame of its own.
			case (tt.wire[0] == 0x08 || tt.wire[0] == 0x30) && n >= 2 && err == nil, tt.wire[0] == 0x30 && err == nil:
				// Data without a length goes to the end, wherever that is.
			case err == nil:
				t.Errorf("%s cut to %d bytes: read as %+v", tt.name, n, f)
			case !errors.Is(err, ErrTruncated):
				t.Errorf("%s cut to %d bytes: %v, want %v", tt.name, n, err, ErrTruncated)
			}
			fields := FrameFields([]byte(tt.wire[:n]), 0, "payload")
			checkCoverage(t, fields, n)
		}
	}
}

func TestParseFrames(t *testing.T) {
	v := readVectors(t, "quic-v1.txt")
	got, err := ParseFrames(v.clientPayload(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Type != FrameCrypto || len(got[0].Data) != 241 || got[1].Type != FramePadding || len(got[1].Raw) != 917 {
		t.Errorf("got %d frames, want CRYPTO (241 bytes) and PADDING (917 bytes)", len(got))
	}
	got, err = ParseFrames([]byte("\x01\x02\x09\x00\x00\x00\x21rest"))
	if len(got) != 2 || !errors.Is(err, ErrUnknownFrame) {
		t.Errorf("got %d frames and error %v, want 2 and %v", len(got), err, ErrUnknownFrame)
	}
	checkCoverage(t, FrameFields([]byte("\x01\x02\x09\x00\x00\x00\x21rest"), 0, "payload"), 11)
}

func TestFrameLimits(t *testing.T) {
	tests := []struct{ name, in string }{
		{"CRYPTO data beyond 2^62-1", "\x06\xff\xff\xff\xff\xff\xff\xff\xff\x01x"},
		{"STREAM data beyond 2^62-1", "\x0e\x00\xff\xff\xff\xff\xff\xff\xff\xff\x01x"},
		{"an ACK that claims ranges without end", "\x02\x09\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00"},
		{"a NEW_TOKEN that claims bytes without end", "\x07\xff\xff\xff\xff\xff\xff\xff\xffx"},
	}
	for _, tt := range tests {
		if f, err := ParseFrame([]byte(tt.in)); err == nil {
			t.Errorf("%s: read as %+v", tt.name, f)
		}
	}
}

func TestAckRangesBelowZero(t *testing.T) {
	for _, in := range []string{"\x02\x09\x00\x00\x0a", "\x02\x09\x00\x01\x00\x08\x00", "\x02\x09\x00\x01\x00\x00\x08"} {
		f, err := ParseFrame([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if r, err := f.AckRanges(); err == nil {
			t.Errorf("AckRanges of %x = %v, want an error", in, r)
		}
	}
}

func FuzzParseFrames(f *testing.F) {
	for _, tt := range frames {
		f.Add([]byte(tt.wire))
	}
	v := readVectors(f, "quic-v1.txt")
	f.Add(v.get(f, "server_initial_payload"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := ParseFrames(b)
		var joined []byte
		for i := range got {
			joined = append(joined, got[i].Raw...)
			if got[i].Type.Base() == FrameAck {
				_, _ = got[i].AckRanges()
			}
		}
		// What was read is what was there, and without an error it is all of it.
		if !bytes.HasPrefix(b, joined) || err == nil && len(joined) != len(b) {
			t.Fatalf("frames of %d bytes out of %d, error %v", len(joined), len(b), err)
		}
		checkCoverage(t, FrameFields(b, 0, "payload"), len(b))
	})
}

func TestErrorNames(t *testing.T) {
	tests := []struct {
		code uint64
		want string
	}{
		{0x00, "NO_ERROR"},
		{0x01, "INTERNAL_ERROR"},
		{0x02, "CONNECTION_REFUSED"},
		{0x07, "FRAME_ENCODING_ERROR"},
		{0x08, "TRANSPORT_PARAMETER_ERROR"},
		{0x0a, "PROTOCOL_VIOLATION"},
		{0x0b, "INVALID_TOKEN"},
		{0x0c, "APPLICATION_ERROR"},
		{0x0d, "CRYPTO_BUFFER_EXCEEDED"},
		{0x0e, "KEY_UPDATE_ERROR"},
		{0x0f, "AEAD_LIMIT_REACHED"},
		{0x10, "NO_VIABLE_PATH"},
		{0x11, "VERSION_NEGOTIATION_ERROR"},
		{0x12, "0x12"},
		{0xff, "0xff"},
		{0x100, "CRYPTO_ERROR"},
		{0x174, "CRYPTO_ERROR"},
		{0x1ff, "CRYPTO_ERROR"},
		{0x200, "0x200"},
	}
	for _, tt := range tests {
		if got := TransportErrorName(tt.code); got != tt.want {
			t.Errorf("TransportErrorName(0x%x) = %s, want %s", tt.code, got, tt.want)
		}
	}
	if alert, ok := AlertOf(0x174); alert != 116 || !ok {
		t.Errorf("AlertOf(0x174) = %d, %v, want 116", alert, ok)
	}
	if _, ok := AlertOf(0x200); ok {
		t.Error("AlertOf(0x200) found an alert")
	}
}
