package directory

import (
	"context"
	"errors"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
)

const (
	// pieceBytes is how much of an answer is collected before the snapshot is let go and the piece is sent.
	pieceBytes = 48 << 10
	// checkEvery is how many entries are looked at between two looks at the clock and the client.
	checkEvery = 64
	// firstProposals is how many entries more than the size limit the indexes are first asked for; each further round
	// asks for growth times as many.
	firstProposals = 16
	growth         = 4
	// unlimitedProposals is the first round of a search without a size limit.
	unlimitedProposals = 4096
)

// Search answers a search (RFC 4511, 4.5). Outcomes that a client is told are *protocol.Error.
func (s *Session) Search(_ context.Context, req *protocol.SearchRequest, list []protocol.Control, w *ldapserver.ResultWriter) error {
	c, err := readControls(list)
	if err != nil {
		return err
	}
	if len(req.Base) == 0 && req.Scope == protocol.BaseObject {
		return s.searchRoot(req, c, w)
	}
	s.refresh()
	entries, err := s.admit()
	if err != nil {
		return err
	}
	key, done, err := s.remembered(req.Octets, w)
	if done {
		return err
	}
	if c.paged != nil {
		key = nil // what a cookie leads to may be gone when the page is sent again
	}
	q := &s.search
	defer q.release()
	err = s.run(req, c, entries, w)
	s.spent(w.Entries())
	if err == nil && w.Entries() == 0 && len(c.list) == 0 && s.dir.options.Missed != nil && (q.number || s.view.oneFilter()) && q.missed() {
		key = nil // asked for again, it counts again
	}
	if key != nil {
		s.remember(key, q.r, w, err)
	}
	return err
}

// run makes the answer, anew where its snapshot has gone before anything was sent. The session's search is to be released.
func (s *Session) run(req *protocol.SearchRequest, c *controls, entries int, w *ldapserver.ResultWriter) error {
	for holds := false; ; holds = true {
		q, err := s.begin(req, entries, w)
		if err != nil {
			return err
		}
		q.left, q.holds = entries, holds
		if c.assertion != nil {
			err = q.assert(c.assertion, req)
		}
		switch {
		case err != nil:
		case len(c.list) > 0:
			err = q.controlled(c, req)
		default:
			err = q.run(req.Scope)
		}
		switch {
		case err != errMoved:
			return q.cut(err)
		case holds || w.Entries() > 0:
			return errReplaced
		}
	}
}

// begin finds the base of a search that may have so many entries (0: any number), and prepares its filter. The search is
// to be released.
func (s *Session) begin(req *protocol.SearchRequest, entries int, w *ldapserver.ResultWriter) (*search, error) {
	r, err := s.snapshot()
	if err != nil {
		return nil, err
	}
	q := &s.search
	*q = search{s: s, r: r, w: w}
	q.at, err = s.locate(r, req.Base)
	if !s.mayRead() && (err != nil || q.at.kind != placeSubschema) {
		err = errNoAccess
	}
	if err != nil {
		q.release()
		return nil, err
	}
	s.useAt(q.at)
	q.limit = s.limitOf(req.SizeLimit, entries)
	if s.view != nil {
		s.asked.find(s, req.Filter)
	}
	q.condition = s.compiler.compile(req.Filter, s.columns)
	s.selected.compile(s, req)
	return q, nil
}

// cut makes of a size limit what the profile says of it.
func (q *search) cut(err error) error {
	if v := q.s.view; err == errSizeLimit && v != nil && v.profile.Cut == CutSilent {
		return nil
	}
	return err
}

// searchRoot answers a read of the root DSE, which needs no store and no rights. There is nothing to sort, to page or to scroll.
func (s *Session) searchRoot(req *protocol.SearchRequest, c *controls, w *ldapserver.ResultWriter) error {
	s.columns = noColumns
	s.use(nil)
	if c.assertion != nil && s.evaluateStatic(s.compiler.compile(c.assertion, s.columns), s.dir.rootEntry) != isTrue {
		return errAssertion
	}
	if c.paged != nil {
		addPaged(w, 0, nil)
	}
	condition := s.compiler.compile(req.Filter, s.columns)
	s.selected.compile(s, req)
	if s.evaluateStatic(condition, s.dir.rootEntry) == isTrue {
		return s.writeStatic(s.dir.rootEntry, w)
	}
	return nil
}

