// Package protocol is LDAP on the wire: messages, filters, DNs, controls and result codes; bytes in, bytes out, no sockets.
package protocol
