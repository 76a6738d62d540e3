package protocol

import "ringdex/ldapserver/ber"

// Tags inside of responses (RFC 4511, appendix B).
const (
	tagReferral          = ber.Tag(0xa3) // LDAPResult
	tagServerSASLCreds   = ber.Tag(0x87) // BindResponse
	tagResponseName      = ber.Tag(0x8a) // ExtendedResponse
	tagResponseValue     = ber.Tag(0x8b)
	tagIntermediateName  = ber.Tag(0x80) // IntermediateResponse
	tagIntermediateValue = ber.Tag(0x81)
)

// response is a message being appended: where its lengths go.
type response struct{ message, op int }

// begin opens the message and the operation.
func begin(dst []byte, id int32, op Op) ([]byte, response) {
	var r response
	dst, r.message = ber.Begin(dst, ber.Sequence)
	dst = ber.AppendInt(dst, ber.Integer, int64(id))
	dst, r.op = ber.Begin(dst, op.Tag())
	return dst, r
}

// end closes both, with the controls between their ends.
func (r response) end(dst []byte, controls []Control) []byte {
	dst = ber.End(dst, r.op)
	dst = AppendControls(dst, controls)
	return ber.End(dst, r.message)
}

// appendLDAPResult appends the components that all results begin with (RFC 4511, 4.1.9).
func appendLDAPResult(dst []byte, code ResultCode, matchedDN, message string) []byte {
	dst = ber.AppendInt(dst, ber.Enumerated, int64(code))
	dst = ber.AppendString(dst, ber.OctetString, matchedDN)
	return ber.AppendString(dst, ber.OctetString, message)
}

// AppendResult appends the message of an operation whose response is a plain LDAPResult: SearchResultDone and the responses to
// compare, add, delete, modify and modifyDN (RFC 4511, 4.1.9); a BindResponse and an ExtendedResponse without further fields too.
// Like every Append function here it appends one whole LDAPMessage and allocates nothing beyond dst's growth.
func AppendResult(dst []byte, id int32, op Op, code ResultCode, matchedDN, message string, controls []Control) []byte {
	dst, r := begin(dst, id, op)
	dst = appendLDAPResult(dst, code, matchedDN, message)
	return r.end(dst, controls)
}

// AppendReferral appends an LDAPResult with code referral and at least one URI (RFC 4511, 4.1.10).
func AppendReferral(dst []byte, id int32, op Op, matchedDN, message string, uris ...string) []byte {
	dst, r := begin(dst, id, op)
	dst = appendLDAPResult(dst, Referral, matchedDN, message)
	dst, list := ber.Begin(dst, tagReferral)
	for _, uri := range uris {
		dst = ber.AppendString(dst, ber.OctetString, uri)
	}
	return r.end(ber.End(dst, list), nil)
}

// AppendBindResponse appends a BindResponse (RFC 4511, 4.2.2). saslCreds nil: none.
func AppendBindResponse(dst []byte, id int32, code ResultCode, matchedDN, message string, saslCreds []byte) []byte {
	dst, r := begin(dst, id, OpBindResponse)
	dst = appendLDAPResult(dst, code, matchedDN, message)
	if saslCreds != nil {
		dst = ber.AppendBytes(dst, tagServerSASLCreds, saslCreds)
	}
	return r.end(dst, nil)
}

// AppendExtendedResponse appends an ExtendedResponse (RFC 4511, 4.12). oid "": none; value nil: none.
func AppendExtendedResponse(dst []byte, id int32, code ResultCode, message, oid string, value []byte) []byte {
	dst, r := begin(dst, id, OpExtendedResponse)
	dst = appendLDAPResult(dst, code, "", message)
	if oid != "" {
		dst = ber.AppendString(dst, tagResponseName, oid)
	}
	if value != nil {
		dst = ber.AppendBytes(dst, tagResponseValue, value)
	}
	return r.end(dst, nil)
}

// AppendNoticeOfDisconnection appends the unsolicited notification that ends a session (RFC 4511, 4.4.1): protocolError after a
// broken PDU, strongerAuthRequired, or unavailable at shutdown.
func AppendNoticeOfDisconnection(dst []byte, code ResultCode, message string) []byte {
	return AppendExtendedResponse(dst, 0, code, message, OIDNoticeOfDisconnection, nil)
}

// AppendIntermediateResponse appends an IntermediateResponse (RFC 4511, 4.13). oid "": none; value nil: none.
func AppendIntermediateResponse(dst []byte, id int32, oid string, value []byte, controls []Control) []byte {
	dst, r := begin(dst, id, OpIntermediateResponse)
	if oid != "" {
		dst = ber.AppendString(dst, tagIntermediateName, oid)
	}
	if value != nil {
		dst = ber.AppendBytes(dst, tagIntermediateValue, value)
	}
	return r.end(dst, controls)
}

// AppendReference appends a SearchResultReference with at least one URI (RFC 4511, 4.5.3).
func AppendReference(dst []byte, id int32, uris ...string) []byte {
	dst, r := begin(dst, id, OpSearchResultReference)
	for _, uri := range uris {
		dst = ber.AppendString(dst, ber.OctetString, uri)
	}
	return r.end(dst, nil)
}

// AppendControls appends controls [0] of an LDAPMessage (RFC 4511, 4.1.11), nothing where there are none. criticality is sent only
// where it is TRUE, since FALSE is its default (RFC 4511, 5.1 (4)).
func AppendControls(dst []byte, controls []Control) []byte {
	if len(controls) == 0 {
		return dst
	}
	dst, list := ber.Begin(dst, tagControls)
	for i := range controls {
		c := &controls[i]
		var one int
		dst, one = ber.Begin(dst, ber.Sequence)
		dst = ber.AppendBytes(dst, ber.OctetString, c.OID)
		if c.Critical {
			dst = ber.AppendBool(dst, ber.Boolean, true)
		}
		if c.HasValue {
			dst = ber.AppendBytes(dst, ber.OctetString, c.Value)
		}
		dst = ber.End(dst, one)
	}
	return ber.End(dst, list)
}