// search is one search in progress.
type search struct {
	s         *Session
	r         *store.Reader // nil while a piece is sent
	w         *ldapserver.ResultWriter
	at        place
	condition *condition
	limit     int // 0: none
	sent      int
	looked    int        // entries since the last check
	only      store.View // the one hit of a number, as it was found, if known
	known     bool
	number    bool   // the search asks for whole numbers
	withheld  int    // hits of a number that the profile's rule for several is about
	refused   bool   // hits were taken out, see local.go
	sorting   bool   // it holds a slot of the directory's
	left      int    // entries that the client may have, 0: any number
	people    int    // under a view that tells: how many people of the company that comes first have the number
	repeated  int    // hits that were further records of the same person
	holds     bool   // it keeps its snapshot while it waits, since one has gone already
	settle    func() // before a wait: notes how far the answer is, as long as that can be told; nil: nothing is sent yet
}

var (
	errSizeLimit = &protocol.Error{Code: protocol.SizeLimitExceeded}
	// errMoved says that the snapshot was let go for a wait and is gone. No client is told: the search begins anew.
	errMoved    = errors.New("directory: the snapshot has gone")
	errReplaced = &protocol.Error{Code: protocol.Busy, Message: "the directory was replaced during the search; ask again"}
)

func (q *search) release() {
	if q.r != nil {
		q.r.Release()
		q.r = nil
	}
}

func (q *search) run(scope protocol.Scope) error {
	at := q.at
	switch scope {
	case protocol.BaseObject:
		if at.kind == placeEntry {
			return q.offer(at.ordinal)
		}
		return q.offerStatic(at)
	case protocol.SingleLevel:
		switch at.kind {
		case placeRoot:
			return q.offerStatic(place{kind: placeBase})
		case placeBase, placeView:
			return q.containers()
		case placeContainer:
			return q.entries(at.object)
		}
		return nil
	}
	switch at.kind {
	case placeEntry:
		return q.offer(at.ordinal)
	case placeSubschema:
		return q.offerStatic(at)
	case placeContainer:
		if err := q.offerStatic(at); err != nil {
			return err
		}
		return q.entries(at.object)
	}
	if q.s.dir.mayMatchStatic(q.condition) {
		if at.kind == placeRoot {
			at.kind = placeBase
		}
		if err := q.offerStatic(at); err != nil {
			return err
		}
		if err := q.containers(); err != nil {
			return err
		}
	}
	return q.entries("")
}

func (q *search) containers() error {
	for _, object := range q.s.objects() {
		if err := q.offerStatic(place{kind: placeContainer, object: object}); err != nil {
			return err
		}
	}
	return nil
}

// offerStatic sends a static entry if it matches.
func (q *search) offerStatic(at place) error {
	e := q.s.static(q.r, at)
	if q.s.evaluateStatic(q.condition, e) != isTrue {
		return nil
	}
	if q.limit > 0 && q.sent >= q.limit {
		return errSizeLimit
	}
	q.sent++
	return q.s.writeStatic(e, q.w)
}

// entries sends the matching entries of an object ("": of all).
func (q *search) entries(object string) error {
	p := q.s.plan(q.condition, q.r)
	switch {
	case p.number:
		q.number = true
		return q.ranked(&p, object)
	case q.sorts():
		return q.sorted(&p, object)
	}
	return q.inListOrder(p, object, 0)
}

// inListOrder sends the matches from an ordinal on in list order.
func (q *search) inListOrder(p plan, object string, from uint32) error {
	switch {
	case p.scan && object != "":
		q.s.queries = append(q.s.queries[:0], store.Query{Kind: store.ObjectIs, Text: []byte(object)})
		p = plan{queries: q.s.queries}
	case p.scan:
		return q.scan(from)
	}
	return q.listed(&p, object, from)
}

// scan looks at every entry, in list order.
func (q *search) scan(from uint32) error {
	for ord, ok := q.r.Next(from); ok; {
		if err := q.offer(ord); err != nil {
			return err
		}
		next, err := q.breathe(ord)
		if err != nil {
			return err
		}
		ord, ok = q.r.Next(next)
	}
	return nil
}

