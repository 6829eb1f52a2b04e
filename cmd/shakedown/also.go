package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"shakedown/harness/diagnose"
)

// largestAlso bounds what is read of one file: no bundle of certificates is larger.
const largestAlso = 16 << 20

// readAlso reads the certificates that the person knows of. A file that was
// named and holds none is wrong usage; in a directory such a file is passed over.
func readAlso(paths []string) ([]diagnose.Known, error) {
	var known []diagnose.Known
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, usage("--also takes a file or a directory with certificates", "%w", err)
		}
		before := len(known)
		if !info.IsDir() {
			found, err := certificatesIn(path)
			if err != nil {
				return nil, err
			}
			known = append(known, found...)
		} else {
			err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
				if err != nil || !entry.Type().IsRegular() {
					return err
				}
				found, err := certificatesIn(file)
				known = append(known, found...)
				return err
			})
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", path, err)
			}
		}
		if len(known) == before {
			return nil, usage("--also takes certificates, in PEM or DER", "%s holds no certificate", path)
		}
	}
	return known, nil
}

// certificatesIn returns the certificates of one file, in PEM or DER.
func certificatesIn(file string) ([]diagnose.Known, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > largestAlso {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var known []diagnose.Known
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			known = append(known, diagnose.Known{Raw: block.Bytes, Source: file})
		}
	}
	if known == nil && !bytes.Contains(text, []byte("-----BEGIN")) {
		if certificates, err := x509.ParseCertificates(text); err == nil {
			for _, c := range certificates {
				known = append(known, diagnose.Known{Raw: c.Raw, Source: file})
			}
		}
	}
	return known, nil
}
