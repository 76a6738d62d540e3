package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ringdex/schema"
	"ringdex/soap"
)

// sampleSize is how many records tell how far a field is filled.
const sampleSize = 200

// sample is some records of an object, with all fields that may be mapped.
type sample struct {
	mapping schema.Mapping // as it was chosen at last
	records []soap.Record
	paths   []string       // that the records were asked for
	parents map[string]int // filled share of parent fields that were only looked at
}

// filled is how many of a hundred records have a value, or -1 without records.
func (s *sample) filled(path string) int {
	if share, known := s.parents[path]; known {
		return share
	}
	if len(s.records) == 0 || !slices.ContainsFunc(s.paths, func(p string) bool { return strings.EqualFold(p, path) }) {
		return -1
	}
	n := 0
	for i := range s.records {
		if s.records[i].Field(path) != "" {
			n++
		}
	}
	return n * 100 / len(s.records)
}

// mappable reports field types that have a text for an entry.
func mappable(kind string) bool {
	switch kind {
	case "address", "location", "base64", "anyType", "complexvalue", "encryptedstring":
		return false
	}
	return true
}

// take reads a sample with the given paths.
func (o *org) take(ctx context.Context, object string, paths []string) ([]soap.Record, error) {
	cursor := o.client.Query(ctx, "SELECT "+strings.Join(paths, ", ")+" FROM "+object+" LIMIT "+strconv.Itoa(sampleSize), soap.QueryOptions{BatchSize: sampleSize})
	page, err := cursor.Page(ctx)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, salesforceError(err)
	}
	return page.Records, nil
}

// fieldRow is a line of the field list.
type fieldRow struct {
	path, label, kind string
	attributes        []string // that it is mapped to
}

// fieldList is the field question of one object.
type fieldList struct {
	wizard *wizard
	p      *prompter
	org    *org
	config *ObjectConfig
	object schema.Object
	sample *sample
	rows   map[string]fieldRow // by path, of the last search
}

// askFields asks which fields become which attributes.
func (w *wizard) askFields(ctx context.Context, p *prompter, o *org, c *ObjectConfig) (*sample, error) {
	d := o.described(c.Name)
	c.Name = d.Name
	if len(c.Attributes) == 0 {
		c.setMapping(schema.DefaultMappingFor(d))
		if err := o.prune(ctx, c, d); err != nil {
			return nil, err
		}
	}
	w.applyFlags(c)
	l := &fieldList{wizard: w, p: p, org: o, config: c, object: d, sample: &sample{}}
	if err := w.resample(ctx, o, c, l.sample); err != nil {
		return nil, err
	}
	p.say("\n%s (%s): which fields do phones get? The share is how many of %d records have a value; → names the LDAP attribute that phones ask for.", d.LabelPlural, d.Name, len(l.sample.records))
	p.say("A word searches all fields.%s", parentsOf(d))
	return l.sample, p.choose(ctx, l, "A number adds or removes a row (3, or 3 5), Enter goes on.")
}