// listed looks at what the indexes propose, in list order, in rounds that grow until the size limit is reached.
func (q *search) listed(p *plan, object string, from uint32) error {
	max, columns := unlimitedProposals, q.s.columns
	if q.limit > 0 {
		max = q.limit - q.sent + firstProposals
		if p.exact {
			max = q.limit - q.sent + 1
		}
	}
	for {
		list, next, done, err := p.propose(q.s, q.r, q.s.ordinals[:0], from, max)
		q.s.ordinals = list
		if err != nil {
			return err
		}
		q.r.Warm(list)
		moved := false
		for _, ord := range list {
			if object != "" && !q.isObject(ord, object) {
				continue
			}
			if err := q.propose(ord, p.exact); err != nil {
				return err
			}
			epoch := q.r.Epoch()
			n, err := q.breathe(ord)
			if err != nil {
				return err
			}
			if q.s.columns != columns {
				// Another generation may have other attributes, or no lists of names.
				return q.inListOrder(q.s.plan(q.condition, q.r), object, n)
			}
			if q.r.Epoch() != epoch {
				next, done, moved = n, false, true
				break
			}
		}
		if done && !moved {
			return nil
		}
		from = next
		max *= growth
	}
}

func (q *search) isObject(ord uint32, object string) bool {
	v, ok := q.r.View(ord)
	return ok && v.Object() == object
}

// ranked sends the hits of a number, best first.
func (q *search) ranked(p *plan, object string) error {
	hits, err := q.hits(p, object)
	if err != nil {
		return err
	}
	if q.known && (q.limit == 0 || q.sent < q.limit) {
		q.sent++
		return q.s.writeEntry(&q.only, q.w)
	}
	return q.send(hits)
}

// send sends hits in their order.
func (q *search) send(hits []hit) error {
	moved := false
	for i := range hits {
		v, ok := q.r.View(hits[i].ordinal)
		if !ok || moved && (q.s.evaluate(q.condition, &v) != isTrue || !q.s.shows(&v)) {
			continue // a delta has come between two pieces
		}
		if q.limit > 0 && q.sent >= q.limit {
			return errSizeLimit
		}
		q.sent++
		q.s.people = q.countOf(&hits[i])
		err := q.s.writeEntry(&v, q.w)
		q.s.people = 0
		if err != nil {
			return err
		}
		// A number that thousands share is sent in pieces too.
		if i == len(hits)-1 || q.w.Buffered() < pieceBytes {
			continue
		}
		moved = true
		if err := q.rest(hits[i].ordinal); err != nil {
			return err
		}
	}
	return nil
}

// hits are the matches of a number search, best first; where there are none, the company behind the number. They belong
// to the session until the next search.
func (q *search) hits(p *plan, object string) ([]hit, error) {
	list, _, _, err := p.propose(q.s, q.r, q.s.ordinals[:0], 0, 0)
	q.s.ordinals = list
	if err != nil {
		return nil, err
	}
	q.r.Warm(list)
	hits := q.s.hits[:0]
	for i, ord := range list {
		if i%checkEvery == checkEvery-1 && q.w != nil {
			if err := q.w.Check(); err != nil {
				return nil, err
			}
		}
		v, ok := q.r.View(ord)
		if !ok || object != "" && v.Object() != object || q.s.evaluate(q.condition, &v) != isTrue || !q.s.shows(&v) {
			continue
		}
		if len(list) == 1 && q.w != nil {
			hits = append(hits, hit{ordinal: ord}) // nothing to rank, nobody to tell
			q.only, q.known = v, true
			continue
		}
		hits = append(hits, q.s.hitOf(q.condition, ord, &v))
	}
	q.s.hits = hits
	if len(hits) == 0 {
		return q.headHits(object)
	}
	rank(hits)
	if len(hits) > 1 {
		hits = q.refuseLocal(hits)
		n := len(hits)
		hits = once(hits)
		q.repeated = n - len(hits)
	}
	if q.s.view != nil {
		if q.s.view.profile.Count {
			q.people = peopleBehind(hits)
		}
		hits = q.choose(hits)
	}
	return hits, nil
}

// offer sends an entry if it matches.
func (q *search) offer(ord uint32) error { return q.propose(ord, false) }

// propose sends an entry if it matches, which is known of what an exact plan proposes.
func (q *search) propose(ord uint32, exact bool) error {
	v, ok := q.r.View(ord)
	if !ok || !exact && q.s.evaluate(q.condition, &v) != isTrue || !q.s.shows(&v) {
		return nil
	}
	if q.limit > 0 && q.sent >= q.limit {
		return errSizeLimit
	}
	q.sent++
	return q.s.writeEntry(&v, q.w)
}
