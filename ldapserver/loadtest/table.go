package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
)

// row is what several measurements are of.
type row struct {
	mix            string
	connections    int
	connect, fresh bool
}

// table prints measurements: of each peer and row the median by CPU time, its CPU time against the canned server's, and
// ringdex's rate against every other peer's.
func table(args []string) error {
	var rows []row
	measured := map[row]map[string][]measurement{}
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
			r := row{m.Mix, m.Connections, m.Connect, m.Fresh}
			if measured[r] == nil {
				measured[r] = map[string][]measurement{}
				rows = append(rows, r)
			}
			measured[r][m.Peer] = append(measured[r][m.Peer], m)
		}
		f.Close()
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "mix\tpeer\tconns\treq/s\tp50 µs\tp99 µs\tp99.9 µs\tserver CPU µs\tuser+sys\tentries\town MB\tRSS MB\tCPU × canned\tringdex's rate ×")
	for _, r := range rows {
		peers := measured[r]
		names := make([]string, 0, len(peers))
		for name := range peers {
			names = append(names, name)
		}
		slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
		floor, haveFloor := median(peers["canned"])
		own, haveOwn := median(peers["ringdex"])
		name := r.mix
		if r.connect {
			name += " connect"
		}
		if r.fresh {
			name += " fresh"
		}
		for _, peer := range names {
			m, _ := median(peers[peer])
			cpu, rate := "", ""
			if haveFloor {
				cpu = fmt.Sprintf("%.2f", m.serverCPU()/floor.serverCPU())
			}
			if haveOwn && peer != "ringdex" {
				rate = fmt.Sprintf("%.2f", own.PerSecond/m.PerSecond)
			}
			fmt.Fprintf(w, "%s\t%s\t%d\t%.0f\t%.0f\t%.0f\t%.0f\t%.1f\t%.1f+%.1f\t%.1f\t%d\t%d\t%s\t%s\n", name, peer, m.Connections, m.PerSecond,
				m.P50, m.P99, m.P999, m.serverCPU(), m.ServerUser, m.ServerSys, m.Entries, m.OwnKB/1024, m.MemoryKB/1024, cpu, rate)
		}
	}
	return w.Flush()
}

// rank puts the floor first, then ringdex, then the others.
func rank(peer string) int {
	switch peer {
	case "canned":
		return 0
	case "ringdex":
		return 1
	}
	return 2
}

// median is the measurement in the middle by CPU time.
func median(list []measurement) (measurement, bool) {
	if len(list) == 0 {
		return measurement{}, false
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b measurement) int { return cmp.Compare(a.serverCPU(), b.serverCPU()) })
	return list[len(list)/2], true
}
