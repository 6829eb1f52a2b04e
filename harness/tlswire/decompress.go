package tlswire

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"shakedown/harness/field"
)

// The algorithms that certificates are compressed with (RFC 8879 7.3).
const (
	CompressionZlib   uint16 = 1
	CompressionBrotli uint16 = 2
	CompressionZstd   uint16 = 3
)

// maxWindow bounds the memory of a decompressor: no certificate message is longer
// than its 24-bit length says.
const maxWindow = 1 << 24

// Decompress returns the body of the Certificate message that m holds. It reads
// no more than uncompressed_length, which is below 16 MiB.
//
// "After decompression, the specified length MUST match the actual length. If
// they do not match, the connection MUST be aborted with the "bad_certificate"
// alert. The presence of this field allows the receiver to preallocate the
// buffer for the uncompressed Certificate message and enforce limits on the
// message size before performing decompression." (RFC 8879 4)
func (m *CompressedCertificate) Decompress() ([]byte, error) {
	body, err := m.decompress()
	if err != nil {
		return nil, fmt.Errorf("decompress CompressedCertificate (%s): %w", certificateCompressionName(m.Algorithm), err)
	}
	return body, nil
}

func (m *CompressedCertificate) decompress() ([]byte, error) {
	compressed := bytes.NewReader(m.Data)
	var from io.Reader
	switch m.Algorithm {
	case CompressionZlib:
		z, err := zlib.NewReader(compressed)
		if err != nil {
			return nil, err
		}
		defer func() { _ = z.Close() }()
		from = z
	case CompressionBrotli:
		from = brotli.NewReader(compressed)
	case CompressionZstd:
		z, err := zstd.NewReader(compressed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxWindow))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		from = z
	default:
		return nil, errors.New("the algorithm is not known")
	}
	// What the length promises is not allocated before it is there.
	var body bytes.Buffer
	n, err := io.Copy(&body, io.LimitReader(from, int64(m.Length)+1))
	switch {
	case err != nil:
		return nil, err
	case n > int64(m.Length):
		return nil, fmt.Errorf("there is more than uncompressed_length says (%s); the peer answers bad_certificate", field.Count(int(m.Length), "byte"))
	case n < int64(m.Length):
		return nil, fmt.Errorf("%s came out, uncompressed_length says %d; the peer answers bad_certificate", field.Count(int(n), "byte"), m.Length)
	}
	return body.Bytes(), nil
}

// ParseCertificateBody reads the body of a Certificate message of TLS 1.3, which
// a [CompressedCertificate] holds. Errors are as those of [ParseHandshake], with
// offsets in the body.
func ParseCertificateBody(body []byte) (*Certificate, error) {
	m, err := parseCertificateBody(body, nil)
	if err != nil {
		return m, err
	}
	return m, nil
}

// CertificateBodyFields returns the field tree of the body of a Certificate
// message of TLS 1.3, in the manner of [MessageFields].
func CertificateBodyFields(body []byte, buffer string) []field.Field {
	t := newTree(buffer, VersionTLS13)
	_, _ = parseCertificateBody(body, t)
	return t.done()
}

func parseCertificateBody(body []byte, t *tree) (*Certificate, *SyntaxError) {
	m := &Certificate{}
	r := &reader{raw: body, end: len(body), message: m, version: VersionTLS13, tree: t}
	r.group(&messageSpec)
	m.read(r)
	if !r.bad && r.pos < r.end {
		r.fail(&messageSpec, r.pos, "%d bytes are left over", r.end-r.pos)
	}
	r.giveUp()
	if t != nil {
		section, meaning := aboutMessage(m, VersionTLS13)
		t.describe(m.Name(), meaning, section)
	}
	r.endGroup()
	return m, r.err
}
