package replicator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringdex/replicator/store"
	"ringdex/schema"
)

// ProblemKind says what is wrong.
type ProblemKind string

// The kinds of problems.
const (
	ProblemEmpty        ProblemKind = "empty"        // nothing was ever replicated
	ProblemCredentials  ProblemKind = "credentials"  // Salesforce refused the login: only a person can end that
	ProblemOrganization ProblemKind = "organization" // the login leads to another organization than the store's
	ProblemBudget       ProblemKind = "budget"       // put off: the org's API calls are nearly used up, or are used up
	ProblemFailed       ProblemKind = "failed"       // the last run of an object ended with an error
	ProblemHeld         ProblemKind = "held"         // a mass change waits for a person
	ProblemFrozen       ProblemKind = "frozen"       // a field is no longer visible
	ProblemStale        ProblemKind = "stale"        // no success for too long
	ProblemDamaged      ProblemKind = "damaged"      // values with characters that can't be
	ProblemNumbers      ProblemKind = "numbers"      // numbers that can't be read
	ProblemStore        ProblemKind = "store"        // the store's file is damaged
)

// Problem is something that should not be as it is.
type Problem struct {
	Kind   ProblemKind
	Object string    // "" if it concerns all
	Text   string    // a short sentence
	Next   string    // what to do
	Count  int       // of records, fields or values; at least 1
	Since  time.Time // zero if unknown
	Notice bool      // worth a line, but nobody is needed at once: in every org some numbers can't be read
}

// Schedules of the runs by kind, and how much may be unreadable.
type Schedules struct {
	Delta, Full, Reconcile Schedule
	// Unreadable is how many numbers, as a share of an object's records, may be unreadable before somebody is needed.
	// Default UnreadableShare.
	Unreadable float64
}

// UnreadableShare is the default of Schedules.Unreadable. People type numbers as they like, and some are out of date: in
// every org some can't be read. More than half means that the country where the phones stand is not the right one.
const UnreadableShare = 0.5

const (
	// staleIntervals is how many intervals may pass without a success.
	staleIntervals = 3
	// staleDay is how long a run that is made once a day may be missing: a day, an hour of daylight saving time, an hour
	// of work.
	staleDay = 26 * time.Hour
)

// stale is how old the last success may be; 0 is for ever.
func (s Schedule) stale() time.Duration {
	if s.daily {
		return staleDay
	}
	return staleIntervals * s.every
}

// Problems lists what is held, frozen, stale, put off, refused, quarantined or failed, the gravest first. Everything it
// says comes from the store, so that it works beside a running daemon and without one.
func Problems(s *store.Store, mappings []schema.Mapping, schedules Schedules, now time.Time) ([]Problem, error) {
	meta, err := s.Meta()
	var runs []RunRecord
	if err == nil {
		runs, err = Runs(s)
	}
	if errors.Is(err, store.ErrCorrupt) { // nothing more can be said
		return []Problem{{Kind: ProblemStore, Text: err.Error(), Next: damageNext, Count: 1}}, nil
	}
	if err != nil {
		return nil, err
	}
	w := &watch{s: s, meta: meta, runs: runs, schedules: schedules, now: now}
	if err := s.Damage(); err != nil {
		w.add(Problem{Kind: ProblemStore, Text: err.Error(), Next: damageNext})
	}
	explained := w.lastRun()
	if !meta.Complete {
		w.add(Problem{Kind: ProblemEmpty, Text: "nothing has been replicated yet", Next: "ringdex replicate"})
	}
	if err := w.holds(); err != nil {
		return nil, err
	}
	if err := w.frozen(); err != nil {
		return nil, err
	}
	for i := range mappings {
		w.object(mappings[i].Object, explained)
	}
	w.runsMade()
	for i := range mappings {
		w.values(mappings[i].Object)
	}
	return w.problems, nil
}

const damageNext = "ringdex verify shows the damage; ringdex replicate --full builds everything anew"

// watch collects problems.
type watch struct {
	s         *store.Store
	meta      store.Meta
	runs      []RunRecord
	schedules Schedules
	now       time.Time
	held      map[string]bool
	problems  []Problem
}

func (w *watch) add(p Problem) {
	p.Count = max(p.Count, 1)
	w.problems = append(w.problems, p)
}

// lastRun says why the last run did not work, and whether that explains what the objects say.
func (w *watch) lastRun() (explained bool) {
	if len(w.runs) == 0 {
		return false
	}
	last := w.runs[0]
	p := Problem{Text: last.Result, Since: last.Started}
	for _, run := range w.runs { // since when it is so
		if run.Cause != last.Cause {
			break
		}
		p.Since, p.Count = run.Started, p.Count+1
	}
	switch last.Cause {
	case causeCredentials:
		p.Kind, p.Next = ProblemCredentials, "set the user's password, token or key right, then ringdex replicate; it is not tried again by itself more than hourly"
	case causeOrganization:
		p.Kind, p.Next = ProblemOrganization, "log in to the right org, or name another file under store: in the configuration"
	case causeBudget:
		p.Kind, p.Next = ProblemBudget, "it goes on by itself when calls are free again; see who uses them in Setup, System Overview"
	default:
		return false
	}
	w.add(p)
	return true
}

