package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"ringdex/schema"
	"ringdex/soap"
)

// objectList is the object question: what is copied. Only objects on the screen are counted: each count is an API call.
type objectList struct {
	wizard *wizard
	org    *org
	counts map[string]int // by name; -1: cannot be counted
	chosen []string
}

// askObjects asks what is copied.
func (w *wizard) askObjects(ctx context.Context, p *prompter, o *org) error {
	l := &objectList{wizard: w, org: o, counts: map[string]int{}}
	for _, name := range w.cfg.Objects.names() {
		if i := o.find(name); i != nil {
			l.chosen = append(l.chosen, i.Name)
		} else {
			p.say("%s of the present configuration is not in the org, or hidden from the user; it is left out.", name)
		}
	}
	if !w.chosen {
		for _, name := range []string{"Contact", "Account"} {
			if o.find(name) != nil {
				l.chosen = append(l.chosen, name)
			}
		}
	}
	p.say("\nWhat shall be copied? Those with an x are. A word searches all objects of the org by name and label.")
	return p.choose(ctx, l, "A number adds or removes a row (3, or 3 5), Enter goes on.")
}

func (l *objectList) find(_ context.Context, search string) ([]listRow, error) {
	var rows []listRow
	for _, o := range l.infos(search) {
		rows = append(rows, listRow{key: o.Name, chosen: slices.Contains(l.chosen, o.Name)})
	}
	return rows, nil
}

// infos are the objects to show: the chosen ones, the standard ones that hold people, then custom ones, then the rest.
func (l *objectList) infos(search string) []soap.ObjectInfo {
	rank := func(o *soap.ObjectInfo) int {
		switch {
		case slices.Contains(l.chosen, o.Name):
			return 0
		case slices.Contains([]string{"Contact", "Account", "Lead", "User"}, o.Name):
			return 1
		case !o.Custom:
			return 2
		}
		return 3
	}
	word := strings.ToLower(search)
	var rows []soap.ObjectInfo
	for i := range l.org.objects {
		o := &l.org.objects[i]
		if !o.Queryable || !o.Replicateable || o.DeprecatedAndHidden || o.CustomSetting {
			continue
		}
		found := strings.Contains(strings.ToLower(o.Name+"\n"+o.Label+"\n"+o.LabelPlural), word)
		if search != "" && !found || search == "" && rank(o) == 2 {
			continue // the first screen: people, and what the org has made itself
		}
		rows = append(rows, *o)
	}
	slices.SortStableFunc(rows, func(a, b soap.ObjectInfo) int {
		return cmp.Or(cmp.Compare(rank(&a), rank(&b)), cmp.Compare(a.Label, b.Label))
	})
	return rows
}

func (l *objectList) lines(ctx context.Context, rows []listRow, width int) ([]string, error) {
	out := make([]string, len(rows))
	names := min((width-2-18)/2, 40)
	for i, r := range rows {
		o := l.org.find(r.key)
		if _, known := l.counts[o.Name]; !known {
			n, err := l.org.count(ctx, &schema.Mapping{Object: o.Name})
			if err != nil {
				if ctx.Err() != nil || errors.Is(err, soap.ErrCredentials) {
					return nil, err
				}
				n = -1
			}
			l.counts[o.Name] = n
		}
		records := "cannot be counted"
		if n := l.counts[o.Name]; n >= 0 {
			records = thousands(n) + " records"
		}
		out[i] = column(o.LabelPlural, names) + " " + column(o.Name, names) + " " + records
	}
	return out, nil
}

func (l *objectList) toggle(_ context.Context, r listRow) error {
	if i := slices.Index(l.chosen, r.key); i >= 0 {
		l.chosen = slices.Delete(l.chosen, i, i+1)
	} else {
		l.chosen = append(l.chosen, r.key)
	}
	return nil
}

func (l *objectList) finish(ctx context.Context) error {
	if len(l.chosen) == 0 {
		return again("At least one is needed.")
	}
	if err := l.org.describe(ctx, l.chosen...); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return &againError{err}
	}
	l.wizard.choose(l.chosen)
	return nil
}

// cut shortens text to n characters.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// askWhere asks for a condition and for single records to leave out, and tries them.
func (w *wizard) askWhere(ctx context.Context, p *prompter, o *org, c *ObjectConfig) error {
	all, err := o.count(ctx, &schema.Mapping{Object: c.Name})
	if err != nil {
		return err
	}
	where, leaveOut := c.Where, c.LeaveOut
	for {
		p.say("\n%s: shall records be left out? A condition in Salesforce's query language says which ones are copied, for example %s. Enter takes all %s records.",
			c.Name, exampleCondition(o.described(c.Name)), thousands(all))
		if where, err = p.ask(ctx, "Only records where (- for all)", where); err != nil {
			return err
		}
		ids, err := p.ask(ctx, "Ids of single records to leave out (- for none)", strings.Join(leaveOut, " "))
		if err != nil {
			return err
		}
		leaveOut = strings.Fields(strings.ReplaceAll(ids, ",", " "))
		try := *c
		try.Where, try.LeaveOut = where, leaveOut
		m, err := w.mapping(&try)
		n := 0
		if err == nil {
			n, err = o.count(ctx, &schema.Mapping{Object: c.Name, Where: m.Where})
		}
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			p.say("That did not work: %s", oneLine(plainError(err)))
			if h := orElse(hint(err), soap.Hint(err)); h != "" {
				p.say("What to do: %s", h)
			}
			continue
		}
		c.Where, c.LeaveOut = try.Where, try.LeaveOut
		p.say("%s of %s records of %s will be copied.", thousands(n), thousands(all), c.Name)
		return nil
	}
}

// exampleCondition is one that the object can have.
func exampleCondition(d schema.Object) string {
	for _, name := range []string{"MailingCountry", "BillingCountry", "Country"} {
		if f, ok := d.Field(name); ok && f.Filterable {
			return name + " = 'Germany'"
		}
	}
	return "CreatedDate > 2020-01-01T00:00:00Z"
}

// sayVisibility warns of records that the user does not see: without View All they are missing, and nothing else tells.
func (o *org) sayVisibility(ctx context.Context, p *prompter, objects []string) error {
	list, err := o.visibilities(ctx, objects)
	if err != nil {
		return err
	}
	for _, v := range list {
		if v.state == seesShared {
			p.say("Note: the user sees only those records of %[1]s that are shared with it. If that is not meant so: Setup, Permission Sets, that of the user, Object Settings, %[1]s, View All Records.", v.object)
		}
	}
	return nil
}
