package ldapserver

import (
	"context"
	"errors"
	"time"
)

// sureAfter is when a connection that waits for octets makes sure that the stream has not ended.
const sureAfter = 2 * time.Second

// errNotYet says that nothing has come to be read.
var errNotYet = errors.New("ldapserver: nothing to read yet")

// loopPlain is loop for a plain socket, with a system call less for each request. The requests are answered inside of one call that waits
// for octets: there the runtime remembers those that have come while a request was answered, which it does not from call to
// call. So nothing has to be read to find out that nothing is there; a read that has not filled its buffer has said that.
//
// Only the end of the stream may have come with the last octets, and be told of with them alone (epoll(7), on EPOLLET). Therefore somebody
// looks again after sureAfter.
func (c *conn) loopPlain(ctx context.Context) error {
	if err := c.step(ctx); err != nil {
		return err
	}
	var ended error
	octets := func(fd uintptr) (done bool) {
		for {
			room := c.in[c.to:]
			n, err := c.direct.read(fd, room)
			switch {
			case err == errNotYet:
				if c.drained {
					c.drained = false
					c.await()
				}
				return false
			case err != nil:
				ended = err
				return true
			}
			c.to += n
			if ended = c.step(ctx); ended != nil {
				return true
			}
			c.drained = n < len(room)
			if c.await(); c.drained {
				return false
			}
		}
	}
	for {
		c.drained = false
		c.await()
		err := c.direct.serve(octets)
		switch {
		case ended != nil:
			return ended
		case !isTimeout(err):
			return err
		case c.stopping.Load():
			return c.step(ctx)
		case !c.drained:
			return err
		}
	}
}
