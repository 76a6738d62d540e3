package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/ldapserver/callers"
	"ringdex/ldapserver/directory"
)

// CallersConfig says whether numbers that phones have asked for and nobody has are counted, and how long they are kept.
type CallersConfig struct {
	Record   bool `yaml:"record"`
	KeepDays int  `yaml:"keep_days"`
}

const (
	// defaultKeepDays is what shows a month's unknown callers.
	defaultKeepDays = 30
	// mostKeepDays bounds the retention: who calls is personal data.
	mostKeepDays = 365
)

func (c *CallersConfig) check() *ConfigError {
	if c.KeepDays == 0 {
		c.KeepDays = defaultKeepDays
	}
	if c.KeepDays < 1 || c.KeepDays > mostKeepDays {
		return &ConfigError{What: fmt.Sprintf("callers.keep_days: %d is not between 1 and %d", c.KeepDays, mostKeepDays)}
	}
	return nil
}

func (c *CallersConfig) keep() time.Duration { return time.Duration(c.KeepDays) * 24 * time.Hour }

func callersKeyTexts() map[string]keyText {
	return map[string]keyText{
		"callers":           {"section", "numbers that phones have asked for and nobody has: `ringdex report callers`"},
		"callers.record":    {"true \\| false", "counts them, in a file of their own beside the store (mode 0600), not in the store or its backups. Off by default, since it is a list of who has called; switched off, `serve` deletes the file"},
		"callers.keep_days": {"1 to 365", "days after which a number is forgotten that was not asked for again"},
	}
}

// CallersPath is where unknown callers are kept.
func (c *Config) CallersPath() string { return c.StorePath() + ".callers" }

// callersReport is what `report callers` prints.
type callersReport struct {
	Recorded bool             `json:"recorded"`
	KeepDays int              `json:"keep_days"`
	Callers  []callers.Caller `json:"callers"`
	Dropped  int64            `json:"dropped,omitempty"` // not counted since the start, as too many came at once
}

// openCallers starts to count where the configuration says so, and deletes what is left from before where it does not. The
// log is nil then.
func openCallers(cfg *Config, log logrus.FieldLogger) (*callers.Log, error) {
	if !cfg.Callers.Record {
		existed, err := callers.Remove(cfg.CallersPath())
		if existed {
			log.Warn("callers.record is off: the list of unknown callers was deleted")
		}
		return nil, err
	}
	l, err := callers.Open(callers.Options{Path: cfg.CallersPath(), Keep: cfg.Callers.keep(), Log: log})
	if err != nil {
		return nil, &hintError{err, "rm " + cfg.CallersPath()}
	}
	return l, nil
}

// missed counts what the directory does not find.
func (e *engine) missed(m directory.Missed) {
	if e.callers != nil {
		e.callers.Missed(m.Digits, m.International, m.Typed)
	}
}

// Callers reads the file: the daemon knows better, see its own.
func (e *engine) Callers(context.Context) (callersReport, error) {
	out := callersReport{Recorded: e.config.Callers.Record, KeepDays: e.config.Callers.KeepDays, Callers: []callers.Caller{}}
	if !out.Recorded {
		return out, nil
	}
	list, err := callers.Read(e.config.CallersPath(), e.config.Callers.keep(), time.Now())
	out.Callers = append(out.Callers, list...)
	return out, err
}

// Callers of the daemon are counted up to now.
func (d *daemon) Callers(ctx context.Context) (callersReport, error) {
	if d.callers == nil {
		return d.engine.Callers(ctx)
	}
	return callersReport{
		Recorded: true, KeepDays: d.config.Callers.KeepDays, Callers: append([]callers.Caller{}, d.callers.Callers()...), Dropped: d.callers.Dropped(),
	}, nil
}

func (env *environment) printCallers(r callersReport, asJSON, asCSV bool) error {
	switch {
	case asJSON:
		return writeJSON(env.Out, r)
	case asCSV:
		w := csv.NewWriter(env.Out)
		_ = w.Write([]string{"number", "times", "first", "last"})
		for _, c := range r.Callers {
			_ = w.Write([]string{c.Number, strconv.Itoa(c.Times), c.First.Format(time.RFC3339), c.Last.Format(time.RFC3339)})
		}
		w.Flush()
		return w.Error()
	case !r.Recorded:
		fmt.Fprintln(env.Out, "unknown callers are not recorded; callers: { record: true } in the configuration switches that on")
		return nil
	}
	for _, c := range r.Callers {
		fmt.Fprintf(env.Out, "%-20s %5d times, first %s, last %s\n", c.Number, c.Times, c.First.Local().Format("2006-01-02 15:04"), c.Last.Local().Format("2006-01-02 15:04"))
	}
	if len(r.Callers) == 0 {
		fmt.Fprintln(env.Out, "no unknown caller yet")
	}
	fmt.Fprintf(env.Out, "kept for %d days after the last call\n", r.KeepDays)
	if r.Dropped > 0 {
		fmt.Fprintf(env.Out, "%d were not counted, as too many came at once\n", r.Dropped)
	}
	return nil
}
