package soap

import (
	"errors"
	"strings"
)

// stepKind says what a step of a record's layout is.
type stepKind uint8

const (
	leaf     stepKind = iota // an element with a value, or nil
	nested                   // the start tag of an element with elements
	closed                   // its end tag
	finished                 // the end tag of the record
)

// role says what becomes of a leaf's value.
type role uint8

const (
	fieldRole  role = iota
	typeRole        // the record's own leading type
	idRole          // the record's own Id, leading or selected
	skipRole        // the leading type of a parent
	repeatRole      // a parent's Id, again
)

// step is a node of the tree of layouts that a cursor has seen. The records of a
// query look alike: the same tags, byte for byte, in SELECT order, each field with
// a value or nil, and now and then a parent that is missing. So every step
// remembers its tags as they were first written and which step came next last
// time, and the next record is read by comparing bytes with what is expected.
type step struct {
	kind  stepKind
	role  role
	depth int
	name  string // local
	path  string // of a leaf or nested element: "Account.Name"
	slot  int    // of a leaf's value among the record's values
	slots int    // values up to and with this step

	open  []byte // start tag as written; of closed and finished the end tag
	close []byte // end tag that belongs to open
	null  []byte // the element written as nil
	void  []byte // the element written as <name/>, which is an empty value

	typeName string // last value of a typeRole

	prev  *step
	scope *step // innermost open nested step, nil for the record itself
	next  []*step
	last  *step // of next, the one that came last

	layout *layout // of a finished step
}

// layoutTree is owned by one cursor.
type layoutTree struct {
	root  *step
	steps int
}

var errLayouts = errors.New("has too many different kinds of records")

func newLayoutTree() *layoutTree { return &layoutTree{root: &step{}} }

// inner is the scope of what follows s.
func (s *step) inner() *step {
	switch s.kind {
	case nested:
		return s
	case closed:
		return s.scope.scope
	}
	return s.scope
}

// follow returns the step of that kind and name after s, making it where it is
// new.
func (t *layoutTree) follow(s *step, kind stepKind, name []byte) (*step, error) {
	for _, n := range s.next {
		if n.kind == kind && n.name == string(name) {
			s.last = n
			return n, nil
		}
	}
	if t.steps >= maxLayouts {
		return nil, errLayouts
	}
	t.steps++
	scope := s.inner()
	n := &step{kind: kind, name: string(name), prev: s, scope: scope, slot: -1, slots: s.slots}
	if scope != nil {
		n.depth = scope.depth
	}
	switch kind {
	case nested:
		n.depth++
		n.path = childPath(scope, n.name)
	case leaf:
		n.path = childPath(scope, n.name)
		n.classify()
	case finished:
		n.layout = newLayout(n)
	}
	s.next = append(s.next, n)
	s.last = n
	return n, nil
}

func childPath(scope *step, name string) string {
	if scope == nil {
		return name
	}
	return scope.path + "." + name
}

// classify sets role and slot of a new leaf.
func (s *step) classify() {
	switch {
	case s.scope == nil && s.name == "type" && s.prev.prev == nil:
		s.role = typeRole
		return
	case s.scope == nil && s.name == "Id":
		s.role = idRole
		return
	case s.scope != nil && s.name == "type" && s.prev == s.scope:
		s.role = skipRole
		return
	case s.scope != nil && s.name == "Id":
		for p := s.prev; p != s.scope; p = p.prev {
			if p.kind == leaf && p.path == s.path && p.role == fieldRole {
				s.role = repeatRole
				s.slot = p.slot
				return
			}
		}
	}
	s.role = fieldRole
	s.slot = s.slots
	s.slots++
}

// layout is the list of a record's fields. It is immutable.
type layout struct {
	paths []string
	slots map[string]int
}

func newLayout(end *step) *layout {
	l := &layout{paths: make([]string, end.slots), slots: make(map[string]int, end.slots)}
	for s := end; s.prev != nil; s = s.prev {
		if s.kind == leaf && s.role == fieldRole {
			l.paths[s.slot] = s.path
			l.slots[s.path] = s.slot
		}
	}
	return l
}

// slot finds a field. Salesforce's names do not depend on letter case.
func (l *layout) slot(path string) (int, bool) {
	if i, ok := l.slots[path]; ok {
		return i, true
	}
	for i, p := range l.paths {
		if len(p) == len(path) && strings.EqualFold(p, path) {
			return i, true
		}
	}
	return 0, false
}
