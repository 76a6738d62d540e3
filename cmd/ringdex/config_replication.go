package main

import (
	"fmt"
	"time"

	"ringdex/replicator"
	"ringdex/soap"
)

// ScheduleConfig says when replication repeats.
type ScheduleConfig struct {
	Delta     string `yaml:"delta"`
	Full      string `yaml:"full"`
	Reconcile string `yaml:"reconcile"`
	Jitter    string `yaml:"jitter"`
}

// GuardConfig says which changes of an object are held: more than the larger of both bounds.
type GuardConfig struct {
	Records int     `yaml:"records"`
	Percent float64 `yaml:"percent"`
	Numbers float64 `yaml:"numbers_percent"`
}

const (
	defaultDelta     = "5m"
	defaultFull      = "02:30"
	defaultReconcile = "12h"
	defaultJitter    = "1m"
	maxJitter        = time.Hour
)

// completeReplication fills in the defaults of what replication takes from the configuration, and checks it.
func (c *Config) completeReplication() *ConfigError {
	def(&c.Schedule.Delta, defaultDelta)
	def(&c.Schedule.Full, defaultFull)
	def(&c.Schedule.Reconcile, defaultReconcile)
	def(&c.Schedule.Jitter, defaultJitter)
	for _, n := range []struct {
		value *int
		def   int
	}{
		{&c.Salesforce.Connections, 1},
		{&c.Salesforce.APIPercent, 100 * replicator.OwnShare},
		{&c.Salesforce.APIStop, 100 * replicator.StopShare},
		{&c.Salesforce.Logins, soap.DefaultLoginsPerHour},
		{&c.Guard.Records, replicator.GuardRecords},
	} {
		if *n.value == 0 {
			*n.value = n.def
		}
	}
	if c.Guard.Percent == 0 {
		c.Guard.Percent = 100 * replicator.GuardShare
	}
	if c.Guard.Numbers == 0 {
		c.Guard.Numbers = 100 * replicator.UnreadableShare
	}
	for _, n := range []struct {
		key         string
		value       int
		least, most int
	}{
		{"salesforce.connections", c.Salesforce.Connections, 1, 8},
		{"salesforce.api_percent", c.Salesforce.APIPercent, 1, 100},
		{"salesforce.api_stop_percent", c.Salesforce.APIStop, 1, 100},
		{"salesforce.logins_per_hour", c.Salesforce.Logins, 1, 3600},
		{"guard.records", c.Guard.Records, 1, 1_000_000_000},
	} {
		if n.value < n.least || n.value > n.most {
			return &ConfigError{What: fmt.Sprintf("%s: %d is not between %d and %d", n.key, n.value, n.least, n.most)}
		}
	}
	if c.Guard.Percent < 0 || c.Guard.Percent > 100 {
		return &ConfigError{What: fmt.Sprintf("guard.percent: %g is not between 0 and 100", c.Guard.Percent)}
	}
	if c.Guard.Numbers < 0 || c.Guard.Numbers > 1000 {
		return &ConfigError{What: fmt.Sprintf("guard.numbers_percent: %g is not between 0 and 1000", c.Guard.Numbers)}
	}
	if _, err := c.schedules(); err != nil {
		return err
	}
	for _, o := range c.Objects {
		if o.Canary == "" {
			continue
		}
		if _, err := soap.ParseID(o.Canary); err != nil {
			return &ConfigError{
				Line: o.line, What: fmt.Sprintf("objects.%s.canary: %q is not the Id of a record", o.Name, o.Canary),
				Try: "take it from the record's address in the browser: 15 or 18 letters and digits",
			}
		}
	}
	return nil
}

// schedules reads the schedule section.
func (c *Config) schedules() (replicator.Schedules, *ConfigError) {
	s := replicator.Schedules{Unreadable: c.Guard.Numbers / 100}
	for _, k := range []struct {
		key, value string
		to         *replicator.Schedule
	}{
		{"delta", c.Schedule.Delta, &s.Delta}, {"full", c.Schedule.Full, &s.Full}, {"reconcile", c.Schedule.Reconcile, &s.Reconcile},
	} {
		var err error
		if *k.to, err = replicator.ParseSchedule(k.value); err != nil {
			return s, &ConfigError{
				What: fmt.Sprintf("schedule.%s: %q is neither an interval of a minute or more, nor a time of day, nor never", k.key, k.value),
				Try:  k.key + `: 5m, or 12h, or "02:30", or never`,
			}
		}
	}
	if _, err := c.jitter(); err != nil {
		return s, &ConfigError{What: "schedule.jitter: " + err.Error(), Try: "jitter: 1m, or 0s for none"}
	}
	return s, nil
}

// jitter is the longest time by which a run is put off at random.
func (c *Config) jitter() (time.Duration, error) {
	d, err := time.ParseDuration(c.Schedule.Jitter)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is no duration", c.Schedule.Jitter)
	case d < 0 || d > maxJitter:
		return 0, fmt.Errorf("%s is not between 0s and %s", d, maxJitter)
	}
	return d, nil
}

// loopOptions are the schedules and the jitter of a loop.
func (c *Config) loopOptions() (replicator.LoopOptions, error) {
	s, err := c.schedules()
	if err != nil {
		return replicator.LoopOptions{}, err
	}
	jitter, bad := c.jitter()
	if jitter == 0 {
		jitter = -1
	}
	return replicator.LoopOptions{Delta: s.Delta, Full: s.Full, Reconcile: s.Reconcile, Jitter: jitter}, bad
}

// replicatorOptions are the options that the configuration says.
func (c *Config) replicatorOptions() replicator.Options {
	o := replicator.Options{
		Connections: c.Salesforce.Connections,
		Guard:       replicator.Guard{Records: c.Guard.Records, Share: c.Guard.Percent / 100},
		OwnShare:    float64(c.Salesforce.APIPercent) / 100,
		StopShare:   float64(c.Salesforce.APIStop) / 100,
		Canaries:    map[string]soap.ID{},
	}
	for _, object := range c.Objects {
		if id, err := soap.ParseID(object.Canary); err == nil {
			o.Canaries[object.Name] = id
		}
	}
	return o
}
