package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ringdex/schema"
	"ringdex/soap"
)

// listedMost is how many rows of a list fit a screen.
const listedMost = 20

// objectList is what the object question shows.
type objectList struct {
	org    *org
	counts map[string]int // by name; -1: cannot be counted
	chosen []string
}

// askObjects asks what is copied. Only the objects on the screen are counted: each count is an API call.
func (w *wizard) askObjects(ctx context.Context, p *prompter, o *org) error {
	l := &objectList{org: o, counts: map[string]int{}}
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
	p.say("\nWhat shall be copied? A number adds or removes a row, a word searches all objects of the org, Enter goes on.")
	search := ""
	for {
		rows := l.rows(search)
		if len(rows) == 0 {
			p.say("No object has %q in its name or label.", search)
			search = ""
			continue
		}
		if err := l.show(ctx, p, rows); err != nil {
			return err
		}
		text, err := p.ask(ctx, "Number, word, or Enter", "")
		if err != nil {
			return err
		}
		n, notNumber := strconv.Atoi(text)
		switch {
		case text == "" && search != "":
			search = ""
		case text == "" && len(l.chosen) == 0:
			p.say("At least one is needed.")
		case text == "":
			err := o.describe(ctx, l.chosen...)
			if err == nil {
				w.choose(l.chosen)
				return nil
			}
			if ctx.Err() != nil {
				return err
			}
			p.say("%v", err)
		case notNumber != nil:
			search = text
		case n < 1 || n > len(rows):
			p.say("There is no row %d.", n)
		default:
			name := rows[n-1].Name
			if i := slices.Index(l.chosen, name); i >= 0 {
				l.chosen = slices.Delete(l.chosen, i, i+1)
			} else {
				l.chosen = append(l.chosen, name)
			}
		}
	}
}

// rows are the objects to show: the chosen ones, the standard ones that hold people, then custom ones, then the rest.
func (l *objectList) rows(search string) []soap.ObjectInfo {
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
	return rows[:min(len(rows), listedMost)]
}

func (l *objectList) show(ctx context.Context, p *prompter, rows []soap.ObjectInfo) error {
	for i := range rows {
		o := &rows[i]
		if _, known := l.counts[o.Name]; !known {
			n, err := l.org.count(ctx, &schema.Mapping{Object: o.Name})
			if err != nil {
				if ctx.Err() != nil || errors.Is(err, soap.ErrCredentials) {
					return err
				}
				n = -1
			}
			l.counts[o.Name] = n
		}
		mark, records := " ", "cannot be counted"
		if slices.Contains(l.chosen, o.Name) {
			mark = "x"
		}
		if n := l.counts[o.Name]; n >= 0 {
			records = thousands(n) + " records"
		}
		p.say("  [%s] %2d  %-28s %-28s %s", mark, i+1, cut(o.LabelPlural, 28), cut(o.Name, 28), records)
	}
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

// askWhere asks for a condition, and tries it.
func (w *wizard) askWhere(ctx context.Context, p *prompter, o *org, c *ObjectConfig) error {
	for {
		where, err := p.ask(ctx, fmt.Sprintf("%s: only records where (SOQL, for example MailingCountry = 'Germany'; - for all)", c.Name), c.Where)
		if err != nil {
			return err
		}
		n, err := o.count(ctx, &schema.Mapping{Object: c.Name, Where: where})
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			p.say("%s", oneLine(err.Error()))
			continue
		}
		c.Where = where
		p.say("%s records of %s will be copied.", thousands(n), c.Name)
		return nil
	}
}
