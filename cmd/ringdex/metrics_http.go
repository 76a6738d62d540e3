package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ringdex/ldapserver/protocol"
	"ringdex/replicator"
)

// metricsHandler answers /metrics in Prometheus' text format and /healthz.
func (d *daemon) metricsHandler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&metricsCollector{d}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 30 * time.Second, ErrorLog: d.log}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		h := d.health(r.Context())
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if !h.OK {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(h)
	})
	return mux
}

// listenMetrics opens the port of metrics and health, if one is configured.
func (d *daemon) listenMetrics() error {
	address := d.config.Metrics.Listen
	if address == "" {
		return nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("metrics.listen: %w", err)
	}
	d.metricsListener, d.metrics = l, &ldapMetrics{}
	if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		d.log.WithField("address", l.Addr().String()).Warn("metrics are open beyond this machine: they tell how many people call whom how often, and no names")
	}
	d.log.WithField("address", l.Addr().String()).Info("metrics")
	return nil
}

// metricsServer serves them; it bounds what a client may take.
func (d *daemon) metricsServer(ctx context.Context) *http.Server {
	return &http.Server{
		Handler: d.metricsHandler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 40 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, BaseContext: func(net.Listener) context.Context { return ctx },
	}
}

// health is what /healthz says: whether complete data are served that are not stale.
type health struct {
	OK      bool     `json:"ok"`
	Reasons []string `json:"reasons"`
}

func (d *daemon) health(context.Context) health {
	h := health{Reasons: []string{}}
	complete, err := d.complete()
	switch {
	case err != nil:
		h.Reasons = append(h.Reasons, "the store can't be read: "+oneLine(err.Error()))
	case !complete:
		h.Reasons = append(h.Reasons, "no replication has completed yet")
	case !d.serving.Load():
		h.Reasons = append(h.Reasons, "LDAP is not answered")
	}
	if err == nil && complete {
		problems, err := replicator.Problems(d.store, d.mappings, d.engine.schedules(), time.Now())
		if err != nil {
			h.Reasons = append(h.Reasons, oneLine(err.Error()))
		}
		for _, p := range problems {
			switch p.Kind {
			case replicator.ProblemStale, replicator.ProblemEmpty, replicator.ProblemStore:
				h.Reasons = append(h.Reasons, p.Text)
			}
		}
	}
	h.OK = len(h.Reasons) == 0
	return h
}

// metricsCollector makes the metrics when they are asked for: nothing is counted in Prometheus' own types on the way of a
// lookup.
type metricsCollector struct{ d *daemon }

// Describe sends nothing: which objects and results there are shows with the values.
func (*metricsCollector) Describe(chan<- *prometheus.Desc) {}

// Collect sends all metrics.
func (c *metricsCollector) Collect(out chan<- prometheus.Metric) {
	send := func(kind prometheus.ValueType, name, help string, value float64, labels ...string) {
		var names, values []string
		for i := 0; i+1 < len(labels); i += 2 {
			names, values = append(names, labels[i]), append(values, labels[i+1])
		}
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("ringdex_"+name, help, names, nil), kind, value, values...)
	}
	const gauge, counter = prometheus.GaugeValue, prometheus.CounterValue
	c.ldap(send, out)
	send(gauge, "build_info", "1, with the version.", 1, "version", version())
	send(gauge, "start_time_seconds", "When ringdex was started.", float64(c.d.started.Unix()))
	h := c.d.health(context.Background())
	healthy := 0.0
	if h.OK {
		healthy = 1
	}
	send(gauge, "healthy", "1 where /healthz says ok.", healthy)
	status, err := c.d.Status(context.Background())
	if err != nil {
		out <- prometheus.NewInvalidMetric(prometheus.NewDesc("ringdex_status", "The state of the store.", nil, nil), err)
		return
	}
	for _, o := range status.Objects {
		send(gauge, "records", "Records that are served.", float64(o.Records), "object", o.Name)
		send(gauge, "quarantined_values", "Values that could not be used.", float64(o.Quarantined), "object", o.Name)
		if o.LastSuccess != nil {
			send(gauge, "replication_age_seconds", "Time since the last replication that worked.", time.Since(*o.LastSuccess).Seconds(), "object", o.Name)
		}
	}
	send(gauge, "holds", "Mass changes that wait for approve or reject.", float64(len(status.Holds)))
	send(gauge, "problems", "Lines of ringdex status that need a person.", float64(len(status.Problems)))
	send(gauge, "store_bytes", "Size of the store's file.", float64(status.StoreBytes))
	send(gauge, "generation", "Full copies that were switched to.", float64(status.Generation))
	if status.LDAP.Certificate != nil {
		send(gauge, "certificate_days", "Days until the certificate ends.", time.Until(status.LDAP.Certificate.NotAfter).Hours()/24)
	}
	if status.LoginEnds != "" {
		send(gauge, "login_days", "Days until Salesforce ends the way in which ringdex logs in.", float64(status.LoginDays))
	}
	c.salesforce(send)
}

