package directory

import (
	"context"
	"errors"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
)

// Session is one connection's state: who is bound, and memory that its requests reuse. It serves one request at a time.
type Session struct {
	*memory     // nil after Close
	dir         *Directory
	user        *user // nil: anonymous
	anonymousOK bool
	info        ldapserver.ConnInfo
	access      *access // as of the last request
	rights      *rights // the user's, or those of who has not bound
	connected   *view   // by network or listener; nil: none
	assigned    *view   // by user, else by network or listener
	view        *view   // of the request in progress; nil: the directory as it is
	named       bool    // its base named the view

	columns  *columns // of the snapshot in use
	compiler compiler
	search   search            // the one in progress
	choosing int               // how many choices between indexes the planning is inside of
	assumed  bool              // number terms count as true: the ladder holds a company against the rest of the filter
	names    map[string]string // attribute names as this client writes them
	scope    int               // where the queries of the present alternative begin
	inexact  bool              // the queries planned so far propose more than what matches
	text     []byte            // scratch: the values of an entry under a view
	shown    []shownAttribute
	asked    askedNumber // under a view
	people   int         // of the company that is being sent, to be told with its name; 0: none
}

// memory is what searches work in. It goes from session to session, since many telephones connect for every lookup; a
// search overwrites all that it reads there.
type memory struct {
	queries  []store.Query
	ordinals []uint32
	places   []uint32 // in one of the store's orders
	marked   []uint64 // the same, a bit each
	hits     []hit
	selected selection
	dn       []byte // a DN
	value    []byte // a computed value
	texts    []store.Text
	values   []protocol.EntryValue
	head     []byte // a head number and a digit
	key      []byte // what the search depends on
	about    []byte // what a sorted list depends on
	answer   []byte // the answer to remember

	conditions compilerMemory
}

// keepOrdinals is how many ordinals' room may outlive a session.
const keepOrdinals = 1 << 14

// newMemory is memory for a session.
func (d *Directory) newMemory() *memory {
	if m, ok := d.spare.Get().(*memory); ok {
		return m
	}
	return new(memory)
}

// Close ends the session, which must not be used any more.
func (s *Session) Close() {
	m := s.memory
	s.memory, s.compiler.compilerMemory = nil, nil
	if m == nil || cap(m.ordinals) > keepOrdinals || cap(m.places) > keepOrdinals || cap(m.hits) > keepOrdinals {
		return
	}
	s.dir.spare.Put(m)
}

// snapshot returns a reader of the latest state, with its columns. A directory without a complete copy is busy.
func (s *Session) snapshot() (*store.Reader, error) {
	r, err := s.dir.options.Store.Reader()
	if errors.Is(err, store.ErrEmpty) {
		return nil, &protocol.Error{Code: protocol.Unavailable, Message: "no replication has completed yet"}
	}
	if err != nil {
		return nil, err
	}
	if s.columns, err = s.dir.columnsOf(r); err != nil {
		r.Release()
		return nil, err
	}
	return r, nil
}

// Extended answers the extended operations that are not the server's own (RFC 4511, 4.12).
func (s *Session) Extended(_ context.Context, r *protocol.ExtendedRequest) (oid string, value []byte, err error) {
	s.refresh()
	if string(r.OID) == protocol.OIDWhoAmI {
		return "", s.whoAmI(), nil
	}
	return "", nil, &protocol.Error{Code: protocol.ProtocolError, Message: "unknown extended operation"}
}

// Compare is RFC 4511, 4.10: whether an entry has a value, by the rules of an equality filter; if the entry satisfies the
// assertion of the control (RFC 4528, 3), where there is one.
func (s *Session) Compare(_ context.Context, req *protocol.CompareRequest, list []protocol.Control) (bool, error) {
	c, err := readControls(compareControls(list))
	if err != nil {
		return false, err
	}
	s.refresh()
	if !s.mayRead() {
		return false, errNoAccess
	}
	if _, err := s.admit(); err != nil {
		return false, err
	}
	r, err := s.snapshot()
	if err != nil {
		return false, err
	}
	defer r.Release()
	at, err := s.locate(r, req.DN)
	if err != nil {
		return false, err
	}
	s.useAt(at)
	if c.assertion != nil && s.evaluateAt(r, at, s.compiler.compile(c.assertion, s.columns)) != isTrue {
		return false, errAssertion
	}
	if t, ok := s.dir.attribute(req.Attribute); !ok || !s.rights.finds(t) {
		return false, &protocol.Error{Code: protocol.UndefinedAttributeType, Message: "unknown attribute"}
	}
	present := s.compiler.compile(&protocol.Filter{Kind: protocol.Present, Attribute: req.Attribute}, s.columns)
	if s.evaluateAt(r, at, present) != isTrue {
		return false, &protocol.Error{Code: protocol.NoSuchAttribute, Message: "the entry has no such attribute"}
	}
	equal := s.compiler.compile(&protocol.Filter{Kind: protocol.Equality, Attribute: req.Attribute, Value: req.Value}, s.columns)
	return s.evaluateAt(r, at, equal) == isTrue, nil
}

// evaluateAt holds whatever lies at a place against a condition.
func (s *Session) evaluateAt(r *store.Reader, at place, c *condition) truth {
	if at.kind != placeEntry {
		return s.evaluateStatic(c, s.static(r, at))
	}
	v, ok := r.View(at.ordinal)
	if !ok || !s.shows(&v) {
		return isFalse
	}
	return s.evaluate(c, &v)
}

// static is the entry at a place that is not a record.
func (s *Session) static(r *store.Reader, at place) *staticEntry {
	switch at.kind {
	case placeRoot:
		return s.dir.rootEntry
	case placeSubschema:
		return s.dir.subschemaEntry
	case placeView:
		return at.view.topEntry(len(s.objects()))
	case placeContainer:
		return s.dir.containerEntry(r, at.object, s.top())
	}
	return s.dir.baseEntry(len(s.objects()))
}
