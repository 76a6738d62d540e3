package soap

import (
	"bytes"
	"errors"
	"strings"
)

// recordReader takes the <records> of one reply. The layouts it has learnt stay
// with the cursor, for the next page.
type recordReader struct {
	tree    *layoutTree
	text    strings.Builder
	spans   []span
	page    *pageText
	records []Record
	ids     []span
	dirty   int
}

// newRecordReader reads a page. The sizes of the page before, where there was
// one, save growing.
func newRecordReader(tree *layoutTree, records, values, text int) *recordReader {
	r := &recordReader{tree: tree, page: &pageText{}}
	if records > 0 {
		r.records = make([]Record, 0, records)
		r.ids = make([]span, 0, records)
		r.spans = make([]span, 0, values)
		r.text.Grow(text)
	}
	return r
}

var errTooManyFields = errors.New("has a record with too many fields")

// take reads the inside of one <records> element, whose start tag was just read,
// up to and with its end tag.
func (r *recordReader) take(s *scanner, t tag) error {
	if t.empty {
		return nil // an empty or nil record says nothing
	}
	rec := Record{page: r.page, first: len(r.spans)}
	id := span{len: nilFlag}
	cur := r.tree.root
	for {
		s.skipSpace()
		if n := cur.last; n != nil {
			next, err := r.expected(s, n, &rec, &id)
			if err != nil {
				return err
			}
			if next {
				cur = n
				if n.kind == finished {
					break
				}
				continue
			}
		}
		n, err := r.step(s, cur, t, &rec, &id)
		if err != nil {
			return err
		}
		if n.slots > maxRecordSlots {
			return errTooManyFields
		}
		if cur = n; n.kind == finished {
			break
		}
	}
	rec.layout = cur.layout
	r.records = append(r.records, rec)
	r.ids = append(r.ids, id)
	return nil
}

// expected reads the step that came next last time, if the data has it byte for
// byte.
func (r *recordReader) expected(s *scanner, n *step, rec *Record, id *span) (bool, error) {
	d := s.data[s.pos:]
	switch n.kind {
	case leaf:
		switch {
		case len(n.open) > 0 && bytes.HasPrefix(d, n.open):
			v := d[len(n.open):]
			i := bytes.IndexByte(v, '<')
			if i < 0 || !bytes.HasPrefix(v[i:], n.close) {
				return false, nil
			}
			if err := r.value(s, n, v[:i], rec, id); err != nil {
				return false, err
			}
			s.pos += len(n.open) + i + len(n.close)
			return true, nil
		case len(n.null) > 0 && bytes.HasPrefix(d, n.null):
			r.put(n, span{len: nilFlag}, rec, id)
			s.pos += len(n.null)
			return true, nil
		case len(n.void) > 0 && bytes.HasPrefix(d, n.void):
			r.put(n, span{}, rec, id)
			s.pos += len(n.void)
			return true, nil
		}
	case nested:
		if bytes.HasPrefix(d, n.open) && childAhead(d[len(n.open):]) {
			s.pos += len(n.open)
			return true, nil
		}
	case closed, finished:
		if bytes.HasPrefix(d, n.open) {
			s.pos += len(n.open)
			return true, nil
		}
	}
	return false, nil
}

// childAhead reports whether the content of an element begins with an element.
func childAhead(d []byte) bool {
	i := 0
	for i < len(d) && isSpace(d[i]) {
		i++
	}
	return i+1 < len(d) && d[i] == '<' && d[i+1] != '/' && d[i+1] != '!'
}

// value decodes a leaf's raw text.
func (r *recordReader) value(s *scanner, n *step, raw []byte, rec *Record, id *span) error {
	if n.role == typeRole && n.typeName == string(raw) && plain(raw) {
		rec.Type = n.typeName
		return nil
	}
	from, dirty, simple := r.text.Len(), false, plain(raw)
	switch {
	case simple && r.known(n, rec, id):
		return nil
	case simple:
		r.text.Write(raw)
	default:
		var err error
		if dirty, err = writeText(&r.text, raw); err != nil {
			return s.fail("%v", err)
		}
	}
	r.put(n, r.spanFrom(from, dirty), rec, id)
	return nil
}

// known reports whether put would drop the value anyway.
func (r *recordReader) known(n *step, rec *Record, id *span) bool {
	switch n.role {
	case skipRole:
		return true
	case idRole:
		return id.len&nilFlag == 0
	case repeatRole:
		return r.spans[rec.first+n.slot].len&nilFlag == 0
	}
	return false
}

func (r *recordReader) spanFrom(from int, dirty bool) span {
	v := span{off: uint32(from), len: uint32(r.text.Len() - from)}
	if dirty {
		v.len |= quarantineFlag
	}
	return v
}

// put stores a leaf's value in its place.
func (r *recordReader) put(n *step, v span, rec *Record, id *span) {
	if v.len&quarantineFlag != 0 {
		r.dirty++
	}
	switch n.role {
	case fieldRole:
		r.spans = append(r.spans, v)
	case repeatRole:
		if at := &r.spans[rec.first+n.slot]; at.len&nilFlag != 0 {
			*at = v
		}
	case idRole:
		if id.len&nilFlag != 0 {
			*id = v
		}
	case typeRole:
		n.typeName = strings.Clone(r.text.String()[v.off : v.off+v.len&lenMask])
		rec.Type = n.typeName
	}
}

