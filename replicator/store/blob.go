package store

// PutBlob stores an opaque value under a name in a named bucket (holds, runs); nil removes it.
func (s *Store) PutBlob(bucket, key string, value []byte) error { return nil }

// Blob returns a copy of a value, nil where there is none.
func (s *Store) Blob(bucket, key string) ([]byte, error) { return nil, nil }

// EachBlob calls f for every value of a bucket in key order until it returns false. The value is a copy.
func (s *Store) EachBlob(bucket string, f func(key string, value []byte) bool) error { return nil }
