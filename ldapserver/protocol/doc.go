// Package protocol is LDAP on the wire: messages, filters, DNs, controls and result codes; bytes in, bytes out, no sockets.
//
// A Decoder turns the PDU of a request into a Message; Append functions and an EntryEncoder turn answers into bytes. A server keeps
// one of each per connection.
//
// Invariants:
//   - Decoding copies nothing and, once the Decoder has seen a message of the kind, allocates nothing: every slice of a Message is a part
//     of the PDU. Only an error and a message far beyond the usual size cost memory. Nothing is allocated by announced length.
//   - Everything is bounded (Limits) before it is stored. Recursion happens in filters alone and has a depth. DNs take linear time.
//   - What can't be an LDAPMessage is an *EnvelopeError: nothing can be answered, the connection ends (RFC 4511, 4.1.1). That goes
//     for malformed BER anywhere in the PDU. Whatever is BER but not what the RFC puts there is an *Error: the message has its ID
//     and Op, and that one operation is answered with protocolError.
//   - Components behind the known ones of a SEQUENCE are ignored when they are well formed (RFC 4511, 4), refused when not.
//   - Encoding appends to the caller's buffer, minimally (RFC 4511, 5.1), and never fails.
//
// Lenient, since real clients need it: Snom's padded integers and Windows' long-form lengths (package ber), any TRUE, an empty list
// of controls, empty parts of substring filters (Thunderbird sends (cn=*anna**)), a substring filter of nothing but empty parts
// (phones with an empty input), empty attribute descriptions, names of binds that are no DNs, and DNs in LDAPv2 spelling.
//
// Left out: the content of writes beyond their DN, responses (a client's business), SASL's security layers, and every judgement that
// needs a schema or a directory.
package protocol