func (w *watch) holds() error {
	holds, err := Holds(w.s)
	if err != nil {
		return err
	}
	w.held = map[string]bool{}
	for _, h := range holds {
		w.held[strings.ToLower(h.Object)] = true
		next := fmt.Sprintf("ringdex approve %s, or ringdex reject %s", h.Object, h.Object)
		if h.Decision != "" {
			next = h.Decision + "; decide on the other held objects of that run too"
		}
		w.add(Problem{
			Kind: ProblemHeld, Object: h.Object, Count: h.Deleted + h.Blanked, Since: h.Since, Next: next,
			Text: fmt.Sprintf("%s is held: %s", h.Object, h.Reason),
		})
	}
	return nil
}

func (w *watch) frozen() error {
	frozen, err := FrozenFields(w.s)
	if err != nil {
		return err
	}
	for _, f := range frozen {
		next := "give the user the permission to see it, or map another field"
		switch {
		case f.Why == frozenCondition:
			next = "give the user the permission to see it, or write another condition"
		case f.Why == frozenCanary:
			next = "give the user View All on the object again; if the record was deleted, name another one under canary"
		case !f.Tried.IsZero() && w.held[strings.ToLower(f.Object)]:
			next = "the field is back, but what came is held: decide on that"
		case !f.Tried.IsZero():
			next = "the field was back on " + day(f.Tried) + " and rejected; it is fetched again a day later"
		case f.Nearest != "":
			next = fmt.Sprintf("give the user the permission to see it, or map %s instead", f.Nearest)
		}
		w.add(Problem{
			Kind: ProblemFrozen, Object: f.Object, Since: f.Since, Next: next,
			Text: f.text(),
		})
	}
	return nil
}

func day(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

func (w *watch) known(object string) store.ObjectMeta {
	i := slices.IndexFunc(w.meta.Objects, func(m store.ObjectMeta) bool { return strings.EqualFold(m.Name, object) })
	if i < 0 {
		return store.ObjectMeta{Name: object}
	}
	return w.meta.Objects[i]
}

func (w *watch) object(object string, explained bool) {
	m := w.known(object)
	if strings.HasPrefix(m.LastResult, frozenPrefix) {
		return // that is said already, and that it is old follows from it
	}
	failed := m.LastResult != "" && m.LastResult != resultOK && !strings.HasPrefix(m.LastResult, heldPrefix)
	switch {
	case failed && !explained:
		w.add(Problem{
			Kind: ProblemFailed, Object: object, Text: fmt.Sprintf("the last run of %s did not succeed: %s", object, m.LastResult),
			Next: "what was served is served on; ringdex replicate tries again",
		})
	case m.LastSuccess.IsZero() && w.meta.Complete && !explained && !w.held[strings.ToLower(object)]:
		w.add(Problem{Kind: ProblemEmpty, Object: object, Text: object + " has not been replicated yet", Next: "ringdex replicate"})
	}
	limit := w.schedules.Delta.stale()
	if age := w.now.Sub(m.LastSuccess); limit > 0 && !m.LastSuccess.IsZero() && age > limit {
		w.add(Problem{
			Kind: ProblemStale, Object: object, Since: m.LastSuccess,
			Text: fmt.Sprintf("%s was last brought up to date %s ago, every %s is scheduled", object, roughly(age), w.schedules.Delta.phrase()),
			Next: "see that ringdex serve runs, and what its log says",
		})
	}
}

// runsMade says which runs that are scheduled beside the deltas were not made.
func (w *watch) runsMade() {
	if !w.meta.Complete {
		return
	}
	for _, k := range []struct {
		kind     Kind
		schedule Schedule
	}{{Full, w.schedules.Full}, {Reconcile, w.schedules.Reconcile}} {
		limit := k.schedule.stale()
		i := slices.IndexFunc(w.runs, func(r RunRecord) bool { return r.good() && (r.Kind == k.kind.String() || r.Kind == Full.String()) })
		if limit == 0 || i < 0 {
			continue
		}
		if age := w.now.Sub(w.runs[i].Started); age > limit {
			w.add(Problem{
				Kind: ProblemStale, Since: w.runs[i].Started,
				Text: fmt.Sprintf("the last %s run was %s ago, every %s is scheduled", k.kind, roughly(age), k.schedule.phrase()),
				Next: "see that ringdex serve runs, and what its log says",
			})
		}
	}
}

// values counts what could not be read as it should.
func (w *watch) values(object string) {
	m := w.known(object)
	if m.Damaged > 0 {
		w.add(Problem{
			Kind: ProblemDamaged, Object: object, Count: m.Damaged,
			Text: fmt.Sprintf("%d values of %s hold characters that can't be; they were left out", m.Damaged, object),
			Next: "correct the records in the org",
		})
	}
	if n := m.Quarantined - m.Damaged; n > 0 {
		share := w.schedules.Unreadable
		if share == 0 {
			share = UnreadableShare
		}
		p := Problem{
			Kind: ProblemNumbers, Object: object, Count: n, Notice: float64(n) <= share*float64(m.Records),
			Text: fmt.Sprintf("%d numbers of %s can't be read", n, object), Next: "ringdex report numbers lists them",
		}
		if !p.Notice {
			p.Text += fmt.Sprintf(", of %d records", m.Records)
			p.Next += "; is dialling.country the country where the phones stand? Or raise guard.numbers_percent"
		}
		w.add(p)
	}
}

// phrase is what stands behind "every".
func (s Schedule) phrase() string {
	if s.daily {
		return "day"
	}
	return s.every.String()
}

func roughly(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
