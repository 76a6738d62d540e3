// Package ber is the part of the Basic Encoding Rules that LDAP uses (RFC 4511, 5.1; X.690): a bounded reader that copies nothing
// and a writer that appends.
package ber
