package emulator

import (
	"math/rand/v2"
	"net/http"
	"strings"
)

// longTextBatch is the longest page of a query with two or more long custom text fields.
const longTextBatch = 200

// A page is one answer of a query under way.
type page struct {
	name   string // of the call
	query  *boundQuery
	slots  []uint32
	twice  bool // a scripted fault: every record comes twice
	done   bool
	next   string // locator, empty when done
	size   int
	limits []byte
	rows   []byte // ready rows of an aggregate query
}

func (s *Server) answerQuery(w http.ResponseWriter, req *http.Request, c *call) *fault {
	p, f := s.org.page(c)
	if f != nil {
		return f
	}
	s.sendPage(w, req, c, p)
	return nil
}

// page runs query, queryAll and queryMore as far as a page's slots.
func (o *Org) page(c *call) (*page, *fault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f := o.admit(c); f != nil {
		return nil, f
	}
	o.settle()
	p := &page{name: c.name}
	w := &xmlWriter{}
	w.raw(envelopeHead(true))
	o.writeLimits(w)
	p.limits = w.buf
	if c.name == "queryMore" {
		cur, pos, f := o.cursor(c.session, c.op.value("queryLocator"))
		if f != nil {
			return nil, f
		}
		if c.effect.repeat {
			pos = cur.previous
		}
		cur.batch = c.batch
		o.turn(p, c, cur, pos)
		return p, nil
	}
	text := c.op.value("queryString")
	q, err := o.prepare(text)
	if err != nil {
		return nil, queryFault(text, err)
	}
	sel := selection{deleted: c.name == "queryAll", now: o.now(), late: c.effect.late}
	e := &evaluation{org: o}
	if q.shape != nil {
		for i := range q.shape.items {
			if ch := q.shape.items[i].children; ch != nil {
				ch.forPage = sel
			}
		}
	}
	slots := e.records(q, sel)
	p.query = q
	switch {
	case q.count:
		p.done, p.size = true, c.effect.size.apply(len(slots))
		return p, nil
	case q.columns != nil:
		rows, n := e.grouped(q, slots)
		p.rows, p.done, p.size = rows, true, c.effect.size.apply(n)
		return p, nil
	}
	cur := &cursor{query: q, slots: slots, batch: c.batch, size: len(slots)}
	o.turn(p, c, cur, 0)
	if !p.done {
		o.newCursor(c.session, cur)
		p.next = cur.locator()
	}
	if c.effect.repeat {
		p.twice, p.size = true, c.effect.size.apply(2*len(slots))
	}
	return p, nil
}

// prepare parses and binds a query. The lock must be held.
func (o *Org) prepare(text string) (*boundQuery, *queryError) {
	q, err := parseSOQL(text)
	if err != nil {
		return nil, err
	}
	return (&binder{org: o, now: o.now()}).bind(q)
}

// turn fills a page from a cursor and moves it on.
func (o *Org) turn(p *page, c *call, cur *cursor, pos int) {
	n := cur.batch
	if cur.query.shape.long >= 2 {
		n = min(n, longTextBatch)
	}
	if limit := c.effect.shrink; limit > 0 {
		// The length depends on the place only, so that a run can be repeated.
		n = min(n, 1+rand.New(rand.NewPCG(uint64(pos), uint64(limit))).IntN(limit))
	}
	if c.effect.repeat && cur.pos > pos {
		n = cur.pos - pos
	}
	end := min(pos+n, len(cur.slots))
	p.query, p.slots = cur.query, cur.slots[pos:end]
	cur.previous, cur.pos = pos, end
	p.done = end == len(cur.slots)
	p.size = c.effect.size.apply(cur.size)
	if !p.done && cur.id != "" {
		p.next = cur.locator()
	}
}

// sendPage writes a page while it is made: the lock is held for some records at a time, never while the client reads.
func (s *Server) sendPage(w http.ResponseWriter, req *http.Request, c *call, p *page) {
	r := newReply(w, req, http.StatusOK, c.effect.cut, &s.gzips)
	head := xmlWriter{p.limits}
	head.raw("<" + p.name + `Response><result xsi:type="QueryResult">`)
	head.flag("done", p.done)
	head.nillable("queryLocator", p.next)
	buf := append(head.buf, p.rows...)
	e := &evaluation{org: s.org}
	for i := 0; i < len(p.slots); {
		buf, i = s.org.appendRecords(e, buf, p, i)
		if err := r.write(buf); err != nil {
			s.gone(err)
			return
		}
		buf = buf[:0]
	}
	tail := xmlWriter{buf}
	tail.number("size", p.size)
	tail.raw("</result></" + p.name + "Response>" + envelopeTail)
	s.gone(r.write(tail.buf))
	r.close()
}

// appendRecords appends records from place i until the buffer is full, and gives the place behind them.
func (o *Org) appendRecords(e *evaluation, buf []byte, p *page, i int) ([]byte, int) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	t := p.query.object.table
	for i < len(p.slots) && len(buf) < flushAt {
		slot := p.slots[i]
		i++
		if t.isGone(slot) {
			continue
		}
		start := len(buf)
		buf = append(buf, `<records xsi:type="sf:sObject">`...)
		buf = e.appendRecord(buf, t, slot, p.query.shape)
		buf = append(buf, "</records>"...)
		if p.twice {
			buf = append(buf, buf[start:]...)
		}
	}
	return buf, i
}

// writeRetrieve answers retrieve: one result for each Id in its order, nil where there is no such record.
func (o *Org) writeRetrieve(w *xmlWriter, c *call) *fault {
	o.settle()
	name := strings.TrimSpace(c.op.value("sObjectType"))
	obj := o.object(name)
	if obj == nil {
		return newFault("INVALID_TYPE", "sObject type '"+name+"' is not supported."+adviceObject)
	}
	ids := c.op.list("ids")
	if len(ids) > maxBatch {
		return newFault("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 2000 records into this call")
	}
	b := &binder{org: o, now: o.now()}
	shape := newShape(obj)
	for path := range strings.SplitSeq(c.op.value("fieldList"), ",") {
		ref, err := b.path(strings.TrimSpace(path), -1, obj, "")
		if err != nil {
			return newFault(err.code, err.text)
		}
		// Id stands first in any case and is not repeated here.
		if ref.field == obj.id && len(ref.hops) == 0 {
			continue
		}
		shape.add(ref)
	}
	shape.id = true
	e := &evaluation{org: o}
	w.raw("<retrieveResponse>")
	for _, id := range ids {
		if _, err := canonicalID(id); err != nil {
			return newFault("MALFORMED_ID", "malformed id "+id)
		}
		slot, ok := obj.table.find(id)
		if !ok || obj.table.isDeleted(slot) {
			w.null("result")
			continue
		}
		w.raw(`<result xsi:type="sf:sObject">`)
		w.buf = e.appendRecord(w.buf, obj.table, slot, shape)
		w.raw("</result>")
	}
	w.raw("</retrieveResponse>")
	return nil
}
