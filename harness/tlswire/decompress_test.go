package tlswire

import (
	"bytes"
	"compress/zlib"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/crypto/cryptobyte"
)

// compress returns body as a CompressedCertificate.
func compress(t testing.TB, algorithm uint16, body []byte) *CompressedCertificate {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch algorithm {
	case CompressionZlib:
		z := zlib.NewWriter(&b)
		_, err = z.Write(body)
		err = errors.Join(err, z.Close())
	case CompressionBrotli:
		z := brotli.NewWriter(&b)
		_, err = z.Write(body)
		err = errors.Join(err, z.Close())
	case CompressionZstd:
		z, failed := zstd.NewWriter(&b)
		if failed != nil {
			t.Fatal(failed)
		}
		_, err = z.Write(body)
		err = errors.Join(err, z.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return &CompressedCertificate{Algorithm: algorithm, Length: uint32(len(body)), Data: b.Bytes()}
}

// certificateBody is that of RFC 8448's client.
func certificateBody(t testing.TB) []byte {
	t.Helper()
	messages, _ := readHandshake(t, "client-authentication.txt")
	for _, m := range messages {
		if m.from == "client" && m.name == "Certificate" {
			return m.raw[headerLen:]
		}
	}
	t.Fatal("the fixture has no client Certificate")
	return nil
}

func TestDecompress(t *testing.T) {
	body := certificateBody(t)
	for algorithm, name := range map[uint16]string{CompressionZlib: "zlib", CompressionBrotli: "brotli", CompressionZstd: "zstd"} {
		t.Run(name, func(t *testing.T) {
			whole := compress(t, algorithm, body)
			got, err := whole.Decompress()
			if err != nil || !bytes.Equal(got, body) {
				t.Fatalf("got %d bytes and %v, want %d", len(got), err, len(body))
			}
			for _, tt := range []struct {
				name string
				m    CompressedCertificate
				want string
			}{
				{"a length that is too small", CompressedCertificate{Length: whole.Length - 1, Data: whole.Data}, "more than uncompressed_length"},
				{"a length that is too large", CompressedCertificate{Length: whole.Length + 1, Data: whole.Data}, "uncompressed_length says"},
				{"a length of 0", CompressedCertificate{Data: whole.Data}, "more than uncompressed_length"},
				{"cut off", CompressedCertificate{Length: whole.Length, Data: whole.Data[:len(whole.Data)/2]}, ""},
				{"empty", CompressedCertificate{Length: whole.Length}, ""},
				{"no such data", CompressedCertificate{Length: whole.Length, Data: bytes.Repeat([]byte{0x5a}, 40)}, ""},
			} {
				tt.m.Algorithm = algorithm
				b, err := tt.m.Decompress()
				if err == nil || b != nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), name) {
					t.Errorf("%s: got %d bytes and %v, want an error with %q", tt.name, len(b), err, tt.want)
				}
			}
		})
	}
	if _, err := (&CompressedCertificate{Algorithm: 9, Data: body}).Decompress(); err == nil {
		t.Error("an unknown algorithm decompresses")
	}
}

// TestDecompressionIsBounded unpacks what grows a thousandfold: no more of it may
// be kept than the length says.
func TestDecompressionIsBounded(t *testing.T) {
	bomb := make([]byte, 1<<26)
	for _, algorithm := range []uint16{CompressionZlib, CompressionBrotli, CompressionZstd} {
		m := compress(t, algorithm, bomb)
		m.Length = 1000
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := m.Decompress(); err == nil {
			t.Fatal("a bomb decompresses")
		}
		runtime.ReadMemStats(&after)
		n := after.TotalAlloc - before.TotalAlloc
		// A window of the algorithm's own is all that it may take.
		if n > maxWindow*2 {
			t.Errorf("algorithm %d: decompressing 1000 bytes allocates %d", algorithm, n)
		}
	}
}

// TestCertificateBody reads a body without its header, at every length.
func TestCertificateBody(t *testing.T) {
	body := certificateBody(t)
	m, err := ParseCertificateBody(body)
	if err != nil || len(m.Entries) != 1 {
		t.Fatalf("got %v and %v, want one certificate", m, err)
	}
	for n := range len(body) + 1 {
		fields := CertificateBodyFields(body[:n], "message")
		checkCover(t, fields, body[:n])
		_, err := ParseCertificateBody(body[:n])
		if (err == nil) != (n == len(body)) || (err == nil) != (len(broken(fields)) == 0) {
			t.Fatalf("cut to %d of %d bytes: %v, %d broken", n, len(body), err, len(broken(fields)))
		}
	}
}

// FuzzDecompress decompresses arbitrary bytes: the result has the length that was
// promised, or there is an error.
func FuzzDecompress(f *testing.F) {
	body := certificateBody(f)
	for _, algorithm := range []uint16{CompressionZlib, CompressionBrotli, CompressionZstd} {
		m := compress(f, algorithm, body)
		f.Add(m.Algorithm, m.Length, m.Data)
	}
	f.Fuzz(func(t *testing.T, algorithm uint16, length uint32, data []byte) {
		m := &CompressedCertificate{Algorithm: algorithm % 4, Length: length & 0xffff, Data: data}
		b, err := m.Decompress()
		if err == nil && len(b) != int(m.Length) {
			t.Fatalf("%d bytes came out, %d were promised", len(b), m.Length)
		}
		checkCover(t, CertificateBodyFields(b, "message"), b)
	})
}

func compressedMessage(t testing.TB, algorithm uint16, body []byte) []byte {
	t.Helper()
	m := compress(t, algorithm, body)
	return build(TypeCompressedCertificate, func(b *cryptobyte.Builder) {
		b.AddUint16(m.Algorithm)
		b.AddUint24(m.Length)
		b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(m.Data) })
	})
}
