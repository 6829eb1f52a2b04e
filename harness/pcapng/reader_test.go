package pcapng

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// A reading is what came out of a file.
type reading struct {
	packets []Packet
	secrets []Secrets
	notes   []Note
	err     error // nil at the end of the file
}

func read(t testing.TB, r io.Reader) (got reading) {
	t.Helper()
	reader, err := NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	for {
		b, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			got.err = err
			if _, again := reader.Next(); !errors.Is(again, err) {
				t.Fatalf("after %v comes %v", err, again)
			}
			return got
		}
		switch b := b.(type) {
		case *Packet:
			p := *b
			p.Data = bytes.Clone(p.Data)
			got.packets = append(got.packets, p)
		case Secrets:
			got.secrets = append(got.secrets, b)
		case Note:
			got.notes = append(got.notes, b)
		}
		if reader.Packets() != len(got.packets) {
			t.Fatalf("%d packets are counted, %d were returned", reader.Packets(), len(got.packets))
		}
	}
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// swapped turns a little-endian pcap file into a big-endian one.
func swapped(file []byte) []byte {
	out := bytes.Clone(file)
	turn := func(at, n int) { slices.Reverse(out[at : at+n]) }
	for _, f := range [][2]int{{0, 4}, {4, 2}, {6, 2}, {8, 4}, {12, 4}, {16, 4}, {20, 4}} {
		turn(f[0], f[1])
	}
	for at := 24; at < len(file); {
		length := int(binary.LittleEndian.Uint32(file[at+8:]))
		for i := range 4 {
			turn(at+4*i, 4)
		}
		at += 16 + length
	}
	return out
}

func TestFilesOfEveryKindReadTheSame(t *testing.T) {
	frames := [][]byte{frame{payload: []byte("first")}.ethernet(t), frame{udp: true, payload: []byte("second")}.ethernet(t), {}}
	micro := moment.Truncate(time.Microsecond)
	tests := []struct {
		name string
		file []byte
		at   time.Time
	}{
		{"pcap", classic(t, false, frames...), micro},
		{"pcap, nanoseconds", classic(t, true, frames...), moment},
		{"pcap, big-endian", swapped(classic(t, false, frames...)), micro},
		{"pcap, nanoseconds, big-endian", swapped(classic(t, true, frames...)), moment},
		{"pcapng", modern(t, frames...), moment},
	}
	for _, tt := range tests {
		for _, zip := range []bool{false, true} {
			file, name := tt.file, tt.name
			if zip {
				file, name = gzipped(t, file), name+", gzip"
			}
			t.Run(name, func(t *testing.T) {
				got := read(t, iotest.OneByteReader(bytes.NewReader(file)))
				if got.err != nil || len(got.packets) != len(frames) {
					t.Fatalf("got %d packets, %v; want %d", len(got.packets), got.err, len(frames))
				}
				for i, p := range got.packets {
					if want := tt.at.Add(time.Duration(i) * time.Second); !p.At.Equal(want) {
						t.Errorf("packet %d was captured at %s, want %s", i+1, p.At, want)
					}
					if p.Number != i+1 || p.Link != LinkEthernet || p.Length != len(frames[i]) || !bytes.Equal(p.Data, frames[i]) {
						t.Errorf("got packet %+v, want number %d with %x", p, i+1, frames[i])
					}
				}
			})
		}
	}
}

