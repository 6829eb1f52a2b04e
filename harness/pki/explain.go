package pki

import "strings"

// A Skipped part of a file is one that a Go program silently loses.
type Skipped struct {
	Line   int
	Type   string
	Reason string
}

func lostCertificates(data []byte) []Skipped { return nil }

func explainPair(certFile, keyFile string, cert, key []byte, err error) error {
	return &LoadError{File: certFile, Role: "certificate", Go: err.Error(), CauseID: "not-pem", err: err}
}

func explainBundle(file string, data []byte) error {
	return &LoadError{File: file, Role: "trust", CauseID: "bundle-unread"}
}

func shellQuote(name string) string {
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}
