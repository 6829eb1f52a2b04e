package pcapng

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shakedown/harness/peertest"

	"github.com/google/gopacket/pcapgo"
)

var errFull = errors.New("no space left on device")

// A full writer takes so many bytes and no more.
type full int

func (f *full) Write(p []byte) (int, error) {
	if int(*f) < len(p) {
		return 0, errFull
	}
	*f -= full(len(p))
	return len(p), nil
}

var testAbout = About{Application: "shakedown", Comment: "three frames", Interface: "what crossed the wire"}

// segments are of every kind that is written.
func segments(t testing.TB) []Segment {
	t.Helper()
	var all []Segment
	for _, pair := range [][2]string{{"192.0.2.1:50000", "198.51.100.1:4433"}, {"[2001:db8::1]:50000", "[2001:db8::2]:4433"}} {
		from, to := netip.MustParseAddrPort(pair[0]), netip.MustParseAddrPort(pair[1])
		all = append(all,
			Segment{Protocol: TCP, From: from, To: to, Seq: 1, SYN: true},
			Segment{Protocol: TCP, From: to, To: from, Seq: 5, Ack: 2, SYN: true, ACK: true},
			Segment{Protocol: TCP, From: from, To: to, Seq: 0xffffffff, Ack: 6, ACK: true, PSH: true, Payload: []byte("ClientHello")},
			Segment{Protocol: TCP, From: from, To: to, Seq: 9, Ack: 6, FIN: true, ACK: true},
			Segment{Protocol: TCP, From: from, To: to, Seq: 9, RST: true, ACK: true},
			Segment{Protocol: UDP, From: to, To: from, Payload: []byte("Initial")},
			Segment{Protocol: UDP, From: to, To: from, Payload: bytes.Repeat([]byte{1}, 1452)},
		)
	}
	return all
}

