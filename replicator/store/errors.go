package store

import (
	"errors"
	"fmt"
)

// Errors of Open, Verify and the readers. They are wrapped together with the file's path and what to do.
var (
	// ErrLocked: another process has the file open.
	ErrLocked = errors.New("store: file is in use by another process")
	// ErrForeign: the file isn't a ringdex store.
	ErrForeign = errors.New("store: not a ringdex store")
	// ErrCorrupt: the file is damaged.
	ErrCorrupt = errors.New("store: file is damaged")
	// ErrReadOnly: the store was opened with Options.ReadOnly.
	ErrReadOnly = errors.New("store: opened read-only")
	// ErrClosed: the store or the load was closed.
	ErrClosed = errors.New("store: closed")
	// ErrEmpty: there is no complete generation yet.
	ErrEmpty = errors.New("store: no complete generation yet")
)

// FormatError says that a file was written by another version of the format.
type FormatError struct {
	Path      string
	Got, Want int
}

func (e *FormatError) Error() string {
	if e.Got > e.Want {
		return fmt.Sprintf("store: %s has format %d, this ringdex reads %d: use the newer ringdex that wrote it, "+
			"or move the file away and replicate again", e.Path, e.Got, e.Want)
	}
	return fmt.Sprintf("store: %s has format %d, this ringdex reads %d: move the file away and replicate again: "+
		"everything in it comes from Salesforce", e.Path, e.Got, e.Want)
}

// OrgError says that a store belongs to another organization. Its data never mixes with another's.
type OrgError struct {
	Path      string
	Got, Want Org // the organization asked for, the one that the store is bound to
}

func (e *OrgError) Error() string {
	return fmt.Sprintf("store: %s belongs to organization %s (%s), not to %s (%s): choose another store file",
		e.Path, e.Want.ID, e.Want.Name, e.Got.ID, e.Got.Name)
}
