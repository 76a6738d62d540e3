// Package ldapserver is an LDAP server without a directory: listeners, TLS, connections, limits and dispatch. What is
// answered comes from a Backend.
//
//   - One goroutine serves a connection. A request is decoded, run and answered there, without a hand-over; everything
//     that lies in the read buffer is answered before one write. In steady state this layer allocates nothing.
//   - While a search runs long, and only then, the socket is read ahead, so that Abandon, Cancel, Unbind and a client that
//     has gone are noticed: now and then by the search itself, over TLS by a second goroutine, which the search's starts and
//     waits for.
//   - Deadlines are per message: first octet, rest of a message, idle, write. A slow or silent client costs one
//     connection and a bounded buffer.
//   - A bad message costs only its own connection: the answer is a Notice of Disconnection (RFC 4511, 4.4.1) where it is
//     no message at all, protocolError where only its operation is wrong. A panic is recovered once per connection.
//   - The number of connections is bounded, per address and in all.
//   - Writes are refused with unwillingToPerform: the directory has one writer, and it is not LDAP.
//   - Neither passwords nor what is searched for are logged.
//
// It leaves out what lies in the directory, who may read it (Session), and the wire format (package protocol).
package ldapserver
