package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// maxProblems bounds the number problems that are stored: more are only counted.
const maxProblems = 10_000

// NumberProblem is a number that could not be normalised, or that many share.
type NumberProblem struct {
	Object    string `json:"object"`
	ID        string `json:"id"` // 18 characters
	Attribute string `json:"attribute"`
	Value     string `json:"value"`
	Reason    string `json:"reason"`
}

// putProblems stores problems under their Ids. Those that an Id had before, from another call, go. keyProblems of the
// counting bucket counts them all, stored or not.
func putProblems(b, count *bolt.Bucket, list []NumberProblem) error {
	total := readUint64(count, keyProblems)
	stored := total
	if stored > maxProblems {
		stored = maxProblems
	}
	cleared := map[string]bool{}
	next := map[string]uint16{}
	for _, p := range list {
		if err := checkID(p.ID); err != nil {
			return err
		}
		if !cleared[p.ID] {
			cleared[p.ID] = true
			n, err := dropProblems(b, p.ID)
			if err != nil {
				return err
			}
			total -= min(total, n)
			stored -= min(stored, n)
		}
		total++
		if stored >= maxProblems {
			continue
		}
		stored++
		text, err := json.Marshal(p)
		if err != nil {
			return err
		}
		if err := b.Put(binary.BigEndian.AppendUint16([]byte(p.ID), next[p.ID]), text); err != nil {
			return err
		}
		next[p.ID]++
	}
	return putUint64(count, keyProblems, total)
}

// dropProblems removes the problems of an Id and says how many they were.
func dropProblems(b *bolt.Bucket, id string) (uint64, error) {
	var keys [][]byte
	c := b.Cursor()
	for k, _ := c.Seek([]byte(id)); hasPrefix(k, []byte(id)); k, _ = c.Next() {
		keys = append(keys, k)
	}
	var err error
	for _, k := range keys {
		err = errors.Join(err, b.Delete(k))
	}
	return uint64(len(keys)), err
}

// NumberProblems calls f for every stored problem, in order of the Ids, until it returns false.
func (r *Reader) NumberProblems(f func(NumberProblem) bool) (err error) {
	defer guard(&err)
	r.sn.mu.Lock()
	c := r.sn.tree.problems.Cursor()
	r.sn.mu.Unlock()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		var p NumberProblem
		if err := json.Unmarshal(v, &p); err != nil {
			return fmt.Errorf("%w: number problem of %s: %w", ErrCorrupt, k, err)
		}
		if !f(p) {
			return nil
		}
	}
	return nil
}

// NumberProblemCount returns how many problems were reported: where there are too many, more than are stored.
func (r *Reader) NumberProblemCount() int { return r.sn.problems }
