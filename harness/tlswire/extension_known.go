package tlswire

import "shakedown/harness/field"

// knownExtensions has the fields of extensions: a client sends most of its
// extensions with the same content at the same place, over and over.
var knownExtensions field.Memo[extensionPlace]

// An extensionPlace is what the fields of an extension depend on besides its bytes.
type extensionPlace struct {
	message HandshakeType
	version uint16
	buffer  string
	start   int
}

// describeExtension is [reader.readExtension] where a tree is wanted.
func (r *reader) describeExtension(list []Extension, into extensible) []Extension {
	raw := r.repeatable(list)
	if raw == nil {
		return r.readExtension(list, into)
	}
	at := extensionPlace{r.message.Type(), r.version, r.tree.buffer, r.pos}
	if f := knownExtensions.Find(at, raw); f != nil {
		kind := uint16(value(raw[:2]))
		r.pos += len(raw)
		r.tree.count += 1 + field.Number(f.Fields)
		r.tree.Add(*f)
		return append(list, Extension{Type: kind, Data: raw[4:]})
	}
	mark := r.tree.Mark()
	list = r.readExtension(list, into)
	if f := r.tree.Last(mark); f != nil && r.err == nil {
		knownExtensions.Remember(at, raw, *f)
	}
	return list
}

// repeatable returns the bytes of the next extension where it is whole and one
// whose content is the same in many handshakes, and nil otherwise.
func (r *reader) repeatable(list []Extension) []byte {
	b := r.left()
	if len(b) < 4 || r.tree.count > maxFields/2 {
		return nil
	}
	kind, size := uint16(value(b[:2])), 4+int(value(b[2:4]))
	if size > len(b) || repeated(list, kind) {
		return nil
	}
	switch r.message.(type) {
	case *ClientHello, *EncryptedExtensions, *CertificateRequest:
	default:
		return nil
	}
	switch kind {
	case ExtServerName, ExtALPN, ExtSupportedVersions, ExtSupportedGroups, ExtECPointFormats, ExtSignatureAlgorithms,
		ExtSignatureAlgorithmsCert, ExtPSKKeyExchangeModes, ExtExtendedMasterSecret, ExtCompressCertificate:
		return b[:size:size]
	}
	return nil
}
