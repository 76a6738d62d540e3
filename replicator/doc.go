// Package replicator copies the records of a Salesforce org into the store: all of them (full), what changed since the
// last run (delta), or a comparison of Ids and stamps (reconcile). It is the only writer of the store.
//
// Invariants:
//   - What is served never gets less because a run failed, was cancelled or was killed. A full run is visible all at
//     once or not at all.
//   - An error, a cut reply or a wrong count is never «no rows».
//   - Nothing is deleted without proof: a deleted record that the org shows, or absence in a complete, counted sweep.
//   - A mass change (Guard) is held: it is kept beside what is served until somebody approves or rejects it. Deletions
//     count, and attributes that many records come without.
//   - A field or an object that the org no longer shows is not empty: what is stored of it stays, frozen, until it is back.
//   - Whatever is held, frozen, stale, put off or refused is in Problems, with the next step.
//   - The checkpoint of an object moves only with the rows that it covers, and is the org's time, never ours.
//   - A query goes on behind the last key; a locator is never used in another session.
//   - The store belongs to one organization. Records of another never enter it, not even when the org changes in the
//     middle of a run.
//   - Refused credentials are not tried again. Temporary errors are, later each time and with full jitter.
//   - Memory is bounded by a few pages of records, whatever the size of the org.
//
// A full run takes the org's time T0 first and loads each object in Id order into the store's staging file: the next
// page is fetched while one is normalised by all processors and one is stored. With several connections the Ids of a large
// object are divided, and each part is such a stream. A run that broke off is resumed at its last stored pages as long as
// mapping, dialling location and organization are the same. Before and after, the org counts the records.
//
// Every run describes the mapped objects first. New fields and fields that are gone are logged and kept with the run.
//
// It leaves out how records travel (soap), how they lie (store), and when a daemon reloads its configuration.
package replicator
