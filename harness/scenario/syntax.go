package scenario

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"shakedown/harness/field"
)

// These functions judge a text of a scenario file beyond its kind. Each error
// quotes the text.

// Patterns that say the same to an editor.
const (
	spanPattern       = `([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?`
	advancePattern    = `^\+?` + spanPattern + `$`
	policyPattern     = `^(any|[0-2](\.[0-9]+)+)$`
	whenPattern       = `^([+-]?` + spanPattern + `|[0-9]{4}-[0-9]{2}-[0-9]{2}T.*)$`
	entityNamePattern = `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`
)

var (
	entityNames   = pattern(entityNamePattern)
	objectID      = pattern(`^[0-2](\.[0-9]{1,9}){1,20}$`)
	serialNumbers = pattern(`^-?[0-9]{1,60}$`)
)

// pattern returns a regular expression that is compiled when it is first asked for:
// with their counts they take longer than the rest of the program's start.
func pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

func someText(s string) error {
	if strings.TrimSpace(s) == "" {
		return errors.New("this text is empty")
	}
	return nil
}

func entityName(s string) error {
	switch {
	case s == "":
		return errors.New("an entity's name is empty")
	case !entityNames().MatchString(s):
		return fmt.Errorf("%q is no name for an entity: use letters, digits, dots, dashes and underscores", s)
	}
	return nil
}

func whenText(s string) error {
	_, err := parseWhen(s)
	return err
}

func advanceText(s string) error {
	_, err := parseAdvance(s)
	return err
}

func usageWord(s string) error {
	if s == "server" || s == "client" || s == "any" || objectID().MatchString(s) {
		return nil
	}
	return fmt.Errorf("unknown usage %q; there are server, client, any, or an OID such as 1.3.6.1.5.5.7.3.1", s)
}

func policyWord(s string) error {
	if s == "any" || objectID().MatchString(s) {
		return nil
	}
	return fmt.Errorf("unknown policy %q; write any, or an OID such as 2.16.840.1.101.3.2.1.48.1", s)
}

// asciiText judges names that a certificate holds as IA5String.
func asciiText(s string) error {
	if s == "" {
		return errors.New("this name is empty")
	}
	for _, c := range s {
		if c > unicode.MaxASCII {
			return fmt.Errorf("%q is not ASCII, which a certificate's DNS names have to be", s)
		}
	}
	return nil
}

// mailAddress judges an rfc822Name, which is a bare mailbox (RFC 5280 4.2.1.6).
func mailAddress(s string) error {
	local, host, ok := strings.Cut(s, "@")
	if !ok || local == "" || host == "" || asciiText(s) != nil {
		return fmt.Errorf("%q is no mail address", s)
	}
	return nil
}

func ipAddress(s string) error {
	if a, err := netip.ParseAddr(s); err != nil || a.Zone() != "" {
		return fmt.Errorf("%q is no IP address", s)
	}
	return nil
}

func ipPrefix(s string) error {
	if _, err := netip.ParsePrefix(s); err != nil {
		return fmt.Errorf("%q is no address range such as 10.0.0.0/8", s)
	}
	return nil
}

func uriText(s string) error {
	if u, err := url.Parse(s); err != nil || u.Scheme == "" || asciiText(s) != nil {
		return fmt.Errorf("%q is no URI with a scheme", s)
	}
	return nil
}

func pathLength(s string) error {
	if n, err := strconv.ParseUint(s, 10, 8); err != nil || n > 100 {
		return fmt.Errorf("path_len %s is not between 0 and 100", s)
	}
	return nil
}

func serialNumber(s string) error {
	if !serialNumbers().MatchString(s) {
		return fmt.Errorf("%q is no serial number: write it in decimal, with at most 60 digits", s)
	}
	return nil
}

func seedNumber(s string) error {
	if _, err := strconv.ParseUint(s, 10, 64); err != nil {
		return fmt.Errorf("%q is no seed: write a whole number below 2^64", s)
	}
	return nil
}

func filePath(s string) error {
	switch {
	case s == "":
		return errors.New("the file's name is empty")
	case strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Errorf("the file name %q holds a control character", s)
	}
	return nil
}

func serverName(s string) error {
	switch {
	case strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Errorf("the server name %q holds a control character", s)
	case len(s) > 255:
		return fmt.Errorf("the server name is %s bytes long; a name has at most 255", field.Thousands(len(s)))
	}
	return nil
}

// RFC 7301 3.1: "Protocols are named by IANA-registered, opaque, non-empty byte
// strings", and their length has one byte.
func protocolName(s string) error {
	if s == "" || len(s) > 255 {
		return fmt.Errorf("an application protocol's name has 1 to 255 bytes, not %d", len(s))
	}
	return nil
}

// closeCode judges an application's error code (RFC 9000 20.2), which is a
// variable-length integer of at most 62 bits.
func closeCode(s string) error {
	if _, err := strconv.ParseUint(s, 10, 62); err != nil {
		return fmt.Errorf("code %s is not between 0 and 2^62-1", s)
	}
	return nil
}

func closeReason(s string) error {
	if len(s) > 200 {
		return fmt.Errorf("a reason of %s bytes is too long; it has at most 200", field.Thousands(len(s)))
	}
	return nil
}

// publicName judges the public_name of an ECHConfig, a host name.
func publicName(s string) error {
	if err := asciiText(s); err != nil {
		return err
	}
	if err := serverName(s); err != nil {
		return err
	}
	if _, err := netip.ParseAddr(s); err == nil || strings.ContainsAny(s, ":/ *") {
		return fmt.Errorf("%q is no host name", s)
	}
	return nil
}

// maxExpected is how long the expected part of an error can be.
const maxExpected = 2000

func errorPattern(s string) error {
	if len(s) > maxExpected {
		return fmt.Errorf("an expected error of more than %s bytes is too long", field.Thousands(maxExpected))
	}
	if _, err := textMatcher(s); err != nil {
		return fmt.Errorf("%q is no regular expression: %w", s, err)
	}
	return nil
}
