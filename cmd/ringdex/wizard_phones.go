package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// phoneList is the question which telephones there are: it decides nothing that is written, only which settings are shown
// at the end.
type phoneList struct{ chosen []string }

func (w *wizard) askPhones(ctx context.Context, p *prompter) error {
	l := &phoneList{chosen: w.phones}
	p.say("\nWhich telephones and exchanges are there? ringdex has their settings ready. Nothing need be chosen.")
	if err := p.choose(ctx, l, "A number adds or removes a row (3, or 3 5), a word searches, Enter goes on."); err != nil {
		return err
	}
	w.phones = l.chosen
	return nil
}

func (l *phoneList) find(_ context.Context, search string) ([]listRow, error) {
	var rows []listRow
	for _, m := range phoneModels() {
		if strings.Contains(strings.ToLower(m.name+"\n"+m.title), strings.ToLower(search)) {
			rows = append(rows, listRow{key: m.name, chosen: slices.Contains(l.chosen, m.name)})
		}
	}
	return rows, nil
}

func (l *phoneList) lines(_ context.Context, rows []listRow, width int) ([]string, error) {
	out := make([]string, len(rows))
	for i, r := range rows {
		m, err := modelNamed(r.key)
		if err != nil {
			return nil, err
		}
		out[i] = cut(fmt.Sprintf("%-14s %s", m.name, m.title), width)
	}
	return out, nil
}

func (l *phoneList) toggle(_ context.Context, r listRow) error {
	if i := slices.Index(l.chosen, r.key); i >= 0 {
		l.chosen = slices.Delete(slices.Clone(l.chosen), i, i+1)
	} else {
		l.chosen = append(slices.Clone(l.chosen), r.key)
	}
	return nil
}

func (l *phoneList) finish(context.Context) error { return nil }
