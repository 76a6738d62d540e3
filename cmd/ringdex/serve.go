package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/urfave/cli/v2"

	"ringdex/ldapserver"
	"ringdex/replicator"
)

func (env *environment) serveCommand() *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "answer LDAP, and replicate on schedule, until told to stop",
		Description: "Logs to stderr; the line with msg=ready says that LDAP is answered. On an empty store that is after the\n" +
			"first full replication.",
		Flags: []cli.Flag{
			configFlag(),
			&cli.StringFlag{Name: "log-level", Usage: "`LEVEL` error, warning, info or debug; default from the configuration"},
			&cli.StringFlag{Name: "log-format", Usage: "`FORMAT` text or json; default from the configuration"},
		},
		Action: func(c *cli.Context) error {
			cfg, err := loadConfig(c.String("config"))
			if err != nil {
				return err
			}
			override := func(cfg *Config) {
				if c.IsSet("log-level") {
					cfg.Log.Level = c.String("log-level")
				}
				if c.IsSet("log-format") {
					cfg.Log.Format = c.String("log-format")
				}
			}
			override(cfg)
			log, err := newLogger(env.Err, cfg.Log, env.secrets)
			if err != nil {
				return err
			}
			d, err := newDaemon(cfg, log, env.secrets)
			if err != nil {
				return err
			}
			d.override = override
			return d.run(c.Context)
		},
	}
}

// shutdownWithin is how long connections have to end.
const shutdownWithin = 10 * time.Second

// daemon is a running ringdex: the engine, the LDAP server, the control socket and the schedule.
type daemon struct {
	*engine
	log     *logrus.Logger
	started time.Time
	server  *ldapserver.Server
	cert    *certificate // nil: no TLS
	metrics *ldapMetrics // nil: nobody wants them
	queries *lineLog
	serving atomic.Bool // LDAP is answered

	override  func(*Config) // what the command line says instead of the configuration; nil: nothing
	reloading sync.Mutex
	current   *Config // as read last; config is the one that ringdex was started with

	metricsListener net.Listener
	ready           atomic.Bool // LDAP is answered

	control   net.Listener
	listeners []boundListener

	mu      sync.Mutex
	loop    *replicator.Loop
	loopErr error // why the schedule does not run
}

// newDaemon opens everything that can fail at the start: store, control socket, certificate, ports.
func newDaemon(cfg *Config, log *logrus.Logger, secrets *secretSet) (_ *daemon, err error) {
	d := &daemon{log: log, started: time.Now(), current: cfg, queries: &lineLog{name: "queries"}}
	if d.engine, err = newEngine(cfg, log, secrets, openReadWrite); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	if d.control, err = listenControl(socketPath(cfg.StorePath())); err != nil {
		return nil, err
	}
	if d.callers, err = openCallers(cfg, log); err != nil {
		return nil, err
	}
	if err = d.openLogs(cfg); err != nil {
		return nil, err
	}
	if err = d.openLDAP(); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *daemon) close() {
	for _, l := range d.listeners {
		l.Close()
	}
	for _, l := range []net.Listener{d.control, d.metricsListener} {
		if l != nil {
			l.Close()
		}
	}
	d.queries.close()
	if d.engine != nil {
		if err := d.engine.Close(); err != nil {
			d.log.WithError(err).Error("closing the store")
		}
	}
}

