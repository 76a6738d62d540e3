package soap

import "time"

// DeletedResult is getDeleted's answer.
type DeletedResult struct {
	Records []DeletedRecord
	// EarliestDateAvailable is the oldest deletion that the org still knows. If
	// the asked interval begins before, deletions may be missing.
	EarliestDateAvailable time.Time
	// LatestDateCovered is the start of the next interval to ask for.
	LatestDateCovered time.Time
}

// DeletedRecord is one deletion.
type DeletedRecord struct {
	ID          ID
	DeletedDate time.Time
}

// UpdatedResult is getUpdated's answer.
type UpdatedResult struct {
	IDs []ID
	// LatestDateCovered is the start of the next interval to ask for.
	LatestDateCovered time.Time
}
