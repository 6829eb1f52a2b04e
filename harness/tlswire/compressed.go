package tlswire

// A CompressedCertificate is a Certificate message, compressed (RFC 8879 4).
type CompressedCertificate struct {
	Algorithm uint16
	// Length is the size of the Certificate message's body when decompressed.
	Length uint32
	Data   []byte
}

// Type returns TypeCompressedCertificate.
func (*CompressedCertificate) Type() HandshakeType { return TypeCompressedCertificate }

// Name returns "CompressedCertificate".
func (*CompressedCertificate) Name() string { return "CompressedCertificate" }

func (m *CompressedCertificate) read(r *reader) {
	m.Algorithm = r.uint16(&certificateCompressionSpec)
	if b, ok := r.take(3, &uncompressedLengthSpec); ok {
		m.Length = uint32(value(b))
	}
	m.Data = r.opaque(3, &compressedDataSpec, &compressedContentSpec)
}

// certificateCompressionName names an algorithm of RFC 8879 7.3.
func certificateCompressionName(a uint16) string {
	switch a {
	case CompressionZlib:
		return "zlib"
	case CompressionBrotli:
		return "brotli"
	case CompressionZstd:
		return "zstd"
	}
	return code16(a)
}

var (
	certificateCompressionsSpec = spec{
		label: "algorithms", section: "RFC 8879 3", least: 2,
		meaning: "The peer may send a CompressedCertificate in place of Certificate.",
	}
	certificateCompressionSpec = spec{
		label: "algorithm", section: "RFC 8879 3", value: name16(certificateCompressionName), coded: true,
	}
	uncompressedLengthSpec = spec{
		label: "uncompressed_length", section: "RFC 8879 4", value: number,
		meaning: "How long the Certificate message is when it is decompressed, to the byte: a peer refuses any other length with bad_certificate.",
	}
	compressedDataSpec = spec{
		label: "compressed_certificate_message", section: "RFC 8879 4", least: 1,
		meaning: "The body of the Certificate message, compressed.",
	}
	compressedContentSpec = spec{label: LabelCompressed, section: "RFC 8879 4", value: size}
)
