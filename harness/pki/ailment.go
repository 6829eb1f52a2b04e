package pki

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
)

// An ailment is something that keeps a Go program from reading a file, and what
// cures it.
type ailment struct {
	// detail says what the file really is.
	detail string
	// cure is a shell command: {in} is the file, {out} a new one beside it, and
	// {tool} the openssl command of what the file should hold. Empty: none can.
	cure string
}

// What keeps encoding/pem from finding a block.
var (
	byteOrderMark   = ailment{"PEM behind a UTF-8 byte order mark", "tail -c +4 {in} > {out}"}
	indented        = ailment{"indented PEM, as in a YAML file", "sed 's/^[[:space:]]*//' {in} > {out}"}
	literalNewlines = ailment{`PEM with literal \n instead of line ends`, `tr -d \" < {in} | awk '{gsub(/\\r/, ""); gsub(/\\n/, "\n")} 1' > {out}`}
	oneLine         = ailment{"PEM on one line", "sed 's/-----[^-]*-----//g' {in} | tr -d ' \\n' | openssl base64 -d -A | openssl {tool} -inform DER -out {out}"}
	quoted          = ailment{"PEM in quotes", `tr -d "\"'" < {in} > {out}`}
	returnsOnly     = ailment{"PEM with CR only line ends", `tr '\r' '\n' < {in} > {out}`}
	glued           = ailment{"PEM blocks without a newline between them", `awk '{gsub(/----------/, "-----\n-----")} 1' {in} > {out}`}
	textAround      = ailment{"PEM with other text on its BEGIN or END line", `sed -e 's/^.*-----BEGIN/-----BEGIN/' -e 's/^\(-----END [^-]*-----\).*/\1/' {in} > {out}`}
	truncated       = ailment{"truncated PEM: the END line is missing", ""}
	otherEnd        = ailment{"PEM whose END line names another type than its BEGIN line", ""}
	damagedBase64   = ailment{"PEM with damaged base64", ""}
)

// What a file without any PEM block is.
var (
	empty        = ailment{"an empty file", ""}
	utf16Text    = ailment{"PEM in UTF-16", "iconv -f UTF-16 -t UTF-8 {in} > {out}"}
	utf16LE      = ailment{"PEM in UTF-16 without a byte order mark", "iconv -f UTF-16LE -t UTF-8 {in} > {out}"}
	utf16BE      = ailment{"PEM in UTF-16 without a byte order mark", "iconv -f UTF-16BE -t UTF-8 {in} > {out}"}
	base64Twice  = ailment{"PEM that is in base64 once more, as in a Kubernetes secret", "base64 -d < {in} > {out}"}
	noArmour     = ailment{"base64 without armour: the BEGIN and END lines are missing", "openssl base64 -d -A < {in} | openssl {tool} -inform DER -out {out}"}
	noArmourWrap = ailment{noArmour.detail, "openssl base64 -d -in {in} | openssl {tool} -inform DER -out {out}"}
	javaKeyStore = ailment{"a Java key store (JKS)", "keytool -importkeystore -srckeystore {in} -destkeystore {in}.p12 -deststoretype PKCS12"}
	sshPublicKey = ailment{"an OpenSSH public key", ""}
	puttyKey     = ailment{"a PuTTY key", "puttygen {in} -O private-openssh-new -o {out}"}
	webPage      = ailment{"a web page, perhaps an error that was saved instead of the file", ""}
	otherText    = ailment{"text that holds no PEM block", ""}
	otherBinary  = ailment{"binary data that is no certificate and no key", ""}
)

// command writes the cure for a file that was given in that role.
func (a ailment) command(file, role string) string {
	tool := "x509"
	if role == roleKey {
		tool = "pkey"
	}
	return strings.NewReplacer(
		"{in}", shellQuote(file), "{out}", shellQuote(outFile(file, role)), "{tool}", tool,
	).Replace(a.cure)
}

// outFile names a new file beside the person's own, so that no command that is
// proposed overwrites anything.
func outFile(file, role string) string {
	ending := map[string]string{roleCertificate: ".crt", roleKey: ".key", roleTrust: ".pem"}[role]
	stem := strings.TrimSuffix(file, filepath.Ext(file)) + "-converted"
	name := stem + ending
	for n := 2; n < 100; n++ {
		if _, err := os.Lstat(name); err != nil {
			break
		}
		name = stem + "-" + strconv.Itoa(n) + ending
	}
	return name
}

// shellQuote writes a file's name as one word of a POSIX shell, or of bash
// where it has control characters.
func shellQuote(name string) string {
	if strings.HasPrefix(name, "-") {
		name = "./" + name
	}
	plain := func(r rune) bool {
		return r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("_./+:@%=,-", r)
	}
	switch {
	case name != "" && strings.IndexFunc(name, func(r rune) bool { return !plain(r) }) < 0:
		return name
	case strings.IndexFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0:
		quoted := strconv.QuoteToASCII(name)
		return "$'" + strings.ReplaceAll(strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`), "'", `\'`) + "'"
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}
