package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"ringdex/schema"
)

// dialogue asks everything, tries each answer, and writes at the end.
func (w *wizard) dialogue(ctx context.Context) (err error) {
	p := &prompter{in: w.In, out: w.Out, plain: w.plain}
	defer func() {
		gone := ctx.Err() != nil || errors.Is(err, errBrokenOff)
		switch {
		case gone && w.written:
			err = &codeError{code: exitFailed, err: fmt.Errorf("broken off; %s is written", w.cfg.given)}
		case gone:
			err = &codeError{code: exitFailed, err: errors.New("broken off; nothing was written")}
		}
	}()
	p.say("This wizard asks how to reach your Salesforce org, what to copy, and where your phones stand. It tries each answer at once and writes nothing before the end. Enter takes the answer in brackets, - clears it, Ctrl-C breaks off.")
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
	if err := o.sayVisibility(ctx, p, w.cfg.Objects.names()); err != nil {
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
	w.guessCountry(o, samples)
	if err := w.askDialling(ctx, p, samples); err != nil {
		return err
	}
	if err := w.askLDAP(ctx, p); err != nil {
		return err
	}
	if err := w.askPhones(ctx, p); err != nil {
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
	made, err := w.storeSecrets(p)
	if err == nil {
		err = w.write()
	}
	if err != nil {
		for _, path := range made {
			os.Remove(path)
		}
		return err
	}
	return w.offerRun(ctx, p)
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
