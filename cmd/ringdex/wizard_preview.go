package main

import (
	"fmt"
	"strings"
	"time"

	"ringdex/schema"
	"ringdex/schema/phone"
	"ringdex/soap"
)

// previewed is how many records the preview shows; at least half of them have problems, where there are so many.
const previewed = 10

// region is the country that a record says.
func (s *sample) region(r *soap.Record) string {
	region, _ := phone.CountryOf(s.mapping.Country(r))
	return region
}

// showNumbers shows numbers as they are stored, read and dialled, and returns how many.
func (s *sample) showNumbers(p *prompter, parser *phone.Parser, most int) int {
	shown := 0
	for i := range s.records {
		for _, path := range []string{"Phone", "MobilePhone", "HomePhone"} {
			if shown >= most {
				return shown
			}
			text := s.records[i].Field(path)
			if text == "" {
				continue
			}
			for _, n := range parser.Parse(text, s.region(&s.records[i])) {
				if n.E164 == "" || shown >= most {
					continue
				}
				p.say("  stored %-20q read as %-15s dialled as %s", n.Original, n.Text(), phone.Format(n.E164, phone.Internal, parser.Location()))
				shown++
			}
		}
	}
	return shown
}

// previewRow is a record as a phone shows it.
type previewRow struct {
	name     string   // and company
	numbers  []string // each with its attribute
	problems []string
}

// preview shows ten records of all objects.
func (w *wizard) preview(p *prompter, o *org, samples map[string]*sample) error {
	parser, err := phone.NewParser(w.cfg.Dialling.Location())
	if err != nil {
		return err
	}
	mappings, err := w.cfg.Mappings()
	if err != nil {
		return err
	}
	s, err := w.cfg.Schema(mappings)
	if err != nil {
		return err
	}
	good, bad := make([][]previewRow, len(mappings)), make([][]previewRow, len(mappings))
	doubtful, all := 0, 0
	for i := range mappings {
		sample := samples[mappings[i].Object]
		if sample == nil {
			continue
		}
		for j := range sample.records {
			row := previewOf(&mappings[i], s, parser, sample, &sample.records[j], o.url())
			all++
			if len(row.problems) > 0 {
				doubtful++
				bad[i] = append(bad[i], row)
			} else {
				good[i] = append(good[i], row)
			}
		}
	}
	rows := append(inTurn(good, max(previewed/2, previewed-doubtful)), inTurn(bad, previewed/2)...)
	p.say("\nSo a phone shows them (%d of %d records in the sample have a problem):", doubtful, all)
	for _, r := range rows[:min(len(rows), previewed)] {
		p.say("  %s", r.name)
		if len(r.numbers) > 0 {
			p.say("      %s", strings.Join(r.numbers, ", "))
		}
		for _, problem := range r.problems {
			p.say("      ! %s", problem)
		}
	}
	if all == 0 {
		p.say("  no record: does the user see any?")
	}
	return nil
}

// inTurn takes rows of all lists, one of each in turn, up to most.
func inTurn(lists [][]previewRow, most int) []previewRow {
	var out []previewRow
	for i, more := 0, true; more && len(out) < most; i++ {
		more = false
		for _, list := range lists {
			if i < len(list) && len(out) < most {
				out, more = append(out, list[i]), true
			}
		}
	}
	return out
}

func previewOf(m *schema.Mapping, s *schema.Schema, parser *phone.Parser, from *sample, r *soap.Record, orgURL string) previewRow {
	e := m.Entry(s, string(r.ID), time.Time{}, r, orgURL)
	row := previewRow{name: e.First("cn")}
	if company := e.First("o"); company != "" && company != row.name {
		row.name += ", " + company
	}
	numbers := 0
	for _, a := range e.Attributes {
		t, ok := s.Attribute(a.Name)
		if !ok || !t.Syntax.IsNumber() {
			continue
		}
		for _, v := range a.Values {
			parsed := parser.Parse(v.Text, from.region(r))
			if len(parsed) == 0 {
				row.problems = append(row.problems, fmt.Sprintf("%s %q: no number in it", a.Name, v.Text))
			}
			for _, n := range parsed {
				numbers++
				row.numbers = append(row.numbers, a.Name+" "+n.Text())
				switch internal := parser.Location().InternalDigits; {
				case n.E164 == "" && len(n.Digits) > internal:
					row.problems = append(row.problems, fmt.Sprintf("%s %q cannot be read as a number: is the record's country empty, or the number incomplete?", a.Name, n.Original))
				case n.E164 != "" && !n.Valid:
					row.problems = append(row.problems, fmt.Sprintf("%s %q is not in the numbering plan of its country", a.Name, n.Original))
				}
			}
		}
	}
	if numbers == 0 && len(row.problems) == 0 {
		row.problems = append(row.problems, "no telephone number: it is found by name only")
	}
	return row
}
