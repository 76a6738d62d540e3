package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"ringdex/replicator"
)

// plainInterval is how often progress is written where no terminal redraws a line.
const plainInterval = 10 * time.Second

// progressPrinter shows a run: one redrawn line on a terminal, otherwise a line per stage and every ten seconds.
type progressPrinter struct {
	out      io.Writer
	terminal bool
	now      func() time.Time

	last    time.Time
	stage   string
	drawn   bool
	columns int
}

func newProgressPrinter(out io.Writer) *progressPrinter {
	p := &progressPrinter{out: out, now: time.Now, columns: 80}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		p.terminal = true
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 20 {
			p.columns = w
		}
	}
	return p
}

// show draws the state of a run.
func (p *progressPrinter) show(pr replicator.Progress) {
	now := p.now()
	stage := pr.Object + "/" + pr.Stage
	interval := plainInterval
	if p.terminal {
		interval = 100 * time.Millisecond
	}
	if stage == p.stage && now.Sub(p.last) < interval {
		return
	}
	p.stage, p.last = stage, now
	text := progressText(pr)
	if !p.terminal {
		fmt.Fprintln(p.out, text)
		return
	}
	if r := []rune(text); len(r) >= p.columns {
		text = string(r[:p.columns-1])
	}
	fmt.Fprintf(p.out, "\r\x1b[K%s", text)
	p.drawn = true
}

// end leaves the redrawn line.
func (p *progressPrinter) end() {
	if p.drawn {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.drawn = false
	}
}

// progressText is "Contact: load 12,000 of 100,000 (12 %), 25,000/s, 4 s left".
func progressText(p replicator.Progress) string {
	s := p.Stage
	if p.Object != "" {
		s = p.Object + ": " + s
	}
	if p.Records > 0 || p.Total > 0 {
		s += " " + thousands(p.Records)
	}
	if p.Total > 0 {
		s += fmt.Sprintf(" of %s (%d %%)", thousands(p.Total), min(100, p.Records*100/p.Total))
	}
	if p.Rate >= 1 {
		s += fmt.Sprintf(", %s/s", thousands(int(p.Rate)))
	}
	if p.Remaining >= time.Second {
		s += fmt.Sprintf(", %s left", p.Remaining.Round(time.Second))
	}
	return s
}

// thousands groups digits: 1,234,567.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
