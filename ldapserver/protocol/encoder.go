package protocol

// Every Append function appends one whole LDAPMessage to dst and allocates nothing beyond dst's growth. Lengths are minimal and
// TRUE is FF (RFC 4511, 5.1).

// AppendResult appends the message of an operation whose response is a plain LDAPResult: SearchResultDone and the responses to
// compare, add, delete, modify and modifyDN (RFC 4511, 4.1.9); a BindResponse and an ExtendedResponse without further fields too.
func AppendResult(dst []byte, id int32, op Op, code ResultCode, matchedDN, message string, controls []Control) []byte {
	return dst
}

// AppendBindResponse appends a BindResponse (RFC 4511, 4.2.2). saslCreds nil: none.
func AppendBindResponse(dst []byte, id int32, code ResultCode, matchedDN, message string, saslCreds []byte) []byte {
	return dst
}

// AppendExtendedResponse appends an ExtendedResponse (RFC 4511, 4.12). oid "": none; value nil: none.
func AppendExtendedResponse(dst []byte, id int32, code ResultCode, message, oid string, value []byte) []byte {
	return dst
}

// AppendIntermediateResponse appends an IntermediateResponse (RFC 4511, 4.13). oid "": none; value nil: none.
func AppendIntermediateResponse(dst []byte, id int32, oid string, value []byte, controls []Control) []byte {
	return dst
}

// AppendReference appends a SearchResultReference with one or more URIs (RFC 4511, 4.5.3).
func AppendReference(dst []byte, id int32, uris ...string) []byte { return dst }

// AppendReferral appends an LDAPResult with code referral and its URIs (RFC 4511, 4.1.10).
func AppendReferral(dst []byte, id int32, op Op, matchedDN, message string, uris ...string) []byte {
	return dst
}

// AppendNoticeOfDisconnection appends the unsolicited notification that ends a session (RFC 4511, 4.4.1).
func AppendNoticeOfDisconnection(dst []byte, code ResultCode, message string) []byte { return dst }
