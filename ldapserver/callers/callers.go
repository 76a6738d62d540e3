package callers

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
)

const (
	// Most is how many numbers are kept: a megabyte of file.
	Most = 10_000
	// writeEvery is how much is lost at most when the process is killed.
	writeEvery = time.Minute
	// oneCall is how long a number that is asked for again is the same call.
	oneCall = time.Minute
	// typing is how soon the next digit of a number comes that is typed.
	typing = 10 * time.Second
	// waiting is how many numbers may wait to be counted.
	waiting = 1024
	// longest is how many digits of a number are kept: more are no telephone number.
	longest = 30
	// fileMost bounds the file that is read.
	fileMost = 8 << 20
	// formatVersion of the file.
	formatVersion = 1
)

// Caller is a number that nobody has.
type Caller struct {
	Number string    `json:"number"` // "+497031123456", or digits that are no international number
	Times  int       `json:"times"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`

	counted time.Time
}

// Options of a Log. Path and Keep are needed.
type Options struct {
	Path  string
	Keep  time.Duration      // after a number was last asked for
	Log   logrus.FieldLogger // faults of the file; never a number
	Clock func() time.Time   // default time.Now
	Most  int                // default Most
}

// Log counts. It is safe for concurrent use. Run has to run for it to count and write.
type Log struct {
	options Options
	queue   chan missed
	dropped atomic.Int64

	mu      sync.Mutex
	callers map[string]*Caller
	typed   []typed
	dirty   bool
}

// typed is a number that may be a caller's, or the beginning of one that is typed.
type typed struct {
	number string
	at     time.Time
}

// missed is a number on its way: without pointers, so that nothing is allocated for it.
type missed struct {
	plus   bool
	typed  bool
	n      uint8
	digits [longest]byte
}

// file is what lies on disk.
type file struct {
	Version int      `json:"version"`
	Callers []Caller `json:"callers"`
}

// Open reads the file, if there is one. What is older than Keep is left out.
func Open(o Options) (*Log, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Most == 0 {
		o.Most = Most
	}
	l := &Log{options: o, queue: make(chan missed, waiting), callers: map[string]*Caller{}}
	list, err := read(o.Path)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		c.counted = c.Last
		l.callers[c.Number] = &c
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget()
	return l, nil
}

// Read returns what the file holds, without what is older than keep: the most frequent first. A file that is not there is
// empty.
func Read(path string, keep time.Duration, now time.Time) ([]Caller, error) {
	list, err := read(path)
	list = slices.DeleteFunc(list, func(c Caller) bool { return now.Sub(c.Last) > keep })
	sort(list)
	return list, err
}

// Remove deletes the file: what is no longer to be kept must not lie around.
func Remove(path string) (existed bool, err error) {
	switch err := os.Remove(path); {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	default:
		return false, fmt.Errorf("callers: %w", err)
	}
}

func read(path string) ([]Caller, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("callers: %w", err)
	case info.Size() > fileMost:
		return nil, fmt.Errorf("callers: %s has %d octets; it never grows so large, so it is not ours", path, info.Size())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("callers: %w", err)
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil || f.Version != formatVersion {
		return nil, fmt.Errorf("callers: %s can't be read: remove it, it is a list of numbers only", path)
	}
	return f.Callers, nil
}

// Missed counts a number that nobody has: its digits, and whether they are an international number. typed says that somebody
// may be typing it: it counts when no longer and no shorter one comes in the next seconds. Missed keeps none of its arguments,
// allocates nothing and never waits.
func (l *Log) Missed(digits []byte, international, typed bool) {
	m := missed{plus: international, typed: typed}
	m.n = uint8(copy(m.digits[:], digits))
	select {
	case l.queue <- m:
	default:
		l.dropped.Add(1)
	}
}

// Dropped is how many numbers were not counted, as too many came at once.
func (l *Log) Dropped() int64 { return l.dropped.Load() }

// Run counts and writes until ctx ends; then it writes what is left.
func (l *Log) Run(ctx context.Context) {
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	for {
		select {
		case m := <-l.queue:
			l.count(m)
		case <-tick.C:
			l.report(l.write())
		case <-ctx.Done():
			l.drain()
			l.settle(l.options.Clock().Add(typing))
			l.report(l.write())
			return
		}
	}
}

