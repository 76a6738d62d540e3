package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// What replaces a store file is made beside it under another name, checked there, and renamed: under the store's name
// there is always a whole file. Nobody may have the store open meanwhile.

const (
	replacementSuffix = ".replacement"
	// KeptSuffix is behind the name of a store file that a restore replaced.
	KeptSuffix = ".before-restore"
	// compactTx is how many bytes a transaction of a compaction copies.
	compactTx = 4 << 20
)

// Restore puts a backup in the place of the store at path and returns its generation. The backup is checked whole first
// and stays as it is. A store that lies at path is kept with KeptSuffix, and the new generation is higher than its: who
// follows the store must not believe that nothing has changed. A backup of another organization than the store's is an
// *OrgError.
func Restore(ctx context.Context, backup, path string, o Options) (g Generation, err error) {
	readOnly := o
	readOnly.ReadOnly = true
	from, err := Open(backup, readOnly)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	meta, err := from.sound(ctx)
	if err != nil {
		return 0, err
	}
	above := meta.Generation
	switch have, err := Open(path, readOnly); {
	case errors.Is(err, os.ErrNotExist):
	case errors.Is(err, ErrLocked):
		return 0, err
	case err != nil: // damaged, or of another format: it is kept
		if o.Log != nil {
			o.Log.WithError(err).Warn("the store that is replaced can't be read")
		}
	default:
		old, err := have.Meta()
		if err := errors.Join(err, have.Close()); err != nil {
			return 0, err
		}
		if old.Org.ID != "" && old.Org.ID != meta.Org.ID {
			return 0, &OrgError{Path: path, Got: meta.Org, Want: old.Org}
		}
		above = max(above, old.Generation)
	}
	fresh := path + replacementSuffix
	if err := copyFile(ctx, backup, fresh); err != nil {
		return 0, errors.Join(explain(fresh, err), removeIfThere(fresh))
	}
	to, err := Open(fresh, o)
	if err != nil {
		return 0, errors.Join(err, removeIfThere(fresh))
	}
	g, err = to.RaiseGeneration(above)
	if err := errors.Join(err, to.Close()); err != nil {
		return 0, errors.Join(err, removeIfThere(fresh))
	}
	if err := os.Rename(path, path+KeptSuffix); err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, errors.Join(err, removeIfThere(fresh))
	}
	// The staging file of a load belongs to the store that was replaced.
	return g, errors.Join(os.Rename(fresh, path), removeIfThere(path+stagingSuffix), syncFolder(path))
}

// sound verifies the store and returns its description.
func (s *Store) sound(ctx context.Context) (Meta, error) {
	meta, err := s.Meta()
	if err != nil {
		return meta, err
	}
	if !meta.Complete {
		return meta, s.wrap(ErrEmpty)
	}
	first := ""
	result, err := s.Verify(ctx, func(p Problem) {
		if first == "" {
			first = p.Text
		}
	})
	if err == nil && result.Problems > 0 {
		err = s.wrap(fmt.Errorf("%w: %s", ErrCorrupt, first))
	}
	return meta, err
}

// Compact writes the store at path anew without free pages, which may hold what was deleted, and returns its sizes before
// and after in bytes.
func Compact(ctx context.Context, path string, o Options) (before, after int64, err error) {
	o.ReadOnly = true
	s, err := Open(path, o)
	if err != nil {
		return 0, 0, err
	}
	fresh := path + replacementSuffix
	before, err = s.Size()
	if err := errors.Join(err, removeIfThere(fresh)); err != nil {
		return 0, 0, errors.Join(err, s.Close())
	}
	err = safely(func() error {
		to, err := bolt.Open(fresh, 0o600, &bolt.Options{Timeout: s.options.Timeout, FreelistType: bolt.FreelistMapType, NoSync: true})
		if err != nil {
			return err
		}
		return errors.Join(bolt.Compact(to, s.db, compactTx), to.Sync(), to.Close())
	})
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = sameStores(ctx, s, fresh, o)
	}
	if err := errors.Join(err, s.Close()); err != nil { // some systems rename no open file
		return before, 0, errors.Join(explain(fresh, err), removeIfThere(fresh))
	}
	info, err := os.Stat(fresh)
	if err != nil {
		return before, 0, err
	}
	return before, info.Size(), errors.Join(os.Rename(fresh, path), syncFolder(path))
}

// sameStores checks the copy and compares it with the store.
func sameStores(ctx context.Context, s *Store, path string, o Options) error {
	c, err := Open(path, o)
	if err != nil {
		return err
	}
	had, err1 := s.Verify(ctx, func(Problem) {})
	has, err2 := c.Verify(ctx, func(Problem) {})
	err = errors.Join(err1, err2, c.Close())
	if err == nil && (had.Entries != has.Entries || had.Terms != has.Terms || has.Problems > 0) {
		err = fmt.Errorf("%w: the compacted copy has %d entries, %d terms and %d problems, not %d, %d and 0",
			ErrCorrupt, has.Entries, has.Terms, has.Problems, had.Entries, had.Terms)
	}
	return err
}

// copyFile writes a copy and makes it last.
func copyFile(ctx context.Context, from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(&contextWriter{ctx, out}, in)
	return errors.Join(err, out.Sync(), out.Close())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder makes a rename last. Not every system can.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil
	}
	_ = folder.Sync()
	return folder.Close()
}