// run serves until ctx ends.
func (d *daemon) run(ctx context.Context) error {
	defer d.close()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	defer wg.Wait()

	control := &http.Server{Handler: controlHandler(d, d.log), ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return inner }, ConnContext: withPeer}
	wg.Go(func() {
		if err := control.Serve(d.control); !errors.Is(err, http.ErrServerClosed) {
			d.log.WithError(err).Error("control socket ended")
		}
	})
	defer control.Close()
	wg.Go(func() { d.hangups(inner) })
	if d.callers != nil {
		wg.Go(func() { d.callers.Run(inner) })
	}
	if d.metricsListener != nil {
		metrics := d.metricsServer(inner)
		wg.Go(func() {
			if err := metrics.Serve(d.metricsListener); !errors.Is(err, http.ErrServerClosed) {
				d.log.WithError(err).Error("metrics ended")
			}
		})
		defer metrics.Close()
	}
	if d.cert != nil {
		wg.Go(func() { d.cert.watch(inner, certificateCheck) })
	}
	if every := watchdogInterval(); every > 0 {
		wg.Go(func() { watchdog(inner, every, func() { _, _ = d.complete() }) })
	}

	complete, err := d.complete()
	if err != nil {
		return err
	}
	ready := make(chan struct{})
	if complete {
		close(ready)
	}
	wg.Go(func() { d.schedule(inner, ready, complete) })
	defer cancel()
	if !complete {
		// Nothing to say yet: the ports stay closed until the first copy is complete.
		for _, l := range d.listeners {
			l.Close()
		}
		d.log.Info("the store is empty: the first replication comes first")
		notifyStatus("the first replication is running; LDAP is answered after it")
		select {
		case <-ctx.Done():
			return nil
		case <-ready:
		}
		d.mu.Lock()
		again := d.listeners
		d.listeners = nil
		d.mu.Unlock()
		for _, l := range again {
			if err := d.listen(l.Addr().String(), l.port); err != nil {
				return err
			}
		}
	}
	failed := make(chan error, len(d.listeners))
	for _, l := range d.listeners {
		wg.Go(func() {
			if err := d.server.Serve(context.WithoutCancel(ctx), l.Listener, d.listenerOptions(l)); err != nil {
				failed <- fmt.Errorf("serve %s: %w", l.Addr(), err)
			}
		})
	}
	d.serving.Store(true)
	d.log.WithFields(logrus.Fields{"listen": d.addresses(), "store": d.store.Path(), "version": version()}).Info("ready")
	d.ready.Store(true)
	notify("READY=1\nSTATUS=answers LDAP on " + strings.Join(d.addresses(), ", "))
	defer notify("STOPPING=1\nSTATUS=ending connections")
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	d.serving.Store(false)
	stop, done := context.WithTimeout(context.Background(), shutdownWithin)
	defer done()
	err = errors.Join(err, d.server.Shutdown(stop))
	d.log.Info("stopped")
	return err
}

// complete says whether the store has something to serve.
func (d *daemon) complete() (bool, error) {
	meta, err := d.store.Meta()
	return meta.Complete, err
}

// schedule runs the replications. ready is closed when the first copy is complete.
func (d *daemon) schedule(ctx context.Context, ready chan struct{}, complete bool) {
	if !complete {
		if !d.firstRun(ctx) {
			return
		}
		close(ready)
	}
	o, err1 := d.config.loopOptions()
	r, err2 := d.replicator()
	if err := errors.Join(err1, err2); err != nil {
		d.mu.Lock()
		d.loopErr = err
		d.mu.Unlock()
		d.log.WithError(err).Error("replication is off")
		return
	}
	o.Replicator, o.Log = r, d.log
	loop := replicator.NewLoop(o)
	d.mu.Lock()
	d.loop = loop
	d.mu.Unlock()
	if err := loop.Run(ctx); err != nil && ctx.Err() == nil {
		d.log.WithError(err).Error("the schedule ended")
	}
}

// firstRun repeats the first full run until it is complete; false when ctx has ended. A refused login waits for a
// person: ringdex replicate, after the secret was set right, starts the next try.
func (d *daemon) firstRun(ctx context.Context) bool {
	const firstPause, longestPause = 5 * time.Second, 5 * time.Minute
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		_, err := d.Replicate(ctx, replicateRequest{Full: true}, func(replicator.Progress) {})
		if done, metaErr := d.complete(); metaErr == nil && done {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if err != nil {
			d.log.WithError(err).WithField("try", hint(err)).Error("the first replication did not succeed")
			notifyStatus("the first replication did not succeed: %s", d.secrets.redact(err.Error()))
		}
		if !d.pause(ctx, pause) {
			return false
		}
		if done, err := d.complete(); err == nil && done {
			return true // by a replicate command meanwhile
		}
	}
}

// pause waits, and looks every second whether a replicate command has filled the store.
func (d *daemon) pause(ctx context.Context, t time.Duration) bool {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for end := time.Now().Add(t); time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
			if done, err := d.complete(); err == nil && done {
				return true
			}
		}
	}
	return true
}

// Status adds what only the daemon knows.
func (d *daemon) Status(ctx context.Context) (statusReport, error) {
	out, err := d.engine.Status(ctx)
	if err != nil {
		return out, err
	}
	out.Running, out.Since, out.Listeners = true, &d.started, d.addresses()
	d.ldapStatus(&out)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.loopErr != nil {
		out.Problems = append(out.Problems, "replication is off: "+d.loopErr.Error())
	}
	if d.loop != nil {
		for _, n := range []struct {
			kind replicator.Kind
			to   **time.Time
		}{{replicator.Delta, &out.NextDelta}, {replicator.Reconcile, &out.NextReconcile}, {replicator.Full, &out.NextFull}} {
			if t := d.loop.Next(n.kind); !t.IsZero() {
				*n.to = &t
			}
		}
	}
	d.engine.mu.Lock()
	defer d.engine.mu.Unlock()
	if d.repl == nil {
		return out, nil
	}
	if p, at := d.repl.Progress(); at || d.repl.Busy() {
		out.Replicating, out.Progress = true, progressText(p)
	}
	return out, nil
}
