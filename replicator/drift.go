package replicator

import (
	"slices"
	"strings"

	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/soap"
)

// The bucket that remembers, per object, the fields that the last description showed.
const describedBucket = "described"

// describedField is what tells whether a field was renamed: the API name changes, label and type mostly stay.
type describedField struct {
	Label string `json:"label"`
	Type  string `json:"type"`
}

// drift compares an object's fields with those of the last run and reports what is new and what is gone. For frozen
// fields it looks for one that may have taken their place.
func (r *run) drift(p *plan) error {
	o := r.catalog[strings.ToLower(p.object)]
	now := make(map[string]describedField, len(o.Fields))
	for _, f := range o.Fields {
		now[f.Name] = describedField{f.Label, f.Type}
	}
	var before map[string]describedField
	known, err := readJSON(r.o.Store, describedBucket, p.object, &before)
	if err != nil {
		return err
	}
	var added, gone []string
	for name := range now {
		if _, ok := before[name]; known && !ok {
			added = append(added, name)
		}
	}
	for name := range before {
		if _, ok := now[name]; !ok {
			gone = append(gone, name)
		}
	}
	slices.Sort(added)
	slices.Sort(gone)
	for i := range p.frozen {
		if f := &p.frozen[i]; f.Nearest == "" {
			f.Nearest = successor(f.Field, before[f.Field], o, added)
		}
	}
	if known && len(added)+len(gone) == 0 && sameFields(before, now) {
		return nil
	}
	if len(added) > 0 {
		r.log(p).WithField("fields", added).Info("new fields in the org")
		r.note(p.object + " has new fields: " + strings.Join(added, ", "))
	}
	if len(gone) > 0 {
		r.log(p).WithField("fields", gone).Warn("fields are no longer visible")
		r.note(p.object + " no longer shows: " + strings.Join(gone, ", "))
	}
	if r.ro.DryRun {
		return nil
	}
	return putJSON(r.o.Store, describedBucket, p.object, now)
}

func (r *run) note(text string) { r.result.Notes = append(r.result.Notes, text) }

func sameFields(a, b map[string]describedField) bool {
	if len(a) != len(b) {
		return false
	}
	for name, f := range a {
		if b[name] != f {
			return false
		}
	}
	return true
}

// successor is the new field that a vanished one may be called now: one with its label and type, or one with its type
// and nearly its name.
func successor(gone string, was describedField, o *soap.ObjectDescription, added []string) string {
	var alike []string
	for _, name := range added {
		f := fieldOf(o, name)
		switch {
		case f.Type != was.Type:
		case f.Label == was.Label:
			return name
		default:
			alike = append(alike, name)
		}
	}
	return schema.Nearest(gone, alike)
}

// replicated says whether an object was replicated before: then its records stay, whatever the org shows of it now, and
// the other objects are brought up to date.
func (r *run) replicated(object string) bool {
	return r.meta.Complete && slices.ContainsFunc(r.meta.Objects, func(m store.ObjectMeta) bool {
		return strings.EqualFold(m.Name, object) && !m.LastSuccess.IsZero()
	})
}

// leave takes an object out of the run. why has the error, or what keeps it frozen.
func (r *run) leave(object string, why ObjectResult) {
	i := slices.IndexFunc(r.mappings, func(m schema.Mapping) bool { return strings.EqualFold(m.Object, object) })
	if i < 0 {
		return
	}
	result := r.result.Objects[i]
	result.Err, result.Frozen = why.Err, why.Frozen
	r.left = append(r.left, result)
	r.mappings = slices.Delete(r.mappings, i, i+1)
	r.result.Objects = slices.Delete(r.result.Objects, i, i+1)
	r.meters = slices.Delete(r.meters, i, i+1)
}
