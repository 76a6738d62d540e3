package directory

import (
	"bytes"
	"fmt"
	"strings"

	"ringdex/ldapserver"
	"ringdex/replicator/store"
	"ringdex/schema"
)

// shownAttribute is an attribute of an entry as a view shows it. Values are slices of the session's scratch.
type shownAttribute struct {
	attribute *schema.AttributeType // nil: stored by an older mapping
	name      string
	values    [][]byte
}

// shownEntry makes what a view shows of an entry: the stored attributes in their order, those that are made of others in
// the place of the stored one, or behind. It belongs to the session until the next entry.
func (s *Session) shownEntry(e *store.View) []shownAttribute {
	v := s.view
	list := s.shown[:0]
	s.text = s.text[:0]
	column := -1
	for it := e.Values(); it.Next(); {
		i := it.Attr().Index
		t := s.columns.typeOf(i)
		if t != nil && (!v.shows(t) || v.makes(t, e)) || t == nil && v.shown != nil {
			continue
		}
		if i != column {
			list, column = extend(list, t, it.Attr().Name), i
		}
		s.value = s.value[:0]
		last := &list[len(list)-1]
		if t == nil || !t.Syntax.IsNumber() {
			text := v.appendText(s.value, t, it.Text())
			if s.people > 0 && len(last.values) == 0 && namesEntry(t) {
				text = fmt.Appendf(text, " (%d)", s.people)
			}
			last.values = append(last.values, s.keep(text))
			continue
		}
		if !s.asked.matches(&it) {
			if v.profile.SingleNumbers && len(last.values) > 0 {
				continue
			}
			last.values = append(last.values, s.keep(v.appendNumber(s.value, it.Text(), nil)))
			continue
		}
		value := s.keep(v.appendNumber(s.value, it.Text(), s.asked.text))
		if v.profile.SingleNumbers {
			last.values = append(last.values[:0], value)
			continue
		}
		last.values = append(last.values, value)
	}
	for i := range v.made {
		if m := &v.made[i]; v.shows(m.attribute) && v.makes(m.attribute, e) {
			list = s.appendMade(list, m, e)
		}
	}
	s.shown = list
	return list
}

// namesEntry says whether telephones show an attribute as the name of an entry.
func namesEntry(t *schema.AttributeType) bool {
	return t != nil && (t.Name == "cn" || t.Name == "sn" || t.Name == "displayName")
}

// extend adds an attribute, in the memory of an earlier one where there is some.
func extend(list []shownAttribute, t *schema.AttributeType, name string) []shownAttribute {
	if len(list) < cap(list) {
		list = list[:len(list)+1]
		a := &list[len(list)-1]
		a.attribute, a.name, a.values = t, name, a.values[:0]
		return list
	}
	return append(list, shownAttribute{attribute: t, name: name})
}

// keep copies a value into the scratch of the entry.
func (s *Session) keep(value []byte) []byte {
	s.value = value
	at := len(s.text)
	s.text = append(s.text, value...)
	return s.text[at:len(s.text):len(s.text)]
}

// makes says whether the view makes an attribute of an entry. A company keeps its own names: it has no first name that
// could stand behind a comma.
func (v *view) makes(t *schema.AttributeType, e *store.View) bool {
	for i := range v.made {
		if v.made[i].attribute == t {
			return !v.made[i].name || !isCompany(e)
		}
	}
	return false
}

// appendText writes a value that is no number.
func (v *view) appendText(dst []byte, t *schema.AttributeType, text []byte) []byte {
	if v.profile.ASCII && (t == nil || t.Syntax != schema.Octets) {
		return appendASCII(dst, text)
	}
	return append(dst, text...)
}

// appendMade adds an attribute that is made of others. A template that is one attribute alone gives all of its values.
func (s *Session) appendMade(list []shownAttribute, m *madeAttribute, e *store.View) []shownAttribute {
	list = extend(list, m.attribute, m.attribute.Name)
	last := &list[len(list)-1]
	for _, t := range m.templates {
		if source := t.Alone(); source != nil {
			for _, name := range source {
				if s.appendSource(last, m.attribute, name, e) {
					break
				}
			}
			continue
		}
		text := s.compose(t, e)
		if text == "" {
			continue
		}
		s.add(last, s.view.appendText(s.value[:0], m.attribute, []byte(text)))
	}
	if s.view.profile.SingleNumbers && m.attribute.Syntax.IsNumber() && len(last.values) > 1 {
		best := last.values[0]
		for _, value := range last.values {
			if s.asked.text != nil && s.asked.isText(value, s.view) {
				best = value
				break
			}
		}
		last.values = append(last.values[:0], best)
	}
	if len(last.values) == 0 {
		return list[:len(list)-1]
	}
	return list
}

