package diagnose

import "fmt"

// A renewal is a certificate of the side's own that is valid where the one that
// it presents has expired.
type renewal struct {
	valid *certificate
	// onDisk says that it is in the certificate file by now, and not yet in the
	// running program; else it stands behind the other in the program's list.
	onDisk bool
}

// renewal returns the renewal of an expired end entity, nil if there is none.
func (v *verification) renewal(leaf *certificate) *renewal {
	if v.of == "" || leaf != v.leaf() {
		return nil
	}
	fits := func(chain [][]byte) *certificate {
		if len(chain) == 0 {
			return nil
		}
		c := v.shelf.put(chain[0])
		if c == leaf || c.std == nil || !c.validAt(v.at()) {
			return nil
		}
		return c
	}
	if c := fits(v.settings.OnDisk); c != nil {
		return &renewal{c, true}
	}
	for i, credential := range v.settings.Credentials {
		if c := fits(credential.Chain); c != nil && i > 0 {
			return &renewal{c, false}
		}
	}
	return nil
}

// notReloaded is an expired certificate whose renewal is on disk.
func notReloaded(v *verification, certs []*certificate, i int) (string, bool) {
	if !hasExpired(v, certs, i) {
		return "", false
	}
	r := v.renewal(certs[0])
	if r == nil || !r.onDisk {
		return "", false
	}
	return fmt.Sprintf("%s; its serial number is %x, and %s holds one with %x by now, valid until %s",
		v.dates(certs[0]), certs[0].std.SerialNumber, v.ownFile(), r.valid.std.SerialNumber, instant(r.valid.std.NotAfter)), true
}

// picksOld is an expired certificate that stands before a valid one in the
// client's list: Go sends the first that the request allows.
func picksOld(v *verification, certs []*certificate, i int) (string, bool) {
	if !hasExpired(v, certs, i) {
		return "", false
	}
	r := v.renewal(certs[0])
	if r == nil || r.onDisk {
		return "", false
	}
	return fmt.Sprintf("%s; the %s has %s as well, valid until %s, and takes the first that fits the request",
		v.dates(certs[0]), v.of, r.valid.name(), instant(r.valid.std.NotAfter)), true
}

// hasExpired says that the end entity of the path has expired, whatever else is
// known of it. A certificate that ends before it begins has not expired: it was
// never valid.
func hasExpired(v *verification, certs []*certificate, i int) bool {
	return i == 0 && expiredAt(certs[i], v.at()) && !earlyAt(certs[i], v.at()) && v.blameFor(certs) != clock
}

func remedyReload(v *verification, _ *fault) string {
	return fmt.Sprintf("Restart the %s or have it reload %s, and let it do so by itself after each renewal.", v.of, v.ownFile())
}

func remedyPicksOld(v *verification, f *fault) string {
	return fmt.Sprintf("Take %s out of the %s's list of certificates, or put the valid one before it.", f.on.name(), v.of)
}
