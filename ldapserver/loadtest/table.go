package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
)

// table prints measurements, and for each mix every peer's ratio to the first peer named in it.
func table(args []string) error {
	var rows []measurement
	for _, path := range args {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		for dec := json.NewDecoder(f); ; {
			var m measurement
			if err := dec.Decode(&m); err == io.EOF {
				break
			} else if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			rows = append(rows, m)
		}
		f.Close()
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "mix\tpeer\tconns\treq/s\tp50 µs\tp99 µs\tserver CPU µs\tuser+sys\tentries\tRSS MB\trate ×\tCPU ×")
	type key struct {
		mix     string
		conns   int
		connect bool
		fresh   bool
	}
	first := map[key]measurement{}
	for _, m := range rows {
		k := key{m.Mix, m.Connections, m.Connect, m.Fresh}
		if _, ok := first[k]; !ok {
			first[k] = m
		}
		f := first[k]
		name := m.Mix
		if m.Connect {
			name += " connect"
		}
		if m.Fresh {
			name += " fresh"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%.0f\t%.0f\t%.0f\t%.1f\t%.1f+%.1f\t%.1f\t%d\t%.2f\t%.2f\n", name, m.Peer, m.Connections, m.PerSecond, m.P50, m.P99,
			m.serverCPU(), m.ServerUser, m.ServerSys, m.Entries, m.MemoryKB/1024, m.PerSecond/f.PerSecond, m.serverCPU()/f.serverCPU())
	}
	return w.Flush()
}
