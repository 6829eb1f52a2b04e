// Package peertest finds the other programs that tests are made with: openssl,
// gnutls-serv, tshark and their like.
package peertest

import (
	"os"
	"os/exec"
	"testing"
)

// required says that this machine has every program that a test may want.
const required = "SHAKEDOWN_REQUIRE_PEERS"

// Program returns the path of a program. Where it is missing the test is skipped,
// or fails if SHAKEDOWN_REQUIRE_PEERS=1 says that this machine has to have it.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv(required) == "1":
		t.Fatalf("%s is not installed, and %s=1 wants it", name, required)
	}
	t.Skipf("%s is not installed", name)
	return ""
}
