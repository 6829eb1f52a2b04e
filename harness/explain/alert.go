package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shakedown/harness/tlswire"
)

// An alertEntry is what an alert can mean when the server sent it, and when the
// client did.
type alertEntry struct {
	code uint8
	// fromServer and fromClient are the causes by who sent it.
	fromServer, fromClient []string
	// usually is the side whose log it mostly stands in.
	usually role
	// first are the causes that it points at, in order.
	first []string
	// tells are what to look at that no entry of the evidence has.
	tells []string
}

var alertKeys = []string{"name", "server-sends", "client-sends", "first", "usually", "tell"}

func (t *tables) takeAlert(b *block) error {
	a := &alertEntry{usually: role(b.one("usually")), tells: b.all("tell")}
	var ok bool
	if a.code, ok = tlswire.AlertCode(b.heads[0]); !ok || len(b.heads) > 1 {
		return fmt.Errorf("%q is no alert", b.heads)
	}
	for _, name := range b.all("name") {
		t.alertNames = append(t.alertNames, alertName{normal(name), a.code})
	}
	var err error
	if a.fromServer, err = t.ids(b.one("server-sends")); err != nil {
		return err
	}
	if a.fromClient, err = t.ids(b.one("client-sends")); err != nil {
		return err
	}
	if a.first, err = t.ids(b.one("first")); err != nil {
		return err
	}
	t.alerts = append(t.alerts, a)
	return nil
}

// alert returns what is known of an alert; of one that the table does not have,
// only its code.
func (t *tables) alert(code uint8) *alertEntry {
	for _, a := range t.alerts {
		if a.code == code {
			return a
		}
	}
	return &alertEntry{code: code}
}

// An Alert is a TLS alert (RFC 8446 6).
type Alert struct {
	Code    uint8  `json:"code"`
	Name    string `json:"name"`
	Meaning string `json:"meaning"`
}

func describe(code uint8) *Alert {
	return &Alert{Code: code, Name: tlswire.AlertName(code), Meaning: tlswire.AlertMeaning(code)}
}

// alertIn finds an alert in a line, by QUIC code, number or name.
func (t *tables) alertIn(words string) (uint8, bool) {
	for _, find := range []func(string) (uint8, bool){quicCode, alertNumber, t.namedAlert} {
		if code, ok := find(words); ok {
			return code, true
		}
	}
	return 0, false
}

// cryptoError is a QUIC error code as stacks write it: in hexadecimal (quic-go,
// ngtcp2), and in decimal behind the name.
var cryptoError = pattern(`\b0x(1[0-9a-f]{2})\b|crypto[_ ]error[ :(=]*(?:code )?(2[5-9]\d|[34]\d\d|50\d|51[01])\b`)

// ofQUIC are the words without which a hexadecimal number is any number.
var ofQUIC = pattern(`^0x|crypto|quic|\(remote\)|\(local\)|connection[_ ]?close|transport error`)

// quicCode reads a CRYPTO_ERROR: 0x0100 plus the alert (RFC 9001 4.8). An
// application's own codes are no alerts (RFC 9000 20.2).
func quicCode(words string) (uint8, bool) {
	m := cryptoError().FindStringSubmatch(words)
	if m == nil || !ofQUIC().MatchString(words) || wordsIn(words, "application error") >= 0 {
		return 0, false
	}
	n, err := strconv.ParseUint(m[1], 16, 64)
	if m[1] == "" {
		n, err = strconv.ParseUint(m[2], 10, 64)
	}
	if err != nil || n < 0x100 || n > 0x1ff || !registered(uint8(n-0x100)) {
		return 0, false
	}
	return uint8(n - 0x100), true
}

// numbered is an alert's number: "SSL alert number 42", "alert(42)",
// "Alert [48]", "fatal alert code is 46".
var numbered = pattern(`\balert(?:[_ ](?:number|code|description|no\.?|is|with code))*[ :=(\[#]{1,3}(0x[0-9a-f]{1,2}|\d{1,3})\b`)

// packed is OpenSSL's error code, whose last three digits are 1000 and the number
// of an alert that was received (SSL_AD_REASON_OFFSET).
var packed = pattern(`\berror:(?:0a000|14[0-9a-f]{3})([45][0-9a-f]{2})\b`)

// ofTLS are the words without which the number of an alert in a sentence is that
// of any alert.
var ofTLS = pattern(`tls|ssl|handshake|fatal|received|quic`)

