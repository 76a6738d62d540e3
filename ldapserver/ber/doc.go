// Package ber is the part of the Basic Encoding Rules that LDAP uses (RFC 4511, 5.1; X.690): a bounded reader that copies nothing,
// and a writer that appends. It knows no sockets and no LDAP.
//
// Invariants:
//   - Nothing is allocated, in either direction, but for the growth of the buffer that is appended to. What a peer announces is
//     compared with what is there before it is believed.
//   - Every yielded content is a part of the input, with its capacity cut to its length, so that appending to it overwrites nothing.
//   - Reading never goes back: each call takes at least two octets or ends in an error.
//   - Read liberally: long-form lengths of up to four octets where fewer would do (Windows sends 84 00 00 00 xx everywhere), INTEGER
//     and ENUMERATED with needless leading octets (Snom sends 02 02 00 32), TRUE as any octet but 0.
//   - Refused: indefinite lengths (RFC 4511, 5.1 (1)), lengths of five octets and more, tag numbers above 30, INTEGER, ENUMERATED and
//     BOOLEAN without content, BOOLEAN of more than one octet, integers beyond 64 bits. A constructed OCTET STRING (RFC 4511, 5.1 (2))
//     has another tag than the one asked for and is refused by that.
//   - Write strictly: minimal lengths, minimal integers, TRUE as FF (RFC 4511, 5.1 (3)).
//
// Left out: high tag numbers, REAL, OBJECT IDENTIFIER in binary form and everything else that no LDAP message holds.
package ber
