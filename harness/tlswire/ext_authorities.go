package tlswire

// authorities reads a list of DER Names as s (RFC 8446 4.2.4, RFC 5246 7.4.4).
func (r *reader) authorities(s *spec) [][]byte {
	v := r.open(2, s)
	defer r.close(v)
	list := make([][]byte, 0, 2)
	for r.more() {
		b := r.opaque(2, &distinguishedNameSpec, &nameSpec)
		if !r.bad {
			list = append(list, b)
		}
	}
	return list
}

// oidFilters reads what a server demands of certificate extensions (RFC 8446 4.2.5).
func (r *reader) oidFilters() {
	v := r.open(2, &filtersSpec)
	for r.more() {
		r.group(&filterSpec)
		r.opaque(1, &filterOIDSpec, &filterOIDContentSpec)
		r.opaque(2, &filterValuesSpec, &filterValuesContentSpec)
		r.endGroup()
	}
	r.close(v)
}

var (
	authoritiesSpec = spec{
		label: "authorities", section: "RFC 8446 4.2.4", least: 3,
		meaning: "The CAs whose certificates the sender accepts, as a hint: a client that has none from them usually sends no certificate at all.",
	}
	distinguishedNameSpec = spec{label: "DistinguishedName", section: "RFC 8446 4.2.4", section12: "RFC 5246 7.4.4", least: 1}
	nameSpec              = spec{
		label: LabelName, section: "RFC 5280 4.1.2.4", value: distinguishedName,
		meaning: "The subject of one CA, compared byte by byte with the issuer of the other side's certificates.",
	}

	filtersSpec          = spec{label: "filters", section: "RFC 8446 4.2.5"}
	filterSpec           = spec{label: LabelFilter, section: "RFC 8446 4.2.5"}
	filterOIDContentSpec = spec{
		label: LabelFilterOID, section: "RFC 8446 4.2.5",
		meaning: "The certificate extension that the filter is about, as a DER OBJECT IDENTIFIER.",
	}
	filterValuesContentSpec = spec{
		label: LabelFilterValues, section: "RFC 8446 4.2.5",
		meaning: "What the client's certificate must have in that extension; clients that do not know the extension ignore the filter.",
	}
	filterOIDSpec    = spec{label: "certificate_extension_oid", section: "RFC 8446 4.2.5", least: 1}
	filterValuesSpec = spec{label: "certificate_extension_values", section: "RFC 8446 4.2.5"}
)
