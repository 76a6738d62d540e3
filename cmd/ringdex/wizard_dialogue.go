package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ringdex/ldapserver/directory"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator"
	"ringdex/schema"
	"ringdex/schema/phone"
)

// dialogue asks everything, tries each answer, and writes at the end.
func (w *wizard) dialogue(ctx context.Context) (err error) {
	p := &prompter{in: w.In, out: w.Out}
	defer func() {
		if ctx.Err() != nil {
			err = &codeError{code: exitFailed, err: errors.New("broken off; nothing was written")}
		}
	}()
	p.say("This wizard asks how to reach your Salesforce org, what to copy, and where your phones stand. It tries each answer")
	p.say("at once and writes nothing before the end. Enter takes the answer in brackets, - clears it, Ctrl-C breaks off.")
	if w.present != nil {
		p.say("It starts from %s.", w.cfg.given)
	}
	o, err := w.askLogin(ctx, p)
	if err != nil {
		return err
	}
	defer o.close(ctx)
	if err := w.askObjects(ctx, p, o); err != nil {
		return err
	}
	samples := map[string]*sample{}
	for i := range w.cfg.Objects {
		c := &w.cfg.Objects[i]
		s, err := w.askFields(ctx, p, o, c)
		if err != nil {
			return err
		}
		samples[c.Name] = s
		if err := w.askURLs(ctx, p, o, c, s); err != nil {
			return err
		}
		if err := w.askWhere(ctx, p, o, c); err != nil {
			return err
		}
	}
	if err := w.askDialling(ctx, p, samples); err != nil {
		return err
	}
	if err := w.askLDAP(ctx, p); err != nil {
		return err
	}
	if err := w.askSchedule(ctx, p); err != nil {
		return err
	}
	if err := w.preview(p, o, samples); err != nil {
		return err
	}
	if w.cfg.Store, err = p.ask(ctx, "\nThe file of the local copy, beside the configuration", w.cfg.Store); err != nil {
		return err
	}
	write, err := p.yes(ctx, "Write "+w.cfg.given+"?", true)
	if err != nil {
		return err
	}
	if !write {
		p.say("Nothing was written.")
		return nil
	}
	if err := w.valid(); err != nil {
		return err
	}
	if err := w.storeSecrets(p); err != nil {
		return err
	}
	if err := w.write(); err != nil {
		return err
	}
	return w.offerRun(ctx, p)
}

