package directory

import (
	"strconv"

	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema"
)

// staticEntry is an entry that is not a record: root DSE, base, container, subschema.
type staticEntry struct {
	dn         string
	attributes []staticAttribute
}

// staticAttribute has the canonical name of its type.
type staticAttribute struct {
	name        string
	operational bool
	values      []string
}

// baseEntry is the top of the tree, above the containers of so many objects. It has no o and no cn, so that the lists of phones do
// not show it.
func (d *Directory) baseEntry(objects int) *staticEntry {
	e := &staticEntry{dn: d.options.Base, attributes: []staticAttribute{
		{name: "objectClass", values: []string{"top", "extensibleObject"}},
	}}
	for _, a := range d.base[0] {
		if t, ok := d.schema.Attribute(a.Type); ok {
			if t.Name == "dc" {
				e.attributes[0].values = []string{"top", "domain"}
			}
			e.attributes = append(e.attributes, staticAttribute{name: t.Name, values: []string{a.Value}})
		}
	}
	e.operational(d, e.attributes[0].values[1], objects)
	return e
}

// containerEntry holds the entries of one object, below the DN top.
func (d *Directory) containerEntry(r *store.Reader, object, top string) *staticEntry {
	e := &staticEntry{dn: "ou=" + protocol.EscapeValue(object) + "," + top, attributes: []staticAttribute{
		{name: "objectClass", values: []string{"top", "organizationalUnit"}},
		{name: "ou", values: []string{object}},
	}}
	e.operational(d, "organizationalUnit", r.Count(object))
	return e
}

func (e *staticEntry) operational(d *Directory, structural string, children int) {
	has := "FALSE"
	if children > 0 {
		has = "TRUE"
	}
	e.attributes = append(e.attributes,
		staticAttribute{name: "structuralObjectClass", operational: true, values: []string{structural}},
		staticAttribute{name: "subschemaSubentry", operational: true, values: []string{subschemaDN}},
		staticAttribute{name: "hasSubordinates", operational: true, values: []string{has}},
		staticAttribute{name: "entryDN", operational: true, values: []string{e.dn}},
		staticAttribute{name: "entryUUID", operational: true, values: []string{string(d.appendEntryUUID(nil, []byte(e.dn)))}},
		staticAttribute{name: "creatorsName", operational: true, values: []string{replicatorName}},
		staticAttribute{name: "modifiersName", operational: true, values: []string{replicatorName}},
		staticAttribute{name: "numSubordinates", operational: true, values: []string{strconv.Itoa(children)}},
	)
}

// evaluateStatic holds a static entry against a condition, by the same rules as evaluate.
func (s *Session) evaluateStatic(c *condition, e *staticEntry) truth {
	switch c.kind {
	case protocol.And:
		out := isTrue
		for i := range c.children {
			out = min(out, s.evaluateStatic(&c.children[i], e))
		}
		return out
	case protocol.Or:
		out := isFalse
		for i := range c.children {
			out = max(out, s.evaluateStatic(&c.children[i], e))
		}
		return out
	case protocol.Not:
		return isTrue - s.evaluateStatic(&c.children[0], e)
	}
	if c.undefined {
		return isUndefined
	}
	if c.dnParts && e.dn != "" && s.dir.dnHas(c, e.dn) {
		return isTrue
	}
	for _, a := range e.attributes {
		t, ok := s.dir.schema.Attribute(a.name)
		if !ok || c.attribute != nil && c.attribute != t && !s.dir.isBelow(t, c.attribute) {
			continue
		}
		for _, v := range a.values {
			if s.staticMatches(c, []byte(v)) {
				return isTrue
			}
		}
	}
	return isFalse
}

func (s *Session) staticMatches(c *condition, v []byte) bool {
	switch {
	case c.how == matchNothing:
		return false
	case c.computed != notComputed:
		return c.matchesComputed(s, v)
	case c.how == matchPresent:
		return true
	case c.how == matchName:
		return c.pattern.Match(v)
	case c.how == matchParts:
		return c.parts.match(v)
	case c.how == matchText:
		return equalText(v, c.value)
	case c.how == matchAtLeast:
		return c.compare(v) >= 0
	case c.how == matchAtMost:
		return c.end || c.compare(v) <= 0
	}
	return false
}

// dnHas says whether an attribute of the DN satisfies an extensible match with dnAttributes.
func (d *Directory) dnHas(c *condition, dn string) bool {
	parsed, err := protocol.ParseDN(dn)
	if err != nil {
		return false
	}
	for _, rdn := range parsed {
		for _, a := range rdn {
			t, ok := d.schema.Attribute(a.Type)
			if ok && (c.attribute == nil || d.isBelow(t, c.attribute)) && equalText([]byte(a.Value), c.dnValue) {
				return true
			}
		}
	}
	return false
}

// findStaticTypes notes the attribute types that the base and the containers have, supertypes included.
func (d *Directory) findStaticTypes() {
	d.staticTypes = map[*schema.AttributeType]bool{}
	names := []string{"objectClass", "ou", "structuralObjectClass", "subschemaSubentry", "hasSubordinates", "numSubordinates", "entryDN", "entryUUID", "creatorsName", "modifiersName", "description"}
	for _, p := range d.baseParts {
		names = append(names, p.attribute.Name)
	}
	for _, n := range names {
		t, ok := d.schema.Attribute(n)
		for ok {
			d.staticTypes[t] = true
			t, ok = d.schema.Attribute(t.Superior)
		}
	}
}
