package capture

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"testing"

	"shakedown/harness/pcapng"
	"shakedown/harness/quicwire"
	"shakedown/harness/transcript"
)

// FuzzReassembly feeds any segments, and wants every byte of a unit to have been
// in one of them, no more kept than was sent, and nothing left behind.
func FuzzReassembly(f *testing.F) {
	seed := func(segments ...[]byte) { f.Add(bytes.Join(segments, nil)) }
	seg := func(flags byte, seq uint16, data string) []byte {
		b := []byte{flags, byte(len(data))}
		return append(binary.BigEndian.AppendUint16(b, seq), data...)
	}
	seed(seg(2, 99, ""), seg(0, 100, clientHello), seg(1, 500, serverHello+data1), seg(4, 111, ""), seg(5, 600, ""))
	seed(seg(0, 100, data1[:9]), seg(0, 140, data2), seg(0, 109, data1[9:]), seg(8, 100, ""))
	seed(seg(0, 100, "EHLO\r\n"), seg(1, 500, "220 ok\r\n"), seg(0, 90, "xxxxxxxxxxxxxxxxxxxxxx"), seg(16, 107, clientHello))
	f.Fuzz(func(t *testing.T, in []byte) {
		w := newWire(Options{All: true})
		sent := 0
		for len(in) >= 4 {
			flags, n, seq := in[0], int(in[1]), binary.BigEndian.Uint16(in[2:])
			in = in[4:]
			n = min(n, len(in))
			s := pcapng.Segment{
				Protocol: pcapng.TCP, From: clientAddr, To: serverAddr, Payload: in[:n:n],
				Seq: uint32(seq), Ack: uint32(seq) * 3, ACK: flags&32 != 0,
				SYN: flags&2 != 0, FIN: flags&4 != 0, RST: flags&8 != 0, Missing: int(flags&16) * 3,
			}
			if flags&1 != 0 {
				s.From, s.To = s.To, s.From
			}
			in = in[n:]
			sent += n
			w.put(s)
		}
		w.finish()
		got := 0
		for _, r := range w.recordings {
			for i, u := range r.Transcript.Units {
				if u.Index != i || u.Kind == transcript.Data && len(u.Sent) == 0 || u.Missing < 0 {
					t.Errorf("unit %d is %+v", i, u)
				}
				got += len(u.Sent)
			}
			r.Timeline()
		}
		if got > sent {
			t.Errorf("%d bytes in units, %d were sent", got, sent)
		}
		if w.charge != 0 || w.err != nil {
			t.Errorf("%d bytes are still accounted for, %v", w.charge, w.err)
		}
	})
}

// closedFile is a file with the key log of a QUIC connection that is closed, one that
// is refused, and something that comes after both.
func closedFile(t testing.TB) []byte {
	t.Helper()
	p := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "A")
	q := newPeers(t, quicwire.Version1, tls.TLS_AES_128_GCM_SHA256, "B")
	var b bytes.Buffer
	var frames pcapng.Frames
	file := pcapng.NewWriter(&b, pcapng.About{})
	all := append(p.handshake(), client(p.client1RTT(closed)), client(q.clientInitial(q.firstID(), q.hello())), server(q.serverInitial(refused)))
	all = append(all, client(p.client1RTT(closed)).later(shortly), client(p.client1RTT(closed)).later(shortly))
	at := start
	err := file.Secrets(p.log(), "")
	for _, s := range all {
		segment := pcapng.Segment{Protocol: pcapng.UDP, From: clientAddr, To: serverAddr, Payload: s.payload}
		if s.server {
			segment.From, segment.To = segment.To, segment.From
		}
		frame, bad := frames.Frame(segment)
		at = at.Add(s.after)
		err = errors.Join(err, bad, file.Packet(at, frame))
	}
	if err = errors.Join(err, file.Flush()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// FuzzRead reads any file.
func FuzzRead(f *testing.F) {
	header := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	header = append(header, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0)
	packet := func(protocol byte, transport []byte) []byte {
		ip := append([]byte{0x45, 0, 0, byte(20 + len(transport)), 0, 0, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2}, transport...)
		ip[2] = byte((20 + len(transport)) >> 8)
		b := binary.LittleEndian.AppendUint32(make([]byte, 8), uint32(len(ip)))
		return append(binary.LittleEndian.AppendUint32(b, uint32(len(ip))), ip...)
	}
	tcp := append([]byte{0xc3, 0x50, 1, 0xbb, 0, 0, 0, 100, 0, 0, 0, 0, 0x50, 0x18, 0, 0, 0, 0, 0, 0}, clientHello...)
	udp := append([]byte{0xc3, 0x50, 1, 0xbb, 0x04, 0xb8, 0, 0}, initial("destination1", "client1")...)
	f.Add(append(header, packet(6, tcp)...))
	f.Add(append(header, packet(17, udp)...))
	f.Add(closedFile(f))
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, all := range []bool{false, true} {
			number := 0
			_, _ = Read(context.Background(), bytes.NewReader(in), Options{All: all}, func(r *Recording) error {
				number++
				if r.Number < 1 || len(r.Transcript.Units) > len(in) {
					t.Errorf("recording %d is %+v", number, r)
				}
				r.Timeline()
				return nil
			})
		}
	})
}
