// Google's in-memory Pub/Sub server as a program, for the demo and for tests of what Pub/Sub means: deliveries, leases,
// ordering, dead letters. It is not fast, and what it cannot do is told in tests/support/streaming-pull-server.ts.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"cloud.google.com/go/pubsub/v2/pstest"
)

func main() {
	port := flag.Int("port", 0, "port on the loopback; 0 takes a free one")
	flag.Parse()
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM)
	server := pstest.NewServerWithPort(*port)
	fmt.Printf("listening %s\n", server.Addr)
	<-ended
	if err := server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
