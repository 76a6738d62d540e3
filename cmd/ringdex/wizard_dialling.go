package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"ringdex/replicator"
	"ringdex/schema/phone"
)

// guessCountry proposes the country that most of the sampled records name, else that of the user's locale, such as de_DE.
func (w *wizard) guessCountry(o *org, samples map[string]*sample) {
	if w.cfg.Dialling.Country != "" {
		return
	}
	counts, best := map[string]int{}, ""
	for _, name := range w.cfg.Objects.names() {
		s := samples[name]
		for i := range s.records {
			if region := s.region(&s.records[i]); region != "" {
				counts[region]++
				if best == "" || counts[region] > counts[best] {
					best = region
				}
			}
		}
	}
	if best == "" {
		if parts := strings.Split(o.session.User.Locale, "_"); len(parts) > 1 {
			best, _ = phone.CountryOf(parts[len(parts)-1])
		}
	}
	w.cfg.Dialling.Country = best
}

// dialledDigits keeps the digits of an answer such as "(07031)" or "98 76-0".
func dialledDigits(text string) (string, error) {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '*' || r == '#' {
			return r
		}
		if strings.ContainsRune(" -/().", r) {
			return -1
		}
		return '?'
	}, text)
	if strings.Contains(digits, "?") {
		return "", errors.New("digits only, as they are dialled")
	}
	return digits, nil
}

// askDialling asks where the phones stand until a number of the org, as it would be dialled, looks right.
func (w *wizard) askDialling(ctx context.Context, p *prompter, samples map[string]*sample) error {
	d := &w.cfg.Dialling
	p.say("\nWhere do the phones stand? It decides how a number without country code is read.")
	for {
		for _, q := range []struct {
			question string
			to       *string
			check    func(string) (string, error)
		}{
			{"Country (DE, AT, CH, GB, US …, or its name)", &d.Country, func(text string) (string, error) {
				if region, ok := phone.CountryOf(text); ok || text == "" {
					return region, nil
				}
				return "", errors.New("no country is known by that name; DE is Germany")
			}},
			{"Area code, such as 7031 or 30 (- for none)", &d.Area, func(text string) (string, error) {
				digits, err := dialledDigits(text)
				return strings.TrimLeft(digits, "0"), err
			}},
			{"What is dialled for an outside line (- for nothing)", &d.OutsideLine, dialledDigits},
			{"Your own main number, without area code (- for none)", &d.HeadNumber, dialledDigits},
		} {
			var err error
			if *q.to, err = p.askChecked(ctx, q.question, *q.to, q.check); err != nil {
				return err
			}
		}
		_, err := p.askChecked(ctx, "Digits of the longest extension (0 for none)", strconv.Itoa(d.InternalDigits), func(text string) (string, error) {
			n, err := strconv.Atoi(orElse(text, "0"))
			if err != nil || n < 0 || n > 8 {
				return "", errors.New("a number from 0 to 8")
			}
			d.InternalDigits = n
			return text, nil
		})
		if err != nil {
			return err
		}
		parser, err := phone.NewParser(d.Location())
		if err != nil {
			p.say("That does not fit together: %s.", strings.TrimPrefix(err.Error(), "phone: dialling location: "))
			continue
		}
		loc := parser.Location()
		d.Country, d.Area, d.OutsideLine, d.HeadNumber = loc.Country, loc.Area, loc.OutsideLine, loc.HeadNumber
		shown := 0
		for _, c := range w.cfg.Objects {
			shown += samples[c.Name].showNumbers(p, parser, 3-shown)
		}
		if shown == 0 {
			p.say("The sample has no telephone number to show.")
		}
		if right, err := p.yes(ctx, "Is that right?", true); err != nil || right {
			return err
		}
	}
}

func (w *wizard) askSchedule(ctx context.Context, p *prompter) error {
	s := &w.cfg.Schedule
	p.say("\nHow often is Salesforce asked?")
	for _, q := range []struct {
		question string
		to       *string
	}{{"Changes, each (5m, 1h, never)", &s.Delta}, {"Everything anew, at (02:30, 24h, never)", &s.Full}} {
		for {
			text, err := p.ask(ctx, q.question, *q.to)
			if err != nil {
				return err
			}
			if _, err := replicator.ParseSchedule(text); err != nil {
				p.say("%v", err)
				continue
			}
			*q.to = orElse(text, "never")
			break
		}
	}
	return nil
}
