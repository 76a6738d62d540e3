package directory

import (
	"slices"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/name"
)

// columns is what a generation's attributes and objects are, worked out once per generation. It is immutable.
type columns struct {
	generation  store.Generation
	attributes  int      // how many attributes the generation had when this was made: a delta may add one
	objects     []string // in order of their names
	objectNames [][]byte // the same
	names       []string // by column
	types       []*schema.AttributeType
	all         attributeSet
	words       attributeSet          // those that the word index covers
	named       map[int]store.NameSet // columns with lists of names
	sets        map[*schema.AttributeType]attributeSet
	orgID       string
	collation   name.Collation // of the list order
}

// below is the set of stored attributes that a type stands for: itself, its subtypes, the members of a virtual type.
func (c *columns) below(t *schema.AttributeType) attributeSet { return c.sets[t] }

// own is the column of a type itself.
func (c *columns) own(t *schema.AttributeType) (set attributeSet) {
	if i := slices.Index(c.types, t); i >= 0 {
		set.add(i)
	}
	return set
}

// namesIn is a set of columns as the lists of names have it; ok is false if one of them is in no such list.
func (c *columns) namesIn(set attributeSet) (in store.NameSet, ok bool) {
	for i, bit := range c.named {
		if set.has(i) {
			in |= bit
			set[i>>6] &^= 1 << (i & 63)
		}
	}
	return in, set == attributeSet{}
}

// columnsOf returns the columns of the reader's generation, from the cache where that is the latest.
func (d *Directory) columnsOf(r *store.Reader) (*columns, error) {
	stored := r.Attributes()
	if c := d.cached.Load(); c != nil && c.generation == r.Generation() && c.attributes == len(stored) {
		return c, nil
	}
	meta, err := d.options.Store.Meta()
	if err != nil {
		return nil, err
	}
	c := &columns{generation: r.Generation(), attributes: len(stored), sets: map[*schema.AttributeType]attributeSet{}, named: map[int]store.NameSet{}, orgID: meta.Org.ID, collation: r.Collation()}
	for _, o := range meta.Objects {
		c.objects = append(c.objects, o.Name)
		c.objectNames = append(c.objectNames, []byte(o.Name))
	}
	for _, a := range stored {
		for len(c.types) <= a.Index {
			c.types = append(c.types, nil)
			c.names = append(c.names, "")
		}
		c.names[a.Index] = a.Name
		c.all.add(a.Index)
		if a.Words {
			c.words.add(a.Index)
			if in := store.NameSetOf(a.Name); in != 0 {
				c.named[a.Index] = in
			}
		}
		t, ok := d.schema.Attribute(a.Name)
		if !ok {
			continue // stored by an older mapping; sent under its name, but not searched
		}
		c.types[a.Index] = t
	}
	for _, t := range d.schema.Attributes() {
		var set attributeSet
		sub := d.schema.Subtypes(t)
		for i, column := range c.types {
			if column == nil {
				continue
			}
			switch {
			case t.Virtual == schema.AnyNumber && column.Syntax.IsNumber(),
				t.Virtual == schema.AnyName && column.Syntax == schema.Name,
				column == t, slices.Contains(sub, column):
				set.add(i)
			}
		}
		c.sets[t] = set
	}
	d.cached.Store(c)
	return c, nil
}

// isBelow says whether t is super or one of its subtypes.
func (d *Directory) isBelow(t, super *schema.AttributeType) bool {
	return t == super || slices.Contains(d.schema.Subtypes(super), t)
}

// noColumns is the state of a session that looks at no entry.
var noColumns = &columns{}

// typeOf is the type of a column, nil where the schema does not know it.
func (c *columns) typeOf(i int) *schema.AttributeType {
	if i < len(c.types) {
		return c.types[i]
	}
	return nil
}
