package directory

import (
	"bytes"
	"encoding/binary"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema"
)

// selection is which attributes an answer carries, and under which names (RFC 4511, 4.5.1.8). An attribute that was
// asked for by another of its names is sent under that name: a phone looks for what it asked for.
type selection struct {
	typesOnly bool
	all       bool // every user attribute
	allOps    bool // every operational attribute (RFC 3673)
	asked     []askedAttribute
	stored    []string     // by column: the name to send, "" none
	set       attributeSet // the columns that are sent
	wide      bool         // there are more than a set holds
	names     [][]byte     // the same as stored, encoded
	octets    []byte       // where they lie
	count     int          // how many columns set has
	plain     bool         // nothing but columns is sent, with their values
	computed  [computedCount]string

	// The selection was made for these; an equal one need not be made again.
	attributes []byte // as they were asked for
	columns    *columns
	rights     *rights
}

// compile makes sure that the selection is the one of a request, unless it is that already: a telephone asks for the same
// attributes every time.
func (sel *selection) compile(s *Session, req *protocol.SearchRequest) {
	at := len(s.key) // behind it there is room
	list := s.key
	for _, a := range req.Attributes {
		list = append(binary.NativeEndian.AppendUint32(list, uint32(len(a))), a...)
	}
	s.key = list[:at]
	list = list[at:]
	if sel.columns == s.columns && sel.rights == s.rights && sel.columns != noColumns && bytes.Equal(sel.attributes, list) {
		sel.typesOnly = req.TypesOnly
		sel.plain = sel.isPlain()
		return
	}
	sel.attributes = append(sel.attributes[:0], list...)
	sel.make(s, req)
}

type askedAttribute struct {
	attribute *schema.AttributeType
	name      string
}

// make works the selection out.
func (sel *selection) make(s *Session, req *protocol.SearchRequest) {
	sel.typesOnly = req.TypesOnly
	sel.all = len(req.Attributes) == 0
	sel.allOps = false
	sel.asked = sel.asked[:0]
	for _, a := range req.Attributes {
		switch {
		case len(a) == 1 && a[0] == '*':
			sel.all = true
		case len(a) == 1 && a[0] == '+':
			sel.allOps = true
		case len(a) > 1 && a[0] == '@':
			sel.class(s, a[1:])
		default:
			// "1.1" names no attribute, and unknown names are ignored.
			if t, ok := s.dir.attribute(a); ok {
				sel.asked = append(sel.asked, askedAttribute{t, s.nameAsked(t, a)})
			}
		}
	}
	sel.rebind(s)
}

// namesMax bounds the spellings of attribute names that a session remembers: phones have a handful.
const namesMax = 256

// nameAsked is the name under which a client asked for an attribute, as a string that outlives the request.
func (s *Session) nameAsked(t *schema.AttributeType, asked []byte) string {
	if string(asked) == t.Name {
		return t.Name
	}
	if name, ok := s.names[string(asked)]; ok {
		return name
	}
	if s.names == nil || len(s.names) >= namesMax {
		s.names = map[string]string{}
	}
	name := string(asked)
	s.names[name] = name
	return name
}

// class adds the attributes of an object class and its superiors (RFC 4529).
func (sel *selection) class(s *Session, name []byte) {
	for class, ok := s.dir.schema.ClassBytes(name); ok; class, ok = s.dir.schema.Class(class.Superior) {
		for _, list := range [][]string{class.Must, class.May} {
			for _, n := range list {
				if t, ok := s.dir.schema.Attribute(n); ok {
					sel.asked = append(sel.asked, askedAttribute{t, t.Name})
				}
			}
		}
		if class.Superior == "" {
			return
		}
	}
}

