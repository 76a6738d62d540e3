package store

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	bolt "go.etcd.io/bbolt"

	"ringdex/schema/name"
)

// Names of the buckets. FORMAT.md has their keys and values.
var (
	bucketMeta    = []byte("ringdex")
	bucketObjects = []byte("objects")
	bucketBlobs   = []byte("blobs")
	bucketChanges = []byte("changes")
	bucketGraves  = []byte("graves")

	// inside the bucket of a generation
	bucketIDs        = []byte("id")
	bucketEntries    = []byte("entry")
	bucketIndex      = []byte("index")
	bucketAttributes = []byte("attribute")
	bucketCounts     = []byte("count")
	bucketProblems   = []byte("problem")
	bucketOrders     = []byte("order")  // missing in files of versions without it
	bucketPeople     = []byte("name")   // ditto
	bucketInside     = []byte("inside") // ditto

	keyFormat     = []byte("format")
	keyOrg        = []byte("org")
	keyGeneration = []byte("generation")
	keyTree       = []byte("tree") // number of the bucket with the generation
	keySequence   = []byte("sequence")
	// in the counts bucket
	keyProblems  = []byte("problems")  // all that were reported
	keyNames     = []byte("names")     // name.Version of the words
	keyCollation = []byte("collation") // name.Collation of the ordinals
)

const generationPrefix = "generation-"

func treeBucket(n uint64) []byte { return fmt.Appendf(nil, generationPrefix+"%016x", n) }

func readUint64(b *bolt.Bucket, key []byte) uint64 {
	if v := b.Get(key); len(v) == 8 {
		return binary.BigEndian.Uint64(v)
	}
	return 0
}

func putUint64(b *bolt.Bucket, key []byte, n uint64) error {
	return b.Put(key, binary.BigEndian.AppendUint64(nil, n))
}

// tree is an open generation.
type tree struct {
	root, ids, entries, index, attributes, counts, problems *bolt.Bucket
	orders, people, inside                                  *bolt.Bucket // nil: none that can be relied on
}

// openTree opens the generation that is served; ok is false if there is none yet.
func openTree(tx *bolt.Tx) (g Generation, t tree, ok bool, err error) {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		return 0, tree{}, false, fmt.Errorf("%w: no meta data", ErrCorrupt)
	}
	g = Generation(readUint64(meta, keyGeneration))
	if g == 0 {
		return 0, tree{}, false, nil
	}
	t, err = openNumbered(tx, readUint64(meta, keyTree))
	return g, t, err == nil, err
}

// trees lists the numbers of the generations' buckets in the file.
func trees(tx *bolt.Tx) []uint64 {
	var list []uint64
	c := tx.Cursor()
	for k, _ := c.Seek([]byte(generationPrefix)); strings.HasPrefix(string(k), generationPrefix); k, _ = c.Next() {
		if n, err := strconv.ParseUint(string(k[len(generationPrefix):]), 16, 64); err == nil {
			list = append(list, n)
		}
	}
	return list
}

func openNumbered(tx *bolt.Tx, n uint64) (tree, error) {
	root := tx.Bucket(treeBucket(n))
	if root == nil {
		return tree{}, fmt.Errorf("%w: bucket %s is missing", ErrCorrupt, treeBucket(n))
	}
	t := tree{
		root: root, ids: root.Bucket(bucketIDs), entries: root.Bucket(bucketEntries), index: root.Bucket(bucketIndex),
		attributes: root.Bucket(bucketAttributes), counts: root.Bucket(bucketCounts),
		problems: root.Bucket(bucketProblems),
	}
	if t.ids == nil || t.entries == nil || t.index == nil || t.attributes == nil || t.counts == nil || t.problems == nil {
		return tree{}, fmt.Errorf("%w: bucket %s is incomplete", ErrCorrupt, treeBucket(n))
	}
	t.orders, t.people = trusted(tx, root.Bucket(bucketOrders)), trusted(tx, root.Bucket(bucketPeople))
	if t.people != nil { // they lead to its lists
		t.inside = trusted(tx, root.Bucket(bucketInside))
	}
	return t, nil
}

// createTree makes the buckets of a new generation.
func createTree(tx *bolt.Tx, n uint64) error {
	root, err := tx.CreateBucket(treeBucket(n))
	if err != nil {
		return err
	}
	for _, name := range [][]byte{bucketIDs, bucketEntries, bucketIndex, bucketAttributes, bucketCounts, bucketProblems, bucketOrders, bucketPeople, bucketInside} {
		if _, err := root.CreateBucket(name); err != nil {
			return err
		}
	}
	return nil
}

// names is the version of the words in the generation's index. Generations of before versions were counted have the first.
func (t *tree) names() int { return max(1, int(readUint64(t.counts, keyNames))) }

// collation is the order of the generation's ordinals.
func (t *tree) collation() name.Collation { return name.Collation(readUint64(t.counts, keyCollation)) }
