package protocol

import "ringdex/ldapserver/ber"

// The functions here build requests, good and bad ones, out of elements.

func elem(tag byte, parts ...[]byte) []byte {
	dst, mark := ber.Begin(nil, ber.Tag(tag))
	for _, p := range parts {
		dst = append(dst, p...)
	}
	return ber.End(dst, mark)
}

func str(s string) []byte         { return ber.AppendString(nil, ber.OctetString, s) }
func ctx(n byte, s string) []byte { return ber.AppendString(nil, ber.Context(n), s) }
func num(v int64) []byte          { return ber.AppendInt(nil, ber.Integer, v) }
func enum(v int64) []byte         { return ber.AppendInt(nil, ber.Enumerated, v) }
func boolean(v bool) []byte       { return ber.AppendBool(nil, ber.Boolean, v) }
func raw(s string) []byte         { return []byte(s) }
func message(id int64, rest ...[]byte) []byte {
	return elem(0x30, append([][]byte{num(id)}, rest...)...)
}

// searchOp is a search request with everything ordinary but the filter.
func searchOp(filter []byte) []byte {
	return elem(0x63, str("dc=example,dc=org"), enum(2), enum(0), num(50), num(5), boolean(false), filter, elem(0x30, str("cn")))
}

func searchMessage(filter []byte) []byte { return message(2, searchOp(filter)) }

func equality(attribute, value string) []byte { return elem(0xa3, str(attribute), str(value)) }

func present(attribute string) []byte { return ctx(7, attribute) }

func control(oid string, rest ...[]byte) []byte {
	return elem(0x30, append([][]byte{str(oid)}, rest...)...)
}

// callerSearch is what most phones ask for a caller: four number attributes, six attributes wanted.
func callerSearch() []byte {
	const n = "+442079460123"
	filter := elem(0xa1, equality("telephoneNumber", n), equality("mobile", n), equality("homePhone", n), equality("ipPhone", n))
	return message(7, elem(0x63, str("dc=ringdex"), enum(2), enum(0), num(50), num(0), boolean(false), filter,
		elem(0x30, str("cn"), str("sn"), str("givenName"), str("o"), str("telephoneNumber"), str("mobile"))))
}
