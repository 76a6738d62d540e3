package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	berrors "go.etcd.io/bbolt/errors"
)

// explain adds the path of a store's file, and what to do, to an error of the file.
func explain(path string, err error) error {
	var format *FormatError
	var done *fileError
	if err != nil {
		err = withCause(err)
	}
	switch {
	case err == nil, errors.As(err, &format), errors.As(err, &done):
		return err
	case errors.Is(err, berrors.ErrTimeout):
		return &fileError{path, "stop it, or use its control socket", ErrLocked}
	case errors.Is(err, ErrForeign):
		return &fileError{path, "choose another path for the store", err}
	case errors.Is(err, ErrCorrupt):
		return &fileError{path, "move it away and replicate again, or restore a backup", err}
	case errors.Is(err, os.ErrNotExist):
		return &fileError{path, "create the directory, or correct the path", fmt.Errorf("store: %w", err)}
	case errors.Is(err, os.ErrPermission), errors.Is(err, errReadOnlyFS):
		return &fileError{path, "the store must be writable for the user that ringdex runs as", fmt.Errorf("store: %w", err)}
	case errors.Is(err, errNoSpace), errors.Is(err, errOverQuota), errors.Is(err, berrors.ErrMaxSizeReached):
		return &fileError{path, "make room; what was stored before is served on", fmt.Errorf("store: %w", err)}
	case errors.Is(err, errTooLarge):
		return &fileError{path, "allow larger files (ulimit -f, file system); what was stored before is served on", fmt.Errorf("store: %w", err)}
	}
	return err
}

// fileError is an error of a store file with a hint.
type fileError struct {
	path, hint string
	err        error
}

func (e *fileError) Error() string { return fmt.Sprintf("%v: %s: %s", e.err, e.path, e.hint) }
func (e *fileError) Unwrap() error { return e.err }

// Hint says what to do.
func (e *fileError) Hint() string { return e.hint }

// withCause gives an error its cause back where bbolt kept the cause's text only, as it does where a file can't grow.
func withCause(err error) error {
	for _, cause := range [...]syscall.Errno{errNoSpace, errOverQuota, errTooLarge, errReadOnlyFS} {
		if !errors.Is(err, cause) && strings.HasSuffix(err.Error(), ": "+cause.Error()) {
			return &causedError{err, cause}
		}
	}
	return err
}

// causedError is an error with the cause that its text names.
type causedError struct {
	error
	cause error
}

func (e *causedError) Unwrap() []error { return []error{e.error, e.cause} }