func (l *Log) drain() {
	for {
		select {
		case m := <-l.queue:
			l.count(m)
		default:
			return
		}
	}
}

func (l *Log) report(err error) {
	if err != nil && l.options.Log != nil {
		l.options.Log.WithError(err).Error("unknown callers are not written")
	}
}

func (l *Log) count(m missed) {
	number := string(m.digits[:m.n])
	if m.plus {
		number = "+" + number
	}
	now := l.options.Clock()
	if !m.typed {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.add(number, now)
		return
	}
	l.settle(now)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.typed = slices.DeleteFunc(l.typed, func(t typed) bool {
		return strings.HasPrefix(number, t.number) || strings.HasPrefix(t.number, number)
	})
	if len(l.typed) == waiting {
		l.dropped.Add(1)
		return
	}
	l.typed = append(l.typed, typed{number, now})
}

// settle counts the numbers that nobody has typed on.
func (l *Log) settle(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.typed = slices.DeleteFunc(l.typed, func(t typed) bool {
		over := now.Sub(t.at) >= typing
		if over {
			l.add(t.number, t.at)
		}
		return over
	})
}

// add counts a number asked for at a time.
func (l *Log) add(number string, at time.Time) {
	now := at.UTC().Truncate(time.Second)
	c := l.callers[number]
	if c == nil {
		if len(l.callers) >= l.options.Most {
			l.makeRoom()
		}
		c = &Caller{Number: number, First: now}
		l.callers[number] = c
	}
	l.dirty = true
	c.Last = now
	if c.Times == 0 || now.Sub(c.counted) >= oneCall {
		c.Times++
		c.counted = now
	}
}

// makeRoom drops the tenth that was asked for longest ago.
func (l *Log) makeRoom() {
	list := l.list()
	slices.SortFunc(list, func(a, b Caller) int { return cmp.Or(a.Last.Compare(b.Last), cmp.Compare(a.Number, b.Number)) })
	for _, c := range list[:len(list)/10+1] {
		delete(l.callers, c.Number)
	}
}

// forget drops what is too old.
func (l *Log) forget() {
	now := l.options.Clock()
	for number, c := range l.callers {
		if now.Sub(c.Last) > l.options.Keep {
			delete(l.callers, number)
			l.dirty = true
		}
	}
}

// Callers are the numbers so far, the most frequent first.
func (l *Log) Callers() []Caller {
	l.drain()
	l.settle(l.options.Clock())
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget()
	list := l.list()
	sort(list)
	return list
}

func (l *Log) list() []Caller {
	list := make([]Caller, 0, len(l.callers))
	for _, c := range l.callers {
		list = append(list, *c)
	}
	return list
}

func sort(list []Caller) {
	slices.SortFunc(list, func(a, b Caller) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), b.Last.Compare(a.Last), cmp.Compare(a.Number, b.Number))
	})
}

// write puts a new file in the place of the old one, if something has changed.
func (l *Log) write() error {
	l.settle(l.options.Clock())
	l.mu.Lock()
	l.forget()
	if !l.dirty {
		l.mu.Unlock()
		return nil
	}
	list := l.list()
	l.dirty = false
	l.mu.Unlock()
	sort(list)
	err := replace(l.options.Path, file{Version: formatVersion, Callers: list})
	if err != nil {
		l.mu.Lock()
		l.dirty = true
		l.mu.Unlock()
	}
	return err
}

// replace writes beside the path, mode 0600, and renames: a reader sees the old file or the new one.
func replace(path string, f file) (err error) {
	data, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("callers: %w", err)
	}
	t, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp") // 0600
	if err != nil {
		return fmt.Errorf("callers: %w", err)
	}
	defer func() {
		if err != nil {
			os.Remove(t.Name())
		}
	}()
	_, err = t.Write(data)
	if err = errors.Join(err, t.Close()); err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("callers: write %s: %w", path, err)
	}
	return nil
}
