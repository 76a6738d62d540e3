package directory

import "ringdex/ldapserver/protocol"

// controls are the controls of one search, decoded.
type controls struct {
	list []protocol.Control // as they came

	paged      *protocol.PagedResults
	sort       []protocol.SortKey
	sortAsked  bool
	sortMust   bool // the sort control is critical
	vlv        *protocol.VLVRequest
	assertion  *protocol.Filter
	subentries bool // only subentries are visible (RFC 3672, 3)
}

// Controls are the OIDs of the request controls that searches honour.
func (d *Directory) Controls() []string {
	return []string{
		protocol.OIDPagedResults, protocol.OIDSortRequest, protocol.OIDVLVRequest, protocol.OIDManageDsaIT,
		protocol.OIDAssertion, protocol.OIDSubentries,
	}
}

// noControls are those of nearly every search. Nobody writes to them.
var noControls controls

// sortKeysMax is how many keys a sort request may have: Poly's sortOrder has three.
const sortKeysMax = 8

// readControls decodes what it knows and leaves out the rest: the server has refused unknown critical ones.
func readControls(list []protocol.Control) (*controls, error) {
	if len(list) == 0 {
		return &noControls, nil
	}
	out := &controls{list: list}
	for i := range list {
		c := &list[i]
		for j := range i {
			if string(list[j].OID) == string(c.OID) {
				return nil, &protocol.Error{Code: protocol.ProtocolError, Message: "a control is there twice"}
			}
		}
		if err := out.read(c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *controls) read(one *protocol.Control) error {
	var err error
	switch string(one.OID) {
	case protocol.OIDManageDsaIT:
		err = protocol.DecodeManageDsaIT(one)
	case protocol.OIDPagedResults:
		var p protocol.PagedResults
		p, err = protocol.DecodePagedResults(one.Value)
		c.paged = &p
	case protocol.OIDSortRequest:
		c.sortAsked, c.sortMust = true, one.Critical
		c.sort, err = protocol.DecodeSortRequest(nil, one.Value, sortKeysMax)
	case protocol.OIDVLVRequest:
		var v protocol.VLVRequest
		v, err = protocol.DecodeVLVRequest(one.Value)
		c.vlv = &v
	case protocol.OIDAssertion:
		c.assertion, err = protocol.DecodeFilter(one.Value, protocol.Limits{})
	case protocol.OIDSubentries:
		c.subentries, err = protocol.DecodeSubentries(one.Value)
	}
	return err
}

// compareControls are those that mean something to a Compare: the server has refused others that are critical.
func compareControls(list []protocol.Control) (out []protocol.Control) {
	for _, c := range list {
		if c.Is(protocol.OIDAssertion) || c.Is(protocol.OIDManageDsaIT) {
			out = append(out, c)
		}
	}
	return out
}

var errAssertion = &protocol.Error{Code: protocol.AssertionFailed}

// assert holds the base of the search against an assertion (RFC 4528, 3), whose filter is compiled in the place of the
// request's.
func (q *search) assert(f *protocol.Filter, req *protocol.SearchRequest) error {
	holds := q.s.evaluateAt(q.r, q.at, q.s.compiler.compile(f, q.s.columns)) == isTrue
	q.condition = q.s.compiler.compile(req.Filter, q.s.columns)
	if !holds {
		return errAssertion
	}
	return nil
}
