package causes

// fileCauses are the faults of files that do not load, or load only in part.
var fileCauses = []Cause{
	{
		ID:          "swapped-files",
		Title:       "The certificate file and the key file are exchanged",
		Explanation: "The private key stands where the certificate is expected.",
		Remedy:      "Exchange the two file names in the configuration.",
		Rows:        []string{"L01"},
	},
	{
		ID:          "wrong-key",
		Title:       "The private key does not belong to the certificate",
		Explanation: "Both files load, but their public keys differ. The key was probably made anew at renewal while only one of the files was replaced.",
		Remedy:      "Put the private key that the certificate was issued for beside it, or issue a certificate for this key.",
		Rows:        []string{"L02"},
	},
	{
		ID:          "key-type",
		Title:       "The private key is of another kind than the certificate's",
		Explanation: "One is RSA and the other ECDSA or Ed25519, so they cannot be a pair.",
		Remedy:      "Put the private key that the certificate was issued for beside it.",
		Rows:        []string{"L03"},
	},
	{
		ID:          "not-pem",
		Title:       "The file holds no PEM block that can be read",
		Explanation: "It is in another format (DER, PKCS#12, UTF-16), or its PEM was damaged on the way: a byte order mark, indentation from YAML, literal \\n, missing line breaks, base64 twice. Go has one error for all of them.",
		Remedy:      "Convert the file to PEM, with each block's BEGIN and END lines on lines of their own.",
		Rows:        []string{"L04"},
	},
	{
		ID:          "wrong-block",
		Title:       "The file holds a PEM block, but not a certificate",
		Explanation: "It is a signing request, a public key, a PKCS#7 bundle or OpenSSL's own TRUSTED CERTIFICATE, which Go does not read as a certificate.",
		Remedy:      "Put the issued certificate into the file, as a block that begins with BEGIN CERTIFICATE.",
		Rows:        []string{"L05"},
	},
	{
		ID:          "key-block",
		Title:       "The key file holds a PEM block, but not a private key",
		Explanation: "It is a public key, or only the parameters of a curve.",
		Remedy:      "Put the private key into the file, as a block whose type ends in PRIVATE KEY.",
		Rows:        []string{"L06"},
	},
	{
		ID:          "key-unusable",
		Title:       "The private key is encrypted, or of a kind that Go cannot use",
		Explanation: "Encrypted keys, OpenSSH's format and some curves (secp256k1, Ed448) all give the same short error.",
		Remedy:      "Decrypt the key or convert it to plain PKCS#8 (openssl pkcs8 -topk8 -nocrypt); for an unsupported curve, issue the certificate anew for P-256.",
		Rows:        []string{"L07"},
	},
	{
		ID:          "bundle-partly-read",
		Title:       "Only a part of the CA bundle was read",
		Explanation: "AppendCertsFromPEM returns true as soon as one certificate was read, and skips what it cannot read without a word: a first block behind a byte order mark, or a damaged one.",
		Remedy:      "Mend the block that was skipped, and compare the number of certificates loaded with the number in the file.",
		Rows:        []string{"L08"},
	},
	{
		ID:          "bundle-unread",
		Title:       "Nothing in the CA bundle could be read",
		Explanation: "AppendCertsFromPEM returned false, which has no error text and is usually ignored. The side then trusts nobody, or the system's roots.",
		Remedy:      "Convert the bundle to PEM certificates, and fail at start if AppendCertsFromPEM returns false.",
		Rows:        []string{"L09"},
	},
	{
		ID:          "file-missing",
		Title:       "A certificate, key or CA file cannot be opened",
		Explanation: "The file is not there, is a directory, or may not be read. In containers, a mount that is missing or came later is a common reason.",
		Remedy:      "Correct the path, or the permissions, in the configuration of the side that did not load.",
		Rows:        []string{"L10"},
	},
}
