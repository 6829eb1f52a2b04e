package tlswire

// An Extension is one extension as it is on the wire (RFC 8446 4.2).
type Extension struct {
	Type uint16
	Data []byte
}

// Name returns the extension's name in IANA's registry.
func (e Extension) Name() string { return ExtensionName(e.Type) }

// FindExtension returns the content of the first extension of that type, and
// whether there is one.
func FindExtension(list []Extension, kind uint16) ([]byte, bool) {
	for _, e := range list {
		if e.Type == kind {
			return e.Data, true
		}
	}
	return nil, false
}

// extensible is a message, or a part of one, that has extensions. What
// readExtension leaves unread is a failure.
type extensible interface {
	readExtension(r *reader, kind uint16)
}

// extensions reads a list of extensions and lets into read the content of each.
// A malformed extension does not keep the next from being read.
func (r *reader) extensions(s *spec, into extensible) []Extension {
	v := r.open(2, s)
	defer r.close(v)
	list := make([]Extension, 0, r.countExtensions())
	for r.more() {
		list = r.appendExtension(list, into)
	}
	if r.tree != nil {
		r.tree.set(count(len(list), "extension"))
	}
	return list
}

// appendExtension reads one extension and appends it to list if its frame is whole.
func (r *reader) appendExtension(list []Extension, into extensible) []Extension {
	if r.tree != nil {
		return r.describeExtension(list, into)
	}
	return r.readExtension(list, into)
}

// readExtension reads one extension as appendExtension does.
func (r *reader) readExtension(list []Extension, into extensible) []Extension {
	r.group(&extensionSpec)
	defer r.endGroup()
	start := r.pos
	kind := r.uint16(&extensionTypeSpec)
	if r.bad {
		return list
	}
	r.extension, r.inExtension = kind, true
	defer func() { r.inExtension = false }()
	if r.tree != nil {
		r.tree.describe(ExtensionName(kind), extensionMeaning(kind, r.message), extensionSection(kind))
	}
	v := r.open(2, &extensionDataSpec)
	defer r.close(v)
	if r.bad {
		return list
	}
	// RFC 8446 4.2: "There MUST NOT be more than one extension of the same
	// type in a given extension block."
	if repeated(list, kind) {
		r.complain(&extensionTypeSpec, start, "the extension is there twice")
	}
	list = append(list, Extension{Type: kind, Data: r.raw[r.pos:r.end:r.end]})
	into.readExtension(r, kind)
	return list
}

// countExtensions looks ahead for how many extensions there are.
func (r *reader) countExtensions() int {
	n, b := 0, r.left()
	for len(b) >= 4 {
		n++
		b = b[min(len(b), 4+int(value(b[2:4]))):]
	}
	return n
}

// repeated says whether list holds an extension of that type already. Long lists
// are somebody's attack: only their first hundred are compared.
func repeated(list []Extension, kind uint16) bool {
	_, ok := FindExtension(list[:min(len(list), 100)], kind)
	return ok
}

var (
	extensionsSpec = spec{
		label: "extensions", section: "RFC 8446 4.2", bare: true, piecemeal: true,
		meaning: "Everything that was added to TLS since 1.0; a server may only answer extensions that the client has sent.",
	}
	extensionSpec     = spec{label: "extension", section: "RFC 8446 4.2"}
	extensionTypeSpec = spec{label: "extension_type", section: "RFC 8446 4.2", value: name16(ExtensionName), coded: true, quiet: true}
	extensionDataSpec = spec{label: "extension_data"}
	contentSpec       = spec{label: "data"}
	greaseSpec        = spec{label: "GREASE", section: "RFC 8701 3"}
	paddingSpec       = spec{label: "padding", section: "RFC 7685 3", value: size}
)
