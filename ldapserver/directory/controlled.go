package directory

import (
	"errors"

	"ringdex/ldapserver/protocol"
)

var errPagedWindow = &protocol.Error{Code: protocol.UnwillingToPerform, Message: "paged results and a virtual list view exclude each other"}

// controlled answers a search by its controls.
func (q *search) controlled(c *controls, req *protocol.SearchRequest) error {
	defer q.freeSlot()
	o := q.profileOrdering()
	if c.sortAsked {
		if o = q.ordering(c); o.result.Code != protocol.Success && c.sortMust {
			addSortResponse(q.w, o.result)
			return errSortRefused
		}
	}
	err := q.ordered(c, o, req)
	if err == errSortMax {
		// Nothing was sent yet: without the order it is an ordinary search (RFC 2891, 2, case 4).
		o = q.profileOrdering()
		o.result.Code = protocol.AdminLimitExceeded
		if c.sortMust {
			addSortResponse(q.w, o.result)
			return errSortRefused
		}
		err = q.ordered(c, o, req)
	}
	// RFC 2891, 2, case 6: a search that fails for another reason has no sort response.
	var e *protocol.Error
	if c.sortAsked && (err == nil || errors.As(err, &e) && (e.Code == protocol.SizeLimitExceeded || e.Code == protocol.TimeLimitExceeded)) {
		addSortResponse(q.w, o.result)
	}
	return err
}

func (q *search) ordered(c *controls, o *ordering, req *protocol.SearchRequest) error {
	w := q.walk(q.extent(req.Scope, c.subentries), o)
	switch {
	case c.vlv != nil && c.paged != nil:
		return errPagedWindow
	case c.vlv != nil:
		return w.window(c, req)
	case c.paged == nil, c.paged.Size >= req.SizeLimit && req.SizeLimit > 0 && len(c.paged.Cookie) == 0:
		// A page of at least the size limit is the whole answer (RFC 2696, 3).
		return w.answer(&cookie{}, 0)
	}
	about := q.s.fingerprint(req, c)
	k, err := q.s.cookieOf(c.paged.Cookie, about)
	if err != nil {
		return err
	}
	if c.paged.Size == 0 {
		// The client gives its cookie back, or asks how much there is.
		addPaged(q.w, w.estimate(), nil)
		return nil
	}
	if q.left > 0 {
		q.limit = q.s.limitOf(req.SizeLimit, k.sent+q.left) // the pages before were paid for
	}
	first := !k.record && k.statics == 0
	if err := w.answer(k, c.paged.Size); err != nil {
		if err == errSizeLimit {
			addPaged(q.w, 0, nil)
		}
		return err
	}
	switch {
	case w.more:
		addPaged(q.w, w.estimate(), q.s.dir.cookies.seal(k.encode(), about))
	case first:
		addPaged(q.w, q.sent, nil)
	default:
		addPaged(q.w, k.sent, nil)
	}
	return nil
}

// estimate guesses how many entries the whole answer has; 0 where the indexes count what the client may not know of.
func (w *walk) estimate() int {
	if r := w.q.s.rights; len(r.objects) > 0 || r.shown != nil {
		return 0
	}
	if !w.extent.entries {
		return len(w.statics)
	}
	p := w.q.s.plan(w.q.condition, w.q.r)
	if p.scan {
		if w.extent.object != "" {
			return w.q.r.Count(w.extent.object)
		}
		return len(w.statics) + w.q.r.Total()
	}
	n := len(w.statics)
	for _, query := range p.queries {
		if query.Kind == recordID {
			n++
			continue
		}
		n += w.q.r.Estimate(query)
	}
	return min(n, len(w.statics)+w.q.r.Total())
}

// answer sends the entries behind a cookie's place, at most size of them (0: all), and moves the cookie there. w.more says
// that there are more.
func (w *walk) answer(k *cookie, size int) error {
	q := w.q
	want := size
	if q.limit > 0 && (want == 0 || q.limit < want) {
		want = q.limit
	}
	var err error
	if w.source, err = w.sources(want); err != nil {
		return err
	}
	if kept, ok := w.source.(*keptSource); ok && !kept.order && (k.record || size > 0 && len(kept.items) > size) {
		kept.sort() // pages come in an order in which a place is found again
	}
	if err := w.open(k.after(q.r), k.statics); err != nil {
		return err
	}
	q.sent = k.sent
	n := 0
	var last match
	q.settle = func() {
		if last.item.ordinal != 0 {
			k.place(w, last.item, &last.view)
			last = match{}
		}
	}
	defer func() { k.sent, q.settle = q.sent, nil }()
	for {
		m, ok, err := w.next()
		if err == errMoved {
			if err = w.pause(k, nothing); err == nil {
				continue
			}
		}
		if err != nil || !ok {
			return err
		}
		switch {
		case size > 0 && n == size:
			w.more = true
			q.settle()
			return nil
		case q.limit > 0 && q.sent >= q.limit:
			return errSizeLimit
		}
		n++
		q.sent++
		if err := w.write(&m); err != nil {
			return err
		}
		if k.statics = w.sent; m.static == nil {
			last = m
		}
		if q.w.Buffered() < pieceBytes {
			continue
		}
		q.settle()
		if err := w.pause(k, q.w.Flush); err != nil {
			return err
		}
	}
}

func (w *walk) write(m *match) error {
	if m.static != nil {
		return w.q.s.writeStatic(m.static.entry, w.q.w)
	}
	return w.q.s.writeEntry(&m.view, w.q.w)
}

func (q *search) freeSlot() {
	if q.sorting {
		<-q.s.dir.sorting
		q.sorting = false
	}
}

// rightAway is the order of an answer that has every record, whose places are numbered in the store.
func (w *walk) rightAway() (*indexSource, bool) {
	q := w.q
	if v := q.s.view; v != nil && v.profile.HideCompanies || q.s.rights.objects != nil {
		return nil, false
	}
	if !w.extent.entries || w.extent.object != "" || !q.s.always(q.condition) || len(w.statics) > 0 && len(w.order.fields) > 1 {
		return nil, false
	}
	index, ok := w.order.index(q.r)
	if !ok {
		return nil, false
	}
	s := &indexSource{w: w, index: index}
	if len(w.order.fields) > 0 {
		s.reverse = w.order.fields[0].reverse
		s.runs = s.reverse || len(w.order.fields) > 1
	}
	return s, true
}
