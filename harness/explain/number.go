package explain

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"shakedown/harness/tlswire"
)

// A numberEntry is what a number means beside an alert's, by who counts so.
type numberEntry struct {
	// numeral is as people write it: decimal, negative or hexadecimal.
	numeral string
	// means are a namespace and the words that the number stands for, in the order
	// of the table.
	means []attribute
}

// A namespace is one way to count errors.
type namespace struct {
	key, name string
	// written finds the number where its writer says what it is.
	written func() *regexp.Regexp
}

var namespaces = []namespace{
	{"verify", "OpenSSL's verification error", pattern(`(?:verify (?:error|return code)[:= ]+(?:num=)?|verify error:num=|error |ssl_c_(?:ca_)?err[=: ]+|certificate verify error: \(?|x509_v_err[_ ])(\d+)\b(?: at \d+ depth)?`)},
	{"curl", "curl's exit code", pattern(`curl(?:: \(|.{0,20}(?:error|exit code|exit status|code) )(\d+)\b`)},
	{"nginx", "nginx's status code", pattern(`(?:http/\d(?:\.\d)?"? |status[=: ]+)(49[5-7])\b`)},
	{"chrome", "Chrome's network error", pattern(`net_error (-\d+)\b`)},
	{"schannel", "a Windows status code", pattern(`\b(0x80[0-9a-f]{6})\b`)},
	{"mbedtls", "the Mbed TLS error", pattern(`(?:returned|error:?|ret(?:urn)?[ =:]+|tls:?) (-0x[0-9a-f]{4})\b`)},
	{"quic", "a QUIC transport error", pattern(`(?:transport|connection|quic)[ _]error[ :=(]+(?:code )?(0x[0-9a-f]{1,2})\b`)},
	{"http", "an HTTP status code", nil},
}

var numberKeys = keysOf(namespaces)

func keysOf(list []namespace) []string {
	var keys []string
	for _, n := range list {
		keys = append(keys, n.key)
	}
	return keys
}

func (t *tables) takeNumber(b *block) error {
	if len(b.heads) != 1 {
		return fmt.Errorf("%q: one number at a time", b.heads)
	}
	t.numbers = append(t.numbers, &numberEntry{numeral: b.heads[0], means: b.attrs})
	return nil
}

func (t *tables) number(numeral string) []attribute {
	for _, n := range t.numbers {
		if n.numeral == numeral {
			return n.means
		}
	}
	return nil
}

// readWritten reads a number that its line says the kind of ("curl: (60)",
// "verify error:num=20"), where the words that belong to it are not there.
func (t *tables) readWritten(p paste) (reading, bool) {
	for _, l := range p {
		for _, n := range namespaces {
			if n.written == nil {
				continue
			}
			m := n.written().FindStringSubmatch(l.words)
			if m == nil {
				continue
			}
			if r, ok := t.readNumeral(l, n, m[1]); ok {
				return r, true
			}
		}
	}
	return reading{}, false
}

func (t *tables) readNumeral(l line, n namespace, numeral string) (reading, bool) {
	for _, a := range t.number(numeral) {
		if a.key != n.key {
			continue
		}
		if r, ok := t.readAs(l, a.value); ok && len(r.client)+len(r.server) > 0 {
			r.means = fmt.Sprintf("%s is %s %q. %s", numeral, n.name, a.value, r.means)
			return r, true
		}
	}
	return reading{}, false
}

// numeral is a number and nothing else.
var numeral = pattern(`^-?(?:0x[0-9a-f]{1,8}|\d{1,5})$`)

// readNumber reads a number that stands alone. It is never taken for one thing
// if it can be several.
func (t *tables) readNumber(l line) (reading, bool) {
	if !numeral().MatchString(l.words) {
		return reading{}, false
	}
	var list []reading
	var names []string
	add := func(r reading, name string) {
		list, names = append(list, r), append(names, name)
	}
	if n, err := strconv.ParseUint(l.words, 0, 16); err == nil {
		switch {
		case n <= 255 && registered(uint8(n)) && !leadsWithZero(l.words):
			add(t.readAlert(l, uint8(n)), fmt.Sprintf("the TLS alert %s", tlswire.AlertName(uint8(n))))
		case n >= 0x100 && n <= 0x1ff && registered(uint8(n-0x100)):
			add(t.readAlert(l, uint8(n-0x100)), fmt.Sprintf("QUIC's CRYPTO_ERROR 0x%x, the TLS alert %s", n, tlswire.AlertName(uint8(n-0x100))))
		}
	}
	for _, a := range t.number(l.words) {
		n := namespaces[slices.IndexFunc(namespaces, func(n namespace) bool { return n.key == a.key })]
		r, ok := t.readLine(newLine(a.value))
		if !ok && len(list) == 0 {
			continue
		}
		add(r, fmt.Sprintf("%s %q", n.name, a.value))
	}
	if len(list) == 0 {
		return reading{}, false
	}
	r := list[0]
	r.line = l
	r.seat(cmp.Or(r.role, l.role, l.from))
	if len(list) == 1 {
		r.means = fmt.Sprintf("%s is %s. %s", l.words, names[0], r.means)
		return r, true
	}
	r.means = fmt.Sprintf("A number alone says little: %s can be %s. Give the line that it stood in.", l.words, enumerate(names))
	r.role, r.decided = cmp.Or(l.role, l.from), NotSaid
	for _, other := range list[1:] {
		r.client = unique(slices.Concat(r.client, other.client))
		r.server = unique(slices.Concat(r.server, other.server))
	}
	r.seat(r.role)
	r.kind, r.first, r.tells = wrapping, nil, nil
	return r, true
}

// leadsWithZero is for 0x0d and the like, which nobody writes an alert as.
func leadsWithZero(s string) bool {
	return strings.HasPrefix(s, "0x0") || len(s) > 1 && s[0] == '0' && s[1] != 'x'
}

func (t *tables) readAlert(l line, code uint8) reading {
	r := reading{line: l, alert: t.alert(code)}
	r.takeAlert()
	return r
}

// enumerate joins with commas and "or".
func enumerate(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}
