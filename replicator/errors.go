package replicator

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ringdex/replicator/store"
	"ringdex/soap"
)

var (
	// ErrBusy: another run is at work.
	ErrBusy error = &hintedError{"replicator: a run is already at work", "wait for its end; ringdex status shows how far it is"}
	// ErrCancelled: somebody cancelled the run.
	ErrCancelled = errors.New("replicator: cancelled; what was served is served on")
	// ErrNoHold: the object has no held change.
	ErrNoHold = errors.New("replicator: nothing is held")
	// ErrHeld: a held change is in the way.
	ErrHeld = errors.New("replicator: a change is held, approve or reject it first")
	// ErrCount: what came is not as much as the org counts.
	ErrCount = errors.New("replicator: records are missing")
	// ErrBudget: the org's API calls are used up to the share that is ours to use.
	ErrBudget = errors.New("replicator: put off, the org's API calls are nearly used up")
)

// interrupted says whether a run ended because somebody wanted it to, or because the process stops.
func interrupted(err error) bool {
	return errors.Is(err, ErrCancelled) || errors.Is(err, context.Canceled)
}

// hintedError is an error with the next step.
type hintedError struct{ text, hint string }

func (e *hintedError) Error() string { return e.text }

// Hint says what to do.
func (e *hintedError) Hint() string { return e.hint }

// Why a run failed, as far as everything depends on it.
const (
	causeCredentials  = "credentials"
	causeOrganization = "organization"
	causeBudget       = "budget"
)

// cause of a run's error, "" for others.
func cause(err error) string {
	var org *store.OrgError
	switch {
	case errors.Is(err, soap.ErrCredentials):
		return causeCredentials
	case errors.As(err, &org):
		return causeOrganization
	case errors.Is(err, ErrBudget), errors.Is(err, soap.ErrLimit), errors.Is(err, soap.ErrLogins):
		return causeBudget
	}
	return ""
}

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
