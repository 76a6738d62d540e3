package ldapserver

import (
	"context"
	"crypto/tls"
	"errors"

	"ringdex/ldapserver/protocol"
)

// beginTLS is StartTLS (RFC 4511, 4.14): the handshake follows. A refusal leaves the plain session usable.
func (c *conn) beginTLS(m *protocol.Message) (protocol.ResultCode, error) {
	switch {
	case c.info.TLS:
		return c.answer(m, &protocol.Error{Code: protocol.OperationsError, Message: "TLS is established already"}), nil
	case c.listener.TLS == nil || c.listener.Mode == Plain:
		return c.answer(m, &protocol.Error{Code: protocol.ProtocolError, Message: "StartTLS is not configured"}), nil
	case len(c.out) > 0:
		// The client did not wait for the answer to what it asked before.
		return c.answer(m, &protocol.Error{Code: protocol.OperationsError, Message: "operations are outstanding"}), nil
	}
	c.out = protocol.AppendExtendedResponse(c.out, m.ID, protocol.Success, "", protocol.OIDStartTLS, nil)
	if err := c.flush(); err != nil {
		return protocol.Success, err
	}
	return protocol.Success, errStartTLS
}

// startTLS makes the handshake. Whatever lies in the buffer was sent before it and is thrown away: it may be somebody
// else's (RFC 4511, 4.14.1; CVE-2011-0411 is this fault in mail servers).
func (c *conn) startTLS(ctx context.Context) error {
	c.from, c.to, c.quiet = 0, 0, 0
	ctx, cancel := context.WithTimeout(ctx, c.options.HandshakeTimeout)
	defer cancel()
	t := tls.Server(c.raw, c.listener.TLS)
	if err := t.HandshakeContext(ctx); err != nil {
		if wrong := (tls.RecordHeaderError{}); errors.As(err, &wrong) {
			c.server.stats.garbage.Add(1)
			c.reason = "no TLS"
		}
		return err
	}
	c.nc, c.direct = t, nil
	c.info.TLS = true
	c.readBy, c.writeBy = past, past
	return nil
}
