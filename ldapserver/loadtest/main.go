package main

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "loadtest: canned, keys, run or table")
		os.Exit(2)
	}
	var err error
	switch cmd, args := os.Args[1], os.Args[2:]; cmd {
	case "canned":
		err = canned(args)
	case "keys":
		err = keys(args)
	case "run":
		err = run(args)
	case "table":
		err = table(args)
	default:
		err = fmt.Errorf("%q is not a command", cmd)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "loadtest:", err)
		os.Exit(1)
	}
}

func flags(name string) *flag.FlagSet { return flag.NewFlagSet("loadtest "+name, flag.ExitOnError) }

// loopback refuses any address that is not this machine's own: load is never sent elsewhere.
func loopback(addr string) error {
	a, err := netip.ParseAddrPort(addr)
	if err != nil {
		return err
	}
	if !a.Addr().IsLoopback() {
		return fmt.Errorf("%s is not a loopback address", addr)
	}
	return nil
}
