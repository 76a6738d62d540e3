package protocol

import "ringdex/ldapserver/ber"

// Op is the tag of a protocolOp (RFC 4511, 4.2 to 4.14).
type Op byte

// The operations of RFC 4511, appendix B.
const (
	OpBindRequest           = Op(0x60)
	OpBindResponse          = Op(0x61)
	OpUnbindRequest         = Op(0x42)
	OpSearchRequest         = Op(0x63)
	OpSearchResultEntry     = Op(0x64)
	OpSearchResultDone      = Op(0x65)
	OpModifyRequest         = Op(0x66)
	OpModifyResponse        = Op(0x67)
	OpAddRequest            = Op(0x68)
	OpAddResponse           = Op(0x69)
	OpDelRequest            = Op(0x4a)
	OpDelResponse           = Op(0x6b)
	OpModifyDNRequest       = Op(0x6c)
	OpModifyDNResponse      = Op(0x6d)
	OpCompareRequest        = Op(0x6e)
	OpCompareResponse       = Op(0x6f)
	OpAbandonRequest        = Op(0x50)
	OpSearchResultReference = Op(0x73)
	OpExtendedRequest       = Op(0x77)
	OpExtendedResponse      = Op(0x78)
	OpIntermediateResponse  = Op(0x79)
)

// Tag is the operation's identifier octet.
func (o Op) Tag() ber.Tag { return ber.Tag(o) }

// Response is the operation that ends the answer to the request o: SearchResultDone for a search. It is 0 for unbind and abandon,
// which are never answered, and for whatever is no request.
func (o Op) Response() Op {
	switch o {
	case OpBindRequest:
		return OpBindResponse
	case OpSearchRequest:
		return OpSearchResultDone
	case OpModifyRequest:
		return OpModifyResponse
	case OpAddRequest:
		return OpAddResponse
	case OpDelRequest:
		return OpDelResponse
	case OpModifyDNRequest:
		return OpModifyDNResponse
	case OpCompareRequest:
		return OpCompareResponse
	case OpExtendedRequest:
		return OpExtendedResponse
	}
	return 0
}

// String is the RFC's name, for logs: "SearchRequest".
func (o Op) String() string {
	switch o {
	case OpBindRequest:
		return "BindRequest"
	case OpBindResponse:
		return "BindResponse"
	case OpUnbindRequest:
		return "UnbindRequest"
	case OpSearchRequest:
		return "SearchRequest"
	case OpSearchResultEntry:
		return "SearchResultEntry"
	case OpSearchResultDone:
		return "SearchResultDone"
	case OpModifyRequest:
		return "ModifyRequest"
	case OpModifyResponse:
		return "ModifyResponse"
	case OpAddRequest:
		return "AddRequest"
	case OpAddResponse:
		return "AddResponse"
	case OpDelRequest:
		return "DelRequest"
	case OpDelResponse:
		return "DelResponse"
	case OpModifyDNRequest:
		return "ModifyDNRequest"
	case OpModifyDNResponse:
		return "ModifyDNResponse"
	case OpCompareRequest:
		return "CompareRequest"
	case OpCompareResponse:
		return "CompareResponse"
	case OpAbandonRequest:
		return "AbandonRequest"
	case OpSearchResultReference:
		return "SearchResultReference"
	case OpExtendedRequest:
		return "ExtendedRequest"
	case OpExtendedResponse:
		return "ExtendedResponse"
	case OpIntermediateResponse:
		return "IntermediateResponse"
	}
	return "unknown operation"
}