// isText says whether a written value is the number asked for.
func (a *askedNumber) isText(value []byte, v *view) bool {
	if v.profile.Numbers == NumbersAsAsked && bytes.Equal(value, a.text) {
		return true
	}
	var room [32]byte
	for i := range a.keys {
		e164 := append(append(room[:0], '+'), a.keys[i].Key...)
		if bytes.Equal(v.appendNumber(nil, e164, nil), value) {
			return true
		}
	}
	return false
}

// appendSource adds the values of a stored attribute to one that is made of it. It says whether there are some.
func (s *Session) appendSource(to *shownAttribute, t *schema.AttributeType, name string, e *store.View) bool {
	source, ok := s.dir.schema.Attribute(name)
	if !ok || !s.rights.shows(source) {
		return false
	}
	found := false
	for it := e.Values(); it.Next(); {
		if s.columns.typeOf(it.Attr().Index) != source {
			continue
		}
		found = true
		if !source.Syntax.IsNumber() {
			s.add(to, s.view.appendText(s.value[:0], t, it.Text()))
			continue
		}
		var asked []byte
		if s.asked.matches(&it) {
			asked = s.asked.text
		}
		s.add(to, s.view.appendNumber(s.value[:0], it.Text(), asked))
	}
	return found
}

// add adds a value that is not there yet.
func (s *Session) add(to *shownAttribute, value []byte) {
	s.value = value
	for _, have := range to.values {
		if bytes.Equal(have, value) {
			return
		}
	}
	to.values = append(to.values, s.keep(value))
}

// compose fills a template with an entry's attributes, each value once.
func (s *Session) compose(t *schema.Template, e *store.View) string {
	var used []string
	text := t.Expand(func(name string) string {
		source, ok := s.dir.schema.Attribute(name)
		if !ok || !s.rights.shows(source) {
			return ""
		}
		value := ""
		for it := e.Values(); it.Next(); {
			if s.columns.typeOf(it.Attr().Index) != source {
				continue
			}
			if value = string(it.Text()); source.Syntax.IsNumber() {
				value = string(s.view.appendNumber(nil, it.Text(), nil))
			}
			break
		}
		for _, u := range used {
			if strings.EqualFold(u, value) {
				return ""
			}
		}
		used = append(used, value)
		return value
	}, nil)
	return tidy(text)
}

// tidy takes out what missing values leave behind: empty brackets, a separator at an end or beside another one.
func tidy(s string) string {
	const separators = ",;/|·–—-"
	for {
		before := s
		for _, empty := range []string{"()", "[]", "( )", "[ ]", "<>"} {
			s = strings.ReplaceAll(s, empty, "")
		}
		s = strings.Join(strings.Fields(s), " ")
		s = strings.TrimRight(s, " "+separators)
		s = strings.TrimLeft(s, " "+separators)
		for _, c := range separators {
			one := string(c)
			s = strings.ReplaceAll(s, one+" "+one, one)
			s = strings.ReplaceAll(s, " "+one+" (", " (")
			s = strings.ReplaceAll(s, one+" (", " (")
		}
		if s == before {
			return s
		}
	}
}

// writeShown sends an entry under the session's view.
func (s *Session) writeShown(e *store.View, w *ldapserver.ResultWriter) error {
	sel := &s.selected
	s.dn = s.appendDN(s.dn[:0], e)
	w.BeginEntry(s.dn)
	s.writeComputed(e, w)
	for _, a := range s.shownEntry(e) {
		name := sel.shownName(s, &a)
		if name == "" || len(a.values) == 0 {
			continue
		}
		w.BeginAttribute(name)
		if !sel.typesOnly {
			for _, value := range a.values {
				w.AppendValue(value)
			}
		}
		w.EndAttribute()
	}
	return w.EndEntry()
}

// shownName is the name under which a view's attribute is sent, "" if it is not asked for.
func (sel *selection) shownName(s *Session, a *shownAttribute) string {
	name := ""
	if !s.rights.shows(a.attribute) {
		return name
	}
	if sel.all && (a.attribute == nil || !a.attribute.Operational) || sel.allOps && a.attribute != nil && a.attribute.Operational {
		name = a.name
	}
	if a.attribute == nil {
		return name
	}
	for _, asked := range sel.asked {
		switch {
		case asked.attribute == a.attribute:
			return asked.name
		case name == "" && asked.attribute.Virtual == schema.None && s.dir.isBelow(a.attribute, asked.attribute):
			name = a.attribute.Name
		}
	}
	return name
}