// fewWords is up to how many spaces a text has that is no sentence.
const fewWords = 3

func alertNumber(words string) (uint8, bool) {
	for _, m := range numbered().FindAllStringSubmatch(words, -1) {
		if strings.Count(words, " ") > fewWords && !ofTLS().MatchString(words) {
			break
		}
		n, err := strconv.ParseUint(m[1], 0, 16)
		if err == nil && n <= 255 && registered(uint8(n)) {
			return uint8(n), true
		}
	}
	if m := packed().FindStringSubmatch(words); m != nil {
		n, err := strconv.ParseUint(m[1], 16, 16)
		if err == nil && n >= 1000 && n <= 1255 && registered(uint8(n-1000)) {
			return uint8(n - 1000), true
		}
	}
	return 0, false
}

func registered(code uint8) bool {
	_, ok := tlswire.AlertCode(tlswire.AlertName(code))
	return ok
}

// speaking are the words without which an alert's name in a line is only
// English: "internal error", "access denied".
var speaking = pattern(`alert|\btls\b|tlsv1|\bssl\b|sslv3|ssl_|crypto_error|handshake|^fatal\b`)

// named takes alerts out of the names that OpenSSL makes of them, and what only
// looks like one.
var named = strings.NewReplacer("_alert_", " alert ", "ssl handshake failure", "")

// namedAlert finds an alert by a name that some stack has for it. The longest
// counts: "certificate_unknown" is in no other.
func (t *tables) namedAlert(words string) (uint8, bool) {
	bare := strings.TrimPrefix(strings.TrimPrefix(words, "tls: "), "alert ")
	speaks := speaking().MatchString(words)
	words = named.Replace(words)
	found, best := uint8(0), ""
	look := func(code uint8, name string) {
		if len(name) > len(best) && (bare == name || speaks && wordsIn(words, name) >= 0) {
			found, best = code, name
		}
	}
	for _, n := range t.alertNames {
		look(n.code, n.name)
	}
	return found, best != ""
}

// An alertName is a way to write an alert.
type alertName struct {
	name string
	code uint8
}

// registeredNames are the RFC's names: as they stand there, with spaces, and in
// one word.
func registeredNames() []alertName {
	var list []alertName
	for code := range 256 {
		if !registered(uint8(code)) {
			continue
		}
		name := tlswire.AlertName(uint8(code))
		for _, joint := range []string{"_", " ", ""} {
			list = append(list, alertName{strings.ReplaceAll(name, "_", joint), uint8(code)})
		}
	}
	return list
}

// sent returns the causes of an alert by whose log it is and who sent it.
func (a *alertEntry) sent(log role, by Decider) []string {
	switch {
	case by == OtherSide && log == client, by == ThisSide && log == server:
		return a.fromServer
	case by == OtherSide && log == server, by == ThisSide && log == client:
		return a.fromClient
	}
	return slices.Concat(a.fromServer, a.fromClient)
}

// says is what an alert tells in that log.
func (a *alertEntry) says(log role, by Decider) string {
	name := fmt.Sprintf("%s (%d)", tlswire.AlertName(a.code), a.code)
	switch {
	case a.code == tlswire.AlertCloseNotify:
		return "close_notify (0) is an orderly end and no refusal: whoever sent it has nothing more to say."
	case by == OtherSide && log == server:
		return "The client refused and told the server with the alert " + name + ". It is about something that the server sent, not about the client's certificate."
	case by == OtherSide && log == client:
		return "The server refused and told the client with the alert " + name + "." + lateRefusal(a.code)
	case by == OtherSide:
		return "The other side refused and said so with the alert " + name + ": it is about something that the side with this log sent."
	case by == ThisSide:
		return "The side with this log refused and sent the alert " + name + "."
	}
	return "The alert " + name + " ended a handshake: whoever sent it refused."
}

// lateRefusal says what a client's log does not: an alert about its certificate
// comes after a TLS 1.3 handshake that the client took for complete.
func lateRefusal(code uint8) string {
	switch code {
	case tlswire.AlertBadCertificate, tlswire.AlertUnsupportedCertificate, tlswire.AlertCertificateRevoked, tlswire.AlertCertificateExpired,
		tlswire.AlertCertificateUnknown, tlswire.AlertUnknownCA, tlswire.AlertAccessDenied, tlswire.AlertCertificateRequired:
		return " In TLS 1.3 the client had already finished its handshake."
	}
	return ""
}
