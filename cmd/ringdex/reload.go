package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"reflect"
	"slices"
	"strings"
	"syscall"

	"github.com/sirupsen/logrus"
	"github.com/urfave/cli/v2"
)

func (env *environment) reloadCommand() *cli.Command {
	return &cli.Command{
		Name:  "reload",
		Usage: "let the running ringdex read its configuration anew",
		Description: "Users, what they see and may, limits, the certificate and the logs change without an end to a connection, as with\n" +
			"SIGHUP. A configuration with a fault is refused, and the old one stays. Exit code 0: taken; 1: refused.",
		Flags: []cli.Flag{configFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			return env.withOperations(c, func(ops operations) error {
				r, err := ops.Reload(c.Context)
				if err != nil {
					return err
				}
				if c.Bool("json") {
					return writeJSON(env.Out, r)
				}
				fmt.Fprintln(env.Out, r.text())
				return nil
			})
		},
	}
}

// reloadReport is what `reload --json` prints.
type reloadReport struct {
	Changed []string `json:"changed"`
	Restart []string `json:"restart"` // sections that have changed and take a restart
}

func (r reloadReport) text() string {
	out := "nothing has changed"
	if len(r.Changed) > 0 {
		out = "changed: " + strings.Join(r.Changed, ", ")
	}
	if len(r.Restart) > 0 {
		out += "; takes a restart: " + strings.Join(r.Restart, ", ")
	}
	return out
}

// Reload without a daemon has nobody to tell.
func (e *engine) Reload(context.Context) (reloadReport, error) {
	return reloadReport{}, &hintError{errors.New("no ringdex serves this store"), "ringdex serve reads the configuration when it starts"}
}

// hangups reads the configuration anew at every SIGHUP.
func (d *daemon) hangups(ctx context.Context) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	defer signal.Stop(signals)
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
			_, _ = d.reload("SIGHUP") // it is logged
		}
	}
}

// Reload reads the configuration anew.
func (d *daemon) Reload(ctx context.Context) (reloadReport, error) { return d.reload(peer(ctx)) }

// reload takes over what can change while serving. A configuration with a fault is refused as a whole.
func (d *daemon) reload(who string) (reloadReport, error) {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	done := func(string) {} // during the first replication the service manager waits for READY, which a reload isn't
	if d.ready.Load() {
		done = notifyReloading()
	}
	report, err := d.takeOver()
	d.audit.reloaded(who, report.Changed, err)
	switch {
	case err != nil:
		log := d.log.WithError(err)
		if h := hint(err); h != "" {
			log = log.WithField("try", h)
		}
		log.Error("the new configuration is not taken; the old one stays")
		done("answers LDAP; the new configuration was refused: " + err.Error())
	case len(report.Restart) > 0:
		d.log.WithFields(logrus.Fields{"changed": strings.Join(report.Changed, ", "), "restart": strings.Join(report.Restart, ", ")}).
			Warn("configuration read anew; a part of it takes a restart")
		done("answers LDAP; takes a restart: " + strings.Join(report.Restart, ", "))
	default:
		d.log.WithField("changed", strings.Join(report.Changed, ", ")).Info("configuration read anew")
		done("answers LDAP on " + strings.Join(d.addresses(), ", "))
	}
	return report, err
}

func (d *daemon) takeOver() (reloadReport, error) {
	report := reloadReport{Changed: []string{}, Restart: []string{}}
	next, err := loadConfig(d.config.path)
	if err != nil {
		return report, err
	}
	next.given = d.config.given
	if d.override != nil {
		d.override(next)
	}
	level, err := logrus.ParseLevel(next.Log.Level)
	if err != nil {
		return report, &ConfigError{Path: next.given, What: "log.level: " + next.Log.Level + " is unknown", Try: "error, warning, info or debug"}
	}
	// What may fail comes first; the directory is the last of it, and takes all or nothing.
	if err := d.openLogs(next); err != nil {
		return report, errors.Join(err, d.openLogs(d.current))
	}
	access := next.LDAP.access()
	access.Guessing = next.LDAP.Limits.guessing()
	if err := d.dir.Reload(access); err != nil {
		return report, errors.Join(&ConfigError{Path: next.given, What: strings.TrimPrefix(err.Error(), "directory: ")}, d.openLogs(d.current))
	}
	d.server.Reload(d.serverOptions(next))
	d.log.SetLevel(level)
	if d.cert != nil {
		d.cert.reload(true)
	}
	report.Changed, report.Restart = changedSections(d.current, d.config, next)
	d.current = next
	return report, nil
}

// changedSections lists what a new configuration changes at once, beside the last one that was read, and what is different
// from the one that was started with and takes a restart.
func changedSections(last, started, next *Config) (changed, restart []string) {
	changed, restart = []string{}, []string{}
	live := func(c *Config) []any {
		return []any{c.LDAP.Users, c.LDAP.Anonymous, c.LDAP.Guests, c.LDAP.SizeLimit, c.LDAP.Limits, c.Log.Level, c.Log.Queries, c.Log.Audit}
	}
	for i, name := range []string{"ldap.users", "ldap.anonymous", "ldap.guests", "ldap.size_limit", "ldap.limits", "log.level", "log.queries", "log.audit"} {
		if !reflect.DeepEqual(live(last)[i], live(next)[i]) {
			changed = append(changed, name)
		}
	}
	old, new := withoutPlaces(started), withoutPlaces(next)
	old.LDAP.Limits, new.LDAP.Limits = LimitsConfig{Hashes: old.LDAP.Limits.Hashes}, LimitsConfig{Hashes: new.LDAP.Limits.Hashes}
	old.Log, new.Log = LogConfig{Format: old.Log.Format}, LogConfig{Format: new.Log.Format}
	restart = append(restart, differing(reflect.ValueOf(old), reflect.ValueOf(new), "", "ldap")...)
	restart = append(restart, differing(reflect.ValueOf(old.LDAP), reflect.ValueOf(new.LDAP), "ldap", "users", "anonymous", "guests", "size_limit")...)
	return changed, restart
}

// differing lists the keys of a section whose values differ, but for those left out.
func differing(a, b reflect.Value, at string, leftOut ...string) (out []string) {
	for i := range a.NumField() {
		key := a.Type().Field(i).Tag.Get("yaml")
		if key == "" || key == "-" || slices.Contains(leftOut, key) {
			continue
		}
		if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			out = append(out, join(at, key))
		}
	}
	return out
}