// parentsOf names the parents whose fields can be searched.
func parentsOf(d schema.Object) string {
	var names []string
	for _, f := range d.Fields {
		if f.RelationshipName != "" && !slices.Contains([]string{"CreatedBy", "LastModifiedBy", "MasterRecord"}, f.RelationshipName) && len(names) < 4 {
			names = append(names, f.RelationshipName+".")
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " With a dot behind it a parent record shows its fields: " + strings.Join(names, " ")
}

func (l *fieldList) find(ctx context.Context, search string) ([]listRow, error) {
	list, err := l.wizard.fieldRows(ctx, l.org, l.config, l.object, search)
	if err != nil {
		return nil, err
	}
	l.rows = map[string]fieldRow{}
	out := make([]listRow, len(list))
	for i, r := range list {
		l.rows[r.path] = r
		out[i] = listRow{key: r.path, chosen: len(r.attributes) > 0}
	}
	return out, nil
}

func (l *fieldList) lines(ctx context.Context, rows []listRow, width int) ([]string, error) {
	list := make([]fieldRow, len(rows))
	for i, r := range rows {
		list[i] = l.rows[r.key]
	}
	if err := l.org.look(ctx, l.config.Name, l.sample, list); err != nil {
		return nil, err
	}
	const kind, share = 9, 4
	to := min(28, width/4)
	names := min((width-kind-share-to-4)/2, 30)
	out := make([]string, len(list))
	for i, r := range list {
		filled := "   ?"
		if n := l.sample.filled(r.path); n >= 0 {
			filled = fmt.Sprintf("%3d%%", n)
		}
		target := ""
		if len(r.attributes) > 0 {
			target = "→ " + strings.Join(r.attributes, ", ")
		}
		out[i] = column(r.label, names) + " " + column(r.path, names) + " " + column(r.kind, kind) + " " + filled + " " + cut(target, to)
	}
	return out, nil
}

func (l *fieldList) toggle(ctx context.Context, r listRow) error {
	row := l.rows[r.key]
	if len(row.attributes) > 0 {
		l.config.drop(row.path)
		return nil
	}
	if err := l.wizard.addField(ctx, l.p, l.config, row); err != nil {
		return err
	}
	return l.wizard.resample(ctx, l.org, l.config, l.sample)
}

func (l *fieldList) finish(ctx context.Context) error {
	err := l.wizard.finishFields(ctx, l.org, l.config, l.sample)
	if err == nil || ctx.Err() != nil {
		return err
	}
	return &againError{err}
}

// fieldRows lists what is mapped first, then numbers, mail addresses and custom fields; with a search all that match.
func (w *wizard) fieldRows(ctx context.Context, o *org, c *ObjectConfig, d schema.Object, search string) ([]fieldRow, error) {
	var rows []fieldRow
	add := func(prefix string, f *schema.Field) {
		r := fieldRow{path: prefix + f.Name, label: f.Label, kind: f.Type, attributes: c.attributesOf(prefix + f.Name)}
		if mappable(f.Type) && !slices.ContainsFunc(rows, func(x fieldRow) bool { return strings.EqualFold(x.path, r.path) }) {
			rows = append(rows, r)
		}
	}
	if parent, word, isParent := strings.Cut(search, "."); isParent {
		for _, f := range d.Fields {
			if !strings.EqualFold(f.RelationshipName, parent) {
				continue
			}
			for _, target := range f.ReferenceTo {
				if err := o.describe(ctx, target); err != nil {
					if ctx.Err() != nil {
						return nil, err
					}
					continue // hidden from the user
				}
				pd := o.described(target)
				for i := range pd.Fields {
					if matches(&pd.Fields[i], word) {
						add(f.RelationshipName+".", &pd.Fields[i])
					}
				}
			}
		}
		rows = slices.DeleteFunc(rows, func(r fieldRow) bool { return r.kind == "id" || r.kind == "boolean" || r.kind == "reference" })
		slices.SortStableFunc(rows, func(a, b fieldRow) int { return cmp.Compare(kindRank(a.kind), kindRank(b.kind)) })
		return rows, nil
	}
	if search == "" {
		for _, a := range c.Attributes {
			for _, path := range templateFields(a.Templates) {
				if f, ok := d.Field(path); ok {
					add("", f)
				} else {
					add("", &schema.Field{Name: path, Label: strings.ReplaceAll(path, ".", " "), Type: "parent"})
				}
			}
		}
	}
	for i := range d.Fields {
		f := &d.Fields[i]
		if search == "" && (f.Type == "phone" || f.Type == "email" || f.Custom) || search != "" && matches(f, search) {
			add("", f)
		}
	}
	return rows, nil
}

// kindRank puts what phones show before the rest.
func kindRank(kind string) int {
	switch kind {
	case "phone":
		return 0
	case "email":
		return 1
	case "string":
		return 2
	}
	return 3
}

func matches(f *schema.Field, word string) bool {
	return strings.Contains(strings.ToLower(f.Name+"\n"+f.Label), strings.ToLower(word))
}

// templateFields are the paths of some templates; what cannot be parsed is told elsewhere.
func templateFields(texts []string) []string {
	var out []string
	for _, text := range texts {
		if t, err := schema.ParseTemplate(text); err == nil {
			out = append(out, t.Fields()...)
		}
	}
	return out
}

func (c *ObjectConfig) attributesOf(path string) []string {
	var out []string
	for _, a := range c.Attributes {
		if slices.ContainsFunc(templateFields(a.Templates), func(f string) bool { return strings.EqualFold(f, path) }) {
			out = append(out, a.Name)
		}
	}
	return out
}

// drop removes every template that uses a field.
func (c *ObjectConfig) drop(path string) {
	var kept AttributeConfig
	for _, a := range c.Attributes {
		a.Templates = slices.DeleteFunc(slices.Clone(a.Templates), func(text string) bool {
			return slices.ContainsFunc(templateFields([]string{text}), func(f string) bool { return strings.EqualFold(f, path) })
		})
		if len(a.Templates) > 0 {
			kept = append(kept, a)
		}
	}
	c.Attributes = kept
}

// addField asks for the attribute that a field goes to.
func (w *wizard) addField(ctx context.Context, p *prompter, c *ObjectConfig, r fieldRow) error {
	suggestion := map[string]string{"phone": "otherTelephone", "email": "mail", "url": "wWWHomePage", "textarea": "description"}[r.kind]
	if suggestion == "" {
		suggestion = "description"
	}
	p.say("Which LDAP attribute? For numbers: telephoneNumber, mobile, homePhone, otherTelephone, ipPhone, facsimileTelephoneNumber; else: o, title, department, mail, description, or a name of your own.")
	name, err := p.ask(ctx, "Attribute of "+r.path, suggestion)
	if err != nil || name == "" {
		return err
	}
	before := slices.Clone(c.Attributes)
	template := "{" + r.path + "}"
	i := slices.IndexFunc(c.Attributes, func(a AttributeTemplates) bool { return strings.EqualFold(a.Name, name) })
	if i >= 0 {
		c.Attributes = slices.Clone(c.Attributes)
		c.Attributes[i].Templates = append(slices.Clone(c.Attributes[i].Templates), template)
	} else {
		c.Attributes = append(slices.Clone(c.Attributes), AttributeTemplates{Name: name, Templates: []string{template}})
	}
	if err := w.validMapping(c); err != nil {
		p.say("%v", err)
		c.Attributes = before
	}
	return nil
}

func (w *wizard) validMapping(c *ObjectConfig) error {
	m, err := w.mapping(c)
	if err != nil {
		return err
	}
	one := *w.cfg
	one.Objects = ObjectsConfig{*c}
	s, err := one.Schema([]schema.Mapping{m})
	if err != nil {
		return err
	}
	return m.Validate(s)
}

// finishFields refuses a mapping that leads nowhere.
func (w *wizard) finishFields(ctx context.Context, o *org, c *ObjectConfig, s *sample) error {
	if len(c.Attributes) == 0 {
		return errors.New("at least one field is needed")
	}
	if err := w.validMapping(c); err != nil {
		return err
	}
	m, err := w.mapping(c)
	if err != nil {
		return err
	}
	problems, err := o.missingFields(ctx, &m)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		c.drop(problems[0].path)
		return fmt.Errorf("%w; it was taken out", problems[0])
	}
	s.mapping = m
	return nil
}

// resample reads records with every field that is mapped or shown.
func (w *wizard) resample(ctx context.Context, o *org, c *ObjectConfig, s *sample) error {
	m, err := w.mapping(c)
	if err != nil {
		return err
	}
	d := o.described(c.Name)
	paths := []string{"Id"}
	add := func(path string) {
		if !slices.ContainsFunc(paths, func(x string) bool { return strings.EqualFold(x, path) }) {
			paths = append(paths, path)
		}
	}
	for _, path := range m.Fields() {
		if p, err := o.resolve(ctx, c.Name, path); err != nil {
			return err
		} else if p == nil {
			add(path)
		}
	}
	for _, f := range d.Fields {
		// Long texts cost more than they tell; a query has 100,000 characters.
		if mappable(f.Type) && f.Length <= 1000 && len(paths) < 300 {
			add(f.Name)
		}
	}
	s.records, err = o.take(ctx, c.Name, paths)
	s.paths, s.parents = paths, map[string]int{}
	return err
}

// look samples fields that are shown and were not asked for yet: those of parents.
func (o *org) look(ctx context.Context, object string, s *sample, rows []fieldRow) error {
	extra := sample{paths: []string{"Id"}}
	for _, r := range rows {
		if s.filled(r.path) < 0 && strings.Contains(r.path, ".") {
			extra.paths = append(extra.paths, r.path)
		}
	}
	if len(extra.paths) == 1 || len(s.records) == 0 {
		return nil
	}
	var err error
	if extra.records, err = o.take(ctx, object, extra.paths); err != nil {
		if errors.Is(err, soap.ErrQuery) {
			return nil // one of them cannot be asked for; the share stays unknown
		}
		return err
	}
	for _, path := range extra.paths {
		s.parents[path] = extra.filled(path)
	}
	return nil
}

// askURLs asks for the contact URLs, each with an example of a real record.
func (w *wizard) askURLs(ctx context.Context, p *prompter, o *org, c *ObjectConfig, s *sample) error {
	p.say("\n%s: addresses of the record, for a click or a screen pop. {Field} takes a field, {@org_url} the org's address.", c.Name)
	present := c.ContactURLs
	var out []string
	for i := range schema.MaxContactURLs {
		was := ""
		if i < len(present) {
			was = present[i]
		}
		for {
			text, err := p.ask(ctx, fmt.Sprintf("Address %d (- for none)", i+1), was)
			if err != nil {
				return err
			}
			if text == "" {
				break
			}
			example, err := o.example(ctx, c, s, text)
			if err != nil {
				if ctx.Err() != nil {
					return err
				}
				p.say("%v", err)
				continue
			}
			p.say("  for example %s", example)
			out = append(out, text)
			break
		}
		if len(out) <= i {
			break
		}
	}
	c.ContactURLs = append([]string{}, out...)
	m, err := w.mapping(c)
	if err != nil {
		return err
	}
	s.mapping = m
	return w.resample(ctx, o, c, s)
}

// example fills a URL with a real record.
func (o *org) example(ctx context.Context, c *ObjectConfig, s *sample, text string) (string, error) {
	t, err := schema.ParseTemplate(text)
	if err != nil {
		return "", err
	}
	for _, path := range t.Fields() {
		if p, err := o.resolve(ctx, c.Name, path); err != nil {
			return "", err
		} else if p != nil {
			return "", p
		}
	}
	if len(s.records) == 0 {
		return "(no record to show)", nil
	}
	r := &s.records[0]
	return t.Expand(func(field string) string {
		switch strings.ToLower(field) {
		case "@org_url":
			return o.url()
		case "@object":
			return c.Name
		case "id":
			return string(r.ID)
		}
		return r.Field(field)
	}, url.PathEscape), nil
}

// url is what {@org_url} stands for.
func (o *org) url() string {
	u, err := url.Parse(o.session.ServerURL)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