// everything is a pcapng file with two sections, all kinds of blocks, and
// interfaces that count time differently.
func everything(t testing.TB, orders ...binary.ByteOrder) []byte {
	t.Helper()
	first := frame{payload: []byte("first")}
	var file []byte
	for i, order := range orders {
		b := &builder{ByteOrder: order}
		b.section()
		b.iface(LinkEthernet, 0)
		b.iface(LinkRaw, 0, b.option(optionResolution, []byte{9}), b.option(optionOffset, b.seconds(1_600_000_000)), b.option(optionEnd, nil))
		b.iface(LinkLinuxSLL2, 64, b.option(optionResolution, []byte{0x80 | 10}))
		b.block(0x0bad_cafe, []byte("nobody knows this one"))
		log := fmt.Sprintf("# section %d\n", i)
		b.block(blockSecrets, b.u32(tlsKeyLog, uint32(len(log))), []byte(log), make([]byte, padded(len(log))-len(log)), b.option(optionComment, []byte("client key log")))
		b.block(blockSecrets, b.u32(0x57474b4c, 4), []byte("WireGuard's"))
		b.enhanced(0, 1_700_000_000_123_456, first.ethernet(t))
		b.enhanced(1, 100_000_000_123_456_789, first.packet(t))
		b.enhanced(2, 1_700_000_000<<10|512, []byte("cooked"))
		b.block(blockPacket, b.u16(1, 7), b.u32(0, 5, 3, 9), []byte("old"))
		b.block(blockSimplePacket, b.u32(100), bytes.Repeat([]byte{7}, 80))
		custom := func(number uint32, value string) []byte {
			return b.option(optionCustom, append(b.u32(number), value...))
		}
		b.block(blockStatistics, b.u32(0, 0, 0), b.option(4, make([]byte, 8)), custom(enterpriseNumber, noteMagic+"no"), custom(enterpriseNumber, noteMagic+"te!"))
		b.block(blockStatistics, b.u32(0, 0, 0), custom(enterpriseNumber, "somebody else's example"), custom(9999, noteMagic))
		b.block(0x00000bad, b.u32(9999), []byte("a custom block"))
		b.block(0x40000bad, b.u32(enterpriseNumber), []byte(noteMagic), []byte("a custom block"))
		file = append(file, b.Bytes()...)
	}
	return file
}

func (b *builder) seconds(v int64) []byte {
	return b.AppendByteOrder().AppendUint64(nil, uint64(v))
}

func TestEveryBlockOfPcapng(t *testing.T) {
	got := read(t, bytes.NewReader(everything(t, binary.LittleEndian, binary.BigEndian)))
	if got.err != nil {
		t.Fatal(got.err)
	}
	want := []struct {
		at   time.Time
		link LinkType
		kept int
		full int
	}{
		{time.Unix(1_700_000_000, 123_456_000), LinkEthernet, 59, 59},
		{time.Unix(1_700_000_000, 123_456_789), LinkRaw, 45, 45},
		{time.Unix(1_700_000_000, 500_000_000), LinkLinuxSLL2, 6, 6},
		{time.Unix(1_600_000_000, 5), LinkRaw, 3, 9},
		{time.Time{}, LinkEthernet, 80, 100},
	}
	if len(got.packets) != 2*len(want) || len(got.secrets) != 2 || len(got.notes) != 2 {
		t.Fatalf("got %d packets, %d secrets, %d notes; want %d, 2, 2", len(got.packets), len(got.secrets), len(got.notes), 2*len(want))
	}
	for i, p := range got.packets {
		w := want[i%len(want)]
		if !p.At.Equal(w.at) || p.Link != w.link || len(p.Data) != w.kept || p.Length != w.full {
			t.Errorf("packet %d: at %s, link %d, %d of %d bytes; want %+v", i+1, p.At, p.Link, len(p.Data), p.Length, w)
		}
	}
	for i := range 2 {
		if s := got.secrets[i]; string(s.KeyLog) != fmt.Sprintf("# section %d\n", i) || s.Comment != "client key log" {
			t.Errorf("secrets %q with comment %q", s.KeyLog, s.Comment)
		}
		if n := got.notes[i]; string(n.Data) != "note!" {
			t.Errorf("note %q", n.Data)
		}
	}
}