// ldap sends what the server has counted.
func (c *metricsCollector) ldap(send func(prometheus.ValueType, string, string, float64, ...string), out chan<- prometheus.Metric) {
	const gauge, counter = prometheus.GaugeValue, prometheus.CounterValue
	n := c.d.metrics.counts()
	for o, op := range metricOps {
		for code, count := range n.requests[o] {
			if count > 0 || o == 0 && code == 0 {
				send(counter, "ldap_requests_total", "Requests by operation and result.", float64(count), "operation", op.name, "result", protocol.ResultCode(code).String())
			}
		}
	}
	buckets := map[float64]uint64{}
	var searches uint64
	for i, count := range n.took {
		searches += count
		if i < len(latencyBounds) {
			buckets[latencyBounds[i].Seconds()] = searches
		}
	}
	out <- prometheus.MustNewConstHistogram(prometheus.NewDesc("ringdex_ldap_search_seconds", "Time from a search's last octet to the end of its answer.", nil, nil), searches, n.seconds, buckets)
	send(counter, "ldap_hits_total", "Searches that found something.", float64(n.hits))
	send(counter, "ldap_misses_total", "Searches that succeeded and found nothing.", float64(n.misses))
	send(counter, "ldap_entries_total", "Entries that were sent.", float64(n.entries))
	s := c.d.server.Stats()
	send(gauge, "ldap_connections", "Open connections.", float64(s.Open))
	send(counter, "ldap_connections_total", "Connections that were accepted.", float64(s.Accepted))
	send(counter, "ldap_connections_refused_total", "Connections that were refused, by reason.", float64(s.Refused), "reason", "limit")
	send(counter, "ldap_connections_refused_total", "Connections that were refused, by reason.", float64(s.Foreign), "reason", "network")
	send(counter, "ldap_connections_refused_total", "Connections that were refused, by reason.", float64(s.Garbage), "reason", "no_ldap")
	send(counter, "ldap_panics_total", "Faults of ringdex that cost a client its connection.", float64(s.Panics))
	send(gauge, "ldap_pulls", "Long searches at work.", float64(s.Pulls))
	send(gauge, "ldap_pulls_waiting", "Long searches that wait for their turn.", float64(s.PullsWaiting))
}

// salesforce sends what the replication uses of the org's API.
func (c *metricsCollector) salesforce(send func(prometheus.ValueType, string, string, float64, ...string)) {
	c.d.engine.mu.Lock()
	client := c.d.client
	c.d.engine.mu.Unlock()
	if client == nil {
		return
	}
	u := client.Usage()
	send(prometheus.CounterValue, "salesforce_calls_total", "Requests to Salesforce.", float64(u.Calls))
	send(prometheus.CounterValue, "salesforce_logins_total", "Logins.", float64(u.Logins))
	send(prometheus.CounterValue, "salesforce_received_bytes_total", "Octets of answers, as they were on the wire.", float64(u.BytesIn))
	send(prometheus.CounterValue, "salesforce_sent_bytes_total", "Octets of requests, as they were on the wire.", float64(u.BytesOut))
	if current, limit, ok := client.Limits(); ok {
		send(prometheus.GaugeValue, "salesforce_api_used", "API calls that all integrations of the org made in 24 hours.", float64(current))
		send(prometheus.GaugeValue, "salesforce_api_limit", "API calls that the org may make in 24 hours.", float64(limit))
	}
}
