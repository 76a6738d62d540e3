package directory

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/name"
	"ringdex/schema/phone"
)

// view is a profile made ready: what a request under it needs. It is immutable but for its cache.
type view struct {
	profile Profile
	dir     *Directory
	parser  *phone.Parser // under the profile's location
	base    string        // DN of the view's top: ou=NAME,BASE
	made    []madeAttribute
	shown   map[*schema.AttributeType]bool // nil: all
	sort    []*schema.AttributeType        // nil: list order
	listed  bool                           // sort is what the list order is in another collation

	collation *name.Collation // nil: that of the list order

	cached atomic.Pointer[viewColumns]
	heads  headMemo
}

// madeAttribute is an attribute that a profile makes of others.
type madeAttribute struct {
	attribute *schema.AttributeType
	templates []*schema.Template
	sources   []*schema.AttributeType
	name      bool // the attribute names the entry: cn, sn, displayName
}

// viewColumns is which stored attributes stand for a type under a view, in one generation.
type viewColumns struct {
	of   *columns
	sets map[*schema.AttributeType]attributeSet
	all  attributeSet
}

// newView checks a profile and makes it ready.
func (d *Directory) newView(p Profile) (*view, error) {
	if err := p.check(d.schema); err != nil {
		return nil, err
	}
	v := &view{profile: p, dir: d, base: "ou=" + p.Name + "," + d.options.Base}
	var err error
	if v.parser, err = phone.NewParser(p.Location); err != nil {
		return nil, fmt.Errorf("directory: profile %s: %w", p.Name, err)
	}
	v.profile.Location = v.parser.Location()
	for _, a := range p.Attributes {
		t, _ := d.schema.Attribute(a.Name)
		m := madeAttribute{attribute: t, templates: a.Templates, name: namesEntry(t)}
		for _, template := range a.Templates {
			for _, f := range template.Fields() {
				if source, ok := d.schema.Attribute(f); ok && !slices.Contains(m.sources, source) {
					m.sources = append(m.sources, source)
				}
			}
		}
		v.made = append(v.made, m)
	}
	if len(p.Show) > 0 {
		v.shown = map[*schema.AttributeType]bool{}
		for _, n := range p.Show {
			t, _ := d.schema.Attribute(n)
			for _, below := range d.schema.Subtypes(t) {
				v.shown[below] = true
			}
		}
	}
	for _, n := range p.Sort {
		t, _ := d.schema.Attribute(n)
		v.sort = append(v.sort, t)
	}
	if p.Order != "" {
		c, err := name.ParseCollation(p.Order)
		if err != nil {
			return nil, err
		}
		v.collation = &c
	}
	if v.sort == nil && v.collation != nil {
		v.listed = true
		for _, n := range []string{"displayName", "cn"} {
			t, _ := d.schema.Attribute(n)
			v.sort = append(v.sort, t)
		}
	}
	return v, nil
}

// makeViews makes all profiles ready.
func (d *Directory) makeViews() error {
	d.views = map[string]*view{}
	for _, p := range d.options.Profiles {
		key := strings.ToLower(p.Name)
		if d.views[key] != nil {
			return fmt.Errorf("directory: profile %s stands twice", p.Name)
		}
		v, err := d.newView(p)
		if err != nil {
			return err
		}
		d.views[key] = v
		if len(p.Listeners)+len(p.Networks) > 0 {
			d.placed = append(d.placed, v)
		}
	}
	return nil
}

// use makes a session answer under a view; nil is the directory as it is.
func (s *Session) use(v *view) {
	s.view, s.compiler.view, s.compiler.parser, s.compiler.names.collation = v, v, s.dir.parser, nil
	if v != nil {
		s.compiler.parser, s.compiler.names.collation = v.parser, v.collation
	}
}

// sorts says whether the session's view orders lists in another way than the store does.
func (q *search) sorts() bool {
	v := q.s.view
	return v != nil && v.sort != nil && !(v.listed && *v.collation == q.r.Collation())
}

// location is where the telephone stands that asks.
func (s *Session) location() phone.Location {
	if s.view != nil {
		return s.view.profile.Location
	}
	return s.dir.parser.Location()
}

// shows says whether an entry is there at all under the session's view and rights.
func (s *Session) shows(v *store.View) bool {
	return (s.view == nil || !s.view.profile.HideCompanies || !isCompany(v)) && s.rights.hasEntry(v)
}

// isCompany says whether an entry is a company's.
func isCompany(v *store.View) bool { return string(v.ObjectBytes()) == companyObject }

// companyObject is the sObject whose records are companies.
const companyObject = "Account"

// shows says whether an attribute is shown.
func (v *view) shows(t *schema.AttributeType) bool {
	return v.shown == nil || v.shown[t] || t.Operational
}

