package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// show prints a decoded value, or the outcome that a client is told.
func show(err error, format string, args ...any) string {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Code.String()
	}
	if err != nil {
		return "unclassified: " + err.Error()
	}
	return fmt.Sprintf(format, args...)
}

func showKeys(keys []SortKey, err error) string {
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&b, "%s/%s/%v ", k.Attribute, k.Rule, k.Reverse)
	}
	return show(err, "%s", b.String())
}

func TestControlValues(t *testing.T) {
	t.Parallel()
	paged := func(b []byte) string {
		p, err := DecodePagedResults(b)
		return show(err, "%d %q", p.Size, p.Cookie)
	}
	sort := func(b []byte) string { return showKeys(DecodeSortRequest(nil, b, 2)) }
	sorted := func(b []byte) string {
		r, err := DecodeSortResponse(b)
		return show(err, "%v %q", r.Code, r.Attribute)
	}
	vlv := func(b []byte) string {
		r, err := DecodeVLVRequest(b)
		return show(err, "%d %d, %d %d, %v %q, %q", r.Before, r.After, r.Offset, r.Count, r.ByValue, r.Value, r.ContextID)
	}
	viewed := func(b []byte) string {
		r, err := DecodeVLVResponse(b)
		return show(err, "%d of %d, %v %q", r.Position, r.Count, r.Code, r.ContextID)
	}
	subentries := func(b []byte) string {
		v, err := DecodeSubentries(b)
		return show(err, "%v", v)
	}
	cancel := func(b []byte) string {
		id, err := DecodeCancel(b)
		return show(err, "%d", id)
	}
	seq := func(parts ...[]byte) []byte { return elem(0x30, parts...) }
	offset := elem(0xa0, num(1), num(0))
	tests := []struct {
		name   string
		decode func([]byte) string
		value  []byte
		want   string
	}{
		{"paged", paged, seq(num(100), str("")), `100 ""`},
		{"paged, padded", paged, seq(raw("\x02\x02\x00\x64"), str("c")), `100 "c"`},
		{"paged, long lengths", paged, raw("\x30\x84\x00\x00\x00\x05\x02\x01\x64\x04\x00"), `100 ""`},
		{"paged, no value", paged, nil, "protocolError"},
		{"paged, negative", paged, seq(num(-1), str("")), "protocolError"},
		{"paged, too large", paged, seq(num(1<<31), str("")), "protocolError"},
		{"paged, no cookie", paged, seq(num(1)), "protocolError"},
		{"paged, bytes behind", paged, append(seq(num(1), str("")), 0), "protocolError"},
		{"paged, garbage inside", paged, seq(num(1), str(""), raw("\x05")), "protocolError"},
		{"paged, indefinite", paged, raw("\x30\x80\x02\x01\x01\x04\x00\x00\x00"), "protocolError"},
		{"paged, four billion", paged, raw("\x30\x84\xff\xff\xff\xff"), "protocolError"},
		{"sort", sort, seq(seq(str("sn"))), "sn//false "},
		{"sort, all", sort, seq(seq(str("sn"), ctx(0, "2.5.13.3"), raw("\x81\x01\x01"))), "sn/2.5.13.3/true "},
		{"sort, reverse only", sort, seq(seq(str("sn"), raw("\x81\x01\xff"))), "sn//true "},
		{"sort, no keys", sort, seq(), "protocolError"},
		{"sort, three keys of two", sort, seq(seq(str("a")), seq(str("b")), seq(str("c"))), "adminLimitExceeded"},
		{"sort, empty key", sort, seq(seq()), "protocolError"},
		{"sort, key is no SEQUENCE", sort, seq(str("sn")), "protocolError"},
		{"sort, no value", sort, nil, "protocolError"},
		{"sort response", sorted, seq(enum(16), ctx(0, "sn")), `noSuchAttribute "sn"`},
		{"sort response, success", sorted, seq(enum(0)), `success ""`},
		{"vlv by offset", vlv, seq(num(2), num(9), offset), `2 9, 1 0, false "", ""`},
		{"vlv by value", vlv, seq(num(0), num(9), ctx(1, "x"), str("id")), `0 9, 0 0, true "x", "id"`},
		{"vlv, negative before", vlv, seq(num(-1), num(9), offset), "protocolError"},
		{"vlv, no target", vlv, seq(num(1), num(9)), "protocolError"},
		{"vlv, unknown target", vlv, seq(num(1), num(9), ctx(2, "x")), "protocolError"},
		{"vlv, primitive offset", vlv, seq(num(1), num(9), ctx(0, "x")), "protocolError"},
		{"vlv, half an offset", vlv, seq(num(1), num(9), elem(0xa0, num(1))), "protocolError"},
		{"vlv, no value", vlv, nil, "protocolError"},
		{"vlv response", viewed, seq(num(1), num(3), enum(0), str("id")), `1 of 3, success "id"`},
		{"vlv response, short", viewed, seq(num(1), num(3)), "protocolError"},
		{"subentries", subentries, boolean(true), "true"},
		{"subentries hidden", subentries, boolean(false), "false"},
		{"subentries in a SEQUENCE", subentries, seq(boolean(true)), "protocolError"},
		{"subentries and more", subentries, append(boolean(true), 0), "protocolError"},
		{"subentries, no value", subentries, nil, "protocolError"},
		{"cancel", cancel, seq(num(100)), "100"},
		{"cancel, negative", cancel, seq(num(-5)), "protocolError"},
		{"cancel, too large", cancel, seq(num(1 << 31)), "protocolError"},
		{"cancel, no SEQUENCE", cancel, num(5), "protocolError"},
		{"cancel, nothing", cancel, nil, "protocolError"},
		{"cancel, bytes behind", cancel, append(seq(num(1)), 1), "protocolError"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.decode(tt.value); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestControlValuesRoundTrip(t *testing.T) {
	t.Parallel()
	for _, v := range []PagedResults{{Cookie: []byte{}}, {Size: 1000, Cookie: []byte("next")}, {Size: math.MaxInt32, Cookie: bytes.Repeat([]byte{1}, 300)}} {
		if got, err := DecodePagedResults(AppendPagedResults(nil, v)); err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("got %+v, %v, want %+v", got, err, v)
		}
	}
	for _, v := range [][]SortKey{{{Attribute: []byte("sn")}}, {{Attribute: []byte("sn"), Rule: []byte("2.5.13.3"), Reverse: true}, {Attribute: []byte("cn")}}} {
		if got, err := DecodeSortRequest(nil, AppendSortRequest(nil, v), 2); err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("got %+v, %v, want %+v", got, err, v)
		}
	}
	for _, v := range []SortResponse{{}, {Code: NoSuchAttribute, Attribute: "x"}} {
		if got, err := DecodeSortResponse(AppendSortResponse(nil, v)); err != nil || got != v {
			t.Errorf("got %+v, %v, want %+v", got, err, v)
		}
	}
	for _, v := range []VLVRequest{
		{Before: 1, After: 2, Offset: 3, Count: 400},
		{ByValue: true, Value: []byte("a"), ContextID: []byte{}},
		{Offset: 1, ContextID: []byte("id")},
	} {
		if got, err := DecodeVLVRequest(AppendVLVRequest(nil, v)); err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("got %+v, %v, want %+v", got, err, v)
		}
	}
	for _, v := range []VLVResponse{{}, {Position: 5, Count: 100_000, Code: OffsetRangeError, ContextID: []byte("id")}} {
		if got, err := DecodeVLVResponse(AppendVLVResponse(nil, v)); err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("got %+v, %v, want %+v", got, err, v)
		}
	}
	for _, v := range []bool{true, false} {
		if got, err := DecodeSubentries(AppendSubentries(nil, v)); err != nil || got != v {
			t.Errorf("got %v, %v, want %v", got, err, v)
		}
	}
	if got, err := DecodeCancel(AppendCancel(nil, 77)); err != nil || got != 77 {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestControlsLikeGoLDAP decodes what go-ldap's client encodes, and lets it decode what we encode.
func TestControlsLikeGoLDAP(t *testing.T) {
	t.Parallel()
	paging := ldap.NewControlPaging(500)
	paging.SetCookie([]byte("next"))
	sorting := &ldap.ControlServerSideSorting{SortKeys: []*ldap.SortKey{
		{AttributeType: "sn", MatchingRule: "2.5.13.3", Reverse: true}, {AttributeType: "givenName", MatchingRule: "2.5.13.3"},
	}}
	pdu := message(2, searchOp(present("cn")), elem(0xa0, paging.Encode().Bytes(), sorting.Encode().Bytes(), ldap.NewControlManageDsaIT(true).Encode().Bytes()))
	var d Decoder
	m, err := d.Decode(pdu)
	if err != nil {
		t.Fatal(err)
	}
	page, err := DecodePagedResults(FindControl(m.Controls, OIDPagedResults).Value)
	if err != nil || page.Size != 500 || string(page.Cookie) != "next" {
		t.Errorf("got %+v, %v", page, err)
	}
	keys, err := DecodeSortRequest(nil, FindControl(m.Controls, OIDSortRequest).Value, 5)
	if got := showKeys(keys, err); got != "sn/2.5.13.3/true givenName/2.5.13.3/false " {
		t.Errorf("got %s", got)
	}
	manage := FindControl(m.Controls, OIDManageDsaIT)
	if !manage.Critical || manage.HasValue || DecodeManageDsaIT(manage) != nil {
		t.Errorf("got %+v", manage)
	}
	if FindControl(m.Controls, OIDVLVRequest) != nil {
		t.Error("found a control that isn't there")
	}
	if DecodeManageDsaIT(&Control{Value: []byte("x")}) == nil {
		t.Error("manageDsaIT with a value: got no error")
	}

	p := parse(t, AppendResult(nil, 2, OpSearchResultDone, Success, "", "", []Control{
		NewControl(OIDPagedResults, AppendPagedResults(nil, PagedResults{Size: 7, Cookie: []byte("c")})),
		NewControl(OIDSortResponse, AppendSortResponse(nil, SortResponse{Code: InappropriateMatching, Attribute: "sn"})),
	}))
	got, err := ldap.DecodeControl(p.Children[2].Children[0])
	if c, ok := got.(*ldap.ControlPaging); err != nil || !ok || c.PagingSize != 7 || string(c.Cookie) != "c" {
		t.Errorf("got %+v, %v", got, err)
	}
	got, err = ldap.DecodeControl(p.Children[2].Children[1])
	// go-ldap doesn't look into the value's SEQUENCE, so there is no result to compare.
	if _, ok := got.(*ldap.ControlServerSideSortingResult); err != nil || !ok {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestOIDs(t *testing.T) {
	t.Parallel()
	for _, tt := range [][2]string{
		{OIDPagedResults, ldap.ControlTypePaging},
		{OIDSortRequest, ldap.ControlTypeServerSideSorting},
		{OIDSortResponse, ldap.ControlTypeServerSideSortingResult},
		{OIDManageDsaIT, ldap.ControlTypeManageDsaIT},
		{OIDSyncRequest, ldap.ControlTypeSyncRequest},
		{OIDSyncState, ldap.ControlTypeSyncState},
		{OIDSyncDone, ldap.ControlTypeSyncDone},
		{OIDSyncInfo, ldap.ControlTypeSyncInfo},
		{OIDWhoAmI, ldap.ControlTypeWhoAmI},
	} {
		if tt[0] != tt[1] {
			t.Errorf("got %s, go-ldap has %s", tt[0], tt[1])
		}
	}
}
