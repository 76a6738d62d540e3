package main

import (
	"context"
	"fmt"
	"net"
	"os"
)

// peerKey is under which a control connection's context says who is at its other end.
type peerKey struct{}

// withPeer notes who has connected to the control socket.
func withPeer(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, peerKey{}, peerName(c))
}

// peer is who asks: the user at the other end of the control socket, or the one who runs the command itself.
func peer(ctx context.Context) string {
	if name, ok := ctx.Value(peerKey{}).(string); ok {
		return name
	}
	return fmt.Sprintf("uid %d", os.Getuid())
}
