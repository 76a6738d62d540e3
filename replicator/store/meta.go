package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Format is the version of the file format that this package reads and writes. FORMAT.md says what belongs to it.
const Format = 1

// Generation numbers the full loads of a store, from 1. It rises with every load and with a restore.
type Generation uint64

// Org is the Salesforce organization that a store is bound to.
type Org struct {
	ID   string `json:"id"` // organizationId, 18 characters
	URL  string `json:"url"`
	Name string `json:"name"`
}

// Checkpoint is a position in an object's records, ordered by stamp and Id. It moves only in the transaction that stores
// the rows it covers.
type Checkpoint struct {
	Stamp time.Time `json:"stamp"`
	ID    string    `json:"id,omitempty"`
	Done  bool      `json:"done,omitempty"` // the load of the object is complete
	T0    time.Time `json:"t0"`             // server time before the load began
	Rows  int       `json:"rows,omitempty"`
	// Parts holds the positions of a load in several partitions, as the loader likes.
	Parts []byte `json:"parts,omitempty"`
}

// ObjectMeta is what is known of one object's replication.
type ObjectMeta struct {
	Name        string     `json:"name"`
	Records     int        `json:"-"` // entries in the generation served; the store counts them itself
	Duplicates  int        `json:"duplicates,omitempty"`
	Quarantined int        `json:"quarantined,omitempty"` // numbers and values that could not be read as they should
	Damaged     int        `json:"damaged,omitempty"`     // of these, values with characters that can't be
	LastSuccess time.Time  `json:"last_success"`
	LastResult  string     `json:"last_result,omitempty"`
	Checkpoint  Checkpoint `json:"checkpoint"`
	Fields      []string   `json:"fields,omitempty"`
	Fingerprint string     `json:"fingerprint,omitempty"`
}

// Meta describes a store.
type Meta struct {
	Format     int
	Org        Org // zero before BindOrg
	Generation Generation
	Complete   bool   // there is a generation to serve
	Sequence   uint64 // of the last committed change
	Objects    []ObjectMeta
}

// BindOrg binds a new store to an organization. A bound one keeps its organization: another Id is an *OrgError, a new
// URL or name replaces the old one.
func (s *Store) BindOrg(org Org) error {
	if org.ID == "" {
		return errors.New("store: an organization without an Id")
	}
	return s.update(func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		var have Org
		if v := meta.Get(keyOrg); v != nil {
			if err := json.Unmarshal(v, &have); err != nil {
				return fmt.Errorf("%w: organization: %w", ErrCorrupt, err)
			}
			if have.ID != org.ID {
				return &OrgError{Path: s.path, Got: org, Want: have}
			}
			if have == org {
				return nil
			}
		}
		text, err := json.Marshal(org)
		if err != nil {
			return err
		}
		return meta.Put(keyOrg, text)
	})
}

// Meta reads the store's description in one transaction. Objects are in order of their names.
func (s *Store) Meta() (Meta, error) {
	var m Meta
	err := s.view(func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		m = Meta{Format: Format, Sequence: readUint64(meta, keySequence)}
		if v := meta.Get(keyOrg); v != nil {
			if err := json.Unmarshal(v, &m.Org); err != nil {
				return fmt.Errorf("%w: organization: %w", ErrCorrupt, err)
			}
		}
		counts := map[string]int{}
		g, t, ok, err := openTree(tx)
		if err != nil {
			return err
		}
		if m.Generation, m.Complete = g, ok; ok {
			if counts, _, err = readCounts(t.counts); err != nil {
				return err
			}
		}
		return tx.Bucket(bucketObjects).ForEach(func(k, _ []byte) error {
			o, err := readObject(tx, string(k))
			o.Records = counts[o.Name]
			m.Objects = append(m.Objects, o)
			return err
		})
	})
	return m, err
}

// SetObject records the result of a run, a failed one too. Records and Checkpoint are kept by loads and deltas and
// ignored here, so that a result never moves what it didn't store.
func (s *Store) SetObject(o ObjectMeta) error {
	if o.Name == "" || len(o.Name) > maxObjectName {
		return fmt.Errorf("store: object name %q", o.Name)
	}
	return s.update(func(tx *bolt.Tx) error {
		have, err := readObject(tx, o.Name)
		if err != nil {
			return err
		}
		o.Checkpoint = have.Checkpoint
		return writeObject(tx, o)
	})
}

// readObject returns what is stored of an object, only its name if nothing is.
func readObject(tx *bolt.Tx, object string) (ObjectMeta, error) {
	o := ObjectMeta{Name: object}
	v := tx.Bucket(bucketObjects).Get([]byte(object))
	if v == nil {
		return o, nil
	}
	if err := json.Unmarshal(v, &o); err != nil {
		return o, fmt.Errorf("%w: meta data of %s: %w", ErrCorrupt, object, err)
	}
	o.Name = object
	return o, nil
}

func writeObject(tx *bolt.Tx, o ObjectMeta) error {
	o.Records = 0
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return tx.Bucket(bucketObjects).Put([]byte(o.Name), text)
}

// RaiseGeneration gives the generation served a higher number without changing it, as a restored backup needs: who saw a
// later one must not believe that nothing has changed since.
func (s *Store) RaiseGeneration(above Generation) (Generation, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	var g Generation
	err := s.update(func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		have := Generation(readUint64(meta, keyGeneration))
		if have == 0 {
			return ErrEmpty
		}
		g = max(have, above) + 1
		if err := putUint64(meta, keyGeneration, uint64(g)); err != nil {
			return err
		}
		_, t, _, err := openTree(tx)
		if err != nil {
			return err
		}
		if err := s.logChanges(tx, []Change{{Kind: Replaced}}); err != nil {
			return err
		}
		return follow(tx, t.orders, t.people, t.inside)
	})
	return g, err
}
