// Package pki makes certificates, loads those that a person has, and sorts
// files by what is in them.
//
// To make the certificates of a scenario, call [Mint] with a [Spec] and take
// what each side needs from the [Hierarchy]: [Hierarchy.Credential] is what it
// presents, [Hierarchy.Certificates] what it trusts. Defects have names: see
// [Flaws]. To read files as a Go program would, call [LoadKeyPair] and
// [LoadBundle]: a [*LoadError] says what a file really is and which command
// converts it. To find out which file is what, call [Sort].
//
// Nothing that a person gave is ever changed, and private keys are neither
// written nor printed. What is behind a password (PKCS#12, encrypted keys) is
// named and not opened. Keys that Go does not generate (Ed448, secp256k1) are
// recognised and cannot be minted.
package pki
