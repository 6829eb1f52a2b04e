package x509wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"shakedown/harness/field"
)

// TimestampFields returns the field tree of one SignedCertificateTimestamp (RFC
// 6962 3.2), in the manner of [Fields]. It is no DER: certificates, TLS and OCSP
// carry it in the form of TLS.
func TimestampFields(raw []byte, base int, buffer string) []field.Field {
	return build(raw, base, buffer, func(t *tree) { t.timestamp("RFC 6962 3.2", 0, len(raw)) })
}

// timestamps adds the SignedCertificateTimestampList of a certificate, which is
// in an OCTET STRING inside the extension (RFC 6962 3.3).
func (t *tree) timestamps(section string, at, end int, say func(string) string) {
	t.parts(section, at, end, func(_ int, e element) field.Field {
		if e.tag != tagOctetString {
			return t.any(e)
		}
		return t.wrap(kind{label: "SignedCertificateTimestampList", section: section}, e, "", func(at, end int) {
			t.timestampList(section, at, end, say)
		})
	})
}

var errVector = errors.New("a length exceeds what is left")

func (t *tree) timestampList(section string, at, end int, say func(string) string) {
	if end-at < 2 {
		if at < end {
			t.Add(t.unparsed(at, end, section, errVector))
		}
		return
	}
	t.Add(t.field(kind{label: "length", section: section}, at, at+2, strconv.Itoa(int(binary.BigEndian.Uint16(t.der[at:])))))
	n := 0
	for at += 2; at < end; n++ {
		if t.count >= maxFields {
			t.Add(t.field(kind{labelMore, section, "There are more fields than are shown."}, at, end, field.Count(end-at, "byte")))
			break
		}
		if end-at < 2 || int(binary.BigEndian.Uint16(t.der[at:])) > end-at-2 {
			t.Add(t.unparsed(at, end, section, errVector))
			break
		}
		next := at + 2 + int(binary.BigEndian.Uint16(t.der[at:]))
		f := t.field(kind{label: "SerializedSCT", section: section}, at, next, "")
		mark := t.Mark()
		t.Add(t.field(kind{label: "length", section: section}, at, at+2, strconv.Itoa(next-at-2)))
		f.Value = t.timestamp("RFC 6962 3.2", at+2, next)
		f.Fields = t.Take(mark)
		t.Add(f)
		at = next
	}
	say(field.Count(n, "timestamp"))
}

// timestamp adds one SignedCertificateTimestamp and sums it up.
//
//	struct {
//	    Version sct_version;
//	    LogID id;
//	    uint64 timestamp;
//	    CtExtensions extensions;
//	    digitally-signed struct { … };
//	} SignedCertificateTimestamp;
//
// https://www.rfc-editor.org/rfc/rfc6962#section-3.2
func (t *tree) timestamp(section string, at, end int) (value string) {
	if at >= end {
		return "empty"
	}
	f := t.field(kind{"SignedCertificateTimestamp", section, "A log's promise that it publishes the certificate within a day, so that one that should not exist is found."}, at, end, "")
	mark := t.Mark()
	f.Value = t.timestampParts(section, at, end)
	f.Fields = t.Take(mark)
	t.Add(f)
	return f.Value
}

func (t *tree) timestampParts(section string, at, end int) (value string) {
	take := func(k kind, n int, write func(b []byte) string) bool {
		if n > end-at {
			if at < end {
				t.Add(t.unparsed(at, end, section, fmt.Errorf("%s needs %d bytes, %d are left", k.label, n, end-at)))
			}
			at = end
			return false
		}
		b := t.der[at : at+n]
		t.Add(t.field(k, at, at+n, write(b)))
		at += n
		return true
	}
	length := func(k kind) (n int, ok bool) {
		ok = take(kind{label: k.label + " length", section: section}, 2, func(b []byte) string {
			n = int(binary.BigEndian.Uint16(b))
			return strconv.Itoa(n)
		})
		return n, ok
	}
	var when string
	version := byte(0)
	ok := take(kind{label: "sct_version", section: section}, 1, func(b []byte) string {
		version = b[0]
		return "v" + strconv.Itoa(int(b[0])+1)
	})
	if ok && version != 0 {
		t.plain(kind{"data", section, "A version that shakedown does not know."}, at, end, octets(t.der[at:end]))
		return "of a version that is not known"
	}
	ok = ok && take(kind{"id", section, "Which log: the hash of its public key."}, 32, octets)
	ok = ok && take(kind{"timestamp", section, "When the log took the certificate."}, 8, func(b []byte) string {
		when = timestampText(binary.BigEndian.Uint64(b))
		return when
	})
	extensions := kind{label: "extensions", section: section}
	if n, is := 0, false; ok {
		if n, is = length(extensions); is && n > 0 {
			is = take(extensions, n, octets)
		}
		ok = is
	}
	ok = ok && take(kind{label: "hash", section: "RFC 5246 7.4.1.4.1"}, 1, func(b []byte) string { return tlsHash(b[0]) })
	ok = ok && take(kind{label: "signature algorithm", section: "RFC 5246 7.4.1.4.1"}, 1, func(b []byte) string { return tlsSigner(b[0]) })
	signature := kind{"signature", section, "The log's, over the certificate and the time."}
	if ok {
		if n, is := length(signature); is && n > 0 {
			take(signature, n, octets)
		}
	}
	if at < end {
		t.Add(t.unparsed(at, end, section, fmt.Errorf("%s left over", field.Count(end-at, "byte"))))
	}
	if when == "" {
		return "unreadable"
	}
	return when
}

// timestampText writes milliseconds since 1970.
func timestampText(ms uint64) string {
	if ms > 1<<53 {
		return strconv.FormatUint(ms, 10) + " ms"
	}
	return time.UnixMilli(int64(ms)).UTC().Format("2006-01-02 15:04:05.000 UTC")
}

// tlsHash and tlsSigner name the numbers of TLS 1.2's SignatureAndHashAlgorithm.
func tlsHash(n byte) string {
	switch n {
	case 4:
		return "sha256 (4)"
	case 5:
		return "sha384 (5)"
	case 6:
		return "sha512 (6)"
	}
	return strconv.Itoa(int(n))
}

func tlsSigner(n byte) string {
	switch n {
	case 1:
		return "rsa (1)"
	case 3:
		return "ecdsa (3)"
	}
	return strconv.Itoa(int(n))
}