// columnsOf works out which stored attributes stand for each type. What is not shown is not found either: else an answer
// could be guessed by asking for it. An attribute that is made of others is found by them and by its own value.
func (v *view) columnsOf(c *columns) *viewColumns {
	if have := v.cached.Load(); have != nil && have.of == c {
		return have
	}
	out := &viewColumns{of: c, sets: map[*schema.AttributeType]attributeSet{}}
	own := map[*schema.AttributeType]attributeSet{}
	for i, t := range c.types {
		if t == nil || !v.shows(t) {
			continue
		}
		set := own[t]
		set.add(i)
		own[t] = set
	}
	for _, m := range v.made {
		if !v.shows(m.attribute) {
			continue
		}
		set := own[m.attribute]
		for _, source := range m.sources {
			for k, bits := range c.below(source) {
				set[k] |= bits
			}
		}
		own[m.attribute] = set
	}
	for _, t := range v.dir.schema.Attributes() {
		var set attributeSet
		sub := v.dir.schema.Subtypes(t)
		for member, bits := range own {
			if t.Virtual == schema.AnyNumber && member.Syntax.IsNumber() || t.Virtual == schema.AnyName && member.Syntax == schema.Name ||
				slices.Contains(sub, member) {
				for k := range bits {
					set[k] |= bits[k]
				}
			}
		}
		out.sets[t] = set
		for k := range set {
			out.all[k] |= set[k]
		}
	}
	v.cached.Store(out)
	return out
}

// below is columns.below under the compiler's view.
func (c *compiler) below(t *schema.AttributeType) attributeSet {
	if c.view == nil {
		return c.rights.restrict(c.columns.below(t), c.columns)
	}
	return c.rights.restrict(c.view.columnsOf(c.columns).sets[t], c.columns)
}

// everything is every stored attribute under the compiler's view.
func (c *compiler) everything() attributeSet {
	if c.view == nil {
		return c.rights.restrict(c.columns.all, c.columns)
	}
	return c.rights.restrict(c.view.columnsOf(c.columns).all, c.columns)
}

// viewNamed finds a profile's view by an ou value, in any letter case.
func (d *Directory) viewNamed(name string) *view {
	if v := d.views[name]; v != nil {
		return v
	}
	return d.views[strings.ToLower(name)]
}

// topEntry is the entry at the top of a view.
func (v *view) topEntry(objects int) *staticEntry {
	e := &staticEntry{dn: v.base, attributes: []staticAttribute{
		{name: "objectClass", values: []string{"top", "organizationalUnit"}},
		{name: "ou", values: []string{v.profile.Name}},
	}}
	if v.profile.About != "" {
		e.attributes = append(e.attributes, staticAttribute{name: "description", values: []string{v.profile.About}})
	}
	e.operational(v.dir, "organizationalUnit", objects)
	return e
}

// objects are the objects that have a container under the session's view.
func (s *Session) objects() []string {
	if (s.view == nil || !s.view.profile.HideCompanies) && len(s.rights.objects) == 0 {
		return s.columns.objects
	}
	return slices.DeleteFunc(slices.Clone(s.columns.objects), func(o string) bool {
		return s.view != nil && s.view.profile.HideCompanies && o == companyObject || !s.rights.has(o)
	})
}

// top is the DN that the session's containers lie under: the base, or the top of the view where a request named it.
func (s *Session) top() string {
	if s.named && s.view != nil {
		return s.view.base
	}
	return s.dir.options.Base
}

// appendDN appends an entry's DN as the session's client sees it.
func (s *Session) appendDN(dst []byte, v *store.View) []byte {
	if s.view == nil {
		return s.dir.appendDN(dst, v)
	}
	if s.view.profile.DN == DNByName && s.rights.shown == nil {
		if cn := s.view.rdnName(v); len(cn) > 0 {
			dst = append(append(append(dst, "cn="...), cn...), '+')
		}
	}
	dst = append(append(dst, "uid="...), v.ID()...)
	dst = append(append(dst, ",ou="...), v.ObjectBytes()...)
	return append(append(dst, ','), s.top()...)
}

// rdnName is an entry's name for its DN, without what telephones stumble over in a DN (NethVoice's phone book takes the
// same characters out).
func (v *view) rdnName(e *store.View) []byte {
	cn := e.First("displayName")
	if len(cn) == 0 {
		cn = e.First("cn")
	}
	if v.profile.ASCII {
		cn = appendASCII(nil, cn)
	}
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`,+"\<>;=/#`, r) {
			return -1
		}
		return r
	}, string(cn))
	return []byte(protocol.EscapeValue(strings.Join(strings.Fields(clean), " ")))
}
