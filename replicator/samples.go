package replicator

import (
	"fmt"
	"slices"
	"strings"

	"ringdex/replicator/store"
	"ringdex/schema"
)

// maxSamples is how many records of each kind of change are shown.
const maxSamples = 10

// samples shows some of what a run would change, one line a record.
type samples struct{ added, changed, deleted, problems []string }

// compare takes an entry that came. served is the state that it is compared with.
func (s *samples) compare(served *store.Reader, e *schema.Entry, ordinal uint32, exists bool) {
	switch {
	case !exists && len(s.added) < maxSamples:
		s.added = append(s.added, "add "+entryLine(e))
	case exists && len(s.changed) < maxSamples:
		view, ok := served.View(ordinal)
		if !ok {
			return
		}
		old := view.Entry()
		if d := differences(&old, e); d != "" {
			s.changed = append(s.changed, "change "+entryLine(e)+": "+d)
		}
	}
}

// missing takes the served entries of an object that did not come. seen are the ordinals of those that did.
func (s *samples) missing(served *store.Reader, object string, seen []uint32) {
	slices.Sort(seen)
	for ordinal, ok := served.Next(0); ok && len(s.deleted) < maxSamples; ordinal, ok = served.Next(ordinal + 1) {
		view, found := served.View(ordinal)
		if !found || view.Object() != object {
			continue
		}
		if _, came := slices.BinarySearch(seen, ordinal); came {
			continue
		}
		e := view.Entry()
		s.remove(&e)
	}
}

func (s *samples) remove(e *schema.Entry) {
	if len(s.deleted) < maxSamples {
		s.deleted = append(s.deleted, "delete "+entryLine(e))
	}
}

// doubts takes numbers that cannot be read as they should.
func (s *samples) doubts(problems []store.NumberProblem) {
	for _, p := range problems[:min(len(problems), maxSamples-len(s.problems))] {
		s.problems = append(s.problems, fmt.Sprintf("problem %s %s: %s %q: %s", p.Object, p.ID, p.Attribute, p.Value, p.Reason))
	}
}

func (s *samples) lines() []string { return slices.Concat(s.deleted, s.changed, s.added, s.problems) }

func entryLine(e *schema.Entry) string {
	name := e.First("displayName")
	if name == "" {
		name = e.First("cn")
	}
	return fmt.Sprintf("%s %s %q", e.Object, e.ID, name)
}

// differences lists the attributes in which two entries differ, "" if there are none.
func differences(old, e *schema.Entry) string {
	var parts []string
	for _, a := range e.Attributes {
		if before := old.Values(a.Name); !sameValues(before, a.Values) {
			parts = append(parts, fmt.Sprintf("%s %s → %s", a.Name, texts(before), texts(a.Values)))
		}
	}
	for _, a := range old.Attributes {
		if len(e.Values(a.Name)) == 0 {
			parts = append(parts, fmt.Sprintf("%s %s → nothing", a.Name, texts(a.Values)))
		}
	}
	return strings.Join(parts, ", ")
}

func sameValues(a, b []schema.Value) bool {
	return slices.EqualFunc(a, b, func(x, y schema.Value) bool {
		return x.Text == y.Text && x.Original == y.Original && slices.Equal(x.Keys, y.Keys)
	})
}

func texts(values []schema.Value) string {
	if len(values) == 0 {
		return "nothing"
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = fmt.Sprintf("%q", v.Text)
	}
	return strings.Join(quoted, " ")
}
