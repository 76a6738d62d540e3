package main

import (
	"context"
	"errors"
)

// offerRun asks for the first replication, and ends with the commands that come next.
func (w *wizard) offerRun(ctx context.Context, p *prompter) error {
	run, err := p.yes(ctx, "\nReplicate now?", true)
	if err != nil {
		return err
	}
	if run {
		if err := w.firstRun(ctx, p); err != nil {
			return err
		}
	}
	return w.next()
}

// firstRun replicates, with the secrets that were just typed.
func (w *wizard) firstRun(ctx context.Context, p *prompter) error {
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
	p.say("Copying …")
	bar := newProgressPrinter(w.Err)
	report, err := ops.Replicate(ctx, replicateRequest{}, bar.show)
	bar.end()
	if err = errors.Join(err, ops.Close()); err != nil {
		return err
	}
	w.ran = true
	for _, o := range report.Objects {
		p.say("%s: %s records copied, %s numbers that could not be read (ringdex report numbers)", o.Name, thousands(o.Added+o.Changed+o.Unchanged), thousands(o.Quarantined))
	}
	return nil
}