// rebind works out the columns of the session's generation.
func (sel *selection) rebind(s *Session) {
	sel.columns, sel.rights = s.columns, s.rights
	sel.stored = sel.stored[:0]
	for i, t := range s.columns.types {
		name := ""
		if sel.all && (t == nil || !t.Operational) || sel.allOps && t != nil && t.Operational {
			name = s.columns.names[i]
		}
		sel.stored = append(sel.stored, name)
	}
	sel.computed = [computedCount]string{}
	for c := computedObjectClass; c < computedCount; c++ {
		if sel.all && !c.operational() || sel.allOps && c.operational() {
			sel.computed[c] = computedNames[c]
		}
	}
	for i := len(sel.asked) - 1; i >= 0; i-- { // the first of two names for one attribute wins
		a := sel.asked[i]
		if c := computedOf(a.attribute); c != notComputed {
			sel.computed[c] = a.name
			continue
		}
		set := s.columns.below(a.attribute)
		for i, t := range s.columns.types {
			if !set.has(i) || a.attribute.Virtual != schema.None {
				continue
			}
			if t == a.attribute {
				sel.stored[i] = a.name
			} else if sel.stored[i] == "" {
				sel.stored[i] = t.Name // a subtype is sent under its own name
			}
		}
	}
	if s.rights.shown != nil {
		for i, t := range s.columns.types {
			if !s.rights.shows(t) {
				sel.stored[i] = ""
			}
		}
	}
	sel.set, sel.count, sel.wide = attributeSet{}, 0, len(sel.stored) > 256
	sel.names, sel.octets = sel.names[:0], sel.octets[:0]
	for i, name := range sel.stored {
		if name != "" {
			sel.set.add(i)
			sel.count++
		}
		at := len(sel.octets)
		sel.octets = protocol.AppendAttributeName(sel.octets, name)
		sel.names = append(sel.names, sel.octets[at:len(sel.octets):len(sel.octets)])
	}
	sel.plain = sel.isPlain()
}

// isPlain says whether nothing but columns is sent, with their values.
func (sel *selection) isPlain() bool {
	return !sel.typesOnly && !sel.wide && sel.computed == [computedCount]string{}
}

// next moves to the next value that may be sent.
func (sel *selection) next(it *store.ValueIter) bool {
	if sel.wide {
		return it.Next()
	}
	return it.NextIn((*store.AttributeSet)(&sel.set))
}

// writeComputed sends the selected attributes that are not stored.
func (s *Session) writeComputed(v *store.View, w *ldapserver.ResultWriter) {
	sel := &s.selected
	for c := computedObjectClass; c < computedCount; c++ {
		name := sel.computed[c]
		if name == "" {
			continue
		}
		w.BeginAttribute(name)
		if !sel.typesOnly {
			s.appendComputed(c, v, func(value []byte) bool {
				w.AppendValue(value)
				return true
			})
		}
		w.EndAttribute()
	}
}

// writeEntry sends an entry.
func (s *Session) writeEntry(v *store.View, w *ldapserver.ResultWriter) error {
	if s.view != nil {
		return s.writeShown(v, w)
	}
	sel := &s.selected
	s.dn = s.dir.appendDN(s.dn[:0], v)
	if sel.plain {
		s.texts = v.AppendTexts(s.texts[:0], (*store.AttributeSet)(&sel.set), sel.count)
		s.values = s.values[:0]
		for i := range s.texts {
			t := &s.texts[i]
			s.values = append(s.values, protocol.EntryValue{Attribute: t.Attribute, Name: sel.names[t.Attribute], Text: t.Text})
		}
		return w.WriteEntry(s.dn, s.values)
	}
	w.BeginEntry(s.dn)
	s.writeComputed(v, w)
	open := -1
	for it := v.Values(); sel.next(&it); {
		i := it.Attr().Index
		if i >= len(sel.stored) || sel.stored[i] == "" {
			continue
		}
		if i != open {
			if open >= 0 {
				w.EndAttribute()
			}
			w.BeginAttribute(sel.stored[i])
			open = i
		}
		if !sel.typesOnly {
			w.AppendValue(it.Text())
		}
	}
	if open >= 0 {
		w.EndAttribute()
	}
	return w.EndEntry()
}

// writeStatic sends an entry that is not a record.
func (s *Session) writeStatic(e *staticEntry, w *ldapserver.ResultWriter) error {
	sel := &s.selected
	w.BeginEntry([]byte(e.dn))
	for _, a := range e.attributes {
		name := sel.staticName(s, &a)
		if name == "" {
			continue
		}
		w.BeginAttribute(name)
		if !sel.typesOnly {
			for _, v := range a.values {
				w.AppendValue([]byte(v))
			}
		}
		w.EndAttribute()
	}
	return w.EndEntry()
}

// staticName is the name under which a static entry's attribute is sent, "" if it is not.
func (sel *selection) staticName(s *Session, a *staticAttribute) string {
	t, ok := s.dir.schema.Attribute(a.name)
	if ok {
		for _, asked := range sel.asked {
			if asked.attribute == t {
				return asked.name
			}
			if s.dir.isBelow(t, asked.attribute) {
				return t.Name
			}
		}
	}
	if a.operational && sel.allOps || !a.operational && sel.all {
		return a.name
	}
	return ""
}
