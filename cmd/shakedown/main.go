// Command shakedown shows what happens in a mutual-TLS handshake, and says why
// it failed.
//
//	shakedown                              opens the catalogue
//	shakedown trust/unknown-server-ca      opens one scenario, paused
//	shakedown run                          runs every scenario and checks what it expects
//	shakedown debug certs/                 tries your own certificates against each other
//	shakedown connect server.example:443   talks to a live server
//
// It exits with 0 if everything was as expected, 1 if a scenario or a check
// differed, 2 on wrong usage or an invalid scenario file, 3 if it could not
// run, and 130 if it was interrupted.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(mainCode()) }

// mainCode is main with its exit code, so that what is deferred runs.
func mainCode() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second interrupt ends the program at once.
	context.AfterFunc(ctx, stop)
	return run(ctx, newApp(), os.Args[1:])
}
