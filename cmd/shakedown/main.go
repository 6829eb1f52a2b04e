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
	"time"
)

// stuck is how long after an interrupt the program may take to end by itself.
const stuck = 3 * time.Second

func main() { os.Exit(mainCode()) }

// mainCode is main with its exit code, so that what is deferred runs.
func mainCode() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// A second interrupt ends the program at once, and so does the first where
	// something waits that cannot be called off: a read from a pipe.
	context.AfterFunc(ctx, func() {
		stop()
		time.AfterFunc(stuck, func() { os.Exit(exitInterrupted) })
	})
	return run(ctx, newApp(), os.Args[1:])
}
