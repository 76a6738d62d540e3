package store

import "time"

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
	Records     int        `json:"records"` // entries in the generation served; the store keeps it itself
	Duplicates  int        `json:"duplicates,omitempty"`
	Quarantined int        `json:"quarantined,omitempty"`
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
func (s *Store) BindOrg(org Org) error { return nil }

// Meta reads the store's description in one transaction. Objects are in order of their names.
func (s *Store) Meta() (Meta, error) { return Meta{}, nil }

// SetObject records the result of a run, a failed one too. Records is kept by the store itself and ignored here.
func (s *Store) SetObject(o ObjectMeta) error { return nil }