// step reads the next step of a record without expectations, and remembers it.
func (r *recordReader) step(s *scanner, cur *step, record tag, rec *Record, id *span) (*step, error) {
	for {
		raw, err := s.text()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimLeft(raw, " \t\r\n")) > 0 {
			return nil, s.fail("text between the fields of a record")
		}
		if ok, err := s.comment(); err != nil {
			return nil, err
		} else if ok {
			continue
		}
		if s.ahead("</") {
			return r.end(s, cur, record)
		}
		t, err := s.startTag()
		if err != nil {
			return nil, err
		}
		if v, ok := t.attribute("type"); ok && localPart(v) == "QueryResult" {
			// The records of a sub-query: nobody here asks for them.
			if err := s.skipElement(t); err != nil {
				return nil, err
			}
			continue
		}
		return r.element(s, cur, t, rec, id)
	}
}

func localPart(v string) string {
	v = strings.TrimSpace(v)
	return v[strings.IndexByte(v, ':')+1:]
}

// end reads the end tag of the record or of the innermost nested element.
func (r *recordReader) end(s *scanner, cur *step, record tag) (*step, error) {
	from := s.pos
	name, err := s.endTag()
	if err != nil {
		return nil, err
	}
	kind, open := finished, record.name
	if scope := cur.inner(); scope != nil {
		kind, open = closed, scope.close[2:len(scope.close)-1]
	}
	if !bytes.Equal(name, open) {
		return nil, s.fail("an element is closed by another's end tag")
	}
	n, err := r.tree.follow(cur, kind, localName(name))
	if err != nil {
		return nil, err
	}
	n.open = remember(n.open, s.data[from:s.pos])
	return n, nil
}

// element reads one element of a record: a value, a nil, or the start of a
// parent or compound.
func (r *recordReader) element(s *scanner, cur *step, t tag, rec *Record, id *span) (*step, error) {
	kind := leaf
	if !t.empty {
		// Comments before the first child belong to no value.
		ahead := *s
		for ok := true; ok; {
			ahead.skipSpace()
			var err error
			if ok, err = ahead.comment(); err != nil {
				return nil, err
			}
		}
		if childAhead(ahead.data[ahead.pos:]) {
			kind = nested
		}
	}
	n, err := r.tree.follow(cur, kind, t.local())
	if err != nil {
		return nil, err
	}
	switch {
	case kind == nested:
		if n.depth > maxFieldDepth {
			return nil, s.fail("more than %d levels in a record", maxFieldDepth)
		}
		n.open = remember(n.open, t.raw)
		n.close = endTagOf(n.close, t.name)
		return n, nil
	case t.empty && t.null():
		n.null = remember(n.null, t.raw)
		r.put(n, span{len: nilFlag}, rec, id)
		return n, nil
	case t.empty:
		n.void = remember(n.void, t.raw)
		r.put(n, span{}, rec, id)
		return n, nil
	}
	v, simple, err := r.content(s, t)
	if err != nil {
		return nil, err
	}
	if t.null() {
		v = span{len: nilFlag}
	} else if simple {
		n.open = remember(n.open, t.raw)
		n.close = endTagOf(n.close, t.name)
	}
	r.put(n, v, rec, id)
	return n, nil
}

// content reads an element's text, in however many pieces, up to and with its end
// tag. simple says that it was one piece.
func (r *recordReader) content(s *scanner, t tag) (v span, simple bool, err error) {
	from, dirty, pieces := r.text.Len(), false, 0
	for {
		raw, err := s.text()
		if err != nil {
			return span{}, false, err
		}
		d, err := writeText(&r.text, raw)
		if err != nil {
			return span{}, false, s.fail("%v", err)
		}
		dirty = dirty || d
		if s.ahead("</") {
			name, err := s.endTag()
			if err != nil {
				return span{}, false, err
			}
			if !bytes.Equal(name, t.name) {
				return span{}, false, s.fail("an element is closed by another's end tag")
			}
			return r.spanFrom(from, dirty), pieces == 0, nil
		}
		pieces++
		if raw, ok, err := s.cdata(); err != nil {
			return span{}, false, err
		} else if ok {
			dirty = writeCDATA(&r.text, raw) || dirty
			continue
		}
		if ok, err := s.comment(); err != nil {
			return span{}, false, err
		} else if !ok {
			return span{}, false, s.fail("an element beside text")
		}
	}
}

// remember keeps a copy of a tag as it was written first.
func remember(old, raw []byte) []byte {
	if len(old) > 0 && bytes.Equal(old, raw) {
		return old
	}
	return bytes.Clone(raw)
}

func endTagOf(old, name []byte) []byte {
	if len(old) == len(name)+3 && bytes.Equal(old[2:len(old)-1], name) {
		return old
	}
	return []byte("</" + string(name) + ">")
}

// done closes the page: from here on its text does not change any more.
func (r *recordReader) done() []Record {
	r.page.text = r.text.String()
	r.page.spans = r.spans
	for i, id := range r.ids {
		if id.len&nilFlag != 0 {
			continue
		}
		v := r.page.text[id.off : id.off+id.len&lenMask]
		if len(v) == 15 {
			if long, err := ParseID(v); err == nil {
				v = string(long)
			}
		}
		r.records[i].ID = ID(v)
	}
	return r.records
}
