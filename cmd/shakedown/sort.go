package main

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shakedown/harness"
)

// A found file is one that was looked into.
type found struct {
	name  string
	chain []*x509.Certificate
	keys  []crypto.PublicKey
}

// ca says that the file's first certificate is a CA's: such a file is trusted,
// not presented.
func (f found) ca() bool { return len(f.chain) > 0 && f.chain[0].IsCA }

// sortFiles looks into files that were named without saying what they are, and
// returns what each is used for, with a note in words for each. Where two files
// could be the same thing it takes neither and says so.
func sortFiles(paths []string) (files harness.DebugFiles, notes []string, err error) {
	all, err := look(paths)
	if err != nil {
		return files, nil, err
	}
	use := func(to *string, f found, what string) error {
		if *to != "" {
			return fmt.Errorf("%s and %s could both be %s", *to, f.name, what)
		}
		*to = f.name
		notes = append(notes, fmt.Sprintf("%s is %s", f.name, what))
		return nil
	}
	for _, f := range all {
		if len(f.chain) == 0 || f.ca() {
			continue
		}
		cert, key, side := &files.ServerCert, &files.ServerKey, "server"
		if forClient(f) {
			cert, key, side = &files.ClientCert, &files.ClientKey, "client"
		}
		if err := use(cert, f, "the "+side+"'s certificate"); err != nil {
			return files, notes, err
		}
		for _, k := range all {
			if slices.ContainsFunc(k.keys, func(public crypto.PublicKey) bool { return sameKey(public, f.chain[0].PublicKey) }) {
				if err := use(key, k, "the "+side+"'s private key"); err != nil {
					return files, notes, err
				}
			}
		}
		trust, other := &files.ClientTrust, "client"
		if side == "client" {
			trust, other = &files.ServerTrust, "server"
		}
		for _, ca := range all {
			if ca.ca() && *trust == "" && verifies(f, ca, all) {
				if err := use(trust, ca, "what the "+other+" trusts"); err != nil {
					return files, notes, err
				}
			}
		}
	}
	if files == (harness.DebugFiles{}) {
		return files, notes, fmt.Errorf("no certificate of a server or a client is in %s", strings.Join(paths, ", "))
	}
	return files, append(notes, leftOver(&files, all)...), nil
}

// leftOver uses what nothing verified against: a private key or a CA that
// belongs to nothing else is what a side has, right or wrong, because that it
// is wrong is what the person wants to be told.
func leftOver(files *harness.DebugFiles, all []found) (notes []string) {
	used := []string{
		files.ServerCert, files.ServerKey, files.ServerTrust, files.ClientCert, files.ClientKey, files.ClientTrust,
	}
	for _, f := range all {
		if slices.Contains(used, f.name) {
			continue
		}
		client := strings.Contains(strings.ToLower(filepath.Base(f.name)), "client")
		to, what := (*string)(nil), ""
		switch {
		case f.ca() && files.ClientCert != "" && files.ServerTrust == "" && (client || files.ClientTrust != ""):
			to, what = &files.ServerTrust, "what the server trusts"
		case f.ca() && files.ServerCert != "" && files.ClientTrust == "":
			to, what = &files.ClientTrust, "what the client trusts"
		case len(f.keys) > 0 && files.ClientCert != "" && files.ClientKey == "" && (client || files.ServerKey != ""):
			to, what = &files.ClientKey, "the client's private key"
		case len(f.keys) > 0 && files.ServerCert != "" && files.ServerKey == "":
			to, what = &files.ServerKey, "the server's private key"
		}
		if to == nil {
			notes = append(notes, f.name+" is not used")
			continue
		}
		*to = f.name
		notes = append(notes, fmt.Sprintf("%s is taken for %s, although it fits nothing else", f.name, what))
	}
	return notes
}

// look reads every file, and every file in the directories, in order of name.
func look(paths []string) ([]found, error) {
	var all []found
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := os.Stat(name)
			if err != nil || !info.Mode().IsRegular() || info.Size() > largestAlso {
				return err
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			if f := lookInto(name, text); len(f.chain)+len(f.keys) > 0 {
				all = append(all, f)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// lookInto finds the certificates and keys of one PEM file.
func lookInto(name string, text []byte) found {
	f := found{name: name}
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return f
		}
		if block.Type == "CERTIFICATE" {
			if c, err := x509.ParseCertificate(block.Bytes); err == nil {
				f.chain = append(f.chain, c)
			}
		} else if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			if public := publicOf(block.Bytes); public != nil {
				f.keys = append(f.keys, public)
			}
		}
	}
}

// publicOf returns the public half of a private key, nil if it cannot be read.
func publicOf(der []byte) crypto.PublicKey {
	var key any
	var err error
	if key, err = x509.ParsePKCS8PrivateKey(der); err != nil {
		if key, err = x509.ParseECPrivateKey(der); err != nil {
			if key, err = x509.ParsePKCS1PrivateKey(der); err != nil {
				return nil
			}
		}
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil
	}
	return signer.Public()
}

func sameKey(a, b crypto.PublicKey) bool {
	first, err1 := x509.MarshalPKIXPublicKey(a)
	second, err2 := x509.MarshalPKIXPublicKey(b)
	return err1 == nil && err2 == nil && bytes.Equal(first, second)
}

// forClient says that a certificate is a client's: its usage says so, or else
// its file's name.
func forClient(f found) bool {
	usages := f.chain[0].ExtKeyUsage
	client, server := slices.Contains(usages, x509.ExtKeyUsageClientAuth), slices.Contains(usages, x509.ExtKeyUsageServerAuth)
	if client != server {
		return client
	}
	return strings.Contains(strings.ToLower(filepath.Base(f.name)), "client")
}

// verifies says that a certificate's chain leads to one of the CAs of a file,
// whatever its dates, names and usages are.
func verifies(f, ca found, all []found) bool {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range ca.chain {
		roots.AddCert(c)
	}
	for _, other := range all {
		for _, c := range other.chain {
			between.AddCert(c)
		}
	}
	_, err := f.chain[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: f.chain[0].NotBefore,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err == nil
}
