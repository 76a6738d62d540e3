package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sirupsen/logrus"

	"ringdex/schema"
	"ringdex/soap"
)

// org is the org that a configuration names, as its user sees it.
type org struct {
	client  *soap.Client
	session soap.Session
	objects []soap.ObjectInfo
	details map[string]*soap.ObjectDescription // by lower-case name; nil: hidden or not there
}

// openOrg logs in, once, and lists the objects.
func openOrg(ctx context.Context, cfg *Config, env *environment) (*org, error) {
	quiet := logrus.New()
	quiet.SetOutput(io.Discard)
	client, err := (&engine{config: cfg, secrets: env.secrets, log: quiet}).newClient()
	if err != nil {
		return nil, err
	}
	o := &org{client: client, details: map[string]*soap.ObjectDescription{}}
	if o.session, err = client.Login(ctx); err != nil {
		client.Close()
		return nil, err
	}
	if o.objects, err = client.DescribeGlobal(ctx); err != nil {
		o.close(ctx)
		return nil, err
	}
	return o, nil
}

// close gives up the connections. The session is left to expire: to end an OAuth session may end others of the app.
func (o *org) close(context.Context) { o.client.Close() }

// find returns the object of that name in any letter case, nil where the user does not see it.
func (o *org) find(name string) *soap.ObjectInfo {
	for i := range o.objects {
		if strings.EqualFold(o.objects[i].Name, name) {
			return &o.objects[i]
		}
	}
	return nil
}

