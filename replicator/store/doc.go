// Package store keeps the directory's entries and their indexes in one bbolt file.
//
// It is a cache of Salesforce with the manners of a database: what was served before is served on, whatever happens
// to a load, and a reader never waits for a writer.
//
// Invariants:
//   - The 18 character record Id is the primary key. Of two entries with one Id the newer stamp wins, and the other is
//     counted.
//   - Entries of all objects lie in one generation. Their ordinals ascend in the collation order of the display name,
//     so that every posting list is already in list order and a search may stop at its size limit.
//   - A load is visible all at once, by one transaction, or not at all. It is staged in a file of its own, survives a
//     kill at its last page, and the generation before it stays readable until the next load begins.
//   - Entries, index, counts, change log and checkpoint of a delta change in one transaction.
//   - Candidates from an index are a superset of the matches, ascending and distinct; the filter decides.
//   - A file that is locked, foreign, damaged or of another format is refused with the reason, and never overwritten.
//   - Nothing secret is stored.
//
// A [Reader] sees one committed state. It must be released soon, and never be held over network I/O: pages that it can
// see are not reused while it is held, and the file grows instead. Its views and byte slices die with it.
//
// The package leaves out what a value means (schema, schema/phone) and what a filter matches (ldapserver/directory).
// FORMAT.md describes the file.
package store