// A file that is cut off anywhere gives all the packets before that place.
func TestATruncatedFileLosesNothingBeforeItsEnd(t *testing.T) {
	frames := [][]byte{frame{payload: []byte("first")}.ethernet(t), frame{udp: true}.ethernet(t)}
	files := map[string][]byte{
		"pcap": classic(t, false, frames...), "pcapng": modern(t, frames...),
		"everything": everything(t, binary.BigEndian, binary.LittleEndian),
	}
	for name, file := range files {
		whole := read(t, bytes.NewReader(file))
		for length := range file {
			reader, err := NewReader(bytes.NewReader(file[:length]))
			if err != nil {
				if length >= 24 {
					t.Errorf("%s, %d bytes: %v", name, length, err)
				}
				continue
			}
			packets := 0
			for err == nil {
				var b Block
				if b, err = reader.Next(); err != nil {
					break
				}
				if p, ok := b.(*Packet); ok {
					if !bytes.Equal(p.Data, whole.packets[packets].Data) {
						t.Errorf("%s, %d bytes: packet %d differs", name, length, packets+1)
					}
					packets++
				}
			}
			switch {
			case errors.Is(err, io.EOF): // a block ended there
			case !errors.Is(err, ErrTruncated):
				t.Errorf("%s, %d bytes: %v", name, length, err)
			case !strings.Contains(err.Error(), fmt.Sprintf("begins at byte %d, after packet %d,", reader.Offset(), packets)):
				t.Errorf("%s, %d bytes: %v; want byte %d and packet %d", name, length, err, reader.Offset(), packets)
			}
		}
		if n := len(whole.packets); n < 2 {
			t.Errorf("%s has %d packets", name, n)
		}
	}
}

func TestATruncatedGzipFileLosesNothingBeforeItsEnd(t *testing.T) {
	frames := slices.Repeat([][]byte{frame{payload: bytes.Repeat([]byte("x"), 900)}.ethernet(t)}, 100)
	file := gzipped(t, classic(t, false, frames...))
	got := read(t, bytes.NewReader(file[:len(file)-6])) // the checksum and the length are missing
	if len(got.packets) != len(frames) || !errors.Is(got.err, ErrTruncated) {
		t.Errorf("got %d packets, %v; want all %d, and a truncated file", len(got.packets), got.err, len(frames))
	}
	file[len(file)-5] ^= 1
	got = read(t, bytes.NewReader(file))
	if len(got.packets) != len(frames) || !errors.Is(got.err, ErrDamaged) {
		t.Errorf("got %d packets, %v; want all %d, and a damaged file", len(got.packets), got.err, len(frames))
	}
}

