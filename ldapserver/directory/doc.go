// Package directory answers LDAP requests from the store: it is the backend of package ldapserver.
//
// A search is compiled (numbers become candidate keys once, names become patterns once), planned (an index proposes
// entries), and decided (each proposed entry is held against the whole filter by the three-valued rules of RFC 4511,
// 4.5.1.7, with number- and name-aware matching). What the plan proposes is always a superset of what the filter
// matches; a property test holds the planned search against a full scan.
//
//   - A request is answered from one snapshot of the store, and never does network I/O while it holds one: long answers
//     are cut into pieces, each from a snapshot of its own, continued at the next place in list order.
//   - Lists come in list order (the collation of the display name). Hits of a number come best first; see rank.go.
//   - An attribute that nobody knows is Undefined, never an error (RFC 4511, 4.5.1.7). A number that nobody has is
//     success without entries.
//   - Candidates that a number filter is compared with come from schema/phone, under the dialling location.
//   - No password, number or name is logged.
//
// It leaves out sockets, TLS, message limits (package ldapserver) and writes: the store's only writer is replication.
//
// Files: directory.go the backend, session.go one connection's state, bind.go, password.go and access.go who may read;
// tree.go what lies where, id.go the Ids in its names; search.go the search; compile.go, digits.go and evaluate.go the
// filter; plan.go the indexes; rank.go the order of hits, local.go
// whose extensions and local numbers are in doubt, head.go the company behind a number that nobody has; answer.go
// the entries as they are sent; control.go and controlled.go searches with controls, sort.go the order that they ask for,
// extent.go, walk*.go how it is gone through, paged.go pages, vlv.go and lists.go windows; rootdse.go and subschema.go what describes the server; explain.go the same search for a
// person.
package directory
