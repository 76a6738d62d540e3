package replicator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/soap"
)

const (
	frozenBucket                  = "frozen" // []Frozen by object
	frozenCondition, frozenCanary = "condition", "canary"
	// thawPause is how long a field stays frozen after a load that brought its values again was held.
	thawPause = 24 * time.Hour
)

// Frozen is a mapped field that was replicated before and that the org no longer shows: it was removed or renamed, or the
// user lost the permission. What is stored of its attributes stays as it is until the field is back, or the mapping does
// without it.
type Frozen struct {
	Object     string    `json:"object"`
	Field      string    `json:"field"`
	Attributes []string  `json:"attributes"` // that it fills
	Since      time.Time `json:"since"`
	Nearest    string    `json:"nearest,omitempty"` // a field that may have taken its place
	// Why is "" for a field of the mapping. For a field of the condition it is "condition", for a canary, whose Id is in
	// Field, "canary": then the whole object stays as it is.
	Why string `json:"why,omitempty"`
	// Tried is when a load that brought the field again was held, because many records had lost its value.
	Tried time.Time `json:"tried,omitzero"`
}

// FrozenFields lists what is frozen, by object.
func FrozenFields(s *store.Store) ([]Frozen, error) {
	var all []Frozen
	var bad error
	err := s.EachBlob(frozenBucket, func(_ string, text []byte) bool {
		var list []Frozen
		bad = json.Unmarshal(text, &list)
		all = append(all, list...)
		return bad == nil
	})
	if err = errors.Join(err, bad); err != nil {
		return nil, fmt.Errorf("replicator: frozen fields: %w", err)
	}
	return all, nil
}

// putFrozen replaces what is frozen of an object.
func putFrozen(s *store.Store, object string, list []Frozen) error {
	if len(list) == 0 {
		return s.PutBlob(frozenBucket, object, nil)
	}
	return putJSON(s, frozenBucket, object, list)
}

// frozenError is why a whole object stays as it is.
type frozenError struct {
	Frozen
	err error
}

func (e *frozenError) Error() string { return e.err.Error() }
func (e *frozenError) Unwrap() error { return e.err }

// text says what is missing, and what follows from that.
func (f *Frozen) text() string {
	switch f.Why {
	case frozenCondition:
		return fmt.Sprintf("%s.%s, which the condition needs, is no longer visible: all of %s stays as it was on %s", f.Object, f.Field, f.Object, day(f.Since))
	case frozenCanary:
		return fmt.Sprintf("the canary %s of %s is no longer visible: all of %s stays as it was on %s", f.Field, f.Object, f.Object, day(f.Since))
	}
	return fmt.Sprintf("%s.%s is no longer visible: %s stays as it was on %s", f.Object, f.Field, strings.Join(f.Attributes, ", "), day(f.Since))
}

// freezeObject leaves an object as it is and notes why.
func (r *run) freezeObject(e *frozenError) error {
	var list []Frozen
	if _, err := readJSON(r.o.Store, frozenBucket, e.Object, &list); err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(f Frozen) bool { return f.Why == e.Why && f.Field == e.Field }) {
		r.o.Log.WithField("object", e.Object).WithError(e).Warn(e.text())
	}
	r.leave(e.Object, ObjectResult{Frozen: e.text()})
	if r.ro.DryRun {
		return nil
	}
	list = slices.DeleteFunc(list, func(f Frozen) bool { return f.Why != "" })
	return putFrozen(r.o.Store, e.Object, append(list, e.Frozen))
}

// since is when an object was frozen for the same reason.
func (f *Frozen) since(before []Frozen) {
	for _, b := range before {
		if b.Why == f.Why && b.Field == f.Field {
			f.Since = b.Since
		}
	}
}

// canary looks whether the record that must always be visible is.
func (r *run) canary(ctx context.Context, o *soap.ObjectDescription, m *schema.Mapping, before []Frozen) error {
	id, ok := r.o.Canaries[m.Object]
	if !ok {
		return nil
	}
	n := 0
	err := r.call(ctx, nil, func() (err error) {
		n, err = r.o.Client.Count(ctx, "SELECT COUNT() FROM "+o.Name+" WHERE Id = '"+string(id)+"'")
		return err
	})
	if err != nil || n > 0 {
		return err
	}
	f := Frozen{Object: o.Name, Field: string(id), Since: r.started.UTC(), Why: frozenCanary}
	f.since(before)
	return &frozenError{f, &ObjectError{Object: o.Name, Reason: "does not show the record " + f.Field + ", which is its canary"}}
}

// freeze takes a field out of the queries of a plan, and keeps the attributes that it fills. The fingerprint stays what it
// was with the field: the stored entries are still good.
func (r *run) freeze(p *plan, path string, before []Frozen) {
	f := Frozen{Object: p.object, Field: path, Since: r.started.UTC(), Attributes: r.filledBy(p.mapping, path)}
	if i := slices.IndexFunc(before, func(b Frozen) bool { return b.Field == path }); i >= 0 {
		f.Since, f.Nearest, f.Tried = before[i].Since, before[i].Nearest, before[i].Tried
	}
	p.frozen = append(p.frozen, f)
	for _, a := range f.Attributes {
		p.keep[a] = true
	}
	if slices.ContainsFunc(p.mapping.CountryFields, func(c string) bool { return strings.EqualFold(c, path) }) {
		p.keepSpelled = true
	}
}

