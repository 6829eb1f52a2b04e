package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
)

// A FileRole is what a file is given as.
type FileRole string

// The roles of files.
const (
	CertificateFile FileRole = roleCertificate
	KeyFile         FileRole = roleKey
	TrustFile       FileRole = roleTrust
)

// A Form is a named way in which a file can hold, or fail to hold, what it should.
type Form struct {
	Name string
	// Means says in a sentence what such a file is.
	Means string
	roles []FileRole
	write func(s sheet) ([]byte, error)
}

// Forms returns the forms that a file of that role can have.
func Forms(role FileRole) []Form {
	return slices.DeleteFunc(slices.Clone(forms), func(f Form) bool { return !slices.Contains(f.roles, role) })
}

// A sheet is what is written into one file.
type sheet struct {
	// blocks are the file's own blocks as they should be.
	blocks []*pem.Block
	// counterpart are the blocks of the file's other half: the key of a
	// certificate file, the certificates of a key file.
	counterpart []*pem.Block
	key         crypto.Signer
}

func (s sheet) pem() []byte { return encodePEM(s.blocks) }

func encodePEM(blocks []*pem.Block) []byte {
	var b bytes.Buffer
	for _, block := range blocks {
		_ = pem.Encode(&b, block) // a Buffer takes everything
	}
	return b.Bytes()
}

// relabeled returns the sheet's text with another label on the first block.
func (s sheet) relabeled(label string) ([]byte, error) {
	first := *s.blocks[0]
	first.Type = label
	return encodePEM(append([]*pem.Block{&first}, s.blocks[1:]...)), nil
}

var (
	anyFile     = []FileRole{CertificateFile, KeyFile, TrustFile}
	certOrTrust = []FileRole{CertificateFile, TrustFile}
	certOnly    = []FileRole{CertificateFile}
	keyOnly     = []FileRole{KeyFile}
	pairFile    = []FileRole{CertificateFile, KeyFile}
)

var forms = []Form{
	{"pem", "PEM as it should be.", anyFile, func(s sheet) ([]byte, error) { return s.pem(), nil }},
	{"crlf", "PEM with the line ends of Windows, which every stack reads.", anyFile, text(strings.NewReplacer("\n", "\r\n"))},
	{"der", "DER, the binary that PEM wraps.", anyFile, func(s sheet) ([]byte, error) { return s.blocks[0].Bytes, nil }},
	{"bom", "PEM behind a UTF-8 byte order mark, as an editor on Windows writes it; the first block is lost.", anyFile, func(s sheet) ([]byte, error) {
		return append([]byte("\xef\xbb\xbf"), s.pem()...), nil
	}},
	{"utf-16", "PEM in UTF-16, as an old PowerShell redirects it.", anyFile, utf16Form},
	{"indented", "PEM that is indented, cut out of a YAML file.", anyFile, text(strings.NewReplacer("-----BEGIN", "    -----BEGIN", "\n", "\n    "))},
	{"literal-newlines", `PEM with the two characters \n for each line end, from an environment variable or from JSON.`, anyFile, text(strings.NewReplacer("\n", `\n`))},
	{"one-line", "PEM on a single line, with blanks for the line ends.", anyFile, text(strings.NewReplacer("\n", " "))},
	{"cr-only", "PEM with carriage returns alone.", anyFile, text(strings.NewReplacer("\n", "\r"))},
	{"quoted", "PEM in quotation marks.", anyFile, func(s sheet) ([]byte, error) {
		return []byte(`"` + strings.TrimSpace(string(s.pem())) + "\"\n"), nil
	}},
	{"base64-twice", "PEM in base64 once more, as it stands in a Kubernetes secret.", anyFile, base64Form},
	{"truncated", "PEM whose end is missing.", anyFile, func(s sheet) ([]byte, error) {
		whole := s.pem()
		return whole[:bytes.LastIndex(whole, pemEnd)], nil
	}},
	{"damaged-base64", "PEM with a character that is none of base64.", anyFile, func(s sheet) ([]byte, error) {
		return bytes.Replace(s.pem(), []byte("\nMI"), []byte("\nM!"), 1), nil
	}},
	{"glued", "PEM blocks without a line end between them, as cat puts files together that end without one.", certOrTrust, text(strings.NewReplacer("-----\n-----BEGIN", "----------BEGIN"))},
	{"empty", "Nothing at all.", anyFile, func(sheet) ([]byte, error) { return nil, nil }},
	{"missing", "There is no such file.", anyFile, cannot("open", syscall.ENOENT)},
	{"directory", "A directory of that name.", anyFile, cannot("read", syscall.EISDIR)},
	{"unreadable", "A file that this user must not read.", anyFile, cannot("open", syscall.EACCES)},

	{"swapped", "What belongs into the other file: the key in the certificate's file, the certificates in the key's.", pairFile, func(s sheet) ([]byte, error) {
		return encodePEM(s.counterpart), nil
	}},
	{"issuer-first", "The chain with the issuers before the certificate that they issued.", certOnly, func(s sheet) ([]byte, error) {
		blocks := slices.Clone(s.blocks)
		slices.Reverse(blocks)
		return encodePEM(blocks), nil
	}},
	{"request", "A certificate signing request instead of the certificate.", certOnly, requestForm},
	{"trusted", "OpenSSL's TRUSTED CERTIFICATE, which has uses behind the certificate.", certOrTrust, func(s sheet) ([]byte, error) { return s.relabeled("TRUSTED CERTIFICATE") }},
	{"x509-label", "The old label X509 CERTIFICATE.", certOrTrust, func(s sheet) ([]byte, error) { return s.relabeled("X509 CERTIFICATE") }},
	{"damaged-last", "A byte of the last certificate is wrong, so that it does not parse.", []FileRole{TrustFile}, func(s sheet) ([]byte, error) {
		last := *s.blocks[len(s.blocks)-1]
		last.Bytes = damageExtensions(bytes.Clone(last.Bytes))
		return encodePEM(append(slices.Clone(s.blocks[:len(s.blocks)-1]), &last)), nil
	}},

	{"other-key", "The key of another certificate.", keyOnly, func(s sheet) ([]byte, error) { return keyText(freshLike(s.key.Public())) }},
	{"other-kind", "A key of another algorithm than the certificate's.", keyOnly, func(s sheet) ([]byte, error) { return keyText(otherKind(s.key.Public())) }},
	{"encrypted", "An encrypted PKCS#8 key, for which a program would have to ask for a password.", keyOnly, encryptedForm},
	{"public-key", "The public half of the key.", keyOnly, publicKeyForm},
	{"ec-parameters", "Only the EC PARAMETERS that OpenSSL writes before a key.", keyOnly, func(sheet) ([]byte, error) {
		// prime256v1, as `openssl ecparam -name prime256v1` prints it.
		return encodePEM([]*pem.Block{{Type: "EC PARAMETERS", Bytes: []byte{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}}}), nil
	}},
	{"ed448", "A key of a kind that Go does not know.", keyOnly, ed448Form},
}