func TestDamagedFilesSayWhere(t *testing.T) {
	start := func() *builder {
		b := &builder{ByteOrder: binary.LittleEndian}
		return b.section().iface(LinkEthernet, 0).enhanced(0, 0, []byte("frame"))
	}
	before := start().Len()
	damage := func(change func(b *builder)) []byte {
		b := start()
		change(b)
		b.Write(make([]byte, 64))
		return b.Bytes()
	}
	pcap := classic(t, false, []byte("frame"), []byte("frame"))
	binary.LittleEndian.PutUint32(pcap[24+16+5+8:], 1<<30)
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"length below the least", damage(func(b *builder) { b.Write(b.u32(6, 8)) }), "a block of type 0x6 is said to have 8 bytes"},
		{"length not of whole words", damage(func(b *builder) { b.Write(b.u32(6, 33)) }), "is said to have 33 bytes"},
		{"length of gigabytes", damage(func(b *builder) { b.Write(b.u32(6, 0xfffffff0)) }), "is said to have 4294967280 bytes, more than the 16777216 that are read"},
		{"lengths that differ", damage(func(b *builder) { b.Write(b.u32(99, 16, 0, 20)) }), "16 bytes at its beginning and 20 at its end"},
		{"more data than the block", damage(func(b *builder) { b.block(6, b.u32(0, 0, 0, 9, 9), []byte("8 bytes.")) }), "9 bytes in a block that has room for 8"},
		{"no such interface", damage(func(b *builder) { b.enhanced(1, 0, nil) }), "a packet is of interface 1, and the section has 1"},
		{"a packet block too short", damage(func(b *builder) { b.block(6, b.u32(0)) }), "a packet block has 4 bytes"},
		{"an interface too short", damage(func(b *builder) { b.block(1, b.u32(0)) }), "an interface description has 4 bytes"},
		{"a unit of time too small", damage(func(b *builder) { b.iface(1, 0, b.option(optionResolution, []byte{20})) }), "units of 10^-20 s"},
		{"statistics too short", damage(func(b *builder) { b.block(5, b.u32(0)) }), "a block of statistics has 4 bytes"},
		{"secrets too long", damage(func(b *builder) { b.block(10, b.u32(tlsKeyLog, 5, 0)) }), "secrets are said to have 5 bytes"},
		{"an unknown version", damage(func(b *builder) {
			b.block(blockSection, b.u32(sectionMagic), b.u16(2, 0), b.u32(0, 0))
		}), "a section has version 2"},
		{"a byte order that is none", damage(func(b *builder) { b.Write(b.u32(blockSection, 28, 1)) }), "byte-order magic 01000000"},
		{"pcap", pcap, "a packet is said to have 1073741824 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := read(t, bytes.NewReader(tt.file))
			at := before
			if tt.name == "pcap" {
				at = 24 + 16 + 5
			}
			where := fmt.Sprintf("at byte %d, after packet 1, ", at)
			if len(got.packets) != 1 || !errors.Is(got.err, ErrDamaged) || !strings.Contains(got.err.Error(), where) || !strings.Contains(got.err.Error(), tt.want) {
				t.Errorf("got %d packets, %v;\nwant 1 and %q, %q", len(got.packets), got.err, where, tt.want)
			}
		})
	}
}

func TestADeclaredLengthTakesNoMemory(t *testing.T) {
	b := &builder{ByteOrder: binary.LittleEndian}
	b.section().iface(LinkEthernet, 0)
	b.Write(b.u32(6, maxBlock, 0, 0))
	reader, err := NewReader(&b.Buffer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Next(); !errors.Is(err, ErrTruncated) {
		t.Fatal(err)
	}
	if got := cap(reader.source.long); got > 2*step {
		t.Errorf("%d bytes were reserved for a block that is not there", got)
	}
}

func TestBlocksLongerThanTheBuffer(t *testing.T) {
	b := &builder{ByteOrder: binary.BigEndian}
	long := bytes.Repeat([]byte("0123456789"), step/5)
	b.section().iface(LinkEthernet, 0)
	b.block(blockSecrets, b.u32(tlsKeyLog, uint32(len(long))), long)
	b.enhanced(0, 0, long).enhanced(0, 0, []byte("short"))
	got := read(t, iotest.HalfReader(&b.Buffer))
	if got.err != nil || len(got.packets) != 2 || len(got.secrets) != 1 {
		t.Fatalf("got %d packets and %d secrets, %v", len(got.packets), len(got.secrets), got.err)
	}
	if !bytes.Equal(got.packets[0].Data, long) || string(got.packets[1].Data) != "short" || !bytes.Equal(got.secrets[0].KeyLog, long) {
		t.Error("a long block came out different")
	}
}

func TestAReadErrorIsNoEnd(t *testing.T) {
	file := modern(t, []byte("frame"), []byte("frame"))
	broken := errors.New("the disk is gone")
	reader, err := NewReader(io.MultiReader(bytes.NewReader(file[:len(file)-20]), iotest.ErrReader(broken)))
	if err != nil {
		if !errors.Is(err, broken) {
			t.Error(err)
		}
		return
	}
	for err == nil {
		_, err = reader.Next()
	}
	if !errors.Is(err, broken) || errors.Is(err, ErrTruncated) {
		t.Errorf("got %v, want %v", err, broken)
	}
}
