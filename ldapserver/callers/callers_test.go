package callers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// logAt opens a log with a clock that the test moves.
func logAt(t *testing.T, path string, now *time.Time) *Log {
	t.Helper()
	l, err := Open(Options{Path: path, Keep: 30 * 24 * time.Hour, Clock: func() time.Time { return *now }, Most: 20})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func miss(l *Log, number string) {
	digits, plus := strings.CutPrefix(number, "+")
	l.Missed([]byte(digits), plus, false)
	l.drain()
}

// TestTyped has a number typed digit by digit, one digit taken back, and another one asked for once, as for a call.
func TestTyped(t *testing.T) {
	t.Parallel()
	now := start
	l := logAt(t, filepath.Join(t.TempDir(), "callers"), &now)
	part := func(digits string) {
		l.Missed([]byte(digits), true, true)
		l.drain()
	}
	const typedNumber, call = "442079460123", "493023125100"
	for n := 6; n <= len(typedNumber); n++ {
		part(typedNumber[:n])
		now = now.Add(time.Second)
	}
	part(typedNumber[:11])
	part(call)
	if list := l.Callers(); len(list) != 0 {
		t.Errorf("counted while it may still be typed: %+v", list)
	}
	now = now.Add(typing)
	list := l.Callers()
	if len(list) != 2 || list[0].Times != 1 || list[1].Times != 1 {
		t.Fatalf("got %+v", list)
	}
	for _, c := range list {
		if c.Number != "+"+typedNumber[:11] && c.Number != "+"+call {
			t.Errorf("%s was counted", c.Number)
		}
	}
}

func TestCountsCalls(t *testing.T) {
	t.Parallel()
	now := start
	path := filepath.Join(t.TempDir(), "callers")
	l := logAt(t, path, &now)
	for range 50 { // a group of phones
		miss(l, "+442079460123")
	}
	now = now.Add(30 * time.Second)
	miss(l, "+442079460123")
	now = now.Add(45 * time.Second)
	miss(l, "+442079460123")
	miss(l, "567")
	list := l.Callers()
	want := []Caller{
		{Number: "+442079460123", Times: 2, First: start, Last: now, counted: now},
		{Number: "567", Times: 1, First: now, Last: now, counted: now},
	}
	if len(list) != 2 || list[0] != want[0] || list[1] != want[1] {
		t.Errorf("got %+v, want %+v", list, want)
	}
	if err := l.write(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	again := logAt(t, path, &now).Callers()
	if len(again) != 2 || again[0].Times != 2 || !again[0].First.Equal(start) {
		t.Errorf("after a restart: %+v", again)
	}
}

func TestForgets(t *testing.T) {
	t.Parallel()
	now := start
	path := filepath.Join(t.TempDir(), "callers")
	l := logAt(t, path, &now)
	miss(l, "+442079460123")
	now = now.Add(20 * 24 * time.Hour)
	miss(l, "+442079460124")
	now = now.Add(11 * 24 * time.Hour)
	if err := l.write(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), "460123") || !strings.Contains(string(data), "460124") {
		t.Errorf("the file holds %s, %v", data, err)
	}
	if list, err := Read(path, time.Hour, now); err != nil || len(list) != 0 {
		t.Errorf("with an hour's retention: %v, %v", list, err)
	}
	if existed, err := Remove(path); !existed || err != nil {
		t.Errorf("Remove: %v, %v", existed, err)
	}
	if existed, err := Remove(path); existed || err != nil {
		t.Errorf("Remove twice: %v, %v", existed, err)
	}
	if list, err := Read(path, time.Hour, now); err != nil || len(list) != 0 {
		t.Errorf("without a file: %v, %v", list, err)
	}
}

func TestIsBounded(t *testing.T) { // counts allocations: not beside others
	now := start
	l := logAt(t, filepath.Join(t.TempDir(), "callers"), &now)
	for i := range 200 {
		now = now.Add(time.Minute)
		miss(l, fmt.Sprintf("+44207946%04d", i))
	}
	list := l.Callers()
	if len(list) > 20 || list[0].Number != "+442079460199" {
		t.Errorf("%d numbers, first %+v", len(list), list[0])
	}
	l.Missed([]byte(strings.Repeat("1", 500)), true, false)
	for _, c := range l.Callers() {
		if len(c.Number) > longest+1 {
			t.Errorf("kept %d digits", len(c.Number))
		}
	}
	// Nobody counts: what is too much is dropped, and nobody waits.
	for range 3 * waiting {
		l.Missed([]byte("1"), false, false)
	}
	if l.Dropped() != 2*waiting {
		t.Errorf("dropped %d of %d", l.Dropped(), 3*waiting)
	}
	if n := testing.AllocsPerRun(100, func() { l.Missed([]byte("493012345"), true, false) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestRunWritesAtTheEnd(t *testing.T) {
	t.Parallel()
	now := start
	path := filepath.Join(t.TempDir(), "callers")
	l := logAt(t, path, &now)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		l.Run(ctx)
		close(done)
	}()
	l.Missed([]byte("442079460123"), true, false)
	stop()
	<-done
	if list, err := Read(path, time.Hour, now); err != nil || len(list) != 1 {
		t.Errorf("got %v, %v", list, err)
	}
}

func TestStrangeFiles(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"not JSON": "x", "another version": `{"version": 7}`, "too large": strings.Repeat(" ", fileMost+1)} {
		path := filepath.Join(t.TempDir(), "callers")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(Options{Path: path, Keep: time.Hour}); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}
