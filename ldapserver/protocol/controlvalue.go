package protocol

import (
	"math"

	"ringdex/ldapserver/ber"
)

// valueReader reads a control's value, which is one SEQUENCE. It keeps the first error and gives zeros after it.
type valueReader struct {
	ber.Reader
	what string
	err  error
}

// openValue enters the SEQUENCE that is all of value.
func openValue(what string, value []byte, depth int) valueReader {
	outer := ber.NewReader(value, depth)
	r, err := outer.Enter(ber.Sequence)
	if err == nil {
		err = outer.End()
	}
	return valueReader{Reader: r, what: what, err: err}
}

// int reads an integer between 0 and maxInt (RFC 4511, 4.1.1).
func (v *valueReader) int(tag ber.Tag) int {
	if v.err != nil {
		return 0
	}
	n, err := v.Int(tag)
	if err == nil && (n < 0 || n > math.MaxInt32) {
		n, err = 0, ber.ErrValue
	}
	v.err = err
	return int(n)
}

func (v *valueReader) octets(tag ber.Tag) []byte {
	if v.err != nil {
		return nil
	}
	var b []byte
	b, v.err = v.Content(tag)
	return b
}

func (v *valueReader) bool(tag ber.Tag) bool {
	if v.err != nil {
		return false
	}
	var b bool
	b, v.err = v.Bool(tag)
	return b
}

// next is the tag of the next component, 0 at the end or after an error.
func (v *valueReader) next() ber.Tag {
	if v.err != nil {
		return 0
	}
	return v.Peek()
}

// close checks what is left and gives the error, if any, as an *Error.
func (v *valueReader) close() error {
	if v.err == nil {
		v.err = v.Skip()
	}
	if v.err != nil {
		return valueError(v.what, v.err)
	}
	return nil
}

// PagedResults is the value of the control of RFC 2696, 2, in requests and responses.
type PagedResults struct {
	Size   int    // request: entries a page; response: estimate of the total, 0 unknown
	Cookie []byte // empty: first page, or no further page
}

// DecodePagedResults reads the value of a paged results control. Cookie is a part of value. The error of this and the other
// functions that read a control's value is an *Error with code protocolError.
func DecodePagedResults(value []byte) (PagedResults, error) {
	v := openValue("paged results", value, 1)
	p := PagedResults{Size: v.int(ber.Integer), Cookie: v.octets(ber.OctetString)}
	return p, v.close()
}

// AppendPagedResults appends the value of a paged results control.
func AppendPagedResults(dst []byte, p PagedResults) []byte {
	dst, mark := ber.Begin(dst, ber.Sequence)
	dst = ber.AppendInt(dst, ber.Integer, int64(p.Size))
	dst = ber.AppendBytes(dst, ber.OctetString, p.Cookie)
	return ber.End(dst, mark)
}

// Tags of sort requests and responses (RFC 2891, 1.1 and 1.2).
const (
	tagOrderingRule  = ber.Tag(0x80)
	tagReverseOrder  = ber.Tag(0x81)
	tagSortAttribute = ber.Tag(0x80)
)

// SortKey is one key of a server-side sort request (RFC 2891, 1.1).
type SortKey struct {
	Attribute []byte
	Rule      []byte // ordering rule; empty: the attribute's own
	Reverse   bool
}

// DecodeSortRequest reads the value of a sort request control and appends its keys, at least one and at most max, to dst. More are
// adminLimitExceeded.
func DecodeSortRequest(dst []SortKey, value []byte, max int) ([]SortKey, error) {
	v := openValue("server-side sort", value, 2)
	if v.err == nil && v.Empty() {
		return dst, protocolError("server-side sort: no keys")
	}
	for n := 0; v.err == nil && !v.Empty(); n++ {
		if n >= max {
			return dst, limitError("server-side sort: too many keys")
		}
		r, err := v.Enter(ber.Sequence)
		one := valueReader{Reader: r, what: v.what, err: err}
		key := SortKey{Attribute: one.octets(ber.OctetString)}
		if one.next() == tagOrderingRule {
			key.Rule = one.octets(tagOrderingRule)
		}
		if one.next() == tagReverseOrder {
			key.Reverse = one.bool(tagReverseOrder)
		}
		if err := one.close(); err != nil {
			return dst, err
		}
		dst = append(dst, key)
	}
	return dst, v.close()
}

// AppendSortRequest appends the value of a sort request control.
func AppendSortRequest(dst []byte, keys []SortKey) []byte {
	dst, list := ber.Begin(dst, ber.Sequence)
	for _, key := range keys {
		var one int
		dst, one = ber.Begin(dst, ber.Sequence)
		dst = ber.AppendBytes(dst, ber.OctetString, key.Attribute)
		if len(key.Rule) > 0 {
			dst = ber.AppendBytes(dst, tagOrderingRule, key.Rule)
		}
		if key.Reverse {
			dst = ber.AppendBool(dst, tagReverseOrder, true)
		}
		dst = ber.End(dst, one)
	}
	return ber.End(dst, list)
}

// SortResponse is the value of a sort response control (RFC 2891, 1.2).
type SortResponse struct {
	Code      ResultCode
	Attribute string // the first key that failed; "" where none
}

// DecodeSortResponse reads the value of a sort response control.
func DecodeSortResponse(value []byte) (SortResponse, error) {
	v := openValue("server-side sort response", value, 1)
	r := SortResponse{Code: ResultCode(v.int(ber.Enumerated))}
	if v.next() == tagSortAttribute {
		r.Attribute = string(v.octets(tagSortAttribute))
	}
	return r, v.close()
}

// AppendSortResponse appends the value of a sort response control.
func AppendSortResponse(dst []byte, r SortResponse) []byte {
	dst, mark := ber.Begin(dst, ber.Sequence)
	dst = ber.AppendInt(dst, ber.Enumerated, int64(r.Code))
	if r.Attribute != "" {
		dst = ber.AppendString(dst, tagSortAttribute, r.Attribute)
	}
	return ber.End(dst, mark)
}

// DecodeSubentries reads the value of a subentries control, a BOOLEAN without a SEQUENCE around it (RFC 3672, 3): true shows
// subentries only, false hides them.
func DecodeSubentries(value []byte) (bool, error) {
	r := ber.NewReader(value, 0)
	visible, err := r.Bool(ber.Boolean)
	if err == nil {
		err = r.End()
	}
	if err != nil {
		return false, valueError("subentries", err)
	}
	return visible, nil
}

// AppendSubentries appends the value of a subentries control.
func AppendSubentries(dst []byte, visible bool) []byte {
	return ber.AppendBool(dst, ber.Boolean, visible)
}

// DecodeManageDsaIT checks a ManageDsaIT control, which has no value (RFC 3296, 3). An empty one is let pass.
func DecodeManageDsaIT(c *Control) error {
	if len(c.Value) > 0 {
		return protocolError("manageDsaIT: control has a value")
	}
	return nil
}