// written returns a file with every kind of block.
func written(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	var frames Frames
	w := NewWriter(&b, testAbout)
	_ = w.Secrets([]byte("# client\n"), "client key log")
	_ = w.Note(moment, []byte(`{"version":1}`))
	for i, s := range segments(t) {
		frame, err := frames.Frame(s)
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Packet(moment.Add(time.Duration(i)), frame, "ClientHello", "client")
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatIsWrittenReadsTheSame(t *testing.T) {
	got := read(t, bytes.NewReader(written(t)))
	if got.err != nil || len(got.secrets) != 1 || len(got.notes) != 1 {
		t.Fatalf("got %d secrets and %d notes, %v", len(got.secrets), len(got.notes), got.err)
	}
	if s := got.secrets[0]; string(s.KeyLog) != "# client\n" || s.Comment != "client key log" {
		t.Errorf("got secrets %q with comment %q", s.KeyLog, s.Comment)
	}
	if n := got.notes[0]; string(n.Data) != `{"version":1}` {
		t.Errorf("got note %q", n.Data)
	}
	want := segments(t)
	if len(got.packets) != len(want) {
		t.Fatalf("got %d packets, want %d", len(got.packets), len(want))
	}
	for i, p := range got.packets {
		if at := moment.Add(time.Duration(i)); !p.At.Equal(at) {
			t.Errorf("packet %d is of %s, want %s", i+1, p.At, at)
		}
		s, err := p.Segment()
		if err != nil {
			t.Fatal(err)
		}
		same(t, "packet", s, want[i])
		compareWithGopacket(t, p, s, nil)
	}
}

// sum is the checksum of RFC 1071 over data and what goes before it.
func sum(data []byte, start uint32) uint16 {
	if len(data)%2 == 1 {
		data = append(bytes.Clone(data), 0)
	}
	for i := 0; i < len(data); i += 2 {
		start += uint32(binary.BigEndian.Uint16(data[i:]))
	}
	for start > 0xffff {
		start = start>>16 + start&0xffff
	}
	return uint16(start)
}

func TestChecksumsHold(t *testing.T) {
	var frames Frames
	all := segments(t)
	// Over all values of two bytes, the checksum takes every value, and so the
	// one that is written as another.
	from, to := netip.MustParseAddrPort("192.0.2.1:50000"), netip.MustParseAddrPort("198.51.100.1:4433")
	for v := range 1 << 16 {
		all = append(all, Segment{Protocol: UDP, From: from, To: to, Payload: []byte{byte(v >> 8), byte(v)}})
	}
	for _, s := range all {
		frame, err := frames.Frame(s)
		if err != nil {
			t.Fatal(err)
		}
		ip := frame[14:]
		header, total, addresses := 20, int(binary.BigEndian.Uint16(ip[2:])), ip[12:20]
		if s.From.Addr().Is4() {
			if got := sum(ip[:header], 0); got != 0xffff {
				t.Fatalf("the header of %+v sums up to %#x", s, got)
			}
		} else {
			header, total, addresses = 40, 40+int(binary.BigEndian.Uint16(ip[4:])), ip[8:40]
		}
		segment := ip[header:total]
		if got := sum(segment, uint32(sum(addresses, uint32(s.Protocol)+uint32(len(segment))))); got != 0xffff {
			t.Fatalf("%+v sums up to %#x", s, got)
		}
		if s.Protocol == UDP && segment[6] == 0 && segment[7] == 0 {
			t.Fatalf("%+v has a checksum of zero, which says that there is none", s)
		}
	}
}

func TestAPayloadThatIsTooLong(t *testing.T) {
	s := segments(t)[5]
	s.Payload = make([]byte, 65508)
	if _, err := new(Frames).Frame(s); !errors.Is(err, ErrPayload) {
		t.Errorf("got %v, want %v", err, ErrPayload)
	}
}

func TestTheFirstErrorStays(t *testing.T) {
	for limit := range len(written(t)) {
		space := full(limit)
		w := NewWriter(&space, testAbout)
		for range 3 {
			_ = w.Packet(moment, bytes.Repeat([]byte("x"), 30<<10))
		}
		if err := w.Flush(); !errors.Is(err, errFull) {
			t.Fatalf("with room for %d bytes: %v", limit, err)
		}
		if err := w.Note(moment, nil); !errors.Is(err, errFull) {
			t.Fatalf("after that: %v", err)
		}
	}
	var long *BlockError
	if err := NewWriter(&bytes.Buffer{}, testAbout).Note(moment, make([]byte, maxBlock)); !errors.As(err, &long) {
		t.Errorf("got %v, want a BlockError", err)
	}
}

func TestANoteOfAnyLength(t *testing.T) {
	for _, length := range []int{0, 1, maxOption - 14, maxOption - 13, 3 * maxOption} {
		note := bytes.Repeat([]byte("0123456789"), length/10+1)[:length]
		var b bytes.Buffer
		w := NewWriter(&b, testAbout)
		_ = w.Note(time.Time{}, note)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := read(t, &b); len(got.notes) != 1 || !bytes.Equal(got.notes[0].Data, note) {
			t.Errorf("a note of %d bytes comes back as %d notes, %v", length, len(got.notes), got.err)
		}
	}
}

func TestALongCommentIsCutBetweenCharacters(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b, testAbout)
	_ = w.Secrets(nil, "x"+strings.Repeat("ä", 40_000))
	_ = w.Flush()
	got := read(t, &b)
	if len(got.secrets) != 1 || got.secrets[0].Comment != "x"+strings.Repeat("ä", 32767) {
		t.Errorf("got %d secrets, %v", len(got.secrets), got.err)
	}
}

// gopacket reads the packets, and skips what it does not know.
func TestGopacketReadsWhatIsWritten(t *testing.T) {
	r, err := pcapgo.NewNgReader(bytes.NewReader(written(t)), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	for i := range segments(t) {
		_, info, err := r.ReadPacketData()
		if err != nil {
			t.Fatal(err)
		}
		if want := moment.Add(time.Duration(i)); !info.Timestamp.Equal(want) {
			t.Errorf("packet %d is of %s, want %s", i+1, info.Timestamp, want)
		}
	}
}

// Wireshark's own tools read the packets with their comments, find no fault with
// them, and skip our note without a word.
func TestWiresharkReadsWhatIsWritten(t *testing.T) {
	capinfos, tshark, editcap := peertest.Program(t, "capinfos"), peertest.Program(t, "tshark"), peertest.Program(t, "editcap")
	name := filepath.Join(t.TempDir(), "written.pcapng")
	if err := os.WriteFile(name, written(t), 0o600); err != nil {
		t.Fatal(err)
	}
	info := run(t, capinfos, "-M", name)
	for _, want := range []string{"Capture application: shakedown", "Capture comment:     three frames", "Number of packets:   14", "Time precision = nanoseconds (9)", "Description = what crossed the wire"} {
		if !strings.Contains(info, want) {
			t.Errorf("capinfos does not say %q:\n%s", want, info)
		}
	}
	if got := run(t, tshark, append(checked, "-r", name, "-T", "fields", "-e", "frame.comment")...); got != strings.Repeat("ClientHello,client\n", 14) {
		t.Errorf("tshark shows these comments:\n%s", got)
	}
	if got := run(t, tshark, append(checked, "-r", name, "-Y", bad)...); got != "" {
		t.Errorf("tshark finds fault with these frames:\n%s", got)
	}
	// A tool that rewrites the file copies the secrets, and not our note.
	copied := filepath.Join(t.TempDir(), "copied.pcapng")
	run(t, editcap, name, copied)
	data, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, bytes.NewReader(data)); got.err != nil || len(got.packets) != 14 || len(got.secrets) != 1 || len(got.notes) != 0 {
		t.Errorf("editcap copies %d packets, %d secrets and %d notes, %v; want 14, 1, 0", len(got.packets), len(got.secrets), len(got.notes), got.err)
	}
}

// checked are the arguments that make tshark check every checksum, and bad is
// the filter for what it finds wrong.
var checked = []string{"-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"}

const bad = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0"
