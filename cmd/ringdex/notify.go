package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

// notify tells the service manager about the state, where it asked for that (sd_notify(3)): READY=1, STOPPING=1,
// STATUS=…, WATCHDOG=1. Several assignments are parted by line ends. Nobody waits for an answer, and a manager that
// isn't there is no error.
func notify(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	if path[0] == '@' { // an abstract address
		path = "\x00" + path[1:]
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = c.Write([]byte(state))
}

// notifyStatus sets the line that `systemctl status` shows. It says what the service waits for, in words of ours: no
// secret and no names of people.
func notifyStatus(format string, args ...any) {
	notify("STATUS=" + oneLine(fmt.Sprintf(format, args...)))
}

// notifyReloading says that the configuration is being read anew; the function that it returns says that this has ended,
// with the status line.
func notifyReloading() (done func(status string)) {
	notify("RELOADING=1\nMONOTONIC_USEC=" + strconv.FormatInt(monotonic().Microseconds(), 10))
	return func(status string) { notify("READY=1\nSTATUS=" + oneLine(status)) }
}

// watchdogInterval is how often the manager wants to hear from this process: half of what it allows (WatchdogSec), as
// sd_watchdog_enabled(3) advises; 0 if it doesn't watch.
func watchdogInterval() time.Duration {
	if pid := os.Getenv("WATCHDOG_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0
	}
	us, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || us <= 0 {
		return 0
	}
	return time.Duration(us) * time.Microsecond / 2
}

// watchdog reports at each interval that alive has returned. An alive that hangs keeps the report back: then the manager
// ends this process and starts another one. An error of alive is no reason for that, since a restart doesn't mend it.
func watchdog(ctx context.Context, every time.Duration, alive func()) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		alive()
		notify("WATCHDOG=1")
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
