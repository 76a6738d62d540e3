package replicator

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ringdex/schema"
	"ringdex/soap"
)

// maxHops is how many parents a path may go up: SOQL's limit of child-to-parent levels.
const maxHops = 5

// catalog holds described objects by lower-case name. nil stands for one that the user may not see.
type catalog map[string]*soap.ObjectDescription

// describe fetches the descriptions of the mapped objects and, with a second call, of the parents that they name.
func (r *run) describe(ctx context.Context, mappings []schema.Mapping) (catalog, error) {
	names := make([]string, len(mappings))
	for i := range mappings {
		names[i] = mappings[i].Object
	}
	c := catalog{}
	err := r.fetchDescriptions(ctx, c, names)
	if errors.Is(err, soap.ErrQuery) {
		return nil, r.missingObject(ctx, names, err)
	}
	if err != nil {
		return nil, err
	}
	// Each round goes one parent up.
	for range maxHops {
		missing := c.parents(mappings)
		if len(missing) == 0 {
			return c, nil
		}
		if err := r.fetchDescriptions(ctx, c, missing); err == nil {
			continue
		} else if !errors.Is(err, soap.ErrQuery) {
			return nil, err
		}
		for _, name := range missing { // one of them is hidden: ask one by one
			c[strings.ToLower(name)] = nil
			if err := r.fetchDescriptions(ctx, c, []string{name}); err != nil && !errors.Is(err, soap.ErrQuery) {
				return nil, err
			}
		}
	}
	return c, nil
}

func (r *run) fetchDescriptions(ctx context.Context, c catalog, names []string) error {
	var described []soap.ObjectDescription
	err := r.call(ctx, nil, func() (err error) {
		described, err = r.o.Client.DescribeObjects(ctx, names...)
		return err
	})
	if err != nil {
		return err
	}
	for i := range described {
		c[strings.ToLower(names[i])] = &described[i]
	}
	return nil
}

// missingObject finds out which object the org doesn't know.
func (r *run) missingObject(ctx context.Context, names []string, cause error) error {
	var all []soap.ObjectInfo
	if err := r.call(ctx, nil, func() (err error) {
		all, err = r.o.Client.DescribeGlobal(ctx)
		return err
	}); err != nil {
		return cause
	}
	known := make([]string, 0, len(all))
	for _, o := range all {
		if o.Queryable {
			known = append(known, o.Name)
		}
	}
	for _, name := range names {
		found := false
		for _, k := range known {
			found = found || strings.EqualFold(k, name)
		}
		if !found {
			return &ObjectError{Object: name, Nearest: schema.Nearest(name, known), Reason: "does not exist, or this user may not see it"}
		}
	}
	return cause
}

// parents lists the objects that paths of the mappings reach and that are not described yet.
func (c catalog) parents(mappings []schema.Mapping) []string {
	var names []string
	asked := map[string]bool{}
	for i := range mappings {
		o := c[strings.ToLower(mappings[i].Object)]
		for _, path := range conditionPaths(&mappings[i]) {
			segments := strings.Split(path, ".")
			level := []*soap.ObjectDescription{o}
			for _, relation := range segments[:len(segments)-1] {
				var next []*soap.ObjectDescription
				for _, target := range targetsOf(level, relation) {
					key := strings.ToLower(target)
					d, known := c[key]
					switch {
					case known && d != nil:
						next = append(next, d)
					case !known && !asked[key]:
						asked[key] = true
						names = append(names, target)
					}
				}
				level = next
			}
		}
	}
	return names
}

// targetsOf lists the objects that a relationship of any of the objects leads to.
func targetsOf(level []*soap.ObjectDescription, relation string) []string {
	var targets []string
	for _, o := range level {
		if f := relationOf(o, relation); f != nil {
			targets = append(targets, f.ReferenceTo...)
		}
	}
	return targets
}

func relationOf(o *soap.ObjectDescription, relation string) *soap.FieldDescription {
	for i := range o.Fields {
		if f := &o.Fields[i]; f.RelationshipName != "" && strings.EqualFold(f.RelationshipName, relation) {
			return f
		}
	}
	return nil
}

