package replicator

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrBusy: another run is at work.
	ErrBusy = errors.New("replicator: a run is already at work")
	// ErrNoHold: the object has no held change.
	ErrNoHold = errors.New("replicator: nothing is held")
	// ErrHeld: a held change is in the way.
	ErrHeld = errors.New("replicator: a change is held, approve or reject it first")
	// ErrCount: what came is not as much as the org counts.
	ErrCount = errors.New("replicator: records are missing")
	// ErrBudget: the org's API calls are used up to the share that is ours to use.
	ErrBudget = errors.New("replicator: put off, the org's API calls are nearly used up")
)

// FieldError is a mapped field that can't be replicated.
type FieldError struct {
	Object, Field string
	Nearest       string   // the field that comes closest, "" none
	Components    []string // of a compound field: map these instead
	Reason        string   // "" if the field doesn't exist
}

func (e *FieldError) Error() string {
	s := fmt.Sprintf("replicator: %s has no field %s that this user may see", e.Object, e.Field)
	switch {
	case len(e.Components) > 0:
		return fmt.Sprintf("replicator: %s.%s is a compound field: map its parts instead: %s", e.Object, e.Field, strings.Join(e.Components, ", "))
	case e.Reason != "":
		s = fmt.Sprintf("replicator: %s.%s %s", e.Object, e.Field, e.Reason)
	}
	if e.Nearest != "" {
		s += fmt.Sprintf("; the nearest is %s", e.Nearest)
	}
	return s
}

// ObjectError is a mapped object that can't be replicated.
type ObjectError struct{ Object, Nearest, Reason string }

func (e *ObjectError) Error() string {
	s := fmt.Sprintf("replicator: object %s %s", e.Object, e.Reason)
	if e.Nearest != "" {
		s += fmt.Sprintf("; the nearest is %s", e.Nearest)
	}
	return s
}