// A Folder is files in memory, by name, as if they lay where a program starts.
type Folder map[string]folderFile

// A folderFile is what a file holds, or the error that comes of opening it.
type folderFile struct {
	content []byte
	err     error
}

// read returns a file of the folder, with the error that the system would give.
func (f Folder) read(name, role string) ([]byte, error) {
	file, ok := f[name]
	switch {
	case !ok:
		return nil, missing(name, role, &fs.PathError{Op: "open", Path: name, Err: syscall.ENOENT})
	case file.err != nil:
		return nil, missing(name, role, &fs.PathError{Op: opOf(file.err), Path: name, Err: file.err})
	}
	return file.content, nil
}

// WritePair writes a credential into two files of the folder, each in its form;
// an empty form is "pem".
func (f Folder) WritePair(c *Credential, certFile, certForm, keyFile, keyForm string) error {
	key, err := keyBlock(c.Key)
	if err != nil {
		return err
	}
	chain := certificateBlocks(c.Chain)
	if err := f.write(certFile, certForm, CertificateFile, sheet{chain, []*pem.Block{key}, c.Key}); err != nil {
		return err
	}
	return f.write(keyFile, keyForm, KeyFile, sheet{[]*pem.Block{key}, chain, c.Key})
}

// WriteTrust writes trust anchors into a file of the folder, in that form.
func (f Folder) WriteTrust(certificates [][]byte, file, form string) error {
	return f.write(file, form, TrustFile, sheet{blocks: certificateBlocks(certificates)})
}

func (f Folder) write(file, form string, role FileRole, s sheet) error {
	if form == "" {
		form = "pem"
	}
	i := slices.IndexFunc(forms, func(known Form) bool { return known.Name == form && slices.Contains(known.roles, role) })
	switch {
	case i < 0:
		return fmt.Errorf("unknown form %q of a %s file", form, role)
	case len(s.blocks) == 0:
		f[file] = folderFile{}
		return nil
	}
	content, err := forms[i].write(s)
	var refusal syscall.Errno
	if err != nil && !errors.As(err, &refusal) {
		return fmt.Errorf("write %s as %s: %w", file, form, err)
	}
	f[file] = folderFile{content, err}
	return nil
}

// LoadKeyPair reads two files of the folder as [LoadKeyPair] does those on disk.
func (f Folder) LoadKeyPair(certFile, keyFile string) (*Credential, error) {
	return loadKeyPair(f.read, certFile, keyFile)
}

// LoadBundle reads a file of the folder as [LoadBundle] does one on disk.
func (f Folder) LoadBundle(file string) (*Bundle, error) { return loadBundle(f.read, file) }

func certificateBlocks(certificates [][]byte) []*pem.Block {
	blocks := make([]*pem.Block, len(certificates))
	for i, der := range certificates {
		blocks[i] = &pem.Block{Type: "CERTIFICATE", Bytes: der}
	}
	return blocks
}

func keyBlock(key crypto.Signer) (*pem.Block, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("write the private key: %w", err)
	}
	return &pem.Block{Type: "PRIVATE KEY", Bytes: der}, nil
}