func fieldOf(o *soap.ObjectDescription, name string) *soap.FieldDescription {
	for i := range o.Fields {
		if strings.EqualFold(o.Fields[i].Name, name) {
			return &o.Fields[i]
		}
	}
	return nil
}

// hop is one step from a record to a parent.
type hop struct {
	reference string   // the path of the reference field, "AccountId", "Account.OwnerId"
	targets   []string // the objects that it may point to
}

// resolve checks a path of an object and returns it in the org's spelling, with the hops that it makes.
func (c catalog) resolve(o *soap.ObjectDescription, path string) (string, []hop, error) {
	segments := strings.Split(path, ".")
	if len(segments)-1 > maxHops {
		return "", nil, &FieldError{Object: o.Name, Field: path, Reason: fmt.Sprintf("goes up %d parents, Salesforce allows %d", len(segments)-1, maxHops)}
	}
	var hops []hop
	prefix := ""
	level := []*soap.ObjectDescription{o}
	for _, relation := range segments[:len(segments)-1] {
		var f *soap.FieldDescription
		for _, d := range level {
			if f = relationOf(d, relation); f != nil {
				break
			}
		}
		if f == nil {
			return "", nil, unknownRelation(level[0], o, path, relation)
		}
		hops = append(hops, hop{reference: prefix + f.Name, targets: f.ReferenceTo})
		prefix += f.RelationshipName + "."
		var next []*soap.ObjectDescription
		for _, target := range f.ReferenceTo {
			if d := c[strings.ToLower(target)]; d != nil {
				next = append(next, d)
			}
		}
		if len(next) == 0 {
			return "", nil, &FieldError{
				Object: o.Name, Field: path,
				Reason: fmt.Sprintf("leads to %s, which this user may not see", strings.Join(f.ReferenceTo, " or ")),
			}
		}
		level = next
	}
	name := segments[len(segments)-1]
	for _, d := range level {
		f := fieldOf(d, name)
		if f == nil {
			continue
		}
		if err := usable(d, f, prefix, o.Name, path); err != nil {
			return "", nil, err
		}
		return prefix + f.Name, hops, nil
	}
	e := &FieldError{Object: o.Name, Field: path}
	var names []string
	for _, d := range level {
		names = append(names, fieldNames(d)...)
	}
	if nearest := schema.Nearest(name, names); nearest != "" {
		e.Nearest = prefix + nearest
	}
	return "", nil, e
}

// usable refuses fields whose values are no single text.
func usable(d *soap.ObjectDescription, f *soap.FieldDescription, prefix, object, path string) error {
	switch f.Type {
	case "address", "location":
		e := &FieldError{Object: object, Field: path, Reason: "is a compound field"}
		for _, part := range d.Fields {
			if strings.EqualFold(part.CompoundFieldName, f.Name) && part.Name != f.Name {
				e.Components = append(e.Components, prefix+part.Name)
			}
		}
		if len(e.Components) == 0 { // an org may not say which parts belong to it
			stem := strings.TrimSuffix(strings.TrimSuffix(f.Name, "__c"), "Address")
			for _, part := range d.Fields {
				if part.Name != f.Name && stem != "" && strings.HasPrefix(part.Name, stem) {
					e.Components = append(e.Components, prefix+part.Name)
				}
			}
		}
		return e
	case "base64":
		return &FieldError{Object: object, Field: path, Reason: "holds a file, not a text"}
	}
	return nil
}

func unknownRelation(at, o *soap.ObjectDescription, path, relation string) error {
	var names []string
	for _, f := range at.Fields {
		if f.RelationshipName != "" {
			names = append(names, f.RelationshipName)
		}
	}
	e := &FieldError{Object: o.Name, Field: path, Reason: fmt.Sprintf("names a parent %s that %s does not have", relation, at.Name)}
	e.Nearest = schema.Nearest(relation, names)
	return e
}

func fieldNames(o *soap.ObjectDescription) []string {
	names := make([]string, len(o.Fields))
	for i := range o.Fields {
		names[i] = o.Fields[i].Name
	}
	return names
}
