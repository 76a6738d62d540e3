package directory

import (
	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
)

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

// sortKeysMax is how many keys a sort request may have: Poly's sortOrder has three.
const sortKeysMax = 8

// readControls decodes what it knows and leaves out the rest: the server has refused unknown critical ones.
func readControls(list []protocol.Control) (*controls, error) {
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

// searchControlled answers a search with controls.
func (s *Session) searchControlled(req *protocol.SearchRequest, list []protocol.Control, w *ldapserver.ResultWriter) error {
	c, err := readControls(list)
	if err != nil {
		return err
	}
	if len(req.Base) == 0 && req.Scope == protocol.BaseObject {
		return s.searchRootControlled(req, c, w)
	}
	s.refresh()
	entries, err := s.admit()
	if err != nil {
		return err
	}
	key, done, err := s.rememberedControlled(req, c, w)
	if done {
		return err
	}
	defer func() { s.spent(w.Entries()) }()
	q := &s.search
	defer q.release()
	err = s.runControlled(req, c, entries, w)
	if key != nil {
		s.rememberControlled(key, q.r, w, err)
	}
	return err
}

// runControlled makes the answer, anew where its snapshot has gone before anything was sent. The session's search is to be
// released.
func (s *Session) runControlled(req *protocol.SearchRequest, c *controls, entries int, w *ldapserver.ResultWriter) error {
	holds := false
	for {
		q, err := s.begin(req, entries, w)
		if err != nil {
			return err
		}
		q.left, q.holds = entries, holds
		if c.assertion != nil {
			err = q.assert(c.assertion, req)
		}
		if err == nil {
			err = q.cut(q.controlled(c, req))
		}
		switch {
		case err != errMoved:
			return err
		case holds || w.Entries() > 0:
			return errReplaced
		}
		holds = true
	}
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

// searchRootControlled answers a read of the root DSE with controls. There is nothing to sort, to page or to scroll.
func (s *Session) searchRootControlled(req *protocol.SearchRequest, c *controls, w *ldapserver.ResultWriter) error {
	if c.assertion != nil {
		s.columns = noColumns
		if s.evaluateStatic(s.compiler.compile(c.assertion, s.columns), s.dir.rootEntry) != isTrue {
			return errAssertion
		}
	}
	if c.paged != nil {
		addPaged(w, 0, nil)
	}
	return s.searchRoot(req, w)
}