// filledBy lists the attributes whose values need a field.
func (r *run) filledBy(m *schema.Mapping, path string) []string {
	var names []string
	add := func(name string) {
		if t, ok := r.o.Schema.Attribute(name); ok {
			name = t.Name
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	uses := func(t *schema.Template) bool {
		return slices.ContainsFunc(t.Fields(), func(f string) bool { return strings.EqualFold(f, path) })
	}
	for _, a := range m.Attributes {
		if slices.ContainsFunc(a.Templates, uses) {
			add(a.Name)
		}
	}
	if slices.ContainsFunc(m.ContactURLs, uses) {
		add("labeledURI")
	}
	// cn and sn stand in for each other.
	mapped := func(name string) bool {
		return slices.ContainsFunc(m.Attributes, func(a schema.MappedAttribute) bool {
			t, ok := r.o.Schema.Attribute(a.Name)
			return ok && t.Name == name
		})
	}
	for _, pair := range [][2]string{{"cn", "sn"}, {"sn", "cn"}} {
		if slices.Contains(names, pair[0]) && !mapped(pair[1]) {
			add(pair[1])
		}
	}
	return names
}

// noteFrozen remembers what is frozen now. A field that is back stays noted until its values were fetched again.
func (r *run) noteFrozen(p *plan, before []Frozen) error {
	list := slices.Clone(p.frozen)
	for _, b := range before {
		if b.Why == "" && slices.Contains(p.thawed, b.Field) {
			list = append(list, b)
		}
	}
	for i := range p.frozen {
		if f := &p.frozen[i]; !slices.ContainsFunc(before, func(b Frozen) bool { return b.Field == f.Field }) {
			r.log(p).WithField("field", f.Field).Warn("a mapped field is no longer visible: its values stay as they were")
		}
	}
	if r.ro.DryRun || slices.EqualFunc(list, before, func(a, b Frozen) bool {
		return a.Why == b.Why && a.Field == b.Field && a.Nearest == b.Nearest && a.Tried.Equal(b.Tried) && slices.Equal(a.Attributes, b.Attributes)
	}) {
		return nil
	}
	return putFrozen(r.o.Store, p.object, list)
}

// keepFrozen gives entries the stored values of what is frozen.
func (p *plan) keepFrozen(s *store.Store, entries []schema.Entry) error {
	if len(p.keep) == 0 && !p.keepSpelled || len(entries) == 0 {
		return nil
	}
	served, err := s.Reader()
	if errors.Is(err, store.ErrEmpty) {
		return nil
	}
	if err != nil {
		return err
	}
	defer served.Release()
	for i := range entries {
		e := &entries[i]
		ordinal, ok := served.Ordinal(e.ID)
		if !ok {
			continue
		}
		view, ok := served.View(ordinal)
		if !ok || view.Object() != p.object {
			continue
		}
		old := view.Entry()
		for _, a := range old.Attributes {
			switch {
			case p.keep[a.Name]:
				p.put(e, a)
			case p.keepSpelled && p.numbers[a.Name]:
				keepSpelled(e.Values(a.Name), a.Values)
			}
		}
	}
	return nil
}

// keepSpelled replaces numbers by the stored ones of the same spelling: without its country a record's numbers would be
// read as those of another one.
func keepSpelled(values, stored []schema.Value) {
	for i := range values {
		for _, old := range stored {
			if spelled(&old) == spelled(&values[i]) {
				values[i] = old
				break
			}
		}
	}
}

func spelled(v *schema.Value) string {
	if v.Original != "" {
		return v.Original
	}
	return v.Text
}

// put sets an attribute of an entry, at its place in the order of the mapping.
func (p *plan) put(e *schema.Entry, a schema.Attribute) {
	for i := range e.Attributes {
		if e.Attributes[i].Name == a.Name {
			e.Attributes[i].Values = a.Values
			return
		}
	}
	rank := p.rank(a.Name)
	at := slices.IndexFunc(e.Attributes, func(x schema.Attribute) bool { return p.rank(x.Name) > rank })
	if at < 0 {
		at = len(e.Attributes)
	}
	e.Attributes = slices.Insert(e.Attributes, at, a)
}

// rank is an attribute's place in an entry: names that stand in for each other come first, contact URLs last.
func (p *plan) rank(name string) int {
	if i, ok := p.order[name]; ok {
		return i
	}
	if name == "cn" || name == "sn" {
		return -1
	}
	return len(p.order)
}

// heldThaw leaves the fields that are back frozen for a while: their values are what a person decides on.
func (r *run) heldThaw(p *plan) error {
	var list []Frozen
	if _, err := readJSON(r.o.Store, frozenBucket, p.object, &list); err != nil || len(p.thawed) == 0 {
		return err
	}
	for i := range list {
		if slices.Contains(p.thawed, list[i].Field) {
			list[i].Tried = r.started.UTC()
		}
	}
	return putFrozen(r.o.Store, p.object, list)
}