// askDialling asks where the phones stand until a number of the org, as it would be dialled, looks right.
func (w *wizard) askDialling(ctx context.Context, p *prompter, samples map[string]*sample) error {
	d := &w.cfg.Dialling
	p.say("\nWhere do the phones stand? It decides how a number without country code is read.")
	for {
		var err error
		before := *d
		for _, q := range []struct {
			question string
			to       *string
		}{
			{"Country, two letters (DE, AT, CH, GB, US …)", &d.Country},
			{"Area code without the leading 0", &d.Area},
			{"What is dialled for an outside line (- for nothing)", &d.OutsideLine},
			{"Your own main number, without area code and extension", &d.HeadNumber},
		} {
			if *q.to, err = p.ask(ctx, q.question, *q.to); err != nil {
				return err
			}
		}
		d.Country = strings.ToUpper(d.Country)
		digits, err := p.ask(ctx, "How many digits the longest extension has", strconv.Itoa(d.InternalDigits))
		if err != nil {
			return err
		}
		n, convErr := strconv.Atoi(orElse(digits, "0"))
		d.InternalDigits = n
		parser, err := phone.NewParser(d.Location())
		if convErr != nil || err != nil {
			p.say("That does not fit together: %v", errors.Join(convErr, err))
			*d = before
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

// askLDAP asks for the directory's top, ports and users.
func (w *wizard) askLDAP(ctx context.Context, p *prompter) error {
	l := &w.cfg.LDAP
	p.say("\nThe directory that phones ask.")
	for {
		base, err := p.ask(ctx, "LDAP base", l.Base)
		if err != nil {
			return err
		}
		if _, err := protocol.ParseDN(base); err != nil || base == "" {
			p.say("That is not a distinguished name; dc=ringdex is one.")
			continue
		}
		l.Base = base
		break
	}
	p.say("127.0.0.1:3389 serves this machine only; :3389 serves the whole network.")
	for {
		text, err := p.ask(ctx, "Addresses to listen on, separated by spaces", strings.Join(l.Listen, " "))
		if err != nil {
			return err
		}
		before := l.Listen
		l.Listen = strings.Fields(strings.ReplaceAll(text, ",", " "))
		if err := w.valid(); err != nil {
			p.say("%v; %s", err, hint(err))
			l.Listen = before
			continue
		}
		for _, a := range l.Listen {
			if portInUse(a) {
				p.say("%s is in use now: by a running ringdex, or by another program.", a)
			}
		}
		break
	}
	kinds := []string{"nobody: each phone logs in with a user", "this machine only", "anybody who reaches the port"}
	present := 1
	switch {
	case l.Anonymous.Never:
		present = 0
	case l.Anonymous.Always:
		present = 2
	case len(l.Anonymous.Networks) > 0:
		kinds, present = append(kinds, "as now: "+l.Anonymous.text()), 3
	}
	n, err := p.pick(ctx, "Who may look up without a user?", kinds, present)
	if err != nil {
		return err
	}
	if n < 3 {
		l.Anonymous = AnonymousConfig{Never: n == 0, Loopback: n == 1, Always: n == 2}
	}
	for {
		question := "Add a user for phones?"
		if len(l.Users) > 0 {
			question = fmt.Sprintf("There are %d users. Add another, or set a password anew?", len(l.Users))
		}
		more, err := p.yes(ctx, question, n == 0 && len(l.Users) == 0)
		if err != nil || !more {
			return err
		}
		if err := w.askUser(ctx, p); err != nil {
			return err
		}
	}
}

func (w *wizard) askUser(ctx context.Context, p *prompter) error {
	name, err := p.ask(ctx, "User name", "phone")
	if err != nil || name == "" {
		return err
	}
	for {
		first, err := p.secret(ctx, "Password of "+name)
		if err != nil {
			return err
		}
		w.secrets.add(first)
		again, err := p.secret(ctx, "The same again")
		if err != nil {
			return err
		}
		if first != again || first == "" {
			p.say("The two differ, or are empty.")
			continue
		}
		hash, err := directory.HashPassword(first)
		if err != nil {
			return err
		}
		if w.cfg.LDAP.Users == nil {
			w.cfg.LDAP.Users = map[string]UserConfig{}
		}
		w.cfg.LDAP.Users[name] = UserConfig{Hash: hash}
		p.say("Only a hash of it is kept.")
		return nil
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

// offerRun replicates for the first time, with the secrets that were just typed.
func (w *wizard) offerRun(ctx context.Context, p *prompter) error {
	run, err := p.yes(ctx, "\nReplicate now?", true)
	if err != nil || !run {
		return err
	}
	cfg, err := loadConfig(w.cfg.path)
	if err != nil {
		return err
	}
	cfg.typed = w.cfg.typed
	var ops operations
	if daemon := dialControl(ctx, cfg.StorePath()); daemon != nil {
		p.say("A ringdex serves this store: it does the work, with the configuration that it was started with. Restart it afterwards.")
		ops = daemon
	} else {
		log, err := newLogger(w.Err, LogConfig{Level: "warning", Format: "text"}, w.secrets)
		if err != nil {
			return err
		}
		e, err := newEngine(cfg, log, w.secrets, openReadWrite)
		if err != nil {
			return err
		}
		ops = e
	}
	bar := newProgressPrinter(w.Err)
	report, err := ops.Replicate(ctx, replicateRequest{}, bar.show)
	bar.end()
	if err = errors.Join(err, ops.Close()); err != nil {
		return err
	}
	for _, o := range report.Objects {
		p.say("%s: %s records copied, %s numbers that could not be read (ringdex report numbers)", o.Name, thousands(o.Added+o.Changed+o.Unchanged), thousands(o.Quarantined))
	}
	return nil
}

// mapping is an object of the configuration as a mapping.
func (w *wizard) mapping(c *ObjectConfig) (schema.Mapping, error) {
	one := *w.cfg
	one.Objects = ObjectsConfig{*c}
	list, err := one.Mappings()
	if err != nil {
		return schema.Mapping{}, err
	}
	return list[0], nil
}