// describe fetches objects; one that is not there is an error with the nearest name.
func (o *org) describe(ctx context.Context, names ...string) error {
	var missing []string
	for _, name := range names {
		info := o.find(name)
		if info == nil {
			return o.noObject(name)
		}
		if !info.Queryable || !info.Replicateable {
			return &hintError{fmt.Errorf("object %s cannot be replicated: the org does not let its records be listed", info.Name), "choose another object"}
		}
		if o.details[strings.ToLower(name)] == nil {
			missing = append(missing, info.Name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	list, err := o.client.DescribeObjects(ctx, missing...)
	if err != nil {
		return salesforceError(err)
	}
	for i := range list {
		o.details[strings.ToLower(missing[i])] = &list[i]
	}
	return nil
}

func (o *org) noObject(name string) error {
	var known []string
	for _, i := range o.objects {
		if i.Queryable {
			known = append(known, i.Name)
		}
		if strings.EqualFold(i.Label, name) || strings.EqualFold(i.LabelPlural, name) {
			return &hintError{fmt.Errorf("there is no object %s by that name in the org", name), fmt.Sprintf("--object %s, whose label is %s", i.Name, i.Label)}
		}
	}
	try := "see the object's API name in Setup, Object Manager, and whether the user may read it"
	if near := schema.Nearest(name, known); near != "" {
		try = "did you mean " + near + "? Else " + try
	}
	return &hintError{fmt.Errorf("the org has no object %s, or its user may not see it", name), try}
}

// described returns a described object in the schema's words.
func (o *org) described(name string) schema.Object {
	d := o.details[strings.ToLower(name)]
	if d == nil {
		return schema.Object{Name: name}
	}
	out := schema.Object{
		Name: d.Name, Label: d.Label, LabelPlural: d.LabelPlural, KeyPrefix: d.KeyPrefix, Custom: d.Custom,
		Queryable: d.Queryable, Replicateable: d.Replicateable, Retrieveable: d.Retrieveable, Searchable: d.Searchable,
	}
	for _, f := range d.Fields {
		out.Fields = append(out.Fields, schema.Field{
			Name: f.Name, Label: f.Label, Type: f.Type, Length: f.Length, Custom: f.Custom, Nillable: f.Nillable,
			Filterable: f.Filterable, Sortable: f.Sortable, ReferenceTo: f.ReferenceTo, RelationshipName: f.RelationshipName,
		})
	}
	return out
}

// fieldProblem is a field of the mapping that the user does not see.
type fieldProblem struct {
	object, path, nearest string

	at, segment string // the object where the path ends, and the part that it does not have
	hidden      string // Object.Field, where field-level security is the reason
}

func (p *fieldProblem) Error() string {
	if p.hidden != "" {
		return fmt.Sprintf("the field %s of %s is hidden from the user by field-level security", p.path, p.object)
	}
	return fmt.Sprintf("%s has no field %s, or its user may not see it", p.object, p.path)
}

// Hint names the nearest field, or where visibility is set.
func (p *fieldProblem) Hint() string {
	if object, field, ok := strings.Cut(p.hidden, "."); ok {
		return "Setup, Object Manager, " + object + ", Fields & Relationships, " + field + ", Set Field-Level Security: visible for the user's profile (or in a permission set of the user, Object Settings: read access); or leave the field out of the mapping"
	}
	try := "Setup, Object Manager, " + p.object + ", Fields: read access for the user's profile (field-level security), or leave the field out of the mapping"
	if p.nearest != "" {
		return "did you mean " + p.nearest + "? Else " + try
	}
	return try
}

// missingFields lists the paths of a mapping that lead nowhere.
func (o *org) missingFields(ctx context.Context, m *schema.Mapping) ([]*fieldProblem, error) {
	var out []*fieldProblem
	for _, path := range m.Fields() {
		p, err := o.resolve(ctx, m.Object, path)
		if err != nil {
			return nil, err
		}
		if p != nil {
			out = append(out, p)
		}
	}
	return out, nil
}

// resolve follows a path from an object; nil means that it leads to a field.
func (o *org) resolve(ctx context.Context, object, path string) (*fieldProblem, error) {
	level := []string{object}
	segments := strings.Split(path, ".")
	prefix := ""
	for i, segment := range segments {
		last := i == len(segments)-1
		var names, next []string
		found := false
		for _, name := range level {
			if err := o.describe(ctx, name); err != nil {
				if errors.Is(err, soap.ErrTemporary) || errors.Is(err, soap.ErrCredentials) || ctx.Err() != nil {
					return nil, err
				}
				continue // a parent that is hidden
			}
			d := o.described(name)
			for _, f := range d.Fields {
				switch {
				case last:
					names = append(names, f.Name)
					found = found || strings.EqualFold(f.Name, segment)
				case f.RelationshipName != "":
					names = append(names, f.RelationshipName)
					if strings.EqualFold(f.RelationshipName, segment) {
						next, found = append(next, f.ReferenceTo...), true
					}
				}
			}
		}
		if !found {
			p := &fieldProblem{object: object, path: path, segment: segment}
			if len(level) > 0 {
				p.at = level[0]
			}
			if near := schema.Nearest(segment, names); near != "" {
				p.nearest = prefix + near
			}
			return p, nil
		}
		prefix += segment + "."
		level = next
	}
	return nil, nil
}

// prune leaves out what a default mapping names and the user does not see, in parents too.
func (o *org) prune(ctx context.Context, c *ObjectConfig, d schema.Object) error {
	visible := func(text string) (bool, error) {
		t, err := schema.ParseTemplate(text)
		if err != nil {
			return false, err
		}
		for _, path := range t.Fields() {
			if p, err := o.resolve(ctx, d.Name, path); p != nil || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	var kept AttributeConfig
	for _, a := range c.Attributes {
		var templates []string
		for _, text := range a.Templates {
			ok, err := visible(text)
			if err != nil {
				return err
			}
			if ok {
				templates = append(templates, text)
			}
		}
		if a.Templates = templates; len(templates) > 0 {
			kept = append(kept, a)
		}
	}
	c.Attributes = kept
	base, _ := schema.DefaultMapping(c.Name)
	var countries []string
	for _, path := range base.CountryFields {
		p, err := o.resolve(ctx, d.Name, path)
		if err != nil {
			return err
		}
		if p == nil {
			countries = append(countries, path)
		}
	}
	if !slices.Equal(countries, base.CountryFields) {
		c.CountryFields = append([]string{}, countries...)
	}
	return nil
}

// count counts the records that a mapping takes; it also tries the condition.
func (o *org) count(ctx context.Context, m *schema.Mapping) (int, error) {
	soql := "SELECT COUNT() FROM " + m.Object
	if m.Where != "" {
		soql += " WHERE " + m.Where
	}
	n, err := o.client.Count(ctx, soql)
	if errors.Is(err, soap.ErrQuery) && m.Where != "" {
		return 0, &hintError{fmt.Errorf("the condition of %s (%s): %s", m.Object, m.Where, plainError(err)), "correct where of " + m.Object + ": field, comparison, value; text in single quotes, AND or OR between"}
	}
	if err != nil {
		return 0, salesforceError(err)
	}
	return n, nil
}
