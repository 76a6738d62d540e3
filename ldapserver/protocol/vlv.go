package protocol

import "ringdex/ldapserver/ber"

// Tags of a virtual list view request's target (draft-ietf-ldapext-ldapv3-vlv-09, 6.1). The draft's ASN.1 tags are implicit.
const (
	tagByOffset           = ber.Tag(0xa0)
	tagGreaterThanOrEqual = ber.Tag(0x81)
)

// VLVRequest is the value of a virtual list view request (draft-ietf-ldapext-ldapv3-vlv-09, 6.1).
type VLVRequest struct {
	Before, After int
	ByValue       bool   // greaterThanOrEqual: Value counts, not Offset and Count
	Offset, Count int    // target by offset: entry Offset, from 1, of a list that the client takes to have Count entries (0: don't know)
	Value         []byte // assertion value for the first sort key
	ContextID     []byte // nil where absent
}

// DecodeVLVRequest reads the value of a VLV request control; Value and ContextID are parts of it. Offset 0 is let pass: what it means
// is the server's to say.
func DecodeVLVRequest(value []byte) (VLVRequest, error) {
	v := openValue("virtual list view", value, 2)
	r := VLVRequest{Before: v.int(ber.Integer), After: v.int(ber.Integer)}
	switch v.next() {
	case tagGreaterThanOrEqual:
		r.ByValue = true
		r.Value = v.octets(tagGreaterThanOrEqual)
	default:
		if v.err != nil {
			break
		}
		target, err := v.Enter(tagByOffset)
		by := valueReader{Reader: target, what: v.what, err: err}
		r.Offset, r.Count = by.int(ber.Integer), by.int(ber.Integer)
		if err := by.close(); err != nil {
			return VLVRequest{}, err
		}
	}
	if v.next() == ber.OctetString {
		r.ContextID = v.octets(ber.OctetString)
	}
	if err := v.close(); err != nil {
		return VLVRequest{}, err
	}
	return r, nil
}

// AppendVLVRequest appends the value of a VLV request control.
func AppendVLVRequest(dst []byte, r VLVRequest) []byte {
	dst, mark := ber.Begin(dst, ber.Sequence)
	dst = ber.AppendInt(dst, ber.Integer, int64(r.Before))
	dst = ber.AppendInt(dst, ber.Integer, int64(r.After))
	if r.ByValue {
		dst = ber.AppendBytes(dst, tagGreaterThanOrEqual, r.Value)
	} else {
		var target int
		dst, target = ber.Begin(dst, tagByOffset)
		dst = ber.AppendInt(dst, ber.Integer, int64(r.Offset))
		dst = ber.AppendInt(dst, ber.Integer, int64(r.Count))
		dst = ber.End(dst, target)
	}
	if r.ContextID != nil {
		dst = ber.AppendBytes(dst, ber.OctetString, r.ContextID)
	}
	return ber.End(dst, mark)
}

// VLVResponse is the value of a virtual list view response (draft-ietf-ldapext-ldapv3-vlv-09, 6.2).
type VLVResponse struct {
	Position, Count int
	Code            ResultCode
	ContextID       []byte // nil where absent
}

// DecodeVLVResponse reads the value of a VLV response control.
func DecodeVLVResponse(value []byte) (VLVResponse, error) {
	v := openValue("virtual list view response", value, 1)
	r := VLVResponse{Position: v.int(ber.Integer), Count: v.int(ber.Integer), Code: ResultCode(v.int(ber.Enumerated))}
	if v.next() == ber.OctetString {
		r.ContextID = v.octets(ber.OctetString)
	}
	return r, v.close()
}

// AppendVLVResponse appends the value of a VLV response control.
func AppendVLVResponse(dst []byte, r VLVResponse) []byte {
	dst, mark := ber.Begin(dst, ber.Sequence)
	dst = ber.AppendInt(dst, ber.Integer, int64(r.Position))
	dst = ber.AppendInt(dst, ber.Integer, int64(r.Count))
	dst = ber.AppendInt(dst, ber.Enumerated, int64(r.Code))
	if r.ContextID != nil {
		dst = ber.AppendBytes(dst, ber.OctetString, r.ContextID)
	}
	return ber.End(dst, mark)
}
