package protocol

// Control is RFC 4511, 4.1.11.
type Control struct {
	OID      []byte
	Critical bool
	Value    []byte
	HasValue bool // tells an empty value from none
}

// Is says whether the control's OID is oid.
func (c *Control) Is(oid string) bool { return string(c.OID) == oid }

// PagedResults is the value of the control of RFC 2696, in requests and responses.
type PagedResults struct {
	Size   int    // request: entries a page; response: estimate of the total, 0 unknown
	Cookie []byte // empty: first page, or no further page
}

// DecodePagedResults reads the value of a paged results control; Cookie is a part of value.
func DecodePagedResults(value []byte) (PagedResults, error) { return PagedResults{}, nil }

// AppendPagedResults appends the value of a paged results control.
func AppendPagedResults(dst []byte, p PagedResults) []byte { return dst }

// SortKey is one key of a server-side sort request (RFC 2891, 1.1).
type SortKey struct {
	Attribute []byte
	Rule      []byte // ordering rule; empty: the attribute's own
	Reverse   bool
}

// DecodeSortRequest reads the value of a sort request control and appends its keys, at most max, to dst.
func DecodeSortRequest(dst []SortKey, value []byte, max int) ([]SortKey, error) { return dst, nil }

// AppendSortRequest appends the value of a sort request control.
func AppendSortRequest(dst []byte, keys []SortKey) []byte { return dst }

// SortResponse is the value of a sort response control (RFC 2891, 1.2).
type SortResponse struct {
	Code      ResultCode
	Attribute string // the first key that failed; "" where none
}

// AppendSortResponse appends the value of a sort response control.
func AppendSortResponse(dst []byte, r SortResponse) []byte { return dst }

// DecodeSortResponse reads the value of a sort response control.
func DecodeSortResponse(value []byte) (SortResponse, error) { return SortResponse{}, nil }

// VLVRequest is the value of a virtual list view request (draft-ietf-ldapext-ldapv3-vlv-09, 6.1).
type VLVRequest struct {
	Before, After int
	ByValue       bool   // greaterThanOrEqual: Value counts, not Offset and Count
	Offset, Count int    // target by offset: Offset of a list that the client takes to have Count entries (0: don't know)
	Value         []byte // assertion value for the first sort key
	ContextID     []byte // nil where absent
}

// DecodeVLVRequest reads the value of a VLV request control.
func DecodeVLVRequest(value []byte) (VLVRequest, error) { return VLVRequest{}, nil }

// AppendVLVRequest appends the value of a VLV request control.
func AppendVLVRequest(dst []byte, r VLVRequest) []byte { return dst }

// VLVResponse is the value of a virtual list view response (draft-ietf-ldapext-ldapv3-vlv-09, 6.2).
type VLVResponse struct {
	Position, Count int
	Code            ResultCode
	ContextID       []byte // nil where absent
}

// AppendVLVResponse appends the value of a VLV response control.
func AppendVLVResponse(dst []byte, r VLVResponse) []byte { return dst }

// DecodeVLVResponse reads the value of a VLV response control.
func DecodeVLVResponse(value []byte) (VLVResponse, error) { return VLVResponse{}, nil }

// DecodeSubentries reads the value of a subentries control (RFC 3672, 3): true shows subentries only.
func DecodeSubentries(value []byte) (bool, error) { return false, nil }
