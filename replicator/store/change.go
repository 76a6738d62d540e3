package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// ChangeKind says what happened to an entry.
type ChangeKind uint8

// The kinds of changes.
const (
	Added ChangeKind = iota + 1
	Changed
	Deleted
	Replaced // a new generation with more changes than the log takes, or a restored one: read everything again
)

// Change is an entry of the change log.
type Change struct {
	Sequence   uint64
	Kind       ChangeKind
	Object, ID string // empty for Replaced
}

// logChanges gives changes their sequences and drops the oldest ones, with the graves that they filled.
func (s *Store) logChanges(tx *bolt.Tx, list []Change) error {
	if len(list) == 0 {
		return nil
	}
	meta, log := tx.Bucket(bucketMeta), tx.Bucket(bucketChanges)
	log.FillPercent = 1
	sequence := readUint64(meta, keySequence)
	for _, c := range list {
		sequence++
		value := append([]byte{byte(c.Kind)}, c.ID...)
		if err := log.Put(binary.BigEndian.AppendUint64(nil, sequence), append(value, c.Object...)); err != nil {
			return err
		}
	}
	if err := putUint64(meta, keySequence, sequence); err != nil {
		return err
	}
	keep := uint64(s.options.ChangeLog)
	var old [][]byte
	c := log.Cursor()
	for k, v := c.First(); len(k) == 8 && binary.BigEndian.Uint64(k)+keep <= sequence; k, v = c.Next() {
		old = append(old, k)
		change, err := readChange(k, v)
		if err != nil {
			return err
		}
		if change.Kind != Deleted {
			continue
		}
		grave := tx.Bucket(bucketGraves).Get([]byte(change.ID))
		if len(grave) == 16 && binary.BigEndian.Uint64(grave[8:]) == change.Sequence {
			if err := tx.Bucket(bucketGraves).Delete([]byte(change.ID)); err != nil {
				return err
			}
		}
	}
	var err error
	for _, k := range old {
		err = errors.Join(err, log.Delete(k))
	}
	return err
}

func readChange(k, v []byte) (Change, error) {
	if len(k) != 8 || len(v) < 1 || len(v) > 1 && len(v) < 1+idLength {
		return Change{}, fmt.Errorf("%w: change log", ErrCorrupt)
	}
	c := Change{Sequence: binary.BigEndian.Uint64(k), Kind: ChangeKind(v[0])}
	if len(v) > 1 {
		c.ID, c.Object = string(v[1:1+idLength]), string(v[1+idLength:])
	}
	return c, nil
}

// graveStamp is the stamp of a deleted entry: what isn't newer stays deleted.
func graveStamp(v []byte) int64 {
	if len(v) != 16 {
		return -1 << 63
	}
	return int64(binary.BigEndian.Uint64(v))
}

func dig(tx *bolt.Tx, id string, micros int64, sequence uint64) error {
	v := binary.BigEndian.AppendUint64(nil, uint64(micros))
	return tx.Bucket(bucketGraves).Put([]byte(id), binary.BigEndian.AppendUint64(v, sequence))
}

// changesAtOnce is how many changes one transaction reads: f may be slow.
const changesAtOnce = 1000

// Changes calls f for the logged changes after a sequence, in order, until it returns false. It returns false if the
// log doesn't reach back that far, or if the sequence lies ahead of the store's: then everything has to be read again.
// The calls come outside of transactions.
func (s *Store) Changes(after uint64, f func(Change) bool) (whole bool, err error) {
	for {
		var list []Change
		var last uint64
		err := s.view(func(tx *bolt.Tx) error {
			last = readUint64(tx.Bucket(bucketMeta), keySequence)
			c := tx.Bucket(bucketChanges).Cursor()
			for k, v := c.Seek(binary.BigEndian.AppendUint64(nil, after+1)); k != nil && len(list) < changesAtOnce; k, v = c.Next() {
				change, err := readChange(k, v)
				if err != nil {
					return err
				}
				list = append(list, change)
			}
			return nil
		})
		if err != nil {
			return false, err
		}
		if after > last || after < last && (len(list) == 0 || list[0].Sequence != after+1) {
			return false, nil
		}
		for _, c := range list {
			if !f(c) {
				return true, nil
			}
			after = c.Sequence
		}
		if len(list) == 0 {
			return true, nil
		}
	}
}
