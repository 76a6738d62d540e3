package store

import (
	"bytes"

	bolt "go.etcd.io/bbolt"
)

// PutBlob stores an opaque value under a name in a named bucket (holds, runs); nil removes it.
func (s *Store) PutBlob(bucket, key string, value []byte) error {
	return s.write(func(tx *bolt.Tx) error {
		b, err := tx.Bucket(bucketBlobs).CreateBucketIfNotExists([]byte(bucket))
		if err != nil {
			return err
		}
		if value == nil {
			return b.Delete([]byte(key))
		}
		return b.Put([]byte(key), value)
	})
}

// Blob returns a copy of a value, nil where there is none.
func (s *Store) Blob(bucket, key string) ([]byte, error) {
	var value []byte
	err := s.view(func(tx *bolt.Tx) error {
		if b := tx.Bucket(bucketBlobs).Bucket([]byte(bucket)); b != nil {
			value = bytes.Clone(b.Get([]byte(key)))
		}
		return nil
	})
	return value, err
}

// EachBlob calls f for every value of a bucket in key order until it returns false. The value is a copy. The calls come
// after the transaction, so that f may use the store.
func (s *Store) EachBlob(bucket string, f func(key string, value []byte) bool) error {
	type blob struct {
		key   string
		value []byte
	}
	var blobs []blob
	err := s.view(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucketBlobs).Bucket([]byte(bucket))
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			blobs = append(blobs, blob{string(k), bytes.Clone(v)})
			return nil
		})
	})
	for _, b := range blobs {
		if !f(b.key, b.value) {
			break
		}
	}
	return err
}
